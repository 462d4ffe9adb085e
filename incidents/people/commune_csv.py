"""The list of communes a province supplies, as CSV: read, checked row by row, never half understood."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TextIO

from incidents.people.pack_rows import AgencyRow
from incidents.text import clean, fold
from incidents.vocabulary import AgencyType

COMMUNE_COLUMNS = (
    "code",
    "name",
    "short_name",
    "kind",
    "former_district",
    "former_communes",
    "aliases",
    "admin_code",
    "police_code",
    "valid_from",
    "valid_to",
    "successor_codes",
    "office_phone",
    "office_email",
    "public_site",
)

_TWO_LEVELS = "2025-07-01"  # districts ended the day before
_COMMUNE_POLICE = date(2025, 3, 1)  # first day of commune police as agencies of their own (cần kiểm tra)
_KINDS = {"xa": ("x", "xã"), "phuong": ("p", "phường"), "thi tran": ("tt", "thị trấn")}  # thị trấn: until 2025-06-30
_CODE = re.compile(r"[a-z][a-z0-9_]{0,56}")  # at most 60 with "ca_" before it
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LONGEST = {
    "name": 280,
    "short_name": 90,
    "former_district": 100,
    "admin_code": 20,
    "office_phone": 40,
    "office_email": 200,
    "public_site": 300,
}
_UNIT = re.compile(
    r"^(?:(?:[ủu][ỷy] ban nhân dân|ubnd) )?"
    r"(?:(?:xã|phường|thị trấn|huyện|thị xã|thành phố|tx|tp) |(?:h|tx|tp)\. ?)?|\s*\(cũ\)$",
    re.IGNORECASE,
)


def read_communes(stream: TextIO | bytes) -> tuple[tuple[AgencyRow, ...], tuple[str, ...]]:
    """Communes of a CSV with ``COMMUNE_COLUMNS``, each followed by its police, and the problems in Vietnamese.

    UTF-8 with or without BOM, comma or semicolon, any Unicode form (stored as NFC); an empty ``code`` is made from the
    name. A row with a problem is left out, so save nothing while there is one. Whether successor codes exist is for
    the one who loads the rows to say.
    """
    try:
        text = (stream.decode("utf-8") if isinstance(stream, bytes) else stream.read()).removeprefix("\ufeff")
    except UnicodeDecodeError:
        return (), ("dòng 1: tệp không phải UTF-8; lưu lại dưới dạng “CSV UTF-8” rồi tải lên",)
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    problems: list[str] = []
    rows: list[AgencyRow] = []
    for values in _checked(_lines(text, delimiter, problems), problems):
        commune = _commune(values)
        rows += [commune, *_police(commune, _KINDS[fold(values["kind"])][1])]
    if not rows and not problems:
        problems.append("dòng 1: tệp chưa có xã, phường nào")
    return tuple(rows), tuple(problems)


def place(name: str) -> str:
    """What is left of a unit's name for comparing: ``TX Sa Pa``, ``UBND thị xã Sapa`` → ``sa pa``."""
    return fold(bare_name(name))


def bare_name(name: str) -> str:
    """The name without committee, kind of unit and ``(cũ)``: ``Ủy ban nhân dân xã Bắc Hà`` → ``Bắc Hà``."""
    return _UNIT.sub("", name)


def _lines(text: str, delimiter: str, problems: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, column → cell) of each row that is not blank and has a cell for every column."""
    # Strict: an unclosed quote would otherwise swallow the rest of the file without a word.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [clean(cell).lower() for cell in next(reader, [])]
        if fault := _header_fault(columns):
            problems.append(f"dòng 1: {fault}")
            return
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(columns):
                problems.append(f"dòng {reader.line_num}: có {len(cells)} ô, cần {len(columns)} ô")
                continue
            # Inner blanks too: names are typed with double and no-break blanks.
            tidy = (" ".join(clean(cell).split()) for cell in cells)
            yield reader.line_num, dict(zip(columns, tidy, strict=True))
    except csv.Error:
        problems.append(f"dòng {reader.line_num}: không đọc được, có thể thừa hoặc thiếu dấu nháy kép")


def _header_fault(columns: Sequence[str]) -> str:
    faults = []
    if missing := [name for name in COMMUNE_COLUMNS if name not in columns]:
        faults.append(f"thiếu cột {', '.join(missing)}")
    if unknown := [name or "(không tên)" for name in columns if name not in COMMUNE_COLUMNS]:
        faults.append(f"có cột không dùng đến: {', '.join(unknown)}")
    if twice := [name for name, count in Counter(columns).items() if count > 1 and name in COMMUNE_COLUMNS]:
        faults.append(f"cột {', '.join(twice)} có hai lần")
    return "; ".join(faults)


def _checked(lines: Iterator[tuple[int, dict[str, str]]], problems: list[str]) -> Iterator[dict[str, str]]:
    """The rows without a fault, each with its code; no code and no admin_code twice."""
    seen: dict[tuple[str, str], int] = {}
    for line, values in lines:
        values["code"] = values["code"] or _made_code(values)
        faults = _faults(values)
        for column in ("code", "admin_code"):
            mark = (column, values[column])
            if values[column] and seen.setdefault(mark, line) != line:
                faults.append(f"mã “{values[column]}” đã có ở dòng {seen[mark]}")
        problems.extend(f"dòng {line}: {fault}" for fault in faults)
        if not faults:
            yield values


def _made_code(values: Mapping[str, str]) -> str:
    """``x_bac_ha`` for xã Bắc Hà, or ``""``. With ``_cu`` when it ended with the districts: a commune of today may bear
    the name of an old one."""
    prefix = _KINDS.get(fold(values["kind"]), ("",))[0]
    name = place(values["name"]).replace(" ", "_")
    if not prefix or not name:
        return ""
    return f"{prefix}_{name}{'_cu' if '' < values['valid_to'] < _TWO_LEVELS else ''}"


def _faults(values: Mapping[str, str]) -> list[str]:
    faults = [f"thiếu {column}" for column in ("name", "kind", "valid_from") if not values[column]]
    faults += [f"{column} dài quá {most} ký tự" for column, most in _LONGEST.items() if len(values[column]) > most]
    if values["kind"] and fold(values["kind"]) not in _KINDS:
        faults.append(f"kind “{values['kind']}” không dùng được, chỉ nhận xa, phuong hoặc thi_tran")
    for code in filter(None, (values["code"], *_listed(values["successor_codes"]))):
        if not _CODE.fullmatch(code):
            faults.append(f"mã “{code}” không đúng dạng: chữ thường không dấu, số, gạch dưới, không quá 57 ký tự")
    if not values["code"] and values["name"] and fold(values["kind"]) in _KINDS:
        faults.append(f"thiếu mã và không lập được mã từ tên “{values['name']}”")
    if values["police_code"] not in ("", f"ca_{values['code']}"):
        faults.append(f"police_code “{values['police_code']}” phải là “ca_{values['code']}” hoặc để trống")
    if values["office_email"] and not _EMAIL.fullmatch(values["office_email"]):
        faults.append(f"thư điện tử “{values['office_email']}” không đúng dạng")
    # The address becomes a link on a page: no other scheme may get there.
    if values["public_site"] and not values["public_site"].lower().startswith(("https://", "http://")):
        faults.append(f"public_site “{values['public_site']}” phải bắt đầu bằng https:// hoặc http://")
    return faults + _day_faults(values)


def _day_faults(values: Mapping[str, str]) -> list[str]:
    days = {column: values[column] for column in ("valid_from", "valid_to") if values[column]}
    faults = [
        f"{column} “{day}” không phải ngày dạng năm-tháng-ngày, ví dụ 2025-07-01"
        for column, day in days.items()
        if not _is_day(day)
    ]
    if not faults and len(days) == 2 and days["valid_to"] < days["valid_from"]:
        faults.append(f"valid_to {days['valid_to']} trước valid_from {days['valid_from']}")
    return faults


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text  # fromisoformat alone also takes 20250701 and 2025-W27-2
    except ValueError:
        return False


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (part.strip() for part in cell.split("|")))))


def _commune(values: Mapping[str, str]) -> AgencyRow:
    """The row of cells already found faultless."""
    return AgencyRow(
        code=values["code"],
        name=values["name"],
        short_name=values["short_name"] or bare_name(values["name"]),
        type=AgencyType.commune,
        parent="ubnd_tinh",
        valid_from=date.fromisoformat(values["valid_from"]),
        valid_to=date.fromisoformat(values["valid_to"]) if values["valid_to"] else None,
        public_site=values["public_site"],
        aliases=tuple(dict.fromkeys(_listed(values["former_communes"]) + _listed(values["aliases"]))),
        former_district=values["former_district"],
        successors=tuple((code, "") for code in _listed(values["successor_codes"])),
        office_phone=values["office_phone"],
        office_email=values["office_email"],
        admin_code=values["admin_code"],
    )


def _police(commune: AgencyRow, unit: str) -> tuple[AgencyRow, ...]:
    """The police of a commune over the days both can exist; none when the commune ended earlier."""
    start = max(commune.valid_from, _COMMUNE_POLICE)
    if commune.valid_to is not None and commune.valid_to < start:
        return ()
    name = f"{unit} {bare_name(commune.name)}"
    row = AgencyRow(
        code=f"ca_{commune.code}",
        name=f"Công an {name}",
        short_name=f"CA {name}",
        type=AgencyType.police,
        parent="cong_an_tinh",
        valid_from=start,
        valid_to=commune.valid_to,
        confidence="check",
        former_district=commune.former_district,
        successors=tuple((f"ca_{code}", share) for code, share in commune.successors),
    )
    return (row,)
