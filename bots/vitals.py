"""Signs of life: rows that say the worker lives and how each channel does (promises R23, R24)."""

import time
from dataclasses import dataclass, field

from sqlalchemy import case
from sqlalchemy.dialects import postgresql, sqlite

from incidents.db import db, transaction, utc_now
from incidents.reading import frame
from incidents.telling.models import Heartbeat

WORKER = frame.WORKER  # the pages look for the same row
EVERY = 5.0  # seconds
_IN_A_ROW, _CHATS = 3, 2
_UNREACHABLE_AFTER = 30.0  # seconds


def beat(name: str, state: str = "ok", detail: str = "") -> None:
    """Write a sign of life. ``since`` moves only when the state changes."""
    now = utc_now()
    with transaction():
        insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
        row = insert(Heartbeat).values(name=name, at=now, state=state, detail=detail[:300], since=now)
        since = case((Heartbeat.state == row.excluded.state, Heartbeat.since), else_=row.excluded.since)
        newer = {"at": row.excluded.at, "state": row.excluded.state, "detail": row.excluded.detail, "since": since}
        db.session.execute(row.on_conflict_do_update(index_elements=["name"], set_=newer))


def of_channel(kind: str) -> str:
    """The name of a channel's row."""
    return f"channel:{kind}"


def name_of(kind: str) -> str:
    """The row that holds the bot's public name on a channel."""
    return f"name:{kind}"


@dataclass
class Health:
    """One channel's state, from what becomes of its calls: ok → doubtful → unreachable → ok; refused by a wrong token.

    Doubtful: three transport failures in a row over two chats. Unreachable: thirty seconds of nothing else.
    """

    state: str = "ok"
    detail: str = ""
    _failed: int = 0
    _chats: set[str] = field(default_factory=set)
    _since: float = 0.0

    def answered(self) -> None:
        """Any answer of the channel, a refusal of one message included."""
        self.state, self.detail, self._failed = "ok", "", 0
        self._chats.clear()

    def unreachable(self, chat: str, reason: str, now: float | None = None) -> None:
        """A call that got no answer. ``chat`` may also name a loop such as polling."""
        now = time.monotonic() if now is None else now
        if not self._failed:
            self._since = now
        self._failed += 1
        self._chats.add(chat)
        if self._failed < _IN_A_ROW or self.state == "refused":
            return
        if now - self._since >= _UNREACHABLE_AFTER:
            self.state, self.detail = "unreachable", reason
        elif len(self._chats) >= _CHATS and self.state == "ok":
            self.state, self.detail = "doubtful", reason

    def refused(self, reason: str) -> None:
        """The channel does not know us; only an answer to a later try ends this."""
        self.state, self.detail = "refused", reason
