"""The outbox as a queue: claim by lease, renew before sending, record each result on its own.

Order decides what a crash costs (promises F4, F5): lease → send → mark loses nothing and repeats at most the one alert
that was under way; a repeat says so ("gửi lại").
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, or_, select, update
from sqlalchemy.orm import aliased

from incidents.db import db, rows_changed, take_turn, transaction, utc_now
from incidents.telling.alerts import first_working
from incidents.telling.models import Alert, ChatPause
from incidents.vocabulary import AlertState

_CLAIMING = 7_210_003
LEASE = timedelta(seconds=60)
GIVE_UP_AFTER = timedelta(hours=4)
_BACKOFF = (5, 15, 45, 120, 300)  # seconds, then the last again, each ± 20 %


@dataclass(frozen=True)
class Claimed:
    """What delivery needs to know of a claimed alert without holding the database."""

    id: int
    chat: str
    channel: str


def claim(worker: str, limit: int = 20) -> list[Claimed]:
    """Lease up to ``limit`` due alerts for ``worker``, urgent lanes first, at most one per chat.

    An alert whose lease has run out belonged to a worker that died: it is claimed again and marked as a repeat.
    """
    now = utc_now()
    with transaction():
        take_turn(_CLAIMING)  # or a second worker would skip a locked row and take the same chat's next one
        candidates = db.session.scalars(_due(now, limit * 3)).all()
        taken: dict[tuple[str, str], Alert] = {}
        for alert in candidates:
            if len(taken) < limit:
                taken.setdefault((alert.channel, alert.chat), alert)
        for alert in taken.values():
            alert.is_repeat = alert.is_repeat or alert.state == AlertState.leased
            alert.state, alert.worker, alert.leased_until = AlertState.leased, worker, now + LEASE
        return [Claimed(a.id, a.chat, a.channel) for a in taken.values()]


def _due(now: datetime, limit: int) -> Select[Alert]:
    paused = select(ChatPause.id).where(
        ChatPause.channel == Alert.channel, ChatPause.chat.in_((Alert.chat, "")), ChatPause.until > now
    )
    under_way = aliased(Alert)
    in_flight = select(under_way.id).where(
        under_way.channel == Alert.channel,
        under_way.chat == Alert.chat,
        under_way.state == AlertState.leased,
        under_way.leased_until > now,
    )
    ready = or_(
        and_(Alert.state.in_((AlertState.queued, AlertState.retry)), Alert.due_at <= now),
        and_(Alert.state == AlertState.leased, Alert.leased_until <= now),
    )
    wanted = select(Alert).where(ready, ~paused.exists(), ~in_flight.exists())
    return wanted.order_by(Alert.lane, Alert.id).limit(limit).with_for_update(skip_locked=True)


def renew(alert_id: int, worker: str) -> bool:
    """Just before its own send: False means another worker has it by now, or the fact is no longer true."""
    with transaction():
        return bool(
            rows_changed(
                update(Alert)
                .where(Alert.id == alert_id, Alert.worker == worker, Alert.state == AlertState.leased)
                .values(leased_until=utc_now() + LEASE, attempts=Alert.attempts + 1)
            )
        )


def record_sent(alert: Alert, message_id: str, text: str) -> None:
    """Mark one alert as sent, right after its own send. Call inside a transaction."""
    alert.state, alert.sent_at, alert.reason = AlertState.sent, utc_now(), ""
    alert.message_id, alert.sent_text, alert.leased_until = message_id, text, None


def record_superseded(alert: Alert, reason: str) -> None:
    alert.state, alert.reason, alert.leased_until = AlertState.superseded, reason[:500], None


def record_later(alert: Alert, reason: str, *, until: datetime | None = None, maybe_sent: bool = False) -> bool:
    """Put the alert back. ``until``: the channel named the time (not counted as an attempt), else backoff.

    ``maybe_sent``: the answer was lost, so the next try says "(gửi lại)". False when its four hours are used up.
    """
    now = utc_now()
    if until is not None:
        alert.attempts = max(alert.attempts - 1, 0)
    elif now - alert.created_at > GIVE_UP_AFTER:
        return False
    seconds = _BACKOFF[min(max(alert.attempts, 1), len(_BACKOFF)) - 1]
    jittered = seconds * random.uniform(0.8, 1.2)  # noqa: S311 - spreads retries, guards nothing
    alert.state, alert.leased_until = AlertState.retry, None
    alert.due_at = until or now + timedelta(seconds=jittered)
    alert.reason = reason[:500]
    alert.is_repeat = alert.is_repeat or maybe_sent
    return True


def record_failed(alert: Alert, reason: str) -> None:
    """The channel refused for good. The caller tells somebody (promises: failed is never the end)."""
    alert.state, alert.reason, alert.leased_until = AlertState.failed, reason[:500], None


def pause_chat(channel: str, chat: str, until: datetime) -> None:
    """Leave a chat alone until a time; the other chats flow. Call inside a transaction."""
    row = db.session.scalar(select(ChatPause).where(ChatPause.channel == channel, ChatPause.chat == chat))
    if row is None:
        db.session.add(ChatPause(channel=channel, chat=chat, until=until))
    elif row.until < until:
        row.until = until


def retry_failed(alert_ids: Sequence[int] | None = None) -> int:
    """Put failed alerts back in the queue (all, or those given), each to the address that works now. Returns how many."""
    later = aliased(Alert)
    went_on = select(later.id).where(later.fallback_of == Alert.id)  # its next address has an alert of its own
    wanted = select(Alert).where(Alert.state == AlertState.failed, ~went_on.exists())
    if alert_ids is not None:
        wanted = wanted.where(Alert.id.in_(alert_ids))
    with transaction():
        now, failed = utc_now(), db.session.scalars(wanted).all()
        for alert in failed:
            address = first_working(alert.member) if alert.member else alert.address
            if address is not None and address is not alert.address:
                alert.address, alert.chat, alert.channel = address, address.external_id, address.channel
            alert.state, alert.due_at, alert.created_at, alert.attempts = AlertState.queued, now, now, 0
        return len(failed)
