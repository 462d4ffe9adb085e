"""How fast we send: evenly spaced below Telegram's thirty a second, and one a second in a chat with bursts of three.

Sources: core.telegram.org/bots/faq; measured: the usual limiter lets 59 out in the first second (promises F12).
"""

import asyncio
import time

SPACING = 1 / 29
BURST, PER_SECOND = 3.0, 1.0
_FORGET_AFTER = 1_000  # chats kept in memory


class Pace:
    """Waits as long as needed before a send. In one worker; two of them together may meet a 429, which is honoured."""

    def __init__(self, spacing: float = SPACING, burst: float = BURST) -> None:
        self._spacing, self._burst = spacing, burst
        self._next = 0.0
        self._tokens: dict[str, tuple[float, float]] = {}

    async def turn(self, chat: str) -> None:
        """Return when a message may go to ``chat``."""
        now = time.monotonic()
        await asyncio.sleep(max(self._own(chat, now), self._everybody(now)))

    def _everybody(self, now: float) -> float:
        mine = max(now, self._next)
        self._next = mine + self._spacing
        return mine - now

    def _own(self, chat: str, now: float) -> float:
        if len(self._tokens) > _FORGET_AFTER:
            self._tokens.clear()
        tokens, since = self._tokens.get(chat, (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * PER_SECOND) - 1
        self._tokens[chat] = (tokens, now)
        return max(0.0, -tokens / PER_SECOND)
