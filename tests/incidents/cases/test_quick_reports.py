"""Quick reports: stored first, never doubled, told even when nobody answers, sorted by a person."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from incidents import due
from incidents.cases import clocks, intake, quick_reports, sorting
from incidents.cases.models import Entry, Incident, QuickReport
from incidents.db import db, utc_now
from incidents.errors import AlreadyDone, BadInput, NotAllowed, NotFound, StateSecret
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, AlertState, EntryKind, Kind, QuickReportState
from tests import cast

WORDS = "Có tin vỡ đập, dân hoang mang"


@pytest.fixture
def report(desk: Flask) -> QuickReport:
    return quick_reports.send(cast.actor("giang"), WORDS, "telegram:1")[0]


def told(report: QuickReport) -> set[int | None]:
    return set(
        db.session.scalars(
            select(Alert.member_id).where(Alert.quick_report_id == report.id, Alert.kind == AlertKind.quick_report_new)
        )
    )


def test_the_same_message_is_the_same_report(report: QuickReport) -> None:
    again, new = quick_reports.send(cast.actor("giang"), WORDS, "telegram:1")
    assert (again.id, new) == (report.id, False)
    assert db.session.scalar(select(func.count()).select_from(QuickReport)) == 1


def test_it_is_stored_before_anybody_is_told(report: QuickReport) -> None:
    assert report.number == "BN-0001"
    assert report.state == QuickReportState.asked
    assert told(report) == set()


def test_level_and_kind_tell_duty_at_the_proposed_level(report: QuickReport) -> None:
    giang = cast.actor("giang")
    quick_reports.propose(giang, report.id, severity=4)
    assert told(report) == set()
    quick_reports.propose(giang, report.id, kind=Kind.suspected_false)
    assert told(report) == {cast.actor(name).id for name in ("an", "mai", "binh")}


def test_without_answers_duty_is_told_after_three_minutes_once(report: QuickReport) -> None:
    due.sweep(utc_now() + timedelta(minutes=2, seconds=50))
    assert told(report) == set()
    for _ in range(3):
        due.sweep(utc_now() + timedelta(minutes=3, seconds=1))
    assert told(report) == {cast.actor("an").id, cast.actor("mai").id}
    assert db.session.scalar(select(func.count(Alert.id)).where(Alert.kind == AlertKind.quick_report_new)) == 2


def test_clocks_of_the_incident_run_from_the_reports_arrival(report: QuickReport) -> None:
    arrived = report.arrived_at
    with time_machine.travel(utc_now() + timedelta(minutes=20)):
        incident = sorting.open_incident(
            cast.actor("an"), report.id, severity=3, kind=Kind.suspected_false, category="disaster", place="Bảo Nhai"
        )
    assert incident.received_at == arrived
    assert clocks.anchors_of(incident)["received_at"] == arrived
    assert incident.next_due_at == arrived + timedelta(minutes=10)
    assert report.state == QuickReportState.opened


def test_the_sender_is_told_the_code(report: QuickReport) -> None:
    sorting.open_incident(cast.actor("an"), report.id, severity=2, kind=Kind.suspected_false)
    answer = db.session.scalar(select(Alert).where(Alert.kind == AlertKind.quick_report_answer))
    assert answer is not None
    assert (answer.member_id, answer.facts["key"]) == (cast.actor("giang").id, "qr.opened")


def test_two_officers_who_open_it_get_one_incident(report: QuickReport) -> None:
    sorting.open_incident(cast.actor("an"), report.id, severity=2)
    with pytest.raises(AlreadyDone):
        sorting.open_incident(cast.actor("mai"), report.id, severity=2)
    assert db.session.scalar(select(func.count()).select_from(Incident)) == 1


def test_joining_moves_the_clocks_back_to_the_earlier_arrival(report: QuickReport) -> None:
    with time_machine.travel(utc_now() + timedelta(minutes=6)):
        incident = intake.log(
            cast.actor("an"), "Tin vỡ đập", 3, kind=Kind.suspected_false, category="disaster", place="xã Bảo Nhai"
        )
        sorting.link(cast.actor("an"), report.id, incident.code)
    assert incident.received_at == report.arrived_at
    assert incident.next_due_at == report.arrived_at + timedelta(minutes=10)
    entries = db.session.scalars(select(Entry).where(Entry.kind == EntryKind.quick_report)).all()
    assert [entry.text for entry in entries] == [WORDS]


def test_answering_and_ignoring_need_words(report: QuickReport) -> None:
    with pytest.raises(BadInput):
        sorting.ignore(cast.actor("an"), report.id, "  ")
    sorting.ignore(cast.actor("an"), report.id, "tin thử")
    assert (report.state, report.reason) == (QuickReportState.ignored, "tin thử")


def test_more_text_joins_the_report_and_later_the_timeline(report: QuickReport) -> None:
    giang = cast.actor("giang")
    quick_reports.add_part(giang, report.id, "telegram:2", kind="text", text="ở thôn 3")
    incident = sorting.open_incident(cast.actor("an"), report.id, severity=2)
    part, new = quick_reports.add_part(giang, report.id, "telegram:3", kind="edit", text="ở thôn 4")
    assert new
    assert quick_reports.add_part(giang, report.id, "telegram:3", kind="edit", text="ở thôn 4") == (part, False)
    texts = db.session.scalars(select(Entry.text).where(Entry.incident_id == incident.id)).all()
    assert any("ở thôn 3" in text for text in texts)
    assert "ở thôn 4" in texts


def test_it_is_withdrawn_within_two_minutes_only(report: QuickReport) -> None:
    giang = cast.actor("giang")
    quick_reports.propose(giang, report.id, severity=2, kind=Kind.watch)
    with time_machine.travel(utc_now() + timedelta(minutes=3)), pytest.raises(quick_reports.TooLate):
        quick_reports.withdraw(giang, report.id)
    with pytest.raises(quick_reports.TooLate):
        quick_reports.withdraw(cast.actor("an"), report.id)
    quick_reports.withdraw(giang, report.id)
    states = set(db.session.scalars(select(Alert.state).where(Alert.kind == AlertKind.quick_report_new)))
    assert states == {AlertState.superseded}
    assert report.text == WORDS


def test_another_agency_neither_sees_nor_sorts_it(report: QuickReport) -> None:
    with pytest.raises(NotFound):
        quick_reports.get(cast.actor("pao"), report.id)
    with pytest.raises(NotAllowed):
        sorting.open_incident(cast.actor("giang"), report.id)


@pytest.mark.parametrize("username", ["phong", "lan", "chi"])
def test_press_auditor_and_admin_send_none(desk: Flask, username: str) -> None:
    with pytest.raises(NotAllowed):
        quick_reports.send(cast.actor(username), WORDS, "x:1")


def test_a_stamp_or_too_long_a_text_stores_nothing(desk: Flask) -> None:
    with pytest.raises(StateSecret):
        quick_reports.send(cast.actor("giang"), "MẬT\nkế hoạch diễn tập", "x:1")
    with pytest.raises(BadInput):
        quick_reports.send(cast.actor("giang"), "x" * 20_000, "x:2")
    assert db.session.scalar(select(func.count()).select_from(QuickReport)) == 0
