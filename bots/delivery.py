"""Claim → word → send → record: the only caller of ``Channel.send`` (house 6).

Several workers may deliver at once; each alert is leased, its lease renewed just before its own send, its result
recorded right after it. Up to sixteen sends are in flight, one per chat.
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from bots import outcomes, parcels, vitals
from bots.bridge import Bridge
from bots.channel import Channel, Later, Outcome, Refused, Sent
from bots.parcels import Parcel
from bots.wording import shape
from incidents.db import utc_now
from incidents.telling import outbox
from incidents.telling.alerts import NO_ADDRESS
from incidents.telling.outbox import Claimed

log = logging.getLogger(__name__)

IN_FLIGHT = 16
IDLE = 0.2  # seconds between looks at an empty outbox: commit to call stays under a second (promises R11)
_FLOODED_CHATS, _FLOODED_WITHIN = 3, 10.0
_AFTER_FAULT = 5.0


class Delivery:
    """One worker's delivery. ``worker`` names it in the leases and must be its own."""

    def __init__(self, bridge: Bridge, channels: Mapping[str, Channel], worker: str) -> None:
        self.bridge, self.channels, self.worker = bridge, channels, worker
        self.health = {kind: vitals.Health() for kind in channels}
        self._shown: dict[str, tuple[str, str]] = {}
        self._floods: deque[tuple[float, str]] = deque()
        self._beat_at = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until ``stop``; what is in flight then is finished first."""
        flying: set[asyncio.Task[None]] = set()
        while not stop.is_set():
            try:
                await self._beat()
                claimed = (
                    await self.bridge.call(outbox.claim, self.worker, IN_FLIGHT - len(flying))
                    if len(flying) < IN_FLIGHT
                    else []
                )
            except SQLAlchemyError:
                log.exception("the outbox cannot be read")
                await _wait(stop, _AFTER_FAULT)
                continue
            flying |= {asyncio.create_task(self.deliver(one)) for one in claimed}
            if claimed and len(flying) < IN_FLIGHT:
                continue
            if flying:
                _, flying = await asyncio.wait(flying, timeout=IDLE, return_when=asyncio.FIRST_COMPLETED)
            else:
                await _wait(stop, IDLE)
        if flying:
            await asyncio.wait(flying)

    async def once(self) -> int:
        """One round: claim what is due, deliver it, return how many were claimed."""
        claimed = await self.bridge.call(outbox.claim, self.worker, IN_FLIGHT)
        await asyncio.gather(*(self.deliver(one) for one in claimed))
        return len(claimed)

    async def deliver(self, claimed: Claimed) -> None:
        """One alert, from its words to its record. A fault of ours puts it back, it never ends the loop."""
        outcome: Outcome | None = None
        try:
            parcel = await self.bridge.call(parcels.prepare, claimed.id, self.worker)
            if parcel is None:
                return
            outcome, text = await self._send(parcel)
            await self.bridge.call(outcomes.record, parcel, self.worker, outcome, text)
            await self._note(parcel, outcome)
        except Exception as fault:
            log.exception("alert %s could not be delivered", claimed.id)
            is_out = isinstance(outcome, Sent)
            with contextlib.suppress(Exception):  # then its lease runs out, and it is sent again as a repeat
                await self.bridge.call(outcomes.give_up, claimed.id, self.worker, type(fault).__name__, is_out)

    async def _send(self, parcel: Parcel) -> tuple[Outcome, str]:
        if not parcel.chat:
            return Refused(NO_ADDRESS), ""
        channel = self.channels.get(parcel.channel)
        if channel is None:
            return Refused(f"kênh {parcel.channel} chưa được cài đặt"), ""
        outcome: Outcome = Refused("không có nội dung")
        for message in parcel.messages:
            outcome = await channel.send(parcel.chat, message, edit=parcel.edit)
            if not isinstance(outcome, Sent):
                break
        return outcome, shape.plain("\n".join(message.text for message in parcel.messages))

    async def _note(self, parcel: Parcel, outcome: Outcome) -> None:
        """What the outcome says of the channel as a whole."""
        health = self.health.get(parcel.channel)
        if health is None:
            return
        if isinstance(outcome, Later) and outcome.unreachable:
            health.unreachable(parcel.chat, outcome.reason)
        elif isinstance(outcome, Refused) and outcome.scope == "channel":
            health.refused(outcome.reason)
        else:
            health.answered()
        if isinstance(outcome, Later) and outcome.pause == "chat":
            await self._flooded(parcel, outcome)
        await self.show(parcel.channel)

    async def _flooded(self, parcel: Parcel, outcome: Later) -> None:
        """Three chats told to wait within ten seconds: it is the bot that is too fast, not the chats."""
        now = time.monotonic()
        self._floods.append((now, parcel.chat))
        while self._floods and now - self._floods[0][0] > _FLOODED_WITHIN:
            self._floods.popleft()
        if len({chat for _, chat in self._floods}) >= _FLOODED_CHATS:
            until = outcome.until or utc_now() + timedelta(seconds=5)
            await self.bridge.call(outcomes.pause_channel, parcel.channel, until)

    async def show(self, kind: str) -> None:
        """Write a channel's state down when it has changed."""
        health = self.health[kind]
        state = (health.state, health.detail)
        if self._shown.get(kind) != state:
            self._shown[kind] = state
            await self.bridge.call(vitals.beat, vitals.of_channel(kind), *state)

    async def _beat(self) -> None:
        now = time.monotonic()
        if now - self._beat_at < vitals.EVERY:
            return
        self._beat_at = now
        await self.bridge.call(vitals.beat, vitals.WORKER)
        for kind, health in self.health.items():
            self._shown[kind] = (health.state, health.detail)
            await self.bridge.call(vitals.beat, vitals.of_channel(kind), *self._shown[kind])


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
