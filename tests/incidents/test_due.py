"""What time alone causes: each threshold told once, late ones marked, whatever stopped in between."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from incidents import due
from incidents.cases import doing, intake
from incidents.cases.models import Clock, Entry, Incident
from incidents.db import db, utc_now
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, ClockState, EntryKind, Kind
from tests import cast


@pytest.fixture
def dam(desk: Flask) -> Incident:
    return intake.log(
        cast.actor("an"), "Tin vỡ đập", 3, kind=Kind.suspected_false, category="disaster", place="xã Bảo Nhai"
    )


def entries(kind: EntryKind) -> list[Entry]:
    return list(db.session.scalars(select(Entry).where(Entry.kind == kind).order_by(Entry.id)))


def test_a_warning_comes_at_half_and_at_four_fifths_and_due_at_the_end(dam: Incident) -> None:
    told = [
        due.sweep(dam.received_at + timedelta(minutes=at, seconds=s)) for at, s in ((4, 59), (5, 1), (7, 59), (8, 1))
    ]
    assert told == [0, 1, 0, 1]
    assert [entry.facts["step_key"] for entry in entries(EntryKind.clock_soon)] == ["fast_intake"] * 2
    due.sweep(dam.received_at + timedelta(minutes=10, seconds=1))
    assert "fast_intake" in [entry.facts["step_key"] for entry in entries(EntryKind.clock_overdue)]


def test_nothing_is_told_twice_whatever_the_ticks(dam: Incident) -> None:
    for minutes in (8, 8.1, 9, 10.1, 11, 30):
        due.sweep(dam.received_at + timedelta(minutes=minutes))
        written = db.session.scalar(select(func.count(Entry.id)))
        assert due.sweep(dam.received_at + timedelta(minutes=minutes)) == 0
        assert db.session.scalar(select(func.count(Entry.id))) == written


@pytest.mark.promise("R13")
@pytest.mark.parametrize("hours", [1, 30, 72])
def test_a_worker_that_stopped_tells_each_threshold_once_and_says_it_is_late(dam: Incident, hours: int) -> None:
    now = dam.received_at + timedelta(hours=hours, minutes=5)
    due.sweep(now)
    due.sweep(now)
    overdue = entries(EntryKind.clock_overdue)
    keys = [(entry.facts["step_key"], entry.facts["due_at"]) for entry in overdue]
    assert len(keys) == len(set(keys)) > 0
    assert all(entry.facts["told_late"] for entry in overdue)
    assert all(entry.happened_at.isoformat() == entry.facts["due_at"] for entry in overdue)


def test_an_overdue_clock_keeps_running_and_can_still_be_met_late(dam: Incident) -> None:
    due.sweep(dam.received_at + timedelta(minutes=11))
    clock = db.session.scalar(
        select(Clock).where(
            Clock.incident_id == dam.id, Clock.amount == 10, Clock.unit == "minute", Clock.step_id.is_not(None)
        )
    )
    assert clock is not None
    assert clock.state == ClockState.running


def test_a_step_that_is_done_is_not_told(dam: Incident) -> None:
    doing.tick(cast.actor("an"), dam.code, "fast_intake")
    due.sweep(dam.received_at + timedelta(minutes=11))
    assert "fast_intake" not in [entry.facts["step_key"] for entry in entries(EntryKind.clock_overdue)]


def test_those_who_work_on_it_are_told_and_nobody_else(dam: Incident) -> None:
    due.sweep(dam.received_at + timedelta(minutes=9))
    told = set(db.session.scalars(select(Alert.member_id).where(Alert.kind == AlertKind.step_soon)))
    assert told == {cast.actor(name).id for name in ("an", "mai", "binh", "son", "giang")}


def test_many_clocks_are_told_in_one_sweep(desk: Flask) -> None:
    for number in range(60):
        intake.log(cast.actor("an"), f"tin {number}", 3, kind=Kind.suspected_false, category="disaster")
    assert due.sweep(utc_now() + timedelta(hours=3)) > 100
    assert due.sweep(utc_now() + timedelta(hours=3)) == 0
