"""What another level brings with it besides the playbook's clocks: who is called, how soon, who may approve (bot.md 6, 11).

Rungs, minutes and silences are those of the level of now; nobody's time grows longer because things have become worse.
"""

from datetime import timedelta

from sqlalchemy import select

from incidents.cases import activation_steps, approvals, assignments, clocks, escalation, ladder
from incidents.cases.models import Assignment, Incident, Step
from incidents.cases.waiting import Waiting
from incidents.db import db, utc_now
from incidents.permissions import CLOCKWORK, Actor
from incidents.telling import alerts
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, StepState


def call_anew(incident: Incident, old: int) -> None:
    """The level has changed from ``old``: ladders that nobody has answered, times to accept and the questions "vẫn giữ?"
    follow it. Inside a transaction; who is told of the change itself is the caller's."""
    assignments.start_hold_clock(incident)
    raised, ladders = incident.severity > old, ladder.read()
    until = utc_now() + assignments.SILENCE[incident.severity]
    if raised and incident.still_at is not None and incident.still_asked_at is None:
        incident.still_at = min(incident.still_at, until)
    for row in assignments.open_parts(incident):
        if row.accepted_at is None:
            _call_agency_anew(row, old, ladders)
        elif raised and row.expires_at is not None and row.asked_at is None:
            row.expires_at = min(row.expires_at, until)


def _call_agency_anew(row: Assignment, old: int, ladders: ladder.Ladders) -> None:
    """A level with the same rungs or minutes changes neither: whoever has been silent so far is silent still."""
    incident = row.incident
    if not assignments.must_accept(row):
        return
    if assignments.ACCEPT_MINUTES[old] != assignments.ACCEPT_MINUTES[incident.severity]:
        _pace(row, raised=incident.severity > old)
    before, after = (ladders.of(ladder.AGENCY, level, row.agency_id) for level in (old, incident.severity))
    if before != after:
        escalation.restart(CLOCKWORK, Waiting(incident, row))


def _pace(row: Assignment, *, raised: bool) -> None:
    """The time to accept, counted from now; raised, never later than it was. What is late already stays late."""
    minutes, now = assignments.ACCEPT_MINUTES[row.incident.severity], utc_now()
    due_at = now + timedelta(minutes=minutes)
    for clock in assignments.running_of(row):
        if clock.due_at is None or clock.due_at <= now or (raised and clock.due_at <= due_at):
            continue
        clock.amount = minutes
        clocks.run(clock, now, due_at)


def settle(actor: Actor, incident: Incident, cause: str) -> None:
    """After the steps were reconsidered: what waits for approval is told to those who may give it only now, and the task
    force that is at work already is not asked for again."""
    waiting = select(Step).where(
        Step.incident_id == incident.id, Step.state == StepState.open, Step.submitted_at.is_not(None)
    )
    for step in db.session.scalars(waiting.order_by(Step.position)):
        _tell_new_approvers(actor, incident, step, f"{cause}:{step.position}")
    activation_steps.catch_up(actor, incident)


def _tell_new_approvers(actor: Actor, incident: Incident, step: Step, cause: str) -> None:
    by = step.submitted_by
    known = _told_of(incident, step) | {step.submitted_by_id}
    alerts.tell(
        AlertKind.approval_wanted,
        [one for one in approvals.approvers(incident, step, by.agency_id if by else None) if one.id not in known],
        cause,
        incident=incident,
        facts={"position": step.position, "step_key": step.key, "by": by.name if by else ""},
        besides=actor,
    )


def _told_of(incident: Incident, step: Step) -> set[int | None]:
    """Who has been told of what is submitted now."""
    wanted = select(Alert.member_id, Alert.facts).where(
        Alert.incident_id == incident.id, Alert.kind == AlertKind.approval_wanted, Alert.created_at >= step.submitted_at
    )
    return {member_id for member_id, facts in db.session.execute(wanted) if facts.get("step_key") == step.key}
