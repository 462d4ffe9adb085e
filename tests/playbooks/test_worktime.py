"""Due times against the worked examples of the domain book, and against a slow count minute by minute."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from playbooks import worktime
from playbooks.worktime import ZONE, Calendar, after, vietnam

TABLE = Calendar(days_off=frozenset({date(2026, 9, 1), date(2026, 9, 2), date(2026, 11, 24)}))
WITHOUT_CULTURE_DAY = Calendar(days_off=frozenset({date(2026, 9, 1), date(2026, 9, 2)}))


def at(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=ZONE)


def shown(moment: datetime) -> str:
    return moment.astimezone(ZONE).strftime("%d/%m/%Y %H:%M")


@pytest.mark.parametrize(
    ("anchor", "amount", "unit", "due"),
    [
        ("16/10/2026 16:00", 12, "working_hour", "20/10/2026 11:00"),
        ("17/10/2026 22:00", 12, "working_hour", "20/10/2026 14:00"),
        ("15/10/2026 12:15", 12, "working_hour", "19/10/2026 08:30"),
        ("23/11/2026 15:30", 12, "working_hour", "26/11/2026 10:30"),
        ("31/08/2026 16:59", 12, "working_hour", "04/09/2026 13:59"),
        ("17/10/2026 22:00", 24, "hour", "18/10/2026 22:00"),
        ("29/10/2026 09:00", 15, "working_day", "19/11/2026 23:59"),
        ("20/11/2026 09:00", 15, "working_day", "14/12/2026 23:59"),
        ("29/10/2026 09:00", 30, "day", "30/11/2026 23:59"),
        ("31/08/2026 14:00", 3, "month", "30/11/2026 23:59"),
        ("30/06/2026 22:00", 24, "hour", "01/07/2026 22:00"),
        ("01/07/2026 00:10", 24, "hour", "02/07/2026 00:10"),
    ],
)
def test_every_worked_example_comes_out_as_the_domain_book_says(anchor, amount, unit, due):
    assert shown(after(at(anchor), amount, unit, TABLE)) == due


def test_an_ordinary_24_november_shortens_the_worked_example_by_a_day():
    assert shown(after(at("23/11/2026 15:30"), 12, "working_hour", WITHOUT_CULTURE_DAY)) == "25/11/2026 10:30"


@pytest.mark.parametrize(
    ("anchor", "amount", "unit", "due"),
    [
        ("31/01/2026 08:00", 1, "month", "28/02/2026 23:59"),
        ("31/01/2028 08:00", 1, "month", "29/02/2028 23:59"),
        ("15/12/2026 08:00", 12, "month", "15/12/2027 23:59"),
        ("16/10/2026 16:00", 1, "working_hour", "16/10/2026 17:00"),
        ("16/10/2026 17:00", 1, "working_hour", "19/10/2026 08:30"),
        ("17/10/2026 22:00", 0, "working_hour", "19/10/2026 07:30"),
        ("17/10/2026 09:00", 1, "working_day", "19/10/2026 23:59"),
        ("15/10/2026 23:59", 1, "day", "16/10/2026 23:59"),
        ("16/10/2026 00:00", 1, "day", "19/10/2026 23:59"),
        ("16/10/2026 16:00", 0, "at_once", "16/10/2026 16:00"),
        ("16/10/2026 16:00", 90, "minute", "16/10/2026 17:30"),
        ("16/10/2026 16:00", -12, "hour", "16/10/2026 04:00"),
    ],
)
def test_edges_of_days_months_and_offices_are_counted_as_the_rules_say(anchor, amount, unit, due):
    assert shown(after(at(anchor), amount, unit, TABLE)) == due


def test_a_due_time_is_given_in_utc_and_counted_on_the_local_day():
    late_evening_in_utc = datetime(2026, 10, 15, 18, 30, tzinfo=UTC)  # 01:30 on Friday the 16th in Lào Cai
    due = after(late_evening_in_utc, 1, "working_day", TABLE)
    assert due.tzinfo is UTC
    assert shown(due) == "19/10/2026 23:59"


def test_seconds_of_the_anchor_are_kept():
    assert after(at("16/10/2026 16:00") + timedelta(seconds=7), 1, "hour", TABLE).second == 7


def test_a_naive_anchor_is_refused():
    with pytest.raises(ValueError, match="aware"):
        after(datetime(2026, 10, 16), 1, "hour", TABLE)  # noqa: DTZ001 - the naive time is the point


@pytest.mark.parametrize(("amount", "unit"), [(1, "week"), (1, "none"), (-1, "working_day"), (-1, "working_hour")])
def test_what_cannot_be_counted_is_refused(amount, unit):
    with pytest.raises(ValueError, match="cannot count"):
        after(at("16/10/2026 16:00"), amount, unit, TABLE)


@pytest.mark.parametrize("hours", [(), ((time(9), time(8)),), ((time(7), time(12)), (time(11), time(17)))])
def test_a_calendar_without_rising_working_hours_is_refused(hours):
    with pytest.raises(ValueError, match="rising order"):
        Calendar(hours=hours)


def test_the_national_calendar_knows_tet_the_king_and_the_culture_day():
    calendar = vietnam([2025, 2026, 2027])
    for day_off in (date(2026, 1, 1), date(2026, 2, 17), date(2026, 4, 27), date(2026, 9, 2), date(2026, 11, 24)):
        assert not calendar.is_working_day(day_off)
    assert calendar.is_working_day(date(2025, 11, 24))
    assert not calendar.is_working_day(date(2027, 11, 24))
    assert not calendar.is_working_day(date(2026, 10, 17))
    assert calendar.is_working_day(date(2026, 10, 16))


def test_the_administrators_days_overrule_the_computed_ones():
    saturday, friday = date(2026, 10, 17), date(2026, 10, 16)
    culture_day = date(2026, 11, 24)
    calendar = vietnam(range(2026, 2027), extra_off=[friday], extra_working=[saturday, culture_day])
    assert calendar.is_working_day(saturday)
    assert calendar.is_working_day(culture_day)
    assert not calendar.is_working_day(friday)


def test_a_swapped_saturday_known_to_the_library_is_worked_unless_the_administrator_says_off():
    swapped = date(2024, 5, 4)  # worked in exchange for Monday 29/4/2024
    assert vietnam([2024]).is_working_day(swapped)
    assert not vietnam([2024]).is_working_day(date(2024, 4, 29))
    assert not vietnam([2024], extra_off=[swapped]).is_working_day(swapped)


def minute_by_minute(anchor: datetime, amount: int, calendar: Calendar) -> datetime:
    moment, left = anchor, amount * 60
    while left:
        inside = any(opens <= moment.time() < closes for opens, closes in calendar.hours)
        left -= inside and calendar.is_working_day(moment.date())
        moment += timedelta(minutes=1)
    return moment


FEW_DAYS = some.frozensets(some.dates(date(2026, 8, 24), date(2026, 9, 20)), max_size=4)


@settings(max_examples=300, deadline=None)
@given(
    anchor=some.datetimes(datetime(2026, 8, 24), datetime(2026, 9, 13)),  # noqa: DTZ001 - hypothesis adds the zone
    amount=some.integers(1, 16),
    days_off=FEW_DAYS,
    working_days=FEW_DAYS,
)
def test_working_hours_agree_with_a_count_minute_by_minute(anchor, amount, days_off, working_days):
    start = anchor.replace(second=0, microsecond=0, tzinfo=ZONE)
    calendar = Calendar(days_off=days_off, working_days=working_days)
    assert after(start, amount, "working_hour", calendar) == minute_by_minute(start, amount, calendar)


@settings(max_examples=200, deadline=None)
@given(start=some.dates(date(2026, 8, 24), date(2026, 9, 13)), amount=some.integers(1, 20), days_off=FEW_DAYS)
def test_working_days_agree_with_a_list_of_them(start, amount, days_off):
    calendar = Calendar(days_off=days_off)
    worked = [day for day in (start + timedelta(days=n) for n in range(1, 80)) if calendar.is_working_day(day)]
    due = after(datetime.combine(start, time(10), ZONE), amount, "working_day", calendar).astimezone(ZONE)
    assert (due.date(), due.time()) == (worked[amount - 1], time(23, 59, 59))


def test_the_counting_units_are_exactly_these():
    assert {"minute", "hour", "working_hour", "day", "working_day", "month", "at_once"} == worktime.UNITS
