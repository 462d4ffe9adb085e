"""How late the steps of a playbook were, by version: what a review looks at before it writes the next one.

Rehearsals are left out, and so is every incident that the reader may not see. Late is a step with a clock of our own
that was met late, missed, or waived when it was counted late already, and an open step past its due time. A clock
that is corrected later keeps its first result, and that is what counts here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from incidents.cases.models import Clock, Incident, Step
from incidents.cases.visibility import visible
from incidents.db import db, utc_now
from incidents.permissions import Actor, require
from incidents.vocabulary import ClockState, StepState

WHICH = ("done", "in_time", "late", "skipped", "waived")
"""The counted groups; each of them is also a list (``listed``)."""

MOST_LISTED = 200
_LATE = (ClockState.met_late, ClockState.missed)


@dataclass(frozen=True)
class Counts:
    """Steps of one version: ``in_time`` and ``late`` only of steps that had a clock of our own."""

    done: int = 0
    in_time: int = 0
    late: int = 0
    skipped: int = 0
    waived: int = 0

    @property
    def late_share(self) -> float | None:
        """Late ones among those that were in time or late, 0 to 1; None while there is none."""
        judged = self.in_time + self.late
        return self.late / judged if judged else None


@dataclass(frozen=True)
class StepTimes:
    """One step of a version: how long it took against what it had, as medians of the done ones with a due time."""

    key: str
    name: str
    name_en: str
    counts: Counts
    taken: timedelta | None
    allowed: timedelta | None


@dataclass(frozen=True)
class Listed:
    """A step of an incident behind a number."""

    code: str
    title: str
    step: str
    step_en: str
    due_at: datetime | None
    done_at: datetime | None


def by_version(actor: Actor) -> dict[tuple[str, int], Counts]:
    """(key, version) → counts, of every playbook, in one statement."""
    require(actor, "read_planning")
    rows = _judged(actor).subquery()
    sums = [func.sum(rows.c[which]).label(which) for which in WHICH]
    found = db.session.execute(
        select(rows.c.playbook, rows.c.playbook_version, *sums).group_by(rows.c.playbook, rows.c.playbook_version)
    )
    return {(one.playbook, one.playbook_version): _counts(one) for one in found}


def of_steps(actor: Actor, key: str, version: int) -> list[StepTimes]:
    """The steps of one version in the order of the checklist, in two statements."""
    require(actor, "read_planning")
    rows = _judged(actor).where(Step.playbook == key, Step.playbook_version == version).subquery()
    sums = [func.sum(rows.c[which]).label(which) for which in WHICH]
    named = [func.max(rows.c.name).label("name"), func.max(rows.c.name_en).label("name_en")]
    grouped = select(rows.c.key, *named, *sums).group_by(rows.c.key).order_by(func.min(rows.c.position))
    times = _times(actor, key, version)
    return [
        StepTimes(one.key, one.name, one.name_en, _counts(one), *times.get(one.key, (None, None)))
        for one in db.session.execute(grouped)
    ]


def listed(actor: Actor, key: str, version: int, which: str, step: str = "") -> list[Listed]:
    """The steps behind a number of ``by_version`` or ``of_steps``, newest incident first, at most MOST_LISTED."""
    require(actor, "read_planning")
    if which not in WHICH:
        return []
    due = select(func.min(Clock.due_at)).where(Clock.step_id == Step.id, Clock.owner == "own").scalar_subquery()
    wanted = (
        select(Incident.code, Incident.title, Step.name, Step.name_en, due.label("due_at"), Step.done_at)
        .join(Incident, Step.incident_id == Incident.id)
        .where(*_counted(actor), Step.playbook == key, Step.playbook_version == version, _conditions()[which])
        .order_by(Incident.id.desc(), Step.position)
        .limit(MOST_LISTED)
    )
    if step:
        wanted = wanted.where(Step.key == step)
    return [Listed(*row) for row in db.session.execute(wanted)]


def _judged(actor: Actor) -> Select[str, int, str, str, str, int]:
    """One row per step that counts, with 0 or 1 for each group."""
    ones = [case((condition, 1), else_=0).label(which) for which, condition in _conditions().items()]
    columns = (Step.playbook, Step.playbook_version, Step.key, Step.name, Step.name_en, Step.position, *ones)
    return select(*columns).join(Incident, Step.incident_id == Incident.id).where(*_counted(actor))


def _counted(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    # A step hidden by a later fact counts as long as it was late before.
    counts = or_(Step.applies.is_not(False), _has(Clock.first_result.in_(_LATE)))
    return visible(actor), Incident.exercise.is_(False), counts


def _conditions() -> dict[str, ColumnElement[bool]]:
    running_late = and_(Clock.state == ClockState.running, Clock.due_at < utc_now())
    late = _has(or_(Clock.state.in_(_LATE), Clock.first_result.in_(_LATE), running_late))
    is_done = Step.state == StepState.done
    return {
        "done": is_done,
        "in_time": and_(is_done, ~late, _has(Clock.state == ClockState.met)),
        "late": late,
        "skipped": Step.state == StepState.skipped,
        "waived": _has(Clock.state == ClockState.waived),
    }


def _has(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The step has a clock of our own of which this is true."""
    return exists().where(Clock.step_id == Step.id, Clock.owner == "own", condition).correlate(Step)


def _times(actor: Actor, key: str, version: int) -> dict[str, tuple[timedelta, timedelta]]:
    """Step key → (time taken, time allowed), medians over the first due clock of each done step."""
    met = (ClockState.met, ClockState.met_late)
    wanted = (
        select(Step.id, Step.key, Clock.anchor_at, Clock.met_at, Clock.due_at)
        .join(Clock, Clock.step_id == Step.id)
        .join(Incident, Step.incident_id == Incident.id)
        .where(*_counted(actor), Step.playbook == key, Step.playbook_version == version)
        .where(Clock.owner == "own", Clock.state.in_(met), Clock.met_at.is_not(None), Clock.anchor_at.is_not(None))
        .order_by(Step.id, Clock.due_at.desc())
    )
    first = {row.id: row for row in db.session.execute(wanted)}  # the earliest due of each step comes last and stays
    spans: dict[str, list[tuple[float, float]]] = {}
    for row in first.values():
        spent = (row.met_at - row.anchor_at).total_seconds(), (row.due_at - row.anchor_at).total_seconds()
        spans.setdefault(row.key, []).append(spent)
    return {step: _medians(pairs) for step, pairs in spans.items()}


def _medians(pairs: Sequence[tuple[float, float]]) -> tuple[timedelta, timedelta]:
    taken, allowed = (median(pair[at] for pair in pairs) for at in (0, 1))
    return timedelta(seconds=taken), timedelta(seconds=allowed)


def _counts(row: object) -> Counts:
    return Counts(*(int(getattr(row, which) or 0) for which in WHICH))
