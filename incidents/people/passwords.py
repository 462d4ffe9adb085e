"""Passwords: argon2id, a block list made here, sentences that say what to change (promises S1, ASVS 6.2).

No rules of composition and no forced rotation: length and not being guessable are what protects.
"""

import hmac
import re
import secrets
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

from incidents.db import db, transaction
from incidents.errors import BadInput
from incidents.people import log, throttle
from incidents.people.models import Member
from incidents.people.secrets_kept import readable
from incidents.permissions import Actor
from incidents.text import fold

SHORTEST, LONGEST = 12, 128  # characters
COST = (64 * 1024, 3, 4)  # KiB of memory, passes, lanes
# Words anybody would try first here; what is left of a password without them must still be long enough to guess at.
_CONTEXT = [
    "matkhau",
    "password",
    "passwd",
    "admin",
    "administrator",
    "quantri",
    "quantrivien",
    "laocai",
    "yenbai",
    "sapa",
    "tinh",
    "coquan",
    "congan",
    "xaphuong",
    "ubnd",
    "hdnd",
    "uybannhandan",
    "thongtin",
    "truyenthong",
    "baochi",
    "sotttt",
    "sovhttdl",
    "vhttdl",
    "bandieuphoi",
    "dieuphoi",
    "suco",
    "khunghoang",
    "tocongtac",
    "tructuyen",
    "vietnam",
    "hochiminh",
    "canbo",
    "lanhdao",
    "totruong",
    "topho",
    "nguoiphatngon",
    "desk",
    "crisis",
    "welcome",
    "xinchao",
]
_LEFT_OVER = 6  # characters


def hasher() -> PasswordHasher:
    """argon2id at the cost of the setting ``PASSWORD_COST``: (KiB of memory, passes, lanes)."""
    memory, passes, lanes = _cost()
    return PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=lanes)


def hash_of(password: str) -> str:
    return hasher().hash(password)


def is_right(hashed: str, password: str) -> bool:
    """Whether ``password`` is the one, exactly as typed. A row without a password never is, after the same work."""
    if len(password) > LONGEST:
        return False
    try:
        right = hasher().verify(hashed or _nobodys(_cost()), password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
    return bool(hashed) and right


def needs_rehash(hashed: str) -> bool:
    return hasher().check_needs_rehash(hashed)


def make_one_time() -> str:
    """Four groups of four, 79 bits: read out or copied from paper without mistakes."""
    return "-".join(readable(4) for _ in range(4))


def check(password: str, *own_words: str) -> None:
    """Raise BadInput(field="password") unless it is fit. ``own_words``: account, name and agency of the member."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(
            "password",
            f"Mật khẩu cần từ {SHORTEST} đến {LONGEST} ký tự. Nên dùng một câu dễ nhớ.",
            f"A password has {SHORTEST} to {LONGEST} characters. A sentence is easy to remember.",
        )
    if any("\ud800" <= letter <= "\udfff" for letter in password):
        raise BadInput("password", "Mật khẩu có ký tự không hợp lệ.", "The password has an invalid character.")
    if _is_common(password) or _is_made_of(password, own_words):
        raise BadInput(
            "password",
            "Mật khẩu này dễ đoán. Tránh tên, địa danh, cơ quan, dãy phím, dãy số; nên ghép vài từ không liên quan.",
            "This password is easily guessed. Avoid names, places, agencies, runs of keys; join some unrelated words.",
        )


def change(actor: Actor, old: str, new: str, network_address: str = "") -> None:
    """The acting member's own password; the caller ends the sessions. Raises BadInput (old, password), TooManyTries."""
    tries = throttle.admit(throttle.proof("password", actor.id), throttle.address(network_address))
    member = db.session.get_one(Member, actor.id)
    if not is_right(member.password_hash, old):
        raise BadInput("old", "Mật khẩu đang dùng chưa đúng.", "The present password is not right.")
    throttle.succeeded(tries)
    member = db.session.get_one(Member, actor.id)
    check(new, member.username, member.name, member.agency.name, member.agency.code)
    if hmac.compare_digest(old.encode(), new.encode()):
        raise BadInput("password", "Mật khẩu mới phải khác mật khẩu cũ.", "The new password must differ from the old.")
    hashed = hash_of(new)
    with transaction():
        member = db.session.get_one(Member, actor.id)
        member.password_hash = hashed
        member.must_change_password = False
        member.password_expires_at = None
        log.note(actor, "change_password", f"member:{actor.id}", network_address)


def _cost() -> tuple[int, int, int]:
    memory, passes, lanes = current_app.config.get("PASSWORD_COST") or COST
    return memory, passes, lanes


@cache
def _nobodys(cost: tuple[int, int, int]) -> str:
    """A hash at this cost that no password opens: verified for unknown names, so that they take as long."""
    memory, passes, lanes = cost
    return PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=lanes).hash(secrets.token_urlsafe(32))


@cache
def common() -> frozenset[str]:
    """The block list: lower case, no diacritics, one a line, ``#`` begins a comment."""
    lines = Path(__file__).with_name("common_passwords.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _is_common(password: str) -> bool:
    bare = _bare(password)
    return password.lower() in common() or bare in common() or _is_run(password.casefold())


def _is_run(text: str) -> bool:
    """One short piece said again and again: ``aaaaaaaaaaaa``, ``abcabcabcabc``, ``1212121212121``."""
    return len(set(text)) < 4 or any(text == (text[:size] * len(text))[: len(text)] for size in range(1, 6))


def _is_made_of(password: str, own_words: tuple[str, ...]) -> bool:
    """Whether little is left when the words of the place and the person, digits and signs are taken away."""
    own = {part for words in own_words for part in (*fold(words).split(), fold(words).replace(" ", ""))}
    left = _bare(password)
    for word in sorted({*_CONTEXT, *(part for part in own if len(part) > 2)}, key=len, reverse=True):
        left = left.replace(word, " ")
    return len(re.sub(r"[\d\s]", "", left)) < _LEFT_OVER and left != _bare(password)


def _bare(password: str) -> str:
    return fold(password).replace(" ", "")
