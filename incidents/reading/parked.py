"""Parked updates: what came in five times without being worked through, and what a person does with them."""

from collections.abc import Sequence

from sqlalchemy import select

from incidents.cases.checks import checked_text, checked_words
from incidents.db import db, transaction
from incidents.errors import NotFound
from incidents.people import log
from incidents.permissions import Actor, require
from incidents.telling import inbox
from incidents.telling.models import Update
from incidents.vocabulary import InboxState

_MOST = 200


def waiting(actor: Actor) -> Sequence[Update]:
    """Those that wait for a person, oldest first."""
    require(actor, "handle_parked")
    wanted = select(Update).where(Update.state == InboxState.parked).order_by(Update.id).limit(_MOST)
    return db.session.scalars(wanted).all()


def dropped(actor: Actor) -> Sequence[Update]:
    """Those a person has dropped, newest first; strangers' words, ignored by themselves, are not among them."""
    require(actor, "handle_parked")
    wanted = select(Update).where(Update.state == InboxState.ignored, Update.attempts > 0)
    return db.session.scalars(wanted.order_by(Update.id.desc()).limit(_MOST)).all()


def retry(actor: Actor, update_id: int) -> None:
    """Have it tried again from the start. Raises ``NotFound`` when it is not parked (any more)."""
    with transaction():
        _find(actor, update_id)
        inbox.replay(update_id)
        log.note(actor, "retry_update", f"update:{update_id}")


def drop(actor: Actor, update_id: int, reason: str) -> None:
    """Give it up for a reason, which stays with the row. Raises ``NotFound``, ``BadInput`` (reason)."""
    reason = checked_text("reason", checked_words("reason", reason, 300))
    with transaction():
        row = _find(actor, update_id)
        inbox.discard(update_id)
        row.error = f"{reason} ({row.error})"[:500]
        log.note(actor, "drop_update", f"update:{update_id}")


def _find(actor: Actor, update_id: int) -> Update:
    require(actor, "handle_parked")
    row = db.session.scalar(select(Update).where(Update.id == update_id, Update.state == InboxState.parked))
    if row is None:
        raise NotFound(what=f"#{update_id}")
    return row
