"""10,000 random clocks against a slow count written without looking at the fast one: minute by minute, day by day.

The slow count knows only three questions – is this day worked, is this minute inside the hours, is this a month on –
and walks. The cases are derived from the code of the tests, so a run today is the run of tomorrow.
"""

from calendar import monthrange
from datetime import datetime, time, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from playbooks.worktime import ZONE, Calendar, after, explain

STEADY = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow],
}
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FIRST, LAST = datetime(2026, 8, 17), datetime(2026, 9, 20)  # noqa: DTZ001 - the zone is put on below
DAYS = some.frozensets(some.dates(FIRST.date(), datetime(2026, 10, 20).date()), max_size=6)  # noqa: DTZ001
HOURS = some.sampled_from(
    (
        ((time(7, 30), time(11, 30)), (time(13, 30), time(17))),
        ((time(7), time(11)), (time(13), time(16, 30))),
        ((time(8), time(12)),),
        ((time(0), time(4)), (time(12), time(23, 59))),
    )
)


@some.composite
def calendars(draw: some.DrawFn) -> Calendar:
    """Random days off, random swapped days, and sometimes other hours from a random day on."""
    starts = draw(some.none() | some.dates(FIRST.date(), LAST.date()))
    return Calendar(
        hours=draw(HOURS),
        days_off=draw(DAYS),
        working_days=draw(DAYS),
        periods=((starts, draw(HOURS)),) if starts else (),
    )


MOMENTS = some.datetimes(FIRST, LAST).map(lambda at: at.replace(second=0, microsecond=0, tzinfo=ZONE))
ANY_MOMENT = some.datetimes(FIRST, LAST).map(lambda at: at.replace(tzinfo=ZONE))


# --- the slow implementation


def worked(day, calendar):
    if day in calendar.working_days:
        return True
    return day.isoweekday() <= 5 and day not in calendar.days_off


def inside(moment, calendar):
    hours = calendar.hours
    for starts, others in calendar.periods:
        if moment.date() >= starts:
            hours = others
    return worked(moment.date(), calendar) and any(opens <= moment.time() < closes for opens, closes in hours)


def slow_working_hours(moment, amount, calendar):
    left = amount * 60
    while left:
        left -= inside(moment, calendar)
        moment += MINUTE
    return moment


def end_of(day):
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=ZONE)


def slow_days(moment, amount, calendar, *, only_worked):
    day, counted = moment.date(), 0
    while counted < amount:
        day += DAY
        counted += worked(day, calendar) or not only_worked
    while not only_worked and not worked(day, calendar):
        day += DAY
    return end_of(day)


def slow_month(moment, amount):
    year, month = moment.year, moment.month
    for _ in range(amount):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    number = moment.day
    while number > monthrange(year, month)[1]:
        number -= 1
    return end_of(datetime(year, month, number, tzinfo=ZONE))


# --- the properties: 10,000 cases in all


def is_whole(spans, anchor, due):
    """From the anchor to the due time without a gap, each span within its own local day."""
    assert (spans[0].starts, spans[-1].ends) == (anchor, due)
    assert all(before.ends == then.starts for before, then in zip(spans, spans[1:], strict=False))
    assert all(span.day == span.starts.date() and span.ends - span.starts <= DAY for span in spans)


@settings(max_examples=3_000, **STEADY)
@given(MOMENTS, some.integers(1, 24), calendars())
def test_working_hours_are_what_a_count_minute_by_minute_gives(anchor, amount, calendar):
    due = after(anchor, amount, "working_hour", calendar)
    assert due == slow_working_hours(anchor, amount, calendar)
    spans = explain(anchor, amount, "working_hour", calendar)
    is_whole(spans, anchor, due)
    assert sum((span.counted for span in spans), timedelta()) == timedelta(hours=amount)


@settings(max_examples=400, **STEADY)
@given(MOMENTS, some.integers(0, 8), calendars())
def test_every_minute_of_an_explanation_counts_exactly_when_it_is_worked(anchor, amount, calendar):
    for span in explain(anchor, amount, "working_hour", calendar):
        assert span.counted in (timedelta(), span.ends - span.starts)
        moment = span.starts
        while moment < span.ends:
            assert inside(moment, calendar) is bool(span.counted)
            moment += MINUTE


@settings(max_examples=2_200, **STEADY)
@given(ANY_MOMENT, some.integers(0, 25), calendars())
def test_working_days_are_what_a_walk_over_days_gives(anchor, amount, calendar):
    due = after(anchor, amount, "working_day", calendar)
    assert due == slow_days(anchor, amount, calendar, only_worked=True)
    spans = explain(anchor, amount, "working_day", calendar)
    is_whole(spans, anchor, due)
    counted = [span.day for span in spans if span.counted]
    assert len(counted) == amount
    assert all(worked(day, calendar) and day > anchor.date() for day in counted)


@settings(max_examples=2_200, **STEADY)
@given(ANY_MOMENT, some.integers(0, 45), calendars())
def test_days_are_what_a_walk_over_days_gives(anchor, amount, calendar):
    due = after(anchor, amount, "day", calendar)
    assert due == slow_days(anchor, amount, calendar, only_worked=False)
    spans = explain(anchor, amount, "day", calendar)
    is_whole(spans, anchor, due)
    assert sum(span.counted // DAY for span in spans) == amount


@settings(max_examples=1_000, **STEADY)
@given(ANY_MOMENT, some.integers(0, 30), calendars())
def test_months_are_what_a_walk_over_months_gives(anchor, amount, calendar):
    due = after(anchor, amount, "month", calendar)
    assert due == slow_month(anchor, amount)
    spans = explain(anchor, amount, "month", calendar)
    assert (spans[0].starts, spans[-1].ends, len(spans)) == (anchor, due, max(amount, 1))
    assert all(before.ends == then.starts for before, then in zip(spans, spans[1:], strict=False))
    assert sum((span.counted for span in spans), timedelta()) == due.astimezone(ZONE).date() - anchor.date()


@settings(max_examples=1_000, **STEADY)
@given(ANY_MOMENT, some.sampled_from(("minute", "hour")), some.integers(-200, 200), calendars())
def test_hours_and_minutes_are_time_that_has_passed(anchor, unit, amount, calendar):
    due = after(anchor, amount, unit, calendar)
    assert due == anchor + amount * (MINUTE if unit == "minute" else 60 * MINUTE)
    spans = explain(anchor, amount, unit, calendar)
    assert (spans[0].starts, spans[-1].ends) == (anchor, due)
    assert all(before.ends == then.starts for before, then in zip(spans, spans[1:], strict=False))
    assert sum((span.counted for span in spans), timedelta()) == due - anchor


@settings(max_examples=200, **STEADY)
@given(ANY_MOMENT, calendars())
def test_at_once_is_the_anchor(anchor, calendar):
    assert after(anchor, 0, "at_once", calendar) == anchor
    assert [(span.starts, span.ends) for span in explain(anchor, 0, "at_once", calendar)] == [(anchor, anchor)]
