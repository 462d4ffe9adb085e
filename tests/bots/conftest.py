"""A room in which the cast talks to the bot: the real desk, the real library, the stand-in of the Bot API over HTTP.

Nothing runs by itself: `settle` polls, receives, fetches and delivers until nobody has anything left to do.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from bots.bridge import Bridge
from bots.delivery import Delivery
from bots.reception import Reception
from bots.rehearsal import Persona, StandIn, start
from bots.telegram import files
from bots.telegram.application import build
from bots.telegram.client import Telegram
from bots.telegram.pace import Pace
from bots.telegram.polling import Polling
from incidents import due
from incidents.db import db, transaction, utc_now
from incidents.telling.models import Alert, ChatPause
from tests.cast import CHATS, DUNG

TOKEN = "700000001:rehearsal"
T = TypeVar("T")


class Loop:
    """An event loop in a thread of its own, as the worker has one."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, task: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(task, self._loop).result(60)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Room:
    """One worker of a desk, and the chats of the cast."""

    def __init__(self, app: Flask, stand_in: StandIn, loop: Loop, worker: str = "worker-1") -> None:
        self.app, self.stand_in, self.state, self.loop = app, stand_in, stand_in.state, loop
        self.bridge = Bridge(app)
        self.channel = Telegram(TOKEN, stand_in.url, pace=Pace(spacing=0.0, burst=1e9))
        self.delivery = Delivery(self.bridge, {"telegram": self.channel}, worker)
        self.application = build(self.channel.bot, self.bridge)
        self.reception = Reception(self.bridge, self.application, rest=(0.0,))
        health = self.delivery.health["telegram"]
        self.polling = Polling(self.bridge, self.channel, health, self.delivery.show, poll_seconds=0)
        self.loop.run(self._open())

    async def _open(self) -> None:
        await self.channel.open()
        await self.application.initialize()

    async def _close(self) -> None:
        await self.application.shutdown()
        await self.channel.close()

    def close(self) -> None:
        self.loop.run(self._close())
        self.bridge.close()

    # What the worker does

    def poll(self) -> None:
        self.loop.run(self.polling.once())

    def receive(self) -> int:
        return self.loop.run(self.reception.once())

    def deliver(self) -> int:
        return self.loop.run(self.delivery.once())

    def fetch(self) -> int:
        return self.loop.run(files.once(self.bridge, self.channel))

    def settle(self) -> None:
        """Until a whole round finds nothing to do."""
        for _ in range(60):
            self.poll()
            if not (self.receive() + self.fetch() + self.deliver()) and not self.state.updates.numbers():
                return
        raise AssertionError("the bot never comes to rest")

    def settle_without_polling(self) -> None:
        while self.receive() + self.deliver():
            pass

    def sweep(self) -> None:
        with self.app.app_context():
            due.sweep()

    def hurry(self) -> None:
        """What waits for a later time is due now."""
        with self.app.app_context(), transaction():
            db.session.execute(update(Alert).where(Alert.state == "retry").values(due_at=utc_now()))
            db.session.execute(delete(ChatPause))

    # What people do

    def say(self, who: str, text: str, **more: Any) -> int:
        number = self.state.say(chat_of(who), text, **more)
        self.settle()
        return number

    def press(self, who: str, label: str) -> None:
        """Press the newest button whose label contains `label`."""
        message, number = self.button(who, label)
        self.state.press(chat_of(who), message, number)
        self.settle()

    def button(self, who: str, label: str) -> tuple[int, int]:
        """(message id, number of the button)."""
        for message in reversed(self.messages(who)):
            rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
            for number, button in enumerate(button for row in rows for button in row):
                if label in button["text"]:
                    return message["message_id"], number
        raise AssertionError(f"{who} sees no button {label!r}: {self.said(who)}")

    # What they see

    def messages(self, who: str) -> list[dict[str, Any]]:
        """The bot's messages to somebody, oldest first, as they look now."""
        return [m for m in self.state.messages(chat_of(who)) if m["from"]["is_bot"]]

    def said(self, who: str) -> list[str]:
        return [message["text"] for message in self.messages(who)]

    def last(self, who: str) -> str:
        said = self.said(who)
        assert said, f"nothing was said to {who}"
        return said[-1]

    def labels(self, who: str) -> list[str]:
        """The buttons under the newest message."""
        markup = self.messages(who)[-1].get("reply_markup") or {}
        return [button["text"] for row in markup.get("inline_keyboard", []) for button in row]

    # What is kept

    def count(self, table: type, *conditions: Any) -> int:
        with self.app.app_context():
            return db.session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0

    def one(self, table: type[T], *conditions: Any) -> T:
        """The only row, with what is loaded by itself."""
        with self.app.app_context():
            return db.session.scalars(select(table).where(*conditions)).one()

    def change(self, table: type, *conditions: Any, **values: Any) -> None:
        """Time passes, or somebody acts elsewhere."""
        with self.app.app_context(), transaction():
            db.session.execute(update(table).where(*conditions).values(**values))


def chat_of(who: str) -> int:
    return DUNG if who == "dung" else CHATS[who]


def cast() -> list[Persona]:
    return [*(Persona(chat, name) for name, chat in CHATS.items()), Persona(DUNG, "Dung")]


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    running = start(TOKEN, personas=cast(), page=False)
    running.state.pace.per_second = None
    yield running
    running.close()


@pytest.fixture
def loop() -> Iterator[Loop]:
    running = Loop()
    yield running
    running.close()


@pytest.fixture
def room(sqlite_app: Flask, stand_in: StandIn, loop: Loop) -> Iterator[Room]:
    """The desk on SQLite."""
    made = Room(sqlite_app, stand_in, loop)
    yield made
    made.close()


@pytest.fixture
def each_room(desk_app: Flask, stand_in: StandIn, loop: Loop) -> Iterator[Room]:
    """The desk on each database in turn."""
    made = Room(desk_app, stand_in, loop)
    yield made
    made.close()
