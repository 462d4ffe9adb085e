"""A clock is waived for a reason while its step stays open; what the law asks stays counted late (domain 2.8, G15)."""

from sqlalchemy import select

from incidents.cases import clocks, timeline
from incidents.cases.checklist import after_waiver
from incidents.cases.checks import checked_words
from incidents.cases.doing import after_change, open_incident
from incidents.cases.models import Clock
from incidents.db import db, transaction
from incidents.errors import BadInput, NotFound
from incidents.permissions import Actor, require
from incidents.vocabulary import ClockState, EntryKind


def waive(actor: Actor, code: str, clock_id: int, reason: str) -> Clock:
    """One clock is waived for a reason while its step stays open; a hard one stays counted late (domain 2.8, G15)."""
    reason = checked_words("reason", reason)
    if not reason:
        raise BadInput("reason", "Cần ghi lý do miễn thời hạn.", "A reason is needed.")
    with transaction():
        incident = open_incident(actor, code)
        clock = db.session.scalar(select(Clock).where(Clock.id == clock_id, Clock.incident_id == incident.id))
        if clock is None or clock.state not in (ClockState.running, ClockState.waiting):
            raise NotFound(what=f"#{clock_id}")
        require(actor, "skip_step", severity=incident.severity, hard=clock.hard and clock.owner == "own")
        facts = {
            "clock": clock.name,
            "clock_en": clock.name_en,
            "due_at": clock.due_at.isoformat() if clock.due_at else None,
            "late": clocks.is_counted_late(clock),
        }
        clocks.waive([clock], reason)
        after_waiver(incident, clock)
        entry = timeline.write(actor, incident, EntryKind.clock_waived, reason, facts=facts)
        after_change(actor, incident, entry.number)
        return clock
