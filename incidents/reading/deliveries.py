"""How alerts travelled, for those who watch over it: what failed first, then what was sent last."""

from sqlalchemy import Select, distinct, func, select
from sqlalchemy.orm import joinedload

from incidents.cases.models import Incident
from incidents.db import db
from incidents.errors import NotFound
from incidents.permissions import Actor, require
from incidents.reading.board import may_follow, unanswered
from incidents.telling import outbox
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, AlertState

LATEST = 200
_QUIET = (AlertKind.card, AlertKind.reply)  # redrawn cards and the bot's answers to its own listener


def failed(actor: Actor) -> list[Alert]:
    """Refusals that no other address of the same person has made good, and people without an address; newest first."""
    wanted = _alerts(actor).where(Alert.state == AlertState.failed, unanswered())
    return list(db.session.scalars(wanted.limit(LATEST)))


def latest(actor: Actor) -> list[Alert]:
    """The last 200 alerts of every state."""
    return list(db.session.scalars(_alerts(actor).where(Alert.kind.not_in(_QUIET)).limit(LATEST)))


def _alerts(actor: Actor) -> Select[Alert]:
    require(actor, "see_deliveries")
    people = (
        joinedload(Alert.member),
        joinedload(Alert.address),
        joinedload(Alert.incident),
        joinedload(Alert.quick_report),
    )
    return select(Alert).where(may_follow(actor)).options(*people).order_by(Alert.id.desc())


def resend(actor: Actor, alert_id: int) -> None:
    """Put one failed alert back in the queue. Raises ``NotFound`` for one that is not failed or not to be seen."""
    require(actor, "resend_alert")
    known = select(Alert.id).where(Alert.id == alert_id, may_follow(actor))
    if db.session.scalar(known) is None or not outbox.retry_failed([alert_id]):
        raise NotFound(what=f"#{alert_id}")


def told(incident: Incident) -> tuple[int, int]:
    """How many people an incident's alerts are on their way to, and how many of those concerned have no address."""
    counted = select(func.count(distinct(Alert.member_id)), Alert.address_id.is_(None)).where(
        Alert.incident_id == incident.id, Alert.kind.not_in(_QUIET)
    )
    found: dict[bool, int] = {
        bool(lacking): count for count, lacking in db.session.execute(counted.group_by(Alert.address_id.is_(None)))
    }
    return found.get(False, 0), found.get(True, 0)
