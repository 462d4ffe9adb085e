"""Due times after a change of the calendar: running clocks are counted anew, one entry per incident (domain 9.2.6)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from incidents.cases import audience, clocks, timeline
from incidents.cases.models import Clock, Incident
from incidents.cases.visibility import lock
from incidents.db import db, transaction
from incidents.permissions import Actor
from incidents.planning import amendments
from incidents.planning.models import Amendment
from incidents.telling import alerts
from incidents.vocabulary import AlertKind, ClockState, EntryKind
from playbooks.worktime import Calendar, after

COUNTED = ("working_hour", "working_day", "day", "month")
"""Units whose due time may move with the calendar."""

_BEFORE_THE_END = timedelta(minutes=30)  # a warning so long before the end keeps its distance (domain 9.2.3)


def decide_calendar(actor: Actor, amendment_id: int, approve: bool, note: str = "") -> Amendment:
    """Decide a proposal for the calendar or the working hours; an approved one moves the running clocks with it.

    Raises what ``amendments.decide`` raises, and ``NotFound`` for a proposal of another subject.
    """
    with transaction():
        row = amendments.decide(actor, amendment_id, approve, note, subjects=("calendar", "hours"))
        if approve:
            recount(actor, row.reason)
        return row


def recount(actor: Actor, reason: str) -> int:
    """Count every running clock of open incidents anew. Returns how many incidents changed.

    What has been met, missed, waived or closed stays as it is; a clock that was late already keeps that as its first
    result. Call inside the transaction of the change.
    """
    with transaction():
        calendar = clocks.calendar()
        touched = sorted({clock.incident_id for clock in _running() if _due(clock, calendar) != clock.due_at})
        return sum(_recount(actor, incident_id, calendar, reason) for incident_id in touched)


def _running(incident_id: int | None = None) -> Sequence[Clock]:
    wanted = (
        select(Clock)
        .join(Incident)
        .where(Incident.is_open.is_(True), Clock.state == ClockState.running, Clock.unit.in_(COUNTED))
        .order_by(Clock.id)
    )
    if incident_id is not None:
        wanted = wanted.where(Incident.id == incident_id).execution_options(populate_existing=True)
    return db.session.scalars(wanted).all()


def _due(clock: Clock, calendar: Calendar) -> datetime | None:
    return after(clock.anchor_at, clock.amount, clock.unit, calendar) if clock.anchor_at else None


def _recount(actor: Actor, incident_id: int, calendar: Calendar, reason: str) -> bool:
    """One incident, locked and read afresh: between the look and the lock a clock may have been met."""
    incident = db.session.get_one(Incident, incident_id)
    lock(incident)
    moved = [line for clock in _running(incident_id) if (line := _move(clock, _due(clock, calendar)))]
    if not moved:
        return False
    db.session.flush()
    clocks.point_at_next(incident)
    entry = timeline.write(actor, incident, EntryKind.clocks_moved, reason, facts={"moved": moved})
    db.session.flush()
    cause = f"entry:{incident.code}:{entry.number}"
    people = audience.working_on(incident)
    alerts.tell(AlertKind.clock_moved, people, cause, incident=incident, facts={"moved": moved}, besides=actor)
    alerts.edit_cards(incident_id=incident.id, cause=cause)
    return True


def _move(clock: Clock, due_at: datetime | None) -> list[str] | None:
    """[name, old due, new due] of a clock that moved, None of one that stays."""
    old, anchor_at = clock.due_at, clock.anchor_at
    if due_at is None or old is None or anchor_at is None or due_at == old:
        return None
    clocks.keep_breach(clock)
    clocks.run(clock, anchor_at, due_at, _warnings(clock, anchor_at, old, due_at))
    return [clock.name, old.isoformat(), due_at.isoformat()]


def _warnings(clock: Clock, anchor_at: datetime, old: datetime, due_at: datetime) -> list[datetime]:
    """Each warning at its share of the time as before."""
    if old <= anchor_at or due_at <= anchor_at:
        return []
    scale = (due_at - anchor_at) / (old - anchor_at)
    moved = {
        due_at - _BEFORE_THE_END if old - at == _BEFORE_THE_END else anchor_at + (at - anchor_at) * scale
        for at in clocks.warnings(clock)
    }
    return sorted(at.replace(microsecond=0) for at in moved)
