"""What a monitor may read of the desk: counts and ages, never content."""

from datetime import datetime, timedelta

from flask import current_app
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select

from desk.settings import kept_key
from incidents.cases.models import Clock
from incidents.db import db, utc_now
from incidents.people.models import SignInAttempt
from incidents.reading.frame import STOPPED_AFTER, WORKER
from incidents.telling.models import Alert, Heartbeat, Update
from incidents.vocabulary import ALERT_OPEN, AlertState, ClockState, InboxState

MEANING = {
    "outbox_oldest_seconds": "age of the oldest alert that is due and not sent, seconds",
    "outbox_alerts": "alerts by state",
    "inbox_new": "updates waiting to be worked through",
    "inbox_parked": "updates parked for a person",
    "clocks_overdue": "running clocks past their due time",
    "unroutable_alerts": "alerts that had no address to go to",
    "signin_failed": "failed sign-ins of the last hour",
    "worker_age_seconds": "seconds since the worker's last sign of life",
}


def token() -> str:
    """Who may read the figures from another machine: the key file ``metrics.key`` of the data folder."""
    return kept_key(current_app.config["SETTINGS"].data_dir, "metrics.key").hex()


def worker_is_stopped(now: datetime) -> bool:
    at = db.session.scalar(select(Heartbeat.at).where(Heartbeat.name == WORKER))
    return at is None or now - at > STOPPED_AFTER


def text() -> bytes:
    """The figures in Prometheus text format, read afresh."""
    now = utc_now()
    registry = CollectorRegistry()
    for name, value in _values(now).items():
        Gauge(name, MEANING[name], registry=registry).set(value)
    states = Gauge("outbox_alerts", MEANING["outbox_alerts"], ["state"], registry=registry)
    for state, count in db.session.execute(select(Alert.state, func.count()).group_by(Alert.state)):
        states.labels(state).set(count)
    return generate_latest(registry)


def _values(now: datetime) -> dict[str, float]:
    oldest = db.session.scalar(select(func.min(Alert.due_at)).where(Alert.state.in_(ALERT_OPEN), Alert.due_at <= now))
    worker_at = db.session.scalar(select(Heartbeat.at).where(Heartbeat.name == WORKER))
    return {
        "outbox_oldest_seconds": (now - oldest).total_seconds() if oldest else 0.0,
        "inbox_new": _count(Update, Update.state == InboxState.new),
        "inbox_parked": _count(Update, Update.state == InboxState.parked),
        "clocks_overdue": _count(Clock, (Clock.state == ClockState.running) & (Clock.due_at < now)),
        "unroutable_alerts": _count(Alert, (Alert.state == AlertState.failed) & Alert.address_id.is_(None)),
        "signin_failed": _count(
            SignInAttempt, SignInAttempt.succeeded.is_(False) & (SignInAttempt.at > now - timedelta(hours=1))
        ),
        "worker_age_seconds": (now - worker_at).total_seconds() if worker_at else -1.0,
    }


def _count(table: type, condition: object) -> float:
    return float(db.session.scalar(select(func.count()).select_from(table).where(condition)) or 0)  # type: ignore[arg-type]
