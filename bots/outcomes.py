"""What became of a send, written down at once and on its own (promises F4): sent, later, refused – and who hears of it."""

from datetime import datetime, timedelta

from sqlalchemy import select

from bots.channel import Later, Outcome, Refused, Sent
from bots.parcels import Parcel
from incidents.cases import audience, timeline
from incidents.cases.models import Incident, QuickReport
from incidents.cases.visibility import lock
from incidents.db import db, transaction, utc_now
from incidents.people import addresses
from incidents.permissions import CLOCKWORK
from incidents.telling import alerts, outbox
from incidents.telling.models import Alert, Card, Prompt
from incidents.vocabulary import AlertKind, AlertState, EntryKind, Role

CHANNEL_PAUSE = timedelta(minutes=5)
_ENDS_QUIETLY = (
    AlertKind.undelivered,  # no loops: the row itself shows on the board
    AlertKind.card,
    AlertKind.reply,
    AlertKind.quick_report_answer,
    AlertKind.test,
    AlertKind.ladder_test,  # whom a trial does not reach is its result, shown with it
)
_USED_UP = "không gửi được trong 4 giờ"


def record(parcel: Parcel, worker: str, outcome: Outcome, text: str) -> None:
    """Write down what became of one parcel, in a transaction of its own. ``text``: the words as they were sent."""
    with transaction():
        alert = db.session.get(Alert, parcel.alert_id, with_for_update=True)
        if alert is None or alert.state == AlertState.sent:
            return
        if isinstance(outcome, Sent):
            _sent(alert, parcel, outcome, text)
        elif alert.state == AlertState.leased and alert.worker == worker:
            if isinstance(outcome, Later):
                _later(alert, outcome)
            else:
                _refused(alert, outcome)


def _sent(alert: Alert, parcel: Parcel, outcome: Sent, text: str) -> None:
    """Recorded even when another worker has the alert by now: the message is out."""
    outbox.record_sent(alert, outcome.message_id, text)
    if outcome.chat and alert.address is not None:
        alert.chat = alert.address.external_id = outcome.chat
    if parcel.prompt_id and (prompt := db.session.get(Prompt, parcel.prompt_id)):
        prompt.message_id = outcome.message_id
    if parcel.is_card and alert.address_id is not None:
        _keep_card(alert, parcel, outcome.message_id)


def _keep_card(alert: Alert, parcel: Parcel, message_id: str) -> None:
    """Remember where the card stands; if the facts moved while it was under way, have it drawn again."""
    wanted = select(Card).where(Card.address_id == alert.address_id)
    if alert.incident_id is not None:
        card = db.session.scalar(wanted.where(Card.incident_id == alert.incident_id))
    else:
        card = db.session.scalar(wanted.where(Card.quick_report_id == alert.quick_report_id))
    if card is None:
        card = Card(address_id=alert.address_id)
        if alert.incident_id is not None:
            card.incident_id = alert.incident_id
        else:
            card.quick_report_id = alert.quick_report_id
        db.session.add(card)
    card.message_id, card.changed_at = message_id, utc_now()
    db.session.flush()
    if _version(alert) != parcel.seen:
        alerts.edit_cards(
            incident_id=alert.incident_id,
            quick_report_id=None if alert.incident_id else alert.quick_report_id,
            cause=f"moved:{alert.id}:{alert.attempts}",
        )


def _version(alert: Alert) -> str:
    if alert.incident_id is not None:
        return str(db.session.get_one(Incident, alert.incident_id).version)
    report = db.session.get_one(QuickReport, alert.quick_report_id)
    return f"{report.state} {report.severity} {report.kind}"


def _later(alert: Alert, outcome: Later) -> None:
    if outcome.until is not None and outcome.pause:
        outbox.pause_chat(alert.channel, alert.chat if outcome.pause == "chat" else "", outcome.until)
    used_up = bool(outcome.tries) and alert.attempts >= outcome.tries
    if used_up or not outbox.record_later(alert, outcome.reason, until=outcome.until, maybe_sent=outcome.maybe_sent):
        _fail(alert, outcome.reason if used_up else f"{_USED_UP}: {outcome.reason}")


def _refused(alert: Alert, outcome: Refused) -> None:
    if outcome.scope == "channel":
        outbox.pause_chat(alert.channel, "", utc_now() + CHANNEL_PAUSE)
        if not outbox.record_later(alert, outcome.reason):
            _fail(alert, outcome.reason)
        return
    if outcome.scope == "address" and alert.address_id is not None:
        addresses.mark_broken(alert.address_id, outcome.reason)
    _fail(alert, outcome.reason)


def _fail(alert: Alert, reason: str) -> None:
    """Failed is never the end: the next address, or else an entry and the lead."""
    outbox.record_failed(alert, reason)
    db.session.flush()
    if alerts.fall_back(alert) is not None or alert.kind in _ENDS_QUIETLY:
        return
    facts = {
        "name": alert.member.name if alert.member else "",
        "subject": _subject(alert),
        "reason": reason,
        "kind": alert.kind,
        "channel": alert.channel,
    }
    leads = (Role.lead, Role.deputy)
    if alert.incident is not None:
        lock(alert.incident)
        timeline.write(CLOCKWORK, alert.incident, EntryKind.undelivered, facts=facts)
        db.session.flush()
        alerts.edit_cards(incident_id=alert.incident_id, cause=f"undelivered:{alert.id}")
        people = audience.concerned(alert.incident, roles=leads)  # of a restricted one, its readers only
    else:
        people = audience.people(leads)
    alerts.tell(
        AlertKind.undelivered,
        [member for member in people if member.id != alert.member_id],
        f"undelivered:{alert.id}:{alert.created_at:%Y%m%dT%H%M%S%f}",  # tried again by a person, it may fail again
        incident=alert.incident,
        quick_report=alert.quick_report,
        facts=facts,
        lane=alerts.LANE_ESCALATION,
    )


def _subject(alert: Alert) -> str:
    if alert.incident is not None:
        return str(alert.incident.code)
    return str(alert.quick_report.number) if alert.quick_report is not None else ""


def pause_channel(kind: str, until: datetime) -> None:
    """Leave every chat of a channel alone until then."""
    with transaction():
        outbox.pause_chat(kind, "", until)


def give_up(alert_id: int, worker: str, fault: str, is_out: bool) -> None:
    """A fault of ours: tried again later, and failed like any other after its time. ``is_out``: it was sent."""
    with transaction():
        alert = db.session.get(Alert, alert_id, with_for_update=True)
        if alert is None or alert.state != AlertState.leased or alert.worker != worker:
            return
        _later(alert, Later(f"lỗi: {fault}", maybe_sent=is_out))
