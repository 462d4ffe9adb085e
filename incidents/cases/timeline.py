"""The timeline of an incident: every change writes one entry, and each entry is chained to the one before.

The chain is HMAC-SHA-256 with a key that lies outside the database (promises S26), so that somebody who can write the
tables cannot make a chain that verifies. One chain per incident: two incidents never wait for each other.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from incidents.cases.models import CodeCounter, Entry, EntryFile, Incident
from incidents.db import db, utc_now
from incidents.files import Picture, keep
from incidents.permissions import Actor
from incidents.vocabulary import EntryKind


def write(
    actor: Actor,
    incident: Incident,
    kind: EntryKind,
    text: str = "",
    *,
    happened_at: datetime | None = None,
    facts: Mapping[str, Any] | None = None,
    corrects_id: int | None = None,
    source_key: str | None = None,
) -> Entry:
    """Append an entry and move the incident's head. Call inside a transaction.

    ``happened_at`` (aware) is when it was so; ``recorded_at`` is now. ``facts`` holds what the sentence of a machine-made
    entry needs; free words of people stand in ``text``.
    """
    now = utc_now()
    incident.entry_count += 1
    incident.changed_at = now
    entry = Entry(
        incident=incident,
        number=incident.entry_count,
        kind=kind,
        happened_at=(happened_at or now).astimezone(UTC),
        recorded_at=now,
        actor_id=actor.id,
        actor_name=actor.name,
        agency_name=actor.agency_name,
        source=actor.source,
        text=text,
        facts=dict(facts or {}),
        corrects_id=corrects_id,
        source_key=source_key,
        previous_hash=incident.head_hash,
    )
    entry.hash = incident.head_hash = fingerprint(entry, incident.code)
    db.session.add(entry)
    return entry


def fingerprint(entry: Entry, code: str) -> str:
    """The entry's link of the chain, 64 hexadecimal digits."""
    content = [
        code,
        entry.number,
        entry.kind,
        entry.happened_at.astimezone(UTC).isoformat(),
        entry.recorded_at.astimezone(UTC).isoformat(),
        entry.actor_id,
        entry.actor_name,
        entry.agency_name,
        str(entry.source),
        entry.text,
        entry.facts,
        entry.corrects_id,
        entry.previous_hash,
    ]
    message = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    key: bytes = current_app.config["TIMELINE_KEY"]
    return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()


def attach(entry: Entry, pictures: Sequence[Picture]) -> None:
    """Put written pictures with an entry. Call inside a transaction, after a flush."""
    for picture in pictures:
        db.session.add(EntryFile(entry_id=entry.id, file=keep(picture)))


@dataclass(frozen=True)
class Fault:
    """A place where the chain does not hold. ``number`` is the entry's place in its incident, 0: the incident itself."""

    code: str
    number: int
    what: str
    what_en: str


def verify(code: str | None = None) -> tuple[int, list[Fault]]:
    """Check one incident's chain, or all of them and the codes given. Returns entries read and faults found."""
    wanted = select(Incident).order_by(Incident.id)
    if code:
        wanted = wanted.where(Incident.code == code)
    read, suspects, faults = 0, [], []
    for incident in db.session.scalars(wanted.execution_options(yield_per=200)):
        entries = _entries_of(incident)
        read += len(entries)
        if _faults_of(incident, entries):
            suspects.append(incident.id)
    db.session.rollback()
    for incident in db.session.scalars(select(Incident).where(Incident.id.in_(suspects))):
        # Somebody may have written between the two reads above: only what is wrong twice is a fault.
        faults += _faults_of(incident, _entries_of(incident))
    if not code:
        faults += _missing_codes()
    return read, faults


def _entries_of(incident: Incident) -> Sequence[Entry]:
    return db.session.scalars(select(Entry).where(Entry.incident_id == incident.id).order_by(Entry.number)).all()


def _faults_of(incident: Incident, entries: Iterable[Entry]) -> list[Fault]:
    previous, number = "", 0
    for number, entry in enumerate(entries, start=1):  # noqa: B007 - the last number is used below
        if entry.number != number:
            return [Fault(incident.code, number, "thiếu một diễn biến", "an entry is missing")]
        if entry.previous_hash != previous:
            return [Fault(incident.code, number, "chuỗi bị đứt", "the chain is broken")]
        if not hmac.compare_digest(entry.hash, fingerprint(entry, incident.code)):
            return [Fault(incident.code, number, "nội dung đã bị sửa", "the content was changed")]
        previous = entry.hash
    if number != incident.entry_count or previous != incident.head_hash:
        return [Fault(incident.code, number + 1, "đoạn cuối đã bị cắt", "the end was cut off")]
    return []


def _missing_codes() -> list[Fault]:
    """A whole incident taken out leaves a gap in its numbers."""
    codes = set(db.session.scalars(select(Incident.code)))
    counters = db.session.execute(select(CodeCounter.key, CodeCounter.last)).all()
    expected = (f"{key}-{n:04d}" for key, last in counters if "-" in key for n in range(1, last + 1))
    return [Fault(code, 0, "sự việc bị mất", "the incident is missing") for code in expected if code not in codes]
