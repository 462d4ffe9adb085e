"""Doing steps: ticked, skipped with a reason, opened again; and the anchors that clocks run from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from incidents.cases import approving, clocks, doers, gates, holding, rhythm, timeline
from incidents.cases.checklist import planned_step, reconsider, steps_of
from incidents.cases.checks import checked_time, checked_words
from incidents.cases.models import Activation, Assignment, Clock, Incident, Step
from incidents.cases.visibility import find
from incidents.db import db, transaction, utc_now
from incidents.errors import AlreadyDone, BadInput, NotFound, NotOpen
from incidents.files import Picture, write_pictures
from incidents.permissions import Actor, require
from incidents.telling import alerts
from incidents.text import MAX_TEXT
from incidents.vocabulary import ANCHORS, ClockState, EntryKind, StepState
from playbooks.facts import FACTS
from playbooks.worktime import ZONE

# What others owe us by law is met by what they did, not by our step.
_MET_BY = {"removed_at": "demanded_at", "corrected_at": "letter_received_at"}


def tick(
    actor: Actor,
    code: str,
    key: str,
    *,
    result: str = "",
    document: str = "",
    settled: Mapping[str, str] | None = None,
    pictures: Sequence[tuple[str, bytes]] = (),
    at: datetime | None = None,
    reason: str = "",
) -> Step:
    """The step is done. ``at``: when it was done in fact (met is judged by it); now when not given.

    ``result``: a line or link of proof, ``document``: number and date, ``settled``: facts the step settles, ``pictures``:
    (name, content). Raises ``GateNotMet`` with what is missing, ``AlreadyDone`` with who was first, ``BadInput`` for a
    time to come or one before the anchor without reason.
    """
    result, reason = checked_words("result", result, MAX_TEXT), checked_words("reason", reason)
    document = checked_words("document", document, 200)
    kept = write_pictures(pictures)
    with transaction():
        incident, step = own_step(actor, code, key)
        given = gates.Given(result, document, gates.checked_settled(step, settled or {}), len(kept))
        steps = steps_of(incident)
        lacks = gates.lacking(incident, step, given, steps)
        if approving.is_needed(step.plan, incident.severity, actor):
            lacks.append(gates.approval_lack(step, incident.severity))
        if lacks:
            raise gates.GateNotMet(step, lacks)
        when = checked_done_at(at, step, reason)
        take(step, given)
        finish(actor, incident, step, when, reason=reason, pictures=kept, steps=steps)
        return step


def own_step(actor: Actor, code: str, key: str) -> tuple[Incident, Step]:
    """The open step, for who may do it: to be ticked, or submitted to another person (approvals.py)."""
    incident, step = open_step(actor, code, key)
    require(actor, "do_step", severity=incident.severity, own=has_part(actor, incident))
    doers.check(step.plan, actor)
    refuse_decision(incident, step.plan.get("sets", ""))
    return incident, step


def take(step: Step, given: gates.Given) -> None:
    """Keep what was given with the step; what is not given leaves what is there."""
    step.result, step.document = given.result or step.result, given.document or step.document
    step.settled = {**step.settled, **given.settled}
    step.file_count += given.files


def finish(
    actor: Actor,
    incident: Incident,
    step: Step,
    when: datetime,
    *,
    reason: str = "",
    pictures: Sequence[Picture] = (),
    steps: Sequence[Step] = (),
    approved_of: str = "",
) -> None:
    """The step's gates are met: done, clocks met, facts settled, the anchor set, the next steps unlocked; one entry."""
    planned = planned_step(step.plan)
    step.state, step.done_at, step.done_by_id = StepState.done, when, step.submitted_by_id or actor.id
    clocks.meet(step.clocks, when)
    facts = step_facts(step) | {
        "reason": reason,
        "document": step.document,
        "settled": step.settled,
        "approved_of": approved_of,
        "unlocked": _unlocked(step, steps),
        "files": [picture.sha256 for picture in pictures],
    }
    told = {name: value for name, value in facts.items() if value}
    entry = timeline.write(actor, incident, EntryKind.step_done, step.result, happened_at=when, facts=told)
    holding.heard(incident, actor.agency_id, entry.recorded_at)
    if pictures:
        db.session.flush()
        timeline.attach(entry, pictures)
    if step.settled:
        incident.flags = {**incident.flags, **{name: value for name, value in step.settled.items() if name in FACTS}}
    if planned.sets:
        clocks.record_anchor(actor, incident, planned.sets, when, reason)
    if rhythm.goes_on(planned, clocks.anchors_of(incident)):
        rhythm.again(incident, step, planned, when)
    after_change(actor, incident, entry.number, planned=bool(planned.sets or step.settled))


def refuse_decision(incident: Incident, anchor: str) -> None:
    """The task force is activated and stood down by a record with its decision, never by a tick (activation.py).

    A step that came after the record only says again what the record says.
    """
    if anchor not in ("activated_at", "stood_down_at"):
        return
    recorded = select(Activation.id).where(Activation.incident_id == incident.id, Activation.ends_at.is_(None))
    if anchor == "stood_down_at" or db.session.scalar(recorded.limit(1)) is None:
        raise BadInput(
            "anchor",
            "Việc này ghi ở trang Kích hoạt Tổ công tác của sự việc, kèm số quyết định.",
            "This is recorded on the incident's page of the task force, with the decision's number.",
        )


def step_facts(step: Step) -> dict[str, Any]:
    """What the sentence of an entry about a step needs."""
    return {"step": step.name, "step_en": step.name_en, "key": step.key}


def _unlocked(step: Step, steps: Sequence[Step]) -> list[str]:
    """Open steps that waited for this one alone, "5. Gắn nhãn"."""
    after = [one for one in steps if step.key in one.plan.get("after", ()) and one.state == StepState.open]
    free = [one for one in after if one.applies is True and not gates.waiting_for(one, steps)]
    return [f"{one.position}. {one.name}" for one in free]


def skip(actor: Actor, code: str, key: str, reason: str) -> Step:
    """The step does not apply, for a reason that the timeline keeps. A hard clock stays counted late (G15)."""
    reason = checked_words("reason", reason)
    if not reason:
        raise BadInput("reason", "Cần ghi lý do không áp dụng.", "A reason is needed.")
    with transaction():
        incident, step = open_step(actor, code, key)
        require(actor, "skip_step", severity=incident.severity, hard=gates.is_hard(incident, step))
        step.state, step.done_at, step.done_by_id, step.result = StepState.skipped, utc_now(), actor.id, reason
        step.submitted_at = None
        clocks.waive(step.clocks, reason)
        facts = step_facts(step) | {"unlocked": _unlocked(step, steps_of(incident))}
        entry = timeline.write(actor, incident, EntryKind.step_skipped, reason, facts=facts)
        after_change(actor, incident, entry.number)
        return step


def reopen(actor: Actor, code: str, key: str, reason: str = "") -> Step:
    """A step ticked or skipped by mistake runs again; what its clocks had reached stays as their first result.

    What it had settled and the anchor it had set count no more. What another person approved only the lead opens again.
    """
    reason = checked_words("reason", reason)
    with transaction():
        incident = open_incident(actor, code)
        step = _step(incident, key)
        action = "skip_step" if step.state == StepState.skipped else "do_step"
        require(actor, action, severity=incident.severity, own=has_part(actor, incident))
        doers.check(step.plan, actor)
        if step.state == StepState.open:
            return step
        if step.approved_by_id is not None:
            require(actor, "skip_step", severity=incident.severity, hard=True)
        refuse_decision(incident, step.plan.get("sets", ""))
        _withdraw(incident, step)
        waived_for = step.result if step.state == StepState.skipped else ""
        if waived_for:
            step.result = ""  # why it was skipped proves nothing; its entry keeps it
        step.state, step.done_at, step.done_by_id = StepState.open, None, None
        step.submitted_at = step.submitted_by_id = step.approved_at = step.approved_by_id = None
        clocks.resume(step.clocks, waived_for)
        entry = timeline.write(actor, incident, EntryKind.step_reopened, reason, facts=step_facts(step))
        after_change(actor, incident, entry.number, planned=True)
        return step


def _withdraw(incident: Incident, step: Step) -> None:
    """A verdict that is open again is none, and its hours do not run."""
    told = {name: value for name, value in incident.flags.items() if name not in step.settled}
    anchor = str(step.plan.get("sets", ""))
    gone = [*(told.get(clocks.WITHDRAWN) or ()), anchor] if anchor and step.state == StepState.done else None
    incident.flags = told | ({clocks.WITHDRAWN: gone} if gone else {})
    step.settled = {}


def set_anchor(actor: Actor, code: str, key: str, at: datetime, reason: str = "") -> None:
    """Record when something was so ("xác định tác động"), or correct it with a reason; clocks follow (G17)."""
    reason = checked_words("reason", reason)
    if key not in ANCHORS or key in ("opened_at", "last_done_at", "reopened_at"):
        raise BadInput("anchor", f"Không có mốc “{key}”.", f"There is no anchor “{key}”.")
    with transaction():
        incident = open_incident(actor, code)
        before = clocks.anchors_of(incident).get(key)
        action = "determine_impact" if key == "impact_determined_at" and before is None else "correct_anchor"
        require(actor, action, severity=incident.severity, own=has_part(actor, incident))
        doers.check_anchor(key, actor)
        refuse_decision(incident, key)
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
        after_change(actor, incident, entry.number, planned=True, corrected=key if before else "")


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


def after_change(
    actor: Actor, incident: Incident, entry_number: int, *, planned: bool = False, corrected: str = ""
) -> None:
    """Bring steps, clocks and cards in line. ``planned``: facts or anchors changed, so everything is planned anew."""
    db.session.flush()
    if planned:
        reconsider(actor, incident, corrected)
    else:
        clocks.point_at_next(incident)
    alerts.edit_cards(incident_id=incident.id, cause=f"entry:{incident.code}:{entry_number}")


def open_incident(actor: Actor, code: str) -> Incident:
    incident = find(actor, code)
    if incident.has_ended:
        raise NotOpen(code=incident.code)
    return incident


def open_step(actor: Actor, code: str, key: str) -> tuple[Incident, Step]:
    incident = open_incident(actor, code)
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


def checked_done_at(at: datetime | None, step: Step, reason: str) -> datetime:
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
