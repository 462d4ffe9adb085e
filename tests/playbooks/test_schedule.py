"""Clocks planned from deadlines: the regime of the day, severity, warnings, and rhythms."""

from datetime import UTC, date, datetime, timedelta

import pytest

from playbooks import shelf
from playbooks.model import Deadline
from playbooks.schedule import HALF_HOUR_BEFORE, NO_BASIS, NO_LIMIT, next_repeat, planned
from playbooks.worktime import ZONE, Calendar

CALENDAR = Calendar(days_off=frozenset({date(2026, 9, 1), date(2026, 9, 2), date(2026, 11, 24)}))
PB01, PB02 = shelf.get("pb01_false_info_social"), shelf.get("pb02_rumour_disaster")
PB08 = shelf.get("pb08_crisis_activation")
LATER = date(2026, 10, 16)


def at(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=ZONE)


def clocks(what, facts=None, on=LATER, **anchors):
    return planned(what, facts or {}, {name: at(text) for name, text in anchors.items()}, on, CALENDAR)


def brief(found):
    return [(clock.anchor, clock.amount, clock.unit, clock.hard) for clock in found]


def test_an_incident_received_on_the_last_day_of_june_keeps_the_old_regime():
    received = at("30/06/2026 23:50")
    anchors = {"received_at": received, "occurred_at": at("30/06/2026 22:00"), "impact_determined_at": received}
    found = planned(PB01.step("first_statement"), {"large_impact": True}, anchors, received.date(), CALENDAR)
    (clock,) = found
    assert (clock.basis, clock.hard, clock.anchor) == ("nd09_6_3a", True, "occurred_at")
    assert clock.due_at == at("01/07/2026 22:00")


def test_an_incident_received_on_the_first_of_july_has_the_new_regime():
    anchors = {"received_at": at("01/07/2026 00:10"), "occurred_at": at("30/06/2026 22:00")}
    found = planned(PB01.step("first_statement"), {"large_impact": True}, anchors, date(2026, 7, 1), CALENDAR)
    assert {clock.basis: clock.due_at for clock in found} == {
        "nd244_7_4": None,
        "nd244_7_3": at("02/07/2026 00:10"),
    }
    assert all(clock.hard for clock in found)


def test_a_rule_without_a_predecessor_runs_softly_before_its_day():
    (before,) = clocks(PB01.step("apply_label"), on=date(2026, 10, 4), concluded_at="04/10/2026 08:00")
    (since,) = clocks(PB01.step("apply_label"), on=date(2026, 10, 5), concluded_at="05/10/2026 08:00")
    assert (before.hard, before.basis, before.note) == (False, "", NO_BASIS)
    assert (since.hard, since.basis, since.note) == (True, "nd328_10_4a", "")
    assert before.due_at == at("05/10/2026 08:00")


def test_an_older_rule_that_sets_no_time_leaves_the_cited_time_soft():
    (clock,) = clocks([Deadline(law="nd244_7_6")], on=date(2026, 6, 1), received_at="01/06/2026 08:00")
    assert (clock.basis, clock.hard, clock.note) == ("nd09_6_3c", False, NO_LIMIT)
    assert clock.due_at == at("03/06/2026 23:59") + timedelta(seconds=59)


@pytest.mark.parametrize(("severity", "hours"), [(1, 48), (2, 24), (3, 12), (4, 6)])
def test_the_verdict_is_due_sooner_the_graver_the_incident(severity, hours):
    found = clocks(PB01.step("conclude_verdict"), {"severity": severity}, received_at="16/10/2026 08:00")
    assert [clock.due_at for clock in found] == [at("16/10/2026 08:00") + timedelta(hours=hours)]


def test_a_first_statement_of_a_grave_incident_has_the_law_and_a_shorter_inner_clock():
    found = clocks(PB01.step("first_statement"), {"severity": 3, "large_impact": False}, received_at="16/10/2026 08:00")
    assert brief(found) == [("impact_determined_at", 24, "hour", True), ("received_at", 4, "hour", False)]


def test_a_deadline_whose_condition_is_false_or_unknown_is_left_out():
    step = PB01.step("first_statement")
    assert brief(clocks(step, {"severity": 1, "large_impact": False})) == [("impact_determined_at", 24, "hour", True)]
    assert brief(clocks(step, {})) == [("impact_determined_at", 24, "hour", True)]


def test_publication_runs_by_the_harm_class():
    step, labelled = PB01.step("publish_conclusion"), "16/10/2026 16:00"
    (at_once, within_an_hour) = clocks(step, {"harm_class": "a"}, labelled_at=labelled)
    assert (at_once.due_at, at_once.hard, at_once.warn_at) == (at(labelled), True, ())
    assert (within_an_hour.due_at, within_an_hour.hard) == (at("16/10/2026 17:00"), False)
    (working,) = clocks(step, {"harm_class": "b"}, labelled_at=labelled)
    assert (working.due_at, working.hard) == (at("20/10/2026 11:00"), True)


def test_what_a_platform_owes_is_external_and_urgency_adds_the_shorter_time():
    step = PB02.step("request_takedown")
    found = clocks(step, {"urgent": True}, demanded_at="16/10/2026 08:00")
    assert [(clock.amount, clock.owner, clock.hard) for clock in found] == [
        (24, "external", True),
        (6, "external", True),
    ]
    assert [clock.amount for clock in clocks(step, {}, demanded_at="16/10/2026 08:00")] == [24]


def test_a_clock_without_its_anchor_waits():
    (clock,) = clocks(PB01.step("apply_label"))
    assert (clock.anchor_at, clock.due_at, clock.warn_at, clock.hard) == (None, None, (), True)


def test_a_crisis_is_counted_from_its_flag():
    flagged = "16/10/2026 22:00"
    due = {
        step.key: clocks(step, {}, crisis_flagged_at=flagged)[0].due_at
        for step in PB08.steps
        if step.key in ("propose_crisis", "activate_task_force", "quick_meeting", "one_message")
    }
    assert due == {
        "propose_crisis": at("16/10/2026 22:30"),
        "activate_task_force": at("16/10/2026 23:00"),
        "quick_meeting": at("17/10/2026 00:00"),
        "one_message": at("17/10/2026 01:00"),
    }


@pytest.mark.parametrize(
    ("amount", "unit", "warned"),
    [
        (24, "hour", ["16/10/2026 20:00", "17/10/2026 03:12", "17/10/2026 07:30"]),
        (1, "hour", ["16/10/2026 08:30", "16/10/2026 08:48"]),
        (30, "minute", ["16/10/2026 08:15", "16/10/2026 08:24"]),
        (150, "minute", ["16/10/2026 09:15", "16/10/2026 10:00"]),  # 80 % and half an hour before fall together
        (3, "working_hour", ["16/10/2026 09:30", "16/10/2026 10:24", "16/10/2026 10:30"]),
    ],
)
def test_warnings_come_at_half_at_four_fifths_and_half_an_hour_before(amount, unit, warned):
    (clock,) = clocks([Deadline("received_at", amount, unit)], received_at="16/10/2026 08:00")
    assert list(clock.warn_at) == [at(text) for text in warned]


def test_each_warning_says_which_it_is():
    (clock,) = clocks([Deadline("received_at", 24, "hour")], received_at="16/10/2026 08:00")
    assert clock.warn_percent == (50, 80, HALF_HOUR_BEFORE)
    (both,) = clocks([Deadline("received_at", 150, "minute")], received_at="16/10/2026 08:00")
    assert both.warn_percent == (50, 80)
    (waiting,) = clocks([Deadline("received_at", 24, "hour")])
    assert waiting.warn_percent == waiting.warn_at == ()


def test_a_deadline_may_warn_at_other_percents_of_its_time():
    (clock,) = clocks([Deadline("received_at", 10, "hour", warn=(10, 25, 99))], received_at="16/10/2026 08:00")
    times = ["16/10/2026 09:00", "16/10/2026 10:30", "16/10/2026 17:30", "16/10/2026 17:54"]
    assert list(clock.warn_at) == [at(text) for text in times]
    assert clock.warn_percent == (10, 25, HALF_HOUR_BEFORE, 99)
    (silent,) = clocks([Deadline("received_at", 30, "minute", warn=())], received_at="16/10/2026 08:00")
    assert silent.warn_at == ()


def test_warnings_of_a_deadline_by_law_are_its_own():
    (clock,) = clocks([Deadline(law="nd244_7_3", warn=(90,))], received_at="16/10/2026 08:00")
    assert clock.warn_percent == (90, HALF_HOUR_BEFORE)


def test_one_rule_cited_twice_is_one_clock_whatever_its_warnings():
    twice = [Deadline(law="nd244_7_3"), Deadline(law="nd244_7_3", warn=(10,))]
    assert len(clocks(twice, received_at="16/10/2026 08:00")) == 1


def test_a_clock_of_whole_days_has_no_warning_half_an_hour_before_midnight():
    (clock,) = clocks([Deadline("received_at", 2, "working_day")], received_at="15/10/2026 08:00")
    assert len(clock.warn_at) == 2
    assert clock.due_at == at("19/10/2026 23:59") + timedelta(seconds=59)


def test_planned_times_are_utc():
    (clock,) = clocks(PB01.step("capture_evidence"), received_at="16/10/2026 08:00")
    assert {moment.tzinfo for moment in (clock.anchor_at, clock.due_at, *clock.warn_at)} == {UTC}


def test_an_update_in_a_disaster_is_due_two_hours_after_the_last():
    step, started = PB02.step("periodic_update"), at("16/10/2026 08:00")
    assert next_repeat(step, started, at("18/10/2026 23:30")) == at("19/10/2026 01:30")


@pytest.mark.parametrize(
    ("last", "due"),
    [
        ("16/10/2026 10:00", "16/10/2026 12:00"),
        ("17/10/2026 08:00", "17/10/2026 10:00"),
        ("17/10/2026 08:01", "17/10/2026 17:00"),
        ("17/10/2026 17:00", "18/10/2026 08:00"),
        ("18/10/2026 07:50", "18/10/2026 08:00"),
    ],
)
def test_crisis_summaries_come_every_two_hours_for_a_day_then_at_eight_and_five(last, due):
    assert next_repeat(PB08.step("summary_rhythm"), at("16/10/2026 10:00"), at(last)) == at(due)


def test_a_step_without_a_rhythm_is_never_due_again():
    assert next_repeat(PB01.step("capture_evidence"), at("16/10/2026 08:00"), at("16/10/2026 09:00")) is None
