"""The steps of an incident: copied from a playbook, ticked, skipped with a reason, opened again."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from incidents.cases import clocks, gates, moved, replanning, rhythm, timeline, twins
from incidents.cases.models import Clock, Incident, Step
from incidents.cases.visibility import find
from incidents.db import db, transaction, utc_now
from incidents.errors import NotFound, NotOpen
from incidents.permissions import Actor, require
from incidents.planning import shelf
from incidents.telling import alerts
from incidents.vocabulary import ClockState, EntryKind, StepState
from playbooks import condition, model, schedule

planned_step = twins.planned_step

_GONE = (ClockState.cancelled, ClockState.transferred, ClockState.missed)  # a duty that comes again gets a new clock


def start_playbook(actor: Actor, code: str, key: str) -> Incident:
    """Copy a playbook's steps into the incident. Starting one that runs already changes nothing.

    A step another running playbook has too is the same duty: it is not doubled, its clocks are added (domain 6).
    """
    with transaction():
        incident = find(actor, code)
        require(actor, "start_playbook", severity=incident.severity)
        if incident.has_ended:
            raise NotOpen(code=incident.code)
        playbook = _playbook(key)
        if not is_running(incident, playbook.key):
            begin(actor, incident, playbook, present=steps_of(incident), anchors=clocks.anchors_of(incident))
            db.session.flush()
            clocks.point_at_next(incident)
            alerts.edit_cards(incident_id=incident.id, cause=f"playbook:{incident.code}:{playbook.key}")
        return incident


def _playbook(key: str) -> model.Playbook:
    """By its key, or by its code as people say it ("PB-02")."""
    by_code = {playbook.code: playbook.key for playbook in shelf.in_force()}
    try:
        return shelf.get(by_code.get(key.strip().upper(), key))
    except KeyError as error:
        raise NotFound(what=key) from error


def is_running(incident: Incident, key: str) -> bool:
    return any(row["key"] == key for row in incident.playbooks)


def begin(
    actor: Actor,
    incident: Incident,
    playbook: model.Playbook,
    *,
    present: Sequence[Step],
    anchors: Mapping[str, datetime | None],
) -> list[Clock]:
    """The steps and clocks of ``playbook`` and the entry, not yet flushed. Returns the new clocks."""
    by_key = {step.key: step for step in present}
    position = max((step.position for step in present), default=0)
    facts = clocks.facts_of(incident, anchors)
    row = {"key": playbook.key, "code": playbook.code, "name": playbook.name, "version": playbook.version}
    incident.playbooks = [*incident.playbooks, row | {"at": utc_now().isoformat(), "by": actor.id}]
    added: list[Clock] = []
    stricter: list[str] = []
    for planned in playbook.steps:
        step = by_key.get(planned.key)
        if step is None:
            position += 1
            step = copy_step(incident, playbook, planned, position)
            step.applies = condition.holds(planned.when, facts)
        elif _join(incident, step, playbook, planned, facts):
            stricter.append(f"{step.position}. {step.name}")
        if step.applies is not False and step.state == StepState.open:
            added += _add_clocks(incident, step, planned, facts, anchors)
    told = row | ({"stricter": stricter} if stricter else {})
    timeline.write(actor, incident, EntryKind.playbook_started, facts=told)
    return added


def _join(
    incident: Incident, step: Step, playbook: model.Playbook, planned: model.Step, facts: Mapping[str, object]
) -> bool:
    """The incident has the step already: it obeys both. One that a newer version had dropped is ``playbook``'s now.

    Returns whether more is asked of an open step than before.
    """
    if step.state == StepState.open and twins.is_dropped(step.plan):
        take(step, playbook, planned)
    before, duties = twins.planned_step(step.plan), _bind(incident, step)
    after = twins.planned_step(step.plan)
    if step.state != StepState.open:
        return False
    step.applies = twins.applies(duties, facts)
    return (before.approval, before.gate) != (after.approval, after.gate)


def take(step: Step, playbook: model.Playbook, planned: model.Step) -> None:
    """From now on the step is ``playbook``'s; its clocks follow in ``reconsider``."""
    step.playbook, step.playbook_version = playbook.key, playbook.version
    step.name, step.name_en, step.phase = planned.name, planned.name_en, planned.phase
    step.plan = twins.as_plan(planned)


def _bind(incident: Incident, step: Step) -> list[model.Step]:
    """The step as each running playbook has it, its own first; its plan asks for the strictest of them."""
    found = [
        other
        for row in incident.playbooks
        if row["key"] != step.playbook
        for other in shelf.get(row["key"], row["version"]).steps
        if other.key == step.key
    ]
    plan = twins.bound(step.plan, found)
    if plan != step.plan:
        step.plan = plan
    return [twins.own_step(plan), *found]


def copy_step(incident: Incident, playbook: model.Playbook, planned: model.Step, position: int) -> Step:
    """The incident's own copy of a step, not yet flushed and without clocks."""
    step = Step(
        incident=incident,
        playbook=playbook.key,
        playbook_version=playbook.version,
        key=planned.key,
        position=position,
        name=planned.name,
        name_en=planned.name_en,
        phase=planned.phase,
        plan=twins.as_plan(planned),
        state=StepState.open,
        clocks=[],
    )
    db.session.add(step)
    return step


def _add_clocks(
    incident: Incident,
    step: Step,
    planned: model.Step,
    facts: Mapping[str, object],
    anchors: Mapping[str, datetime | None],
) -> list[Clock]:
    if condition.holds(planned.when, facts) is False:
        return []
    have = {(c.anchor, c.amount, c.unit, c.basis) for c in step.clocks if c.state not in _GONE}
    return [
        clocks.add(incident, plan, name=step.name, name_en=step.name_en, step=step)
        for plan in _plans(incident, planned, facts, anchors)
        if (plan.anchor, plan.amount, plan.unit, plan.basis) not in have
    ]


def _plans(
    incident: Incident, planned: model.Step, facts: Mapping[str, object], anchors: Mapping[str, datetime | None]
) -> tuple[schedule.PlannedClock, ...]:
    since = anchors.get("reopened_at")
    if since is not None:  # of a reopened incident everything runs from the reopening (domain 4.8)
        anchors = {key: max(at, since) if at else at for key, at in anchors.items()}
    on, calendar = clocks.regime_day(incident), clocks.calendar()
    return schedule.planned(planned.deadlines, facts, anchors, on, calendar, clocks.catalogue(incident))


def reconsider(actor: Actor, incident: Incident, corrected: str = "") -> list[clocks.Moved]:
    """Facts or anchors have changed: steps appear or hide (with an entry), open steps' clocks are planned anew.

    ``corrected``: the anchor that was corrected; clocks already met by it get their corrected result beside the first
    (domain 4.7). Clocks whose due time is another now are returned, written down and told. What has ended owes nothing:
    its clocks stay as they are.
    """
    db.session.flush()
    if incident.has_ended:
        clocks.point_at_next(incident)
        return []
    cause = f"entry:{incident.code}:{incident.entry_count}"
    anchors = clocks.anchors_of(incident)
    facts = clocks.facts_of(incident, anchors)
    changed: list[clocks.Moved] = []
    appeared: list[str] = []
    hidden: list[str] = []
    for step in steps_of(incident):
        if step.state == StepState.skipped or twins.is_dropped(step.plan):
            continue
        before, duties = step.applies, _bind(incident, step)
        if step.state == StepState.open:
            step.applies = twins.applies(duties, facts)
            if duties[0].repeat_until and anchors.get(duties[0].repeat_until):
                rhythm.end(step)
        if step.applies is not before and step.applies is not None:
            (appeared if step.applies else hidden).append(f"{step.position}. {step.name}")
        changed += replanning.replan(incident, step, _all_plans(incident, step, duties, facts, anchors), corrected)
    rhythm.mark_day(incident, anchors)
    if appeared or hidden:
        timeline.write(actor, incident, EntryKind.steps_changed, facts={"appeared": appeared, "hidden": hidden})
    db.session.flush()
    clocks.point_at_next(incident)
    moved.tell(actor, incident, changed, cause)
    return changed


def _all_plans(
    incident: Incident,
    step: Step,
    duties: Sequence[model.Step],
    facts: Mapping[str, object],
    anchors: Mapping[str, datetime | None],
) -> list[schedule.PlannedClock]:
    """The plans of every running playbook that asks for this step now; what is done stays owed as it was."""
    if step.applies is False:
        return []
    is_open = step.state == StepState.open
    asking = [one for one in duties if not is_open or condition.holds(one.when, facts) is not False]
    return [plan for one in asking for plan in _plans(incident, one, facts, anchors)]


def restart_rhythms(incident: Incident, at: datetime) -> None:
    """The incident was reopened at ``at``: steps that come again and were done before are due anew from then on."""
    anchors = clocks.anchors_of(incident)
    for step in steps_of(incident):
        planned = planned_step(step.plan)
        goes_on = gates.has_run(step) and rhythm.goes_on(planned, anchors)
        if step.state == StepState.open and step.applies is True and goes_on and not twins.is_dropped(step.plan):
            rhythm.again(incident, step, planned, at)


def after_waiver(incident: Incident, clock: Clock) -> None:
    """A clock of a rhythm was waived: this time is not asked for, the next one is."""
    if clock.anchor == rhythm.UPDATED:
        rhythm.begin(incident, utc_now())
    elif clock.step is not None:
        planned = planned_step(clock.step.plan)
        if rhythm.goes_on(planned, clocks.anchors_of(incident)):
            rhythm.next_time(incident, clock.step, planned, utc_now())


def steps_of(incident: Incident) -> list[Step]:
    """Every step in its order, with its clocks."""
    wanted = select(Step).where(Step.incident_id == incident.id).order_by(Step.position)
    return list(db.session.scalars(wanted.options(selectinload(Step.clocks))))
