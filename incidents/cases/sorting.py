"""Sorting quick reports: opened as an incident, joined to one, answered, or ignored with a reason."""

from sqlalchemy import select

from incidents.cases import checklist, escalation, holding, intake, timeline
from incidents.cases.checks import checked_text, checked_words
from incidents.cases.models import EntryFile, Incident, QuickReport
from incidents.cases.quick_reports import may_see
from incidents.cases.visibility import find
from incidents.cases.waiting import Waiting
from incidents.db import db, transaction, utc_now
from incidents.errors import AlreadyDone, NotFound, NotOpen
from incidents.permissions import Actor, require
from incidents.telling import alerts
from incidents.vocabulary import QUICK_REPORT_WAITING, AlertKind, EntryKind, QuickReportState
from playbooks.worktime import ZONE


def open_incident(
    actor: Actor,
    report_id: int,
    *,
    severity: int | None = None,
    kind: str = "",
    category: str = "",
    place: str = "",
    what: str = "",
) -> Incident:
    """ "Mở sự việc": the report becomes an incident whose clocks run from the report's arrival (domain 4.7)."""
    require(actor, "open_incident")
    with transaction():
        report = _waiting(actor, report_id)
        incident = intake.log(
            actor,
            what or report.text or f"Tin báo nhanh {report.number}",
            severity or report.severity or 2,
            kind=kind or report.kind,
            category=category,
            place=place or report.place,
            link=report.link,
            happened_at=report.sent_at,
            received_at=report.arrived_at,
            source_key=f"quick_report:{report.number}",
        )
        _settle(actor, report, QuickReportState.opened, incident)
        return incident


def link(actor: Actor, report_id: int, code: str) -> Incident:
    """ "Gộp": the report is one more voice of an incident that is known; an earlier arrival moves its clocks back."""
    require(actor, "sort_quick_report")
    with transaction():
        report = _waiting(actor, report_id)
        incident = find(actor, code)
        if incident.merged_into is not None:
            incident = find(actor, incident.merged_into.code)
        if incident.has_ended:
            raise NotOpen(code=incident.code)
        _settle(actor, report, QuickReportState.linked, incident)
        alerts.edit_cards(incident_id=incident.id, cause=f"quick_report:{report.number}")
        return incident


def answer(actor: Actor, report_id: int, text: str) -> QuickReport:
    """ "Trả lời": nothing to open; the sender gets the words."""
    return _end(actor, report_id, QuickReportState.answered, text)


def ignore(actor: Actor, report_id: int, reason: str) -> QuickReport:
    """ "Bỏ qua", with a reason; the report stays."""
    return _end(actor, report_id, QuickReportState.ignored, reason)


def _end(actor: Actor, report_id: int, state: QuickReportState, reason: str) -> QuickReport:
    require(actor, "sort_quick_report")
    reason = checked_text("reason", checked_words("reason", reason))
    with transaction():
        report = _waiting(actor, report_id)
        report.reason = reason
        _settle(actor, report, state, None)
        return report


def _waiting(actor: Actor, report_id: int) -> QuickReport:
    report = db.session.scalar(select(QuickReport).where(QuickReport.id == report_id).with_for_update())
    if report is None or not may_see(actor, report):
        raise NotFound(what=f"BN #{report_id}")
    if report.state not in QUICK_REPORT_WAITING:
        at = (report.sorted_at or report.arrived_at).astimezone(ZONE).strftime("%H:%M")
        where = f" – {report.incident.code}" if report.incident else ""
        raise AlreadyDone(who=f"{report.number}{where}", at=at)
    return report


def _settle(actor: Actor, report: QuickReport, state: QuickReportState, incident: Incident | None) -> None:
    """The outcome, the entry on the incident, the sender's answer, the redrawn cards."""
    report.state, report.incident, report.ask_until = state, incident, None
    report.sorted_by_id, report.sorted_at = actor.id, utc_now()
    escalation.stop(Waiting(report=report))
    if incident is not None:
        _write_entries(actor, report, incident)
    if report.member_id != actor.id:
        alerts.tell(
            AlertKind.quick_report_answer, [report.member], f"settled:{report.number}", quick_report=report,
            facts={"key": f"qr.{state}"},
        )  # fmt: skip
    db.session.flush()
    alerts.edit_cards(quick_report_id=report.id, cause=f"settled:{report.number}")


def _write_entries(actor: Actor, report: QuickReport, incident: Incident) -> None:
    facts = {
        "report": report.number,
        "from": report.member.name,
        "agency": report.agency.label if report.agency else "",
    }
    texts = [report.text, *(part.text for part in report.parts if part.text)]
    entry = timeline.write(
        actor,
        incident,
        EntryKind.quick_report,
        "\n".join(filter(None, texts)),
        happened_at=report.arrived_at,
        facts=facts,
    )
    holding.heard(incident, report.agency_id, entry.recorded_at)
    entry.files = [EntryFile(file_id=part.file_id) for part in report.parts if part.file_id is not None]
    if report.arrived_at < incident.received_at:
        before = incident.received_at
        incident.received_at = report.arrived_at
        moved = {"anchor": "received_at", "old": before.isoformat(), "new": report.arrived_at.isoformat()}
        timeline.write(actor, incident, EntryKind.anchor, report.number, happened_at=report.arrived_at, facts=moved)
        checklist.reconsider(actor, incident)
