"""An acceptance with a note and an expected time, which expires: asked once, then given back (bot.md 6, D47)."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from incidents import due
from incidents.cases import assignments, holding, intake, moves, notes
from incidents.cases.models import Assignment, Clock, Entry, Incident
from incidents.db import db, transaction, utc_now
from incidents.errors import BadInput, NotOpen
from incidents.people.members import by_username
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, ClockState, EntryKind, Kind
from tests import cast


@pytest.fixture
def held(desk: Flask) -> Incident:
    """Serious, held by An; xã Bảo Nhai has accepted its part."""
    incident = intake.log(cast.actor("mai"), "Tin vỡ đập", 3, place="xã Bảo Nhai")
    assignments.acknowledge(cast.actor("an"), incident.code)
    assignments.acknowledge(cast.actor("giang"), incident.code)
    return incident


def part(incident: Incident) -> Assignment:
    return next(row for row in assignments.open_parts(incident) if row.agency.code == "x_bao_nhai")


def told(kind: AlertKind) -> list[int | None]:
    return list(db.session.scalars(select(Alert.member_id).where(Alert.kind == kind).order_by(Alert.id)))


def kinds(kind: EntryKind) -> list[Entry]:
    return list(db.session.scalars(select(Entry).where(Entry.kind == kind).order_by(Entry.id)))


def later(minutes: float) -> time_machine.travel:
    return time_machine.travel(utc_now() + timedelta(minutes=minutes))


def test_accepting_may_say_a_word_and_when_the_answer_comes(desk: Flask) -> None:
    incident = intake.log(cast.actor("mai"), "Tin vỡ đập", 3, place="xã Bảo Nhai")
    at = utc_now() + timedelta(hours=5)
    assignments.acknowledge(cast.actor("giang"), incident.code, note="đang cử người ra đập", expected_at=at)
    row, entry = part(incident), kinds(EntryKind.acknowledged)[0]
    assert (row.note, row.expected_at, row.expires_at) == ("đang cử người ra đập", at, at)
    assert (entry.text, entry.facts["expected_at"]) == ("đang cử người ra đập", at.isoformat())
    assert holding.watch(at - timedelta(seconds=1)) == 0


@pytest.mark.parametrize("minutes", [-1, 0, 31 * 24 * 60])
def test_an_expected_time_that_has_passed_or_lies_too_far_is_refused(desk: Flask, minutes: int) -> None:
    incident = intake.log(cast.actor("mai"), "Tin vỡ đập", 3)
    with pytest.raises(BadInput) as refused:
        assignments.acknowledge(cast.actor("an"), incident.code, expected_at=utc_now() + timedelta(minutes=minutes))
    assert refused.value.field == "expected_at"
    assert incident.holder_id is None


@pytest.mark.parametrize(("severity", "minutes"), [(4, 30), (3, 60), (2, 240), (1, 1440)])
def test_the_holder_is_asked_after_the_silence_of_the_level(desk: Flask, severity: int, minutes: int) -> None:
    incident = intake.log(cast.actor("mai"), "Tin vỡ đập", severity, kind=Kind.watch)
    assignments.acknowledge(cast.actor("an"), incident.code)
    assert incident.held_at is not None
    assert holding.watch(incident.held_at + timedelta(minutes=minutes - 0.1)) == 0
    assert holding.watch(incident.held_at + timedelta(minutes=minutes + 0.1)) == 1
    assert told(AlertKind.still) == [by_username("an").id]


def test_ten_minutes_without_an_answer_give_it_back_and_the_ladder_begins_anew(held: Incident) -> None:
    with later(61):
        due.sweep()
    assert told(AlertKind.still) == [by_username("an").id, by_username("giang").id]
    with later(70.9):
        holding.watch()
        assert held.holder_id == by_username("an").id
    with later(71.2):
        assert holding.watch() == 2
        assert holding.watch() == 0
        assert held.holder_id is None
        assert part(held).accepted_at is None
        assert [entry.facts["by_hand"] for entry in kinds(EntryKind.given_back)] == [False, False]
        running = db.session.scalars(
            select(Clock.due_at).where(Clock.state == ClockState.running, Clock.name.startswith("Nhận việc"))
        ).all()
        assert sorted((at - utc_now()).total_seconds() // 60 for at in running if at) == [9, 14]
    called = db.session.execute(
        select(Alert.member_id, Alert.facts).where(Alert.kind == AlertKind.escalation).order_by(Alert.id)
    ).all()
    names = {by_username(name).id: name for name in cast.CHATS}
    assert [names[member_id] for member_id, _ in called if member_id] == ["an", "mai", "giang"]
    assert {facts["again"] for _, facts in called} == {"given_back"}
    with later(82):
        due.sweep()
        assert told(AlertKind.escalation)[-1] == by_username("son").id, "the deputy, ten minutes after it came back"


def test_whoever_answers_keeps_it(held: Incident) -> None:
    with later(61):
        holding.watch()
        holding.still_here(cast.actor("an"), held.code)
    with later(75):
        holding.watch()
    assert held.holder_id == by_username("an").id
    assert part(held).accepted_at is None, "the commune has not answered"
    assert kinds(EntryKind.acknowledged)[-1].facts == {"still": True}


def test_what_people_write_puts_the_question_off(held: Incident) -> None:
    with later(50), transaction():
        holding.heard(held, cast.actor("giang").agency_id, utc_now())
    with later(109):
        assert holding.watch() == 0
    with later(111):
        assert holding.watch() == 2


def test_a_note_is_such_a_word(held: Incident) -> None:
    with later(50):
        notes.note(cast.actor("giang"), held.code, "đã cử người ra đập")
    with later(70):
        assert holding.watch() == 0


def test_after_a_stop_the_question_comes_first(held: Incident) -> None:
    with later(72 * 60):
        assert holding.watch() == 2
        assert held.holder_id == by_username("an").id
    with later(72 * 60 + 11):
        holding.watch()
        assert held.holder_id is None


def test_given_back_by_hand_it_waits_for_somebody_else(held: Incident) -> None:
    holding.give_back(cast.actor("an"), held.code, "hết ca")
    assert held.holder_id is None
    assert kinds(EntryKind.given_back)[0].text == "hết ca"
    assert told(AlertKind.escalation) == [by_username("mai").id], "nobody is told of his own action"
    assignments.acknowledge(cast.actor("mai"), held.code)
    assert held.holder_id == by_username("mai").id


def test_an_agency_gives_back_its_own_part_only(held: Incident) -> None:
    holding.give_back(cast.actor("giang"), held.code, "ngoài địa bàn xã")
    assert part(held).accepted_at is None
    assert held.holder_id == by_username("an").id


def test_giving_back_needs_a_reason_and_something_to_give_back(held: Incident) -> None:
    with pytest.raises(BadInput):
        holding.give_back(cast.actor("an"), held.code, " ")
    with pytest.raises(holding.NotHeld):
        holding.give_back(cast.actor("mai"), held.code, "nhầm")
    with pytest.raises(holding.NotHeld):
        holding.still_here(cast.actor("binh"), held.code)


def test_what_has_ended_is_asked_of_nobody(desk: Flask) -> None:
    incident = intake.log(cast.actor("mai"), "Tin vỡ đập", 2, kind=Kind.watch)
    assignments.acknowledge(cast.actor("an"), incident.code)
    moves.move(cast.actor("an"), incident.code, "not_accepted", reason="duplicate")
    with later(300):
        assert holding.watch() == 0
    with pytest.raises(NotOpen):
        holding.still_here(cast.actor("an"), incident.code)
    assert db.session.scalar(select(func.count(Alert.id)).where(Alert.kind == AlertKind.still)) == 0
