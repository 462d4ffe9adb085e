"""Harmful content is closed from the start: only those who must act on it see it (domain PB-06, G21)."""

from sqlalchemy import or_, select

from incidents.cases import activation_roles, timeline
from incidents.cases.models import Incident, IncidentReader
from incidents.db import db
from incidents.people.members import standing_on, today, valid
from incidents.people.models import Agency, Member, MemberRole
from incidents.permissions import Actor
from incidents.vocabulary import AgencyType, EntryKind, Kind, Role

_DECIDERS = (Role.deputy, Role.lead, Role.leader)


def close(actor: Actor, incident: Incident) -> None:
    """Restrict it to duty, deputies, leads, leaders, the police and the actor, once. Call inside a transaction."""
    if incident.kind != Kind.harmful_content or incident.restricted:
        return
    db.session.flush()
    named = {*_who_must_act()} | ({actor.id} if actor.id else set())
    incident.restricted = True
    db.session.add_all(IncidentReader(incident_id=incident.id, member_id=member_id) for member_id in sorted(named))
    timeline.write(actor, incident, EntryKind.restricted, facts={"restricted": True, "readers": len(named)})
    db.session.flush()
    activation_roles.let_in_running(actor, incident)


def _who_must_act() -> list[int]:
    day = today()
    duty = (MemberRole.role == Role.duty) & standing_on(day, Member.agency_id)
    police = Agency.type == AgencyType.police
    wanted = select(Member.id).join(MemberRole).join(Member.agency).where(Member.is_active, valid(MemberRole, day))
    return list(db.session.scalars(wanted.where(or_(duty, police, MemberRole.role.in_(_DECIDERS))).distinct()))
