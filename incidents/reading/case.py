"""One incident as its page shows it, in six statements whatever its length."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import and_, literal, or_, select
from sqlalchemy.orm import attributes, joinedload

from incidents.cases import clocks as running
from incidents.cases import gates
from incidents.cases.codes import like_code
from incidents.cases.models import Assignment, Clock, Draft, Entry, EntryFile, Incident, Step
from incidents.cases.visibility import visible
from incidents.db import db
from incidents.errors import NotFound
from incidents.permissions import Actor
from incidents.planning import shelf
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, AlertState, ClockState, Part, StepState
from playbooks.model import Playbook

FIRST_ENTRIES = 50
_SHOWN = (
    AlertKind.incident_new,
    AlertKind.assigned,
    AlertKind.severity_raised,
    AlertKind.step_soon,
    AlertKind.step_overdue,
    AlertKind.escalation,
    AlertKind.approval_wanted,
    AlertKind.clock_moved,
    AlertKind.undelivered,
)


@dataclass
class Case:
    """``steps``: those that apply or may; ``clocks``: running and waiting, next first; ``entries``: newest first."""

    incident: Incident
    steps: list[Step]
    clocks: list[Clock]
    parts: list[Assignment]
    entries: list[Entry]
    has_older: bool
    alerts: list[Alert]
    proposed: list[Playbook] = field(default_factory=list)
    draft: Draft | None = None  # what the reader was typing as a note

    @property
    def lead(self) -> Assignment | None:
        return next((part for part in self.parts if part.part == Part.lead_agency), None)

    @property
    def done(self) -> int:
        return sum(step.state != StepState.open for step in self.steps)

    @property
    def next_step(self) -> Step | None:
        """The next open step, by what is due first, then by order."""
        still_open = [
            step
            for step in self.steps
            if step.state == StepState.open
            and step.applies is True
            and step.submitted_at is None
            and not gates.waiting_for(step, self.steps)
        ]
        return min(still_open, key=_urgency, default=None)


def _urgency(step: Step) -> tuple[bool, float, int]:
    due = [c.due_at.timestamp() for c in step.clocks if c.due_at and c.state == ClockState.running]
    return not due, min(due, default=0.0), step.position


def read(
    actor: Actor, code: str, *, entries: int = FIRST_ENTRIES, kinds: Collection[str] = (), before: int | None = None
) -> Case:
    """Everything the page of ``code`` shows. Raises ``NotFound``, alike for unknown and for not visible.

    ``kinds``: only entries of these kinds; ``before``: only those with a smaller number (the next page).
    """
    incident, draft = _incident(actor, code)
    clocks = _clocks(incident)
    steps = _steps(incident, clocks)
    newest = _entries(incident, entries + 1, kinds, before)
    return Case(
        incident=incident,
        steps=[step for step in steps if step.applies is not False or step.state != StepState.open],
        clocks=_next_first(clocks),
        parts=_parts(incident),
        entries=newest[:entries],
        has_older=len(newest) > entries,
        alerts=_alerts(incident),
        proposed=_proposed(incident),
        draft=draft,
    )


def _incident(actor: Actor, code: str) -> tuple[Incident, Draft | None]:
    """The incident, and in the same statement the note that ``actor`` has begun (kept under the note's address)."""
    patterns = like_code(code)
    if not patterns:
        raise NotFound(what=code)
    is_mine = and_(
        Draft.member_id == actor.id, Draft.key == literal("/incidents/").concat(Incident.code).concat("/note")
    )
    wanted = (
        select(Incident, Draft)
        .outerjoin(Draft, is_mine)
        .where(or_(*(Incident.code.like(pattern) for pattern in patterns)), visible(actor))
        .options(joinedload(Incident.holder), joinedload(Incident.merged_into), joinedload(Incident.opened_by))
        .limit(2)
    )
    found = db.session.execute(wanted).all()
    if len(found) != 1:
        raise NotFound(what=code)
    incident, draft = found[0]
    return incident, draft


def _clocks(incident: Incident) -> list[Clock]:
    return list(db.session.scalars(select(Clock).where(Clock.incident_id == incident.id).order_by(Clock.id)))


def _steps(incident: Incident, clocks: Sequence[Clock]) -> list[Step]:
    """The steps, each with its own clocks put in place of a second statement."""
    wanted = (
        select(Step)
        .where(Step.incident_id == incident.id)
        .options(joinedload(Step.done_by), joinedload(Step.submitted_by), joinedload(Step.approved_by))
    )
    steps = list(db.session.scalars(wanted.order_by(Step.position)))
    for step in steps:
        attributes.set_committed_value(step, "clocks", [c for c in clocks if c.step_id == step.id])
    return steps


def _next_first(clocks: Sequence[Clock]) -> list[Clock]:
    """Running ones by due time, then those that wait for their anchor."""
    alive = [c for c in clocks if c.state in (ClockState.running, ClockState.waiting)]
    return sorted(alive, key=lambda c: (c.due_at is None, c.due_at.timestamp() if c.due_at else 0.0, c.id))


def _parts(incident: Incident) -> list[Assignment]:
    rows = db.session.scalars(
        select(Assignment)
        .where(Assignment.incident_id == incident.id, Assignment.ended_at.is_(None))
        .options(joinedload(Assignment.agency), joinedload(Assignment.accepted_by))
        .order_by(Assignment.id)
    )
    return sorted(rows, key=lambda row: row.part != Part.lead_agency)


def _entries(incident: Incident, limit: int, kinds: Collection[str], before: int | None) -> list[Entry]:
    wanted = select(Entry).where(Entry.incident_id == incident.id).order_by(Entry.number.desc()).limit(limit)
    if kinds:
        wanted = wanted.where(Entry.kind.in_(kinds))
    if before is not None:
        wanted = wanted.where(Entry.number < before)
    with_files = wanted.options(joinedload(Entry.files).joinedload(EntryFile.file))
    return list(db.session.scalars(with_files).unique())


def _alerts(incident: Incident) -> list[Alert]:
    """The delivery strip: who was told by what channel, newest first, failures before all."""
    rows = db.session.scalars(
        select(Alert)
        .where(Alert.incident_id == incident.id, Alert.kind.in_(_SHOWN))
        .options(joinedload(Alert.member), joinedload(Alert.address))
        .order_by(Alert.id.desc())
        .limit(60)
    )
    return sorted(rows, key=lambda alert: alert.state != AlertState.failed)


def _proposed(incident: Incident) -> list[Playbook]:
    """Playbooks that fit the facts now and do not run yet."""
    fit = shelf.fitting(running.facts_of(incident, {}), on=running.regime_day(incident))
    present = {row["key"] for row in incident.playbooks}
    return [p for p in (fit.main, *fit.parallel) if p is not None and p.key not in present and incident.is_open]
