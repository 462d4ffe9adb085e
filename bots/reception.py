"""Inbox → conversation: in order in each chat, no chat waits for another; a fault parks its update, never the loop."""

import asyncio
import logging
import time

from sqlalchemy.exc import SQLAlchemyError

from bots.bridge import Bridge
from bots.telegram.application import CURRENT, Desk, Piece
from bots.telegram.reading import Broken, update_of
from incidents.cases import audience
from incidents.db import db, transaction
from incidents.people import addresses
from incidents.telling import alerts, inbox
from incidents.telling.inbox import Waiting
from incidents.telling.models import Update
from incidents.vocabulary import AlertKind, Role

log = logging.getLogger(__name__)

IDLE = 0.2  # seconds
_AT_ONCE = 20
_REST = (0.5, 2.0, 5.0, 15.0)  # seconds before an update that failed is tried again


class Reception:
    """Works through what was stored. ``application`` must be initialized."""

    def __init__(self, bridge: Bridge, application: Desk, *, rest: tuple[float, ...] = _REST) -> None:
        self.bridge, self.application, self._rest = bridge, application, rest
        self._failed: dict[int, tuple[int, float]] = {}  # update → (failures, not before)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop``; the round that is under way is finished."""
        while not stop.is_set():
            try:
                worked = await self.once()
            except SQLAlchemyError:
                log.exception("the inbox cannot be read")
                worked = 0
            if not worked:
                await asyncio.sleep(IDLE)

    async def once(self) -> int:
        """One round: the oldest waiting update of each chat. Returns how many were tried."""
        now = time.monotonic()
        waiting = await self.bridge.call(inbox.oldest_per_chat, _AT_ONCE)
        ready = [one for one in waiting if self._failed.get(one.id, (0, 0.0))[1] <= now]
        await asyncio.gather(*(self._work(one) for one in ready))
        return len(ready)

    async def _work(self, waiting: Waiting) -> None:
        try:
            update = update_of(waiting.raw, self.application.bot)
        except Broken as broken:
            await self.bridge.call(inbox.record_fault, waiting.id, str(broken), final=True)
            return
        piece = Piece(waiting)
        CURRENT.set(piece)  # each gathered task has a context of its own
        try:
            await self.application.process_update(update)
        except Exception as fault:
            piece.fault = fault
        if piece.fault is None:
            self._failed.pop(waiting.id, None)
        else:
            await self._failed_once_more(waiting, piece.fault)

    async def _failed_once_more(self, waiting: Waiting, fault: Exception) -> None:
        log.error("update %s failed", waiting.external_id, exc_info=fault)
        failures = self._failed.get(waiting.id, (0, 0.0))[0] + 1
        rest = self._rest[min(failures, len(self._rest)) - 1]
        self._failed[waiting.id] = (failures, time.monotonic() + rest)
        if await self.bridge.call(_record, waiting, type(fault).__name__):
            self._failed.pop(waiting.id, None)


def _record(waiting: Waiting, error: str) -> bool:
    """Count the failure; when it is the last one, its sender and the administrators are told. True when parked."""
    with transaction():
        if not inbox.record_fault(waiting.id, error):
            return False
        mark = f"U{waiting.id:04X}"
        address = addresses.by_chat(waiting.channel, _chat_of(waiting.id))
        if address is not None:
            alerts.reply(address, f"fault:{waiting.id}", {"key": "fault", "mark": mark})
        admins = audience.people((Role.admin,))
        alerts.tell(AlertKind.reply, admins, f"parked:{waiting.id}", facts={"key": "fault.told", "mark": mark})
        return True


def _chat_of(update_id: int) -> str:
    row = db.session.get(Update, update_id)
    return row.chat if row else ""
