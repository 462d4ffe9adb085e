"""Which running clocks of open incidents rest on a legal basis, and what is known of one clock."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from incidents.cases.models import Anchor, Clock, ClockMark, Incident
from incidents.cases.visibility import find, visible
from incidents.db import db
from incidents.errors import NotFound
from incidents.permissions import Actor
from incidents.vocabulary import ClockState

_ALIVE = (ClockState.running, ClockState.waiting)


def clocks_on(actor: Actor, key: str, limit: int = 50) -> Sequence[Clock]:
    """Running and waiting clocks with the basis ``key`` of open incidents that ``actor`` may see, next due first."""
    wanted = (
        select(Clock)
        .join(Incident)
        .where(Clock.basis == key, Clock.state.in_(_ALIVE), Incident.is_open.is_(True), visible(actor))
        .options(joinedload(Clock.incident))
        .order_by(Clock.due_at.is_(None), Clock.due_at, Clock.id)
        .limit(limit)
    )
    return db.session.scalars(wanted).all()


def clock_counts(actor: Actor) -> dict[str, int]:
    """How many such clocks each basis has."""
    wanted = (
        select(Clock.basis, func.count())
        .join(Incident)
        .where(Clock.basis != "", Clock.state.in_(_ALIVE), Incident.is_open.is_(True), visible(actor))
        .group_by(Clock.basis)
    )
    return {row[0]: row[1] for row in db.session.execute(wanted)}


def clock(actor: Actor, code: str, clock_id: int) -> tuple[Incident, Clock]:
    """The incident and its clock. Raises ``NotFound``, alike for unknown and for not visible."""
    incident = find(actor, code)
    found = db.session.scalar(
        select(Clock)
        .where(Clock.id == clock_id, Clock.incident_id == incident.id)
        .options(joinedload(Clock.step), joinedload(Clock.assignment))
    )
    if found is None:
        raise NotFound(what=f"{incident.code} #{clock_id}")
    return incident, found


def anchor_rows(incident: Incident, key: str) -> Sequence[Anchor]:
    """Every time an anchor was recorded or corrected, oldest first."""
    wanted = select(Anchor).where(Anchor.incident_id == incident.id, Anchor.key == key).order_by(Anchor.id)
    return db.session.scalars(wanted).all()


def marks(clock_ids: Collection[int]) -> Sequence[ClockMark]:
    """The thresholds of these clocks that have been told, in order."""
    return db.session.scalars(select(ClockMark).where(ClockMark.clock_id.in_(clock_ids)).order_by(ClockMark.id)).all()
