"""Clocks of an incident: planned from a playbook's deadlines, the law in force on the incident's day, and its anchors.

A clock never pauses. Its first result is kept beside a corrected one (domain 4.7); anchors are corrected by a new row.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import select

from incidents.cases.models import FAR, Anchor, Assignment, Clock, Incident, Step
from incidents.db import db, utc_now
from incidents.permissions import Actor
from incidents.vocabulary import ClockState, StepState
from playbooks.law import basis, citation
from playbooks.schedule import PlannedClock
from playbooks.worktime import ZONE, Calendar, vietnam

REPEATED = "last_done_at"  # a repeating step's next time runs from the time before
SOON_SHARE = 0.8  # of the time between anchor and due


@lru_cache(maxsize=1)
def calendar() -> Calendar:
    """Working time and days off (domain 9.1), computed once for the years a desk looks at."""
    year = utc_now().year
    return vietnam(range(year - 4, year + 4))


def regime_day(incident: Incident) -> date:
    """The local day whose law the incident keeps (domain 3.1)."""
    return incident.received_at.astimezone(ZONE).date()


def anchors_of(incident: Incident) -> dict[str, datetime | None]:
    """Every anchor that is set, the newest row winning."""
    rows = db.session.execute(
        select(Anchor.key, Anchor.at).where(Anchor.incident_id == incident.id).order_by(Anchor.id)
    ).all()
    own = {"received_at": incident.received_at, "occurred_at": incident.occurred_at, "opened_at": incident.opened_at}
    return {row.key: row.at for row in rows} | own  # the incident's own fields are the truth, their rows the history


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
        citation=citation(basis(plan.basis)) if plan.basis else "",
        note=plan.note,
    )
    _run(clock, plan.anchor_at, plan.due_at)
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
    _run(clock, anchor_at, anchor_at + timedelta(minutes=minutes))
    clock.soon_at, clock.next_mark_at = None, clock.due_at  # a warning before so short a time only makes noise
    db.session.add(clock)
    return clock


def _run(clock: Clock, anchor_at: datetime | None, due_at: datetime | None) -> None:
    clock.anchor_at, clock.due_at = anchor_at, due_at
    if anchor_at is None or due_at is None:
        clock.state, clock.soon_at, clock.next_mark_at = ClockState.waiting, None, None
        return
    clock.state = ClockState.running
    clock.soon_at = anchor_at + (due_at - anchor_at) * SOON_SHARE
    clock.next_mark_at = clock.soon_at


def replan(incident: Incident, step: Step, plans: Iterable[PlannedClock]) -> bool:
    """Bring a step's clocks in line with what is planned now. True when anything changed.

    What is no longer planned is cancelled, what is new begins, what stays keeps its row; ended clocks are not touched.
    Of a step that is done only what others owe by it still runs: a platform's 24 hours begin with our demand.
    """
    is_open = step.state == StepState.open
    wanted = {_key(plan): plan for plan in plans if is_open or plan.owner == "external"}
    changed = False
    for clock in step.clocks:
        if (not is_open and clock.owner == "own") or (is_open and clock.anchor == REPEATED):
            continue
        key = (clock.anchor, clock.amount, clock.unit, clock.basis)
        plan = wanted.get(key)
        if clock.state == ClockState.cancelled:
            # What was cancelled by a fact that has changed back runs again; a new round gets a new clock (domain 4.8).
            if is_open and plan is not None and clock.anchor_at in (None, plan.anchor_at):
                _run(clock, plan.anchor_at, plan.due_at)
                changed = bool(wanted.pop(key))
            continue
        wanted.pop(key, None)
        if clock.state not in (ClockState.waiting, ClockState.running):
            continue
        if plan is None:
            clock.state, clock.next_mark_at, changed = ClockState.cancelled, None, True
        elif (clock.anchor_at, clock.due_at) != (plan.anchor_at, plan.due_at):
            _run(clock, plan.anchor_at, plan.due_at)
            changed = True
    for plan in wanted.values():
        add(incident, plan, name=step.name, name_en=step.name_en, step=step)
    return changed or bool(wanted)


def _key(plan: PlannedClock) -> tuple[str, int, str, str]:
    return plan.anchor, plan.amount, plan.unit, plan.basis


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


def waive(clocks: Iterable[Clock]) -> None:
    """The step does not apply: its clocks are waived; a hard one stays counted late by its result (G15)."""
    for clock in clocks:
        if clock.state in (ClockState.running, ClockState.waiting):
            late = clock.hard and clock.due_at is not None and clock.due_at < utc_now()
            clock.first_result = clock.first_result or (ClockState.missed if late else "")
            clock.state, clock.next_mark_at = ClockState.waived, None


def resume(clocks: Sequence[Clock]) -> None:
    """A reopened step: its clocks run again towards the same due time; what they had reached stays as first result."""
    repeated = [clock for clock in clocks if clock.anchor == REPEATED]
    for clock in clocks:
        if clock in repeated[:-1]:
            continue  # of a rhythm only the last time is still owed
        if clock.state in (ClockState.met, ClockState.met_late, ClockState.waived):
            _run(clock, clock.anchor_at, clock.due_at)
            clock.met_at = None


def end_all(incident: Incident, state: ClockState) -> None:
    """The incident left our hands: clocks we no longer owe end as ``state``."""
    running = (ClockState.running, ClockState.waiting)
    for clock in db.session.scalars(select(Clock).where(Clock.incident_id == incident.id, Clock.state.in_(running))):
        clock.state, clock.next_mark_at = state, None


def record_anchor(actor: Actor, incident: Incident, key: str, at: datetime, reason: str = "") -> Anchor:
    """Add an anchor row; the caller replans the steps and writes the entry."""
    if key == "crisis_flagged_at":
        incident.flags = {**incident.flags, "crisis_flagged": True}
    if key in ("received_at", "occurred_at"):
        setattr(incident, key, at)
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
    incident.due_order = incident.next_due_at or FAR


def facts_of(incident: Incident, anchors: Mapping[str, datetime | None]) -> dict[str, object]:
    """What conditions may ask (playbooks.condition); what is not known yet is None."""
    flags = incident.flags
    known = {key: True for key, value in flags.items() if value is True} | {
        key: False for key, value in flags.items() if value is False
    }
    return {
        "kind": incident.kind,
        "category": incident.category or None,
        "severity": incident.severity,
        "harm_class": incident.harm_class or None,
        "access_class": incident.access_class or None,
        "verdict": flags.get("verdict"),
        "crisis_flagged": bool(anchors.get("crisis_flagged_at")),
        **known,
    }
