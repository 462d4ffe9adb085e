"""What the desk must be able to read again, and what it only has to recognise: keys derived from the secret key.

AES-GCM with a key per purpose (HKDF-SHA-256, RFC 5869; NIST SP 800-38D). ``SECRET_KEY_FALLBACKS`` hold former secret
keys, so that changing the secret key loses nothing (promises S27).
"""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # no i, l, o, 0, 1
_NONCE = 12  # bytes, as AES-GCM wants it


class Unreadable(ValueError):  # noqa: N818 - names state the fact
    """None of the keys opens it: the secret key was lost, or the row was changed by hand."""


def seal(text: str, purpose: str) -> bytes:
    """``text`` encrypted for ``purpose``; it opens only with the same purpose."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(_keys(purpose)[0]).encrypt(nonce, text.encode(), purpose.encode())


def unseal(kept: bytes, purpose: str) -> str:
    """The text of ``seal``. Raises Unreadable."""
    for key in _keys(purpose):
        try:
            return AESGCM(key).decrypt(kept[:_NONCE], kept[_NONCE:], purpose.encode()).decode()
        except InvalidTag:
            continue
    raise Unreadable(purpose)


def readable(length: int) -> str:
    """Random letters and digits that survive being read out or copied from paper; 4.95 bits each."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def digest(token: str) -> str:
    """SHA-256 in hex, for tokens long enough that nobody can try them all."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_digest(short: str, purpose: str) -> str:
    """HMAC-SHA-256 in hex, for codes so short that a bare hash of a stolen table could be undone by trying."""
    return hmac.new(_keys(purpose)[0], short.encode(), hashlib.sha256).hexdigest()


def _keys(purpose: str) -> list[bytes]:
    sources = [current_app.config["SECRET_KEY"], *(current_app.config.get("SECRET_KEY_FALLBACKS") or ())]
    return [_derived(source, purpose) for source in sources]


def _derived(source: str | bytes, purpose: str) -> bytes:
    raw = source.encode() if isinstance(source, str) else source
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"desk {purpose}".encode()).derive(raw)
