"""The duty board: a page of incidents, most pressing first, with the next clock and who holds it; and the counters.

Paging is by key, not by offset: row 10,000 costs what row 1 costs, and nothing is shown twice while the list moves.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, literal, or_, select
from sqlalchemy.orm import joinedload

from incidents.cases.models import Assignment, Clock, Incident, QuickReport
from incidents.cases.visibility import visible
from incidents.db import db, utc_now
from incidents.people.models import Agency, Member
from incidents.permissions import Actor, may
from incidents.reading.search import exactness, matches
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, AlertState, ClockState, Part, QuickReportState, Role

PAGE = 50
_NEWEST = 2  # in a cursor: by number; 0 and 1 are a search's, larger ones a due time
SOON = timedelta(hours=1)
_MOST_FAILURES = 200


@dataclass(frozen=True)
class Filters:
    """What the address asks for. ``state``: open, all or one status; ``due``: "", late, hour, unaccepted, mine."""

    q: str = ""
    state: str = "open"
    severity: tuple[int, ...] = ()
    kind: str = ""
    category: str = ""
    agency: str = ""
    due: str = ""
    after: str = ""


@dataclass(frozen=True)
class Failure:
    """Somebody who could not be told, and why."""

    name: str
    reason: str


@dataclass
class Row:
    incident: Incident
    clock: Clock | None = None
    agencies: list[Assignment] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    @property
    def failed_alerts(self) -> int:
        return len(self.failures)

    @property
    def lead(self) -> Assignment | None:
        return next((row for row in self.agencies if row.part == Part.lead_agency), None)


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    next: str  # cursor of the next page, "" at the end


def page(actor: Actor, filters: Filters, *, limit: int = PAGE) -> Page:
    """One page of what ``actor`` may see, in four statements whatever the number of incidents."""
    wanted = select(Incident).where(visible(actor), *_conditions(actor, filters))
    wanted = _ordered(wanted, filters).limit(limit + 1).options(joinedload(Incident.holder))
    found = list(db.session.scalars(wanted))
    rows = {incident.id: Row(incident) for incident in found[:limit]}
    if rows:
        _add_clocks(rows)
        _add_agencies(rows)
        _add_failures(rows)
    last = found[limit - 1] if len(found) > limit else None
    return Page(list(rows.values()), _cursor(last, filters) if last else "")


def _conditions(actor: Actor, filters: Filters) -> list[ColumnElement[bool]]:
    made: list[ColumnElement[bool]] = []
    if filters.state == "open":
        made.append(Incident.is_open.is_(True))
    elif filters.state not in ("", "all"):
        made.append(Incident.status == filters.state)
    if filters.severity:
        made.append(Incident.severity.in_(filters.severity))
    if filters.kind:
        made.append(Incident.kind == filters.kind)
    if filters.category:
        made.append(Incident.category == filters.category)
    if filters.agency:
        made.append(Incident.id.in_(_with_agency(filters.agency)))
    if filters.due:
        made.append(_due_condition(actor, filters.due))
    if filters.q.strip():
        made.append(matches(filters.q))
    return made


def _with_agency(code: str) -> Select[int]:
    return select(Assignment.incident_id).join(Agency).where(Agency.code == code, Assignment.ended_at.is_(None))


def _due_condition(actor: Actor, due: str) -> ColumnElement[bool]:
    now = utc_now()
    match due:
        case "late":
            return Incident.next_due_at < now
        case "hour":
            return and_(Incident.next_due_at >= now, Incident.next_due_at < now + SOON)
        case "unaccepted":
            return and_(Incident.holder_id.is_(None), Incident.is_open.is_(True))
        case "failed":
            return Incident.id.in_(_failed().with_only_columns(Alert.incident_id))
        case "mine":
            mine = select(Assignment.incident_id).where(
                Assignment.agency_id == actor.agency_id, Assignment.ended_at.is_(None)
            )
            return or_(Incident.holder_id == actor.id, Incident.id.in_(mine))
    return literal(True)


def _ordered(wanted: Select[Incident], filters: Filters) -> Select[Incident]:
    """Searched: exact marks first, then newest. Else open ones by next due time, an incident
    without one last; ended ones newest first."""
    cursor = _read_cursor(filters.after)
    if filters.q.strip():
        exact = exactness(filters.q)
        if cursor and cursor[0] in (0, 1):
            wanted = wanted.where(or_(exact < cursor[0], and_(exact == cursor[0], Incident.id < cursor[1])))
        return wanted.order_by(exact.desc(), Incident.id.desc())
    if filters.state != "open":
        newest = Incident.id.desc()
        return (wanted.where(Incident.id < cursor[1]) if cursor and cursor[0] == _NEWEST else wanted).order_by(newest)
    if cursor and cursor[0] not in (0, 1, _NEWEST):
        at = datetime.fromtimestamp(cursor[0] / 1_000_000, UTC)
        wanted = wanted.where(or_(Incident.due_order > at, and_(Incident.due_order == at, Incident.id > cursor[1])))
    return wanted.order_by(Incident.due_order, Incident.id)


def _cursor(last: Incident, filters: Filters) -> str:
    if filters.q.strip():
        key = int(db.session.scalar(select(exactness(filters.q)).where(Incident.id == last.id)) or 0)
    elif filters.state != "open":
        key = _NEWEST
    else:
        key = round(last.due_order.timestamp() * 1_000_000)
    return base64.urlsafe_b64encode(json.dumps([key, last.id]).encode()).decode().rstrip("=")


def _read_cursor(after: str) -> tuple[int, int] | None:
    """A cursor somebody has changed by hand begins the list again instead of failing."""
    try:
        key, row_id = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        datetime.fromtimestamp(int(key) / 1_000_000, UTC)
        return (int(key), int(row_id)) if 0 <= int(row_id) < 2**31 else None
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def _add_clocks(rows: dict[int, Row]) -> None:
    """The clock each row's due time comes from, with its step."""
    clocks = db.session.scalars(
        select(Clock)
        .join(Incident, and_(Incident.id == Clock.incident_id, Incident.next_due_at == Clock.due_at))
        .where(Clock.incident_id.in_(rows), Clock.state == ClockState.running)
        .options(joinedload(Clock.step))
        .order_by(Clock.hard.desc(), Clock.id)
    )
    for clock in clocks:
        row = rows[clock.incident_id]
        row.clock = row.clock or clock


def _add_agencies(rows: dict[int, Row]) -> None:
    parts = db.session.scalars(
        select(Assignment)
        .where(Assignment.incident_id.in_(rows), Assignment.ended_at.is_(None))
        .options(joinedload(Assignment.agency))
        .order_by(case((Assignment.part == Part.lead_agency, 0), else_=1), Assignment.id)
    )
    for part in parts:
        rows[part.incident_id].agencies.append(part)


def _add_failures(rows: dict[int, Row]) -> None:
    """Each person once per incident, the newest reason."""
    failed = (
        select(Alert.incident_id, Member.name, Alert.reason)
        .outerjoin(Member, Member.id == Alert.member_id)  # without one: the whole ladder was climbed in vain
        .where(Alert.incident_id.in_(rows), Alert.state == AlertState.failed, unanswered())
        .order_by(Alert.id.desc())
        .limit(_MOST_FAILURES)
    )
    for incident_id, name, reason in db.session.execute(failed):
        failures = rows[incident_id or 0].failures
        if all(failure.name != (name or "") for failure in failures):
            failures.append(Failure(name or "", reason))


def _failed() -> Select[Alert]:
    return select(Alert).where(Alert.state == AlertState.failed, unanswered())


def unanswered() -> ColumnElement[bool]:
    """A refusal that no other address of the same person has made good."""
    other = Alert.__table__.alias()
    made_good = select(other.c.id).where(other.c.fallback_of == Alert.id, other.c.state == AlertState.sent)
    return and_(~made_good.exists(), Alert.kind != AlertKind.card)


def may_follow(actor: Actor) -> ColumnElement[bool]:
    """Alerts whose delivery the actor may follow: not those of incidents he may not see; the administrator sees all."""
    if actor.has(Role.admin):
        return literal(True)
    seen = select(Incident.id).where(visible(actor))
    reports = select(QuickReport.id).where(or_(QuickReport.incident_id.is_(None), QuickReport.incident_id.in_(seen)))
    return and_(
        or_(Alert.incident_id.is_(None), Alert.incident_id.in_(seen)),
        or_(Alert.quick_report_id.is_(None), Alert.quick_report_id.in_(reports)),
    )


def may_sort(actor: Actor) -> ColumnElement[bool]:
    """Quick reports the actor may see: all for who sorts them, else his own and his agency's."""
    if may(actor, "sort_quick_report"):
        return literal(True)
    return or_(QuickReport.member_id == actor.id, QuickReport.agency_id == actor.agency_id)


def newest_closed(actor: Actor) -> Incident | None:
    """For the empty board: the last one that ended."""
    return db.session.scalar(
        select(Incident)
        .where(visible(actor), Incident.is_open.is_(False), Incident.closed_at.is_not(None))
        .order_by(Incident.closed_at.desc())
        .limit(1)
    )


def waiting_reports(actor: Actor, limit: int = 200) -> Sequence[QuickReport]:
    """Quick reports waiting for sorting, oldest first."""
    return db.session.scalars(
        select(QuickReport)
        .where(QuickReport.state.in_((QuickReportState.asked, QuickReportState.told)), may_sort(actor))
        .options(joinedload(QuickReport.member), joinedload(QuickReport.agency))
        .order_by(QuickReport.id)
        .limit(limit)
    ).all()
