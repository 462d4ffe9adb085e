"""The approved amendments as the rooms above ask for them: kept in the process, never out of date where it counts.

Inside a transaction they are checked once, so that what is written rests on what is approved; pages may be some
seconds behind another process.
"""

import weakref
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

from flask import current_app
from sqlalchemy import event, func, select

from incidents.db import db, is_writing, utc_now
from incidents.planning.models import Amendment

SECONDS = 5
_SEEN = "planning_seen"
T = TypeVar("T")


@dataclass(frozen=True)
class Approved:
    """An approved amendment as a plain value."""

    subject: str
    key: str
    content: dict[str, Any]
    decided_at: datetime


@dataclass
class Kept:
    """All of them in the order of their approval; ``made``: what has been computed from them."""

    version: tuple[int, datetime | None]
    rows: tuple[Approved, ...]
    read_at: datetime
    made: dict[Hashable, object] = field(default_factory=dict)

    def of(self, *subjects: str) -> list[Approved]:
        return [row for row in self.rows if row.subject in subjects]

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` gives, computed once for these amendments."""
        if key not in self.made:
            self.made[key] = make()
        return cast("T", self.made[key])


def read() -> Kept:
    """The approved amendments; costs no statement within some seconds, one in each transaction, two after a change."""
    kept: Kept | None = current_app.extensions.get("planning")
    if is_writing():
        if kept is None or not _seen():
            kept = _check(kept)
            _mark_seen()
        return kept
    age = (utc_now() - kept.read_at).total_seconds() if kept else SECONDS
    return kept if kept is not None and 0 <= age < SECONDS else _check(kept)


def forget() -> None:
    """An amendment has just been decided in this transaction: the next look is a fresh one, and the first after it."""
    session, kept_by = db.session(), current_app.extensions
    session.info.pop(_SEEN, None)
    event.listen(session, "after_commit", lambda _session: kept_by.pop("planning", None), once=True)


def _check(kept: Kept | None) -> Kept:
    is_approved = Amendment.state == "approved"
    count, newest = db.session.execute(select(func.count(), func.max(Amendment.decided_at)).where(is_approved)).one()
    if kept is not None and kept.version == (count, newest):
        kept.read_at = utc_now()
        return kept
    rows: tuple[Approved, ...] = ()
    if count:
        wanted = select(Amendment.subject, Amendment.key, Amendment.content, Amendment.decided_at).where(is_approved)
        found = db.session.execute(wanted.order_by(Amendment.decided_at, Amendment.id))
        rows = tuple(Approved(*row) for row in found)
    current_app.extensions["planning"] = fresh = Kept((count, newest), rows, utc_now())
    return fresh


def _seen() -> bool:
    mark = db.session().info.get(_SEEN)
    return mark is not None and mark() is db.session().get_transaction()


def _mark_seen() -> None:
    present = db.session().get_transaction()
    if present is not None:
        db.session().info[_SEEN] = weakref.ref(present)
