"""Questions put to one member in one chat. A button carries the opaque token; a typed number finds the question."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update

from incidents.db import db, utc_now
from incidents.people.models import Address
from incidents.telling.models import Alert, Prompt

VALID_FOR = timedelta(hours=24)
TYPED_WITHIN = timedelta(minutes=30)


def ask(
    address: Address,
    kind: str,
    options: Sequence[tuple[str, str, str]],
    *,
    incident_id: int | None = None,
    quick_report_id: int | None = None,
) -> Prompt:
    """A new question with ``(number, action, argument)`` options. Call inside a transaction.

    The token is 12 random bytes: a button's data is at most 24 bytes and cannot be guessed (promises S15).
    """
    now = utc_now()
    prompt = Prompt(
        token=secrets.token_urlsafe(12),
        kind=kind,
        address_id=address.id,
        member_id=address.member_id,
        incident_id=incident_id,
        quick_report_id=quick_report_id,
        options=[list(option) for option in options],
        asked_at=now,
        expires_at=now + VALID_FOR,
    )
    db.session.add(prompt)
    return prompt


def pressed(address: Address, token: str) -> Prompt | None:
    """The question behind a button, only in the chat it was put to; expired ones are returned too, they say so."""
    prompt = db.session.scalar(select(Prompt).where(Prompt.token == token, Prompt.address_id == address.id))
    if prompt is not None and prompt.message_id:
        _note_press(address, prompt.message_id)
    return prompt


def _note_press(address: Address, message_id: str) -> None:
    """The delivery strip says that the person has answered: the message was not only sent."""
    db.session.execute(
        update(Alert)
        .where(Alert.address_id == address.id, Alert.message_id == message_id, Alert.pressed_at.is_(None))
        .values(pressed_at=utc_now())
    )


def behind_message(address: Address, message_id: str) -> Prompt | None:
    """The newest question that stands in the message somebody replied to."""
    return db.session.scalar(
        select(Prompt)
        .where(Prompt.address_id == address.id, Prompt.message_id == message_id)
        .order_by(Prompt.id.desc())
        .limit(1)
    )


def open_in(address: Address) -> list[Prompt]:
    """Open questions of the last 30 minutes in this chat, newest first: what a bare number may answer."""
    now = utc_now()
    return list(
        db.session.scalars(
            select(Prompt)
            .where(
                Prompt.address_id == address.id,
                Prompt.answered_at.is_(None),
                Prompt.expires_at > now,
                Prompt.asked_at > now - TYPED_WITHIN,
            )
            .order_by(Prompt.id.desc())
        )
    )


def option(prompt: Prompt, number: str) -> tuple[str, str] | None:
    """``(action, argument)`` of the option with that number."""
    return next(((action, argument) for n, action, argument in prompt.options if n == number), None)
