"""The two steps that an activation stands for: done by its decisions, open again when the task force begins anew (PB-08).

Nobody ticks them: the record with its decision is the proof, whoever of the leaders made it.
"""

from datetime import datetime

from sqlalchemy import select

from incidents.cases import checklist, clocks, doing, gates, rhythm, timeline
from incidents.cases.models import Activation, Incident, Step
from incidents.db import db, utc_now
from incidents.permissions import Actor
from incidents.vocabulary import EntryKind, StepState

ACTIVATED, STOOD_DOWN = "activated_at", "stood_down_at"


def record(actor: Actor, incident: Incident, anchor: str, when: datetime, decision: str) -> None:
    """Set ``anchor`` (activated_at, stood_down_at) by the decision; the open steps that set it are done with it."""
    steps = [] if incident.has_ended else _open_for(incident, anchor)
    if not steps:
        clocks.record_anchor(actor, incident, anchor, when, decision)
    for step in steps:
        _finish(actor, incident, step, when, decision)


def _finish(actor: Actor, incident: Incident, step: Step, when: datetime, decision: str) -> None:
    step.submitted_at = step.submitted_by_id = None  # what somebody proposed is decided now, by who decides
    doing.take(step, gates.Given(document=decision))
    doing.finish(actor, incident, step, when, reason=decision, steps=checklist.steps_of(incident))


def _open_for(incident: Incident, anchor: str) -> list[Step]:
    return [
        step
        for step in checklist.steps_of(incident)
        if step.plan.get("sets") == anchor and step.state == StepState.open and step.applies is not False
    ]


def catch_up(actor: Actor, incident: Incident) -> None:
    """The task force is at work, and its playbook came only now, by a merge or a higher level: nobody decides it twice."""
    if incident.has_ended or not _open_for(incident, ACTIVATED):
        return
    running = select(Activation).where(Activation.incident_id == incident.id, Activation.ends_at.is_(None))
    row = db.session.scalar(running.order_by(Activation.id.desc()).limit(1))
    if row is not None:
        record(actor, incident, ACTIVATED, row.starts_at, row.decision_number)


def begin_anew(actor: Actor, incident: Incident, decision: str) -> None:
    """It was stood down before: its end is owed once more, and what was written until then goes on in its rhythm."""
    for step in checklist.steps_of(incident):
        if step.state != StepState.done:
            continue
        planned = checklist.planned_step(step.plan)
        if planned.sets == STOOD_DOWN:
            step.state, step.done_at, step.done_by_id = StepState.open, None, None
            step.submitted_at = step.submitted_by_id = step.approved_at = step.approved_by_id = None
            clocks.resume(step.clocks)
        elif planned.repeat_until == STOOD_DOWN:
            rhythm.again(incident, step, planned, utc_now())
        else:
            continue
        facts = {"step": step.name, "step_en": step.name_en, "key": step.key}
        timeline.write(actor, incident, EntryKind.step_reopened, decision, facts=facts)
    db.session.flush()
