"""Which conversation hears what: the table of contents of the bot.

python-telegram-bot parses, filters and dispatches; polling, storing and answering are ours (promises F6, F7).
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import telegram
from telegram import Update
from telegram.ext import (
    Application,
    BaseHandler,
    CallbackContext,
    CallbackQueryHandler,
    ChatMemberHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bots.bridge import Bridge
from bots.telegram.conversations import answering, commands, linking, quick_report
from bots.telegram.reading import heard_of, is_private
from bots.turn import Conversation, carry_out
from incidents.telling import inbox
from incidents.telling.inbox import Waiting

Handle = Callable[[Update, Any], Coroutine[Any, Any, None]]
Desk = Application[Any, Any, Any, Any, Any, Any]


@dataclass
class Piece:
    """The stored update a handler works for, and the fault it met, if any."""

    waiting: Waiting
    fault: Exception | None = field(default=None)


CURRENT: ContextVar[Piece] = ContextVar("current update")


def build(bot: telegram.Bot, bridge: Bridge) -> Desk:
    """The application, not yet initialized. The first handler that fits an update gets it, alone."""
    application: Desk = Application.builder().bot(bot).updater(None).job_queue(None).build()
    hear = _Hearing(bridge)
    text, edits = filters.TEXT | filters.CAPTION, filters.UpdateType.EDITED_MESSAGE
    handlers: list[BaseHandler[Any, Any, Any]] = [
        _OutsidePrivate(Update, hear.nothing),
        ChatMemberHandler(hear.turn(linking.back, linking.nobody), ChatMemberHandler.MY_CHAT_MEMBER),
        CallbackQueryHandler(hear.press),
        MessageHandler(edits, hear.turn(quick_report.edited)),
        MessageHandler(filters.Regex(r"^/start\b"), hear.turn(linking.start)),
        MessageHandler(filters.Regex(r"^\s*/"), hear.turn(commands.command)),
        MessageHandler(text | filters.PHOTO | filters.ATTACHMENT, hear.turn(answering.typed)),
        MessageHandler(filters.ALL, hear.turn(quick_report.received)),
        TypeHandler(Update, hear.nothing),
    ]
    application.add_handlers(handlers)
    application.add_error_handler(_note_fault)
    return application


class _OutsidePrivate(TypeHandler[Update, Any, Any]):
    """Groups and channels: the group door opens with groups; until then nothing of them is read or kept."""

    def check_update(self, update: object) -> bool:
        return isinstance(update, Update) and not is_private(update)


class _Hearing:
    """From a handler to a conversation: one call over the bridge for each update."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        self._answering: set[asyncio.Task[None]] = set()

    def turn(self, conversation: Conversation, stranger: Conversation = linking.stranger) -> Handle:
        """A handler that has ``conversation`` with members and ``stranger`` with everybody else."""

        async def handle(update: Update, context: Any) -> None:
            await self.bridge.call(carry_out, CURRENT.get().waiting, heard_of(update), conversation, stranger)

        return handle

    async def press(self, update: Update, context: Any) -> None:
        """A press: its waiting sign is ended at once, best effort; what it did comes as an answer and an edited card."""
        task = asyncio.create_task(_end_waiting_sign(update))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        await self.turn(answering.pressed)(update, context)

    async def nothing(self, update: Update, context: Any) -> None:
        """Not heard: its id stays, its body goes."""
        await self.bridge.call(inbox.ignore, CURRENT.get().waiting.id)


async def _end_waiting_sign(update: Update) -> None:
    with contextlib.suppress(telegram.error.TelegramError):
        if update.callback_query is not None:
            await update.callback_query.answer()


async def _note_fault(update: object, context: CallbackContext[Any, Any, Any, Any]) -> None:
    CURRENT.get().fault = context.error
