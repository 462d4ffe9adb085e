"""Telegram's answers that are not "ok", and what each means (promises 5): a table, read from the top, narrow before wide.

The rule above all rows: an unknown 400 or 403 never switches an address off. Sources: core.telegram.org/bots/api#making-requests,
the texts as the Bot API server words them, and what other projects have met.
"""

from dataclasses import dataclass
from enum import StrEnum

from telegram import error


class Class(StrEnum):
    """What is done."""

    wait = "wait"  # pause this chat
    retry = "retry"  # backoff; nothing arrived
    unknown = "unknown"  # backoff; it may have arrived
    plain = "plain"  # repair: once more without markup
    bare = "bare"  # repair: once more without buttons
    anew = "anew"  # repair: as a new message
    moved = "moved"  # repair: to the group's new identity
    done = "done"  # counts as sent
    alert = "alert"  # this alert never
    address = "address"  # this address never again
    channel = "channel"  # nothing any more until the settings change
    doubt = "doubt"  # unknown refusal: three tries, then this alert never


@dataclass(frozen=True)
class Row:
    """``words``: part of the answer's text, lower case; "" fits every text of the class. ``shown``: what people read."""

    error: type[error.TelegramError]
    words: str
    verdict: Class
    shown: str = ""


_GONE = "Không tìm thấy cuộc trò chuyện. Cần liên kết lại."
_RIGHTS = "Thiếu quyền Gửi tin nhắn."
_LEFT = "Bot không còn trong nhóm."
_BAD, _NO = error.BadRequest, error.Forbidden

TABLE: tuple[Row, ...] = (
    Row(error.RetryAfter, "", Class.wait),
    Row(error.ChatMigrated, "", Class.moved),
    Row(_BAD, "message is not modified", Class.done),
    Row(_BAD, "query is too old", Class.done),
    Row(_BAD, "query id is invalid", Class.done),
    Row(_BAD, "message to edit not found", Class.anew),
    Row(_BAD, "message can't be edited", Class.anew),
    Row(_BAD, "message_id_invalid", Class.anew),
    Row(_BAD, "can't parse entities", Class.plain),
    Row(_BAD, "entities too long", Class.plain),
    Row(_BAD, "entities_too_long", Class.plain),
    Row(_BAD, "button_url_invalid", Class.bare),
    Row(_BAD, "button_data_invalid", Class.bare),
    Row(_BAD, "chat not found", Class.address, _GONE),
    Row(_BAD, "peer_id_invalid", Class.address, _GONE),
    Row(_BAD, "user not found", Class.address, _GONE),
    Row(_BAD, "group is deactivated", Class.address, _LEFT),
    Row(_BAD, "not enough rights", Class.alert, _RIGHTS),
    Row(_BAD, "have no rights to send", Class.alert, _RIGHTS),
    Row(_BAD, "chat_write_forbidden", Class.alert, _RIGHTS),
    Row(_BAD, "chat_restricted", Class.alert, _RIGHTS),
    Row(_BAD, "chat_admin_required", Class.alert, _RIGHTS),
    Row(_BAD, "message is too long", Class.alert, "Tin quá dài."),
    Row(_BAD, "message text is empty", Class.alert, "Tin trống."),
    Row(_BAD, "temporarily unavailable", Class.retry, "Chưa tải được tệp từ Telegram."),
    Row(_BAD, "file is too big", Class.alert, "Tệp lớn hơn 20 MB."),
    Row(_BAD, "", Class.doubt),
    Row(_NO, "bot was blocked by the user", Class.address, "Người nhận đã chặn bot."),
    Row(_NO, "user is deactivated", Class.address, "Tài khoản Telegram này không còn hoạt động."),
    Row(_NO, "bot was kicked", Class.address, _LEFT),
    Row(_NO, "group chat was deleted", Class.address, _LEFT),
    Row(_NO, "bot is not a member", Class.address, _LEFT),
    Row(_NO, "can't initiate conversation", Class.address, "Mở trò chuyện với bot và bấm Bắt đầu."),
    Row(_NO, "can't send messages to bots", Class.address, "Địa chỉ này là một bot."),
    Row(_NO, "", Class.doubt),
    Row(error.InvalidToken, "", Class.channel, "Mã bot bị Telegram từ chối."),
    Row(error.Conflict, "", Class.retry, "Có hai tiến trình cùng đọc bot này."),
    Row(error.EndPointNotFound, "", Class.alert, "Telegram không có lệnh này."),
    Row(error.PassportDecryptionError, "", Class.alert),
    Row(error.TimedOut, "pool timeout", Class.retry, "Chờ kết nối quá lâu."),
    Row(error.TimedOut, "", Class.unknown, "Telegram không trả lời kịp."),
    Row(error.NetworkError, "too many requests", Class.wait),
    Row(error.NetworkError, "connecterror", Class.retry, "Không kết nối được Telegram."),
    Row(error.NetworkError, "internal server error", Class.retry, "Máy chủ Telegram lỗi."),
    Row(error.NetworkError, "bad gateway", Class.retry, "Máy chủ Telegram lỗi."),
    Row(error.NetworkError, "service unavailable", Class.retry, "Máy chủ Telegram lỗi."),
    Row(error.NetworkError, "gateway timeout", Class.retry, "Máy chủ Telegram lỗi."),
    Row(error.NetworkError, "", Class.unknown, "Mất kết nối với Telegram."),
    Row(error.TelegramError, "", Class.unknown, "Telegram trả lời không đọc được."),
)


def row_of(fault: error.TelegramError) -> Row:
    """The first row that fits: by the exact class, then its words; a class of a later library by its nearest parent."""
    words = fault.message.lower()
    if isinstance(fault, error.TimedOut) and type(fault.__cause__).__name__ == "ConnectTimeout":
        return Row(error.TimedOut, "", Class.retry, "Không kết nối được Telegram.")
    for kind in type(fault).__mro__:
        for row in TABLE:
            if row.error is kind and row.words in words:
                return row
    raise AssertionError(f"unmapped: {fault!r}")  # TelegramError itself has a row
