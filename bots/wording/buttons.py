"""What stands on buttons, and which typed words mean the same as pressing them."""

from collections.abc import Mapping, Sequence

from incidents.text import fold, shorten
from incidents.vocabulary import KINDS, SEVERITIES, SEVERITY_SIGNS, Kind, Label

# The five kinds a sender chooses from; "Khác" stays a plain communication incident (bot.md ``qr.kind``).
ASKED_KINDS: Mapping[str, Label] = {
    Kind.suspected_false: ("Có dấu hiệu giả", "Suspected false"),
    Kind.press_coverage: ("Báo chí phản ánh", "Press coverage"),
    Kind.public_feedback: ("Dư luận phản ánh", "Public feedback"),
    Kind.impersonation: ("Giả mạo, lừa đảo", "Impersonation, scam"),
    Kind.communication_incident: ("Khác", "Other"),
}

LABELS: Mapping[str, Label] = {
    "accept": ("Nhận việc", "Accept"),
    "view": ("Xem", "View"),
    "tick": ("Xong bước {}", "Step {} done"),
    "submit": ("Trình duyệt bước {}", "Submit step {}"),
    "as_it_is": ("Giữ như cũ", "Keep as it is"),
    "skip": ("Không áp dụng", "Does not apply"),
    "approve": ("Duyệt", "Approve"),
    "send_back": ("Trả lại", "Send back"),
    "still": ("Vẫn giữ", "Still on it"),
    "give_back": ("Trả lại", "Give it back"),
    "note": ("Ghi diễn biến", "Add an entry"),
    "received": ("Đã nhận", "Received"),
    "add_photo": ("Thêm ảnh", "Add a picture"),
    "add_note": ("Thêm ghi chú", "Add a note"),
    "undo": ("Hoàn tác", "Undo"),
    "open": ("Mở sự việc", "Open incident"),
    "merge": ("Gộp", "Join"),
    "reply": ("Trả lời", "Answer"),
    "ignore": ("Bỏ qua", "Ignore"),
    "seen": ("Chỉ báo đã xem", "Only seen"),
}

_WORDS: Mapping[str, Sequence[str]] = {
    "accept": ("nhan", "nhan viec", "accept"),
    "view": ("xem", "view"),
    "tick": ("xong", "da xong", "done"),
    "submit": ("xong", "trinh", "trinh duyet", "submit"),
    "skip": ("khong ap dung",),
    "approve": ("duyet", "approve"),
    "send_back": ("tra", "tra lai"),
    "still": ("giu", "van giu", "still"),
    "give_back": ("tra", "tra lai"),
    "undo": ("huy", "hoan tac", "rut", "undo"),
    "open": ("mo", "mo su viec", "open"),
    "merge": ("gop", "join"),
    "reply": ("tra loi", "tra", "answer"),
    "ignore": ("bo qua", "ignore"),
    "seen": ("da xem", "seen"),
    "add_photo": ("them anh", "them"),
    "add_note": ("them ghi chu",),
}
CHOICE_WORDS = frozenset(word for words in _WORDS.values() for word in words)
"""Folded words that only ever answer a question; alone they are never a quick report."""

RECEIVED_WORDS = frozenset({"da nhan", "da nhan duoc", "received"})
"""By habit only a receipt: never accepts a task (bot.md 5)."""


def label(action: str, argument: str, lang: str) -> str:
    """What the button of an option shows."""
    index = 0 if lang == "vi" else 1
    if action == "severity":
        return _level(argument, lang)
    if action == "kind":
        return ASKED_KINDS[argument][index]
    if action in ("tick", "submit"):
        return LABELS[action][index].format(argument.split(":", 1)[0])
    if action in LABELS:
        return LABELS[action][index]
    return shorten(argument.split("|", 1)[-1], 60)  # a code to choose, or what stands behind "|"


def _level(argument: str, lang: str) -> str:
    if argument == "0":
        return "Chưa rõ" if lang == "vi" else "Not clear yet"
    number = int(argument)
    name = SEVERITIES[number]
    return (
        f"{SEVERITY_SIGNS[number]} Cấp {number} {name[0]}"
        if lang == "vi"
        else f"{SEVERITY_SIGNS[number]} Level {number} {name[1]}"
    )


def means(typed: str, action: str, argument: str) -> bool:
    """Whether the typed words choose this option: its label in either language, or a short word for it."""
    words = fold(typed)
    if action == "severity" and argument != "0":
        names = SEVERITIES[int(argument)]
        labels = {fold(_level(argument, lang)) for lang in ("vi", "en")}
        return words in labels | {f"cap {argument}", f"level {argument}", fold(names[0]), fold(names[1])}
    if action == "kind":
        return words in {fold(text) for text in (*ASKED_KINDS[argument], *KINDS[argument])}
    return words in _WORDS.get(action, ()) or words in {fold(label(action, argument, lang)) for lang in ("vi", "en")}
