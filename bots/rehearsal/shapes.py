"""The objects of the Bot API as plain dictionaries, shaped as Telegram sends them.

Source: core.telegram.org/bots/api, "Available types". Ids are integers, dates are Unix seconds (UTC).
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

CHANNEL_IDS_END = -1_000_000_000_000  # channels and supergroups have ids below this


@dataclass(frozen=True)
class Persona:
    """Somebody a person can play: Telegram user id, name as shown, note such as "đầu mối xã Bảo Nhai"."""

    user_id: int
    name: str
    note: str = ""


@dataclass(frozen=True)
class StoredFile:
    """A file the stand-in holds: ids and path as the Bot API names them, and its bytes."""

    file_id: str
    unique_id: str
    path: str
    content: bytes
    name: str

    def described(self) -> Json:
        """Return the fields every kind of file has; `file_size` in bytes."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": len(self.content)}


def user(persona: Persona) -> Json:
    """Return the `User` of a person."""
    return {"id": persona.user_id, "is_bot": False, "first_name": persona.name, "language_code": "vi"}


def bot(bot_id: int, username: str) -> Json:
    """Return the `User` of the bot as it stands in messages."""
    return {"id": bot_id, "is_bot": True, "first_name": "Trợ lý trực", "username": username}


def private_chat(persona: Persona) -> Json:
    """Return the `Chat` between the bot and one person; its id is the person's."""
    return {"id": persona.user_id, "first_name": persona.name, "type": "private"}


def from_channel(title: str, username: str, message_id: int, date: int) -> Json:
    """Return the `MessageOriginChannel` of a forward out of a public channel."""
    chat = {"id": CHANNEL_IDS_END - sum(username.encode()), "title": title, "username": username, "type": "channel"}
    return {"type": "channel", "date": date, "chat": chat, "message_id": message_id}


def from_hidden_user(name: str, date: int) -> Json:
    """Return the `MessageOriginHiddenUser` of a forward from somebody who hides the account."""
    return {"type": "hidden_user", "date": date, "sender_user_name": name}


def from_user(persona: Persona, date: int) -> Json:
    """Return the `MessageOriginUser` of a forward from somebody who does not hide the account."""
    return {"type": "user", "date": date, "sender_user": user(persona)}


def photo_sizes(files: Sequence[StoredFile]) -> list[Json]:
    """Return the `PhotoSize` list of a photo, smallest first, as Telegram orders it."""
    sizes = []
    for file in files:
        width, height = image_size(file.content)
        sizes.append({**file.described(), "width": width, "height": height})
    return sizes


def document(file: StoredFile, mime_type: str) -> Json:
    """Return the `Document` of a file sent as a file."""
    return {**file.described(), "file_name": file.name, "mime_type": mime_type}


def image_type(content: bytes) -> str | None:
    """Return `image/jpeg` or `image/png` by the first bytes, None for anything else."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return None


def image_size(content: bytes) -> tuple[int, int]:
    """Return (width, height) in pixels of a JPEG or PNG; (1, 1) when the bytes are no readable picture."""
    kind = image_type(content)
    if kind == "image/png" and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    return _jpeg_size(content) if kind == "image/jpeg" else (1, 1)


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Walk the segments of a JPEG to its frame header (ITU-T T.81, B.2.2)."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = struct.unpack(">BH", content[at + 1 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return int(width), int(height)
        at += 2 + length
    return 1, 1


def membership(bot: Json, status: str) -> Json:
    """Return the `ChatMember` of the bot in a private chat: `member`, or `kicked` when the person blocked it."""
    return {"user": bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})


def buttons(message: Mapping[str, Any]) -> list[list[Json]]:
    """Return the rows of inline buttons under a message; an empty list when there are none."""
    markup = message.get("reply_markup") or {}
    rows: list[list[Json]] = markup.get("inline_keyboard", [])
    return rows


def callback_data(message: Mapping[str, Any], number: int) -> str:
    """Return the data of one button, counted from 0 over all rows.

    Raises LookupError when there is no such button, ValueError for a link button: it sends nothing.
    """
    every = [button for row in buttons(message) for button in row]
    if not 0 <= number < len(every):
        raise LookupError(f"no button {number} under message {message['message_id']}")
    if "callback_data" not in every[number]:
        raise ValueError("a link button sends nothing to the bot")
    return str(every[number]["callback_data"])
