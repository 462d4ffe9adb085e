"""A change of the calendar moves the clocks that run by it, and nothing that is over; a change of the law moves none."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import select, update

from incidents.cases import clocks, intake, recount, timeline, triage
from incidents.cases.models import Clock, Entry, Incident
from incidents.db import db, transaction, utc_now
from incidents.errors import NotAllowed
from incidents.planning import amendments, bases
from incidents.planning.amendments import propose
from incidents.planning.models import Amendment
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, ClockState, EntryKind, Kind
from playbooks import law
from playbooks.schedule import PlannedClock
from playbooks.worktime import ZONE, after
from tests import cast

FRIDAY = "2026-10-16"


def local(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=ZONE)


@pytest.fixture
def press(desk: Flask) -> Incident:
    """Wrong reporting, received on Thursday 15 October at 10:00."""
    return intake.log(cast.actor("an"), "Báo đăng sai về dự án", 2, kind=Kind.press_coverage)


def run(incident: Incident, amount: int, unit: str, name: str = "Trả lời báo") -> Clock:
    """A clock of the incident that runs from now."""
    now = utc_now()
    due = after(now, amount, unit, clocks.calendar())
    half = now + (due - now) / 2
    plan = PlannedClock("received_at", now, due, (half,), True, "own", "", amount, unit, "")
    with transaction():
        clock = clocks.add(incident, plan, name=name, name_en="")
        db.session.flush()
        clocks.point_at_next(incident)
    return clock


def day_off(day: str = FRIDAY) -> Amendment:
    return propose(cast.actor("son"), "calendar", day, {"day": "off", "name": "Nghỉ bão"}, "Công điện tránh bão")


def approve(row: Amendment) -> Amendment:
    return recount.decide_calendar(cast.actor("binh"), row.id, True)


def moved_entries(incident: Incident) -> list[Entry]:
    wanted = select(Entry).where(Entry.incident_id == incident.id, Entry.kind == EntryKind.clocks_moved)
    return list(db.session.scalars(wanted))


def test_a_day_off_moves_the_running_clocks_with_one_entry_and_tells_the_people(press: Incident) -> None:
    hours, days = run(press, 8, "working_hour"), run(press, 1, "working_day", "Xác minh")
    assert hours.due_at == local("16/10/2026 10:30")
    approve(day_off())
    assert (hours.due_at, days.due_at.astimezone(ZONE).date()) == (
        local("19/10/2026 10:30"),
        local("19/10/2026 00:00").date(),
    )
    (entry,) = moved_entries(press)
    assert (entry.actor_name, entry.text) == ("Trần Văn Bình", "Công điện tránh bão")
    lines = {name: (old, new) for name, old, new in entry.facts["moved"]}
    assert lines["Trả lời báo"] == (local("16/10/2026 10:30").astimezone(UTC).isoformat(), hours.due_at.isoformat())
    assert "Xác minh" in lines
    told = db.session.scalars(select(Alert).where(Alert.kind == AlertKind.clock_moved)).all()
    assert told
    assert all(alert.facts == entry.facts for alert in told)
    assert timeline.verify(press.code)[1] == []


def test_a_warning_keeps_its_share_of_the_time(press: Incident) -> None:
    clock = run(press, 8, "working_hour")
    now = utc_now()
    approve(day_off())
    assert clocks.warnings(clock) == [now + (clock.due_at - now) / 2]
    assert clock.next_mark_at == clocks.warnings(clock)[0]


def test_the_board_sorts_by_the_new_due_time(press: Incident) -> None:
    with transaction():
        db.session.execute(update(Clock).values(state=ClockState.cancelled))
    clock = run(press, 8, "working_hour")
    approve(day_off())
    assert press.next_due_at == clock.due_at


@pytest.mark.parametrize(("amount", "unit"), [(24, "hour"), (90, "minute"), (0, "at_once")])
def test_time_that_passes_day_and_night_stays(press: Incident, amount: int, unit: str) -> None:
    clock = run(press, amount, unit)
    before = clock.due_at
    approve(day_off())
    assert clock.due_at == before


@pytest.mark.parametrize(
    "state", [ClockState.met, ClockState.met_late, ClockState.missed, ClockState.waived, ClockState.transferred]
)
def test_what_is_over_is_not_touched(press: Incident, state: ClockState) -> None:
    clock = run(press, 8, "working_hour")
    with transaction():
        db.session.execute(update(Clock).where(Clock.id == clock.id).values(state=state, met_at=utc_now()))
    before = (clock.due_at, clock.warn_at, clock.next_mark_at)
    approve(day_off())
    db.session.refresh(clock)
    assert (clock.due_at, clock.warn_at, clock.next_mark_at, clock.state) == (*before, state)


def test_a_closed_incident_is_not_touched(press: Incident) -> None:
    clock = run(press, 8, "working_hour")
    before, entries = clock.due_at, press.entry_count
    with transaction():
        db.session.execute(update(Incident).values(is_open=False))
    approve(day_off())
    assert (clock.due_at, press.entry_count) == (before, entries)


def test_a_clock_that_was_late_keeps_that_as_its_first_result(
    press: Incident, time_machine_at: Callable[[str], Any]
) -> None:
    clock = run(press, 8, "working_hour")
    time_machine_at("2026-10-16T09:00:00+00:00")
    approve(day_off())
    assert (clock.due_at, clock.state, clock.first_result) == (
        local("19/10/2026 10:30"),
        ClockState.running,
        ClockState.missed,
    )


def test_a_refusal_moves_nothing(press: Incident) -> None:
    clock = run(press, 8, "working_hour")
    before = clock.due_at
    recount.decide_calendar(cast.actor("binh"), day_off().id, False, "Chưa có công điện")
    assert clock.due_at == before
    assert moved_entries(press) == []


def test_who_may_not_approve_moves_nothing(press: Incident) -> None:
    clock, row = run(press, 8, "working_hour"), day_off()
    before = clock.due_at
    with pytest.raises(NotAllowed):
        recount.decide_calendar(cast.actor("son"), row.id, True)
    assert clock.due_at == before


def test_other_working_hours_move_the_clocks_too(press: Incident) -> None:
    clock = run(press, 8, "working_hour")
    hours = {"hours": [["08:00", "12:00"], ["13:00", "17:00"]]}
    approve(propose(cast.actor("chi"), "hours", FRIDAY, hours, "Giờ mùa đông"))
    assert clock.due_at == local("16/10/2026 11:00")


def test_a_far_day_changes_no_incident(press: Incident) -> None:
    run(press, 8, "working_hour")
    approve(day_off("2028-03-06"))
    assert moved_entries(press) == []


def test_a_decision_that_fails_moves_nothing(press: Incident, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, row = run(press, 8, "working_hour"), day_off()
    before = clock.due_at

    def fail(*args: object, **more: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(recount.timeline, "write", fail)
    with pytest.raises(RuntimeError):
        approve(row)
    db.session.refresh(clock)
    assert clock.due_at == before
    assert db.session.get_one(Amendment, row.id).state == "proposed"


def test_a_new_law_is_for_new_incidents_only(desk: Flask, time_machine_at: Callable[[str], Any]) -> None:
    flags = {"large_impact": True}
    kind = {"kind": Kind.suspected_false, "category": "organisation"}
    running = intake.log(cast.actor("an"), "Tin sáp nhập", 2, flags=flags, **kind)
    before = {(c.id, c.basis, c.due_at, c.state) for c in clocks_of(running)}
    assert "nd244_7_3" in {basis for _, basis, _, _ in before}
    row = {"document": "NĐ 999/2026/NĐ-CP", "article": "Đ.1", "requires": "Phát ngôn trong 12 giờ.", "unit": "hour",
           "anchor": "received_at", "amount": 12, "force": "hard", "owner": "own", "valid_from": "2026-10-01", "confidence": "ok"}  # fmt: skip
    added = propose(
        cast.actor("chi"), "law", "nd999", {"action": "add", "row": row, "replaces": "nd244_7_3"}, "Nghị định mới"
    )
    time_machine_at("2026-10-15T03:10:00+00:00")
    amendments.decide(cast.actor("binh"), added.id, True)
    assert {(c.id, c.basis, c.due_at, c.state) for c in clocks_of(running)} == before
    triage.set_severity(cast.actor("binh"), running.code, 3, "Lan nhanh")  # every step is planned anew
    assert {"nd244_7_3"} & {c.basis for c in clocks_of(running)}
    assert "nd999" not in {c.basis for c in clocks_of(running)}
    fresh = intake.log(cast.actor("an"), "Tin sáp nhập khác", 2, flags=flags, **kind)
    clock = next(c for c in clocks_of(fresh) if c.basis == "nd999")
    assert (clock.citation, clock.due_at - clock.anchor_at) == ("NĐ 999/2026/NĐ-CP Đ.1", timedelta(hours=12))


def clocks_of(incident: Incident) -> list[Clock]:
    return list(db.session.scalars(select(Clock).where(Clock.incident_id == incident.id)))


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    some.datetimes(datetime(2026, 6, 1), datetime(2026, 12, 31)).map(lambda at: at.replace(tzinfo=ZONE)),  # noqa: DTZ001
    some.sampled_from(sorted(row.key for row in law.all_bases() if row.unit != "none")),
)
def test_the_regime_of_the_incidents_own_day_decides(received: datetime, key: str) -> None:
    incident = Incident(received_at=received.astimezone(UTC))
    on = clocks.regime_day(incident)
    assert on == received.date()
    row = bases.build(()).in_force(key, on)
    assert row == law.in_force(key, received.date())
    assert row is None or (row.valid_from or on) <= on <= (row.valid_to or on)
