"""What one look at the time costs: nothing due, with and without ended clocks; and per clock that is told."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update

from incidents import due
from incidents.cases.models import Clock, Escalation, Incident
from incidents.db import db, transaction, utc_now

OPEN_CLOCKS = 10_000
TOLD = 50


def open_clocks() -> int:
    return db.session.scalar(select(func.count(Clock.id)).where(Clock.state.in_(("running", "waiting")))) or 0


def quiet() -> None:
    """Nothing is due for a day: every mark, rung and question lies ahead."""
    later = utc_now() + timedelta(days=1)
    with transaction():
        db.session.execute(update(Clock).where(Clock.next_mark_at.is_not(None)).values(next_mark_at=later))
        db.session.execute(update(Escalation).where(Escalation.next_at.is_not(None)).values(next_at=later))


def end_after(clock_id: int) -> int:
    """Everything after that clock belongs to incidents that have ended. Returns how many clocks that are."""
    with transaction():
        first = db.session.scalar(select(Clock.incident_id).where(Clock.id == clock_id)) or 0
        ended = Incident.id > first
        db.session.execute(update(Incident).where(ended).values(is_open=False, status="closed", still_at=None))
        db.session.execute(
            update(Escalation).where(Escalation.incident_id > first).values(state="stopped", next_at=None)
        )
        changed = update(Clock).where(Clock.incident_id > first).values(state="cancelled", next_mark_at=None)
        db.session.execute(changed)
    return db.session.scalar(select(func.count(Clock.id)).where(Clock.incident_id > first)) or 0


def telling(clock_ids: list[int]) -> dict[str, Any]:
    """Clocks that have come due, told one by one: milliseconds of each."""
    now = utc_now()
    with transaction():
        past = {"next_mark_at": now - timedelta(minutes=1), "due_at": now - timedelta(minutes=1), "state": "running"}
        db.session.execute(update(Clock).where(Clock.id.in_(clock_ids)).values(**past))
    start = time.perf_counter()
    told = due.sweep(now)
    return {"told": told, "ms_per_clock": round((time.perf_counter() - start) * 1000 / max(told, 1), 2)}


def first_clocks() -> list[int]:
    """Running clocks of as many incidents."""
    wanted = select(func.min(Clock.id)).where(Clock.state == "running", Clock.step_id.is_not(None))
    return list(db.session.scalars(wanted.group_by(Clock.incident_id).limit(TOLD)))


def measure(reading: Callable[[Callable[[], object]], dict[str, float]]) -> dict[str, Any]:
    """On a desk full of open incidents, whose later ones are ended on the way."""
    quiet()
    all_open = {"open_clocks": open_clocks(), **reading(lambda: due.sweep())}
    last = db.session.scalar(select(Clock.id).order_by(Clock.id).offset(OPEN_CLOCKS).limit(1)) or 0
    ended = end_after(last)
    few_open = {"open_clocks": open_clocks(), "ended_clocks": ended, **reading(lambda: due.sweep())}
    return {"all_open": all_open, "most_ended": few_open, "due": telling(first_clocks())}
