"""One-time codes that bind a chat to a member: six digits to type, a long word for the QR code (promises S13)."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, update

from incidents.db import db, transaction, utc_now
from incidents.people import log
from incidents.people.models import LinkCode, LinkTry, Member
from incidents.people.secrets_kept import digest, keyed_digest
from incidents.permissions import Actor, require

TRIES, TRIES_WINDOW = 5, timedelta(minutes=10)
_PURPOSE = "link code"
_DIGITS = re.compile(r"\d{6}")
_WORD = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True)
class NewCode:
    """``digits`` such as "481205" and ``word``, 32 characters for ``?start=``: shown now, never readable again."""

    digits: str
    word: str
    expires_at: datetime


def make_code(
    actor: Actor, member: Member, *, channel: str = "telegram", needs_confirmation: bool = True, minutes: int = 10
) -> NewCode:
    """A new code for ``member``; the ones before it on this channel are dead.

    One's own is anybody's right, another's the administrator's. ``needs_confirmation=False`` is for the command line:
    the operator who hands the code over vouches for the person. Raises NotAllowed.
    """
    if member.id != actor.id or not needs_confirmation:
        require(actor, "manage_members")
    now, member_id = utc_now(), member.id
    word = secrets.token_urlsafe(24)
    with transaction():
        mine = (LinkCode.member_id == member_id, LinkCode.channel == channel, LinkCode.ended_at.is_(None))
        db.session.execute(update(LinkCode).where(*mine).values(ended_at=now))
        digits = _free_digits(channel)
        code = LinkCode(
            member_id=member_id,
            channel=channel,
            digits_hash=keyed_digest(digits, _PURPOSE),
            word_hash=digest(word),
            expires_at=now + timedelta(minutes=minutes),
            needs_confirmation=needs_confirmation,
        )
        db.session.add(code)
        log.note(actor, "make_link_code", f"member:{member_id}")
    return NewCode(digits, word, now + timedelta(minutes=minutes))


def typed_code(text: str) -> str:
    """The code in ``/start <word>``, a bare word, or six digits however they are grouped; ``""`` when there is none."""
    words = text.split()
    if words and words[0].split("@")[0].lower() == "/start":
        words = words[1:]
    if len(words) == 1 and _WORD.fullmatch(words[0]):
        return words[0]
    digits = re.sub(r"[ .-]", "", "".join(words))
    return digits if _DIGITS.fullmatch(digits) and digits.isascii() else ""


def find(channel: str, code: str, external_id: str) -> LinkCode | None:
    """The open code, unclaimed or claimed by this very chat. Locks it, where the database can."""
    if not code:
        return None
    same = or_(LinkCode.digits_hash == keyed_digest(code, _PURPOSE), LinkCode.word_hash == digest(code))
    wanted = select(LinkCode).where(
        LinkCode.channel == channel, same, _is_open(), LinkCode.claimed_by.in_(("", external_id))
    )
    return db.session.scalar(wanted.order_by(LinkCode.id.desc()).limit(1).with_for_update())


def waiting_claim(member: Member) -> LinkCode | None:
    """The member's code that a chat has brought and that waits for “Đúng là tôi” on the web."""
    return waiting_claim_of(member.id)


def open_until(member_id: int) -> datetime | None:
    """When the member's code that no chat has brought yet ends, or None."""
    wanted = select(LinkCode.expires_at).where(LinkCode.member_id == member_id, _is_open(), LinkCode.claimed_by == "")
    return db.session.scalar(wanted.order_by(LinkCode.id.desc()).limit(1))


def waiting_claim_of(member_id: int | None, code_id: int | None = None) -> LinkCode | None:
    wanted = select(LinkCode).where(LinkCode.member_id == member_id, _is_open(), LinkCode.claimed_by != "")
    if code_id is not None:
        wanted = wanted.where(LinkCode.id == code_id)
    return db.session.scalar(wanted.order_by(LinkCode.id.desc()).limit(1))


def must_wait(channel: str, external_id: str) -> bool:
    """Whether this chat has brought five wrong codes within ten minutes."""
    tries = select(func.count()).where(
        LinkTry.channel == channel, LinkTry.external_id == external_id, LinkTry.at > utc_now() - TRIES_WINDOW
    )
    return (db.session.scalar(tries) or 0) >= TRIES


def count_try(channel: str, external_id: str) -> None:
    db.session.add(LinkTry(channel=channel, external_id=external_id, at=utc_now()))


def _free_digits(channel: str) -> str:
    while True:
        digits = f"{secrets.randbelow(1_000_000):06d}"
        hashed = keyed_digest(digits, _PURPOSE)
        taken = select(LinkCode.id).where(LinkCode.channel == channel, LinkCode.digits_hash == hashed, _is_open())
        if db.session.scalar(taken) is None:
            return digits


def _is_open() -> ColumnElement[bool]:
    return LinkCode.ended_at.is_(None) & (LinkCode.expires_at > utc_now())
