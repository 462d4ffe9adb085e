"""The limits Telegram really enforces, each refused in Telegram's own words.

Source: core.telegram.org/bots/api and core.telegram.org/bots/faq (limits of sending). Lengths of texts are
counted in UTF-16 code units, the stricter reading of "characters".
"""

import ipaddress
import time
from collections import deque
from collections.abc import Sequence
from math import ceil
from typing import Any
from urllib.parse import urlsplit

TEXT_MAX = 4_096
CAPTION_MAX = 1_024
CALLBACK_BYTES_MAX = 64
BUTTONS_MAX = 100
PRESS_ANSWER_MAX = 200
COMMANDS_MAX = 100
DOWNLOAD_BYTES_MAX = 20 * 1024 * 1024
UPLOAD_BYTES_MAX = 25 * 1024 * 1024  # of the chat page; above 20 MB so that the limit of the download can be seen
PRESS_SECONDS = 30  # Telegram names no figure; long enough for a healthy bot, short enough to meet the refusal
DELETE_SECONDS = 48 * 3600
BOT_PER_SECOND = 30
CHAT_BURST = 3


class Refusal(Exception):  # noqa: N818 - exceptions state the fact
    """An answer with `ok: false`: HTTP code, Telegram's description, and `retry_after` in seconds for 429."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


def bad_request(description: str) -> Refusal:
    """Return a 400 in Telegram's form, `Bad Request: …`."""
    return Refusal(400, f"Bad Request: {description}")


def too_many(seconds: float) -> Refusal:
    """Return a 429 that asks to wait `seconds`, rounded up, at least one."""
    wait = max(1, ceil(seconds))
    return Refusal(429, f"Too Many Requests: retry after {wait}", wait)


def check_text(length: int) -> None:
    """Refuse a message text that is empty or longer than 4,096 units, after entities are taken out."""
    if length == 0:
        raise bad_request("message text is empty")
    if length > TEXT_MAX:
        raise bad_request("message is too long")


def check_caption(length: int) -> None:
    """Refuse a caption longer than 1,024 units."""
    if length > CAPTION_MAX:
        raise bad_request("message caption is too long")


def check_buttons(markup: Any) -> None:
    """Refuse an inline keyboard Telegram would not draw; other kinds of markup pass unread."""
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    buttons = [button for row in rows for button in row]
    if len(buttons) > BUTTONS_MAX:
        raise bad_request("reply markup is too long")
    for button in buttons:
        _check_button(button)


def _check_button(button: Any) -> None:
    if not isinstance(button, dict) or not str(button.get("text") or "").strip():
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if "url" in button:
        _check_button_url(str(button["url"]))
    elif "callback_data" not in button:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    elif not 1 <= len(str(button["callback_data"]).encode()) <= CALLBACK_BYTES_MAX:
        raise bad_request("BUTTON_DATA_INVALID")


def _check_button_url(url: str) -> None:
    """Refuse a link whose host has no dot or is this machine: http://desk, http://localhost, http://127.0.0.1."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise bad_request("BUTTON_URL_INVALID") from None
    if parts.scheme not in ("http", "https", "tg") or (parts.scheme != "tg" and not _is_public_host(host)):
        raise bad_request("BUTTON_URL_INVALID")


def _is_public_host(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return "." in host.strip(".")


def check_commands(commands: Any) -> None:
    """Refuse a menu Telegram would not take: at most 100, names of 1-32 of a-z 0-9 _, descriptions of 1-256."""
    if not isinstance(commands, list):
        raise bad_request("can't parse commands: expected an Array of BotCommand")
    if len(commands) > COMMANDS_MAX:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        name, description = str(command.get("command", "")).lstrip("/"), str(command.get("description", ""))
        if not 1 <= len(name) <= 32 or not all(sign in "abcdefghijklmnopqrstuvwxyz0123456789_" for sign in name):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(description) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")


def split(text: str) -> Sequence[str]:
    """Return the messages a Telegram app makes of one long typed text, each at most 4,096 units."""
    parts, part, length = [], "", 0
    for sign in text:
        size = 2 if ord(sign) > 0xFFFF else 1
        if length + size > TEXT_MAX:
            parts.append(part)
            part, length = "", 0
        part, length = part + sign, length + size
    return [one for one in [*parts, part] if one.strip()]


class Pace:
    """How fast a bot may send: 30 messages a second over all chats always; 1 a second with bursts of 3
    in one chat only while `per_chat` is on, because Telegram itself tolerates short bursts."""

    def __init__(self) -> None:
        self.per_chat = False
        self.per_second: int | None = BOT_PER_SECOND
        self._sent: deque[float] = deque()
        self._tokens: dict[int, tuple[float, float]] = {}

    def check(self, chat_id: int) -> None:
        """Count one message to a chat, or refuse it with 429."""
        now = time.monotonic()  # real time, also while a test moves the calendar
        while self._sent and now - self._sent[0] >= 1:
            self._sent.popleft()
        if self.per_second is not None and len(self._sent) >= self.per_second:
            raise too_many(1 - (now - self._sent[0]))
        if self.per_chat:
            self._check_chat(chat_id, now)
        self._sent.append(now)

    def _check_chat(self, chat_id: int, now: float) -> None:
        tokens, since = self._tokens.get(chat_id, (float(CHAT_BURST), now))
        tokens = min(float(CHAT_BURST), tokens + now - since)
        if tokens < 1:
            self._tokens[chat_id] = (tokens, now)
            raise too_many(1 - tokens)
        self._tokens[chat_id] = (tokens - 1, now)
