"""Which incidents an actor may see: one SQL condition, used by every list, count, search and single look-up (S10)."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from incidents.cases.codes import like_code
from incidents.cases.models import Activation, ActivationMember, Assignment, Incident, IncidentReader, QuickReport
from incidents.db import db, is_writing
from incidents.errors import NotFound
from incidents.people.models import Member
from incidents.permissions import SEES_ALL, SEES_OWN_AGENCY, Actor
from incidents.vocabulary import Source


def visible(actor: Actor) -> ColumnElement[bool]:
    """Restricted incidents are seen by the people named on their list only, whatever the role."""
    if actor.id is None:
        return true() if actor.source in (Source.time, Source.cli) else false()
    named = Incident.id.in_(select(IncidentReader.incident_id).where(IncidentReader.member_id == actor.id))
    if not actor.roles.isdisjoint(SEES_ALL):
        return or_(Incident.restricted.is_(False), named)
    if not actor.roles.isdisjoint(SEES_OWN_AGENCY):
        return or_(and_(Incident.restricted.is_(False), _concerns_agency(actor)), named)
    return named


def _concerns_agency(actor: Actor) -> ColumnElement[bool]:
    assigned = select(Assignment.incident_id).where(Assignment.agency_id == actor.agency_id)
    reported = select(QuickReport.incident_id).where(
        QuickReport.agency_id == actor.agency_id, QuickReport.incident_id.is_not(None)
    )
    return or_(
        Incident.id.in_(assigned),
        Incident.id.in_(reported),
        Incident.id.in_(_activated(actor)),
        Incident.opened_by_id == actor.id,
    )


def _activated(actor: Actor) -> Select[int]:
    """The incidents for which the task force is at work with the actor in it (domain 2.7)."""
    mine = select(ActivationMember.activation_id).where(
        ActivationMember.member_id == actor.id, ActivationMember.left_at.is_(None)
    )
    return select(Activation.incident_id).where(
        Activation.ends_at.is_(None), or_(Activation.head_id == actor.id, Activation.id.in_(mine))
    )


def find(actor: Actor, code: str) -> Incident:
    """The incident of ``code`` as people type it. Raises ``NotFound``, alike for unknown and for not visible."""
    patterns = like_code(code)
    found: Sequence[Incident] = ()
    if patterns:
        wanted = select(Incident).where(or_(*(Incident.code.like(p) for p in patterns)), visible(actor))
        found = db.session.scalars(in_turn(wanted.order_by(Incident.id.desc()).limit(2))).all()
    if not found or (len(found) > 1 and found[0].code[:2] != found[1].code[:2]):
        raise NotFound(what=code)
    return found[0]


def in_turn(wanted: Select[Incident]) -> Select[Incident]:
    """Inside a transaction the row is locked and read afresh: two verbs on one incident take turns on PostgreSQL.

    On SQLite the whole transaction has waited its turn already.
    """
    if not is_writing():
        return wanted
    return wanted.with_for_update(of=Incident).execution_options(populate_existing=True)


def lock(incident: Incident) -> None:
    """The same for an incident that was reached another way. Always before its clocks, or two verbs wait in a ring."""
    db.session.refresh(incident, with_for_update=True)


def get(actor: Actor, incident_id: int) -> Incident:
    """The incident of ``incident_id``, or ``NotFound`` as above."""
    incident = db.session.scalar(in_turn(select(Incident).where(Incident.id == incident_id, visible(actor))))
    if incident is None:
        raise NotFound(what=f"#{incident_id}")
    return incident


def is_visible(actor: Actor, incident_id: int) -> bool:
    return db.session.scalar(select(Incident.id).where(Incident.id == incident_id, visible(actor))) is not None


def readers(incident: Incident) -> tuple[int, list[Member]]:
    """How many may see it, and, when it is restricted, who they are ("Ai xem được?")."""
    if not incident.restricted:
        return 0, []
    named = db.session.scalars(
        select(Member)
        .join(IncidentReader, IncidentReader.member_id == Member.id)
        .where(IncidentReader.incident_id == incident.id)
        .order_by(Member.name)
    ).all()
    return len(named), list(named)
