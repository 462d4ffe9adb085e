"""Steps and clocks: ticked, skipped, opened again; anchors set and corrected; what appears when facts change."""

from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from incidents.cases import checklist, clocks, doing, intake, triage
from incidents.cases.models import Anchor, Clock, Entry, Incident, Step
from incidents.db import db, utc_now
from incidents.errors import AlreadyDone, BadInput, NotAllowed, NotFound
from incidents.vocabulary import ClockState, EntryKind, Kind, StepState
from playbooks.worktime import ZONE
from tests import cast, steps


@pytest.fixture
def dam(desk: Flask) -> Incident:
    return intake.log(
        cast.actor("an"), "Tin vỡ đập", 3, kind=Kind.suspected_false, category="disaster", place="xã Bảo Nhai"
    )


@pytest.fixture
def rumour(desk: Flask) -> Incident:
    """PB-01: a rumour that is no disaster."""
    return intake.log(cast.actor("an"), "Tin sáp nhập", 2, kind=Kind.suspected_false, category="organisation")


def step(incident: Incident, key: str) -> Step:
    return next(s for s in checklist.steps_of(incident) if s.key == key)


def hard(incident: Incident, key: str) -> Clock:
    return next(c for c in step(incident, key).clocks if c.hard and c.owner == "own")


def last_entry(incident: Incident) -> Entry:
    found = db.session.scalar(
        select(Entry).where(Entry.incident_id == incident.id).order_by(Entry.number.desc()).limit(1)
    )
    assert found is not None
    return found


def test_ticking_meets_the_clock_at_the_time_of_the_fact(dam: Incident) -> None:
    at = utc_now() - timedelta(seconds=1)
    with time_machine.travel(utc_now() + timedelta(hours=1)):
        doing.tick(cast.actor("an"), dam.code, "fast_intake", at=at, reason="đã làm ngay khi nhận tin")
    (clock,) = step(dam, "fast_intake").clocks
    assert (clock.state, clock.met_at) == (ClockState.met, at)
    assert last_entry(dam).happened_at == at


def test_a_step_done_too_late_is_met_late(dam: Incident) -> None:
    with time_machine.travel(utc_now() + timedelta(minutes=11)):
        doing.tick(cast.actor("an"), dam.code, "fast_intake")
    assert step(dam, "fast_intake").clocks[0].state == ClockState.met_late


def test_the_first_statement_stops_both_its_clocks(dam: Incident) -> None:
    steps.do("an", dam.code, "first_statement")
    assert {c.state for c in step(dam, "first_statement").clocks} == {ClockState.met}
    assert clocks.anchors_of(dam)["first_statement_at"] is not None


def test_the_second_to_tick_learns_who_was_first(dam: Incident) -> None:
    steps.do("giang", dam.code, "confirm_on_site", result="đập bình thường")
    with pytest.raises(AlreadyDone) as refused:
        doing.tick(cast.actor("an"), dam.code, "confirm_on_site")
    assert "Vàng Thị Giang" in refused.value.text()


def test_an_agency_without_a_part_does_not_see_the_incident(dam: Incident) -> None:
    with pytest.raises(NotFound):
        doing.tick(cast.actor("pao"), dam.code, "confirm_on_site")


def test_only_the_police_record_a_demand(dam: Incident) -> None:
    with pytest.raises(NotAllowed):
        doing.tick(cast.actor("binh"), dam.code, "request_takedown")
    assert step(dam, "request_takedown").state == StepState.open


def test_a_platforms_hours_begin_with_the_police_demand_and_end_with_the_removal(dam: Incident) -> None:
    from incidents.cases import assignments

    assignments.assign(cast.actor("binh"), dam.code, "pa05", purpose="yêu cầu gỡ")
    steps.do("an", dam.code, "conclude_verdict", settled={"verdict": "false"})
    triage.edit(cast.actor("an"), dam.code, {"access_class": "c", "harm_class": "a"})
    steps.do("cuong", dam.code, "request_takedown")
    owed = [c for c in step(dam, "request_takedown").clocks if c.owner == "external" and c.due_at]
    assert owed
    assert {c.state for c in owed} == {ClockState.running}
    doing.set_anchor(cast.actor("binh"), dam.code, "removed_at", utc_now())
    assert {c.state for c in owed} == {ClockState.met}


def test_skipping_a_hard_step_needs_the_lead_and_a_reason(dam: Incident) -> None:
    with pytest.raises(BadInput):
        doing.skip(cast.actor("binh"), dam.code, "first_statement", " ")
    with pytest.raises(NotAllowed):
        doing.skip(cast.actor("son"), dam.code, "first_statement", "đã có cơ quan khác phát ngôn")
    doing.skip(cast.actor("binh"), dam.code, "first_statement", "đã có cơ quan khác phát ngôn")
    assert {c.state for c in step(dam, "first_statement").clocks} == {ClockState.waived}
    assert last_entry(dam).text == "đã có cơ quan khác phát ngôn"


def test_waiving_a_hard_clock_that_is_late_keeps_it_counted_late(dam: Incident) -> None:
    with time_machine.travel(utc_now() + timedelta(hours=25)):
        doing.skip(cast.actor("binh"), dam.code, "first_statement", "không cần")
    assert hard(dam, "first_statement").first_result == ClockState.missed


def test_a_reopened_step_runs_to_the_same_due_time_and_keeps_its_first_result(dam: Incident) -> None:
    due_at = step(dam, "fast_intake").clocks[0].due_at
    doing.tick(cast.actor("an"), dam.code, "1")
    doing.reopen(cast.actor("an"), dam.code, "fast_intake", "bấm nhầm")
    clock = step(dam, "fast_intake").clocks[0]
    assert (clock.state, clock.due_at, clock.first_result) == (ClockState.running, due_at, ClockState.met)


@pytest.mark.parametrize("key", ["nothing", "99", ""])
def test_an_unknown_step_is_not_found(dam: Incident, key: str) -> None:
    with pytest.raises(NotFound):
        doing.tick(cast.actor("an"), dam.code, key)


def test_a_fact_still_to_come_is_refused(dam: Incident) -> None:
    with pytest.raises(BadInput):
        doing.tick(cast.actor("an"), dam.code, "fast_intake", at=utc_now() + timedelta(hours=1))


def test_a_fact_before_its_anchor_asks_for_the_reason(dam: Incident) -> None:
    early = utc_now() - timedelta(hours=1)
    with pytest.raises(BadInput):
        doing.tick(cast.actor("an"), dam.code, "fast_intake", at=early)
    doing.tick(cast.actor("an"), dam.code, "fast_intake", at=early, reason="đã chụp trước khi nhận tin")


def test_the_legal_clock_waits_for_its_anchor(rumour: Incident) -> None:
    clock = hard(rumour, "first_statement")
    assert (clock.state, clock.due_at) == (ClockState.waiting, None)
    at = utc_now()
    doing.set_anchor(cast.actor("son"), rumour.code, "impact_determined_at", at)
    clock = hard(rumour, "first_statement")
    assert clock.due_at == at + timedelta(hours=24)
    assert "NĐ 244" in clock.citation


def test_an_anchor_is_corrected_by_a_new_row_with_a_reason(rumour: Incident) -> None:
    first, second = utc_now() - timedelta(hours=3), utc_now() - timedelta(hours=1)
    doing.set_anchor(cast.actor("son"), rumour.code, "impact_determined_at", first)
    with pytest.raises(BadInput):
        doing.set_anchor(cast.actor("son"), rumour.code, "impact_determined_at", second)
    doing.set_anchor(cast.actor("son"), rumour.code, "impact_determined_at", second, "nhầm giờ")
    assert hard(rumour, "first_statement").due_at == second + timedelta(hours=24)
    rows = db.session.scalars(select(Anchor.at).where(Anchor.key == "impact_determined_at").order_by(Anchor.id)).all()
    assert rows == [first, second]
    told = db.session.scalars(select(Entry).where(Entry.kind == EntryKind.anchor).order_by(Entry.id)).all()
    assert told[-1].facts["old"] == first.isoformat()
    assert last_entry(rumour).kind == EntryKind.clocks_moved


def test_raising_the_severity_plans_the_soft_clocks_anew(rumour: Incident) -> None:
    def due_hours() -> set[float]:
        return {
            (c.due_at - rumour.received_at).total_seconds() / 3600
            for c in step(rumour, "conclude_verdict").clocks
            if c.state == ClockState.running and c.due_at
        }

    assert due_hours() == {24}
    triage.set_severity(cast.actor("binh"), rumour.code, 3, "lan rộng")
    assert due_hours() == {12}


def test_starting_a_playbook_twice_changes_nothing(dam: Incident) -> None:
    before = len(checklist.steps_of(dam))
    checklist.start_playbook(cast.actor("an"), dam.code, "pb02_rumour_disaster")
    assert len(checklist.steps_of(dam)) == before


def test_a_second_playbook_merges_equal_steps(dam: Incident) -> None:
    before = {s.key for s in checklist.steps_of(dam)}
    checklist.start_playbook(cast.actor("an"), dam.code, "pb01_false_info_social")
    keys = [s.key for s in checklist.steps_of(dam)]
    assert len(keys) == len(set(keys)) > len(before)
    assert {row["code"] for row in dam.playbooks} == {"PB-01", "PB-02"}


def test_a_repeating_step_is_due_again_until_its_end(dam: Incident) -> None:
    an = cast.actor("an")
    steps.do("an", dam.code, "first_statement")
    (first,) = step(dam, "periodic_update").clocks
    assert first.due_at == step(dam, "first_statement").done_at + timedelta(hours=2)  # type: ignore[operator]
    with time_machine.travel(utc_now() + timedelta(hours=1)):
        doing.tick(an, dam.code, "periodic_update", result="chưa có thông tin mới")
        done_at = utc_now()
    update = step(dam, "periodic_update")
    assert update.state == StepState.open
    running = [c for c in update.clocks if c.state == ClockState.running]
    assert [round((c.due_at - done_at).total_seconds()) for c in running if c.due_at] == [7200]
    triage.set_severity(cast.actor("binh"), dam.code, 4, "lan rộng")
    assert len([c for c in step(dam, "periodic_update").clocks if c.state == ClockState.running]) == 1
    doing.set_anchor(cast.actor("binh"), dam.code, "measures_done_at", utc_now())
    update = step(dam, "periodic_update")
    assert update.state == StepState.done
    assert not [c for c in update.clocks if c.state == ClockState.running]


@pytest.mark.parametrize(
    ("received", "occurred", "due", "basis"),
    [
        ("2026-06-30T23:50", "2026-06-30T22:00", "2026-07-01T22:00", "nd09_6_3a"),
        ("2026-07-01T00:10", "2026-06-30T22:00", "2026-07-02T00:10", "nd244_7_3"),
    ],
)
def test_the_law_of_the_incidents_own_day_decides(
    desk: Flask, received: str, occurred: str, due: str, basis: str
) -> None:
    """Twenty minutes apart, two regimes (domain book 9.2)."""
    received_at, occurred_at, due_at = (
        datetime.fromisoformat(t).replace(tzinfo=ZONE) for t in (received, occurred, due)
    )
    an = cast.actor("an")
    with time_machine.travel(received_at + timedelta(minutes=1), tick=False):
        incident = intake.log(
            an, "Tin vỡ đập", 3, kind=Kind.suspected_false, category="disaster",
            happened_at=occurred_at, received_at=received_at,
        )  # fmt: skip
    clock = hard(incident, "first_statement")
    assert (clock.due_at, clock.basis) == (due_at, basis)


def test_every_change_leaves_exactly_one_entry(dam: Incident) -> None:
    count = dam.entry_count
    doing.tick(cast.actor("an"), dam.code, "fast_intake")
    doing.reopen(cast.actor("an"), dam.code, "fast_intake")
    doing.skip(cast.actor("binh"), dam.code, "fast_intake", "gộp vào bước khác")
    assert dam.entry_count == count + 3
    assert last_entry(dam).kind == EntryKind.step_skipped
