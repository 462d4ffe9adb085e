"""Vietnamese text: one form for storing, one for finding, and the checks that stand before storing.

Sources: Unicode NFC; the folding is done here because SQLite's ``remove_diacritics`` does not fold đ.
"""

import re
import unicodedata

MAX_TEXT = 10_000  # characters of one text field; longer is refused with a sentence, never cut silently
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_NOT_WORD = re.compile(r"[^0-9a-z]+")
_LINK = re.compile(r"https?://[^\s<>\"“”]+", re.IGNORECASE)
# A stamp stands alone on its line or in brackets, in capitals: "mật ong" (honey) and "bảo mật" are not stamps (G10).
_STAMP = re.compile(
    r"(?m)^[^\w\n]*(?:TUYỆT MẬT|TỐI MẬT|MẬT)[^\w\n]*$|[\[(](?:TUYỆT MẬT|TỐI MẬT|MẬT)[\])]|ĐỘ MẬT: ?(?:TUYỆT|TỐI)? ?MẬT"
)
_PRIVATE_NUMBER = re.compile(r"(?<!\d)(?:\d[ .-]?){8,18}\d(?!\d)")
_WORDS_OF_PLACE = {"sapa": "sa pa"}


def clean(text: str) -> str:
    """NFC, no control or invisible characters but newline and tab, no outer blanks, at most two empty lines in a row."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " "))
    text = _INVISIBLE.sub("", text)
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    return re.sub(r"\n{4,}", "\n\n\n", text).strip()


def fold(text: str) -> str:
    """Lower case without diacritics (đ too), words parted by one space: ``Đập Suối Mận`` → ``dap suoi man``."""
    text = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    bare = _NOT_WORD.sub(" ", "".join(c for c in text if not unicodedata.combining(c))).strip()
    return " ".join(_WORDS_OF_PLACE.get(word, word) for word in bare.split())


def lowered(text: str) -> str:
    """Lower case with its diacritics, words parted by one space: decides which hit ranks first."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFC", text.casefold())))


def first_link(text: str) -> str:
    """The first http(s) address in ``text``, or ``""``."""
    found = _LINK.search(text)
    return found.group(0).rstrip(".,;:!?)") if found else ""


def has_secrecy_stamp(text: str) -> bool:
    """True when the text bears MẬT, TỐI MẬT or TUYỆT MẬT as a stamp (Luật Bảo vệ bí mật nhà nước; G10)."""
    return bool(_STAMP.search(unicodedata.normalize("NFC", text)))


def has_private_number(text: str) -> bool:
    """True when a run of 9 to 19 digits (identity card, bank account, telephone) stands outside a link."""
    return bool(_PRIVATE_NUMBER.search(_LINK.sub(" ", text)))


def mask_private_numbers(text: str) -> str:
    """The same text with such numbers shown as ``•••`` (bot.md ``name.warn``)."""
    return _PRIVATE_NUMBER.sub("•••", text)


def shorten(text: str, length: int) -> str:
    """At most ``length`` characters, cut at a word, on one line."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    cut = line[: length - 1].rsplit(" ", 1)[0]
    return (cut if len(cut) > length // 2 else line[: length - 1]) + "…"
