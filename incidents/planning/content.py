"""What an amendment may say: checked and written in one form when it is proposed, and applied the same way each time.

law: ``{"action": "add", "row": {…}, "replaces": key}``, ``{"action": "end", "valid_to", "superseded_by"}`` or
``{"action": "checked", "link"}``. calendar: ``{"day": "off" | "working" | "computed", "name"}``, or for a whole year
``{"day": "confirmed"}``. hours: ``{"hours": [["07:30", "11:30"], …]}`` from the day of its key on.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from incidents.errors import BadInput, StateSecret
from incidents.text import clean, has_secrecy_stamp
from playbooks.law import BadBasis, Catalogue, LegalBasis, UnknownBasis, made
from playbooks.worktime import Calendar, Hours

LEAST_HOURS = 4  # a working day: with minutes a day a count of working hours would leave the calendar
YEARS_AROUND = 3
"""Years before and after the present one whose days the desk computes and lets people change."""

DAYS = ("off", "working", "computed")
_LONGEST = {"document": 120, "article": 60, "requires": 2_000, "link": 1_000, "name": 120}  # columns that copy them
_MOST = 5_000
_ROW = [field.name for field in fields(LegalBasis) if field.name != "key"]
_SENTENCES = {
    "key": ("Khóa gồm chữ thường không dấu, số và gạch dưới, tối đa 40 ký tự.", "A key has at most 40 of a–z, 0–9, _."),
    "document": ("Ghi số hiệu văn bản.", "Give the document's number."),
    "requires": ("Ghi căn cứ này yêu cầu gì.", "Say what the basis asks for."),
    "unit": ("Chọn đơn vị của thời hạn.", "Choose the unit of the time limit."),
    "force": (
        "Có thời hạn thì chọn bắt buộc hoặc không bắt buộc; không có thời hạn thì chọn không ấn định.",
        "With a time limit choose hard or soft; without one choose none.",
    ),
    "owner": ("Chọn bên có nghĩa vụ.", "Choose who owes it."),
    "amount": (
        f"Đơn vị đã chọn cần số lượng từ 0 đến {_MOST}, hoặc không dùng số lượng.",
        f"The unit needs an amount from 0 to {_MOST}, or takes none.",
    ),
    "anchor": (
        "Chọn mốc tính hạn. Thời hạn “trước ngày” thì ghi tháng-ngày, ví dụ 12-20; không có thời hạn thì bỏ trống.",
        "Choose the anchor. For a yearly date write month-day, such as 12-20; without a time limit leave it empty.",
    ),
    "valid_from": ("Ghi ngày có hiệu lực.", "Give the first day in force."),
    "valid_to": (
        "Ngày hết hiệu lực phải từ ngày có hiệu lực trở đi.",
        "The last day must not lie before the first day in force.",
    ),
    "superseded_by": (
        "Căn cứ thay thế phải có trong danh mục và có hiệu lực sau căn cứ này.",
        "What supersedes it must be in the catalogue and come into force later.",
    ),
    "confidence": ("Chọn đã đối chiếu hoặc cần kiểm tra.", "Choose checked or to be checked."),
}


def bad(field: str, vi: str = "", en: str = "") -> BadInput:
    """The refusal of one field, in its usual words when none are given."""
    usual = _SENTENCES.get(field, ("Nội dung đề nghị không đọc được.", "The proposal cannot be read."))
    return BadInput(field, vi or usual[0], en or usual[1])


def day_of(field: str, typed: object, *, required: bool = True) -> date | None:
    """A day as people ("31/12/2026") or browsers ("2026-12-31") write it. Raises ``BadInput``."""
    text = str(typed or "").strip()
    if not text and not required:
        return None
    shape = "%d/%m/%Y" if "/" in text else "%Y-%m-%d"
    try:
        found = datetime.strptime(text, shape).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        found = date.min
    if not 2000 <= found.year <= 2099:
        raise bad(field, "Ghi ngày như 31/12/2026.", "Write the day like 31/12/2026.")
    return found


def words(field: str, typed: object, most: int = 500) -> str:
    """Cleaned words of at most ``most`` characters, without a secrecy stamp (G10)."""
    text = clean(str(typed or ""))
    if len(text) > most:
        raise bad(field, f"Phần này tối đa {most} chữ.", f"This has at most {most} characters.")
    if has_secrecy_stamp(text):
        raise StateSecret
    return text


# --- law


def checked_law(key: str, content: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """The content as it is stored. Raises ``BadInput`` naming the field, also when it does not fit the catalogue."""
    action = content.get("action")
    if action == "add":
        made_up = {"action": "add", "row": _row(content.get("row")), "replaces": str(content.get("replaces") or "")}
        _check_new(key, made_up, catalogue)
    elif action == "end":
        last = day_of("valid_to", content.get("valid_to"))
        newer = content.get("superseded_by") or []
        listed = newer if isinstance(newer, list) else str(newer).replace(",", " ").split()
        made_up = {"action": "end", "valid_to": f"{last}", "superseded_by": listed}
    elif action == "checked":
        made_up = {"action": "checked", "link": _link(content.get("link"))}
    else:
        raise bad("action", "Chọn việc cần đề nghị.", "Choose what to propose.")
    apply_law(key, made_up, catalogue)
    return made_up


def apply_law(key: str, content: Mapping[str, Any], catalogue: Catalogue) -> Catalogue:
    """The catalogue after the amendment. Raises ``BadInput`` naming the field that does not fit it."""
    try:
        return catalogue.with_rows(_rows(key, content, catalogue))
    except BadBasis as fault:
        raise bad(fault.where.rpartition(".")[2] or "key") from fault
    except UnknownBasis as fault:
        field = "replaces" if content["action"] == "add" else "key"
        raise bad(field, "Không có căn cứ này trong danh mục.", "There is no such basis in the catalogue.") from fault


def _rows(key: str, content: Mapping[str, Any], catalogue: Catalogue) -> list[LegalBasis]:
    if content["action"] == "end":
        row = catalogue.basis(key)
        newer = tuple(dict.fromkeys((*row.superseded_by, *content["superseded_by"])))
        return [replace(row, valid_to=date.fromisoformat(content["valid_to"]), superseded_by=newer)]
    if content["action"] == "checked":
        row = catalogue.basis(key)
        return [replace(row, confidence="ok", link=content["link"] or row.link)]
    table = dict(content["row"])
    for name in ("valid_from", "valid_to"):
        if name in table:
            table[name] = date.fromisoformat(table[name])
    row = made("", key, table)
    if not content["replaces"]:
        return [row]
    older = catalogue.basis(content["replaces"])
    starts = row.valid_from or date.max  # a new row always has its first day
    if older.valid_from and starts <= older.valid_from:
        vi, en = "Căn cứ được thay phải có hiệu lực trước căn cứ mới.", "What it replaces must have begun before it."
        raise bad("replaces", vi, en)
    last = min(starts - timedelta(days=1), older.valid_to or date.max)
    return [row, replace(older, valid_to=last, superseded_by=tuple(dict.fromkeys((*older.superseded_by, key))))]


def _row(typed: object) -> dict[str, Any]:
    """The table of a new basis as a TOML file would hold it, empty fields left out."""
    given = dict(typed) if isinstance(typed, Mapping) else {}
    table: dict[str, Any] = {name: words(name, given.get(name), _LONGEST.get(name, 60)) for name in _ROW}
    table["superseded_by"] = []
    for name in ("valid_from", "valid_to"):
        day = day_of(name, table[name], required=name == "valid_from")
        table[name] = day.isoformat() if day else ""
    if table["amount"]:
        if not re.fullmatch(r"\d{1,4}", table["amount"], re.ASCII) or int(table["amount"]) > _MOST:
            raise bad("amount")
        table["amount"] = int(table["amount"])
    table["link"] = _link(table["link"])
    for name in ("document", "requires"):
        if not table[name]:
            raise bad(name)
    return {name: value for name, value in table.items() if value not in ("", [])} | {"article": table["article"]}


def _check_new(key: str, content: Mapping[str, Any], catalogue: Catalogue) -> None:
    if key in catalogue.rows:
        raise bad("key", f"Đã có căn cứ “{key}”, chọn khóa khác.", f"There is a basis “{key}” already.")
    if key == "new" or len(key) > 40 or not re.fullmatch(r"[a-z][a-z0-9_]*", key, re.ASCII):
        raise bad("key")
    row = content["row"]
    if row.get("unit") == "yearly_date":
        try:
            datetime.strptime(f"2000-{row.get('anchor', '')}", "%Y-%m-%d")  # noqa: DTZ007 - only a date
        except ValueError:
            raise bad("anchor") from None


def _link(typed: object) -> str:
    link = words("link", typed, _LONGEST["link"])
    if link and not link.lower().startswith(("http://", "https://")):
        raise bad("link", "Đường dẫn phải bắt đầu bằng http:// hoặc https://.", "A link begins with http(s)://.")
    return link


# --- calendar and hours


def checked_day(key: str, content: Mapping[str, Any], calendar: Calendar, this_year: int) -> tuple[str, dict[str, Any]]:
    """(key, content) of an amended day, or of a confirmed year, as they are stored. Raises ``BadInput``."""
    first, last = this_year - YEARS_AROUND, this_year + YEARS_AROUND
    if content.get("day") == "confirmed":
        if not re.fullmatch(r"\d{4}", key, re.ASCII) or not first <= int(key) <= last:
            raise bad("key", f"Chọn năm từ {first} đến {last}.", f"Choose a year from {first} to {last}.")
        return key, {"day": "confirmed"}
    day = day_of("key", key) or date.min
    if not first <= day.year <= last:
        vi, en = f"Chọn ngày từ năm {first} đến năm {last}.", f"Choose a day from {first} to {last}."
        raise bad("key", vi, en)
    if content.get("day") not in DAYS:
        raise bad("day", "Chọn nghỉ, làm việc, hoặc theo tính toán.", "Choose off, worked, or as computed.")
    works, wanted = calendar.is_working_day(day), content["day"]
    if (wanted == "working" and works) or (wanted == "off" and not works):
        vi = "Ngày này đã là ngày làm việc." if works else "Ngày này đã là ngày nghỉ."
        raise bad("day", vi, "This day is a working day already." if works else "This day is off already.")
    name = words("name", content.get("name"), _LONGEST["name"])
    return day.isoformat(), {"day": wanted, "name": name}


def checked_hours(key: str, content: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """(first day, hours) as they are stored: 1 to 4 rising spans. Raises ``BadInput``."""
    starts = day_of("key", key) or date.min
    spans = content.get("hours")
    try:
        hours = [[f"{time.fromisoformat(str(edge).strip()):%H:%M}" for edge in span] for span in spans or ()]
        if len(hours) > 4:
            raise ValueError
        Calendar(hours=hours_of({"hours": hours}))
        if _length(hours) < LEAST_HOURS:
            raise ValueError
    except (ValueError, TypeError):
        vi = "Ghi giờ làm việc theo thứ tự tăng dần, cả ngày từ 4 giờ, ví dụ 07:30-11:30, 13:30-17:00."
        raise bad("hours", vi, "Write rising spans, 4 hours a day or more: 07:30-11:30, 13:30-17:00.") from None
    return starts.isoformat(), {"hours": hours}


def _length(hours: Sequence[Sequence[str]]) -> float:
    """Hours a day."""
    minutes = [time.fromisoformat(edge).hour * 60 + time.fromisoformat(edge).minute for span in hours for edge in span]
    return sum(minutes[1::2]) / 60 - sum(minutes[0::2]) / 60


def hours_of(content: Mapping[str, Any]) -> Hours:
    """The spans of a stored amendment."""
    return tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in content["hours"])
