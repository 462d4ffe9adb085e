"""Deadlines become clocks: absolute due times under the law of the incident's day and the working calendar."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from playbooks import condition, law, worktime
from playbooks.model import Deadline, Step

NO_BASIS = "chưa có căn cứ bắt buộc tại thời điểm này"
NO_LIMIT = "căn cứ tại thời điểm này không ấn định thời hạn"
FIRST_DAY = timedelta(hours=24)

_HOUR_UNITS = frozenset({"minute", "hour", "working_hour"})
_HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True)
class PlannedClock:
    """A clock ready to run. `due_at` is None while the anchor is missing. Times are aware UTC.

    `basis` is the legal basis in force, empty for an internal clock; `hard` and `owner` (own, external) come from it.
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


@dataclass(frozen=True)
class _Rule:
    anchor: str
    amount: int
    unit: str
    hard: bool = False
    owner: str = "own"
    basis: str = ""
    note: str = ""


def planned(
    step_or_deadlines: Step | Iterable[Deadline],
    facts: Mapping[str, object],
    anchors: Mapping[str, datetime | None],
    on: date,
    calendar: worktime.Calendar,
) -> tuple[PlannedClock, ...]:
    """The clocks of a step for an incident received on the local day `on`.

    A deadline whose `when` is not known to hold is left out. Two deadlines that end in the same rule make one clock:
    one rule of the old regime may stand where two of the new one are cited. Raises ValueError on a naive anchor time.
    """
    deadlines = step_or_deadlines.deadlines if isinstance(step_or_deadlines, Step) else step_or_deadlines
    rules = [_rule(deadline, on) for deadline in deadlines if condition.holds(deadline.when, facts)]
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


def _rule(deadline: Deadline, on: date) -> _Rule:
    """What binds on that day. The cited amount runs softly where the law of the day gives none (domain 3.1)."""
    if not deadline.law:
        return _Rule(deadline.anchor, deadline.amount, deadline.unit, note=deadline.note)
    cited, row = law.basis(deadline.law), law.in_force(deadline.law, on)
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
    )


def _clock(rule: _Rule, anchor_at: datetime | None, calendar: worktime.Calendar) -> PlannedClock:
    due_at = worktime.after(anchor_at, rule.amount, rule.unit, calendar) if anchor_at else None
    start = anchor_at.astimezone(UTC) if anchor_at else None
    warn_at = _warnings(start, due_at, rule.unit) if start and due_at else ()
    return PlannedClock(
        rule.anchor, start, due_at, warn_at, rule.hard, rule.owner, rule.basis, rule.amount, rule.unit, rule.note
    )


def _warnings(start: datetime, due_at: datetime, unit: str) -> tuple[datetime, ...]:
    """At half and four fifths of the time, and half an hour before the end of a longer clock that counts hours."""
    span = due_at - start
    if span <= timedelta(0):
        return ()
    times = {start + span / 2, start + span * 4 / 5}
    if unit in _HOUR_UNITS and span > 2 * _HALF_HOUR:
        times.add(due_at - _HALF_HOUR)
    return tuple(sorted({at.replace(microsecond=0) for at in times}))
