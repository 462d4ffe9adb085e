"""Clocks that must not fall silent: after a return, a merge of playbooks, a change of level, a waiver, a fault."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from incidents import due
from incidents.cases import (
    approvals,
    assignments,
    checklist,
    clocks,
    doing,
    intake,
    moves,
    notes,
    rebasing,
    reminders,
    rhythm,
    triage,
    waiving,
)
from incidents.cases.models import Clock, Entry, Incident, Step
from incidents.db import db, transaction, utc_now
from incidents.errors import NotAllowed
from incidents.reading.figures import late_steps
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, ClockState, EntryKind, Kind, Part, Status, StepState
from playbooks.model import Playbook
from playbooks.worktime import ZONE
from tests import cast, steps
from tests.incidents.planning import making

PB01, PB02, PB05 = "pb01_false_info_social", "pb02_rumour_disaster", "pb05_impersonation_ai_scam"
LIVE = (ClockState.running, ClockState.waiting)
TRIAGED = {"category": "disaster", "harm_class": "a", "access_class": "c", "exclusion_checked": True}


@pytest.fixture
def hours(desk: Flask) -> Iterator[time_machine.Traveller]:
    """Time stands still until a test moves it."""
    with time_machine.travel(utc_now(), tick=False) as clock:
        yield clock


def rumour(severity: int = 2, **known: str) -> Incident:
    fields = {"kind": Kind.suspected_false, "category": "organisation", "place": "xã Bảo Nhai"} | known
    return intake.log(cast.actor("an"), "Tin sáp nhập", severity, **fields)


def of(incident: Incident, key: str, *states: ClockState) -> list[Clock]:
    """The step's clocks, read afresh."""
    db.session.expire_all()
    return [clock for clock in steps.step_of(incident, key).clocks if not states or clock.state in states]


def without_clock(incident: Incident) -> list[str]:
    """Open steps that have a deadline and nothing that runs or waits."""
    db.session.expire_all()
    return [
        step.key
        for step in checklist.steps_of(incident)
        if step.state == StepState.open
        and step.applies is True
        and step.clocks
        and not any(clock.state in LIVE for clock in step.clocks)
    ]


def entries(incident: Incident, kind: EntryKind) -> list[Entry]:
    wanted = select(Entry).where(Entry.incident_id == incident.id, Entry.kind == kind)
    return list(db.session.scalars(wanted.order_by(Entry.number)))


def told_of_moves() -> list[Alert]:
    return list(db.session.scalars(select(Alert).where(Alert.kind == AlertKind.clock_moved)))


def hand_over(incident: Incident) -> None:
    moves.move(cast.actor("binh"), incident.code, Status.transferred, receiver="Sở Y tế", document="1/CV 23/11/2026")


# After a return


def test_a_returned_incident_counts_every_open_step_from_the_return(hours: time_machine.Traveller) -> None:
    found = rumour(3, category="disaster")
    moves.move(cast.actor("an"), found.code, Status.triage)
    steps.do("an", found.code, "periodic_update")
    hours.shift(timedelta(hours=3))
    hand_over(found)
    hours.shift(timedelta(hours=1))
    moves.move(cast.actor("binh"), found.code, Status.triage, reason="Sở Y tế trả về")
    assert without_clock(found) == []
    (intake_clock,) = of(found, "fast_intake", ClockState.running)
    assert intake_clock.due_at == utc_now() + timedelta(minutes=10)
    (update,) = of(found, "periodic_update", ClockState.running)
    assert update.due_at == utc_now() + timedelta(hours=2)


def test_the_breach_before_a_transfer_stays_counted(hours: time_machine.Traveller) -> None:
    found = rumour()
    moves.move(cast.actor("an"), found.code, Status.triage)
    doing.set_anchor(cast.actor("binh"), found.code, "impact_determined_at", utc_now())
    hours.shift(timedelta(hours=30))
    hand_over(found)
    (legal,) = of(found, "first_statement")
    assert (legal.state, legal.first_result) == (ClockState.transferred, ClockState.missed)
    (verdict,) = of(found, "issue_caution")
    assert verdict.first_result == ""  # it only waited


def test_a_declined_incident_that_was_late_is_owed_again_when_it_is_reopened(hours: time_machine.Traveller) -> None:
    found = rumour()
    hours.shift(timedelta(hours=3))
    moves.move(cast.actor("an"), found.code, Status.triage)
    moves.move(cast.actor("binh"), found.code, Status.not_accepted, reason="duplicate")
    assert [clock.state for clock in of(found, "capture_evidence")] == [ClockState.missed]
    moves.move(cast.actor("binh"), found.code, moves.possible(found)[0], reason="nhầm")
    states = [clock.state for clock in of(found, "capture_evidence")]
    assert states == [ClockState.missed, ClockState.running]
    assert without_clock(found) == []


def test_what_has_ended_is_not_planned_anew(hours: time_machine.Traveller) -> None:
    found = rumour()
    moves.move(cast.actor("an"), found.code, Status.triage)
    hand_over(found)
    with transaction():
        assert checklist.reconsider(cast.actor("binh"), found) == []
    db.session.expire_all()
    live = db.session.scalars(select(Clock).where(Clock.incident_id == found.id, Clock.state.in_(LIVE))).all()
    assert (live, found.next_due_at) == ([], None)


# A breach is not undone


def test_a_lowered_level_hides_the_step_and_keeps_its_breach(hours: time_machine.Traveller) -> None:
    found = rumour()
    doing.set_anchor(cast.actor("binh"), found.code, "impact_determined_at", utc_now())
    triage.edit(cast.actor("binh"), found.code, {"opinion_divided": False, "large_impact": False})
    hours.shift(timedelta(hours=30))
    before = late_steps.by_version(cast.actor("binh"))[PB01, 1].late
    triage.set_severity(cast.actor("binh"), found.code, 1, "đã lắng")
    assert late_steps.by_version(cast.actor("binh"))[PB01, 1].late == before
    assert steps.step_of(found, "first_statement").applies is False
    (legal,) = of(found, "first_statement")
    assert (legal.state, legal.first_result) == (ClockState.cancelled, ClockState.missed)


def test_an_anchor_corrected_after_the_breach_keeps_the_first_result(hours: time_machine.Traveller) -> None:
    found = rumour()
    doing.set_anchor(cast.actor("binh"), found.code, "impact_determined_at", utc_now())
    hours.shift(timedelta(hours=30))
    later = utc_now() - timedelta(hours=1)
    doing.set_anchor(cast.actor("binh"), found.code, "impact_determined_at", later, "ghi nhầm ngày")
    (legal,) = of(found, "first_statement")
    assert (legal.state, legal.first_result) == (ClockState.running, ClockState.missed)
    assert legal.due_at == later + timedelta(hours=24)


def test_a_crisis_lowered_and_raised_again_runs_from_its_first_alarm(hours: time_machine.Traveller) -> None:
    found = rumour(4)
    (before,) = of(found, "activate_task_force", ClockState.running)
    first_due = before.due_at
    hours.shift(timedelta(hours=3))
    triage.set_severity(cast.actor("ha"), found.code, 3, "hạ")
    triage.set_severity(cast.actor("ha"), found.code, 4, "nâng lại")
    (after,) = of(found, "activate_task_force", ClockState.running)
    assert after.due_at == first_due


def test_the_end_of_a_rhythm_keeps_what_was_late(hours: time_machine.Traveller) -> None:
    found = rumour(3, category="disaster")
    moves.move(cast.actor("an"), found.code, Status.triage)
    steps.do("an", found.code, "periodic_update")
    hours.shift(timedelta(hours=3))
    doing.set_anchor(cast.actor("binh"), found.code, "measures_done_at", utc_now())
    (last,) = [clock for clock in of(found, "periodic_update") if clock.anchor == clocks.REPEATED]
    assert (last.state, last.first_result) == (ClockState.cancelled, ClockState.missed)


# Two playbooks, one duty


def scam_and_rumour(severity: int) -> Incident:
    found = rumour(severity, kind=Kind.impersonation, category="fake_account")
    assert [row["key"] for row in found.playbooks] == [PB05]
    return checklist.start_playbook(cast.actor("an"), found.code, PB02)


def test_a_step_applies_while_any_of_its_playbooks_asks_for_it(hours: time_machine.Traveller) -> None:
    found = scam_and_rumour(1)  # PB-05 asks from Cấp 2, PB-02 always
    triage.edit(cast.actor("an"), found.code, {"place": "xã Bắc Hà"})
    assert steps.step_of(found, "first_statement").applies is True
    assert {(c.basis, c.hard) for c in of(found, "first_statement", ClockState.running)} == {
        ("nd244_7_3", True),
        ("", False),
    }


def test_of_two_playbooks_the_stricter_approval_is_asked(hours: time_machine.Traveller) -> None:
    found = scam_and_rumour(2)
    stricter = entries(found, EntryKind.playbook_started)[-1].facts["stricter"]
    assert [line.split(". ")[1] for line in stricter] == ["Phát ngôn ban đầu"]
    steps.free(found.code, "first_statement")
    approvals.submit(cast.actor("an"), found.code, "first_statement", result=steps.LINK)
    with pytest.raises(NotAllowed):
        approvals.approve(cast.actor("son"), found.code, "first_statement")
    assert approvals.approve(cast.actor("ha"), found.code, "first_statement").state == StepState.done


def test_a_stricter_twin_does_not_make_the_step_look_changed(hours: time_machine.Traveller) -> None:
    found = scam_and_rumour(2)
    making.in_force(PB05, lambda playbook: replace(playbook, name="Giả mạo, bản hai"))
    kinds = {effect.key: effect.kind for effect in rebasing.differences(found, PB05).effects}
    assert kinds["first_statement"] == "same"
    rebasing.rebase(cast.actor("binh"), found.code, PB05, 2, "tên mới")
    db.session.expire_all()
    step = steps.step_of(found, "first_statement")
    assert (step.playbook_version, step.plan["approval"]) == (2, "leader")


def test_every_step_of_several_playbooks_has_its_own_number(hours: time_machine.Traveller) -> None:
    found = rumour(4, category="disaster")
    for key in (PB05, "pb07_data_leak", PB01):
        checklist.start_playbook(cast.actor("an"), found.code, key)
    numbers = [step.position for step in checklist.steps_of(found)]
    assert numbers == list(range(1, len(numbers) + 1))


def without_capture(playbook: Playbook) -> Playbook:
    kept = [step for step in playbook.steps if step.key != "capture_evidence"]
    return replace(
        playbook, steps=tuple(replace(s, after=tuple(a for a in s.after if a != "capture_evidence")) for s in kept)
    )


def test_a_dropped_step_that_another_playbook_brings_is_owed_again(hours: time_machine.Traveller) -> None:
    found = rumour()
    making.in_force(PB01, without_capture)
    rebasing.rebase(cast.actor("binh"), found.code, PB01, 2, "bản mới")
    assert steps.step_of(found, "capture_evidence").applies is False
    checklist.start_playbook(cast.actor("an"), found.code, PB05)
    triage.set_severity(cast.actor("binh"), found.code, 3, "lan rộng")
    states = [clock.state for clock in of(found, "capture_evidence")]
    step = steps.step_of(found, "capture_evidence")
    assert (step.playbook, step.applies) == (PB05, True)
    assert states == [ClockState.cancelled, ClockState.running]


# Time alone


def respond(incident: Incident) -> None:
    moves.move(cast.actor("an"), incident.code, Status.triage)
    triage.edit(cast.actor("an"), incident.code, TRIAGED)
    assignments.assign(cast.actor("binh"), incident.code, "x_bao_nhai", Part.lead_agency)
    moves.move(cast.actor("an"), incident.code, Status.responding, reason="dân đang hoang mang")


def test_a_day_of_crisis_brings_the_press_conference_though_people_report_on_time(
    hours: time_machine.Traveller,
) -> None:
    found = rumour(4)
    respond(found)
    for _ in range(47):  # every half hour, so that no update is ever late
        hours.shift(timedelta(minutes=30))
        notes.note(cast.actor("an"), found.code, "Chưa có gì mới")
    hours.shift(timedelta(minutes=29))
    due.sweep()
    assert steps.step_of(found, "press_conference").applies is False
    hours.shift(timedelta(minutes=1))
    due.sweep()
    due.sweep()
    db.session.expire_all()
    assert steps.step_of(found, "press_conference").applies is True
    named = [entry for entry in entries(found, EntryKind.steps_changed) if "Họp báo" in str(entry.facts["appeared"])]
    assert len(named) == 1
    assert entries(found, EntryKind.update_due) == []


def test_one_faulty_incident_does_not_silence_the_others(
    hours: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = rumour(), rumour(place="xã Bắc Hà")
    real = reminders.timeline.write

    def write(actor, incident, *given, **named):  # type: ignore[no-untyped-def]
        if incident.id == broken.id:
            raise KeyError("kịch bản không còn đọc được")
        return real(actor, incident, *given, **named)

    monkeypatch.setattr(reminders.timeline, "write", write)
    hours.shift(timedelta(minutes=31))
    assert reminders.tell(utc_now()) > 0
    assert entries(sound, EntryKind.clock_overdue)
    assert not entries(broken, EntryKind.clock_overdue)


# What moved is told


def test_a_raised_level_tells_which_due_times_it_moved(hours: time_machine.Traveller) -> None:
    found = rumour()
    triage.set_severity(cast.actor("binh"), found.code, 3, "lan rộng")
    (entry,) = entries(found, EntryKind.clocks_moved)
    started = found.received_at
    times = [(started + timedelta(hours=hour)).isoformat() for hour in (24, 12)]
    assert [times == line[1:] for line in entry.facts["moved"]] == [True]
    (cause,) = {alert.cause for alert in told_of_moves()}
    (level,) = entries(found, EntryKind.severity)
    assert cause == f"entry:{found.code}:{level.number}"


def test_a_merge_that_brings_an_earlier_hour_tells_which_due_times_it_moved(hours: time_machine.Traveller) -> None:
    first = rumour()
    hours.shift(timedelta(minutes=20))
    second = rumour(place="xã Bắc Hà")
    moves.move(cast.actor("an"), first.code, Status.triage)
    moves.move(cast.actor("binh"), first.code, Status.merged, into=second.code)
    (entry,) = entries(second, EntryKind.clocks_moved)
    assert len(entry.facts["moved"]) > 1
    assert told_of_moves()


def test_a_clock_that_begins_with_its_anchor_is_not_told_as_moved(hours: time_machine.Traveller) -> None:
    found = rumour()
    doing.set_anchor(cast.actor("binh"), found.code, "impact_determined_at", utc_now())
    assert of(found, "first_statement", ClockState.running)
    assert entries(found, EntryKind.clocks_moved) == []


def test_a_met_statement_is_judged_by_the_law_of_the_corrected_day(desk: Flask) -> None:
    received = datetime(2026, 7, 1, 0, 10, tzinfo=ZONE)  # NĐ 244 has taken the place of NĐ 09 for ten minutes
    fields = {"kind": Kind.suspected_false, "category": "disaster"}
    occurred = received - timedelta(hours=2, minutes=10)
    found = intake.log(cast.actor("an"), "Tin vỡ đập", 2, happened_at=occurred, received_at=received, **fields)
    steps.do("an", found.code, "first_statement", at=received + timedelta(hours=23))
    (legal,) = [clock for clock in of(found, "first_statement") if clock.hard]
    assert (legal.basis, legal.state) == ("nd244_7_3", ClockState.met)
    before_midnight = received - timedelta(minutes=20)
    doing.set_anchor(cast.actor("binh"), found.code, "received_at", before_midnight, "đến trước nửa đêm")
    (legal,) = [clock for clock in of(found, "first_statement") if clock.hard]
    assert (legal.basis, legal.state, legal.first_result) == ("nd09_6_3a", ClockState.met_late, ClockState.met)
    assert legal.due_at == occurred + timedelta(hours=24)
    assert "NĐ 09" in legal.citation


# Waivers


def test_a_waived_update_is_followed_by_the_next(hours: time_machine.Traveller) -> None:
    found = rumour()
    (update,) = rhythm.of(found)
    hours.shift(timedelta(hours=1))
    waiving.waive(cast.actor("son"), found.code, update.id, "họp giao ban")
    (following,) = rhythm.of(found)
    assert following.due_at == utc_now() + timedelta(hours=8)


def test_a_waived_time_of_a_repeating_step_is_followed_by_the_next(hours: time_machine.Traveller) -> None:
    found = rumour(3, category="disaster")
    steps.do("an", found.code, "periodic_update")
    (clock,) = of(found, "periodic_update", ClockState.running)
    hours.shift(timedelta(hours=1))
    waiving.waive(cast.actor("binh"), found.code, clock.id, "chưa có gì mới")
    (following,) = of(found, "periodic_update", ClockState.running)
    assert following.due_at == utc_now() + timedelta(hours=2)


def test_a_clock_waived_by_itself_stays_waived_when_its_step_is_reopened(hours: time_machine.Traveller) -> None:
    found = rumour()
    (clock,) = of(found, "capture_evidence")
    waiving.waive(cast.actor("binh"), found.code, clock.id, "đã có ảnh từ trước")
    steps.do("an", found.code, "capture_evidence")
    doing.reopen(cast.actor("an"), found.code, "capture_evidence", "nhầm ảnh")
    (clock,) = of(found, "capture_evidence")
    assert (clock.state, clock.reason) == (ClockState.waived, "đã có ảnh từ trước")


def test_a_skip_taken_back_lets_its_clocks_run_again(hours: time_machine.Traveller) -> None:
    found = rumour()
    doing.skip(cast.actor("binh"), found.code, "capture_evidence", "không cần")
    doing.reopen(cast.actor("binh"), found.code, "capture_evidence", "vẫn cần")
    (clock,) = of(found, "capture_evidence")
    assert (clock.state, clock.reason) == (ClockState.running, "")


# A kind with a playbook of its own


def test_an_incident_known_to_be_harmful_gets_the_playbook_for_it(hours: time_machine.Traveller) -> None:
    found = rumour(3)
    triage.edit(cast.actor("an"), found.code, {"kind": Kind.harmful_content})
    assert [row["code"] for row in found.playbooks] == ["PB-01", "PB-06"]
    assert found.restricted
    assert any(step.playbook == "pb06_harmful_incitement" for step in db.session.scalars(select(Step)))
