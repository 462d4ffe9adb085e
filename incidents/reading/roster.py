"""Reading the roster: who is on duty now and next, a week, the gaps ahead, swaps and hand-overs that wait."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import joinedload

from incidents.cases import audience, handing_over
from incidents.cases.models import Incident
from incidents.cases.swaps import ACCEPTED, ASKED
from incidents.cases.visibility import visible
from incidents.db import db, utc_now
from incidents.people import agencies, members, roster, roster_checks
from incidents.people.models import Agency, HandOver, Member, Shift, ShiftSwap
from incidents.permissions import Actor, may
from incidents.vocabulary import Role
from playbooks.worktime import ZONE

AHEAD = timedelta(days=30)
_SHOWN = timedelta(days=14)  # how long an accepted swap stays on the page
_MOST = 20


@dataclass(frozen=True)
class Present:
    """The duty of an agency at one moment: ``shifts`` that run, the ``next`` after them. With nobody on shift at the
    standing agency ``holders`` are the members who hold the role and are told instead."""

    agency: Agency | None
    shifts: list[Shift] = field(default_factory=list)
    next: Shift | None = None
    holders: list[Member] = field(default_factory=list)

    @property
    def has_gap(self) -> bool:
        return self.agency is not None and not self.shifts


@dataclass(frozen=True)
class Week:
    """Seven days from ``starts_at``, midnight in Viet Nam. ``is_kept``: the agency has entered shifts at some time."""

    starts_at: datetime
    shifts: list[Shift]
    gaps: list[roster.Gap]
    is_kept: bool


def standing_now(at: datetime) -> Present:
    """Who is on duty for the province now, in three statements at most."""
    agency = agencies.having("standing_agency", at.astimezone(ZONE).date())
    if agency is None:
        return Present(None, holders=audience.people((Role.duty,)))
    present = now_of(agency, at)
    if present.shifts:
        return present
    return Present(agency, [], present.next, audience.people((Role.duty,)))


def now_of(agency: Agency, at: datetime) -> Present:
    """One agency's running shifts and the first that begins after ``at``, in one statement."""
    coming = roster.in_force(agency.id).where(Shift.ends_at > at).order_by(Shift.starts_at, Shift.id).limit(_MOST)
    found = list(db.session.scalars(coming))
    running = [shift for shift in found if shift.starts_at <= at]
    return Present(agency, running, next((shift for shift in found if shift.starts_at > at), None))


def week(agency: Agency, starts_at: datetime) -> Week:
    """The agency's week; its gaps count from now on, what is over is over."""
    ends_at = starts_at + roster.WEEK
    shifts = roster.between(agency.id, starts_at, ends_at)
    kept = bool(shifts) or is_kept(agency)
    since = max(starts_at, utc_now())
    ahead = [shift for shift in shifts if shift.ends_at > since]
    gaps = roster.gaps_among(ahead, since, ends_at) if kept and since < ends_at else []
    return Week(starts_at, shifts, gaps, kept)


def is_kept(agency: Agency) -> bool:
    return bool(db.session.scalar(select(exists().where(Shift.agency_id == agency.id))))


def gaps_ahead(agency: Agency) -> list[roster.Gap]:
    """Of the next 30 days; none for an agency that has never entered a shift."""
    now = utc_now()
    return roster.gaps(agency.id, now, now + AHEAD) if is_kept(agency) else []


def agencies_with(actor: Actor) -> list[Agency]:
    """The agencies to choose from: the actor's own first, the standing one, those that keep a roster – and for who may
    edit every roster all the others after them."""
    day = members.today()
    kept = exists().where(Shift.agency_id == Agency.id)
    wanted = select(Agency, members.standing_on(day, Agency.id).label("standing")).where(
        or_(Agency.id == actor.agency_id, kept, members.standing_on(day, Agency.id))
    )
    rows = db.session.execute(wanted.order_by(Agency.name)).all()
    first = [row[0] for row in sorted(rows, key=lambda row: (row[0].id != actor.agency_id, not row[1]))]
    known = {agency.id for agency in first}
    rest = agencies.choosable(day) if may(actor, "edit_roster") else []
    return first + [agency for agency in rest if agency.id not in known]


def people_of(agency: Agency) -> list[Member]:
    """The active members of the agency, by name."""
    wanted = select(Member).where(Member.agency_id == agency.id, Member.is_active.is_(True)).order_by(Member.name)
    return list(db.session.scalars(wanted))


def mine(actor: Actor) -> list[Shift]:
    """The actor's own shifts that are not over, the next first."""
    wanted = (
        select(Shift)
        .where(Shift.member_id == actor.id, Shift.withdrawn_at.is_(None), Shift.ends_at > utc_now())
        .options(joinedload(Shift.agency), joinedload(Shift.member))
    )
    return list(db.session.scalars(wanted.order_by(Shift.starts_at).limit(_MOST)))


def swaps_for_me(actor: Actor) -> Sequence[ShiftSwap]:
    """Requests that wait for the actor's answer."""
    return _swaps(ShiftSwap.to_member_id == actor.id, ShiftSwap.state == ASKED, Shift.ends_at > utc_now())


def swaps_of_mine(actor: Actor) -> Sequence[ShiftSwap]:
    """The actor's own requests that are not answered yet."""
    return _swaps(ShiftSwap.asked_by_id == actor.id, ShiftSwap.state == ASKED, Shift.ends_at > utc_now())


def swaps_of(actor: Actor, agency: Agency) -> Sequence[ShiftSwap]:
    """For who keeps this roster: requests that wait, and those accepted in the last fortnight."""
    if not roster_checks.may_edit(actor, agency):
        return []
    fresh = (ShiftSwap.state == ACCEPTED) & (ShiftSwap.answered_at > utc_now() - _SHOWN)
    waiting = (ShiftSwap.state == ASKED) & (Shift.ends_at > utc_now())
    return _swaps(Shift.agency_id == agency.id, or_(waiting, fresh))


def hand_overs(actor: Actor) -> list[HandOver]:
    """The newest notes the actor may see, those that wait for his signature first."""
    wanted = select(HandOver).order_by(HandOver.id.desc()).limit(_MOST * 3)
    if not actor.has(Role.auditor):
        own = or_(HandOver.from_member_id == actor.id, HandOver.to_member_id == actor.id)
        wanted = wanted.where(or_(own, HandOver.agency_id == actor.agency_id))
    loaded = wanted.options(
        joinedload(HandOver.agency), joinedload(HandOver.from_member), joinedload(HandOver.to_member)
    )
    found = [row for row in db.session.scalars(loaded) if handing_over.may_see(actor, row)]
    return sorted(found, key=lambda row: (row.signed_to_at is not None or row.to_member_id != actor.id, -row.id))[
        :_MOST
    ]


def _swaps(*conditions: ColumnElement[bool]) -> Sequence[ShiftSwap]:
    wanted = (
        select(ShiftSwap)
        .join(ShiftSwap.shift)
        .where(*conditions)
        .options(
            joinedload(ShiftSwap.shift).joinedload(Shift.agency),
            joinedload(ShiftSwap.asked_by),
            joinedload(ShiftSwap.to_member),
        )
    )
    return db.session.scalars(wanted.order_by(ShiftSwap.id.desc()).limit(_MOST)).all()


def get(shift_id: int) -> Shift:
    """One shift, withdrawn or not, with its agency and member. Raises NoSuchShift."""
    loaded = (joinedload(Shift.agency), joinedload(Shift.member))
    found = db.session.scalars(select(Shift).where(Shift.id == shift_id).options(*loaded)).one_or_none()
    if found is None:
        raise roster.NoSuchShift
    return found


def swap_waiting(row: Shift) -> ShiftSwap | None:
    """The request about this shift that is not answered yet."""
    return next(iter(_swaps(ShiftSwap.shift_id == row.id, ShiftSwap.state == ASKED)), None)


def own_agency(actor: Actor) -> Agency:
    return db.session.get_one(Agency, actor.agency_id)


def seen_of(actor: Actor, codes: Collection[str]) -> list[Incident]:
    """The incidents of these codes that the actor may see."""
    return list(db.session.scalars(select(Incident).where(Incident.code.in_(codes), visible(actor)))) if codes else []
