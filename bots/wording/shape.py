"""The form of messages: one escaping function, lengths as Telegram counts them, splitting, times as people read them.

Source of the limits: core.telegram.org/bots/api – texts are counted in UTF-16 code units after markup is taken out.
"""

import html
import re
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from incidents.text import mask_private_numbers
from playbooks.worktime import ZONE

MAX_UNITS = 3_500  # Telegram's 4,096 with air (promises 4)
_ATOM = re.compile(r"<[^<>]+>|&(?:[a-z]+|#\d+);|.", re.DOTALL)
_ROOM_FOR_NUMBER = 12  # "(12/15)\n"


def escape(text: object) -> str:
    """Outside text as HTML that shows exactly that text: the only escaping of the bots (promises S22)."""
    return html.escape(str(text), quote=False)


def masked(text: str) -> str:
    """People's free words for a chat: private numbers hidden (bot.md ``name.warn``)."""
    return mask_private_numbers(text)


def plain(text: str) -> str:
    """A message without its markup, as it is read."""
    return html.unescape(re.sub(r"<[^<>]+>", "", text))


def units(text: str) -> int:
    """The length of a plain text in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int = MAX_UNITS) -> list[str]:
    """The text in parts of at most ``limit`` units: cut after a paragraph, else a sentence, else a word, never inside
    an entity or a surrogate pair. More than one part: each begins with its number, ``(1/3)``."""
    parts: list[str] = []
    rest = [(atom, _units_of(atom)) for atom in _ATOM.findall(text)]
    while rest:
        end = _fitting(rest, limit if not parts and _length(rest) <= limit else limit - _ROOM_FOR_NUMBER)
        parts.append("".join(atom for atom, _ in rest[:end]))
        rest = rest[end:]
    if len(parts) <= 1:
        return parts or [""]
    return [f"({number}/{len(parts)})\n{part}" for number, part in enumerate(parts, start=1)]


def _units_of(atom: str) -> int:
    return 0 if atom.startswith("<") and len(atom) > 1 else units(html.unescape(atom))


def _length(atoms: list[tuple[str, int]]) -> int:
    return sum(size for _, size in atoms)


def _fitting(atoms: list[tuple[str, int]], limit: int) -> int:
    """How many atoms go into this part."""
    length = end = 0
    for _, size in atoms:
        if length + size > limit:
            break
        length, end = length + size, end + 1
    if end == len(atoms):
        return end
    words = [atom for atom, _ in atoms[:end]]
    for is_end in (_ends_paragraph, _ends_sentence, _ends_word):
        cuts = [at + 1 for at in range(end // 2, end) if is_end(words, at)]
        if cuts:
            return cuts[-1]
    return max(end, 1)


def _ends_paragraph(atoms: list[str], at: int) -> bool:
    return atoms[at] == "\n"


def _ends_sentence(atoms: list[str], at: int) -> bool:
    return atoms[at] == " " and at > 0 and atoms[at - 1] in ".…;:"


def _ends_word(atoms: list[str], at: int) -> bool:
    return atoms[at].isspace()


def clock_time(at: datetime) -> str:
    """``14:05``, local."""
    return at.astimezone(ZONE).strftime("%H:%M")


def day_and_time(at: datetime) -> str:
    """``14:05 · 23/11/2026``, local."""
    return at.astimezone(ZONE).strftime("%H:%M · %d/%m/%Y")


def due_time(at: datetime, now: datetime) -> str:
    """``04:14``, with the date when it is not today."""
    local = at.astimezone(ZONE)
    same_day = local.date() == now.astimezone(ZONE).date()
    return local.strftime("%H:%M" if same_day else "%H:%M %d/%m")


def span(length: timedelta, lang: str) -> str:
    """A length of time in one or two units: ``2 giờ 5 phút``, ``3 ngày``; under a minute is one minute."""
    minutes = max(int(abs(length).total_seconds() // 60), 1)
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    day, hour, minute = ("ngày", "giờ", "phút") if lang == "vi" else ("d", "h", "min")
    if days:
        return f"{days} {day} {hours} {hour}" if hours else f"{days} {day}"
    if hours:
        return f"{hours} {hour} {rest} {minute}" if rest else f"{hours} {hour}"
    return f"{rest} {minute}"


def left(due_at: datetime, now: datetime, lang: str) -> str:
    """``(còn 2 giờ)`` before the due time, ``(trễ 10 phút)`` after it."""
    late = now > due_at
    if lang == "vi":
        return f"({'trễ' if late else 'còn'} {span(due_at - now, lang)})"
    return f"({span(due_at - now, lang)} {'late' if late else 'left'})"


def is_public(url: str) -> bool:
    """Whether Telegram takes this address for a button: a host with a dot that is not this machine (promises F27)."""
    host = urlsplit(url).hostname or ""
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return "." in host.strip(".")
