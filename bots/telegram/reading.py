"""From an update of Telegram to what was heard. Strict: what cannot be understood for sure is parked, never guessed.

The library's own parser fails in six ways and lets five wrong shapes through (promises F8); both are caught here.
"""

import json
from datetime import datetime
from pathlib import PurePath

import telegram
from telegram import (
    Message,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
    Update,
)
from telegram.constants import ChatType

from bots.turn import Attached, Heard
from playbooks.worktime import ZONE

KINDS = ("message", "edited_message", "callback_query", "my_chat_member", "chat_member", "channel_post")
"""What the desk asks Telegram for; anything else is not understood."""
_MAX_ID = 2**62  # the next one still fits the offset's column


class Broken(ValueError):  # noqa: N818 - names state the fact
    """An update that is none; the text says what is wrong with it."""


def update_of(raw: str, bot: telegram.Bot) -> Update:
    """The update in ``raw``. Raises Broken for every other shape, however deep or odd."""
    try:
        body = json.loads(raw)
        if not isinstance(body, dict) or not is_id(body.get("update_id")):
            raise Broken("no update_id")
        update = Update.de_json(body, bot)
    except Broken:
        raise
    except Exception as fault:  # the parser raises six different kinds, RecursionError among them
        raise Broken(f"{type(fault).__name__}: {str(fault)[:200]}") from None
    if not any(getattr(update, kind) is not None for kind in KINDS):
        raise Broken("no part that the desk asked for")
    _check(update)
    return update


def is_id(value: object) -> bool:
    """Whether this can be the number of an update."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MAX_ID


def _check(update: Update) -> None:
    """What the parser lets through: no chat, no sender, no date."""
    press = update.callback_query
    if press is not None:
        if press.from_user is None or not press.id:
            raise Broken("a press without a sender")
        return
    message = update.message or update.edited_message
    if message is not None:
        if message.chat is None or not isinstance(message.chat.id, int):
            raise Broken("a message without a chat")
        if not isinstance(message.date, datetime) or not isinstance(message.message_id, int):
            raise Broken("a message without a date")
        if message.from_user is None:
            raise Broken("a message without a sender")


def heard_of(update: Update) -> Heard:
    """What was said or pressed, in words every channel has."""
    press = update.callback_query
    if press is not None:
        user = press.from_user
        message_id = str(press.message.message_id) if press.message else ""
        return Heard("telegram", str(user.id), _label(user), message_id, press=press.data or "-")
    member = update.my_chat_member
    if member is not None:
        return Heard("telegram", str(member.chat.id), _label(member.from_user))
    message = update.edited_message or update.message
    if message is None:
        return Heard("telegram", "")
    return _of_message(message)


def _of_message(message: Message) -> Heard:
    origin, link, is_person = _origin(message)
    replied = message.reply_to_message
    return Heard(
        channel="telegram",
        chat=str(message.chat.id),
        label=_label(message.from_user),
        message_id=str(message.message_id),
        text=message.text or message.caption or "",
        sent_at=message.date,
        edited_at=message.edit_date,
        reply_to=str(replied.message_id) if replied else "",
        album=message.media_group_id or "",
        file=_file(message),
        origin=origin,
        origin_link=link,
        is_from_person=is_person,
        is_contact=message.contact is not None,
    )


def _label(user: telegram.User | None) -> str:
    """What the chat calls itself, for the person who confirms a link; it decides nothing."""
    if user is None:
        return ""
    return f"{user.full_name} @{user.username}" if user.username else user.full_name


def _file(message: Message) -> Attached | None:
    """The file of a message; of a photo its largest size."""
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return Attached(largest.file_id, largest.file_size, True, "photo")
    document = message.document
    if document is not None:
        suffix = PurePath(document.file_name or "").suffix.lower()[:10]
        is_picture = (document.mime_type or "").startswith("image/")
        return Attached(document.file_id, document.file_size, is_picture, suffix or "document")
    for what in ("video", "voice", "audio", "video_note", "animation"):
        file = getattr(message, what)
        if file is not None:
            return Attached(file.file_id, file.file_size, False, what)
    return None


def _origin(message: Message) -> tuple[str, str, bool]:
    """(what is kept of a forward's origin, its public link, whether a person wrote it) – S28, G11.

    A public channel or group: title, address, date. A person, shown or hidden, and a private group: kind and time only.
    """
    origin = message.forward_origin
    if origin is None:
        return "", "", False
    at = origin.date.astimezone(ZONE).strftime("%H:%M %d/%m/%Y")
    if isinstance(origin, MessageOriginChannel) and origin.chat.username:
        name = origin.chat.username
        words = f"Chuyển tiếp từ kênh công khai “{origin.chat.title or name}” (@{name}), {at}"
        return words[:300], f"https://t.me/{name}/{origin.message_id}", False
    if isinstance(origin, MessageOriginChat) and origin.sender_chat.username:
        name = origin.sender_chat.username
        words = f"Chuyển tiếp từ nhóm công khai “{origin.sender_chat.title or name}” (@{name}), {at}"
        return words[:300], f"https://t.me/{name}", False
    if isinstance(origin, MessageOriginUser | MessageOriginHiddenUser):
        return f"Chuyển tiếp từ một người dùng, {at}", "", True
    return f"Chuyển tiếp từ kênh hoặc nhóm riêng, {at}", "", True


def is_private(update: Update) -> bool:
    """Whether it happened between one person and the bot. A press under a vanished message counts as private."""
    press = update.callback_query
    if press is not None:
        return press.message is None or press.message.chat.type == ChatType.PRIVATE
    chat = update.effective_chat
    return chat is not None and chat.type == ChatType.PRIVATE
