"""What is known of an incident, settled by a person: kind, category, place, classes, flags, severity, who may see it."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from incidents.cases import assignments, audience, checklist, clocks, timeline
from incidents.cases.checks import checked_place, checked_words
from incidents.cases.intake import name_and_fold
from incidents.cases.models import Incident, IncidentReader
from incidents.cases.visibility import find
from incidents.db import db, transaction, utc_now
from incidents.errors import BadInput, NotAllowed, NotOpen, StaleVersion
from incidents.people.agencies import commune_among
from incidents.people.members import today, valid
from incidents.people.models import Agency
from incidents.permissions import Actor, may, require, who_may
from incidents.telling import alerts
from incidents.vocabulary import (
    ACCESS_CLASSES,
    CATEGORIES,
    HARM_CLASSES,
    KINDS,
    SEVERITIES,
    AgencyType,
    AlertKind,
    EntryKind,
)

FLAGS = (
    "safety",
    "large_impact",
    "opinion_divided",
    "ai_generated",
    "impersonates_agency",
    "cross_province",
    "crime_suspected",
    "children_involved",
    "exclusion_checked",
)
_CHOICES = {"kind": KINDS, "category": CATEGORIES, "harm_class": HARM_CLASSES, "access_class": ACCESS_CLASSES}


def edit(actor: Actor, code: str, changes: Mapping[str, str | bool], *, version: int | None = None) -> Incident:
    """Change kind, category, place, classes or flags. Only what differs is written, one entry names all of it.

    ``version``: what the actor saw; an older one raises ``StaleVersion`` and the form keeps what was typed.
    """
    with transaction():
        incident = _open(actor, code, version)
        require(actor, "triage", severity=incident.severity)
        changed: dict[str, list[object]] = {}
        for field, value in changes.items():
            before = _apply(incident, field, value)
            if before != value:
                changed[field] = [before, value]
        if not changed:
            return incident
        if "place" in changed:
            incident.commune = _commune(incident.place)
        name_and_fold(incident)
        entry = timeline.write(actor, incident, EntryKind.edited, facts={"changed": changed})
        checklist.reconsider(incident)
        alerts.edit_cards(incident_id=incident.id, cause=f"entry:{incident.code}:{entry.number}")
        return incident


def _apply(incident: Incident, field: str, value: str | bool) -> object:
    """Set one field, return what it was."""
    if field in FLAGS:
        before = bool(incident.flags.get(field))
        incident.flags = {**incident.flags, field: bool(value)}
        return before
    if field == "place":
        before_place, incident.place = incident.place, checked_place(str(value))
        return before_place
    if field not in _CHOICES or (value not in _CHOICES[field] and (value or field == "kind")):
        raise BadInput(field, "Giá trị này không có trong danh sách.", "This value is not in the list.")
    previous: str = getattr(incident, field)
    setattr(incident, field, value)
    return previous


def _commune(place: str) -> Agency | None:
    communes = select(Agency).where(Agency.type == AgencyType.commune, valid(Agency, today()))
    return commune_among(db.session.scalars(communes).all(), place)


def set_severity(actor: Actor, code: str, severity: int, reason: str, *, version: int | None = None) -> Incident:
    """Raise, lower or confirm the level, with a reason. Above one's right it is proposed and alarms all the same.

    Lowering needs the right that may set the higher level (G16). Raising tells the chain of the new level.
    """
    if severity not in SEVERITIES:
        raise BadInput("severity", "Chọn mức độ từ Cấp 1 đến Cấp 4.", "Choose a level from 1 to 4.")
    reason = checked_words("reason", reason)
    with transaction():
        incident = _open(actor, code, version)
        old, higher = incident.severity, max(incident.severity, severity)
        action = "lower_severity" if severity < old else "raise_severity"
        confirmed = may(actor, action, severity=higher)
        if not confirmed and (severity <= old or not may(actor, action, severity=1)):
            who, who_en = who_may(action, higher)
            raise NotAllowed(who=who, who_en=who_en)
        if severity != old and not reason:
            raise BadInput("reason", "Cần ghi lý do đổi mức độ.", "A reason for the change is needed.")
        if severity == old and confirmed == incident.severity_confirmed:
            return incident
        _change_severity(actor, incident, severity, confirmed, reason)
        return incident


def _change_severity(actor: Actor, incident: Incident, severity: int, confirmed: bool, reason: str) -> None:
    old = incident.severity
    incident.severity, incident.severity_confirmed = severity, confirmed
    if severity == 4 and old < 4:
        clocks.record_anchor(actor, incident, "crisis_flagged_at", utc_now(), reason)
    if severity > old:
        assignments.start_hold_clock(incident)
    facts = {"old": old, "new": severity, "confirmed": confirmed}
    entry = timeline.write(actor, incident, EntryKind.severity, reason, facts=facts)
    checklist.reconsider(incident)
    cause = f"entry:{incident.code}:{entry.number}"
    if severity > old:
        lane = alerts.LANE_URGENT if severity == 4 else alerts.LANE_OTHER
        people = audience.working_on(incident)
        alerts.tell(AlertKind.severity_raised, people, cause, incident=incident, lane=lane, besides=actor)
        db.session.flush()
    alerts.edit_cards(incident_id=incident.id, cause=cause)


def raise_to(actor: Actor, incident: Incident, severity: int, reason: str) -> None:
    """A merge brings the higher level with it; the rights were checked there. Call inside a transaction."""
    _change_severity(actor, incident, severity, confirmed=incident.severity_confirmed, reason=reason)


def restrict(actor: Actor, code: str, member_ids: Collection[int]) -> Incident:
    """From now on only the named members see the incident; the actor is always among them. An empty list opens it."""
    with transaction():
        incident = find(actor, code)
        require(actor, "restrict", severity=incident.severity)
        present = {
            row.member_id: row
            for row in db.session.scalars(select(IncidentReader).where(IncidentReader.incident_id == incident.id))
        }
        wanted = {*member_ids, actor.id} - {None} if member_ids else set()
        for member_id in wanted - present.keys():
            db.session.add(IncidentReader(incident_id=incident.id, member_id=member_id))
        for member_id in present.keys() - wanted:
            db.session.delete(present[member_id])  # a right, not history: the entry below tells it
        incident.restricted = bool(wanted)
        facts = {"restricted": incident.restricted, "readers": len(wanted)}
        entry = timeline.write(actor, incident, EntryKind.restricted, facts=facts)
        db.session.flush()
        alerts.edit_cards(incident_id=incident.id, cause=f"entry:{incident.code}:{entry.number}")
        return incident


def _open(actor: Actor, code: str, version: int | None) -> Incident:
    incident = find(actor, code)
    if version is not None and version != incident.version:
        raise StaleVersion
    if incident.has_ended:
        raise NotOpen(code=incident.code)
    return incident
