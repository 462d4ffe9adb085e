"""The steps of an incident: copied from a playbook, ticked, skipped with a reason, opened again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from incidents.cases import clocks, rhythm, timeline
from incidents.cases.models import Clock, Incident, Step
from incidents.cases.visibility import find
from incidents.db import db, transaction, utc_now
from incidents.errors import NotFound, NotOpen
from incidents.permissions import Actor, require
from incidents.planning import shelf
from incidents.telling import alerts
from incidents.vocabulary import EntryKind, StepState
from playbooks import condition, model, schedule


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
    facts = clocks.facts_of(incident, anchors)
    added: list[Clock] = []
    for position, planned in enumerate(playbook.steps, start=len(by_key) + 1):
        step = by_key.get(planned.key) or copy_step(incident, playbook, planned, position)
        step.applies = condition.holds(planned.when, facts)
        if step.applies is not False and step.state == StepState.open:
            added += _add_clocks(incident, step, planned, facts, anchors)
    row = {"key": playbook.key, "code": playbook.code, "name": playbook.name, "version": playbook.version}
    incident.playbooks = [*incident.playbooks, row | {"at": utc_now().isoformat(), "by": actor.id}]
    timeline.write(actor, incident, EntryKind.playbook_started, facts=row)
    return added


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
        plan=as_plan(planned),
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
    have = {(c.anchor, c.amount, c.unit, c.basis) for c in step.clocks}
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
    (domain 4.7). Returns the clocks whose due time is another now.
    """
    db.session.flush()
    anchors = clocks.anchors_of(incident)
    facts = clocks.facts_of(incident, anchors)
    moved: list[clocks.Moved] = []
    appeared: list[str] = []
    hidden: list[str] = []
    for step in steps_of(incident):
        if step.state == StepState.skipped or step.plan.get("dropped"):
            continue
        planned, before = planned_step(step.plan), step.applies
        if step.state == StepState.open:
            step.applies = condition.holds(planned.when, facts)
            if planned.repeat_until and anchors.get(planned.repeat_until):
                rhythm.end(step)
        if step.applies is not before and step.applies is not None:
            (appeared if step.applies else hidden).append(f"{step.position}. {step.name}")
        plans = () if step.applies is False else _all_plans(incident, step, planned, facts, anchors)
        moved += clocks.replan(incident, step, plans, corrected)
    if appeared or hidden:
        timeline.write(actor, incident, EntryKind.steps_changed, facts={"appeared": appeared, "hidden": hidden})
    db.session.flush()
    clocks.point_at_next(incident)
    return moved


def _all_plans(
    incident: Incident,
    step: Step,
    planned: model.Step,
    facts: Mapping[str, object],
    anchors: Mapping[str, datetime | None],
) -> list[schedule.PlannedClock]:
    """The plans of every running playbook that has this step."""
    plans = list(_plans(incident, planned, facts, anchors))
    for row in incident.playbooks:
        if row["key"] != step.playbook:
            twins = [other for other in shelf.get(row["key"], row["version"]).steps if other.key == step.key]
            plans += [plan for twin in twins for plan in _plans(incident, twin, facts, anchors)]
    return plans


def as_plan(planned: model.Step) -> dict[str, Any]:
    """The step as JSON can hold it."""
    return asdict(planned) | {"repeat_at": [hour.isoformat() for hour in planned.repeat_at]}


def planned_step(plan: Mapping[str, Any]) -> model.Step:
    """The playbook's step as it was when it was copied."""
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in plan.items()}
    values["repeat_at"] = tuple(time.fromisoformat(hour) for hour in plan["repeat_at"])
    values["deadlines"] = tuple(_deadline(deadline) for deadline in plan["deadlines"])
    gate = plan.get("gate") or {}  # an incident of before there were gates has none
    values["gate"] = model.Gate(**gate | {"settles": tuple(gate.get("settles", ()))})
    values.pop("dropped", None)
    return model.Step(**values)


def _deadline(kept: Mapping[str, Any]) -> model.Deadline:
    return model.Deadline(**{**kept, "warn": tuple(kept.get("warn", model.WARN))})


def steps_of(incident: Incident) -> list[Step]:
    """Every step in its order, with its clocks."""
    wanted = select(Step).where(Step.incident_id == incident.id).order_by(Step.position)
    return list(db.session.scalars(wanted.options(selectinload(Step.clocks))))
