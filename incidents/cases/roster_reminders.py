"""What the roster has to say by itself: a shift begins soon; days ahead lie bare. Each told once, the rows decide.

Three statements a tick when nothing is due, one before eight in the morning and once the gap is told.
"""

from datetime import date, datetime, time, timedelta

from sqlalchemy import String, cast, exists, literal, select

from incidents.cases import audience
from incidents.db import db, take_turn, transaction
from incidents.people import members, roster, roster_checks
from incidents.people.models import Agency, Member, Shift
from incidents.telling import alerts
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, Role
from playbooks.worktime import ZONE

BEFORE = timedelta(minutes=30)
AHEAD = timedelta(days=7)
NOT_BEFORE = time(8, 0)  # in Viet Nam: nobody is woken at night for next week's gap
_SOON, _GAP = "shift.soon:", "roster.gap:"
_TURN = 7_200_000
_MOST = 100


def remind(now: datetime) -> int:
    """Tell the members whose shift begins within 30 minutes (or has begun untold), and once a day the leads of the
    standing agency when its next seven days have a gap. Returns how many were told; safe at any moment, any number of
    times."""
    return _tell_soon(now) + _tell_gap(now)


def _tell_soon(now: datetime) -> int:
    if not _untold(now):
        return 0
    with transaction():
        take_turn(_TURN)
        shifts = _untold(now)
        for shift in shifts:
            late = shift.starts_at <= now
            facts = {
                "key": "shift.soon",
                "shift": roster_checks.span(shift),
                "agency": shift.agency.label,
                "late": late,
            }
            alerts.tell(AlertKind.notice, [shift.member], f"{_SOON}{shift.id}", facts=facts, lane=alerts.LANE_DUE)
    return len(shifts)


def _untold(now: datetime) -> list[Shift]:
    """Through the agencies, so that the index of a roster by its agency and its end is used: what is over is not read."""
    told = exists().where(Alert.cause == literal(_SOON) + cast(Shift.id, String), Alert.kind == AlertKind.notice)
    wanted = (
        select(Shift)
        .join(Agency, Agency.id == Shift.agency_id)
        .join(Member, Member.id == Shift.member_id)
        .where(Shift.ends_at > now, Shift.starts_at <= now + BEFORE, Shift.withdrawn_at.is_(None))
        .where(Member.is_active.is_(True), Member.agency_id == Shift.agency_id, ~told)
    )
    return list(db.session.scalars(wanted.order_by(Shift.starts_at, Shift.id).limit(_MOST)))


def _tell_gap(now: datetime) -> int:
    """An agency that has never entered a shift has no gaps: the holders of its role are told of everything."""
    local = now.astimezone(ZONE)
    cause = f"{_GAP}{local:%Y-%m-%d}"
    agency = _untold_agency(cause, local.date()) if local.time() >= NOT_BEFORE else None
    gaps = roster.gaps(agency.id, now, now + AHEAD) if agency else []
    if agency is None or not gaps:
        return 0
    with transaction():
        take_turn(_TURN)
        if _untold_agency(cause, local.date()) is None:
            return 0
        first = roster_checks.span(gaps[0])
        facts = {"key": "roster.gap", "count": len(gaps), "first": first, "agency": agency.label}
        return len(alerts.tell(AlertKind.notice, audience.people((Role.lead, Role.deputy)), cause, facts=facts))


def _untold_agency(cause: str, day: date) -> Agency | None:
    """The standing agency when it keeps a roster and its gaps were not told today."""
    told = exists().where(Alert.cause == cause, Alert.kind == AlertKind.notice)
    kept = exists().where(Shift.agency_id == Agency.id)
    wanted = select(Agency).where(members.standing_on(day, Agency.id), kept, ~told)
    return db.session.scalars(wanted.limit(1)).first()
