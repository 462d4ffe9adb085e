"""Faults that can be played: what Telegram and the network do to a bot on a bad night."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

EVERY = "*"
POLLING = "getUpdates"

# Kind → methods it strikes unless told otherwise: "" stands for every call that writes into a chat or answers a press.
KINDS: dict[str, str] = {
    "flood": "",
    "server_error": "",
    "lost_answer": "",
    "timeout_before": "",
    "reset": "",
    "garbage": "",
    "blocked": "",
    "deactivated": "",
    "file_unavailable": "getFile",
    "slow": EVERY,
    "blackhole": EVERY,
    "token_revoked": EVERY,
    "duplicate_update": POLLING,
    "out_of_order": POLLING,
}
ONCE = frozenset(
    {"server_error", "lost_answer", "timeout_before", "reset", "garbage", "duplicate_update", "out_of_order"}
)
OF_UPDATES = frozenset({"duplicate_update", "out_of_order"})
FLOOD_SECONDS = 30.0
HOLD_SECONDS = 30.0


@dataclass
class Fault:
    """One fault in force. `left` counts strikes (None: no count), `until` is Unix time (None: until mended)."""

    kind: str
    chat: int | None = None
    method: str = ""
    left: int | None = None
    until: float | None = None
    hold: float = HOLD_SECONDS
    ms: int = 0

    def is_over(self) -> bool:
        """Return whether its time has passed or its strikes are used up."""
        return self.left == 0 or (self.until is not None and time.time() >= self.until)

    def seconds_left(self) -> float:
        """Return how long a fault with an end still lasts, in seconds; a minute for one without."""
        return 60.0 if self.until is None else max(0.0, self.until - time.time())

    def strikes(self, method: str, chat: int | None, writes: bool) -> bool:
        """Return whether it hits a call of `method` in `chat` that does or does not write into a chat."""
        in_scope = writes if self.method == "" else self.method in (EVERY, method)
        return in_scope and (self.chat is None or self.chat == chat)


class Faults:
    """The faults in force, in the order they were set."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(
        self,
        kind: str,
        chat: int | None = None,
        count: int | None = None,
        seconds: float | None = None,
        ms: int = 0,
        method: str | None = None,
    ) -> Fault:
        """Put one fault in force.

        `count` strikes, or for `seconds`; with neither, the one-shot kinds strike once, flood lasts 30 s and the
        rest stay until mended. For `timeout_before`, `seconds` is how long the connection is held. `ms` belongs to
        `slow`. `method` narrows it to one method, "*" widens it to all. Raises ValueError for an unknown kind.
        """
        if kind not in KINDS:
            raise ValueError(f"unknown fault {kind!r}; known: {', '.join(sorted(KINDS))}")
        fault = Fault(kind, chat, KINDS[kind] if method is None else method, count, ms=ms)
        if kind == "timeout_before":
            fault.hold = HOLD_SECONDS if seconds is None else seconds
        elif seconds is not None or kind == "flood":
            fault.until = time.time() + (FLOOD_SECONDS if seconds is None else seconds)
        if kind in ONCE and count is None and fault.until is None:
            fault.left = 1
        if kind == "slow":
            self.mend("slow", chat)  # the newest delay replaces the one before
        self._faults.append(fault)
        return fault

    def mend(self, kind: str | None = None, chat: int | None = None) -> list[Fault]:
        """End faults, all of them or those of one kind and chat; return what was ended."""
        ended = [one for one in self._faults if kind in (None, one.kind) and chat in (None, one.chat)]
        self._faults = [one for one in self._faults if one not in ended]
        return ended

    def in_force(self) -> Sequence[Fault]:
        """Return the faults that can still strike."""
        self._faults = [one for one in self._faults if not one.is_over()]
        return tuple(self._faults)

    def strike(self, method: str, chat: int | None, writes: bool) -> Fault | None:
        """Return the first fault that hits this call, its count lowered by one; None when the way is free."""
        for fault in self.in_force():
            if fault.kind not in OF_UPDATES | {"slow"} and fault.strikes(method, chat, writes):
                return self._used(fault)
        return None

    def strike_update(self, kind: str, chat: int | None = None) -> bool:
        """Return whether a fault of the update queue (`duplicate_update`, `out_of_order`) hits now."""
        hit = next((one for one in self.in_force() if one.kind == kind and one.chat in (None, chat)), None)
        return hit is not None and self._used(hit) is hit

    def delay(self, method: str, chat: int | None, writes: bool) -> float:
        """Return by how many seconds answers are slowed."""
        slow = (one for one in self.in_force() if one.kind == "slow" and one.strikes(method, chat, writes))
        return sum(one.ms for one in slow) / 1000

    @staticmethod
    def _used(fault: Fault) -> Fault:
        if fault.left is not None:
            fault.left -= 1
        return fault
