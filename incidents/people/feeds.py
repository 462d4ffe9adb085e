"""The roster in a telephone's calendar: a secret address per member, and his shifts as iCalendar (RFC 5545)."""

import secrets
from datetime import datetime, timedelta

from icalendar import Calendar, Event
from sqlalchemy import select, update

from incidents.db import db, transaction, utc_now
from incidents.people import log
from incidents.people.models import FeedKey, Member, Shift
from incidents.people.secrets_kept import digest
from incidents.permissions import Actor
from playbooks.worktime import ZONE

_BACK, _AHEAD = timedelta(days=31), timedelta(days=400)
_NAMES = {"vi": ("Lịch trực", "Ca trực – {agency}"), "en": ("Duty roster", "On duty – {agency}")}


def make(actor: Actor) -> str:
    """A new secret for the acting member's calendar address; the one before ends. Only its hash is kept."""
    token, now = secrets.token_urlsafe(32), utc_now()
    with transaction():
        _end(actor, now)
        db.session.add(FeedKey(member_id=actor.id, token_hash=digest(token), made_at=now))
        log.note(actor, "make_feed", f"member:{actor.id}")
    return token


def end(actor: Actor) -> None:
    """The acting member's address ends; a telephone that still asks gets nothing."""
    with transaction():
        _end(actor, utc_now())
        log.note(actor, "end_feed", f"member:{actor.id}")


def made_at(actor: Actor) -> datetime | None:
    """When the address in force was made."""
    return db.session.scalar(
        select(FeedKey.made_at).where(FeedKey.member_id == actor.id, FeedKey.ended_at.is_(None)).limit(1)
    )


def member_of(token: str) -> Member | None:
    """The active member whose address it is, or None."""
    wanted = select(Member).join(FeedKey, FeedKey.member_id == Member.id)
    running = (FeedKey.token_hash == digest(token), FeedKey.ended_at.is_(None), Member.is_active.is_(True))
    return db.session.scalars(wanted.where(*running)).one_or_none() if token else None


def calendar_of(member: Member, host: str) -> bytes:
    """The member's shifts from a month back to a year ahead, in the hours of Viet Nam. Holds the agency's name and the
    hours, no note and nothing about incidents: the file lies at the maker of the telephone.

    ``host`` makes the events' identities unique in the world.
    """
    title, words = _NAMES.get(member.lang, _NAMES["vi"])
    made = Calendar()
    made.add("prodid", "-//Crisis desk//Duty roster//VI")
    made.add("version", "2.0")
    made.add("x-wr-calname", title)
    for shift in _shifts_of(member):
        made.add_component(_event(shift, words, host))
    made.add_missing_timezones()
    return bytes(made.to_ical())


def _shifts_of(member: Member) -> list[Shift]:
    now = utc_now()
    wanted = (
        select(Shift)
        .where(Shift.member_id == member.id, Shift.withdrawn_at.is_(None))
        .where(Shift.ends_at > now - _BACK, Shift.starts_at < now + _AHEAD)
    )
    return list(db.session.scalars(wanted.order_by(Shift.starts_at)))


def _event(shift: Shift, words: str, host: str) -> Event:
    event = Event()
    event.add("uid", f"shift-{shift.id}@{host}")
    event.add("dtstamp", shift.made_at)
    event.add("dtstart", shift.starts_at.astimezone(ZONE))
    event.add("dtend", shift.ends_at.astimezone(ZONE))
    event.add("summary", words.format(agency=shift.agency.label))
    return event


def _end(actor: Actor, now: datetime) -> None:
    running = (FeedKey.member_id == actor.id, FeedKey.ended_at.is_(None))
    db.session.execute(update(FeedKey).where(*running).values(ended_at=now))
