"""Everything the bots do in one process: delivery always; polling, reception and fetching while this worker leads."""

import asyncio
import contextlib
import logging
import os
import secrets
import socket
from collections.abc import Callable, Coroutine
from typing import Any

from flask import Flask

from bots import registry, vitals
from bots.bridge import Bridge
from bots.channel import BotSettings
from bots.delivery import Delivery
from bots.reception import Reception
from bots.telegram import files
from bots.telegram.application import build
from bots.telegram.client import Telegram
from bots.telegram.conversations.commands import MENU
from bots.telegram.polling import Polling

__all__ = ["BotSettings", "work"]

log = logging.getLogger(__name__)
_LOOK = 0.5  # seconds between looks at who leads
_AFTER_CRASH = 5.0


async def work(app: Flask, settings: BotSettings, stop: asyncio.Event, *, leads: Callable[[], bool]) -> None:
    """Work until ``stop``. ``leads``: whether this worker is the one that polls; asked twice a second."""
    bridge = Bridge(app)
    channels = registry.channels(settings)
    name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"[:60]
    delivery = Delivery(bridge, channels, name)
    for channel in channels.values():
        await channel.open()
    try:
        telegram = channels.get("telegram")
        if isinstance(telegram, Telegram):
            loops = [delivery.run(stop), _while_leading(bridge, telegram, delivery, stop, leads)]
        else:
            loops = [_only_beat(bridge, stop)]
        await asyncio.gather(*(_kept_alive(loop) for loop in loops))
    finally:
        for channel in channels.values():
            await channel.close()
        bridge.close()


async def _kept_alive(loop: Coroutine[Any, Any, None]) -> None:
    """A loop that ends by a fault ends the worker, loudly: the supervisor starts a new one."""
    try:
        await loop
    except Exception:
        log.exception("a loop of the worker ended")
        raise


async def _only_beat(bridge: Bridge, stop: asyncio.Event) -> None:
    """No channel is set up: alerts wait in the outbox until one is."""
    while not stop.is_set():
        await bridge.call(vitals.beat, vitals.WORKER, "ok", "chưa cài đặt kênh nào")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), vitals.EVERY)


async def _while_leading(
    bridge: Bridge, channel: Telegram, delivery: Delivery, stop: asyncio.Event, leads: Callable[[], bool]
) -> None:
    """Start the loops of the leader when we lead, end them when we do not any more."""
    application = build(channel.bot, bridge)
    await application.initialize()
    running: asyncio.Task[None] | None = None
    try:
        while not stop.is_set():
            if leads() and (running is None or running.done()):
                if running is not None:
                    await asyncio.sleep(_AFTER_CRASH)
                running = asyncio.create_task(_lead(bridge, channel, delivery, Reception(bridge, application), stop))
            elif not leads() and running is not None:
                await _end(running)
                running = None
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _LOOK)
    finally:
        if running is not None:
            await _end(running)
        await application.shutdown()


async def _lead(
    bridge: Bridge, channel: Telegram, delivery: Delivery, reception: Reception, stop: asyncio.Event
) -> None:
    polling = Polling(bridge, channel, delivery.health[channel.kind], delivery.show)
    await channel.set_menu(MENU)
    if name := await channel.username():
        await bridge.call(vitals.beat, vitals.name_of(channel.kind), "ok", name)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(polling.run(stop))
            group.create_task(reception.run(stop))
            group.create_task(files.run(bridge, channel, stop))
    except* Exception as faults:
        log.error("the leader's loops ended and start again", exc_info=faults)


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel: polling has confirmed nothing it did not store, a verb under way in its thread commits or rolls back."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
