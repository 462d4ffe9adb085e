"""Clocks that have come to a warning or to their end: told once each, however late the look at the time is.

Of several thresholds passed at once (the worker stood still) every one is marked, and people get one message: the
furthest, marked late. Nobody is helped by three messages of one clock in one minute.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select

from incidents.cases import audience, checklist, clocks, rhythm, timeline
from incidents.cases.models import Clock, ClockMark
from incidents.cases.visibility import lock
from incidents.db import db, transaction
from incidents.permissions import CLOCKWORK
from incidents.telling import alerts
from incidents.vocabulary import AlertKind, ClockState, EntryKind

log = logging.getLogger(__name__)

LATE_AFTER = timedelta(minutes=2)  # told later than this after its threshold, the alert says "muộn"
BATCH = 100


def tell(now: datetime) -> int:
    """Tell every threshold that has been reached. Returns how many clocks were told.

    Safe to run at any moment and any number of times: the mark's unique row decides, not the tick. A clock that fails is
    logged and left for the next tick; the others are told all the same.
    """
    told, failed = 0, set[int]()
    while clock_ids := _reached(now, failed):
        for clock_id in clock_ids:
            try:
                told += _tell_clock(clock_id, now)
            except Exception:  # whatever is wrong with one incident, the others are told
                log.exception("clock %s could not be told", clock_id)
                failed.add(clock_id)
        if len(clock_ids) < BATCH:
            break
    return told


def _reached(now: datetime, failed: Collection[int]) -> list[int]:
    wanted = select(Clock.id).where(Clock.next_mark_at <= now, Clock.id.not_in(failed))
    return list(db.session.scalars(wanted.order_by(Clock.next_mark_at).limit(BATCH)))


def _tell_clock(clock_id: int, now: datetime) -> bool:
    """One clock's reached thresholds in one transaction; False when they were told already."""
    with transaction():
        clock = db.session.get(Clock, clock_id)
        if clock is None:
            return False
        lock(clock.incident)
        db.session.refresh(clock)
        if clock.state != ClockState.running or clock.due_at is None or clock.next_mark_at is None:
            clock.next_mark_at = None
            return False
        warnings = clocks.warnings(clock)
        reached = [at for at in warnings if at <= now]
        overdue = now >= clock.due_at
        clock.next_mark_at = None if overdue else min((at for at in warnings if at > now), default=clock.due_at)
        if not _mark(clock, reached, overdue, now):
            return False
        if clock.anchor == rhythm.UPDATED and not overdue:
            _a_day_has_passed(clock)
            return False
        _tell(clock, now, clock.due_at if overdue else max(reached), overdue)
        return True


def _a_day_has_passed(clock: Clock) -> None:
    """The one mark of an update clock before its end (rhythm.mark_day): facts that time alone changes, told to nobody."""
    checklist.reconsider(CLOCKWORK, clock.incident)
    alerts.edit_cards(incident_id=clock.incident_id, cause=f"clock:{clock.id}:day")


def _mark(clock: Clock, reached: Collection[datetime], overdue: bool, now: datetime) -> bool:
    """Mark what is reached; whether anything of it is new."""
    wanted = [f"warn:{at:%Y%m%dT%H%M%S}" for at in reached]
    wanted += [f"due:{clock.due_at:%Y%m%dT%H%M%S}"] if overdue else []
    known = set(db.session.scalars(select(ClockMark.threshold).where(ClockMark.clock_id == clock.id)))
    fresh = [threshold for threshold in dict.fromkeys(wanted) if threshold not in known]
    db.session.add_all(ClockMark(clock_id=clock.id, threshold=one, told_at=now) for one in fresh)
    return bool(fresh) and wanted[-1] in fresh


def _tell(clock: Clock, now: datetime, at: datetime, overdue: bool) -> None:
    incident = clock.incident
    facts = {
        "clock": clock.name,
        "clock_en": clock.name_en,
        "due_at": clock.due_at.isoformat() if clock.due_at else None,
        "at": at.isoformat(),
        "hard": clock.hard,
        "told_late": now - at > LATE_AFTER,
        "step": clock.step.position if clock.step else None,
        "step_key": clock.step.key if clock.step else None,
    }
    if overdue and (clock.owner == "external" or clock.anchor == rhythm.UPDATED):
        checklist.reconsider(CLOCKWORK, incident)  # facts that time alone changes: overdue requests, a day of crisis
    cause = f"clock:{clock.id}:{'due' if overdue else 'warn'}:{at:%Y%m%dT%H%M%S}"
    if overdue and clock.anchor == rhythm.UPDATED:
        rhythm.missed(incident, clock, now)
    timeline.write(CLOCKWORK, incident, _entry_kind(clock, overdue), happened_at=at, facts=facts)
    db.session.flush()
    if not clocks.is_acknowledgement(clock):  # whoever has not answered is called by the ladder (escalation.py)
        kind = AlertKind.step_overdue if overdue else AlertKind.step_soon
        people = audience.working_on(incident)
        alerts.tell(kind, people, cause, incident=incident, facts=facts, lane=alerts.LANE_DUE)
        db.session.flush()
    alerts.edit_cards(incident_id=incident.id, cause=cause)


def _entry_kind(clock: Clock, overdue: bool) -> EntryKind:
    if clock.anchor == rhythm.UPDATED:
        return EntryKind.update_due
    return EntryKind.clock_overdue if overdue else EntryKind.clock_soon
