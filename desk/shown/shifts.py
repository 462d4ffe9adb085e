"""The roster as a week of seven days: shifts, what goes on from the day before, gaps, and the day's name if it has one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from desk.forms import times
from desk.language import _, current
from incidents.cases import clocks
from incidents.people.models import Member, Shift, ShiftSwap
from incidents.people.roster import Gap
from incidents.people.roster_checks import span
from incidents.reading.roster import Present, Week
from playbooks.worktime import ZONE

_DAY = timedelta(days=1)
PROPOSED = timedelta(hours=8)  # the shift offered for a longer gap


@dataclass(frozen=True)
class Slot:
    """``kind``: shift, rest (of a shift begun the day before) or gap. ``href`` opens the shift, "" where there is none."""

    kind: str
    hours: str
    name: str = ""
    phone: str = ""
    href: str = ""
    note: str = ""
    is_mine: bool = False


@dataclass(frozen=True)
class Day:
    label: str
    iso: str
    holiday: str
    is_today: bool
    slots: list[Slot]


def days(week: Week, today: date, me: int | None) -> list[Day]:
    """The seven days of the week, each with its slots in order."""
    first = week.starts_at.date()
    return [_day(first + n * _DAY, week, today, me) for n in range(7)]


def _day(day: date, week: Week, today: date, me: int | None) -> Day:
    placed = [pair for shift in week.shifts for pair in _shift_on(shift, day, me)]
    placed += [pair for gap in week.gaps for pair in _gap_on(gap, day)]
    slots = [slot for _, slot in sorted(placed, key=lambda pair: pair[0])]
    return Day(day_words(day), day.isoformat(), holiday(day), day == today, slots)


def _shift_on(shift: Shift, day: date, me: int | None) -> list[tuple[datetime, Slot]]:
    start, end = shift.starts_at.astimezone(ZONE), shift.ends_at.astimezone(ZONE)
    about = (shift.member.name, shift.member.office_phone, f"/shifts/{shift.id}", shift.note, shift.member_id == me)
    if start.date() == day:
        return [(start, Slot("shift", f"{start:%H:%M}–{end:%H:%M}", *about))]
    if end.date() == day and f"{end:%H:%M}" != "00:00":
        return [(start, Slot("rest", _("đến {hour}").format(hour=f"{end:%H:%M}"), *about[:3]))]
    return []


def _gap_on(gap: Gap, day: date) -> list[tuple[datetime, Slot]]:
    """A gap under a day long stands whole on the day it begins; a longer one on each of its days."""
    start, end = gap.starts_at.astimezone(ZONE), gap.ends_at.astimezone(ZONE)
    if end - start < _DAY:
        return [(start, Slot("gap", f"{start:%H:%M}–{end:%H:%M}"))] if start.date() == day else []
    opens = datetime.combine(day, datetime.min.time(), ZONE)
    begins, ends = max(start, opens), min(end, opens + _DAY)
    if begins >= ends:
        return []
    if ends - begins == _DAY:
        return [(begins, Slot("gap", _("cả ngày")))]
    until = "24:00" if ends.date() != day else f"{ends:%H:%M}"
    return [(begins, Slot("gap", f"{begins:%H:%M}–{until}"))]


def day_words(day: date) -> str:
    """ "Thứ Hai 23/11"."""
    names = (_("Thứ Hai"), _("Thứ Ba"), _("Thứ Tư"), _("Thứ Năm"), _("Thứ Sáu"), _("Thứ Bảy"), _("Chủ nhật"))
    return f"{names[day.weekday()]} {day:%d/%m}"


def holiday(day: date) -> str:
    """The name of the day off or the swapped day in the reader's language, "" for an ordinary one."""
    calendar = clocks.calendar()
    if calendar.reason(day) not in ("holiday", "swapped"):
        return ""
    words = calendar.names.get(day)
    if words:
        return words[1 if current() == "en" else 0]
    return _("Ngày nghỉ") if calendar.reason(day) == "holiday" else _("Ngày làm bù")


def present(now: Present) -> dict[str, Any]:
    """Who is on duty at this moment, until when, and who is next; ``gap``: nobody is on shift."""
    return {
        "people": [_person(shift.member, shift.ends_at) for shift in now.shifts],
        "next": {"name": now.next.member.name, "span": span(now.next)} if now.next else None,
        "gap": now.has_gap,
    }


def _person(member: Member, until: datetime) -> dict[str, Any]:
    return {"name": member.name, "phone": member.office_phone, "until": until}


def gaps(found: Sequence[Gap], agency_code: str) -> list[dict[str, Any]]:
    """Each gap in words, and the times its form begins with."""
    return [
        {
            "span": span(gap),
            "day": day_words(gap.starts_at.astimezone(ZONE).date()),
            "query": {
                "agency": agency_code,
                "week": gap.starts_at.astimezone(ZONE).date().isoformat(),
                "start": times.words(gap.starts_at),
                "end": times.words(min(gap.ends_at, gap.starts_at + PROPOSED)),
            },
        }
        for gap in found
    ]


def shift(row: Shift) -> dict[str, Any]:
    """One shift in a list of somebody's own."""
    return {"href": f"/shifts/{row.id}", "span": span(row), "agency": row.agency.label, "note": row.note}


def swaps(rows: Iterable[ShiftSwap]) -> list[dict[str, Any]]:
    """Requests as the lists show them; ``state``: asked or accepted."""
    return [
        {
            "id": row.id,
            "who": row.asked_by.name,
            "to": row.to_member.name,
            "span": span(row.shift),
            "agency": row.shift.agency.label,
            "reason": row.reason,
            "state": row.state,
            "at": row.answered_at or row.asked_at,
        }
        for row in rows
    ]
