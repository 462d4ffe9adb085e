"""What every text and every time passes before it is written."""

from datetime import datetime, timedelta

from incidents.db import utc_now
from incidents.errors import BadInput, StateSecret
from incidents.text import MAX_TEXT, clean, has_secrecy_stamp

MAX_LINK = 4_000
MAX_PLACE = 200


def checked_text(field: str, text: str) -> str:
    """Cleaned text of 1 to 10,000 characters without a secrecy stamp; else a sentence (G10)."""
    text = clean(text)
    if not text:
        raise BadInput(field, "Chưa ghi nội dung.", "Nothing was written.")
    if len(text) > MAX_TEXT:
        vi = f"Nội dung dài {len(text):,} chữ, tối đa {MAX_TEXT:,}.".replace(",", ".")
        raise BadInput(field, vi, f"The text has {len(text):,} characters, at most {MAX_TEXT:,}.")
    if has_secrecy_stamp(text):
        raise StateSecret
    return text


def checked_words(field: str, text: str, most: int = 500) -> str:
    """Cleaned words beside a change (a reason, a purpose, a result), which may be missing; else as ``checked_text``."""
    text = clean(text)
    if len(text) > most:
        raise BadInput(field, f"Phần này tối đa {most} chữ.", f"This has at most {most} characters.")
    if has_secrecy_stamp(text):
        raise StateSecret
    return text


def checked_link(link: str) -> str:
    """An http(s) address of at most 4,000 characters, or ``""``."""
    link = clean(link)
    if link and (len(link) > MAX_LINK or not link.lower().startswith(("http://", "https://"))):
        raise BadInput("link", "Đường dẫn phải bắt đầu bằng http:// hoặc https://.", "A link begins with http(s)://.")
    return link


def checked_place(place: str) -> str:
    """Cleaned words of at most 200 characters, or ``""``."""
    place = clean(place)
    if len(place) > MAX_PLACE:
        raise BadInput("place", "Nơi xảy ra tối đa 200 chữ.", "The place has at most 200 characters.")
    if has_secrecy_stamp(place):
        raise StateSecret
    return place


def checked_time(field: str, at: datetime | None) -> datetime | None:
    """A time that has come, of the last ten years; two minutes of clock skew are allowed."""
    if at is None:
        return None
    now = utc_now()
    if at > now + timedelta(minutes=2):
        raise BadInput(field, "Thời điểm này chưa tới.", "This time is still to come.")
    if at < now - timedelta(days=3653):
        raise BadInput(field, "Thời điểm này quá xa, xem lại ngày tháng.", "This time is too long ago.")
    return min(at, now)
