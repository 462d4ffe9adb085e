"""The queue of updates with the rules of `getUpdates` (core.telegram.org/bots/api#getupdates)."""

import bisect
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .shapes import Json

KEPT_SECONDS = 24 * 3600
BATCH_MAX = 100
ONLY_WHEN_ASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(order=True)
class _Waiting:
    number: int
    body: Json = field(compare=False)
    at: float = field(compare=False)


class Updates:
    """Numbered updates waiting for the bot. Numbers rise by one, from the second of the start: a chat that is started
    again goes on above what the desk has confirmed, though it has forgotten its numbers."""

    def __init__(self) -> None:
        self.next_number = int(time.time())
        self.allowed: tuple[str, ...] = ()
        self._waiting: list[_Waiting] = []
        self._again: list[Json] = []
        self._given: dict[int, Json] = {}

    def put(self, kind: str, content: Json) -> int:
        """Number one update; it waits only if its kind is among those the bot asked for last."""
        number = self._number()
        if self._is_wanted(kind):
            self._wait(number, {"update_id": number, kind: content})
        return number

    def put_raw(self, body: Json) -> int:
        """Put an update exactly as given. Without an integer `update_id` it takes the next number for its place
        in the queue only, and its body stays as broken as it was given."""
        number = body.get("update_id")
        if not isinstance(number, int) or isinstance(number, bool):
            number = self._number()
        self.next_number = max(self.next_number, number + 1)
        self._wait(number, body)
        return number

    def repeat(self, number: int) -> None:
        """Deliver one update once more with the next answer, even though it was confirmed.

        Raises LookupError for a number that was never given out.
        """
        if number not in self._given:
            raise LookupError(f"no update {number}")
        self._again.append(self._given[number])

    def allow(self, kinds: Iterable[str] | None) -> None:
        """Remember the kinds the bot asks for; None means as last time, empty means all ordinary ones."""
        if kinds is not None:
            self.allowed = tuple(kinds)

    def confirm(self, offset: int) -> None:
        """Forget every update below `offset`. A negative one keeps only that many from the end; 0 forgets nothing."""
        if offset > 0:
            self._waiting = [one for one in self._waiting if one.number >= offset]
        elif offset < 0:
            self._waiting = self._waiting[offset:]

    def batch(self, limit: int) -> list[Json]:
        """Return up to `limit` updates, repeats first; nothing is confirmed by it."""
        fresh = time.time() - KEPT_SECONDS
        self._waiting = [one for one in self._waiting if one.at > fresh]
        limit = min(max(limit, 1), BATCH_MAX)
        again, self._again = self._again[:limit], self._again[limit:]
        return again + [one.body for one in self._waiting[: limit - len(again)]]

    def pending(self) -> int:
        """Return how many updates wait."""
        return len(self._waiting)

    def drop(self) -> None:
        """Forget all that wait, as `drop_pending_updates` does."""
        self._waiting.clear()

    def numbers(self) -> Sequence[int]:
        """Return the numbers that wait, lowest first."""
        return [one.number for one in self._waiting]

    def _number(self) -> int:
        self.next_number += 1
        return self.next_number - 1

    def _is_wanted(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in ONLY_WHEN_ASKED

    def _wait(self, number: int, body: Json) -> None:
        self._given[number] = body
        bisect.insort(self._waiting, _Waiting(number, body, time.time()))
