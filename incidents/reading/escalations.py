"""Ladders that are climbing now, and what comes next for one incident."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from incidents.cases import audience, ladder
from incidents.cases.models import Assignment, Escalation, Incident, QuickReport
from incidents.cases.visibility import visible
from incidents.cases.waiting import Waiting
from incidents.db import db
from incidents.people.models import Member
from incidents.permissions import Actor, may
from incidents.vocabulary import QUICK_REPORT_WAITING

MOST = 100


@dataclass(frozen=True)
class Next:
    """The next rung of a cycle. ``people``: who would be told now; ``again``: 1–3 a repetition, 4 the end of the ladder."""

    target: str
    due_at: datetime
    people: list[Member]
    again: int = 0


@dataclass(frozen=True)
class Running:
    """One cycle that waits. ``told``: the names called so far, in their order; ``agency`` "" for the whole."""

    code: str
    number: str
    severity: int
    agency: str
    target: str
    due_at: datetime
    started_at: datetime
    told: list[str]


def next_of(incident: Incident) -> Next | None:
    """What happens next when nobody takes the incident; None when somebody holds it. At most two statements."""
    if incident.holder_id is not None or not incident.is_open:
        return None
    row = db.session.scalar(
        select(Escalation)
        .where(Escalation.incident_id == incident.id, Escalation.assignment_id.is_(None), Escalation.state == "waiting")
        .order_by(Escalation.id.desc())
        .limit(1)
    )
    if row is None:
        return None
    waiting = Waiting(incident)
    reach = waiting.reach()
    if row.target and (people := reach.on(row.target)):
        return Next(row.target, row.due_at, people)
    rungs = waiting.rungs(ladder.read())
    first = audience.first_of(rungs, reach, start=row.level)
    if first.members:
        return Next(rungs[first.next - 1].target, row.due_at, first.members)
    again = max(row.level - len(rungs), 0) + 1
    return Next("", row.due_at, audience.last_of(rungs, reach) if again <= ladder.AGAIN else [], again)


def running(actor: Actor) -> list[Running]:
    """The cycles of open incidents the actor may see, and of quick reports he may sort; next due first."""
    sorts = QuickReport.id.is_not(None) if may(actor, "sort_quick_report") else QuickReport.member_id == actor.id
    wanted = (
        select(Escalation)
        .outerjoin(Escalation.incident)
        .outerjoin(Escalation.quick_report)
        .outerjoin(Escalation.assignment)
        .where(
            Escalation.state == "waiting",
            or_(
                and_(
                    Incident.is_open.is_(True),
                    visible(actor),
                    or_(
                        and_(Escalation.assignment_id.is_(None), Incident.holder_id.is_(None)),
                        and_(Assignment.accepted_at.is_(None), Assignment.ended_at.is_(None)),
                    ),
                ),
                and_(sorts, QuickReport.state.in_(QUICK_REPORT_WAITING)),
            ),
        )
        .options(
            joinedload(Escalation.incident),
            joinedload(Escalation.quick_report),
            joinedload(Escalation.assignment).joinedload(Assignment.agency),
        )
        .order_by(Escalation.due_at)
        .limit(MOST)
    )
    rows = list(db.session.scalars(wanted))
    told = _told(rows)
    return [_running(row, told.get(_cycle(row), [])) for row in rows]


def _told(rows: list[Escalation]) -> dict[str, list[str]]:
    """The names called so far by the cycles of ``rows``."""
    cycles = {_cycle(row) for row in rows}
    incidents, reports = {row.incident_id for row in rows}, {row.quick_report_id for row in rows}
    climbed = select(Escalation).where(
        Escalation.state == "told",
        or_(Escalation.incident_id.in_(incidents - {None}), Escalation.quick_report_id.in_(reports - {None})),
    )
    found: dict[str, list[str]] = {}
    for row in db.session.scalars(climbed.order_by(Escalation.id)):
        if _cycle(row) in cycles:
            found.setdefault(_cycle(row), []).extend(row.told)
    return found


def _cycle(row: Escalation) -> str:
    """The key without the level: "incident:12:1"."""
    return row.key.rpartition(":")[0]


def _running(row: Escalation, told: list[str]) -> Running:
    waiting = Waiting(row.incident, row.assignment, row.quick_report)
    return Running(
        code=row.incident.code if row.incident is not None else "",
        number=row.quick_report.number if row.quick_report is not None else "",
        severity=waiting.severity,
        agency=waiting.agency,
        target=row.target,
        due_at=row.due_at,
        started_at=row.started_at,
        told=list(dict.fromkeys(told)),
    )
