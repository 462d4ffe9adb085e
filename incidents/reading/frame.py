"""What every page shows around its content: counters, signs of life of the worker and of the channel, in one statement."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, literal, select

from incidents.cases.models import Incident, QuickReport
from incidents.cases.visibility import visible
from incidents.db import db, utc_now
from incidents.permissions import Actor, may
from incidents.reading.board import SOON, may_follow, may_sort, unanswered
from incidents.telling.models import Alert, Heartbeat
from incidents.vocabulary import QUICK_REPORT_WAITING, AlertState

STOPPED_AFTER = timedelta(seconds=45)  # the worker signs every 5 s (promises R23: noticed within 60 s)
WORKER, TELEGRAM, BOT_NAME = "worker", "channel:telegram", "name:telegram"


def bot_name() -> str:
    """The bot's public name as the worker last learnt it, for links and QR codes; empty before the first time."""
    return db.session.scalar(select(Heartbeat.detail).where(Heartbeat.name == BOT_NAME)) or ""


@dataclass(frozen=True)
class Frame:
    """Counts of what the actor may see (S10); times are aware UTC, None when there was never a sign."""

    open: int
    late: int
    hour: int
    unaccepted: int
    waiting: int
    failed: int
    worker_at: datetime | None
    telegram_state: str
    telegram_since: datetime | None

    def is_stopped(self, now: datetime) -> bool:
        return self.worker_at is None or now - self.worker_at > STOPPED_AFTER


def read(actor: Actor) -> Frame:
    """The frame as ``actor`` may see it."""
    now = utc_now()
    counted = select(
        func.count(),
        func.sum(case((Incident.next_due_at < now, 1), else_=0)),
        func.sum(case((and_(Incident.next_due_at >= now, Incident.next_due_at < now + SOON), 1), else_=0)),
        func.sum(case((Incident.holder_id.is_(None), 1), else_=0)),
    ).where(visible(actor), Incident.is_open.is_(True))
    waiting = select(func.count(QuickReport.id)).where(QuickReport.state.in_(QUICK_REPORT_WAITING), may_sort(actor))
    failed = select(func.count(Alert.id)).where(
        Alert.state == AlertState.failed, unanswered(), may_follow(actor), literal(may(actor, "see_deliveries"))
    )
    signs = (
        select(Heartbeat.at).where(Heartbeat.name == WORKER),
        select(Heartbeat.state).where(Heartbeat.name == TELEGRAM),
        select(Heartbeat.since).where(Heartbeat.name == TELEGRAM),
    )
    parts = (waiting, failed, *signs)
    row = db.session.execute(counted.add_columns(*(part.scalar_subquery() for part in parts))).one()
    open_, late, hour, unaccepted, waiting_, failed_ = (int(value or 0) for value in row[:6])
    return Frame(open_, late, hour, unaccepted, waiting_, failed_, row[6], row[7] or "", row[8])
