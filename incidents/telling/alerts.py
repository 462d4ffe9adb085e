"""Who is told of what: one outbox row per address, in the transaction of the event that caused it.

The row is the promise; ``bots.delivery`` keeps it. Nothing here sends, and no words are made here.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from incidents.db import db, transaction, utc_now
from incidents.people.models import Address, Member
from incidents.permissions import Actor
from incidents.telling.models import Alert, Card
from incidents.vocabulary import ALERT_OPEN, AddressState, AlertKind, AlertState

LANE_URGENT, LANE_ESCALATION, LANE_DUE, LANE_OTHER = 0, 1, 2, 3
NO_ADDRESS = "chưa có địa chỉ nhận"


def tell(
    kind: AlertKind,
    members: Iterable[Member],
    cause: str,
    *,
    incident: object = None,
    quick_report: object = None,
    facts: Mapping[str, Any] | None = None,
    lane: int = LANE_OTHER,
    besides: Actor | None = None,
) -> list[Alert]:
    """Queue one alert per member, at the first address that works. ``besides``: nobody is told of his own action.

    A member without a working address gets a row without one: delivery fails it like any refusal, so that it shows and
    the lead is told (promises R12).
    ``cause`` must name the event: telling the same member twice of one cause is a fault the database refuses.
    """
    rows = []
    for member in members:
        if besides is not None and member.id == besides.id:
            continue
        address = first_working(member)
        alert = _row(kind, cause, member, address, lane, facts)
        alert.incident, alert.quick_report = incident, quick_report
        rows.append(alert)
    db.session.add_all(rows)
    return rows


def reply(address: Address, cause: str, facts: Mapping[str, Any], *, quick_report_id: int | None = None) -> Alert:
    """Owe the person who wrote or pressed an answer. ``facts["key"]`` is the sentence's key in the bot's wording."""
    kind = AlertKind.quick_report_answer if quick_report_id else AlertKind.reply
    alert = _row(kind, cause, None, address, LANE_URGENT, facts)
    alert.member_id, alert.quick_report_id = address.member_id, quick_report_id
    db.session.add(alert)
    return alert


def reply_to_stranger(channel: str, chat: str, cause: str, facts: Mapping[str, Any]) -> Alert:
    """Owe an answer to a chat that belongs to nobody (linking, "chưa được liên kết")."""
    alert = _row(AlertKind.reply, cause, None, None, LANE_URGENT, facts)
    alert.channel, alert.chat = channel, chat
    db.session.add(alert)
    return alert


def tell_test(actor: Actor) -> int:
    """Send a marked test to each of the actor's own addresses ("Gửi thử"). Returns how many were queued."""
    with transaction():
        addresses = db.session.scalars(
            select(Address).where(Address.member_id == actor.id, Address.state == AddressState.linked)
        ).all()
        for address in addresses:
            alert = _row(AlertKind.test, f"test:{utc_now().isoformat()}", None, address, LANE_URGENT, None)
            alert.member_id = address.member_id
            db.session.add(alert)
    return len(addresses)


def edit_cards(*, incident_id: int | None = None, quick_report_id: int | None = None, cause: str) -> None:
    """Have every card of the incident or quick report drawn again; one edit waits per card, the newest facts win."""
    wanted = select(Card).where(
        Card.incident_id == incident_id if incident_id else Card.quick_report_id == quick_report_id
    )
    cards = db.session.scalars(wanted).all()
    if not cards:
        return
    addresses = [card.address_id for card in cards]
    waiting = set(
        db.session.scalars(
            select(Alert.address_id).where(
                Alert.kind == AlertKind.card,
                Alert.state.in_((AlertState.queued, AlertState.retry)),
                Alert.address_id.in_(addresses),
                Alert.incident_id == incident_id if incident_id else Alert.quick_report_id == quick_report_id,
            )
        )
    )
    for card in cards:
        if card.address_id in waiting:
            continue
        # One edit waits at a time, so its cause need not be unique by itself; an event told twice must not fail here.
        alert = _row(AlertKind.card, f"{cause[:70]}@{utc_now():%Y%m%dT%H%M%S%f}", None, card.address, LANE_OTHER, None)
        alert.member_id = card.address.member_id
        alert.incident_id, alert.quick_report_id = incident_id, quick_report_id
        db.session.add(alert)


def fall_back(alert: Alert) -> Alert | None:
    """After a refusal: the same alert to the member's next address that works, or None when there is none left."""
    if alert.member is None or alert.kind in (AlertKind.card, AlertKind.reply, AlertKind.quick_report_answer):
        return None
    tried = select(Alert.address_id).where(Alert.cause == alert.cause, Alert.member_id == alert.member_id)
    address = db.session.scalar(
        select(Address)
        .where(
            Address.member_id == alert.member_id,
            Address.state == AddressState.linked,
            Address.id.not_in(tried.where(Alert.address_id.is_not(None))),
        )
        .order_by(Address.position, Address.id)
        .limit(1)
    )
    if address is None:
        return None
    again = _row(AlertKind(alert.kind), alert.cause, alert.member, address, alert.lane, alert.facts)
    again.incident_id, again.quick_report_id = alert.incident_id, alert.quick_report_id
    again.fallback_of = alert.id
    db.session.add(again)
    return again


def withdraw(*, quick_report_id: int) -> None:
    """Alerts of a withdrawn quick report that have not gone out are no longer true."""
    db.session.execute(
        update(Alert)
        .where(
            Alert.quick_report_id == quick_report_id,
            Alert.kind == AlertKind.quick_report_new,
            Alert.state.in_((AlertState.queued, AlertState.retry)),
        )
        .values(state=AlertState.superseded, reason="tin báo đã rút")
    )


def first_working(member: Member) -> Address | None:
    """The member's first address that has not been refused for good."""
    return next((a for a in member.addresses if a.state == AddressState.linked), None)


def waiting_since(now: datetime, *, older_than: timedelta = timedelta(minutes=5)) -> datetime | None:
    """When the oldest alert that is due and still not sent was due, if it has waited longer than ``older_than``."""
    return db.session.scalar(
        select(Alert.due_at)
        .where(Alert.state.in_(ALERT_OPEN), Alert.due_at < now - older_than)
        .order_by(Alert.due_at)
        .limit(1)
    )


def _row(
    kind: AlertKind,
    cause: str,
    member: Member | None,
    address: Address | None,
    lane: int,
    facts: Mapping[str, Any] | None,
) -> Alert:
    now = utc_now()
    return Alert(
        kind=kind,
        cause=cause,
        member_id=member.id if member else None,
        address_id=address.id if address else None,
        chat=address.external_id if address else "",
        channel=address.channel if address else "telegram",
        facts=dict(facts or {}),
        lane=lane,
        state=AlertState.queued,
        due_at=now,
        created_at=now,
    )
