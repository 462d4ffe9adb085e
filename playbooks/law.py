"""Legal bases with validity dates: which rule binds on which day, what it asks and how long it gives."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path

from playbooks import worktime
from playbooks.fields import BadFile, Table, build, read_toml
from playbooks.vocabulary import ANCHORS, DUTY_ANCHORS

FOLDER = Path(__file__).parent / "law"
UNITS = worktime.UNITS | {"next_issue", "yearly_date", "none"}
_WORDS = {
    "unit": UNITS,
    "force": frozenset({"hard", "soft", "none"}),
    "owner": frozenset({"own", "external"}),
    "confidence": frozenset({"ok", "check"}),
}
_KEY = re.compile(r"[a-z][a-z0-9_]*")


class BadBasis(BadFile):
    """A file of legal bases cannot be used."""


class UnknownBasis(KeyError):  # noqa: N818 - names state the fact, not "Error"
    """No legal basis has this key."""


@dataclass(frozen=True)
class LegalBasis:
    """One rule. `anchor` + `amount` `unit` is its clock; unit `none` has no clock, `yearly_date` has the month and
    day ("12-20") as its anchor and is due the day before, `next_issue` is the newspaper's next issue.

    `force`: hard (set by law or by the province's Plan), soft, or none. `owner`: own (the province owes it) or
    external (platform or newsroom owes it). `valid_from`, `valid_to`: first and last day, None when open or not
    known. `confidence`: ok, or check, shown as "(cần kiểm tra)". `link`: address of the text, empty when not recorded.
    """

    key: str
    document: str
    article: str
    requires: str
    anchor: str = ""
    amount: int | None = None
    unit: str = "none"
    force: str = "none"
    owner: str = "own"
    valid_from: date | None = None
    valid_to: date | None = None
    superseded_by: tuple[str, ...] = ()
    confidence: str = "ok"
    link: str = ""

    def is_valid_on(self, day: date) -> bool:
        """Whether the rule is in force on `day`; an end that is not known is taken as open."""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)


def basis(key: str) -> LegalBasis:
    """The basis with this key. Raises UnknownBasis."""
    try:
        return _catalogue()[key]
    except KeyError:
        raise UnknownBasis(f"no legal basis {key}") from None


def all_bases() -> tuple[LegalBasis, ...]:
    """The whole catalogue, in the order of the files."""
    return tuple(_catalogue().values())


def in_force(key: str, on: date) -> LegalBasis | None:
    """The rule that binds on the local day `on` where `key` is cited, or None when there is none.

    A repealed rule leads forward to what replaced it; a rule not yet in force leads back to what it replaced.
    Raises UnknownBasis.
    """
    cited = basis(key)
    forward = cited.valid_from is None or on >= cited.valid_from
    waiting, seen = [cited], {key}
    while waiting:
        row = waiting.pop(0)
        if row.is_valid_on(on):
            return row
        next_keys = [near for near in (row.superseded_by if forward else _replaced(row.key)) if near not in seen]
        seen.update(next_keys)
        waiting += [basis(near) for near in next_keys]
    return None


def citation(row: LegalBasis) -> str:
    """How the basis is quoted: "NĐ 244/2026/NĐ-CP Đ.7.3", with a mark when a lawyer has yet to confirm it."""
    quoted = f"{row.document} {row.article}".strip()
    return f"{quoted} (cần kiểm tra)" if row.confidence == "check" else quoted


def read(folder: Path) -> dict[str, LegalBasis]:
    """Every basis of the TOML files in `folder`; a file's table `every` is shared by its rows. Raises BadBasis."""
    found: dict[str, LegalBasis] = {}
    files: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        table = read_toml(path, BadBasis)
        shared = table.pop("every", {})
        for key, row in table.items():
            if key in found:
                raise BadBasis(path.name, key, f"trùng khóa với {files[key]}, hãy đổi một trong hai")
            found[key] = _row(path.name, key, row, shared)
            files[key] = path.name
    for row in found.values():
        _check_links(files[row.key], row, found)
    return found


def _row(file: str, key: str, row: object, shared: object) -> LegalBasis:
    if not isinstance(row, dict) or not isinstance(shared, dict) or not _KEY.fullmatch(key):
        raise BadBasis(file, key, "mỗi căn cứ là một bảng [khóa], khóa gồm chữ thường không dấu, số và gạch dưới")
    if "key" in row:
        raise BadBasis(file, f"{key}.key", "tên bảng đã là khóa, hãy bỏ dòng này")
    fields: Table = {**shared, **row}
    made = build(LegalBasis, fields, (file, key), BadBasis, key=key)
    for name, allowed in _WORDS.items():
        if getattr(made, name) not in allowed:
            raise BadBasis(file, f"{key}.{name}", f"hãy dùng một trong: {', '.join(sorted(allowed))}")
    if fault := _clock_fault(made):
        raise BadBasis(file, f"{key}.{fault[0]}", fault[1])
    return made


def _clock_fault(row: LegalBasis) -> tuple[str, str] | None:
    """(field, what to do) when anchor, amount, unit, force and dates do not fit together."""
    if (row.unit == "none") != (row.force == "none"):
        return "force", "căn cứ có thời hạn thì hard hoặc soft, không có thời hạn thì none"
    if (row.amount is None) != (row.unit in ("none", "next_issue", "yearly_date")):
        return "amount", f"đơn vị {row.unit} {'cần có' if row.amount is None else 'không dùng'} số lượng"
    if row.unit == "yearly_date":
        return None if re.fullmatch(r"\d\d-\d\d", row.anchor) else ("anchor", "hãy ghi tháng-ngày, ví dụ 12-20")
    if row.unit == "none":
        return ("anchor", "căn cứ không có thời hạn thì bỏ mốc") if row.anchor else None
    if row.anchor not in ANCHORS and row.anchor not in DUTY_ANCHORS:
        return "anchor", f"mốc lạ “{row.anchor}”, hãy dùng một mốc của vocabulary.py"
    return None


def _check_links(file: str, row: LegalBasis, found: Mapping[str, LegalBasis]) -> None:
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        raise BadBasis(file, f"{row.key}.valid_to", "phải từ valid_from trở đi")
    for key in row.superseded_by:
        if key not in found:
            raise BadBasis(file, f"{row.key}.superseded_by", f"không có căn cứ “{key}”, hãy thêm hoặc sửa khóa")
        newer = found[key].valid_from
        # A successor that starts earlier would make the way from rule to rule turn in a circle.
        if key == row.key or (row.valid_from and newer and newer <= row.valid_from):
            raise BadBasis(file, f"{row.key}.superseded_by", f"“{key}” phải có hiệu lực sau căn cứ này")


@cache
def _catalogue() -> dict[str, LegalBasis]:
    return read(FOLDER)


@cache
def _replaced(key: str) -> tuple[str, ...]:
    """The keys that `key` supersedes."""
    pairs = chain.from_iterable(((newer, row.key) for newer in row.superseded_by) for row in all_bases())
    return tuple(older for newer, older in pairs if newer == key)
