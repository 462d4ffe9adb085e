"""Our own getUpdates loop: stored and committed before the next call lets Telegram forget (promises F6, R3).

The library's polling keeps updates in memory and confirms them with its next call. Here the raw answer is read, because
what cannot be parsed must be kept too.
"""

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.exc import SQLAlchemyError
from telegram.error import TelegramError

from bots.bridge import Bridge
from bots.telegram.client import Telegram
from bots.telegram.reading import is_id
from bots.vitals import Health
from incidents.db import utc_now
from incidents.telling import inbox

log = logging.getLogger(__name__)

ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
POLL_SECONDS = 50
_LIMIT = 100
_QUIET = timedelta(days=6)  # after a week of silence numbers begin anew, and an old offset would throw them away (F9)
_BACKOFF = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)
_REFUSED_WAIT = 300.0
_NUMBER = re.compile(r'"update_id"\s*:\s*(\d{1,18})\b')


class Polling:
    """One bot's polling. ``show`` writes its health down."""

    def __init__(
        self,
        bridge: Bridge,
        channel: Telegram,
        health: Health,
        show: Callable[[str], Awaitable[None]],
        *,
        poll_seconds: int = POLL_SECONDS,
    ) -> None:
        self.bridge, self.channel, self.health, self.show = bridge, channel, health, show
        self.poll_seconds = poll_seconds
        self.name = f"telegram:{channel.bot_id}"
        # The first call of a process names no offset: what it brings again is known by its number, and a server whose
        # numbers begin anew loses nothing.
        self._offset: int | None = None
        self._limit = _LIMIT
        self._failures = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until cancelled or ``stop``. Nothing is lost by a cancel: only the next call confirms."""
        while not stop.is_set():
            wait = await self.once()
            if wait:
                await asyncio.sleep(wait)

    async def once(self) -> float:
        """One call. Returns how long to wait before the next, in seconds."""
        try:
            code, body = await self._call()
        except TelegramError as fault:
            self.health.unreachable("getUpdates", "Không kết nối được Telegram.")
            log.warning("polling: %s", type(fault).__name__)
            return await self._later()
        if code != 200:
            return await self._refused(code, body)
        try:
            await self._store(body)
        except SQLAlchemyError:
            log.exception("updates could not be stored; they stay at Telegram")
            return await self._later()
        self.health.answered()
        self._failures = 0
        await self.show(self.channel.kind)
        return 0.0

    async def _call(self) -> tuple[int, bytes]:
        query: dict[str, Any] = {
            "timeout": self.poll_seconds,
            "limit": self._limit,
            "allowed_updates": json.dumps(ALLOWED),
        }
        if (offset := await self.bridge.call(self._current_offset)) is not None:
            query["offset"] = offset
        url = f"{self.channel.api_url}/bot{self.channel.token}/getUpdates?{urlencode(query)}"
        return await self.channel.polling.do_request(url, "GET", read_timeout=self.poll_seconds + 10.0)

    def _current_offset(self) -> int | None:
        stored = inbox.offset(self.name)
        if self._offset is None or stored is None or utc_now() - stored.polled_at > _QUIET:
            return None
        return self._offset

    async def _store(self, body: bytes) -> None:
        updates = self._read(body)
        if not updates:
            return
        numbers = [one["update_id"] for one in updates if is_id(one["update_id"])]
        following = max(numbers, default=self._offset or 0) + 1
        updates.sort(key=lambda one: one["update_id"] if is_id(one["update_id"]) else following)
        await self.bridge.call(inbox.store, self.channel.kind, updates, poll=self.name, next_offset=following)
        self._offset = following

    def _read(self, body: bytes) -> list[dict[str, Any]]:
        """The updates as they came; what is none gets a name of its own, so that it is kept and parked."""
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            return self._unreadable(body.decode("utf-8", "replace"))
        self._limit = _LIMIT
        result = answer.get("result") if isinstance(answer, dict) else None
        return [_named(one) for one in result] if isinstance(result, list) else []

    def _unreadable(self, text: str) -> list[dict[str, Any]]:
        """An answer too deep to be read: one update at a time, until the one that spoils it is alone."""
        numbers = _NUMBER.findall(text)
        if self._limit > 1 or not numbers:
            self._limit = 1
            return []
        self._limit = _LIMIT
        return [{"update_id": int(numbers[0]), "unreadable": text[:100_000]}]

    async def _refused(self, code: int, body: bytes) -> float:
        if code in (401, 404):
            self.health.refused("Mã bot bị Telegram từ chối.")
            await self.show(self.channel.kind)
            return _REFUSED_WAIT
        if code == 409:
            self.health.detail = "Có hai tiến trình cùng đọc bot này, hoặc bot đang dùng webhook."
            log.warning("polling: 409, another process reads this bot or it has a webhook")
        elif code == 429:
            return _asked_wait(body)
        return await self._later()

    async def _later(self) -> float:
        wait = _BACKOFF[min(self._failures, len(_BACKOFF) - 1)]
        self._failures += 1
        await self.show(self.channel.kind)
        return wait


def _named(update: object) -> dict[str, Any]:
    """An update with a number; anything else under a name made of its content."""
    if isinstance(update, dict) and is_id(update.get("update_id")):
        return update
    digest = hashlib.sha256(json.dumps(update, sort_keys=True, default=str).encode()).hexdigest()[:24]
    return {"update_id": f"broken:{digest}", "body": update}


def _asked_wait(body: bytes) -> float:
    try:
        return float(json.loads(body)["parameters"]["retry_after"])
    except (ValueError, KeyError, TypeError):
        return 5.0
