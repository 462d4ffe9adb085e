"""What came in, stored raw before the channel may forget it, then worked through in order per chat (promises R3, R4)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from incidents.db import db, rows_changed, transaction, utc_now
from incidents.telling.models import PollOffset, Update
from incidents.vocabulary import InboxState

MAX_ATTEMPTS = 5


def store(channel: str, updates: Sequence[Mapping[str, Any]], *, poll: str = "", next_offset: int | None = None) -> int:
    """Commit raw updates, and with them the offset that lets the channel forget them. Returns how many were new.

    One transaction: an offset that moved without its updates would lose them. An id that came before is left alone.
    """
    now = utc_now()
    rows = [
        {
            "channel": channel,
            "external_id": str(update_["update_id"]),
            "chat": _chat_of(update_),
            "raw": _as_text(update_),
            "received_at": now,
            "state": InboxState.new,
            "attempts": 0,
            "error": "",
        }
        for update_ in updates
        if "update_id" in update_
    ]
    with transaction():
        insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
        new = 0
        if rows:
            done = db.session.execute(insert(Update).values(rows).on_conflict_do_nothing().returning(Update.id))
            new = len(done.all())
        if poll and next_offset is not None:
            db.session.merge(PollOffset(channel=poll, next_offset=next_offset, polled_at=now))
    return new


def offset(poll: str) -> PollOffset | None:
    """Where polling goes on, or None for a fresh start."""
    return db.session.get(PollOffset, poll)


@dataclass(frozen=True)
class Waiting:
    id: int
    channel: str
    external_id: str
    raw: str


def oldest_per_chat(limit: int = 20) -> list[Waiting]:
    """The next update of each chat that has one waiting: chats do not wait for each other, a chat keeps its order."""
    first = select(func.min(Update.id)).where(Update.state == InboxState.new).group_by(Update.channel, Update.chat)
    rows = db.session.scalars(select(Update).where(Update.id.in_(first)).order_by(Update.id).limit(limit)).all()
    return [Waiting(row.id, row.channel, row.external_id, row.raw) for row in rows]


def mark_done(update_id: int) -> bool:
    """Inside the transaction of what the update caused. False: somebody else has done it already."""
    return bool(
        rows_changed(
            update(Update)
            .where(Update.id == update_id, Update.state == InboxState.new)
            .values(state=InboxState.done, done_at=utc_now(), error="")
        )
    )


def ignore(update_id: int) -> None:
    """Nothing of ours (a stranger's words): the id stays, the body goes. Also after ``mark_done``."""
    with transaction():
        db.session.execute(
            update(Update)
            .where(Update.id == update_id, Update.state.in_((InboxState.new, InboxState.done)))
            .values(state=InboxState.ignored, raw="{}", done_at=utc_now())
        )


def forget_body(update_id: int) -> None:
    """Purge a raw body (secrecy stamp, G10); call inside a transaction."""
    db.session.execute(update(Update).where(Update.id == update_id).values(raw="{}"))


def record_fault(update_id: int, error: str, *, final: bool = False) -> bool:
    """Count a failed try; after five, or when ``final``, the update is parked for a person. True when parked."""
    with transaction():
        row = db.session.get(Update, update_id)
        if row is None or row.state != InboxState.new:
            return False
        row.attempts += 1
        row.error = error[:500]
        if final or row.attempts >= MAX_ATTEMPTS:
            row.state = InboxState.parked
        return row.state == InboxState.parked


def replay(update_id: int) -> None:
    """A person has a parked update tried again."""
    with transaction():
        db.session.execute(
            update(Update)
            .where(Update.id == update_id, Update.state == InboxState.parked)
            .values(state=InboxState.new, attempts=0)
        )


def discard(update_id: int) -> None:
    """A person drops a parked update; its row and body stay."""
    with transaction():
        db.session.execute(
            update(Update)
            .where(Update.id == update_id, Update.state == InboxState.parked)
            .values(state=InboxState.ignored, done_at=utc_now())
        )


def _as_text(update_: Mapping[str, Any]) -> str:
    """JSON as it came. Half of a pair of UTF-16 units, which no database takes, stays as its escape."""
    return json.dumps(update_, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def _chat_of(update_: Mapping[str, Any]) -> str:
    """The chat an update belongs to, "" when it has none or is broken; only for order, never for rights."""
    for key in ("message", "edited_message", "channel_post", "edited_channel_post", "my_chat_member"):
        part = update_.get(key)
        if isinstance(part, dict) and isinstance(part.get("chat"), dict):
            return str(part["chat"].get("id", ""))[:40]
    press = update_.get("callback_query")
    if isinstance(press, dict):
        message = press.get("message")
        if isinstance(message, dict) and isinstance(message.get("chat"), dict):
            return str(message["chat"].get("id", ""))[:40]
        if isinstance(press.get("from"), dict):
            return str(press["from"].get("id", ""))[:40]
    return ""
