"""The second factor: six digits from an app (TOTP, RFC 6238), each usable once, and ten recovery codes (promises S2).

The present and the previous step of 30 s are accepted, because people copy slowly: a deviation from ASVS 6.5.5.
"""

import hmac
from dataclasses import dataclass
from typing import Any, cast

import pyotp
from flask import current_app
from sqlalchemy import CursorResult, Update, delete, or_, update

from incidents.db import db, transaction, utc_now
from incidents.errors import BadInput, Refusal
from incidents.people import log, members, throttle
from incidents.people.models import Member, RecoveryCode
from incidents.people.secrets_kept import Unreadable, digest, readable, seal, unseal
from incidents.permissions import Actor
from incidents.vocabulary import SECOND_FACTOR_ROLES

RECOVERY_CODES = 10
_STEP = 30  # seconds
_ISSUER = "Ban dieu phoi Lao Cai"  # plain letters: each other one makes the QR code three characters denser


@dataclass(frozen=True)
class Setup:
    """What an authenticator app needs: the secret to type, or the ``otpauth`` address as a QR code."""

    secret: str
    uri: str


class SecondFactorOn(Refusal):
    vi = "Xác thực hai lớp đang bật. Tắt trước khi đặt lại."
    en = "The second factor is on. Switch it off before setting it up again."


def is_required(member: Member) -> bool:
    """Whether the member's roles of today demand it; never in the rehearsal."""
    return not current_app.config["REHEARSAL"] and not members.roles_on(member).isdisjoint(SECOND_FACTOR_ROLES)


def begin(actor: Actor) -> tuple[str, str]:
    """A new secret for the acting member and its ``otpauth`` address; nothing is asked before ``confirm``.

    Raises SecondFactorOn when one is in use: who took over a session must not be able to replace it.
    """
    secret = pyotp.random_base32()
    with transaction():
        member = members.by_id(actor.id)
        if member.totp_confirmed_at is not None:
            raise SecondFactorOn
        member.totp_secret = seal(secret, _purpose(member.id))
        return secret, _uri(member, secret)


def pending(member: Member) -> Setup | None:
    """The secret that waits for its first code, so that the page can be shown again."""
    if member.totp_confirmed_at is not None or not (secret := _secret(member)):
        return None
    return Setup(secret, _uri(member, secret))


def confirm(actor: Actor, code: str, network_address: str = "") -> list[str]:
    """Switch the second factor on with its first code; returns ten recovery codes, never readable again.

    Raises BadInput(field="code"), SecondFactorOn, TooManyTries.
    """
    tries = _admit(actor.id, network_address)
    with transaction():
        member = members.by_id(actor.id)
        if member.totp_confirmed_at is not None:
            raise SecondFactorOn
        step = _step_of(_secret(member), _digits(code))
        if step is None:
            raise wrong_code()
        member.totp_confirmed_at = utc_now()
        member.totp_last_step = step
        codes = _new_recovery_codes(member.id)
        throttle.succeeded(tries)
        log.note(actor, "second_factor_on", f"member:{member.id}", network_address)
    return codes


def remove(actor: Actor, code: str, network_address: str = "") -> None:
    """Switch it off against a valid code, for a new telephone. Raises BadInput(field="code"), TooManyTries.

    Whose role requires it can do nothing then but set it up again.
    """
    if not check(members.by_id(actor.id), code, network_address):
        raise wrong_code()
    with transaction():
        member = members.by_id(actor.id)
        member.totp_secret = member.totp_confirmed_at = member.totp_last_step = None
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.member_id == member.id))
        log.note(actor, "second_factor_off", f"member:{member.id}", network_address)


def check(member: Member, code: str, network_address: str = "") -> bool:
    """Whether ``code`` is right: six digits or a recovery code, not used before. Raises TooManyTries."""
    member_id, secret = member.id, _secret(member)
    tries = _admit(member_id, network_address)
    typed = _digits(code)
    step = _step_of(secret, typed)
    right = _use_step(member_id, step) if step is not None else _use_recovery_code(member_id, typed)
    if right:
        throttle.succeeded(tries)
    return right


def wrong_code() -> BadInput:
    return BadInput(
        "code",
        "Mã chưa đúng hoặc đã dùng. Chờ mã mới trong ứng dụng rồi nhập lại.",
        "The code is not right or was used already. Wait for the next one in the app.",
    )


def _admit(member_id: int | None, network_address: str) -> list[int]:
    return throttle.admit(throttle.proof("code", member_id), throttle.address(network_address))


def _step_of(secret: str, typed: str) -> int | None:
    """The step these digits belong to: the present one or the one before."""
    if not secret or len(typed) != 6 or not typed.isascii():
        return None
    totp, now = pyotp.TOTP(secret), int(utc_now().timestamp()) // _STEP
    return next((step for step in (now, now - 1) if hmac.compare_digest(totp.generate_otp(step), typed)), None)


def _use_step(member_id: int, step: int) -> bool:
    """One conditional UPDATE, so that of two who bring the same digits at once only one comes in."""
    unused = or_(Member.totp_last_step.is_(None), Member.totp_last_step < step)
    with transaction():
        return _changed_one(
            update(Member)
            .where(Member.id == member_id, Member.totp_confirmed_at.is_not(None), unused)
            .values(totp_last_step=step)
            .execution_options(synchronize_session=False)
        )


def _use_recovery_code(member_id: int, typed: str) -> bool:
    with transaction():
        return _changed_one(
            update(RecoveryCode)
            .where(
                RecoveryCode.member_id == member_id,
                RecoveryCode.code_hash == digest(typed),
                RecoveryCode.used_at.is_(None),
            )
            .values(used_at=utc_now())
        )


def _changed_one(statement: Update) -> bool:
    return bool(cast("CursorResult[Any]", db.session.execute(statement)).rowcount)


def _new_recovery_codes(member_id: int) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.member_id == member_id))
    codes = [readable(12) for _ in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(member_id=member_id, code_hash=digest(code)) for code in codes)
    return ["-".join((code[:4], code[4:8], code[8:])) for code in codes]


def _secret(member: Member) -> str:
    try:
        return unseal(member.totp_secret, _purpose(member.id)) if member.totp_secret else ""
    except Unreadable:
        return ""  # the secret key was lost: recovery codes still work, they do not depend on it


def _uri(member: Member, secret: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=member.username, issuer_name=_ISSUER)


def _digits(code: str) -> str:
    return "".join(code.lower().replace("-", " ").split())


def _purpose(member_id: int) -> str:
    return f"totp {member_id}"
