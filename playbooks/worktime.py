"""Working hours, days off and due times: the counting rules of the desk.

Counting is done on the clock of Asia/Ho_Chi_Minh and answered in UTC. A due time that is a whole day
(`day`, `working_day`, `month`) is the last second of that day, 23:59:59 local: the legal "24:00" would be shown as
the next date, and the people who read it would think they had one day more.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
UNITS = frozenset({"minute", "hour", "working_hour", "day", "working_day", "month", "at_once"})
CULTURE_DAY = (2026, 11, 24)
"""24/11, Ngày Văn hóa Việt Nam, a day off from 2026 on: Nghị quyết 28/2026/QH16 (cần kiểm tra)."""

_DAY = timedelta(days=1)
_LAST_SECOND = time(23, 59, 59)
Hours = tuple[tuple[time, time], ...]


@dataclass(frozen=True)
class Calendar:
    """When the offices of the province work. `working_days` are days off or weekends that ARE worked (swapped)."""

    hours: Hours = ((time(7, 30), time(11, 30)), (time(13, 30), time(17, 0)))
    days_off: frozenset[date] = frozenset()
    working_days: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        edges = [edge for span in self.hours for edge in span]
        if not edges or any(later <= earlier for earlier, later in zip(edges, edges[1:], strict=False)):
            raise ValueError(f"working hours must be spans in rising order, not {self.hours}")

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on `day`; a swapped working day wins over a weekend or a day off."""
        return day in self.working_days or (day.weekday() < 5 and day not in self.days_off)


def vietnam(years: Iterable[int], extra_off: Iterable[date] = (), extra_working: Iterable[date] = ()) -> Calendar:
    """The national calendar of `years` with the swaps known to the library; the two extra lists overrule it.

    Source: Bộ luật Lao động 45/2019/QH14 Đ.112 as computed by the library `holidays`, and CULTURE_DAY.
    """
    wanted, off, working = sorted(set(years)), set(extra_off), set(extra_working)
    national = holidays.country_holidays("VN", years=wanted)
    first, month, day = CULTURE_DAY
    computed = set(national) | {date(year, month, day) for year in wanted if year >= first}
    return Calendar(
        days_off=frozenset((computed - working) | off),
        working_days=frozenset((set(national.weekend_workdays) | working) - off),
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
        for opening, closing in calendar.hours:
            if (ends := datetime.combine(day, closing, ZONE)) > local:
                yield datetime.combine(day, opening, ZONE), ends
        day += _DAY
