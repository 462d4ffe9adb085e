"""Doing steps: ticked, skipped with a reason, opened again; and the anchors that clocks run from."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from incidents.cases import clocks, doers, rhythm, timeline
from incidents.cases.checklist import planned_step, reconsider
from incidents.cases.checks import checked_time, checked_words
from incidents.cases.models import Assignment, Clock, Incident, Step
from incidents.cases.visibility import find
from incidents.db import db, transaction, utc_now
from incidents.errors import AlreadyDone, BadInput, NotFound, NotOpen
from incidents.permissions import Actor, require
from incidents.telling import alerts
from incidents.text import MAX_TEXT
from incidents.vocabulary import ANCHORS, ClockState, EntryKind, StepState
from playbooks.worktime import ZONE

# What others owe us by law is met by what they did, not by our step.
_MET_BY = {"removed_at": "demanded_at", "corrected_at": "letter_received_at"}


def tick(actor: Actor, code: str, key: str, *, result: str = "", at: datetime | None = None, reason: str = "") -> Step:
    """The step is done. ``at``: when it was done in fact (met is judged by it); now when not given.

    Raises ``AlreadyDone`` with who was first, ``BadInput`` for a time to come or one before the anchor without reason.
    """
    result, reason = checked_words("result", result, MAX_TEXT), checked_words("reason", reason)
    with transaction():
        incident, step = _open_step(actor, code, key)
        require(actor, "do_step", severity=incident.severity, own=has_part(actor, incident))
        planned = planned_step(step.plan)
        doers.check(step.plan, actor)
        when = _checked_time(at, step, reason)
        step.state, step.done_at, step.done_by_id, step.result = StepState.done, when, actor.id, result
        clocks.meet(step.clocks, when)
        if rhythm.goes_on(planned, clocks.anchors_of(incident)):
            rhythm.again(incident, step, planned, when)
        facts = {"step": step.name, "step_en": step.name_en, "key": step.key, "reason": reason}
        entry = timeline.write(actor, incident, EntryKind.step_done, result, happened_at=when, facts=facts)
        if planned.sets:
            clocks.record_anchor(actor, incident, planned.sets, when, reason)
        _after_change(incident, entry.number, anchors_changed=bool(planned.sets))
        return step


def skip(actor: Actor, code: str, key: str, reason: str) -> Step:
    """The step does not apply, for a reason that the timeline keeps. A hard clock stays counted late (G15)."""
    reason = checked_words("reason", reason)
    if not reason:
        raise BadInput("reason", "Cần ghi lý do không áp dụng.", "A reason is needed.")
    with transaction():
        incident, step = _open_step(actor, code, key)
        hard = any(clock.hard and clock.owner == "own" for clock in step.clocks)
        require(actor, "skip_step", severity=incident.severity, hard=hard)
        step.state, step.done_at, step.done_by_id, step.result = StepState.skipped, utc_now(), actor.id, reason
        clocks.waive(step.clocks)
        facts = {"step": step.name, "step_en": step.name_en, "key": step.key}
        entry = timeline.write(actor, incident, EntryKind.step_skipped, reason, facts=facts)
        _after_change(incident, entry.number)
        return step


def reopen(actor: Actor, code: str, key: str, reason: str = "") -> Step:
    """A step ticked or skipped by mistake runs again; what its clocks had reached stays as their first result."""
    reason = checked_words("reason", reason)
    with transaction():
        incident = _open_incident(actor, code)
        step = _step(incident, key)
        action = "skip_step" if step.state == StepState.skipped else "do_step"
        require(actor, action, severity=incident.severity, own=has_part(actor, incident))
        doers.check(step.plan, actor)
        if step.state == StepState.open:
            return step
        step.state, step.done_at, step.done_by_id = StepState.open, None, None
        clocks.resume(step.clocks)
        facts = {"step": step.name, "step_en": step.name_en, "key": step.key}
        entry = timeline.write(actor, incident, EntryKind.step_reopened, reason, facts=facts)
        _after_change(incident, entry.number, anchors_changed=True)
        return step


def set_anchor(actor: Actor, code: str, key: str, at: datetime, reason: str = "") -> None:
    """Record when something was so ("xác định tác động"), or correct it with a reason; clocks follow (G17)."""
    reason = checked_words("reason", reason)
    if key not in ANCHORS or key in ("opened_at", "last_done_at", "reopened_at"):
        raise BadInput("anchor", f"Không có mốc “{key}”.", f"There is no anchor “{key}”.")
    with transaction():
        incident = _open_incident(actor, code)
        before = clocks.anchors_of(incident).get(key)
        action = "determine_impact" if key == "impact_determined_at" and before is None else "correct_anchor"
        require(actor, action, severity=incident.severity, own=has_part(actor, incident))
        doers.check_anchor(key, actor)
        at = checked_time("at", at) or at
        if before is not None and not reason.strip():
            raise BadInput("reason", "Cần ghi lý do sửa mốc.", "A reason for the correction is needed.")
        clocks.record_anchor(actor, incident, key, at, reason)
        if key in _MET_BY:
            owed = db.session.scalars(
                select(Clock).where(Clock.incident_id == incident.id, Clock.anchor == _MET_BY[key])
            )
            clocks.meet(owed, at, owner="external")
        facts = {"anchor": key, "old": before.isoformat() if before else None, "new": at.isoformat()}
        entry = timeline.write(actor, incident, EntryKind.anchor, reason, happened_at=at, facts=facts)
        _after_change(incident, entry.number, anchors_changed=True)


def has_part(actor: Actor, incident: Incident) -> bool:
    """Whether the actor's agency has an open part in the incident; the standing agency has one in every incident."""
    if actor.is_standing:
        return True
    mine = select(Assignment.id).where(
        Assignment.incident_id == incident.id,
        Assignment.agency_id == actor.agency_id,
        Assignment.ended_at.is_(None),
    )
    return db.session.scalar(mine.limit(1)) is not None


def _after_change(incident: Incident, entry_number: int, *, anchors_changed: bool = False) -> None:
    db.session.flush()
    if anchors_changed:
        reconsider(incident)
    else:
        clocks.point_at_next(incident)
    alerts.edit_cards(incident_id=incident.id, cause=f"entry:{incident.code}:{entry_number}")


def _open_incident(actor: Actor, code: str) -> Incident:
    incident = find(actor, code)
    if incident.has_ended:
        raise NotOpen(code=incident.code)
    return incident


def _open_step(actor: Actor, code: str, key: str) -> tuple[Incident, Step]:
    incident = _open_incident(actor, code)
    step = _step(incident, key)
    if step.state != StepState.open:
        who = step.done_by.name if step.done_by else ""
        at = step.done_at.astimezone(ZONE).strftime("%H:%M") if step.done_at else ""
        raise AlreadyDone(who=who, at=at)
    return incident, step


def _step(incident: Incident, key: str) -> Step:
    """By its key, its full key, or its number in the list. The row is locked: two who tick at once do so in turn."""
    wanted = select(Step).where(Step.incident_id == incident.id).options(selectinload(Step.clocks))
    short = key.rsplit(".", 1)[-1]
    wanted = wanted.where(Step.position == int(short) if short.isdecimal() and len(short) < 5 else Step.key == short)
    step = db.session.scalar(wanted.with_for_update())
    if step is None:
        raise NotFound(what=key)
    return step


def _checked_time(at: datetime | None, step: Step, reason: str) -> datetime:
    """Domain 9.2.5: a fact to come is refused, one before the anchor asks for a reason."""
    now = utc_now()
    if at is None:
        return now
    if at > now:
        raise BadInput("at", "Thời điểm xong việc chưa tới.", "The time is still to come.")
    anchors = [c.anchor_at for c in step.clocks if c.anchor_at is not None and c.state == ClockState.running]
    if anchors and at < min(anchors) and not reason.strip():
        raise BadInput("reason", "Thời điểm này trước mốc tính hạn, cần ghi lý do.", "Before the anchor: say why.")
    return at
