"""The open steps that are one person's to do: late, today, later."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from incidents.cases import approvals, doers, gates
from incidents.cases.models import Assignment, Clock, Incident, Step
from incidents.cases.visibility import visible
from incidents.db import db, utc_now
from incidents.permissions import Actor
from incidents.vocabulary import ClockState, StepState
from playbooks.worktime import ZONE

_MOST = 1500


@dataclass
class MySteps:
    """Each list by due time, steps without a running clock last. ``to_approve``: submitted by others, mine to decide."""

    to_approve: list[Step] = field(default_factory=list)
    late: list[Step] = field(default_factory=list)
    today: list[Step] = field(default_factory=list)
    later: list[Step] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.to_approve or self.late or self.today or self.later)


def read(actor: Actor) -> MySteps:
    """Steps of open incidents where the actor's agency has a part, as far as a role of his does them; and all those of
    incidents he holds. In two statements."""
    mine = select(Assignment.incident_id).where(Assignment.agency_id == actor.agency_id, Assignment.ended_at.is_(None))
    concerns = or_(Incident.id.in_(mine), Incident.holder_id == actor.id)
    wanted = (
        select(Step)
        .join(Step.incident)
        .where(visible(actor), Incident.is_open.is_(True), or_(concerns, Step.submitted_at.is_not(None)))
        .where(Step.applies.is_(True))
        .options(contains_eager(Step.incident), selectinload(Step.clocks), joinedload(Step.submitted_by))
        .order_by(Incident.severity.desc(), Incident.id, Step.position)
        .limit(_MOST)
    )
    known = list(db.session.scalars(wanted))
    still_open = [step for step in known if step.state == StepState.open]
    steps = [step for step in still_open if _is_next(step, known) and _is_for(step, actor)]
    made = _grouped(sorted(steps, key=lambda step: (due(step) is None, due(step) or utc_now())))
    made.to_approve = [step for step in still_open if approvals.may_approve(actor, step.incident, step)]
    return made


def _is_next(step: Step, known: Sequence[Step]) -> bool:
    """Neither waiting for an earlier step nor for another person's approval."""
    if step.submitted_at is not None:
        return False
    return not gates.waiting_for(step, [one for one in known if one.incident_id == step.incident_id])


def due(step: Step) -> datetime | None:
    """When the next of our own clocks of the step ends."""
    return min((clock.due_at for clock in step.clocks if _counts(clock) and clock.due_at), default=None)


def _counts(clock: Clock) -> bool:
    return clock.state == ClockState.running and clock.owner == "own"


def _is_for(step: Step, actor: Actor) -> bool:
    return step.incident.holder_id == actor.id or doers.is_for(step.plan, actor)


def _grouped(steps: list[Step]) -> MySteps:
    now = utc_now()
    made = MySteps()
    for step in steps:
        at = due(step)
        if at is not None and at < now:
            made.late.append(step)
        elif at is not None and at.astimezone(ZONE).date() == now.astimezone(ZONE).date():
            made.today.append(step)
        else:
            made.later.append(step)
    return made
