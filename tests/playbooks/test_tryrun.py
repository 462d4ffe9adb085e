"""A playbook tried on a made-up start."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from playbooks import shelf
from playbooks.model import Deadline, Step
from playbooks.tryrun import try_run
from playbooks.worktime import ZONE, Calendar

START = datetime(2026, 10, 13, 9, 0, tzinfo=ZONE)
ON = date(2026, 10, 13)
FALSE = {"kind": "suspected_false", "severity": 3, "verdict": "false", "access_class": "c", "harm_class": "b"}


def bars(key, facts, **anchors):
    return try_run(shelf.get(key), START, facts, Calendar(), ON, anchors)


def one(found, key, **wanted):
    (bar,) = [bar for bar in found if bar.key == key and all(getattr(bar, k) == v for k, v in wanted.items())]
    return bar


def hours(bar):
    return (bar.begin - START) / timedelta(hours=1), (bar.due - START) / timedelta(hours=1)


def test_a_clock_of_the_start_begins_there():
    bar = one(bars("pb01_false_info_social", FALSE), "capture_evidence")
    assert hours(bar) == (0, 0.5)
    assert (bar.anchor, bar.basis, bar.hard, bar.certain, bar.assumed) == ("received_at", "", False, True, False)


def test_an_anchor_that_a_step_records_is_taken_at_its_earliest_due_time():
    found = bars("pb01_false_info_social", FALSE)
    assert hours(one(found, "conclude_verdict")) == (0, 12)
    label = one(found, "apply_label")
    assert (hours(label), label.hard, label.basis, label.assumed) == ((12, 36), True, "nd328_10_4a", True)
    assert one(found, "publish_conclusion").begin == label.due


def test_the_time_of_a_platform_begins_with_our_own_deed():
    found = bars("pb01_false_info_social", FALSE | {"urgent": True})
    own = one(found, "request_takedown", owner="own")
    assert hours(own) == (12, 14)
    assert [hours(bar) for bar in found if bar.key == "request_takedown" and bar.owner == "external"] == [
        (14, 38),
        (14, 20),
    ]


def test_a_step_that_has_only_clocks_of_others_is_done_after_its_predecessors():
    found = bars("pb02_rumour_disaster", FALSE)
    assert hours(one(found, "request_takedown")) == (6, 30)


def test_a_step_without_a_clock_is_a_point_after_its_predecessors():
    point = one(bars("pb01_false_info_social", FALSE), "consider_sanction")
    assert (hours(point), point.anchor) == ((12, 12), "")


def test_a_step_that_does_not_apply_is_left_out_and_one_that_may_apply_is_not_certain():
    found = bars("pb01_false_info_social", FALSE)
    assert "issue_caution" not in {bar.key for bar in found}
    assert one(found, "identify_source").certain is False
    assert "apply_label" not in {bar.key for bar in bars("pb01_false_info_social", FALSE | {"kind": "public_feedback"})}


def test_closing_counts_from_the_end_of_all_measures():
    found = bars("pb01_false_info_social", FALSE)
    close = one(found, "send_results_archive")
    assert close.begin == one(found, "publish_conclusion").due
    assert close.assumed


def test_a_given_anchor_is_kept_and_is_no_guess():
    given = START + timedelta(hours=3)
    found = bars("pb01_false_info_social", FALSE, concluded_at=given)
    label = one(found, "apply_label")
    assert (label.begin, label.assumed) == (given, False)
    crisis = bars("pb08_crisis_activation", {}, crisis_flagged_at=given)
    assert hours(one(crisis, "propose_crisis")) == (3, 3.5)


def test_the_law_of_the_day_is_the_one_that_counts():
    old = try_run(shelf.get("pb01_false_info_social"), START, FALSE, Calendar(), date(2026, 6, 30))
    assert {bar.basis for bar in old if bar.key == "first_statement"} == {"nd09_6_3a", ""}


@pytest.mark.parametrize("book", shelf.all_playbooks(), ids=lambda book: book.code)
def test_every_applying_step_has_a_bar_in_the_order_of_the_playbook_and_times_are_utc(book):
    found = try_run(book, START, {}, Calendar(), ON)
    assert list(dict.fromkeys(bar.key for bar in found)) == [step.key for step in book.steps]
    for bar in found:
        assert bar.begin.tzinfo is bar.due.tzinfo is UTC
        assert START <= bar.begin <= bar.due


def test_an_edited_playbook_whose_steps_stand_in_any_order_runs_the_same():
    book = shelf.get("pb05_impersonation_ai_scam")
    turned = replace(book, steps=book.steps[::-1])
    facts = FALSE | {"ai_generated": True, "impersonates_agency": True}
    assert sorted(map(repr, try_run(turned, START, facts, Calendar(), ON))) == sorted(
        map(repr, try_run(book, START, facts, Calendar(), ON))
    )


def test_who_records_an_anchor_comes_before_who_counts_from_it_even_without_an_after():
    first, second = shelf.get("pb01_false_info_social").steps[:2]
    counts = replace(first, after=(), deadlines=(Deadline("letter_sent_at", 1, "hour"),))
    records = replace(second, after=(), deadlines=(Deadline("received_at", 5, "hour"),), sets="letter_sent_at")
    found = try_run(replace(shelf.get("pb01_false_info_social"), steps=(counts, records)), START, {}, Calendar(), ON)
    assert hours(one(found, counts.key)) == (5, 6)


def test_two_steps_that_count_from_each_other_do_not_hang():
    step: Step = shelf.get("pb01_false_info_social").steps[0]
    one_way = replace(step, key="a", after=(), sets="letter_sent_at", deadlines=(Deadline("corrected_at", 1, "hour"),))
    other = replace(step, key="b", after=(), sets="corrected_at", deadlines=(Deadline("letter_sent_at", 1, "hour"),))
    found = try_run(replace(shelf.get("pb01_false_info_social"), steps=(one_way, other)), START, {}, Calendar(), ON)
    assert {bar.key for bar in found} == {"a", "b"}


def test_a_naive_start_is_refused():
    with pytest.raises(ValueError, match="aware"):
        try_run(shelf.get("pb01_false_info_social"), datetime(2026, 10, 13, 9), {}, Calendar(), ON)  # noqa: DTZ001
