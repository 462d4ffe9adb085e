"""The third level of a thousand incidents nobody takes: each is called, in order and once, and how long it takes.

``SOAK=1`` runs it with 1,000 open incidents; else with 100. The worker looks every two seconds (``desk.worker``), so the
delay of a level is the look it waits for, and the time in which that look climbs its ladders, which it does first.
"""

import os
import time
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from desk.worker import TICK_SECONDS
from incidents import due
from incidents.cases import escalation, intake
from incidents.cases.models import Escalation, Incident
from incidents.db import db
from incidents.people.members import by_username
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind
from tests import cast

MANY = 1_000 if os.environ.get("SOAK") == "1" else 100


@pytest.fixture
def waiting(desk: Flask) -> int:
    """Many serious incidents that nobody takes; returns how many."""
    mai = cast.actor("mai")
    for number in range(MANY):
        intake.log(mai, f"tin số {number}", 3)
    return MANY


def called() -> dict[int, list[int]]:
    """Incident → who was called for it, in their order."""
    rows = db.session.execute(
        select(Alert.incident_id, Alert.member_id).where(Alert.kind == AlertKind.escalation).order_by(Alert.id)
    )
    found: dict[int, list[int]] = {}
    for incident_id, member_id in rows:
        found.setdefault(incident_id or 0, []).append(member_id or 0)
    return found


@pytest.mark.slow
def test_the_third_level_of_many_incidents_is_called_in_order_and_once(desk: Flask, waiting: int) -> None:
    first, last = db.session.execute(select(func.min(Incident.opened_at), func.max(Incident.opened_at))).one()
    due.sweep(last + timedelta(minutes=10, seconds=1))
    son, binh = by_username("son").id, by_username("binh").id
    db.session.rollback()
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda c, u, s, p, x, m: statements.append(s))

    # Their own minutes apart, as they were opened: what one look of the worker finds due.
    looked, climbing, looking, now = 0, 0.0, 0.0, first + timedelta(minutes=20)
    while now < last + timedelta(minutes=20, seconds=TICK_SECONDS):
        began = time.perf_counter()
        escalation.climb(now)
        climbing = max(climbing, time.perf_counter() - began)
        due.sweep(now)
        looking = max(looking, time.perf_counter() - began)
        looked, now = looked + 1, now + timedelta(seconds=TICK_SECONDS)
    late = max(looking, TICK_SECONDS) + climbing
    print(  # noqa: T201
        f"\n{db.engine.dialect.name}: {waiting} open, {looked} looks, the slowest {looking:.2f} s, its ladders {climbing:.2f} s "
        f"of it: a third level at most {late:.2f} s late; {len(statements) / waiting:.1f} statements per incident"
    )
    assert called() == {incident_id: [son, binh] for incident_id in db.session.scalars(select(Incident.id))}
    due.sweep(now)
    assert db.session.scalar(select(func.count(Escalation.id)).where(Escalation.next_at <= now)) == 0
    assert sum(len(people) for people in called().values()) == 2 * waiting


@pytest.mark.slow
def test_all_of_them_due_in_the_same_moment_are_called_once(desk: Flask, waiting: int) -> None:
    last = db.session.scalar(select(func.max(Incident.opened_at)))
    assert last is not None
    began = time.perf_counter()
    escalation.climb(last + timedelta(minutes=20, seconds=1))
    took = time.perf_counter() - began
    due.sweep(last + timedelta(minutes=20, seconds=1))
    print(f"\n{db.engine.dialect.name}: {waiting} incidents, two levels each in one look: {took:.2f} s")  # noqa: T201
    assert {tuple(people) for people in called().values()} == {(by_username("son").id, by_username("binh").id)}
    assert len(called()) == waiting
