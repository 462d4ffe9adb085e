"""Which buttons a page offers. The verb decides once more when one is pressed."""

from collections.abc import Sequence

from incidents.cases.models import Assignment, Incident
from incidents.permissions import Actor, may
from incidents.vocabulary import Role

_HOLDERS = (Role.duty, Role.deputy, Role.lead)


def has_part(actor: Actor, parts: Sequence[Assignment]) -> bool:
    """As ``doing.has_part``, from the assignments that the page has read already."""
    return actor.is_standing or any(part.agency_id == actor.agency_id for part in parts)


def may_acknowledge(actor: Actor, incident: Incident, parts: Sequence[Assignment]) -> bool:
    """Whether "Nhận việc" would change anything: the own agency's part is open, or nobody holds the incident."""
    if not incident.is_open:
        return False
    mine = [part for part in parts if part.agency_id == actor.agency_id]
    holds = actor.has(*_HOLDERS)
    if not may(actor, "acknowledge", severity=incident.severity, own=bool(mine) or holds):
        return False
    return any(part.accepted_at is None for part in mine) or (incident.holder_id is None and holds)


def may_give_back(actor: Actor, incident: Incident, parts: Sequence[Assignment]) -> bool:
    """Whether the actor holds the incident, or his agency has accepted a part of its own."""
    mine = [part for part in parts if part.agency_id == actor.agency_id and part.accepted_at is not None]
    return incident.holder_id == actor.id or any(part.accepted_by_id != incident.holder_id for part in mine)
