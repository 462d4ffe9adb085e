"""Everything the stand-in knows, in memory, under one lock; every change wakes the calls that wait."""

import copy
import mimetypes
import secrets
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from . import limits, shapes
from .chats import Chats, Files
from .entities import units, written
from .faults import Fault, Faults
from .shapes import Json, Persona
from .updates import Updates

CALLS_KEPT = 10_000
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(frozen=True)
class Call:
    """One call of the Bot API: `answer_code` is the HTTP code, 0 when the caller got no answer at all."""

    method: str
    params: Json
    at: datetime
    answer_code: int
    answer: str = ""


@dataclass(frozen=True)
class Press:
    """One press of a button: who, when (Unix seconds), and what the bot answered to it (None: nothing yet)."""

    user_id: int
    at: float
    answer: str | None = None
    is_alert: bool = False


class State:
    """The chats of one bot. What people do returns the number of the update it causes."""

    def __init__(self, token: str, personas: Sequence[Persona] = (), bot_username: str = "dien_tap_bot") -> None:
        number = token.partition(":")[0]
        self.token = token
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.version = 0
        self.is_closed = False
        self.bot = shapes.bot(int(number) if number.isdecimal() else 700_000_001, bot_username)
        self.people: dict[int, Persona] = {persona.user_id: persona for persona in personas}
        self.chats, self.files, self.updates = Chats(), Files(), Updates()
        self.faults, self.pace = Faults(), limits.Pace()
        self.presses: dict[str, Press] = {}
        self.reactions: dict[tuple[int, int], list[str]] = {}
        self.commands: dict[str, list[Json]] = {}
        self.seen: dict[int, int] = {}
        self._calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self._poll = 0
        self._chat_instance = str(secrets.randbits(62))

    # What people do

    def say(
        self,
        user_id: int,
        text: str,
        *,
        origin: Json | None = None,
        reply_to: int | None = None,
        date: int | None = None,
    ) -> int:
        """Send a text from a person: `origin` makes it a forward (`shapes.from_…`), `date` is Unix seconds.

        Raises ValueError for a text no Telegram app would send: empty, or above 4,096 units.
        """
        if not text.strip() or units(text) > limits.TEXT_MAX:
            raise ValueError("a person's message has 1 to 4,096 characters")
        return self._send(user_id, written("text", text), origin, reply_to, date)

    def photo(
        self,
        user_id: int,
        content: bytes,
        caption: str = "",
        *,
        origin: Json | None = None,
        group: str | None = None,
        date: int | None = None,
    ) -> int:
        """Send a picture from a person; `group` is the `media_group_id` that holds an album together."""
        with self.lock:
            body: Json = {"photo": shapes.photo_sizes(self.files.keep_photo(content)), **_caption(caption)}
            return self._send(user_id, body | ({"media_group_id": group} if group else {}), origin, None, date)

    def album(self, user_id: int, contents: Sequence[bytes], caption: str = "") -> list[int]:
        """Send several pictures as one album, the caption on the first; return the update numbers."""
        group = str(13_000_000_000_000_000 + secrets.randbelow(10**15))
        with self.lock:
            return [self.photo(user_id, one, "" if at else caption, group=group) for at, one in enumerate(contents)]

    def document(self, user_id: int, content: bytes, name: str, caption: str = "") -> int:
        """Send a file as a file, with its own name."""
        with self.lock:
            file = self.files.keep(content, "documents", name)
            mime_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
            return self._send(user_id, {"document": shapes.document(file, mime_type), **_caption(caption)})

    def edit(self, user_id: int, message_id: int, text: str) -> int:
        """Change a person's own message: its text, or the caption under its photo or file.

        Raises LookupError when the message is not there or not that person's.
        """
        with self.lock:
            message = self.chats.find(user_id, message_id)
            if message is None or message["from"]["id"] != user_id:
                raise LookupError(f"no message {message_id} of {user_id}")
            is_text = "text" in message
            for field in ("text", "entities") if is_text else ("caption", "caption_entities"):
                message.pop(field, None)
            message.update(written("text", text) if is_text else _caption(text))
            message["edit_date"] = int(time.time())
            return self._tell("edited_message", message, user_id)

    def press(self, user_id: int, message_id: int, button: str | int) -> int:
        """Press a button: by its number over all rows (from 0), or by raw callback data, forged data included.

        Raises LookupError when message or button is not there, ValueError for a link button: it sends nothing.
        """
        with self.lock:
            message = self.chats.find(user_id, message_id)
            if message is None:
                raise LookupError(f"no message {message_id} in the chat of {user_id}")
            data = button if isinstance(button, str) else shapes.callback_data(message, button)
            query_id = str(secrets.randbits(62))
            self.presses[query_id] = Press(user_id, time.time())
            query = {"id": query_id, "from": shapes.user(self.person(user_id)), "message": message, "data": data}
            return self._tell("callback_query", {**query, "chat_instance": self._chat_instance}, user_id)

    def messages(self, user_id: int) -> list[Json]:
        """Return copies of the messages in the chat with one person, oldest first."""
        with self.lock:
            return copy.deepcopy(self.chats.within(user_id))

    def person(self, user_id: int) -> Persona:
        """Return the persona with this id; a stranger is let in, as anybody may write to a bot."""
        return self.people.setdefault(user_id, Persona(user_id, f"Người lạ {user_id}"))

    # What a test or the panel does

    def push_raw(self, update: Json) -> int:
        """Queue an update exactly as given, however broken; return its place in the queue."""
        with self.lock:
            self.touch()
            return self.updates.put_raw(update)

    def repeat(self, update_id: int) -> None:
        """Deliver an update once more, even when the bot has confirmed it."""
        with self.lock:
            self.updates.repeat(update_id)
            self.touch()

    def fault(self, kind: str, chat: int | None = None, **opts: Any) -> Fault:
        """Put a fault in force (see `Faults.add`: `count`, `seconds`, `ms`, `method`)."""
        if kind == "blocked" and chat is None:
            raise ValueError("a person blocks the bot: name the chat")
        with self.lock:
            self.touch()
            if kind == "blocked" and not self._is_blocked(chat):
                self._tell_membership(chat, "member", "kicked")
            return self.faults.add(kind, chat, **opts)

    def mend(self, kind: str | None = None, chat: int | None = None) -> None:
        """End faults: all, those of one kind, or those of one kind and chat."""
        with self.lock:
            for fault in self.faults.mend(kind, chat):
                if fault.kind == "blocked":
                    self._tell_membership(fault.chat, "kicked", "member")
            self.touch()

    @property
    def calls(self) -> list[Call]:
        """The calls answered so far, oldest first; the latest 10,000 are kept."""
        with self.lock:
            return list(self._calls)

    # What the server does

    def record(self, method: str, params: Json, code: int, answer: str = "") -> None:
        """Keep one call in the log."""
        with self.lock:
            self._calls.append(Call(method, params, datetime.now(UTC), code, answer))
            self.touch()

    def wait_for_updates(self, offset: int, limit: int, timeout: float, allowed: Sequence[str] | None) -> list[Json]:
        """Answer `getUpdates`; waits up to `timeout` seconds while nothing is there.

        Raises Refusal 409 when another call comes meanwhile: the newer one wins.
        """
        end = time.monotonic() + timeout
        with self.lock:
            self._poll += 1
            mine = self._poll
            self.updates.allow(allowed)
            self.updates.confirm(offset)
            self.touch()
            while not self.is_closed:
                batch = self.updates.batch(limit)
                if batch:
                    return self._handed_over(batch)
                if not self.changed.wait(max(0.0, end - time.monotonic())):
                    break
                if self._poll != mine:
                    raise limits.Refusal(409, CONFLICT)
            return []

    def hold(self, fault: Fault) -> None:
        """Keep a connection waiting as the fault says: until its time, its end or the end of the server."""
        end = time.monotonic() + fault.hold
        with self.lock:
            while not self.is_closed and time.monotonic() < end:
                if fault.kind == "blackhole" and fault not in self.faults.in_force():
                    return
                self.changed.wait(min(0.5, max(0.0, end - time.monotonic())))

    def pause(self, seconds: float) -> None:
        """Delay an answer; the end of the server cuts it short."""
        end = time.monotonic() + seconds
        with self.lock:
            while not self.is_closed and (left := end - time.monotonic()) > 0:
                self.changed.wait(left)

    def touch(self) -> None:
        """Note a change and wake everybody who waits for one."""
        with self.lock:
            self.version += 1
            self.changed.notify_all()

    def close(self) -> None:
        """Let every waiting call go."""
        with self.lock:
            self.is_closed = True
            self.touch()

    def _handed_over(self, batch: list[Json]) -> list[Json]:
        disordered = self.faults.strike_update("out_of_order")
        return copy.deepcopy(batch[::-1] if disordered else batch)

    def _send(
        self,
        user_id: int,
        content: Json,
        origin: Json | None = None,
        reply_to: int | None = None,
        date: int | None = None,
    ) -> int:
        with self.lock:
            persona = self.person(user_id)
            if self._is_blocked(user_id):
                self.mend("blocked", user_id)  # nobody can write to a bot without unblocking it first
            message: Json = {"from": shapes.user(persona), "chat": shapes.private_chat(persona)}
            message["date"] = int(time.time()) if date is None else date
            if origin is not None:
                message["forward_origin"] = origin
            if reply_to is not None and (replied := self.chats.find(user_id, reply_to)):
                message["reply_to_message"] = {k: v for k, v in replied.items() if k != "reply_to_message"}
            return self._tell("message", self.chats.add(user_id, message | content), user_id)

    def _tell(self, kind: str, content: Json, chat: int) -> int:
        number = self.updates.put(kind, copy.deepcopy(content))
        if self.faults.strike_update("duplicate_update", chat):
            self.updates.repeat(number)
        self.touch()
        return number

    def _tell_membership(self, chat: int | None, before: str, after: str) -> None:
        persona = self.person(chat or 0)
        states = {"old_chat_member": before, "new_chat_member": after}
        members = {field: shapes.membership(self.bot, status) for field, status in states.items()}
        body = {"chat": shapes.private_chat(persona), "from": shapes.user(persona), "date": int(time.time())}
        self._tell("my_chat_member", body | members, persona.user_id)

    def _is_blocked(self, chat: int | None) -> bool:
        return any(one.kind == "blocked" and one.chat == chat for one in self.faults.in_force())


def _caption(caption: str) -> Json:
    if units(caption) > limits.CAPTION_MAX:
        raise ValueError("a person's caption has at most 1,024 characters")
    return written("caption", caption)
