"""The Telegram channel: one client per worker, kept open (promises F14); every answer is read by the table of errors."""

import contextlib
import logging
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters, error
from telegram.constants import ParseMode
from telegram.request import HTTPXRequest

from bots.channel import Button, Later, Message, Outcome, Refused, Sent, refuse_inside_transaction
from bots.telegram.errors import Class, row_of
from bots.telegram.pace import Pace
from bots.wording import shape
from incidents.db import utc_now

os.environ.setdefault("PTB_TIMEDELTA", "true")  # lengths of time as such; the library warns about anything else
_CONNECT, _READ, _CONNECTIONS = 5.0, 20.0, 24
_WAIT_UNTOLD = 30.0  # seconds, for a 429 that names no time
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class QuietBot(telegram.Bot):
    """A bot that starts without asking Telegram who it is: the desk must start while Telegram is away.

    ``Telegram`` opens and closes its connections.
    """

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Nothing to do."""


class Telegram:
    """The channel ``telegram``. ``api_url``: root of a Bot API server, without ``/bot``."""

    kind, label = "telegram", "Telegram"

    def __init__(self, token: str, api_url: str, proxy: str = "", *, pace: Pace | None = None) -> None:
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses, and ours hold the token
        self.token, self.api_url = token, api_url.rstrip("/")
        # HTTPXRequest takes one pool for sends; polling holds its own connection for a minute at a time.
        self.request, self.polling = (
            HTTPXRequest(size, connect_timeout=_CONNECT, read_timeout=_READ, write_timeout=_READ, proxy=proxy or None)
            for size in (_CONNECTIONS, 2)
        )
        self.bot = QuietBot(
            token,
            base_url=f"{self.api_url}/bot",
            base_file_url=f"{self.api_url}/file/bot",
            request=self.request,
            get_updates_request=self.polling,
        )
        self._pace = pace or Pace()

    @property
    def bot_id(self) -> str:
        """The number before the colon of the token; not a secret."""
        return self.token.partition(":")[0]

    async def open(self) -> None:
        await self.request.initialize()
        await self.polling.initialize()

    async def close(self) -> None:
        await self.request.shutdown()
        await self.polling.shutdown()

    async def send(self, chat: str, message: Message, *, edit: str = "") -> Outcome:
        """Send or edit, repair what can be repaired, say what became of it."""
        refuse_inside_transaction()
        await self._pace.turn(chat)
        try:
            return await self._call(chat, message, edit)
        except error.TelegramError as fault:
            return await self._answer(chat, message, edit, fault)

    async def _call(self, chat: str, message: Message, edit: str, *, markup: bool = True) -> Sent:
        text = message.text if markup else shape.plain(message.text)
        mode = ParseMode.HTML if markup else None
        keyboard = _keyboard(message.buttons)
        if edit:
            await self.bot.edit_message_text(
                text, _number(chat), int(edit), parse_mode=mode, reply_markup=keyboard, link_preview_options=_NO_PREVIEW
            )
            return Sent(edit)
        reply = ReplyParameters(int(message.reply_to), allow_sending_without_reply=True) if message.reply_to else None
        sent = await self.bot.send_message(
            _number(chat),
            text,
            parse_mode=mode,
            reply_markup=keyboard,
            reply_parameters=reply,
            disable_notification=message.silent,
            link_preview_options=_NO_PREVIEW,
        )
        return Sent(str(sent.message_id))

    async def _answer(self, chat: str, message: Message, edit: str, fault: error.TelegramError) -> Outcome:
        """A repair, tried once, or the meaning of the fault."""
        try:
            match row_of(fault).verdict:
                case Class.anew:
                    return await self._call(chat, message, "")
                case Class.plain:
                    return await self._call(chat, message, edit, markup=False)
                case Class.bare:
                    return await self._call(chat, _without_buttons(message), edit)
                case Class.moved if isinstance(fault, error.ChatMigrated):
                    new = str(fault.new_chat_id)
                    return replace(await self._call(new, message, ""), chat=new)
                case Class.done:
                    return Sent(edit)
                case Class.channel if "not found" in fault.message.lower():
                    await self.bot.get_me()  # works: the method is missing, not the token wrong
                    return Refused(self._told(fault), "alert")
        except error.TelegramError as again:
            fault = again
        return self._meaning(fault)

    def _meaning(self, fault: error.TelegramError) -> Outcome:
        row, reason = row_of(fault), self._told(fault)
        match row.verdict:
            case Class.wait:
                seconds = _seconds(fault)
                told = f"Telegram yêu cầu chờ {seconds:.0f} giây."
                return Later(told, until=utc_now() + timedelta(seconds=seconds), pause="chat")
            case Class.retry:
                unreachable = row.error in (error.NetworkError, error.TimedOut)
                return Later(reason, unreachable=unreachable)
            case Class.unknown:
                return Later(reason, maybe_sent=True, unreachable=True)
            case Class.doubt:
                return Later(reason, tries=3)
            case Class.address:
                return Refused(reason, "address")
            case Class.channel:
                return Refused(reason, "channel")
            case _:
                return Refused(reason, "alert")

    def _told(self, fault: error.TelegramError) -> str:
        """What people read; the raw words where we have none, never the token (promises S40)."""
        shown = row_of(fault).shown or f"Telegram từ chối: {fault.message}"
        return shown.replace(self.token, "…")

    async def username(self) -> str:
        """The bot's public name, which links and QR codes carry; empty when Telegram cannot be asked now."""
        try:
            return (await self.bot.get_me()).username or ""
        except error.TelegramError:
            return ""

    async def set_menu(self, commands: Sequence[tuple[str, str]]) -> None:
        """The menu of commands, when Telegram is there; without it everything works too."""
        with contextlib.suppress(error.TelegramError):
            await self.bot.set_my_commands(list(commands))


def _seconds(fault: error.TelegramError) -> float:
    if not isinstance(fault, error.RetryAfter):
        return _WAIT_UNTOLD
    wait = fault.retry_after
    return max(wait.total_seconds() if isinstance(wait, timedelta) else float(wait), 1.0)


def _number(chat: str) -> int | str:
    return int(chat) if chat.lstrip("-").isdecimal() else chat


def _without_buttons(message: Message) -> Message:
    links = [button.url for row in message.buttons for button in row if button.url]
    text = "\n".join(filter(None, [message.text, message.choices, *map(shape.escape, links)]))
    return replace(message, text=text, buttons=())


def _keyboard(rows: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(b.label, url=b.url)
                if b.url
                else InlineKeyboardButton(b.label, callback_data=b.data)
                for b in row
            ]
            for row in rows
        ]
    )
