"""The clocks of a step brought in line with what is planned now: moved, cancelled, begun, and the met ones judged anew."""

from collections.abc import Iterable, Mapping

from incidents.cases import clocks
from incidents.cases.clocks import Moved
from incidents.cases.models import Clock, Incident, Step
from incidents.vocabulary import ClockState, StepState
from playbooks.law import citation
from playbooks.schedule import PlannedClock

Key = tuple[str, int, str, str]

_MET = (ClockState.met, ClockState.met_late)


def replan(incident: Incident, step: Step, plans: Iterable[PlannedClock], corrected: str = "") -> list[Moved]:
    """Bring a step's clocks in line with ``plans``. Returns those whose due time is another now.

    What is no longer planned is cancelled, what is new begins, what stays keeps its row; what was met or waived is not
    touched, except by a corrected anchor. What ended with the incident stays ended: after the reopening a new clock
    counts (domain 4.8). Of a step that is done only what others owe by it still runs: a platform's 24 hours begin with
    our demand.
    """
    is_open = step.state == StepState.open
    planned = {(plan.anchor, plan.amount, plan.unit, plan.basis): plan for plan in plans}
    if corrected:
        _correct_met(incident, step, planned, corrected)
    wanted = {key: plan for key, plan in planned.items() if is_open or plan.owner == "external"}
    concerned = [clock for clock in step.clocks if _is_concerned(clock, is_open=is_open)]
    moved, cancelled = _follow(concerned, wanted)
    for clock in concerned:
        if not clocks.is_running(clock) and (plan := wanted.get(_key(clock))) and _answers(clock, plan, is_open):
            wanted.pop(_key(clock))
    for plan in wanted.values():
        clocks.add(incident, plan, name=step.name, name_en=step.name_en, step=step)
    return moved + _taken_over(cancelled, wanted.values())


def _is_concerned(clock: Clock, *, is_open: bool) -> bool:
    return clock.anchor != clocks.REPEATED if is_open else clock.owner != "own"


def _key(clock: Clock) -> Key:
    return clock.anchor, clock.amount, clock.unit, clock.basis


def _follow(concerned: Iterable[Clock], wanted: dict[Key, PlannedClock]) -> tuple[list[Moved], list[Clock]]:
    """Running and waiting clocks follow their plan, which is taken out of ``wanted``; returns (moved, cancelled)."""
    moved, cancelled = [], []
    for clock in [one for one in concerned if clocks.is_running(one)]:
        plan, before = wanted.pop(_key(clock), None), clock.due_at
        if plan is None:
            clocks.cancel(clock)
            cancelled.append(clock)
        elif (clock.anchor_at, clock.due_at) != (plan.anchor_at, plan.due_at):
            clocks.keep_breach(clock)
            clocks.run(clock, plan.anchor_at, plan.due_at, plan.warn_at)
            moved.append(Moved(clock.name, before, clock.due_at))
    return moved, cancelled


def _answers(clock: Clock, plan: PlannedClock, is_open: bool) -> bool:
    """Whether an ended clock is the answer to the plan; cancelled by a fact that has changed back it runs again."""
    if clock.state != ClockState.cancelled:
        return clock.state in (*_MET, ClockState.waived)
    if not is_open or clock.anchor_at not in (None, plan.anchor_at):
        return False
    clocks.run(clock, plan.anchor_at, plan.due_at, plan.warn_at)
    return True


def _taken_over(cancelled: Iterable[Clock], begun: Iterable[PlannedClock]) -> list[Moved]:
    """A cancelled clock whose place another takes (a level's hours, another law) has moved, as people see it."""
    heirs = [(clock, _heir(clock, list(begun))) for clock in cancelled]
    return [Moved(clock.name, clock.due_at, plan.due_at) for clock, plan in heirs if plan is not None]


def _heir(clock: Clock, plans: Iterable[PlannedClock]) -> PlannedClock | None:
    """The one plan that takes the clock's place: the same time under another law, else the same duty with another."""
    mine = [plan for plan in plans if plan.owner == clock.owner]
    for alike in (
        [p for p in mine if (p.anchor, p.amount, p.unit) == (clock.anchor, clock.amount, clock.unit)],
        [p for p in mine if (p.anchor, p.hard) == (clock.anchor, clock.hard)],
        [p for p in mine if p.hard and clock.hard],
    ):
        if len(alike) == 1:
            return alike[0]
    return None


def _correct_met(incident: Incident, step: Step, planned: Mapping[Key, PlannedClock], corrected: str) -> None:
    """An anchor was corrected after clocks were met: each is judged by the true time, beside its first result.

    The day of receipt decides which law is kept: a clock of another law is judged by the one that bound on the true day.
    """
    present = {_key(clock) for clock in step.clocks}
    for clock in step.clocks:
        if clock.state not in _MET or clock.anchor == clocks.REPEATED:
            continue
        plan = planned.get(_key(clock))
        if plan is None and corrected == "received_at":
            plan = _heir(clock, [new for key, new in planned.items() if key not in present])
            if plan is not None and plan.due_at is not None:
                _follow_law(incident, clock, plan)
                present.add(_key(clock))
        elif corrected != clock.anchor:
            continue
        if plan is not None:
            _correct(clock, plan)


def _follow_law(incident: Incident, clock: Clock, plan: PlannedClock) -> None:
    clock.anchor, clock.amount, clock.unit, clock.hard = plan.anchor, plan.amount, plan.unit, plan.hard
    clock.basis, clock.note = plan.basis, plan.note
    clock.citation = citation(clocks.catalogue(incident).basis(plan.basis)) if plan.basis else ""


def _correct(clock: Clock, plan: PlannedClock) -> None:
    if plan.due_at is None or clock.met_at is None:
        return
    clock.first_result = clock.first_result or clock.state
    clock.anchor_at, clock.due_at = plan.anchor_at, plan.due_at
    clock.state = ClockState.met if clock.met_at <= plan.due_at else ClockState.met_late
