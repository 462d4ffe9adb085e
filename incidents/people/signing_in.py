"""Signing in: counted before anything is looked up, the same answer and work for every failure (promises S4)."""

from dataclasses import replace

from sqlalchemy import select

from incidents.db import db, transaction, utc_now
from incidents.errors import Refusal
from incidents.people import log, passwords, throttle
from incidents.people.models import Member
from incidents.permissions import Actor
from incidents.text import clean
from incidents.vocabulary import Source

NOBODY = Actor(None, "", source=Source.web)


class WrongPassword(Refusal):
    """Unknown account, wrong password, disabled member, one-time password too old: one sentence for all."""

    vi = "Tài khoản hoặc mật khẩu chưa đúng."
    en = "The account or the password is not right."


def sign_in(username: str, password: str, network_address: str) -> Member:
    """The member whose account and password these are. The session, and a second factor, are the caller's next steps.

    Raises TooManyTries (seconds), or WrongPassword.
    """
    username = clean(username)[:100]
    tries = throttle.admit(throttle.account(username), throttle.address(network_address))
    member = db.session.scalar(select(Member).where(Member.username == username.lower()))
    right = passwords.is_right(member.password_hash if member else "", password)
    if member is None or not right or not _may_enter(member):
        log.note(NOBODY, "sign_in_failed", f"member:{member.id}" if member else "", network_address)
        raise WrongPassword
    fresh = passwords.hash_of(password) if passwords.needs_rehash(member.password_hash) else ""
    with transaction():
        throttle.succeeded(tries)
        member = db.session.get_one(Member, member.id)
        if fresh:
            member.password_hash = fresh
        log.note(replace(NOBODY, id=member.id), "sign_in", f"member:{member.id}", network_address)
    return member


def _may_enter(member: Member) -> bool:
    too_late = member.password_expires_at is not None and member.password_expires_at <= utc_now()
    return member.is_active and not (member.must_change_password and too_late)
