"""What somebody is typing, kept at the server under a key of the form: after a lost session, a crash, a closed lid (C2)."""

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from incidents.cases.models import Draft
from incidents.db import db, transaction, utc_now
from incidents.errors import StateSecret
from incidents.text import has_secrecy_stamp

_LONGEST_KEY = 100


def key_of(path: str) -> str:
    """The key of a form that is sent to ``path``."""
    return path if len(path) <= _LONGEST_KEY else hashlib.sha256(path.encode()).hexdigest()


def keep(member_id: int, key: str, fields: Mapping[str, Any]) -> None:
    """Keep the fields (name → text, or list of texts) in place of what was kept under this key.

    Raises ``StateSecret`` for a text with a secrecy stamp, and then forgets what was kept before too (G10).
    """
    if any(has_secrecy_stamp(text) for value in fields.values() for text in _texts(value)):
        drop(member_id, key)
        raise StateSecret
    with transaction():
        if _replace(member_id, key, fields):
            return
        try:
            with db.session.begin_nested():
                db.session.add(Draft(member_id=member_id, key=key, fields=dict(fields), saved_at=utc_now()))
        except IntegrityError:  # two windows, the same form, the same moment: the later one stays
            _replace(member_id, key, fields)


def read(member_id: int, key: str) -> Draft | None:
    """The draft with ``fields`` and ``saved_at``, or None."""
    return db.session.scalar(select(Draft).where(Draft.member_id == member_id, Draft.key == key))


def newest_under(member_id: int, prefix: str) -> Draft | None:
    """The newest draft of a form that is sent to an address beginning with ``prefix``."""
    mine = select(Draft).where(Draft.member_id == member_id, Draft.key.startswith(prefix, autoescape=True))
    return db.session.scalar(mine.order_by(Draft.saved_at.desc()).limit(1))


def drop(member_id: int, key: str) -> None:
    """The form was saved, or the draft is not wanted."""
    with transaction():
        db.session.execute(delete(Draft).where(Draft.member_id == member_id, Draft.key == key))


def _texts(value: object) -> list[str]:
    return [str(part) for part in value] if isinstance(value, list) else [str(value)]


def _replace(member_id: int, key: str, fields: Mapping[str, Any]) -> bool:
    mine = update(Draft).where(Draft.member_id == member_id, Draft.key == key)
    return bool(db.session.execute(mine.values(fields=dict(fields), saved_at=utc_now())).rowcount)
