"""Due times against the worked examples of the domain book, and against a slow count minute by minute."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from playbooks import holiday_names, worktime
from playbooks.worktime import ZONE, Calendar, after, before_date, explain, vietnam

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


@pytest.mark.parametrize(
    ("date_named", "due"),
    [
        ((2026, 11, 25), "23/11/2026 23:59"),  # 24/11 is off: back to Monday
        ((2026, 12, 20), "18/12/2026 23:59"),  # 19/12 is a Saturday: back to Friday
        ((2026, 12, 18), "17/12/2026 23:59"),
        ((2026, 9, 3), "31/08/2026 23:59"),  # 2/9 and 1/9 are off
        ((2027, 1, 1), "31/12/2026 23:59"),
    ],
)
def test_before_a_date_ends_with_the_last_working_day_before_it(date_named, due):
    assert shown(before_date(*date_named, TABLE)) == due


def test_a_date_there_is_not_has_no_day_before():
    with pytest.raises(ValueError, match="day"):
        before_date(2026, 2, 29, TABLE)


SUMMER = Calendar(periods=((date(2026, 10, 19), ((time(7), time(11)), (time(13), time(16)))),))


def test_working_hours_of_a_later_period_count_from_their_first_day_on():
    assert shown(after(at("16/10/2026 16:00"), 2, "working_hour", SUMMER)) == "19/10/2026 08:00"
    assert shown(after(at("16/10/2026 16:00"), 2, "working_hour", TABLE)) == "19/10/2026 08:30"


def test_periods_that_do_not_rise_are_refused():
    same = (date(2026, 10, 19), worktime.OFFICE_HOURS)
    with pytest.raises(ValueError, match="rising order"):
        Calendar(periods=(same, same))
    with pytest.raises(ValueError, match="rising order"):
        Calendar(periods=((date(2026, 10, 19), ()),))


NAMED = Calendar(
    days_off=frozenset({date(2026, 11, 24)}),
    working_days=frozenset({date(2026, 11, 28)}),
    names={
        date(2026, 11, 24): ("Ngày Văn hóa Việt Nam", "Vietnam Cultural Day"),
        date(2026, 11, 28): ("Làm bù", "Swap"),
    },
)


def told(anchor: str, amount: int, unit: str, calendar: Calendar = NAMED) -> list[tuple[str, str, str, float, str]]:
    """(day, from, to, counted hours, why) of every span."""
    return [
        (f"{s.day:%d/%m}", f"{s.starts:%H:%M}", f"{s.ends:%H:%M}", s.counted.total_seconds() / 3600, s.name or s.reason)
        for s in explain(at(anchor), amount, unit, calendar)
    ]


def test_twelve_working_hours_over_a_holiday_are_told_piece_by_piece():
    assert told("23/11/2026 15:30", 12, "working_hour") == [
        ("23/11", "15:30", "17:00", 1.5, ""),
        ("23/11", "17:00", "00:00", 0, "closed"),
        ("24/11", "00:00", "00:00", 0, "Ngày Văn hóa Việt Nam"),
        ("25/11", "00:00", "07:30", 0, "closed"),
        ("25/11", "07:30", "11:30", 4, ""),
        ("25/11", "11:30", "13:30", 0, "closed"),
        ("25/11", "13:30", "17:00", 3.5, ""),
        ("25/11", "17:00", "00:00", 0, "closed"),
        ("26/11", "00:00", "07:30", 0, "closed"),
        ("26/11", "07:30", "10:30", 3, ""),
    ]


def test_working_days_name_what_is_left_out_and_what_is_swapped():
    assert told("23/11/2026 09:00", 4, "working_day") == [
        ("23/11", "09:00", "00:00", 0, "anchor_day"),
        ("24/11", "00:00", "00:00", 0, "Ngày Văn hóa Việt Nam"),
        ("25/11", "00:00", "00:00", 24, ""),
        ("26/11", "00:00", "00:00", 24, ""),
        ("27/11", "00:00", "00:00", 24, ""),
        ("28/11", "00:00", "23:59", 24, "Làm bù"),
    ]


def test_calendar_days_that_end_on_a_day_off_are_moved_on():
    assert told("20/11/2026 09:00", 1, "day") == [
        ("20/11", "09:00", "00:00", 0, "anchor_day"),
        ("21/11", "00:00", "00:00", 24, "weekend"),
        ("22/11", "00:00", "00:00", 0, "weekend"),
        ("23/11", "00:00", "23:59", 0, "moved"),
    ]


def test_hours_day_and_night_are_told_day_by_day_and_backwards_too():
    assert told("17/10/2026 22:00", 24, "hour") == [
        ("17/10", "22:00", "00:00", 2, ""),
        ("18/10", "00:00", "22:00", 22, ""),
    ]
    assert told("17/10/2026 02:00", -12, "hour") == [
        ("17/10", "02:00", "00:00", -2, ""),
        ("16/10", "00:00", "14:00", -10, ""),
    ]


def test_months_are_told_month_by_month():
    assert told("31/08/2026 14:00", 3, "month", TABLE) == [
        ("31/08", "14:00", "00:00", 30 * 24, ""),
        ("30/09", "00:00", "00:00", 31 * 24, ""),
        ("31/10", "00:00", "23:59", 30 * 24, ""),
    ]


def test_at_once_is_one_moment():
    assert told("16/10/2026 16:00", 0, "at_once") == [("16/10", "16:00", "16:00", 0, "")]


def test_every_day_off_of_twenty_years_has_a_vietnamese_name():
    calendar = vietnam(range(2020, 2041))
    assert all(any(ord(letter) > 127 for letter in calendar.names[day][0]) for day in calendar.days_off)
    assert calendar.names[date(2026, 11, 24)] == ("Ngày Văn hóa Việt Nam", "Vietnam Cultural Day")
    assert calendar.names[date(2026, 4, 27)][0] == "Giỗ Tổ Hùng Vương (nghỉ bù)"
    assert calendar.names[date(2026, 8, 31)] == (
        "Nghỉ hoán đổi cho ngày 22/08/2026",
        "Day off in exchange for 22/08/2026",
    )


def test_a_name_that_is_not_known_is_kept():
    assert holiday_names.both("Something New; National Day") == (
        "Something New; Quốc khánh",
        "Something New; National Day",
    )


def test_the_counting_units_are_exactly_these():
    assert {"minute", "hour", "working_hour", "day", "working_day", "month", "at_once"} == worktime.UNITS
