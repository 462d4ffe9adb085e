"""When somebody who has accepted expects to be done: said after accepting, because a press carries no words."""

from datetime import datetime

from sqlalchemy import select

from incidents.cases import assignments, timeline
from incidents.cases.checks import checked_words
from incidents.cases.holding import NotHeld
from incidents.cases.models import Assignment, Incident
from incidents.cases.visibility import find
from incidents.db import db, transaction
from incidents.errors import NotOpen
from incidents.permissions import Actor
from incidents.telling import alerts
from incidents.vocabulary import EntryKind


def expect(actor: Actor, code: str, *, note: str = "", expected_at: datetime | None = None) -> Incident:
    """Keep a note (300 characters) and when an answer is expected, with what the actor has accepted himself.

    Until that time he is not asked whether he still holds it. Raises ``NotOpen``, ``NotHeld``, ``BadInput`` naming the
    field.
    """
    note, expected_at = checked_words("note", note, 300), assignments.checked_expected(expected_at)
    with transaction():
        incident = find(actor, code)
        if incident.has_ended:
            raise NotOpen(code=incident.code)
        rows, holds = _accepted_by(actor, incident), incident.holder_id == actor.id
        if not rows and not holds:
            raise NotHeld(code=incident.code)
        facts = {
            "agencies": [row.agency.label for row in rows],
            "holder": holds,
            "later": True,
            "expected_at": expected_at.isoformat() if expected_at else None,
        }
        entry = timeline.write(actor, incident, EntryKind.acknowledged, note, facts=facts)
        db.session.flush()
        for row in rows:
            row.note, row.expected_at = note or row.note, expected_at or row.expected_at
            row.expires_at = row.expires_at if holds else expected_at or row.expires_at
        if holds and expected_at is not None:
            incident.still_at, incident.still_asked_at = expected_at, None
        alerts.edit_cards(incident_id=incident.id, cause=f"entry:{incident.code}:{entry.number}")
        return incident


def _accepted_by(actor: Actor, incident: Incident) -> list[Assignment]:
    wanted = select(Assignment).where(
        Assignment.incident_id == incident.id,
        Assignment.accepted_by_id == actor.id,
        Assignment.ended_at.is_(None),
    )
    return list(db.session.scalars(wanted.order_by(Assignment.id)))
