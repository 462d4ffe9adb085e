"""Who is concerned by an incident: those on shift, the people of a ladder's rung, the agencies assigned, the activated Tổ."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import joinedload

from incidents.cases import ladder
from incidents.cases.models import Activation, ActivationMember, Assignment, Incident, IncidentReader
from incidents.db import db, utc_now
from incidents.people.members import WORKS, today, valid
from incidents.people.models import AgencyFunction, Member, MemberRole, Shift
from incidents.permissions import Actor
from incidents.vocabulary import Role

_AGENCY_ROLES = (Role.contact, Role.member, Role.verifier)
_OF_THE_TASK_FORCE = (Role.duty, Role.deputy, Role.lead, Role.leader)


def chain(severity: int) -> tuple[Role, ...]:
    """The roles that hear of marks and changes of an incident of this severity; the leader is called by the ladder."""
    return (Role.duty, Role.deputy, Role.lead) if severity >= 3 else (Role.duty,)


@dataclass
class Reach:
    """Everybody who could be told now, sorted by target; read in one statement."""

    _by_role: dict[str, list[Member]] = field(default_factory=dict)
    _on_shift: list[Member] = field(default_factory=list)
    _of_agency: dict[tuple[str, int], list[Member]] = field(default_factory=dict)
    concerned: list[Member] = field(default_factory=list)  # the holder, and the activated Tổ

    def on(self, target: str, agency_id: int | None = None) -> list[Member]:
        """The people of a rung. Those on shift stand for duty and for their agency's focal points; when nobody is on
        shift, everybody with the role."""
        if target == "head":
            return self._of_agency.get(("head", agency_id or 0), [])
        if target == "contact":
            key = agency_id or 0
            return self._of_agency.get(("shift", key)) or self._of_agency.get(("contact", key), [])
        if target == Role.duty:
            return self._on_shift or self._by_role.get(Role.duty, [])
        return self._by_role.get(target, [])

    def of(self, roles: Iterable[str], agency_ids: Iterable[int] = ()) -> list[Member]:
        """The people of several targets and the focal points of agencies, each once."""
        found = [member for role in roles for member in self.on(role)]
        found += [member for agency_id in agency_ids for member in self.on("contact", agency_id)]
        return once(found)

    def is_on_shift(self, member_id: int | None) -> bool:
        """Whether he is on shift for the standing agency."""
        return any(member.id == member_id for member in self._on_shift)

    def detached(self) -> "Reach":
        """The same, to be kept from one transaction to the next for the moment one look at the time takes."""
        for member in once(self._everybody()):
            for address in member.addresses:
                db.session.expunge(address)
            db.session.expunge(member)
        return self

    def _everybody(self) -> Iterator[Member]:
        for members in (*self._by_role.values(), *self._of_agency.values(), self._on_shift, self.concerned):
            yield from members

    def add(self, member: Member, role: str, on_shift: bool, is_standing: bool) -> None:
        if on_shift and role in WORKS:
            _append(self._of_agency.setdefault(("shift", member.agency_id), []), member)
            if is_standing:
                _append(self._on_shift, member)
        if member.is_head:
            _append(self._of_agency.setdefault(("head", member.agency_id), []), member)
        if role in _AGENCY_ROLES:
            _append(self._of_agency.setdefault(("contact", member.agency_id), []), member)
        if role in _OF_THE_TASK_FORCE and (role != Role.duty or is_standing):
            _append(self._by_role.setdefault(role, []), member)


def once(members: Iterable[Member]) -> list[Member]:
    """Each member once, in the order of their first appearance."""
    return list({member.id: member for member in members}.values())


def _append(members: list[Member], member: Member) -> None:
    if member not in members:
        members.append(member)


def reach(agency_ids: Collection[int] = (), incident: Incident | None = None, at: datetime | None = None) -> Reach:
    """Who could be told at ``at`` (default: now) about ``incident``, and the people of ``agency_ids``.

    Of a restricted incident only its named readers.
    """
    only = _named(incident) if incident is not None else None
    day, on_shift, standing = today(), _is_on_shift(at or utc_now()), Member.agency_id.in_(_standing())
    concerned = _concerned(incident)
    wanted = (
        select(Member, MemberRole.role, on_shift, standing, concerned)
        .join(MemberRole)
        .where(
            Member.is_active.is_(True),
            valid(MemberRole, day),
            or_(
                MemberRole.role.in_(_OF_THE_TASK_FORCE),
                and_(standing, on_shift),
                Member.agency_id.in_(agency_ids),
                concerned,
            ),
        )
        .options(joinedload(Member.addresses))
        .order_by(Member.id)
    )
    if only is not None:
        wanted = wanted.where(Member.id.in_(only))
    found = Reach()
    for member, role, is_on_shift, is_standing, is_concerned in db.session.execute(wanted).unique():
        found.add(member, role, is_on_shift, is_standing)
        if is_concerned:
            _append(found.concerned, member)
    return found


def _is_on_shift(at: datetime) -> ColumnElement[bool]:
    """As ``roster.on_duty``, within the one statement that reads the people."""
    return exists().where(
        Shift.member_id == Member.id,
        Shift.agency_id == Member.agency_id,
        Shift.withdrawn_at.is_(None),
        Shift.starts_at <= at,
        Shift.ends_at > at,
    )


def _standing() -> Select[int]:
    return select(AgencyFunction.agency_id).where(
        AgencyFunction.function == "standing_agency", valid(AgencyFunction, today())
    )


def _concerned(incident: Incident | None) -> ColumnElement[bool]:
    if incident is None or incident.id is None:
        return false()
    running = select(Activation.id).where(Activation.incident_id == incident.id, Activation.ends_at.is_(None))
    return or_(
        Member.id == incident.holder_id,
        Member.id.in_(select(Activation.head_id).where(Activation.id.in_(running))),
        Member.id.in_(
            select(ActivationMember.member_id).where(
                ActivationMember.activation_id.in_(running), ActivationMember.left_at.is_(None)
            )
        ),
    )


def people(
    roles: Collection[str], agency_ids: Collection[int] = (), *, only: Collection[int] | None = None
) -> list[Member]:
    """Active members holding one of ``roles`` today, and the focal points of ``agency_ids``, in one statement.

    ``duty`` counts only at the standing agency; shifts do not matter here. ``only``: the readers of a restricted incident.
    """
    day = today()
    by_role = and_(MemberRole.role.in_(roles), or_(MemberRole.role != Role.duty, Member.agency_id.in_(_standing())))
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
    """Whom a new incident or quick report of this severity is told to at once, the actor left out."""
    ladders, found = ladder.read(), reach(agency_ids)
    members = hearers(first_of(ladders.of(ladder.INCIDENT, severity), found), found, actor)
    for agency_id in agency_ids:
        rungs = ladders.of(ladder.AGENCY, severity, agency_id)
        members = [*members, *first_of(rungs, found, agency_id).besides(actor)]
    return once(members)


@dataclass(frozen=True)
class First:
    """Whom a ladder tells, the empty targets on the way, and the place of the rung after them. ``passed``: nobody was
    there at the first time looked at."""

    members: list[Member]
    skipped: tuple[str, ...]
    next: int
    passed: bool

    def besides(self, actor: Actor) -> list[Member]:
        """Nobody is told of his own action; whoever stands on the rung himself has heard of it."""
        return [member for member in self.members if member.id != actor.id]


def first_of(rungs: ladder.Ladder, reach: Reach, agency_id: int | None = None, *, start: int = 0) -> First:
    """From rung ``start`` on, the first time that has anybody; rungs of the same minute belong together.

    When there is nobody up to the end, the leads and deputies: nothing is ever told to nobody (promises R12).
    """
    skipped: list[str] = []
    at = start
    while at < len(rungs):
        together = [rung for rung in rungs[at:] if rung.minutes == rungs[at].minutes]
        at += len(together)
        found = [(rung.target, reach.on(rung.target, agency_id)) for rung in together]
        skipped += [target for target, members in found if not members]
        if any(members for _, members in found):
            passed = rungs[at - 1].minutes > rungs[start].minutes
            return First(once(m for _, members in found for m in members), tuple(skipped), at, passed)
    return First(reach.of((Role.lead, Role.deputy)) if start == 0 else [], tuple(skipped), at, True)


def last_of(rungs: ladder.Ladder, reach: Reach, agency_id: int | None = None) -> list[Member]:
    """The people of the highest rung that has any."""
    for rung in reversed(rungs):
        if members := reach.on(rung.target, agency_id):
            return members
    return []


def hearers(first: First, reach: Reach, actor: Actor) -> list[Member]:
    """Who hears of it besides the actor; the leads when he alone is there without being on shift (promises R12)."""
    others = first.besides(actor)
    if others or reach.is_on_shift(actor.id):
        return others
    return [member for member in reach.of((Role.lead, Role.deputy)) if member.id != actor.id]


def concerned(
    incident: Incident, *, agency_ids: Collection[int] = (), roles: Collection[Role] | None = None
) -> list[Member]:
    """Everybody to be told of a change of the incident as a whole: the chain of its severity, or those with ``roles``."""
    if roles is not None:
        return people(roles, agency_ids, only=_named(incident))
    found = reach(agency_ids, incident)
    return once([*found.of(chain(incident.severity), agency_ids), *found.concerned])


def working_on(incident: Incident) -> list[Member]:
    """Those on duty, the chain above them, the holder, the focal points of the agencies that have a part, the Tổ."""
    agencies = db.session.scalars(
        select(Assignment.agency_id).where(Assignment.incident_id == incident.id, Assignment.ended_at.is_(None))
    ).all()
    return concerned(incident, agency_ids=agencies)


def of_agency(incident: Incident, agency_id: int) -> list[Member]:
    """Who answers for one agency now, as far as they may see the incident."""
    return reach((agency_id,), incident).on("contact", agency_id)


def _named(incident: Incident) -> Collection[int] | None:
    if not incident.restricted:
        return None
    return db.session.scalars(select(IncidentReader.member_id).where(IncidentReader.incident_id == incident.id)).all()
