"""What time alone causes. Due times are rows; a sweep computes what is due, so a stop of any length needs no recovery."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from incidents.cases import audience, quick_reports, timeline
from incidents.cases.models import Clock, ClockMark, QuickReport
from incidents.cases.visibility import lock
from incidents.db import db, transaction, utc_now
from incidents.people.models import Member
from incidents.permissions import CLOCKWORK
from incidents.telling import alerts
from incidents.vocabulary import AlertKind, ClockState, EntryKind, QuickReportState, Role

log = logging.getLogger(__name__)

LATE_AFTER = timedelta(minutes=2)  # told later than this after its threshold, the alert says "muộn"
_BATCH = 100


def sweep(now: datetime | None = None) -> int:
    """Tell every threshold that has been reached, each exactly once. Returns how many were told.

    Safe to run at any moment and any number of times: the mark's unique row decides, not the tick. A clock that fails is
    logged and left for the next tick; the others are told all the same.
    """
    now = now or utc_now()
    told, failed = 0, set[int]()
    while clock_ids := _reached(now, failed):
        for clock_id in clock_ids:
            try:
                told += _tell_clock(clock_id, now)
            except SQLAlchemyError:
                log.exception("clock %s could not be told", clock_id)
                failed.add(clock_id)
        if len(clock_ids) < _BATCH:
            break
    return told + _tell_unanswered(now)


def _reached(now: datetime, failed: Collection[int]) -> list[int]:
    wanted = select(Clock.id).where(Clock.next_mark_at <= now, Clock.id.not_in(failed))
    return list(db.session.scalars(wanted.order_by(Clock.next_mark_at).limit(_BATCH)))


def _tell_clock(clock_id: int, now: datetime) -> bool:
    """One clock's reached threshold in one transaction; False when it was told already."""
    with transaction():
        clock = db.session.get(Clock, clock_id)
        if clock is None:
            return False
        lock(clock.incident)
        db.session.refresh(clock)
        if clock.state != ClockState.running or clock.due_at is None or clock.next_mark_at is None:
            clock.next_mark_at = None
            return False
        overdue = now >= clock.due_at
        threshold = f"{'due' if overdue else 'soon'}:{clock.due_at:%Y%m%dT%H%M%S}"
        clock.next_mark_at = None if overdue else clock.due_at
        known = select(ClockMark.id).where(ClockMark.clock_id == clock.id, ClockMark.threshold == threshold)
        if db.session.scalar(known) is not None:
            return False
        db.session.add(ClockMark(clock_id=clock.id, threshold=threshold, told_at=now))
        _tell(clock, now, overdue, threshold)
        return True


def _tell(clock: Clock, now: datetime, overdue: bool, threshold: str) -> None:
    incident = clock.incident
    reached_at = clock.due_at if overdue else clock.soon_at
    facts = {
        "clock": clock.name,
        "clock_en": clock.name_en,
        "due_at": clock.due_at.isoformat() if clock.due_at else None,
        "hard": clock.hard,
        "told_late": reached_at is not None and now - reached_at > LATE_AFTER,
        "step": clock.step.position if clock.step else None,
        "step_key": clock.step.key if clock.step else None,
    }
    kind = EntryKind.clock_overdue if overdue else EntryKind.clock_soon
    timeline.write(CLOCKWORK, incident, kind, happened_at=reached_at, facts=facts)
    db.session.flush()
    alerts.tell(
        AlertKind.step_overdue if overdue else AlertKind.step_soon,
        _people(clock, overdue),
        f"clock:{clock.id}:{threshold}",
        incident=incident,
        facts=facts,
        lane=alerts.LANE_DUE,
    )
    db.session.flush()
    alerts.edit_cards(incident_id=incident.id, cause=f"clock:{clock.id}:{threshold}")


def _people(clock: Clock, overdue: bool) -> list[Member]:
    """Those who work on it; when nobody took hold of the incident in time, the deputy and the lead as well."""
    people = audience.working_on(clock.incident)
    if overdue and clock.step_id is None and clock.assignment_id is None:
        known = {member.id for member in people}
        leads = audience.concerned(clock.incident, roles=(Role.deputy, Role.lead))
        people += [member for member in leads if member.id not in known]
    return people


def _tell_unanswered(now: datetime) -> int:
    """Senders who did not answer the questions: duty is told without (bot.md ``qr.wait``)."""
    waiting = select(QuickReport.id).where(QuickReport.state == QuickReportState.asked, QuickReport.ask_until <= now)
    ids = list(db.session.scalars(waiting.limit(_BATCH)))
    for report_id in ids:
        with transaction():
            report = db.session.get(QuickReport, report_id, with_for_update=True)
            if report is None or report.state != QuickReportState.asked:
                continue
            quick_reports.tell_duty(CLOCKWORK, report)
            alerts.tell(
                AlertKind.quick_report_answer, [report.member], f"wait:{report.number}", quick_report=report,
                facts={"key": "qr.wait"},
            )  # fmt: skip
    return len(ids)
