"""Who may see a kept picture: whoever may see an incident or a quick report it is part of."""

from sqlalchemy import select

from incidents.cases.models import Entry, EntryFile, Incident, QuickReport, QuickReportPart
from incidents.cases.quick_reports import may_see as may_see_report
from incidents.cases.visibility import visible
from incidents.db import db
from incidents.files import StoredFile
from incidents.permissions import Actor


def may_see(actor: Actor, sha256: str) -> bool:
    """The same picture may be part of several; one that is visible is enough."""
    kept = select(StoredFile.id).where(StoredFile.sha256 == sha256)
    of_incident = (
        select(Incident.id)
        .join(Entry, Entry.incident_id == Incident.id)
        .join(EntryFile, EntryFile.entry_id == Entry.id)
        .where(EntryFile.file_id.in_(kept), visible(actor))
    )
    if db.session.scalar(of_incident.limit(1)) is not None:
        return True
    reports = (
        select(QuickReport)
        .join(QuickReportPart, QuickReportPart.report_id == QuickReport.id)
        .where(QuickReportPart.file_id.in_(kept))
    )
    return any(may_see_report(actor, report) for report in db.session.scalars(reports).unique())
