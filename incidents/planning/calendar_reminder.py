"""On 1 December the leads are told when nobody has confirmed the days off of the next year (domain 9.1)."""

from datetime import datetime

from sqlalchemy import select

from incidents.db import db, take_turn, transaction
from incidents.people import members
from incidents.planning.calendar import is_confirmed
from incidents.telling import alerts
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, Role
from playbooks.worktime import ZONE

_TURN = 7_303


def remind(now: datetime) -> int:
    """Tell leads and administrators once a year. Returns how many calendars were told of: 0 or 1."""
    local = now.astimezone(ZONE)
    if local.month != 12 or local.hour < 8:
        return 0
    year = local.year + 1
    cause = f"calendar.missing:{year}"
    if _is_told(cause) or is_confirmed(year):
        return 0
    with transaction():
        take_turn(_TURN)
        if _is_told(cause):
            return 0
        people = members.holding(Role.lead, Role.admin, day=local.date())
        alerts.tell(AlertKind.notice, people, cause, facts={"key": "calendar.missing", "year": year})
    return 1


def _is_told(cause: str) -> bool:
    return db.session.scalar(select(Alert.id).where(Alert.cause == cause).limit(1)) is not None
