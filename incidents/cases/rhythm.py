"""Steps that come again: every two hours, or at fixed hours, until an anchor is set (PB-02 updates, PB-08 summaries)."""

from collections.abc import Mapping
from datetime import datetime

from incidents.cases import clocks
from incidents.cases.models import Clock, Incident, Step
from incidents.vocabulary import ClockState, StepState
from playbooks import schedule
from playbooks.model import Step as PlannedStep
from playbooks.schedule import PlannedClock


def goes_on(planned: PlannedStep, anchors: Mapping[str, datetime | None]) -> bool:
    """Whether the step repeats and what ends its rhythm has not come."""
    repeats = bool(planned.repeat_every_minutes or planned.repeat_at)
    return repeats and not anchors.get(planned.repeat_until)


def again(incident: Incident, step: Step, planned: PlannedStep, done_at: datetime) -> Clock | None:
    """Done this time: the step stays open and its next due time begins."""
    started_at = min((c.anchor_at for c in step.clocks if c.anchor_at), default=done_at)
    due_at = schedule.next_repeat(planned, started_at, done_at)
    if due_at is None:
        return None
    step.state = StepState.open
    minutes = round((due_at - done_at).total_seconds() / 60)
    plan = PlannedClock(clocks.REPEATED, done_at, due_at, (), False, "own", "", minutes, "minute", "")
    return clocks.add(incident, plan, name=step.name, name_en=step.name_en, step=step)


def end(step: Step) -> None:
    """What ends the rhythm has come: nothing more is due."""
    step.state = StepState.done
    for clock in step.clocks:
        if clock.state in (ClockState.running, ClockState.waiting):
            clock.state, clock.next_mark_at = ClockState.cancelled, None
