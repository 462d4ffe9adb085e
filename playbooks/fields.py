"""A TOML table becomes a frozen dataclass, or is refused with the file, the place and what to do."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
Table = dict[str, object]


class BadFile(ValueError):  # noqa: N818 - names state the fact, not "Error"
    """A file of the library or of the law cannot be used: `file`, `line` when known, `where` in it, `what` to do."""

    def __init__(self, file: str, where: str, what: str, line: int | None = None) -> None:
        super().__init__(f"{file}:{line}: {where}: {what}" if line else f"{file}: {where}: {what}")
        self.file, self.where, self.what, self.line = file, where, what, line


_WORDS = {str: "một chuỗi chữ", int: "một số nguyên", bool: "true hoặc false", date: "một ngày, ví dụ 2026-07-01"}
_SYNTAX = "cú pháp TOML"
_DOTTED = re.compile(r"^\s*\[{0,2}\s*(?:[\w\"'-]{1,80}\s*\.\s*){20}")


def read_toml(path: Path, refusal: type[BadFile]) -> Table:
    """The whole file as a table. Raises `refusal` when it cannot be read as UTF-8 TOML."""
    return parse_toml(file_text(path, refusal), path.name, refusal)


def file_text(path: Path, refusal: type[BadFile]) -> str:
    """The text of a UTF-8 file. Raises `refusal` naming the line where it stops being UTF-8."""
    found = path.read_bytes()
    try:
        return found.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = found[: fault.start].count(b"\n") + 1
        raise refusal(path.name, _SYNTAX, "hãy lưu tệp theo mã UTF-8", line) from fault


def parse_toml(text: str, file: str, refusal: type[BadFile]) -> Table:
    """`text` as a table; `file` is the name that refusals give. Raises `refusal` with the line of the fault."""
    for line, row in enumerate(text.split("\n"), 1):
        if _DOTTED.match(row):  # each dot is a table within a table: the reader's work grows with their square
            raise refusal(file, _SYNTAX, "hãy sửa: khóa có quá nhiều dấu chấm", line)
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as fault:
        found = re.search(r"at line (\d+)", str(fault))
        line = int(found[1]) if found else text.rstrip().count("\n") + 1
        raise refusal(file, _SYNTAX, f"hãy sửa: {fault}", line) from fault
    except (RecursionError, ValueError) as fault:
        # Nested beyond reason, or a number or date that no computer keeps: a text nobody wrote by hand.
        raise refusal(file, _SYNTAX, "hãy sửa: lồng nhau quá sâu, hoặc số, ngày không có thật") from fault


def build(kind: type[T], table: Mapping[str, object], at: tuple[str, str], refusal: type[BadFile], **ready: Any) -> T:
    """`kind` made of `table`; `at` is (file, place). `ready` holds fields already made. Raises `refusal`."""
    file, place = at
    known = {field.name: field for field in fields(kind) if field.name not in ready}  # type: ignore[arg-type]
    for key in table:
        if key not in known:
            raise refusal(file, f"{place}.{key}", f"khóa lạ, hãy bỏ hoặc dùng một trong: {', '.join(known)}")
    for name, field in known.items():
        if name not in table and field.default is MISSING:
            raise refusal(file, f"{place}.{name}", "thiếu khóa này, hãy thêm vào")
    hints = get_type_hints(kind)
    made = {key: _value(value, hints[key], (file, f"{place}.{key}"), refusal) for key, value in table.items()}
    return kind(**made, **ready)


def tables(value: object, at: tuple[str, str], refusal: type[BadFile]) -> list[Table]:
    """`value` as a list of tables. Raises `refusal` when it is anything else."""
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    raise refusal(*at, "phải là danh sách các bảng")


def _value(value: object, hint: Any, at: tuple[str, str], refusal: type[BadFile]) -> object:
    if not _fits(value, hint):
        raise refusal(*at, f"phải là {_say(hint)}, không phải {value!r}")
    return tuple(value) if isinstance(value, list) else value


def _fits(value: object, hint: Any) -> bool:
    if get_origin(hint) is tuple:
        return isinstance(value, list) and all(_fits(item, get_args(hint)[0]) for item in value)
    if isinstance(hint, UnionType):
        return any(_fits(value, one) for one in get_args(hint))
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if hint is date:
        return isinstance(value, date) and not isinstance(value, datetime)
    return isinstance(value, hint)


def _say(hint: Any) -> str:
    if get_origin(hint) is tuple:
        return f"danh sách, mỗi mục là {_say(get_args(hint)[0])}"
    if isinstance(hint, UnionType):
        return _say(get_args(hint)[0])
    return _WORDS.get(hint, "một giờ, ví dụ 08:00:00")
