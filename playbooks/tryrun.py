"""A playbook tried on a made-up start: when each step would run, for the editor's picture. Nothing is stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from graphlib import TopologicalSorter

from playbooks import condition, law
from playbooks.model import Playbook, Step
from playbooks.schedule import PlannedClock, planned
from playbooks.worktime import Calendar

AT_START = frozenset(
    {"occurred_at", "detected_at", "received_at", "impact_determined_at", "assigned_at", "accepted_at"}
    | {"press_inquiry_at", "petition_received_at", "breach_detected_at", "system_incident_at", "crisis_flagged_at"}
    | {"ministry_notice_at"}
)
"""Anchors that are taken to be at the start when nobody says otherwise."""


@dataclass(frozen=True)
class Bar:
    """One line of the picture: a clock of a step from `begin` to `due` (aware UTC), or a point where both are one.

    `certain` is False while the facts do not tell whether the step applies. `anchor` is empty for a step without a
    clock. `assumed`: the anchor's moment is a guess, not a given. `basis` is the key of the legal basis in force.
    """

    key: str
    name: str
    name_en: str
    phase: str
    begin: datetime
    due: datetime
    certain: bool
    hard: bool = False
    owner: str = "own"
    anchor: str = ""
    amount: int = 0
    unit: str = ""
    basis: str = ""
    note: str = ""
    assumed: bool = False


def try_run(
    playbook: Playbook,
    start: datetime,
    facts: Mapping[str, object],
    calendar: Calendar,
    on: date,
    anchors: Mapping[str, datetime] | None = None,
    catalogue: law.Catalogue | None = None,
) -> tuple[Bar, ...]:
    """The bars of every step that applies or may apply, in the playbook's order, under the law of the local day `on`
    (of `catalogue`; the shipped one when not given).

    Each step is taken to be done at its earliest own due time, and the anchor it records to be set then; anchors of
    AT_START stand at `start` unless `anchors` gives them; any other anchor is taken to be set when the steps before are
    done, `measures_done_at` when everything before closing is. Raises ValueError on a naive time.
    """
    if start.tzinfo is None:
        raise ValueError("the start must be an aware datetime")
    run = _Run(playbook, start.astimezone(UTC), facts, calendar, on, dict(anchors or {}), catalogue)
    return run.bars()


class _Run:
    def __init__(
        self,
        playbook: Playbook,
        start: datetime,
        facts: Mapping[str, object],
        calendar: Calendar,
        on: date,
        given: dict[str, datetime],
        catalogue: law.Catalogue | None,
    ) -> None:
        self._start, self._facts, self._calendar, self._on, self._law = start, facts, calendar, on, catalogue
        truths = {step.key: condition.holds(step.when, facts) for step in playbook.steps}
        self._steps = {step.key: step for step in playbook.steps if truths[step.key] is not False}
        self._certain = {key: truths[key] is True for key in self._steps}
        self._given = {key: at.astimezone(UTC) for key, at in given.items()}
        self._assumed: dict[str, datetime] = {}
        self._done: dict[str, datetime] = {}

    def bars(self) -> tuple[Bar, ...]:
        found = {key: self._bars_of(self._steps[key]) for key in self._order()}
        return tuple(bar for key in self._steps for bar in found[key])

    def _order(self) -> list[str]:
        """Earlier steps first; closing steps last of all, because they count from the end of the measures."""
        waits = {key: [one for one in step.after if one in self._steps] for key, step in self._steps.items()}
        order = list(TopologicalSorter(waits).static_order())
        for key in order:  # who sets an anchor comes before those whose clocks run from it
            anchors = {clock.anchor for clock in self._clocks(self._steps[key], {})}
            makers = [one for one in self._steps if self._steps[one].sets in anchors - {""} and one != key]
            waits[key] += [one for one in makers if key not in _ancestors(waits, one)]
        order = list(TopologicalSorter(waits).static_order())
        return sorted(order, key=lambda key: self._steps[key].phase == "close")

    def _bars_of(self, step: Step) -> list[Bar]:
        ready = self._ready(step)
        clocks = self._timed(step, self._clocks(step, self._anchors(step, ready)))
        own = [clock.due_at for clock in clocks if clock.owner == "own" and clock.due_at]
        done = min(own, default=ready)
        self._done[step.key] = done
        if step.sets and step.sets not in self._given:
            self._assumed[step.sets] = done
            clocks = self._timed(step, self._clocks(step, self._anchors(step, ready)))
        return [self._bar(step, clock) for clock in clocks] or [self._point(step, done)]

    def _ready(self, step: Step) -> datetime:
        """When the steps before are done: all of them, or the first where one is enough."""
        before = [self._done[key] for key in step.after if key in self._done]
        if not before:
            return self._start
        return min(before) if step.after_any else max(before)

    def _anchors(self, step: Step, ready: datetime) -> dict[str, datetime]:
        known = dict.fromkeys(AT_START, self._start) | self._assumed | self._given
        for anchor in {clock.anchor for clock in self._clocks(step, {})} - known.keys():
            if anchor == step.sets:
                continue  # known once the step is done
            guess = max(self._done.values(), default=ready) if anchor == "measures_done_at" else ready
            known[anchor] = self._assumed[anchor] = guess
        return known

    def _clocks(self, step: Step, anchors: Mapping[str, datetime]) -> tuple[PlannedClock, ...]:
        return planned(step, self._facts, anchors, self._on, self._calendar, self._law)

    @staticmethod
    def _timed(step: Step, clocks: Iterable[PlannedClock]) -> list[PlannedClock]:
        return [clock for clock in clocks if clock.due_at is not None]

    def _bar(self, step: Step, clock: PlannedClock) -> Bar:
        assert clock.anchor_at is not None
        assert clock.due_at is not None
        return Bar(
            key=step.key,
            name=step.name,
            name_en=step.name_en,
            phase=step.phase,
            begin=clock.anchor_at,
            due=clock.due_at,
            certain=self._certain[step.key],
            hard=clock.hard,
            owner=clock.owner,
            anchor=clock.anchor,
            amount=clock.amount,
            unit=clock.unit,
            basis=clock.basis,
            note=clock.note,
            assumed=clock.anchor in self._assumed,
        )

    def _point(self, step: Step, at: datetime) -> Bar:
        return Bar(step.key, step.name, step.name_en, step.phase, at, at, self._certain[step.key])


def _ancestors(waits: Mapping[str, list[str]], key: str) -> set[str]:
    """Everything that `key` waits for, directly or through others."""
    found: set[str] = set()
    edge = [key]
    while edge:
        for one in waits[edge.pop()]:
            if one not in found:
                found.add(one)
                edge.append(one)
    return found
