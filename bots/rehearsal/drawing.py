"""From Bot API objects to what the page shows: bubbles, buttons, times in Asia/Ho_Chi_Minh."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from markupsafe import Markup

from . import shapes
from .faults import Fault
from .shapes import Json
from .state import Call, State

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")  # no summer time; needs no zone files on the machine
BUBBLES_SHOWN = 200
CALLS_SHOWN = 60

_TAGS = {
    "bold": "strong",
    "italic": "em",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "code",
    "spoiler": "span",
    "blockquote": "q",
}

Words = Mapping[str, str]


def clock(seconds: float) -> str:
    """Return the time of day of Unix seconds, such as 02:14."""
    return f"{datetime.fromtimestamp(seconds, VIETNAM):%H:%M}"


def moment(seconds: float) -> str:
    """Return Unix seconds as an ISO time for `<time datetime>`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def rich(text: str, entities: Sequence[Json]) -> Markup:
    """Return a text with its entities as safe HTML; offsets are UTF-16 units, nesting is allowed."""
    raw = text.encode("utf-16-le", "surrogatepass")
    cuts = {0, len(raw) // 2}
    for one in entities:
        cuts |= {one["offset"], one["offset"] + one["length"]}
    edges = sorted(cut for cut in cuts if 0 <= cut <= len(raw) // 2)
    pieces = []
    for start, end in zip(edges, edges[1:], strict=False):
        piece = raw[2 * start : 2 * end].decode("utf-16-le", "replace")
        around = [one for one in entities if one["offset"] <= start and end <= one["offset"] + one["length"]]
        pieces.append(_dressed(piece, around))
    return Markup("").join(pieces)


def _dressed(piece: str, around: Sequence[Json]) -> Markup:
    html = Markup("{}").format(piece)
    for one in around:
        if tag := _TAGS.get(one["type"]):
            html = Markup(f"<{tag}>{{}}</{tag}>").format(html)  # noqa: S704 - the tag comes from the table above
    link = next((one for one in around if one["type"] in ("url", "text_link")), None)
    address = "" if link is None else str(link.get("url", piece))
    if address.startswith(("http://", "https://")):
        return Markup('<a href="{}" rel="noreferrer noopener" target="_blank">{}</a>').format(address, html)
    return html


def bubble(state: State, message: Json, words: Words) -> dict[str, Any]:
    """Return one message as the template draws it."""
    is_photo, is_text = "photo" in message, "text" in message
    written = message["text"] if is_text else message.get("caption", "")
    return {
        "id": message["message_id"],
        "is_mine": message["from"]["id"] != state.bot["id"],
        "time": clock(message["date"]),
        "moment": moment(message["date"]),
        "text": rich(written, message.get("entities" if is_text else "caption_entities", [])),
        "written": written,
        "is_edited": "edit_date" in message,
        "origin": _origin(message.get("forward_origin"), words),
        "reply": _excerpt(message.get("reply_to_message")),
        "photo": message["photo"][-1]["file_id"] if is_photo else None,
        "is_picture": is_photo and _is_picture(state, message["photo"][-1]["file_id"]),
        "file": _file(message.get("document")),
        "rows": shapes.buttons(message),
        "reactions": state.reactions.get((message["chat"]["id"], message["message_id"]), []),
    }


def _origin(origin: Json | None, words: Words) -> str:
    if origin is None:
        return ""
    named = {
        "channel": lambda: origin["chat"]["title"],
        "chat": lambda: origin["sender_chat"]["title"],
        "user": lambda: origin["sender_user"]["first_name"],
        "hidden_user": lambda: origin["sender_user_name"],
    }
    return f"{words['forwarded']} {named[origin['type']]()}"


def _excerpt(message: Json | None) -> str:
    text = "" if message is None else str(message.get("text") or message.get("caption") or "…")
    return text if len(text) <= 80 else text[:79] + "…"


def _is_picture(state: State, file_id: str) -> bool:
    file = state.files.find(file_id)
    return file is not None and shapes.image_type(file.content) is not None


def _file(document: Json | None) -> str:
    if document is None:
        return ""
    megabytes = f"{document['file_size'] / 1024 / 1024:.1f}".replace(".", ",")
    return f"{document['file_name']} · {megabytes} MB"


def fault_line(number: int, fault: Fault, names: Mapping[int, str], words: Words) -> dict[str, Any]:
    """Return one fault in force: its name, whom it strikes, until when or how often."""
    facts = [words.get(f"{fault.kind}_on", words.get(fault.kind, fault.kind))]
    if fault.chat is not None:
        facts.append(names.get(fault.chat, str(fault.chat)))
    if fault.ms:
        facts.append(f"{fault.ms} {words['slow_unit']}")
    if fault.until is not None:
        facts.append(f"{words['until']} {datetime.fromtimestamp(fault.until, VIETNAM):%H:%M:%S}")
    if fault.left is not None:
        facts.append(f"{words['left']}: {fault.left}")
    return {"id": number, "kind": fault.kind, "chat": fault.chat or "", "text": " · ".join(facts)}


def call_line(number: int, call: Call, words: Words) -> dict[str, Any]:
    """Return one line of the API log: time, method, answer."""
    code = str(call.answer_code) if call.answer_code else words["no_answer"]
    shown = {name: value for name, value in call.params.items() if name != "allowed_updates"}
    return {
        "id": number,
        "time": f"{call.at.astimezone(VIETNAM):%H:%M:%S}",
        "method": call.method,
        "answer": f"{code} {call.answer}".strip(),
        "is_refused": call.answer_code != 200,
        "params": ", ".join(f"{name}={str(value)[:200]}" for name, value in shown.items()),
    }
