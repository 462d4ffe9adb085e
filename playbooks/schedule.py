"""Deadlines become clocks: absolute due times under the law of the incident's day and the working calendar."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from playbooks import condition, law, worktime
from playbooks.model import WARN, Deadline, Step

NO_BASIS = "chưa có căn cứ bắt buộc tại thời điểm này"
NO_LIMIT = "căn cứ tại thời điểm này không ấn định thời hạn"
FIRST_DAY = timedelta(hours=24)
HALF_HOUR_BEFORE = 0
"""Stands in PlannedClock.warn_percent for the warning half an hour before the end."""

_HOUR_UNITS = frozenset({"minute", "hour", "working_hour"})
_HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True)
class PlannedClock:
    """A clock ready to run. `due_at` is None while the anchor is missing. Times are aware UTC.

    `basis` is the legal basis in force, empty for an internal clock; `hard` and `owner` (own, external) come from it.
    `warn_percent` says for each time of `warn_at` what it is: percent of the time passed, or HALF_HOUR_BEFORE the end.
    """

    anchor: str
    anchor_at: datetime | None
    due_at: datetime | None
    warn_at: tuple[datetime, ...]
    hard: bool
    owner: str
    basis: str
    amount: int
    unit: str
    note: str
    warn_percent: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Rule:
    anchor: str
    amount: int
    unit: str
    hard: bool = False
    owner: str = "own"
    basis: str = ""
    note: str = ""
    # Not compared: the same rule with other warnings is still one clock.
    warn: tuple[int, ...] = field(default=WARN, compare=False)


def planned(
    step_or_deadlines: Step | Iterable[Deadline],
    facts: Mapping[str, object],
    anchors: Mapping[str, datetime | None],
    on: date,
    calendar: worktime.Calendar,
    catalogue: law.Catalogue | None = None,
) -> tuple[PlannedClock, ...]:
    """The clocks of a step for an incident received on the local day `on`, under `catalogue` (None: the shipped law).

    A deadline whose `when` is not known to hold is left out. Two deadlines that end in the same rule make one clock:
    one rule of the old regime may stand where two of the new one are cited. Raises ValueError on a naive anchor time.
    """
    deadlines = step_or_deadlines.deadlines if isinstance(step_or_deadlines, Step) else step_or_deadlines
    rules = [
        _rule(deadline, on, catalogue or law.shipped())
        for deadline in deadlines
        if condition.holds(deadline.when, facts)
    ]
    return tuple(_clock(rule, anchors.get(rule.anchor), calendar) for rule in dict.fromkeys(rules))


def next_repeat(step: Step, started_at: datetime, last_at: datetime) -> datetime | None:
    """When a periodic step is due again, in UTC; None for a step that does not repeat.

    `started_at`: when the rhythm began, `last_at`: when the step was last done (or the rhythm began). A step with an
    interval and fixed hours keeps the interval for the first 24 hours and the fixed local hours after that.
    """
    soon = last_at + timedelta(minutes=step.repeat_every_minutes)
    if step.repeat_at and (not step.repeat_every_minutes or soon > started_at + FIRST_DAY):
        return _next_hour(step.repeat_at, last_at)
    return soon.astimezone(UTC) if step.repeat_every_minutes else None


def _next_hour(hours: tuple[time, ...], last_at: datetime) -> datetime:
    today = last_at.astimezone(worktime.ZONE).date()
    days = (today, today + timedelta(days=1))
    times = (datetime.combine(day, hour, worktime.ZONE) for day in days for hour in hours)
    return min(at for at in times if at > last_at).astimezone(UTC)


def _rule(deadline: Deadline, on: date, catalogue: law.Catalogue) -> _Rule:
    """What binds on that day. The cited amount runs softly where the law of the day gives none (domain 3.1)."""
    if not deadline.law:
        return _Rule(deadline.anchor, deadline.amount, deadline.unit, note=deadline.note, warn=tuple(deadline.warn))
    cited, row = catalogue.basis(deadline.law), catalogue.in_force(deadline.law, on)
    binding = row if row and row.unit in worktime.UNITS else cited
    reason = NO_BASIS if row is None else NO_LIMIT if row is not binding else ""
    return _Rule(
        binding.anchor,
        binding.amount or 0,
        binding.unit,
        hard=row is binding and binding.force == "hard",
        owner=binding.owner,
        basis=row.key if row else "",
        note="; ".join(note for note in (reason, deadline.note) if note),
        warn=tuple(deadline.warn),
    )


def _clock(rule: _Rule, anchor_at: datetime | None, calendar: worktime.Calendar) -> PlannedClock:
    due_at = worktime.after(anchor_at, rule.amount, rule.unit, calendar) if anchor_at else None
    start = anchor_at.astimezone(UTC) if anchor_at else None
    warnings = _warnings(start, due_at, rule) if start and due_at else {}
    return PlannedClock(
        rule.anchor,
        start,
        due_at,
        tuple(warnings),
        rule.hard,
        rule.owner,
        rule.basis,
        rule.amount,
        rule.unit,
        rule.note,
        tuple(warnings.values()),
    )


def _warnings(start: datetime, due_at: datetime, rule: _Rule) -> dict[datetime, int]:
    """When people are warned, rising, each with its percent of the time; see PlannedClock.

    Half an hour before the end of a clock that counts hours and is longer than an hour; where that is also a percent
    of the time, the percent stands.
    """
    span = due_at - start
    if span <= timedelta(0):
        return {}
    found: dict[datetime, int] = {}
    if rule.unit in _HOUR_UNITS and span > 2 * _HALF_HOUR:
        found[(due_at - _HALF_HOUR).replace(microsecond=0)] = HALF_HOUR_BEFORE
    found |= {(start + span * percent / 100).replace(microsecond=0): percent for percent in rule.warn}
    return dict(sorted(found.items()))
