"""Climbing until somebody answers: each rung once, empty levels passed, restarts harmless (bot.md 11, D17, D77, D78)."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update
from sqlalchemy.exc import OperationalError

from incidents.cases import assignments, escalation, intake, moves, quick_reports, sorting, triage
from incidents.cases.models import Assignment, Entry, Escalation, Incident
from incidents.cases.waiting import Waiting
from incidents.db import db, transaction, utc_now
from incidents.people.members import by_username
from incidents.people.models import MemberRole, Shift
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, AlertState, EntryKind, Kind, Part
from tests import cast


@pytest.fixture
def crisis(desk: Flask) -> Incident:
    return intake.log(cast.actor("mai"), "Tin vỡ đập", 4)


def after(incident: Incident, minutes: float) -> datetime:
    return incident.opened_at + timedelta(minutes=minutes)


def called(kind: AlertKind = AlertKind.escalation) -> list[list[str]]:
    """Who was told, one list per event, in their order."""
    rows = db.session.execute(select(Alert.cause, Alert.member_id).where(Alert.kind == kind).order_by(Alert.id))
    people = {by_username(name).id: name for name in cast.CHATS}
    found: dict[str, list[str]] = {}
    for cause, member_id in rows:
        if member_id is not None:
            found.setdefault(cause, []).append(people[member_id])
    return list(found.values())


def climbed() -> list[dict[str, object]]:
    return [
        e.facts for e in db.session.scalars(select(Entry).where(Entry.kind == EntryKind.escalated).order_by(Entry.id))
    ]


def leave(*usernames: str) -> None:
    """They hold no role any more."""
    ids = [by_username(name).id for name in usernames]
    with transaction():
        db.session.execute(
            update(MemberRole)
            .where(MemberRole.member_id.in_(ids))
            .values(valid_to=utc_now().date() - timedelta(days=2))
        )


def on_shift(username: str, hours: float = 8) -> None:
    member, now = by_username(username), utc_now()
    with transaction():
        db.session.add(
            Shift(
                agency_id=member.agency_id,
                member_id=member.id,
                made_at=now,
                starts_at=now - timedelta(minutes=1),
                ends_at=now + timedelta(hours=hours),
            )  # fmt: skip
        )


def test_a_crisis_tells_duty_and_lead_at_once_then_the_deputy_then_the_leader(crisis: Incident) -> None:
    assert called(AlertKind.incident_new) == [["an", "binh"]]
    assert escalation.climb(after(crisis, 4.9)) == 0
    escalation.climb(after(crisis, 5.1))
    escalation.climb(after(crisis, 10.1))
    assert called() == [["son"], ["ha"]]
    assert [(f["minutes"], f["told"]) for f in climbed()] == [(5, ["Lò Văn Sơn"]), (10, ["Lê Thị Hà"])]


def test_acceptance_stops_the_ladder(crisis: Incident) -> None:
    escalation.climb(after(crisis, 5.1))
    assignments.acknowledge(cast.actor("an"), crisis.code)
    assert escalation.climb(after(crisis, 600)) == 0
    assert called() == [["son"]]
    assert db.session.scalars(select(Escalation.state).where(Escalation.next_at.is_not(None))).all() == []


def test_the_last_level_is_told_three_times_more_then_the_board_shows_that_nobody_answers(crisis: Incident) -> None:
    for minutes in (5.1, 10.1, 20.2, 30.3, 40.4):
        escalation.climb(after(crisis, minutes))
    assert called() == [["son"], ["ha"], ["ha"], ["ha"], ["ha"]]
    assert [f["round"] for f in climbed()] == [0, 0, 1, 2, 3]
    escalation.climb(after(crisis, 50.5))
    assert climbed()[-1]["told"] == []
    assert called()[-1] == ["binh", "son"], "the leads hear that nobody has answered"
    shown = select(func.count(Alert.id)).where(Alert.state == AlertState.failed, Alert.incident_id == crisis.id)
    assert db.session.scalar(shown) == 1
    assert escalation.climb(after(crisis, 6000)) == 0
    assignments.acknowledge(cast.actor("an"), crisis.code)
    assert db.session.scalar(shown) == 0, "answered, the board shows it no more"


def test_an_empty_level_is_passed_at_once(crisis: Incident) -> None:
    leave("son")
    escalation.climb(after(crisis, 5.1))
    assert called() == [["ha"]]
    assert climbed()[0]["skipped"] == ["deputy"]


def test_an_empty_first_level_is_passed_while_logging(desk: Flask) -> None:
    leave("an", "mai")
    incident = intake.log(cast.actor("binh"), "Tin đồn", 3)
    assert called() == [["son"]]
    assert climbed()[0]["skipped"] == ["duty"]
    assert escalation.climb(after(incident, 9.9)) == 0
    escalation.climb(after(incident, 20.1))
    assert called() == [["son"], ["binh"]], "the lead at his own minute, the deputy not twice"


def test_where_only_one_of_those_told_at_once_is_missing_the_others_get_their_card(desk: Flask) -> None:
    leave("binh")
    intake.log(cast.actor("mai"), "Tin vỡ đập", 4)
    assert called(AlertKind.incident_new) == [["an"]]
    assert called() == []
    assert climbed()[0]["skipped"] == ["lead"]


@pytest.mark.promise("R12")
def test_where_nobody_is_left_the_entry_the_board_and_the_lead_say_so(desk: Flask) -> None:
    incident = intake.log(cast.actor("mai"), "Tin đồn", 3)
    leave("an", "mai", "son", "binh")
    escalation.climb(after(incident, 10.1))
    assert climbed()[-1]["told"] == []
    assert db.session.scalars(select(Alert.reason).where(Alert.state == AlertState.failed)).all() == [escalation.NOBODY]
    assert escalation.climb(after(incident, 600)) == 0


def test_those_on_shift_stand_for_duty(desk: Flask) -> None:
    on_shift("mai")
    intake.log(cast.actor("binh"), "Tin đồn", 2)
    assert called(AlertKind.incident_new) == [["mai"]]


def test_whoever_logs_it_on_his_own_shift_is_not_passed_over(desk: Flask) -> None:
    on_shift("an")
    incident = intake.log(cast.actor("an"), "Tin đồn", 3)
    assert called(AlertKind.incident_new) == []
    escalation.climb(after(incident, 10.1))
    assert called() == [["son"]]


@pytest.mark.parametrize("hours", [1, 30, 72])
def test_after_a_stop_the_levels_passed_are_climbed_at_once_and_marked_late(crisis: Incident, hours: int) -> None:
    now = after(crisis, hours * 60)
    escalation.climb(now)
    escalation.climb(now)
    assert called() == [["son"], ["ha"]]
    assert all(f["told_late"] for f in climbed())
    escalation.climb(now + timedelta(minutes=10, seconds=1))
    assert called() == [["son"], ["ha"], ["ha"]], "a repetition waits ten minutes all the same"


def test_several_workers_climb_a_level_once(desk: Flask, crisis: Incident) -> None:
    now, gate = after(crisis, 10.1), threading.Barrier(4)
    db.session.remove()

    def work() -> None:
        with desk.app_context():
            gate.wait()
            escalation.climb(now)
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert called() == [["son"], ["ha"]]


def test_an_agency_added_later_has_a_ladder_of_its_own(crisis: Incident) -> None:
    assignments.acknowledge(cast.actor("an"), crisis.code)
    assignments.assign(cast.actor("binh"), crisis.code, "x_bac_ha")
    part = db.session.scalars(select(Assignment).where(Assignment.part == Part.support)).one()
    escalation.climb(part.assigned_at + timedelta(minutes=15, seconds=5))
    assert called() == [["son"]]
    assert climbed()[-1]["agency"] == part.agency.label
    escalation.climb(part.assigned_at + timedelta(minutes=30, seconds=5))
    assert called() == [["son"], ["binh"]], "the commune has no head here: passed at once"
    assignments.acknowledge(cast.actor("pao"), crisis.code)
    assert escalation.climb(part.assigned_at + timedelta(days=1)) == 0


def test_an_agency_without_anybody_is_passed_at_once(crisis: Incident) -> None:
    assignments.assign(cast.actor("binh"), crisis.code, "so_tu_phap")
    assert called() == [["son"]]
    assert climbed()[-1]["skipped"] == ["contact"]


def test_raised_while_nobody_holds_it_the_ladder_begins_anew(desk: Flask) -> None:
    incident = intake.log(cast.actor("mai"), "Tin đồn", 2)
    triage.set_severity(cast.actor("binh"), incident.code, 4, "báo chí đã đăng")
    raised = utc_now()
    escalation.climb(raised + timedelta(minutes=5, seconds=1))
    escalation.climb(raised + timedelta(minutes=31))
    assert called() == [["son"], ["ha"]]


def test_reopened_it_is_told_again_from_the_first_level(desk: Flask) -> None:
    incident = intake.log(cast.actor("mai"), "Tin đồn", 2, kind=Kind.watch)
    moves.move(cast.actor("an"), incident.code, "not_accepted", reason="duplicate")
    assert escalation.climb(after(incident, 31)) == 0
    moves.move(cast.actor("binh"), incident.code, "triage", reason="có tin mới")
    assert called() == [["an", "mai"]]
    escalation.climb(utc_now() + timedelta(minutes=31))
    assert called() == [["an", "mai"], ["son"]]


def test_a_quick_report_climbs_at_its_level_until_it_is_sorted(desk: Flask) -> None:
    giang = cast.actor("giang")
    report, _ = quick_reports.send(giang, "Đập có vết nứt", "t:1", severity=4, ask=False)
    assert called(AlertKind.quick_report_new) == [["an", "mai", "binh"]]
    escalation.climb(report.arrived_at + timedelta(minutes=5, seconds=30))
    escalation.climb(report.arrived_at + timedelta(minutes=10, seconds=30))
    assert called() == [["son"], ["ha"]]
    sorting.answer(cast.actor("an"), report.id, "Đã có người tới xem")
    assert escalation.climb(report.arrived_at + timedelta(days=1)) == 0


def test_a_level_named_later_climbs_by_the_higher_ladder(desk: Flask) -> None:
    giang = cast.actor("giang")
    report, _ = quick_reports.send(giang, "Đập có vết nứt", "t:1", ask=False)
    quick_reports.propose(giang, report.id, severity=4)
    assert called(AlertKind.quick_report_new) == [["an", "mai", "binh"]]
    escalation.climb(utc_now() + timedelta(minutes=5, seconds=1))
    assert called() == [["son"]]


def test_of_a_restricted_incident_only_its_readers_are_called(crisis: Incident) -> None:
    triage.restrict(cast.actor("binh"), crisis.code, [by_username("ha").id])
    escalation.climb(after(crisis, 5.1))
    assert called() == [["ha"]]
    assert climbed()[-1]["skipped"] == ["deputy"]


def test_silence_asked_for_tells_nobody_but_climbs_when_nobody_takes_it(desk: Flask) -> None:
    incident = intake.log(cast.actor("mai"), "việc nhỏ", 2, kind=Kind.watch, tell_now=False)
    assert called(AlertKind.incident_new) == []
    escalation.climb(after(incident, 30.1))
    assert called() == [["son"]]


def test_watching_only_chases_nobody(desk: Flask) -> None:
    intake.log(cast.actor("mai"), "việc nhỏ", 1, kind=Kind.watch)
    assert escalation.climb(utc_now() + timedelta(days=3)) == 0


@pytest.fixture
def statements(desk: Flask) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)


def test_a_level_costs_a_bounded_number_of_statements(desk: Flask, statements: list[str]) -> None:
    for number in range(12):
        intake.log(cast.actor("mai"), f"tin {number}", 4)
    now = utc_now()
    statements.clear()
    assert escalation.climb(now + timedelta(minutes=5, seconds=30)) == 12
    assert len(statements) <= 30, "one transaction for many, most of it in one statement each"
    statements.clear()
    assert escalation.climb(now + timedelta(minutes=6)) == 0
    assert len(statements) <= 2, "a look that finds nothing due"


def test_a_cycle_that_begins_holds_its_times_as_rows(crisis: Incident) -> None:
    row = db.session.scalars(select(Escalation)).one()
    assert row.key == f"incident:{crisis.id}:1:2"
    assert (row.target, row.due_at.astimezone(UTC) - row.started_at) == ("deputy", timedelta(minutes=5))


def test_somebody_at_work_on_one_incident_holds_up_no_other(postgres_app: Flask) -> None:
    with postgres_app.app_context():
        mai = cast.actor("mai")
        busy, free = (intake.log(mai, f"tin {number}", 4) for number in (1, 2))
        now, busy_id, free_id = after(free, 5.5), busy.id, free.id
        db.session.rollback()
        holding, done = threading.Event(), threading.Event()

        def work_on_it() -> None:
            with postgres_app.app_context():
                with transaction():
                    db.session.get_one(Incident, busy_id, with_for_update=True)
                    holding.set()
                    done.wait(30)
                db.session.remove()

        def look() -> None:
            with postgres_app.app_context():
                escalation.climb(now)
                db.session.remove()

        threads = [threading.Thread(target=work_on_it), threading.Thread(target=look)]
        threads[0].start()
        assert holding.wait(30)
        threads[1].start()
        called_for = select(Alert.incident_id).where(Alert.kind == AlertKind.escalation)
        for _ in range(200):
            time.sleep(0.05)
            db.session.rollback()
            if found := db.session.scalars(called_for).all():
                break
        assert found == [free_id]
        done.set()
        for thread in threads:
            thread.join(30)
        db.session.rollback()
        assert sorted(db.session.scalars(called_for)) == [busy_id, free_id]


def test_one_cycle_that_fails_leaves_the_others_climbing(desk: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (intake.log(cast.actor("mai"), f"tin {number}", 4) for number in (1, 2))
    spoilt, kept = first.id, escalation._alert

    def fail_once(waiting: Waiting, *more: object) -> None:
        if waiting.incident_id == spoilt:
            raise OperationalError("one", {}, Exception("spoilt"))
        kept(waiting, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(escalation, "_alert", fail_once)
    assert escalation.climb(after(second, 5.5)) == 1
    monkeypatch.undo()
    assert escalation.climb(after(second, 5.5)) == 1
    assert called() == [["son"], ["son"]]
