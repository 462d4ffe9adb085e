"""What time alone causes. Due times are rows; a sweep computes what is due, so a stop of any length needs no recovery."""

from datetime import datetime

from sqlalchemy import select

from incidents.cases import escalation, holding, quick_reports, reminders, roster_reminders
from incidents.cases.models import QuickReport
from incidents.db import db, transaction, utc_now
from incidents.permissions import CLOCKWORK
from incidents.planning import calendar_reminder
from incidents.telling import alerts
from incidents.vocabulary import AlertKind, QuickReportState


def sweep(now: datetime | None = None) -> int:
    """Tell everything that has come due, each exactly once. Returns how many were told.

    Safe to run at any moment and any number of times: rows decide, not the tick.
    """
    now = now or utc_now()
    climbed = escalation.climb(now) + holding.watch(now)  # first: somebody waits for an answer
    return climbed + reminders.tell(now) + _tell_unanswered(now) + _remind(now)


def _remind(now: datetime) -> int:
    """What is told in daytime, days ahead."""
    return roster_reminders.remind(now) + calendar_reminder.remind(now)


def _tell_unanswered(now: datetime) -> int:
    """Senders who did not answer the questions: duty is told without (bot.md ``qr.wait``)."""
    waiting = select(QuickReport.id).where(QuickReport.state == QuickReportState.asked, QuickReport.ask_until <= now)
    ids = list(db.session.scalars(waiting.limit(reminders.BATCH)))
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
