"""Steps that come again: every two hours, or at fixed hours, until an anchor is set (PB-02 updates, PB-08 summaries)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from incidents.cases import clocks
from incidents.cases.models import Clock, Incident, Step
from incidents.db import db
from incidents.vocabulary import ClockState, StepState
from playbooks import schedule
from playbooks.model import Step as PlannedStep
from playbooks.schedule import PlannedClock

UPDATED = "last_update_at"  # the anchor of the update rhythm: the last word of a person
FLAGGED = "crisis_flagged_at"
UPDATE_MINUTES = {1: 1440, 2: 480, 3: 240, 4: 120}  # domain 4.3
FIRST_HOURS = timedelta(hours=6)  # of a Cấp 4: an update every hour


def goes_on(planned: PlannedStep, anchors: Mapping[str, datetime | None]) -> bool:
    """Whether the step repeats and what ends its rhythm has not come."""
    repeats = bool(planned.repeat_every_minutes or planned.repeat_at)
    return repeats and not anchors.get(planned.repeat_until)


def again(incident: Incident, step: Step, planned: PlannedStep, done_at: datetime) -> Clock | None:
    """Done this time: the step stays open and its next due time begins."""
    clock = next_time(incident, step, planned, done_at)
    if clock is not None:
        step.state = StepState.open
        step.result, step.document, step.file_count = (
            "",
            "",
            0,
        )  # each time is proven and approved anew; entries keep it
        step.submitted_at = step.submitted_by_id = step.approved_at = step.approved_by_id = None
    return clock


def next_time(incident: Incident, step: Step, planned: PlannedStep, since: datetime) -> Clock | None:
    """The clock of the step's next time, counted from ``since``; None for a step that does not repeat."""
    started_at = min((c.anchor_at for c in step.clocks if c.anchor_at), default=since)
    due_at = schedule.next_repeat(planned, started_at, since)
    if due_at is None:
        return None
    minutes = round((due_at - since).total_seconds() / 60)
    plan = PlannedClock(clocks.REPEATED, since, due_at, (), False, "own", "", minutes, "minute", "")
    return clocks.add(incident, plan, name=step.name, name_en=step.name_en, step=step)


def end(step: Step) -> None:
    """What ends the rhythm has come: nothing more is due."""
    step.state = StepState.done
    for clock in step.clocks:
        if clocks.is_running(clock):
            clocks.cancel(clock)


def begin(incident: Incident, since: datetime) -> Clock:
    """The next update of the incident as a whole, by its level (domain 4.3)."""
    due_at = since + _interval(incident, since)
    minutes = round((due_at - since).total_seconds() / 60)
    flagged_at = clocks.anchors_of(incident).get(FLAGGED) if incident.flags.get("crisis_flagged") else None
    marks = _marks(flagged_at, since, due_at)
    plan = PlannedClock(UPDATED, since, due_at, marks, False, "own", "", minutes, "minute", "")
    return clocks.add(incident, plan, name="Cập nhật tình hình", name_en="Update the situation")


def _marks(flagged_at: datetime | None, since: datetime, due_at: datetime) -> tuple[datetime, ...]:
    """The moment at which a crisis is a day old, when this clock runs then: time alone changes a fact by it."""
    day_old = flagged_at + clocks.A_DAY if flagged_at else None
    return (day_old,) if day_old and since < day_old < due_at else ()


def mark_day(incident: Incident, anchors: Mapping[str, datetime | None]) -> None:
    """The crisis was flagged, or flagged at another time: the running update clock knows when a day of it has passed."""
    flagged_at = anchors.get(FLAGGED)
    for clock in of(incident) if flagged_at else ():
        if clock.anchor_at is None or clock.due_at is None:
            continue
        marks = _marks(flagged_at, clock.anchor_at, clock.due_at)
        if list(marks) != clocks.warnings(clock):
            clocks.run(clock, clock.anchor_at, clock.due_at, marks)


def _interval(incident: Incident, since: datetime) -> timedelta:
    in_first_hours = incident.severity == 4 and since < incident.opened_at + FIRST_HOURS
    return timedelta(minutes=60 if in_first_hours else UPDATE_MINUTES[incident.severity])


def renew(incident: Incident, at: datetime) -> None:
    """Somebody has said how things stand: the running update is met, the next begins. Ends with the incident."""
    running = of(incident)
    clocks.meet(running, at)
    if not incident.has_ended:
        begin(incident, at)
        db.session.flush()


def missed(incident: Incident, clock: Clock, now: datetime) -> None:
    """Nobody said anything in time: this one is missed and stays counted, the next begins now."""
    clock.state, clock.first_result, clock.next_mark_at = ClockState.missed, ClockState.missed, None
    begin(incident, now)
    db.session.flush()
    clocks.point_at_next(incident)


def change(incident: Incident, now: datetime) -> None:
    """The level has changed: the update is due by the new rhythm, counted from the last one."""
    for clock in of(incident):
        since = clock.anchor_at or now
        due_at = max(since + _interval(incident, since), now + timedelta(minutes=1))
        clock.amount = round((due_at - since).total_seconds() / 60)
        clocks.keep_breach(clock)
        clocks.run(clock, since, due_at)


def of(incident: Incident) -> list[Clock]:
    """The running update clock, in a list."""
    wanted = select(Clock).where(
        Clock.incident_id == incident.id, Clock.anchor == UPDATED, Clock.state == ClockState.running
    )
    return list(db.session.scalars(wanted))
