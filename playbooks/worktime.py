"""Working hours, days off and due times: the counting rules of the desk, and how each due time came about.

Counting is done on the clock of Asia/Ho_Chi_Minh and answered in UTC. A due time that is a whole day
(`day`, `working_day`, `month`) is the last second of that day, 23:59:59 local: the legal "24:00" would be shown as
the next date, and the people who read it would think they had one day more.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays

from playbooks import holiday_names

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
UNITS = frozenset({"minute", "hour", "working_hour", "day", "working_day", "month", "at_once"})
CULTURE_DAY = (2026, 11, 24)
"""24/11, Ngày Văn hóa Việt Nam, a day off from 2026 on: Nghị quyết 28/2026/QH16 (cần kiểm tra)."""
_CULTURE_NAME = "Vietnam Cultural Day"

_DAY = timedelta(days=1)
_NOTHING = timedelta(0)
_LAST_SECOND = time(23, 59, 59)
Hours = tuple[tuple[time, time], ...]
OFFICE_HOURS: Hours = ((time(7, 30), time(11, 30)), (time(13, 30), time(17, 0)))


@dataclass(frozen=True)
class Calendar:
    """When the offices of the province work. `working_days` are days off or weekends that ARE worked (swapped).

    `periods`: (first day, hours) in rising order; from that day on they stand in place of `hours`. `names`: what a
    day off or a swapped day is called, as (Vietnamese, English). Raises ValueError when hours or periods do not rise.
    """

    hours: Hours = OFFICE_HOURS
    days_off: frozenset[date] = frozenset()
    working_days: frozenset[date] = frozenset()
    periods: tuple[tuple[date, Hours], ...] = ()
    names: Mapping[date, tuple[str, str]] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        for hours in (self.hours, *(hours for _, hours in self.periods)):
            edges = [edge for span in hours for edge in span]
            if not edges or any(later <= earlier for earlier, later in pairwise(edges)):
                raise ValueError(f"working hours must be spans in rising order, not {hours}")
        if any(later <= earlier for (earlier, _), (later, _) in pairwise(self.periods)):
            raise ValueError("periods must begin on different days in rising order")

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on `day`; a swapped working day wins over a weekend or a day off."""
        return day in self.working_days or (day.weekday() < 5 and day not in self.days_off)

    def hours_on(self, day: date) -> Hours:
        """The working hours in force on `day`, whether or not it is worked."""
        return next((hours for starts, hours in reversed(self.periods) if starts <= day), self.hours)

    def reason(self, day: date) -> str:
        """Why `day` is as it is: "" an ordinary working day, "swapped", "holiday" or "weekend"."""
        if day in self.working_days:
            return "swapped"
        return "holiday" if day in self.days_off else "weekend" if day.weekday() >= 5 else ""


def vietnam(
    years: Iterable[int],
    extra_off: Iterable[date] = (),
    extra_working: Iterable[date] = (),
    *,
    periods: tuple[tuple[date, Hours], ...] = (),
    names: Mapping[date, tuple[str, str]] | None = None,
) -> Calendar:
    """The national calendar of `years` with the swaps known to the library; what is given besides overrules it.

    Source: Bộ luật Lao động 45/2019/QH14 Đ.112 as computed by the library `holidays`, and CULTURE_DAY.
    """
    wanted, off, working = sorted(set(years)), set(extra_off), set(extra_working)
    national = holidays.country_holidays("VN", years=wanted)
    first, month, day = CULTURE_DAY
    computed = {date(year, month, day): _CULTURE_NAME for year in wanted if year >= first} | dict(national)
    return Calendar(
        days_off=frozenset((set(computed) - working) | off),
        working_days=frozenset((set(national.weekend_workdays) | working) - off),
        periods=periods,
        names={day: holiday_names.both(name) for day, name in computed.items()} | dict(names or {}),
    )


def after(anchor: datetime, amount: int, unit: str, calendar: Calendar) -> datetime:
    """The due time `amount` `unit` after `anchor` (aware), in UTC; see the module for whole days.

    `minute`, `hour`: elapsed time, day and night, may be negative. `working_hour`: inside working hours only.
    `day`: from the day after the anchor, moved on from a day off. `working_day`: working days only. `month`: same day
    number, or the last day of a shorter month. `at_once`: the anchor. Raises ValueError on a naive anchor, an unknown
    unit, or a negative amount of any other unit.
    """
    if anchor.tzinfo is None:
        raise ValueError("the anchor must be an aware datetime")
    if unit not in UNITS or (amount < 0 and unit not in ("minute", "hour")):
        raise ValueError(f"cannot count {amount} {unit}")
    local = anchor.astimezone(ZONE)
    return _count(local, amount, unit, calendar).astimezone(UTC)


def before_date(year: int, month: int, day: int, calendar: Calendar) -> datetime:
    """The due time of "trước ngày …", in UTC: the end of the day before, moved back to a working day (domain 9.2.2).

    Raises ValueError for a date there is not.
    """
    last = date(year, month, day) - _DAY
    while not calendar.is_working_day(last):
        last -= _DAY
    return datetime.combine(last, _LAST_SECOND, ZONE).astimezone(UTC)


def _count(local: datetime, amount: int, unit: str, calendar: Calendar) -> datetime:
    if unit == "at_once":
        return local
    if unit in ("minute", "hour"):
        return local + timedelta(**{f"{unit}s": amount})
    if unit == "working_hour":
        return _working_hours(local, timedelta(hours=amount), calendar)
    return datetime.combine(_last_day(local.date(), amount, unit, calendar), _LAST_SECOND, ZONE)


def _last_day(day: date, amount: int, unit: str, calendar: Calendar) -> date:
    if unit == "month":
        return _months_on(day, amount)
    if unit == "working_day":
        for _ in range(amount):
            day = _working_day_from(day + _DAY, calendar)
        return day
    return _working_day_from(day + amount * _DAY, calendar)


def _months_on(day: date, amount: int) -> date:
    years, month = divmod(day.month - 1 + amount, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _working_day_from(day: date, calendar: Calendar) -> date:
    while not calendar.is_working_day(day):
        day += _DAY
    return day


def _working_hours(local: datetime, left: timedelta, calendar: Calendar) -> datetime:
    for opening, closing in _spans(local, calendar):
        start = max(opening, local)
        if left <= closing - start:
            return start + left
        left -= closing - start
    raise AssertionError("the spans never end")


def _spans(local: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """Working spans that end after `local`, without end."""
    day = local.date()
    while True:
        day = _working_day_from(day, calendar)
        for opening, closing in calendar.hours_on(day):
            if (ends := datetime.combine(day, closing, ZONE)) > local:
                yield datetime.combine(day, opening, ZONE), ends
        day += _DAY


@dataclass(frozen=True)
class Span:
    """A piece of the way from the anchor to the due time, within one local day (a month's piece: up to a month).

    `starts`, `ends`: aware, local; of a negative amount `ends` is the earlier. `counted`: the time of it that counts,
    whole days as days. `reason`: why it does not count ("weekend", "holiday", "closed": outside working hours,
    "anchor_day": counting begins the day after), or that it is a "swapped" working day or was "moved" to, else "".
    `name`, `name_en`: of a holiday or a swapped day, empty when it has none.
    """

    day: date
    starts: datetime
    ends: datetime
    counted: timedelta
    reason: str = ""
    name: str = ""
    name_en: str = ""


def explain(anchor: datetime, amount: int, unit: str, calendar: Calendar) -> tuple[Span, ...]:
    """How `after` comes to its answer: spans without a gap from the anchor to the due time. Raises as `after` does."""
    due = after(anchor, amount, unit, calendar).astimezone(ZONE)
    local = anchor.astimezone(ZONE)
    if unit == "month":
        return _months(local, due)
    if unit in ("day", "working_day"):
        return _whole_days(local, due, amount, unit, calendar)
    if due < local:
        return tuple(Span(a.date(), b, a, a - b) for a, b in reversed(list(_by_day(due, local))))
    pieces = _by_day(local, due)
    if unit == "working_hour":
        return tuple(span for starts, ends in pieces for span in _working_pieces(starts, ends, calendar))
    return tuple(Span(starts.date(), starts, ends, ends - starts) for starts, ends in pieces)


def _by_day(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """[start, end] cut at local midnight; one piece without length when both are the same."""
    while (midnight := datetime.combine(start.date() + _DAY, time(), ZONE)) < end:
        yield start, midnight
        start = midnight
    yield start, end


def _working_pieces(starts: datetime, ends: datetime, calendar: Calendar) -> Iterator[Span]:
    day = starts.date()
    why, (name, name_en) = calendar.reason(day), calendar.names.get(day, ("", ""))
    if not calendar.is_working_day(day):
        yield Span(day, starts, ends, _NOTHING, why, name, name_en)
        return
    at = starts
    for opening, closing in calendar.hours_on(day):
        opens, closes = (min(max(datetime.combine(day, edge, ZONE), starts), ends) for edge in (opening, closing))
        if at < opens:
            yield Span(day, at, opens, _NOTHING, "closed")
        if opens < closes:
            yield Span(day, opens, closes, closes - opens, why, name, name_en)
        at = max(at, closes)
    if at < ends or starts == ends:
        yield Span(day, at, ends, _NOTHING, "closed" if at < ends else why)


def _whole_days(local: datetime, due: datetime, amount: int, unit: str, calendar: Calendar) -> tuple[Span, ...]:
    spans, left = [], amount
    for starts, ends in _by_day(local, due):
        day = starts.date()
        why, (name, name_en) = calendar.reason(day), calendar.names.get(day, ("", ""))
        works = calendar.is_working_day(day)
        counts = day > local.date() and left > 0 and (works or unit == "day")
        left -= counts
        if counts and not works and left:
            why, name, name_en = "", "", ""  # among calendar days a day off is a day like any other
        if not counts and works:
            why = "anchor_day" if day == local.date() else "moved"
        spans.append(Span(day, starts, ends, _DAY if counts else _NOTHING, why, name, name_en))
    return tuple(spans)


def _months(local: datetime, due: datetime) -> tuple[Span, ...]:
    """One piece a month, each beginning on the anchor's day number."""
    spans: list[Span] = []
    starts = local
    while not spans or starts < due:
        on = min(_months_on(local.date(), len(spans) + 1), due.date())
        ends = datetime.combine(on, time(), ZONE) if on < due.date() else due
        spans.append(Span(starts.date(), starts, ends, on - starts.date()))
        starts = ends
    return tuple(spans)
