"""Who is concerned by an incident: the people on duty, the chain above them by severity, the agencies assigned."""

from collections.abc import Collection

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from incidents.cases.models import Assignment, Incident, IncidentReader
from incidents.db import db
from incidents.people.members import today, valid
from incidents.people.models import AgencyFunction, Member, MemberRole
from incidents.permissions import Actor
from incidents.vocabulary import Role

_AGENCY_ROLES = (Role.contact, Role.member, Role.verifier)


def chain(severity: int) -> tuple[Role, ...]:
    """The roles told of an incident of this severity at once (bot.md 11: Cấp 4 duty and lead, and the leader)."""
    if severity >= 4:
        return (Role.duty, Role.deputy, Role.lead, Role.leader)
    if severity == 3:
        return (Role.duty, Role.deputy, Role.lead)
    return (Role.duty,)


def people(
    roles: Collection[str], agency_ids: Collection[int] = (), *, only: Collection[int] | None = None
) -> list[Member]:
    """Active members holding one of ``roles`` today, and the focal points of ``agency_ids``, in one statement.

    ``duty`` counts only at the standing agency. ``only``: the readers of a restricted incident.
    """
    day = today()
    standing = select(AgencyFunction.agency_id).where(
        AgencyFunction.function == "standing_agency", valid(AgencyFunction, day)
    )
    by_role = and_(MemberRole.role.in_(roles), or_(MemberRole.role != Role.duty, Member.agency_id.in_(standing)))
    by_agency = and_(MemberRole.role.in_(_AGENCY_ROLES), Member.agency_id.in_(agency_ids))
    wanted = (
        select(Member)
        .join(MemberRole)
        .where(Member.is_active.is_(True), valid(MemberRole, day), or_(by_role, by_agency))
        .options(joinedload(Member.addresses))
        .order_by(Member.id)
    )
    if only is not None:
        wanted = wanted.where(Member.id.in_(only))
    return list(db.session.scalars(wanted).unique())


def told(actor: Actor, severity: int, agency_ids: Collection[int] = ()) -> list[Member]:
    """Whom a new incident or quick report of this severity is told to, the actor left out.

    Where nobody else is on duty, the leads: nothing is ever told to nobody (promises R12).
    """
    others = [m for m in people(chain(severity), agency_ids) if m.id != actor.id]
    return others or [m for m in people((Role.lead, Role.deputy)) if m.id != actor.id]


def concerned(
    incident: Incident, *, agency_ids: Collection[int] = (), roles: Collection[Role] | None = None
) -> list[Member]:
    """Everybody to be told of a change of the incident as a whole: the chain of its severity, or those with ``roles``."""
    return people(chain(incident.severity) if roles is None else roles, agency_ids, only=_named(incident))


def working_on(incident: Incident) -> list[Member]:
    """The people on duty, the chain above them, and the focal points of the agencies that have a part."""
    agencies = db.session.scalars(
        select(Assignment.agency_id).where(Assignment.incident_id == incident.id, Assignment.ended_at.is_(None))
    ).all()
    return concerned(incident, agency_ids=agencies)


def of_agency(incident: Incident, agency_id: int) -> list[Member]:
    """The focal points of one agency, as far as they may see the incident."""
    return people((), (agency_id,), only=_named(incident))


def _named(incident: Incident) -> Collection[int] | None:
    if not incident.restricted:
        return None
    return db.session.scalars(select(IncidentReader.member_id).where(IncidentReader.incident_id == incident.id)).all()
