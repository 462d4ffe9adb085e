"""Clocks of an incident: planned from a playbook's deadlines, the law in force on the incident's day, and its anchors.

A clock never pauses. Its first result is kept beside a corrected one (domain 4.7); anchors are corrected by a new row.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from incidents.cases.models import FAR, Anchor, Assignment, Clock, Incident, Step
from incidents.db import db, utc_now
from incidents.permissions import Actor
from incidents.planning import bases
from incidents.planning import calendar as approved_calendar
from incidents.vocabulary import ClockState, Status
from playbooks.law import Catalogue, citation
from playbooks.schedule import PlannedClock
from playbooks.worktime import ZONE, Calendar

WITHDRAWN = "withdrawn_anchors"  # in Incident.flags: anchors whose step was opened again
_AHEAD = timedelta(days=36_500)  # a century: before everything that somebody holds
REPEATED = "last_done_at"  # a repeating step's next time runs from the time before
A_DAY = timedelta(hours=24)  # after which a crisis still goes on, and a platform that was asked is late


def calendar() -> Calendar:
    """Working time and days off as approved (domain 9.1): of today, for every incident."""
    return approved_calendar.calendar()


def catalogue(incident: Incident) -> Catalogue:
    """The law as it was known when the incident was opened: later amendments are for new incidents (G27)."""
    return bases.catalogue(incident.opened_at)


def regime_day(incident: Incident) -> date:
    """The local day whose law the incident keeps (domain 3.1)."""
    return incident.received_at.astimezone(ZONE).date()


def anchors_of(incident: Incident) -> dict[str, datetime | None]:
    """Every anchor that is set, the newest row winning."""
    rows = db.session.execute(
        select(Anchor.key, Anchor.at).where(Anchor.incident_id == incident.id).order_by(Anchor.id)
    ).all()
    own = {"received_at": incident.received_at, "occurred_at": incident.occurred_at, "opened_at": incident.opened_at}
    found: dict[str, datetime | None] = {}
    for row in rows:
        found[row.key] = row.at
        if row.key == "activated_at":
            found.pop("stood_down_at", None)  # the task force is at work again: its former end counts no more
    for key in incident.flags.get(WITHDRAWN) or ():
        found.pop(key, None)  # its step is open again: the row stays as history and counts no more
    return found | own  # the incident's own fields are the truth, their rows the history


def add(incident: Incident, plan: PlannedClock, *, name: str, name_en: str, step: Step | None = None) -> Clock:
    """A clock of ``step`` (or of the incident itself) as planned; it waits while its anchor is missing."""
    clock = Clock(
        incident=incident,
        step=step,
        name=name,
        name_en=name_en,
        anchor=plan.anchor,
        amount=plan.amount,
        unit=plan.unit,
        hard=plan.hard,
        owner=plan.owner,
        basis=plan.basis,
        citation=citation(catalogue(incident).basis(plan.basis)) if plan.basis else "",
        note=plan.note,
    )
    run(clock, plan.anchor_at, plan.due_at, plan.warn_at)
    db.session.add(clock)
    return clock


def add_acknowledgement(
    incident: Incident,
    assignment: Assignment | None,
    minutes: int,
    name: str,
    name_en: str,
    *,
    since: datetime | None = None,
) -> Clock:
    """The internal clock until somebody accepts: the incident as a whole (``since``: anew), or one agency's part."""
    anchor_at = assignment.assigned_at if assignment else since or incident.opened_at
    clock = Clock(
        incident=incident,
        assignment=assignment,
        name=name,
        name_en=name_en,
        anchor="assigned_at" if assignment else "opened_at",
        amount=minutes,
        unit="minute",
        hard=False,
        owner="own",
        basis="",
        citation="",
        note="",
    )
    run(clock, anchor_at, anchor_at + timedelta(minutes=minutes))  # the ladder warns, not the clock
    db.session.add(clock)
    return clock


def run(
    clock: Clock, anchor_at: datetime | None, due_at: datetime | None, warn_at: Iterable[datetime | str] | None = None
) -> None:
    """Start the clock towards ``due_at``, or let it wait for its anchor. ``warn_at``: None keeps the warnings it has."""
    clock.anchor_at, clock.due_at = anchor_at, due_at
    # Every column is set whatever the state, so that all clocks of a new incident are one INSERT.
    kept = clock.warn_at or [] if warn_at is None else warn_at
    clock.warn_at = [at if isinstance(at, str) else at.isoformat() for at in kept]
    if anchor_at is None or due_at is None:
        clock.state, clock.next_mark_at = ClockState.waiting, None
        return
    clock.state = ClockState.running
    clock.next_mark_at = min(warnings(clock), default=due_at)


def warnings(clock: Clock) -> list[datetime]:
    """When people are warned before it is due, rising."""
    return [datetime.fromisoformat(at) for at in clock.warn_at or ()]


class Moved(NamedTuple):
    """A clock whose due time is another now; aware UTC times, None while it waited for its anchor."""

    name: str
    old: datetime | None
    new: datetime | None

    def as_facts(self) -> list[str | None]:
        return [self.name, *(at.isoformat() if at else None for at in (self.old, self.new))]


def is_running(clock: Clock) -> bool:
    """Whether it is owed still: towards its due time, or waiting for its anchor."""
    return clock.state in (ClockState.waiting, ClockState.running)


def keep_breach(clock: Clock) -> None:
    """Before it is cancelled or moved: that we were late already stays as its first result (domain 4.7, G15)."""
    is_past = clock.state == ClockState.running and clock.due_at is not None and clock.due_at < utc_now()
    if is_past and clock.owner == "own" and clock.first_result in ("", ClockState.cancelled, ClockState.transferred):
        clock.first_result = ClockState.missed


def cancel(clock: Clock) -> None:
    """It is no longer asked for."""
    keep_breach(clock)
    clock.state, clock.next_mark_at = ClockState.cancelled, None


def meet(clocks: Iterable[Clock], at: datetime, *, owner: str = "own") -> None:
    """The fact happened at ``at``: running clocks are met, in time or late; waiting ones end with them.

    Our own doing never meets what a platform or newsroom owes (``owner="external"``).
    """
    for clock in clocks:
        if clock.owner != owner:
            continue
        if clock.state == ClockState.running and clock.due_at is not None:
            clock.state = ClockState.met if at <= clock.due_at else ClockState.met_late
            clock.met_at = at
            clock.first_result = clock.first_result or clock.state
        elif clock.state == ClockState.waiting:
            clock.state = ClockState.cancelled
        clock.next_mark_at = None


def waive(clocks: Iterable[Clock], reason: str) -> None:
    """The clocks are waived for ``reason``; a hard one, or one already past, stays counted late by its result (G15)."""
    for clock in clocks:
        if clock.state in (ClockState.running, ClockState.waiting):
            if is_counted_late(clock):
                clock.first_result = clock.first_result or ClockState.missed
            clock.state, clock.next_mark_at, clock.reason = ClockState.waived, None, reason


def is_counted_late(clock: Clock) -> bool:
    """Whether waiving it still counts as late: what the law asks of us cannot be waived away (domain 2.8, G15)."""
    past = clock.due_at is not None and clock.due_at < utc_now()
    return past or (clock.hard and clock.owner == "own" and clock.due_at is not None)


def resume(clocks: Sequence[Clock], waived_for: str = "") -> None:
    """A reopened step: its clocks run again towards the same due time; what they had reached stays as first result.

    ``waived_for``: the reason of the skip that is taken back. A clock waived by itself stays waived.
    """
    repeated = [clock for clock in clocks if clock.anchor == REPEATED]
    for clock in clocks:
        if clock in repeated[:-1]:
            continue  # of a rhythm only the last time is still owed
        was_skipped = clock.state == ClockState.waived and waived_for and clock.reason == waived_for
        if clock.state in (ClockState.met, ClockState.met_late) or was_skipped:
            run(clock, clock.anchor_at, clock.due_at)
            clock.met_at, clock.reason = None, ""


def is_acknowledgement(clock: Clock) -> bool:
    """Whether it is the clock until somebody holds the incident, or until an agency accepts its part."""
    return clock.assignment_id is not None or (clock.step_id is None and clock.anchor == "opened_at")


def end_all(incident: Incident, state: ClockState) -> None:
    """The incident left our hands: clocks we no longer owe end as ``state``."""
    running = (ClockState.running, ClockState.waiting)
    for clock in db.session.scalars(select(Clock).where(Clock.incident_id == incident.id, Clock.state.in_(running))):
        past = clock.due_at is not None and clock.due_at < utc_now() and clock.owner == "own"
        keep_breach(clock)
        clock.state = ClockState.missed if past and state == ClockState.cancelled else state
        clock.next_mark_at = None


def record_anchor(actor: Actor, incident: Incident, key: str, at: datetime, reason: str = "") -> Anchor:
    """Add an anchor row; the caller replans the steps and writes the entry."""
    if key == "crisis_flagged_at":
        incident.flags = {**incident.flags, "crisis_flagged": True}
    if key in ("received_at", "occurred_at"):
        setattr(incident, key, at)
    if key in (gone := incident.flags.get(WITHDRAWN) or ()):
        incident.flags = {**incident.flags, WITHDRAWN: [one for one in gone if one != key]}
    anchor = Anchor(incident=incident, key=key, at=at, recorded_at=utc_now(), member_id=actor.id, reason=reason)
    db.session.add(anchor)
    return anchor


def point_at_next(incident: Incident, known: Iterable[Clock] | None = None) -> None:
    """Keep the incident's next due time, which lists sort by, in line with its clocks (``known``, or read after a flush).

    Clocks that others owe (a platform, a newsroom) are chased but never put in front of our own.
    """
    clocks: Iterable[Clock] = (
        known
        if known is not None
        else db.session.scalars(
            select(Clock).where(Clock.incident_id == incident.id, Clock.state == ClockState.running)
        )
    )
    running = [c for c in clocks if c.state == ClockState.running and c.due_at is not None]
    first = min(running, key=lambda c: (c.owner != "own", c.due_at), default=None)
    incident.next_due_at = first.due_at if first else None
    incident.due_order = _order(incident)


def _order(incident: Incident) -> datetime:
    """What lists sort by: first what nobody holds at Cấp 4, then at Cấp 3, then by the next due time (screens.md 7.2)."""
    order = incident.next_due_at or FAR
    if incident.holder_id is None and not incident.has_ended and incident.severity >= 3:
        return (incident.next_due_at or incident.opened_at) - _AHEAD * (incident.severity - 2)
    return order


def facts_of(incident: Incident, anchors: Mapping[str, datetime | None]) -> dict[str, object]:
    """What conditions may ask (playbooks.condition): what people said, and what the incident's own records tell."""
    told = {key: value for key, value in incident.flags.items() if value not in (None, "") and key != WITHDRAWN}
    flagged_at = anchors.get("crisis_flagged_at")
    return told | {
        "kind": incident.kind,
        "category": incident.category or None,
        "severity": incident.severity,
        "harm_class": incident.harm_class or None,
        "access_class": incident.access_class or None,
        "crisis_flagged": bool(flagged_at),
        "impact_determined": bool(anchors.get("impact_determined_at")),
        "press_asked": bool(anchors.get("press_inquiry_at") or anchors.get("petition_received_at")),
        "request_expired": _has_expired(anchors),
        "responding_after_24h": bool(flagged_at)
        and incident.status in (Status.verifying, Status.responding)
        and utc_now() >= _later(flagged_at),
    }


def _has_expired(anchors: Mapping[str, datetime | None]) -> bool:
    """A platform was asked a day ago and nothing is removed (TT 38/2016 Đ.5 as the pattern of the second notice)."""
    demanded_at = anchors.get("demanded_at")
    return demanded_at is not None and not anchors.get("removed_at") and utc_now() >= _later(demanded_at)


def _later(at: datetime | None) -> datetime:
    return (at or utc_now()) + A_DAY
