"""Legal bases with validity dates: which rule binds on which day, what it asks and how long it gives.

`Catalogue` is a value: the shipped rows, or those with a province's own laid over them. The functions of the module
answer from the shipped one.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from playbooks import worktime
from playbooks.fields import BadFile, Table, build, read_toml
from playbooks.vocabulary import ANCHORS, DUTY_ANCHORS

FOLDER = Path(__file__).parent / "law"
UNITS = worktime.UNITS | {"next_issue", "yearly_date", "none"}
WORDS = {
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


@dataclass(frozen=True)
class Considered:
    """A row that was looked at for a day, and what became of it; `text`, `text_en` say it in a sentence.

    `outcome`: "taken", "not_yet", "ended", or "replaced" (ended, and it leads to what stands in its place).
    """

    row: LegalBasis
    outcome: str
    text: str
    text_en: str


@dataclass(frozen=True)
class Catalogue:
    """Legal bases by key, coherent: every successor is there and begins later. Raises BadBasis when they are not."""

    rows: Mapping[str, LegalBasis]

    def __post_init__(self) -> None:
        for row in self.rows.values():
            _check_links("", row, self.rows)

    def basis(self, key: str) -> LegalBasis:
        """The basis with this key. Raises UnknownBasis."""
        try:
            return self.rows[key]
        except KeyError:
            raise UnknownBasis(f"no legal basis {key}") from None

    def all_bases(self) -> tuple[LegalBasis, ...]:
        """Every row, in the order of the files; added ones last."""
        return tuple(self.rows.values())

    def replaced_by(self, key: str) -> tuple[str, ...]:
        """The keys of the rules that `key` supersedes."""
        return self._older.get(key, ())

    def with_rows(self, rows: Iterable[LegalBasis]) -> "Catalogue":
        """The catalogue with `rows` over it: a row with a known key replaces it, another is added."""
        return Catalogue({**self.rows, **{row.key: row for row in rows}})

    def in_force(self, key: str, on: date) -> LegalBasis | None:
        """The rule that binds on the local day `on` where `key` is cited, or None when there is none.

        A repealed rule leads forward to what replaced it; a rule not yet in force leads back to what it replaced.
        Raises UnknownBasis.
        """
        return next((row for row in self.considered(key, on) if row.is_valid_on(on)), None)

    def considered(self, key: str, on: date) -> tuple[LegalBasis, ...]:
        """The rows looked at for `on`, in turn, up to the one that binds or until none is left."""
        cited = self.basis(key)
        forward = cited.valid_from is None or on >= cited.valid_from
        waiting, seen = [cited], [cited]
        while waiting and not waiting[0].is_valid_on(on):
            row = waiting.pop(0)
            near = row.superseded_by if forward else self.replaced_by(row.key)
            found = [self.rows[one] for one in near if self.rows[one] not in seen]
            seen += found
            waiting += found
        return tuple(seen[: seen.index(waiting[0]) + 1] if waiting else seen)

    def explain(self, key: str, on: date) -> tuple[Considered, ...]:
        """Which rows were looked at for the local day `on`, and why each was taken or not. Raises UnknownBasis."""
        first = self.basis(key).valid_from
        onward = first is None or on >= first
        return tuple(_judged(row, on, self, onward) for row in self.considered(key, on))

    @cached_property
    def _older(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for row in self.rows.values():
            for newer in row.superseded_by:
                found[newer] = (*found.get(newer, ()), row.key)
        return found


def _judged(row: LegalBasis, on: date, catalogue: Catalogue, onward: bool) -> Considered:
    name, day = f"{row.document} {row.article}".strip(), f"{on:%d/%m/%Y}"
    if row.is_valid_on(on):
        vi, en = f"Áp dụng {name}: có hiệu lực ngày {day}", f"{name} applies: in force on {day}"
        return Considered(row, "taken", f"{vi}{_span(row)}.", f"{en}{_span_en(row)}.")
    if row.valid_from and on < row.valid_from:
        start, older = f"{row.valid_from:%d/%m/%Y}", () if onward else catalogue.replaced_by(row.key)
        vi, en = (
            f"{name} chưa có hiệu lực ngày {day} (từ {start})",
            f"{name} was not yet in force on {day} (from {start})",
        )
        more, more_en = _names(older, catalogue, "xét văn bản trước đó là", "the rule before it is looked at")
        if not older:
            more, more_en = "; không có văn bản nào trước đó", "; no rule stood in its place before"
        return Considered(row, "not_yet", f"{vi}{more}.", f"{en}{more_en}.")
    end = f"{row.valid_to:%d/%m/%Y}"
    vi, en = f"{name} hết hiệu lực sau ngày {end}", f"{name} ended on {end}"
    more, more_en = _names(row.superseded_by, catalogue, "được thay bằng", "superseded by")
    return Considered(row, "replaced" if row.superseded_by else "ended", f"{vi}{more}.", f"{en}{more_en}.")


def _names(keys: Iterable[str], catalogue: Catalogue, vi: str, en: str) -> tuple[str, str]:
    found = [catalogue.basis(key) for key in keys]
    listed = ", ".join(f"{row.document} {row.article}".strip() for row in found)
    return (
        (f"; {vi} {listed}", f"; {en}: {listed}")
        if listed
        else ("; không có văn bản nối tiếp", "; nothing takes its place")
    )


def _span(row: LegalBasis) -> str:
    start = f"từ {row.valid_from:%d/%m/%Y}" if row.valid_from else ""
    end = f"đến {row.valid_to:%d/%m/%Y}" if row.valid_to else ""
    return f" ({' '.join(filter(None, (start, end)))})" if start or end else ""


def _span_en(row: LegalBasis) -> str:
    start = f"from {row.valid_from:%d/%m/%Y}" if row.valid_from else ""
    end = f"to {row.valid_to:%d/%m/%Y}" if row.valid_to else ""
    return f" ({' '.join(filter(None, (start, end)))})" if start or end else ""


@cache
def shipped() -> Catalogue:
    """The catalogue of the TOML files that come with the desk."""
    return Catalogue(read(FOLDER))


def basis(key: str) -> LegalBasis:
    """The shipped basis with this key. Raises UnknownBasis."""
    return shipped().basis(key)


def all_bases() -> tuple[LegalBasis, ...]:
    """The whole shipped catalogue, in the order of the files."""
    return shipped().all_bases()


def in_force(key: str, on: date) -> LegalBasis | None:
    """`Catalogue.in_force` of the shipped catalogue."""
    return shipped().in_force(key, on)


def explain(key: str, on: date, catalogue: Catalogue | None = None) -> tuple[Considered, ...]:
    """`Catalogue.explain` of `catalogue`, or of the shipped one."""
    return (catalogue or shipped()).explain(key, on)


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
            found[key] = made(path.name, key, row, shared)
            files[key] = path.name
    for row in found.values():
        _check_links(files[row.key], row, found)
    return found


@cache
def groups() -> dict[str, tuple[str, ...]]:
    """The keys of each shipped file, by its name without ".toml": "statements", "press", …"""
    return {
        path.stem: tuple(key for key in read_toml(path, BadBasis) if key != "every")
        for path in sorted(FOLDER.glob("*.toml"))
    }


def made(file: str, key: str, row: object, shared: object = None) -> LegalBasis:
    """One basis from the table `row` of `file`, over what `shared` gives to every row. Raises BadBasis."""
    shared = {} if shared is None else shared
    if not isinstance(row, dict) or not isinstance(shared, dict) or not _KEY.fullmatch(key):
        raise BadBasis(file, key, "mỗi căn cứ là một bảng [khóa], khóa gồm chữ thường không dấu, số và gạch dưới")
    if "key" in row:
        raise BadBasis(file, f"{key}.key", "tên bảng đã là khóa, hãy bỏ dòng này")
    fields: Table = {**shared, **row}
    found = build(LegalBasis, fields, (file, key), BadBasis, key=key)
    for name, allowed in WORDS.items():
        if getattr(found, name) not in allowed:
            raise BadBasis(file, f"{key}.{name}", f"hãy dùng một trong: {', '.join(sorted(allowed))}")
    if fault := _clock_fault(found):
        raise BadBasis(file, f"{key}.{fault[0]}", fault[1])
    return found


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
