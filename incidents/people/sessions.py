"""Signed-in browsers, kept at the server: the cookie holds 256 random bits, the table their SHA-256 (promises S5)."""

import secrets
from datetime import timedelta
from typing import Any, cast

from flask import current_app
from sqlalchemy import ColumnElement, CursorResult, Update, select, update
from sqlalchemy.orm import contains_eager, joinedload

from incidents.db import db, transaction, utc_now
from incidents.errors import NotFound
from incidents.people import log, members, second_factor
from incidents.people.models import Member, Session, SignInLink
from incidents.people.secrets_kept import digest
from incidents.permissions import Actor
from incidents.text import clean
from incidents.vocabulary import Source

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
ONCE_LINK = timedelta(minutes=15)
_TOUCH_EVERY = timedelta(minutes=1)


class NoSuchSession(NotFound):
    vi = "Phiên làm việc này đã kết thúc."
    en = "This session has ended."


def start(member: Member, network_address: str, browser: str, *, second_factor: bool) -> str:
    """A new session; returns its token. ``second_factor``: whether the member has just passed it."""
    token, now = secrets.token_urlsafe(32), utc_now()
    member_id = member.id
    with transaction():
        db.session.add(
            Session(
                token_hash=digest(token),
                member_id=member_id,
                created_at=now,
                seen_at=now,
                second_factor_at=now if second_factor else None,
                network_address=network_address[:60],
                browser=clean(browser)[:200],
            )
        )
    return token


def find(token: str) -> Session | None:
    """The running session of ``token`` with its member, agency and roles, in one statement."""
    found = find_with_actor(token)
    return found[0] if found else None


def find_with_actor(token: str, source: Source = Source.web) -> tuple[Session, Actor] | None:
    """As ``find``, and who the member acts as today, still in one statement: every request of the desk begins here."""
    day = members.today()
    wanted = (
        select(Session, *members.at_work_on(day, utc_now(), Member.agency_id, Member.id))
        .join(Session.member)
        .where(Session.token_hash == digest(token), _is_running(), Member.is_active)
        .options(contains_eager(Session.member).options(joinedload(Member.agency), joinedload(Member.roles)))
    )
    row = db.session.execute(wanted).unique().one_or_none()
    if row is None:
        return None
    session: Session = row[0]
    return session, members.actor_of(session.member, source, day=day, read=(bool(row[1]), bool(row[2])))


def is_half(session: Session) -> bool:
    """Password given, second factor still owed: such a session opens nothing but the question for the code."""
    return session.member.totp_confirmed_at is not None and session.second_factor_at is None


def touch(session: Session) -> None:
    """Somebody is at work: keeps the session from falling idle. Written at most once a minute."""
    now, session_id = utc_now(), session.id
    if now - session.seen_at < _TOUCH_EVERY:
        return
    with transaction():
        db.session.execute(update(Session).where(Session.id == session_id).values(seen_at=now))


def end(token: str) -> None:
    """The session of ``token`` is over; nothing happens when there is none."""
    _end(Session.token_hash == digest(token))


def end_all(member_id: int) -> None:
    """Every session of the member is over: password changed, account disabled."""
    _end(Session.member_id == member_id)


def end_one(actor: Actor, session_id: int) -> None:
    """One of the acting member's own sessions is over. Raises NoSuchSession."""
    with transaction():
        if not _end((Session.id == session_id) & (Session.member_id == actor.id)):
            raise NoSuchSession
        log.note(actor, "end_session", f"session:{session_id}")


def running(member_id: int) -> list[Session]:
    """The member's running sessions, the last used first."""
    wanted = select(Session).where(Session.member_id == member_id, _is_running()).order_by(Session.seen_at.desc())
    return list(db.session.scalars(wanted))


def confirm_second_factor(session: Session, code: str, network_address: str = "") -> str | None:
    """Check the code of a session that owes one; its new token, or None for a wrong code. Raises TooManyTries."""
    if not second_factor.check(session.member, code, network_address):
        return None
    return renew(session, second_factor=True)


def renew(session: Session, *, second_factor: bool = False) -> str:
    """A new token for the same session, because its rights grew; the old one is dead. Its longest life stays."""
    token, now, session_id = secrets.token_urlsafe(32), utc_now(), session.id
    with transaction():
        row = db.session.get_one(Session, session_id, with_for_update=True)
        if row.ended_at is not None:
            raise NoSuchSession
        row.token_hash, row.seen_at = digest(token), now
        if second_factor:
            row.second_factor_at = now
    return token


def make_once_link() -> str:
    """The token of a sign-in link: one use, 15 minutes, rehearsal only (promises S39)."""
    token = secrets.token_urlsafe(32)
    with transaction():
        db.session.add(SignInLink(token_hash=digest(token), expires_at=utc_now() + ONCE_LINK))
    return token


def is_once_link_good(token: str) -> bool:
    """Whether the link may still be used. Looking does not use it up: browsers look ahead."""
    return db.session.scalar(select(SignInLink.id).where(*_unused(token))) is not None


def use_once_link(token: str) -> bool:
    """Use the link up; True for the first who does."""
    with transaction():
        return bool(_changed(update(SignInLink).where(*_unused(token)).values(used_at=utc_now())))


def _unused(token: str) -> tuple[ColumnElement[bool], ...]:
    return (
        SignInLink.token_hash == digest(token),
        SignInLink.used_at.is_(None),
        SignInLink.expires_at > utc_now(),
    )


def _is_running() -> ColumnElement[bool]:
    now = utc_now()
    idle = LONGEST if current_app.config["REHEARSAL"] else IDLE
    return Session.ended_at.is_(None) & (Session.created_at > now - LONGEST) & (Session.seen_at > now - idle)


def _end(which: ColumnElement[bool]) -> int:
    with transaction():
        return _changed(update(Session).where(which, Session.ended_at.is_(None)).values(ended_at=utc_now()))


def _changed(statement: Update) -> int:
    return int(cast("CursorResult[Any]", db.session.execute(statement)).rowcount)
