"""How many guesses are evaluated, counted in the database that all processes share (promises S4)."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from incidents.db import db, transaction, utc_now
from incidents.errors import TooManyTries
from incidents.people.models import SignInAttempt

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 5
PER_ADDRESS = 30  # a whole office may stand behind one network address
_FIRST_WAIT, _LONGEST_WAIT = 30, 900  # seconds


def account(name: str) -> str:
    """The key of an account name as typed, whether or not there is such an account."""
    return f"account:{name.strip().casefold()[:100]}"


def proof(kind: str, member_id: int | None) -> str:
    """The key of a second proof of a member ("code", "password"). Nobody who is not signed in can fill it by its name."""
    return f"{kind}:{member_id}"


def address(network_address: str) -> str:
    return f"address:{network_address[:100]}"


def admit(*keys: str) -> list[int]:
    """Count one try for each key as failed, before anything is looked up. Returns what ``succeeded`` wants.

    Counting first means that guesses sent at the same moment cannot slip through together. Raises TooManyTries with
    the seconds to wait; a refused try is not counted, so that waiting helps.
    """
    with transaction():
        _lock(keys)
        now = utc_now()
        rows = [SignInAttempt(key=key, at=now) for key in keys]
        wait = max(_wait(row.key, now) for row in rows)
        if wait > 0:
            raise TooManyTries(seconds=wait)
        db.session.add_all(rows)
        db.session.flush()
        return [row.id for row in rows]


def succeeded(tries: Iterable[int]) -> None:
    """The tries of ``admit`` were right: they no longer count, nor does what the account failed before."""
    with transaction():
        db.session.execute(update(SignInAttempt).where(SignInAttempt.id.in_(tries)).values(succeeded=True))


def _wait(key: str, now: datetime) -> int:
    """Seconds until ``key`` may try again: 30 after the last permitted failure, doubled by each further one."""
    limit = PER_ADDRESS if key.startswith("address:") else PER_ACCOUNT
    failed = select(func.count(), func.max(SignInAttempt.at)).where(
        SignInAttempt.key == key, SignInAttempt.at > now - WINDOW, SignInAttempt.succeeded.is_(False)
    )
    if not key.startswith("address:"):  # one good account must not wipe out an address's failures at all others
        good = select(func.max(SignInAttempt.id)).where(SignInAttempt.key == key, SignInAttempt.succeeded)
        failed = failed.where(SignInAttempt.id > func.coalesce(good.scalar_subquery(), 0))
    count, last = db.session.execute(failed).one()
    if last is None or count < limit:
        return 0
    wait = min(_FIRST_WAIT * 2 ** (count - limit), _LONGEST_WAIT)
    return max(0, math.ceil((last + timedelta(seconds=wait) - now).total_seconds()))


def _lock(keys: Iterable[str]) -> None:
    """On PostgreSQL one count at a time per key; SQLite has one writer anyway."""
    if db.session.get_bind().dialect.name == "postgresql":
        for key in sorted(keys):
            db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
