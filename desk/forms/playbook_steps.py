"""The forms of a step and of the head of a playbook: what they show, and what they say when they are read back.

Deadlines are rows of fields that bear the same names, so that a draft keeps them whole. Refusals of the loader name a
place ("first_statement.deadlines[2].law"); ``field_of`` says which field of the form that is.
"""

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from incidents.errors import BadInput
from playbooks.model import WARN, Deadline, Gate, Playbook, Step

TEXTS = ("name", "name_en", "phase", "how", "how_en", "approval", "when", "sets", "repeat_until")
LISTED = ("agencies", "bases")  # written with commas
TICKS = ("after_any", "police_only", "mandatory")
ROW = ("law", "anchor", "amount", "unit", "when", "note", "warn")
NAMES = (*TEXTS, *LISTED, *TICKS, "evidence", "gate_evidence", "gate_document", "gate_acknowledgements")
NAMES += ("repeat_every_minutes", "repeat_at")
LISTS = ("roles", "after", "gate_settles", *(f"deadline_{name}" for name in ROW))
HEAD = ("name", "name_en", "summary", "summary_en", "fits", "beside", "order", "main", "valid_to")
EMPTY_ROWS = 2
Form = dict[str, Any]
_PLACE = re.compile(r"deadlines\[(\d+)\](?:\.(\w+))?")
_FIELDS = {"gate": "gate_evidence", "roles, agencies": "agencies", "sets, repeat_until": "sets"}


def of(step: Step) -> Form:
    """The fields of the step as its form shows them."""
    gate = step.gate
    form: Form = {name: getattr(step, name) for name in TEXTS}
    form |= {name: ", ".join(getattr(step, name)) for name in LISTED}
    form |= {name: "1" if getattr(step, name) else "" for name in TICKS}
    form |= {
        "evidence": "\n".join(step.evidence),
        "gate_evidence": gate.evidence,
        "gate_document": "1" if gate.document else "",
        "gate_acknowledgements": str(gate.acknowledgements or ""),
        "repeat_every_minutes": str(step.repeat_every_minutes or ""),
        "repeat_at": ", ".join(f"{hour:%H:%M}" for hour in step.repeat_at),
        "roles": list(step.roles),
        "after": list(step.after),
        "gate_settles": list(gate.settles),
    }
    return form | _rows_of(step)


def _rows_of(step: Step) -> Form:
    rows = [_row_of(deadline) for deadline in step.deadlines]
    return {f"deadline_{name}": [row[name] for row in rows] for name in ROW}


def _row_of(deadline: Deadline) -> dict[str, str]:
    row = {name: str(getattr(deadline, name) or "") for name in ROW if name != "warn"}
    return row | {"warn": "" if deadline.warn == WARN else ", ".join(map(str, deadline.warn))}


def rows(form: Mapping[str, Any]) -> list[dict[str, str]]:
    """The deadlines of a form, a row each, with empty ones to fill in."""
    lists = {name: list(form.get(f"deadline_{name}") or []) for name in ROW}
    count = max([len(values) for values in lists.values()], default=0)
    filled = [{name: str(lists[name][at]) if at < len(lists[name]) else "" for name in ROW} for at in range(count)]
    kept = [row for row in filled if any(row.values())]
    return kept + [dict.fromkeys(ROW, "") for _ in range(EMPTY_ROWS)]


def tidy(form: Form, like: Mapping[str, Any]) -> Form:
    """The form without its empty rows, and what is ticked in the order of ``like``: two forms are alike when they say
    the same."""
    kept = [row for row in rows(form) if any(value.strip() for value in row.values())]
    ticked = {name: _in_order(form[name], like.get(name)) for name in ("roles", "after", "gate_settles")}
    return {**form, **ticked, **{f"deadline_{name}": [row[name] for row in kept] for name in ROW}}


def _in_order(ticked: list[str], like: object) -> list[str]:
    """A page lists its boxes in its own order, which means nothing."""
    before = [one for one in like if one in ticked] if isinstance(like, list) else []
    return before + [one for one in ticked if one not in before]


def read(form: Mapping[str, Any]) -> dict[str, Any]:
    """The changes (fields of ``Step``) that the form asks for. Raises ``BadInput`` for what is no number or time."""
    made: dict[str, Any] = {name: str(form[name]).strip() for name in TEXTS}
    made |= {name: _parts(form[name]) for name in LISTED}
    made |= {name: form[name] == "1" for name in TICKS}
    return made | {
        "roles": tuple(form["roles"]),
        "after": tuple(form["after"]),
        "evidence": tuple(line.strip() for line in str(form["evidence"]).splitlines() if line.strip()),
        "gate": Gate(
            evidence=str(form["gate_evidence"]),
            document=form["gate_document"] == "1",
            acknowledgements=_number("gate_acknowledgements", form["gate_acknowledgements"]),
            settles=tuple(form["gate_settles"]),
        ),
        "repeat_every_minutes": _number("repeat_every_minutes", form["repeat_every_minutes"]),
        "repeat_at": tuple(_hour(part) for part in _parts(form["repeat_at"])),
        "deadlines": tuple(
            _deadline(number, row)
            for number, row in enumerate(rows(form), 1)
            if any(value.strip() for value in row.values())
        ),
    }


def _deadline(number: int, row: Mapping[str, str]) -> Deadline:
    percents = tuple(_number(f"deadline_{number}_warn", part) for part in _parts(row["warn"]))
    return Deadline(
        law=row["law"].strip(),
        anchor=row["anchor"],
        amount=_number(f"deadline_{number}_amount", row["amount"]),
        unit=row["unit"],
        when=row["when"].strip(),
        note=row["note"].strip(),
        warn=percents or WARN,
    )


def head(playbook: Playbook) -> Form:
    """The fields of the playbook itself."""
    form: Form = {name: str(getattr(playbook, name) or "") for name in HEAD}
    valid_to = f"{playbook.valid_to:%d/%m/%Y}" if playbook.valid_to else ""
    return form | {"main": "1" if playbook.main else "", "valid_to": valid_to}


def read_head(form: Mapping[str, Any], valid_to: date | None) -> dict[str, Any]:
    """The changes (fields of ``Playbook``) that the form asks for; ``valid_to`` has been read."""
    made: dict[str, Any] = {name: str(form[name]).strip() for name in HEAD if name not in ("order", "main", "valid_to")}
    return made | {"order": _number("order", form["order"]), "main": form["main"] == "1", "valid_to": valid_to}


def field_of(where: str, step: str = "") -> str:
    """The field of the form that a place of the loader means; "" when it is not on this form."""
    owner, _, place = where.partition(".")
    if not place:
        return where if where in (*HEAD, "code", "key", "version") else ""
    if step and owner != step:
        return ""
    if row := _PLACE.fullmatch(place):
        return f"deadline_{row[1]}_{row[2] or 'law'}"
    if place.startswith("gate."):
        return place.replace(".", "_")
    return _FIELDS.get(place, place)


def _parts(typed: object) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[,;\n]", str(typed)) if part.strip())


def _number(field: str, typed: object) -> int:
    text = str(typed).strip().removesuffix("%").strip()
    if not text:
        return 0
    if not text.isdecimal() or len(text) > 6:
        raise BadInput(field, "Ghi một số nguyên dương, ví dụ 24.", "Write a whole number such as 24.")
    return int(text)


def _hour(typed: str) -> time:
    try:
        return time.fromisoformat(typed if len(typed.partition(":")[0]) == 2 else f"0{typed}")
    except ValueError as error:
        raise BadInput("repeat_at", "Ghi giờ như 06:00, 18:00.", "Write hours like 06:00, 18:00.") from error
