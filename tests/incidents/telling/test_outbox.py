"""The queue of alerts: claimed once, one per chat, repeats marked, pauses per chat, nothing given up in silence."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from incidents.cases import intake
from incidents.db import db, transaction, utc_now
from incidents.people.members import by_username
from incidents.telling import alerts, outbox
from incidents.telling.models import Alert
from incidents.vocabulary import AddressState, AlertKind, AlertState
from tests import cast


def queue(*usernames: str, times: int = 1, lane: int = 3) -> None:
    with transaction():
        for number in range(times):
            members = [by_username(name) for name in usernames]
            alerts.tell(AlertKind.test, members, f"cause:{lane}:{number}", lane=lane)


def all_alerts() -> list[Alert]:
    db.session.expire_all()
    return list(db.session.scalars(select(Alert).order_by(Alert.id)))


def test_a_claim_takes_one_alert_per_chat(desk: Flask) -> None:
    queue("an", "binh", times=3)
    assert {c.chat for c in outbox.claim("w1")} == {"101", "102"} or len(outbox.claim("w2")) == 0
    assert outbox.claim("w2") == []


def test_urgent_lanes_leave_first(desk: Flask) -> None:
    queue("an", times=5)
    queue("an", lane=0)
    (claimed,) = outbox.claim("w1")
    alert = db.session.get(Alert, claimed.id)
    assert alert is not None
    assert alert.lane == 0


def test_an_expired_lease_is_claimed_again_as_a_repeat(desk: Flask) -> None:
    queue("an")
    (first,) = outbox.claim("w1")
    assert outbox.claim("w2") == []
    with time_machine.travel(utc_now() + timedelta(seconds=61)):
        (again,) = outbox.claim("w2")
        assert again.id == first.id
        assert not outbox.renew(first.id, "w1")
        assert outbox.renew(first.id, "w2")
    assert all_alerts()[0].is_repeat


def test_a_pause_holds_one_chat_and_the_others_flow(desk: Flask) -> None:
    queue("an", "binh")
    with transaction():
        outbox.pause_chat("telegram", "101", utc_now() + timedelta(seconds=30))
    assert [c.chat for c in outbox.claim("w1")] == [str(cast.CHATS["binh"])]
    with time_machine.travel(utc_now() + timedelta(seconds=31)):
        assert [c.chat for c in outbox.claim("w1")] == ["101"]


def test_a_pause_is_never_shortened(desk: Flask) -> None:
    far = utc_now() + timedelta(seconds=60)
    for until in (far, far - timedelta(seconds=50)):
        with transaction():
            outbox.pause_chat("telegram", "101", until)
    queue("an")
    with time_machine.travel(utc_now() + timedelta(seconds=30)):
        assert outbox.claim("w1") == []


@pytest.mark.promise("R7")
def test_tries_slow_down_and_end_after_four_hours(desk: Flask) -> None:
    queue("an")
    waits = []
    (alert,) = all_alerts()
    for _ in range(7):
        with time_machine.travel(alert.due_at + timedelta(seconds=1)):
            (claimed,) = outbox.claim("w1")
            outbox.renew(claimed.id, "w1")
            db.session.expire_all()
            with transaction():
                row = db.session.get(Alert, claimed.id)
                assert row is not None
                assert outbox.record_later(row, "500")
                waits.append((row.due_at - utc_now()).total_seconds())
        (alert,) = all_alerts()
    assert waits == sorted(waits) or max(waits) <= 360
    assert waits[0] < 7
    assert max(waits) <= 360
    with time_machine.travel(utc_now() + timedelta(hours=4, minutes=1)), transaction():
        row = db.session.get(Alert, alert.id)
        assert row is not None
        assert not outbox.record_later(row, "500")


def test_a_time_named_by_the_channel_is_no_attempt(desk: Flask) -> None:
    queue("an")
    (claimed,) = outbox.claim("w1")
    outbox.renew(claimed.id, "w1")
    with transaction():
        row = db.session.get(Alert, claimed.id)
        assert row is not None
        outbox.record_later(row, "429", until=utc_now() + timedelta(seconds=30))
        assert row.attempts == 0


def test_the_next_address_is_tried_and_then_none_is_left(desk: Flask) -> None:
    second = cast.link(by_username("an").id, 9101, position=1)
    queue("an")
    with transaction():
        (alert,) = all_alerts()
        outbox.record_failed(alert, "chặn bot")
        again = alerts.fall_back(alert)
        assert again is not None
        assert again.address_id == second
        db.session.flush()
        outbox.record_failed(again, "chặn bot")
        assert alerts.fall_back(again) is None


def test_a_member_without_an_address_is_owed_an_alert_all_the_same(desk: Flask) -> None:
    """Delivery fails it like any refusal, so that the board and the lead see it (tests/bots)."""
    queue("lan")
    (alert,) = all_alerts()
    assert (alert.state, alert.address_id, alert.chat) == (AlertState.queued, None, "")
    assert [claimed.id for claimed in outbox.claim("w1")] == [alert.id]


def test_a_card_is_edited_once_however_many_changes(desk: Flask) -> None:
    from incidents.telling.models import Card

    incident = intake.log(cast.actor("an"), "Tin vỡ đập", 2)
    address = by_username("mai").addresses[0]
    with transaction():
        db.session.add(Card(incident_id=incident.id, address_id=address.id, message_id="7", changed_at=utc_now()))
    for number in range(5):
        with transaction():
            alerts.edit_cards(incident_id=incident.id, cause=f"change:{number}")
    edits = [alert for alert in all_alerts() if alert.kind == AlertKind.card]
    assert len(edits) == 1


def test_failed_alerts_are_queued_again_by_a_person(desk: Flask) -> None:
    queue("an", "binh")
    with transaction():
        outbox.record_failed(all_alerts()[0], "chặn bot")
    second = cast.link(by_username("an").id, 9102, position=1)
    with transaction():
        by_username("an").addresses[0].state = AddressState.broken
    assert outbox.retry_failed() == 1
    assert all_alerts()[0].address_id == second
    assert {a.state for a in all_alerts()} == {AlertState.queued}
