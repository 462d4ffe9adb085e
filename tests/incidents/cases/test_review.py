"""Faults found by reading the first version again; each stays found."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from incidents import due
from incidents.cases import (
    assignments,
    checklist,
    clocks,
    doing,
    intake,
    moves,
    notes,
    quick_reports,
    sorting,
    timeline,
    triage,
)
from incidents.cases.models import Clock, Entry, Incident, QuickReport
from incidents.db import db, utc_now
from incidents.errors import BadInput, GuardNotMet, NotAllowed, NotOpen, StateSecret
from incidents.people import members
from incidents.telling import inbox
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, ClockState, EntryKind, Kind, Status
from playbooks.worktime import ZONE
from tests import cast, steps


def log(severity: int = 3, **more: object) -> Incident:
    fields: dict[str, object] = {"kind": Kind.suspected_false, "category": "disaster", "place": "xã Bảo Nhai"} | more
    return intake.log(cast.actor("an"), "Tin vỡ đập", severity, **fields)  # type: ignore[arg-type]


def running(incident: Incident) -> list[Clock]:
    wanted = select(Clock).where(Clock.incident_id == incident.id, Clock.state == ClockState.running)
    return list(db.session.scalars(wanted))


def test_a_time_typed_in_local_time_keeps_the_chain(desk: Flask) -> None:
    local = (utc_now() - timedelta(minutes=5)).astimezone(ZONE)
    incident = log(happened_at=local)
    notes.note(cast.actor("an"), incident.code, "xã báo", happened_at=local)
    doing.set_anchor(cast.actor("son"), incident.code, "impact_determined_at", local)
    db.session.rollback()
    db.session.expire_all()
    assert timeline.verify()[1] == []


def test_many_who_write_at_once_are_all_heard(desk: Flask) -> None:
    """PostgreSQL: verbs on one incident take turns; nobody gets an error for somebody else's note."""
    code, people = log().code, [cast.actor(name) for name in ("an", "mai", "binh", "son")]
    db.session.rollback()
    failed: list[Exception] = []
    gate = threading.Barrier(len(people))

    def write(index: int) -> None:
        with desk.app_context():
            gate.wait()
            for number in range(5):
                try:
                    notes.note(people[index], code, f"{index}-{number}")
                except Exception as error:
                    failed.append(error)
            db.session.remove()

    threads = [threading.Thread(target=write, args=(i,)) for i in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert db.session.scalar(select(func.count(Entry.id)).where(Entry.kind == EntryKind.note)) == 20
    assert timeline.verify()[1] == []


def test_a_reopened_incident_owes_again_from_its_reopening(desk: Flask) -> None:
    incident = log(2, kind=Kind.suspected_false, category="organisation")
    moves.move(cast.actor("binh"), incident.code, Status.not_accepted, reason="out_of_area")
    assert running(incident) == []
    before = utc_now()
    moves.move(cast.actor("binh"), incident.code, Status.triage, reason="tin lan trở lại")
    again = running(incident)
    assert "capture_evidence" in {clock.step.key for clock in again if clock.step}
    assert all(clock.anchor_at is not None and clock.anchor_at >= before for clock in again)
    assert any(clock.name == "Nhận việc" for clock in again)
    assert incident.next_due_at is not None


def test_a_field_corrected_back_brings_its_clocks_back(desk: Flask) -> None:
    incident = log()
    before = {clock.id for clock in running(incident)}
    for severity, reason in ((2, "nhầm"), (3, "đúng")):
        triage.set_severity(cast.actor("binh"), incident.code, severity, reason)
    still = {(c.name, c.amount, c.unit) for c in running(incident)}
    assert {(c.name, c.amount, c.unit) for c in db.session.scalars(select(Clock).where(Clock.id.in_(before)))} <= still


def test_a_step_belongs_to_whom_the_playbook_names(desk: Flask) -> None:
    incident = log(4)
    for key in ("activate_task_force", "first_statement"):
        with pytest.raises(NotAllowed):
            doing.tick(cast.actor("giang"), incident.code, key)
    with pytest.raises(NotAllowed):
        doing.tick(cast.actor("binh"), incident.code, "activate_task_force")
    steps.do("an", incident.code, "first_statement")  # recorded by duty, approved by a leader


@pytest.mark.parametrize(("key", "username"), [("demanded_at", "an"), ("activated_at", "binh"), ("opened_at", "binh")])
def test_anchors_that_are_decisions_are_not_typed_in_by_others(desk: Flask, key: str, username: str) -> None:
    with pytest.raises((NotAllowed, BadInput)):
        doing.set_anchor(cast.actor(username), log(2).code, key, utc_now())


def test_a_corrected_time_of_arrival_moves_the_incident_itself(desk: Flask) -> None:
    incident, earlier = log(), utc_now() - timedelta(hours=2)
    doing.set_anchor(cast.actor("binh"), incident.code, "received_at", earlier, "nhầm giờ")
    assert incident.received_at == earlier == clocks.anchors_of(incident)["received_at"]


def test_a_restricted_incident_does_not_leak_by_merging(desk: Flask) -> None:
    secret, open_ = log(2), log(2, place="xã Bắc Hà")
    triage.restrict(cast.actor("binh"), secret.code, [cast.actor("son").id or 0])
    with pytest.raises(GuardNotMet):
        moves.move(cast.actor("binh"), secret.code, Status.merged, into=open_.code)
    assert secret.status == Status.new


def test_merging_keeps_every_duty_and_the_higher_level(desk: Flask) -> None:
    rumour = log(3, received_at=utc_now() - timedelta(hours=1))
    calm = intake.log(cast.actor("an"), "chuyện khác", 1, place="xã Bắc Hà")
    moves.move(cast.actor("binh"), rumour.code, Status.merged, into=calm.code)
    assert calm.severity == 3
    assert [row["code"] for row in calm.playbooks] == ["PB-04", "PB-02"]
    legal = [c for c in running(calm) if c.hard]
    assert {c.due_at for c in legal} == {rumour.received_at + timedelta(hours=24)}
    assert checklist.steps_of(calm)


def test_a_quick_report_without_anybody_on_duty_goes_to_the_leads(desk: Flask) -> None:
    for username in ("an", "mai"):
        members.disable(members.OPERATOR, username)
    quick_reports.send(cast.actor("giang"), "Có tin vỡ đập", "web:1", ask=False)
    told = set(db.session.scalars(select(Alert.member_id)))
    assert told == {cast.actor("son").id}  # the next rung of the ladder, at once


def test_a_report_is_not_joined_to_what_has_ended(desk: Flask) -> None:
    ended = log(2)
    moves.move(cast.actor("binh"), ended.code, Status.not_accepted, reason="test_message")
    report, _ = quick_reports.send(cast.actor("giang"), "Có tin vỡ đập", "web:1", ask=False)
    with pytest.raises(NotOpen):
        sorting.link(cast.actor("an"), report.id, ended.code)
    assert db.session.get_one(QuickReport, report.id).incident_id is None


def test_raising_the_level_asks_for_somebody_to_hold_it(desk: Flask) -> None:
    incident = intake.log(cast.actor("an"), "theo dõi", 1, kind=Kind.watch)
    triage.set_severity(cast.actor("binh"), incident.code, 3, "lan rộng")
    assert sorted(clock.name for clock in running(incident)) == ["Cập nhật tình hình", "Nhận việc"]
    assignments.acknowledge(cast.actor("an"), incident.code)
    assert [clock.name for clock in running(incident)] == ["Cập nhật tình hình"]


def test_nobody_who_holds_it_in_time_is_told_to_the_next_of_the_ladder(desk: Flask) -> None:
    intake.log(cast.actor("an"), "việc nhỏ", 2, kind=Kind.communication_incident)
    due.sweep(utc_now() + timedelta(minutes=31))
    told = set(db.session.scalars(select(Alert.member_id).where(Alert.kind == AlertKind.escalation)))
    assert told == {cast.actor("son").id}


def test_what_no_column_holds_is_refused_or_fits(desk: Flask) -> None:
    assert len(log(place="x" * 200, kind=Kind.communication_incident).title) <= 300
    with pytest.raises(StateSecret):
        log(place="MẬT")
    incident = log(link="https://x.example/\x00a")
    assert "\x00" not in incident.link


def test_half_a_letter_does_not_stop_the_inbox(desk: Flask) -> None:
    update = {"update_id": 5, "message": {"chat": {"id": 1}, "text": "\ud83d vỡ đập"}}
    assert inbox.store("telegram", [update]) == 1
