"""A playbook written as TOML, as the files of the library are; read back (loader.py) it is the same playbook."""

import re
from collections.abc import Iterable
from dataclasses import MISSING, Field, fields
from typing import Any

import tomli_w

from playbooks.model import Deadline, Gate, Playbook, Step

_HEAD = [
    "key",
    "code",
    "version",
    "name",
    "name_en",
    "summary",
    "summary_en",
    "valid_from",
    "valid_to",
    "main",
    "order",
    "fits",
    "beside",
]
_STEP = [
    "key",
    "name",
    "name_en",
    "phase",
    "roles",
    "agencies",
    "how",
    "how_en",
    "when",
    "after",
    "after_any",
    "sets",
    "bases",
    "evidence",
    "approval",
    "police_only",
    "mandatory",
    "repeat_every_minutes",
    "repeat_at",
    "repeat_until",
    "gate",
    "deadlines",
]
_LIST = re.compile(r"^(\w+) = \[\n((?:    .+,\n)+)\]$", re.MULTILINE)
_WIDTH = 120


def as_toml(playbook: Playbook) -> str:
    """The whole playbook as TOML text; what has its usual value is left out."""
    head = _table(playbook, _HEAD)
    steps = [_table(step, _STEP) for step in playbook.steps]
    return _LIST.sub(_on_one_line, tomli_w.dumps(head | {"steps": steps}))


def _on_one_line(found: re.Match[str]) -> str:
    """A short list stands on one line, as a person writes it. No text of tomli_w runs over lines, so this is safe."""
    items = ", ".join(row.strip().removesuffix(",") for row in found[2].splitlines())
    line = f"{found[1]} = [{items}]"
    return line if len(line) <= _WIDTH else found[0]


def _table(thing: Playbook | Step | Deadline | Gate, names: Iterable[str]) -> dict[str, Any]:
    """The named fields in this order, without those at their default."""
    known = {field.name: field for field in fields(thing)}
    return {name: _value(getattr(thing, name)) for name in names if _differs(thing, known[name])}


def _differs(thing: object, field: Field[Any]) -> bool:
    return field.default is MISSING or getattr(thing, field.name) != field.default


def _value(value: Any) -> Any:
    if isinstance(value, Deadline | Gate):
        return _table(value, [field.name for field in fields(value)])
    return [_value(one) for one in value] if isinstance(value, tuple) else value
