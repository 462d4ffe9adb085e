"""What waits for an answer and climbs meanwhile: an incident nobody holds, an agency's part, a quick report."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Row, select
from sqlalchemy.orm import joinedload

from incidents.cases import audience, ladder
from incidents.cases.models import Assignment, Incident, QuickReport
from incidents.db import db
from incidents.vocabulary import QUICK_REPORT_WAITING

TOLD_AS = 2  # the level a quick report climbs at when its sender has named none
Table = TypeVar("Table", Incident, QuickReport)


@dataclass(frozen=True)
class Waiting:
    """One subject of a cycle. A part has its incident too; a quick report stands alone."""

    incident: Incident | None = None
    assignment: Assignment | None = None
    report: QuickReport | None = None
    report_round: int = 1

    @property
    def key(self) -> str:
        """ "incident:12", "assignment:7", "quick_report:5"."""
        if self.assignment_id is not None:
            return f"assignment:{self.assignment_id}"
        return f"incident:{self.incident_id}" if self.incident is not None else f"quick_report:{self.report_id}"

    @property
    def incident_id(self) -> int | None:
        return self.incident.id if self.incident is not None else None

    @property
    def assignment_id(self) -> int | None:
        return self.assignment.id if self.assignment is not None else None

    @property
    def report_id(self) -> int | None:
        return self.report.id if self.report is not None else None

    @property
    def round(self) -> int:
        """The number of the cycle: it counts on when the work was given back, raised or reopened."""
        if self.assignment is not None:
            return self.assignment.round
        return self.incident.hold_round if self.incident is not None else self.report_round

    @property
    def severity(self) -> int:
        if self.incident is not None:
            return self.incident.severity
        return (self.report.severity if self.report is not None else None) or TOLD_AS

    @property
    def agency_id(self) -> int | None:
        return self.assignment.agency_id if self.assignment is not None else None

    @property
    def agency(self) -> str:
        """What alerts call the agency, "" for an incident or a quick report as a whole."""
        return self.assignment.agency.label if self.assignment is not None else ""

    @property
    def track(self) -> str:
        return ladder.AGENCY if self.assignment is not None else ladder.INCIDENT

    @property
    def is_answered(self) -> bool:
        """Somebody has taken it, or it is no longer asked for."""
        if self.report is not None:
            return self.report.state not in QUICK_REPORT_WAITING
        if self.incident is None or self.incident.has_ended:
            return True
        if self.assignment is not None:
            return self.assignment.accepted_at is not None or self.assignment.ended_at is not None
        return self.incident.holder_id is not None

    def rungs(self, ladders: ladder.Ladders) -> ladder.Ladder:
        return ladders.of(self.track, self.severity, self.agency_id)

    def reach(self) -> audience.Reach:
        """Who could be told of it now."""
        return audience.reach((self.agency_id,) if self.agency_id else (), self.incident)


class Known:
    """Ladders and people of one look at the time, read once for all cycles; nothing of it is kept afterwards."""

    def __init__(self) -> None:
        self.ladders = ladder.read()
        self._reaches: dict[int, audience.Reach] = {}

    def reach(self, waiting: Waiting) -> audience.Reach:
        """Of a restricted incident its own; else one per agency."""
        if waiting.incident is not None and waiting.incident.restricted:
            return waiting.reach()
        agency_id = waiting.agency_id or 0
        if agency_id not in self._reaches:
            self._reaches[agency_id] = audience.reach((agency_id,) if agency_id else ()).detached()
        return self._reaches[agency_id]


def locked(due: Sequence[Row[Any]], *, wait: bool) -> dict[int, Waiting]:
    """The subjects of the escalations ``due`` (id, references, round), by id, locked and read afresh (visibility.lock).

    Without ``wait`` those that somebody else has locked are left out: whoever holds many locks never waits for another.
    """
    incidents = _lock(Incident, {row.incident_id for row in due}, wait)
    reports = _lock(QuickReport, {row.quick_report_id for row in due}, wait)
    wanted = select(Assignment).where(Assignment.id.in_({row.assignment_id for row in due} - {None}))
    fresh = wanted.options(joinedload(Assignment.agency)).execution_options(populate_existing=True)
    parts = {part.id: part for part in db.session.scalars(fresh)} if any(row.assignment_id for row in due) else {}
    return {
        row.id: Waiting(
            incidents.get(row.incident_id), parts.get(row.assignment_id), reports.get(row.quick_report_id), row.round
        )
        for row in due
        if row.incident_id in incidents or row.quick_report_id in reports
    }


def _lock(table: type[Table], ids: set[int | None], wait: bool) -> dict[int | None, Table]:
    known = ids - {None}
    if not known:
        return {}
    rows = select(table).where(table.id.in_(known)).order_by(table.id).with_for_update(skip_locked=not wait)
    return {row.id: row for row in db.session.scalars(rows.execution_options(populate_existing=True))}
