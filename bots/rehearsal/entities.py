"""Message entities: found in plain text, read from the HTML style, offsets in UTF-16 code units.

Source: core.telegram.org/bots/api#messageentity and #html-style.
"""

import re
from html.parser import HTMLParser

from .limits import Refusal
from .shapes import Json

ENTITIES_PER_MESSAGE = 100  # Telegram ignores the rest without a word

_FOUND = re.compile(
    r"(?P<url>https?://[^\s<>\"]*[^\s<>\".,;:!?)\]])"
    r"|(?P<bot_command>(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@[A-Za-z0-9_]+)?)(?![\w/])"
    r"|(?P<mention>(?<![\w@])@[A-Za-z][A-Za-z0-9_]{3,31})"
    r"|(?P<hashtag>(?<![\w#])#\w*[^\W\d]\w*)"
)

_NO_TAG = re.compile(r"<(?!/?[A-Za-z][^<>]*>)")

_STYLES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "a": "text_link",
}


def units(text: str) -> int:
    """Return the length of a text in UTF-16 code units, the measure of every offset and length."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def found(text: str) -> list[Json]:
    """Return the commands, links, mentions and hashtags Telegram would find in a plain text."""
    entities = []
    for match in _FOUND.finditer(text):
        entity: Json = {"type": match.lastgroup, "offset": units(text[: match.start()]), "length": units(match[0])}
        entities.append(entity)
    return entities[:ENTITIES_PER_MESSAGE]


def written(field: str, text: str) -> Json:
    """Return the fields `text` or `caption` of a plain text with what is found in it; nothing for an empty one."""
    marks, entities = "entities" if field == "text" else f"{field}_entities", found(text)
    return ({field: text} if text else {}) | ({marks: entities} if entities else {})


def from_html(text: str) -> tuple[str, list[Json]]:
    """Return the plain text and entities of a text in HTML style.

    Raises Refusal with Telegram's "can't parse entities" for an unknown, unclosed or unexpected tag.
    """
    if stray := _NO_TAG.search(
        text
    ):  # an unescaped "<" of somebody's text, which browsers forgive and Telegram does not
        raise _unreadable(f'Unsupported start tag "" at byte offset {len(text[: stray.start()].encode())}')
    reader = _HtmlReader()
    reader.feed(text)
    reader.close()
    if reader.open:
        raise _unreadable(f"Can't find end tag corresponding to start tag {reader.open[-1][0]}")
    plain = "".join(reader.pieces)
    styled = [entity for entity in reader.entities if entity["length"]]
    links = [one for one in found(plain) if not any(_overlap(one, other) for other in styled)]
    return plain, sorted(styled + links, key=lambda one: (one["offset"], -one["length"]))[:ENTITIES_PER_MESSAGE]


def _overlap(one: Json, other: Json) -> bool:
    code = other["type"] in ("code", "pre", "text_link")
    return bool(
        code and one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"]
    )


def _unreadable(why: str) -> Refusal:
    return Refusal(400, f"Bad Request: can't parse entities: {why}")


class _HtmlReader(HTMLParser):
    """Collects text and entities; a tag Telegram does not know is refused, as Telegram does."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.entities: list[Json] = []
        self.open: list[tuple[str, Json]] = []
        self.at = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        style = _STYLES.get(tag)
        if style is None:
            raise _unreadable(f'Unsupported start tag "{tag}" at byte offset {self.getpos()[1]}')
        entity: Json = {"type": style, "offset": self.at, "length": 0}
        if tag == "a":
            entity["url"] = dict(attrs).get("href") or ""
        self.entities.append(entity)
        self.open.append((tag, entity))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            raise _unreadable(f'Unexpected end tag "{tag}" at byte offset {self.getpos()[1]}')
        _, entity = self.open.pop()
        entity["length"] = self.at - entity["offset"]

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)
        self.at += units(data)
