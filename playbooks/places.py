"""Where in the text of a playbook something stands: what a refusal says in words becomes a line number."""

import re

_HEADER = re.compile(r"\s*\[(\[?)\s*([A-Za-z0-9_.]+)\s*\]")
_FIELD = re.compile(r"\s*([A-Za-z0-9_]+)\s*=")
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'")
_LONG = re.compile(r"\"\"\"|'''")
_NUMBERED = re.compile(r"steps\[(\d+)\]")
_LONGEST, _MOST = 2_000, 50  # characters of a row, tables in it: a line number is a help, no more
Lines = dict[str, int]


def line_of(text: str, where: str) -> int:
    """The line (from 1) of a place as loader.py names it: "fits", "first_statement.deadlines[2].law", "steps[3].key".

    What is missing from the text has the line of what should hold it. Of two steps with one key the later one is meant.
    """
    rows = text.split("\n")  # as TOML counts: other signs that end a line for Unicode do not
    outline = _Outline(rows)
    owner, _, field = where.partition(".")
    if numbered := _NUMBERED.fullmatch(owner):
        found = outline.steps[int(numbered[1]) - 1 : int(numbered[1])]
    else:
        found = [lines for lines in outline.steps if "key" in lines and _value(rows[lines["key"] - 1]) == owner]
    return _nearest(found[-1], field) if found else _nearest(outline.head, field or owner)


class _Outline:
    """Field -> line, of the head and of each step; "" is the first line of either."""

    def __init__(self, rows: list[str]) -> None:
        self.head: Lines = {"": 1}
        self.steps: list[Lines] = []
        self._here, self._prefix, self._field = self.head, "", ""
        self._counts: dict[tuple[int, str], int] = {}
        in_text = False
        for number, row in enumerate(rows, 1):
            if not in_text:
                self._note(row, number)
            in_text ^= len(_LONG.findall(row)) % 2 == 1

    def _note(self, row: str, number: int) -> None:
        if header := _HEADER.match(row):
            self._enter(header[2], bool(header[1]), number)
        elif named := _FIELD.match(row):
            self._field = self._prefix + named[1]
            self._here.setdefault(self._field, number)
        if self._field == "deadlines":
            # Each brace outside quotes and remarks opens one inline table of the list.
            for _ in range(min(_QUOTED.sub("", row[:_LONGEST]).split("#")[0].count("{"), _MOST)):
                self._add_numbered("deadlines", number)

    def _enter(self, name: str, many: bool, number: int) -> None:
        """A header such as [[steps]], [steps.gate] or [[steps.deadlines]]."""
        self._field = ""
        if name == "steps":
            self.steps.append({"": number})
            self._here, self._prefix = self.steps[-1], ""
            return
        top, _, inner = name.partition(".")
        in_step = top == "steps" and bool(self.steps)
        self._here, name = (self.steps[-1], inner) if in_step else (self.head, name)
        self._here.setdefault(name, number)
        self._prefix = (self._add_numbered(name, number) if many else name) + "."

    def _add_numbered(self, name: str, number: int) -> str:
        counted = (id(self._here), name)
        self._counts[counted] = self._counts.get(counted, 0) + 1
        place = f"{name}[{self._counts[counted]}]"
        self._here[place] = number
        return place


def _value(row: str) -> str:
    return row.split("=", 1)[1].split("#")[0].strip().strip("\"'")


def _nearest(lines: Lines, field: str) -> int:
    """The line of the field, or of the first part of it that stands in the text."""
    for name in field.split(", "):
        while name:
            if name in lines:
                return lines[name]
            name = name[: max(name.rfind("."), name.rfind("["), 0)]
    return lines[""]
