"""Every way in which a verb may refuse, each with its sentence in both languages.

A verb raises; the edge (web, bot, command line) shows ``error.text(lang)`` and picks its own status. Nothing here knows
about HTTP or chat.
"""

from typing import ClassVar


class Refusal(Exception):  # noqa: N818 - names state the fact, not "Error"
    """A verb said no; nothing was written. ``facts`` fill the placeholders of the sentence."""

    vi: ClassVar[str] = "Không thực hiện được."
    en: ClassVar[str] = "This could not be done."

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(type(self).__name__, facts)

    def text(self, lang: str = "vi") -> str:
        return (self.vi if lang == "vi" else self.en).format(**self.facts)

    def __str__(self) -> str:
        return self.text("vi")


class NotFound(Refusal):
    """Also raised for what the actor may not see: the two must read the same (promises S10)."""

    vi = "Không tìm thấy {what}, hoặc không có quyền xem."
    en = "{what} was not found, or you have no right to see it."


class NotAllowed(Refusal):
    """``who``: the roles that may do it, in words."""

    vi = "Việc này cần quyền {who}."
    en = "This needs the right of {who_en}."


class BadInput(Refusal):
    """One field is wrong. ``field`` is the form's field name, ``vi``/``en`` texts come with the error."""

    def __init__(self, field: str, vi: str, en: str) -> None:
        self.field, self._texts = field, (vi, en)
        super().__init__(field=field)

    def text(self, lang: str = "vi") -> str:
        return self._texts[0 if lang == "vi" else 1]


class IllegalMove(Refusal):
    vi = "Không thể chuyển từ “{old}” sang “{new}”."
    en = "Cannot move from “{old_en}” to “{new_en}”."


class GuardNotMet(Refusal):
    """A move is allowed but something is missing. ``missing``/``missing_en``: what, in words."""

    vi = "Chưa chuyển được, còn thiếu: {missing}."
    en = "Not yet possible, still missing: {missing_en}."


class StaleVersion(Refusal):
    vi = "Sự việc vừa được đổi bởi người khác. Trạng thái mới nhất được hiển thị, nội dung đã nhập vẫn còn."
    en = "Somebody else has just changed this incident. The latest state is shown, what you typed is kept."


class AlreadyDone(Refusal):
    """Somebody was first. ``who`` and ``at`` (hh:mm) say who and when."""

    vi = "Việc này đã xong: {who}, {at}."
    en = "Already done: {who}, {at}."


class NotOpen(Refusal):
    vi = "Sự việc {code} đã kết thúc, không thêm được việc mới. Mở lại trước."
    en = "Incident {code} has ended; reopen it first."


class StateSecret(Refusal):
    """G10: nothing of the text is stored."""

    vi = "Nội dung có dấu độ mật nên không lưu. Chuyển qua kênh mật theo quy định."
    en = "The text bears a secrecy stamp and was not stored. Use the channel the rules prescribe."


class TooManyTries(Refusal):
    vi = "Thử lại sau {seconds} giây."
    en = "Try again in {seconds} seconds."


class BadFile(Refusal):
    vi = "Không nhận tệp này: {why}. Phần chữ vẫn được giữ."
    en = "This file is not accepted: {why_en}. The text is kept."


class PendingChanges(RuntimeError):
    """A programmer's fault: a transaction was begun over unsaved changes."""
