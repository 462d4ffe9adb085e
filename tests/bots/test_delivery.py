"""Delivery: leases, repeats, refusals, floods, and what the channel's health becomes."""

import asyncio
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from bots import outcomes, parcels, vitals
from bots.channel import Later, Message, SendInTransaction
from bots.delivery import Delivery
from incidents.cases import intake
from incidents.cases.models import Entry, QuickReport
from incidents.db import db, transaction, utc_now
from incidents.people import addresses, members
from incidents.people.models import Address
from incidents.telling import alerts, outbox
from incidents.telling.models import Alert, Card, ChatPause, Heartbeat
from incidents.vocabulary import AddressState
from tests.bots.conftest import CHATS, Room
from tests.cast import actor, link

WHAT = "Tin đồn vỡ đập Suối Mận"


def log_incident(room: Room, severity: int = 4, by: str = "mai") -> str:
    with room.app.app_context():
        return intake.log(actor(by), WHAT, severity, place="xã Bảo Nhai").code


def owe_tests(room: Room, who: str, how_many: int) -> None:
    with room.app.app_context(), transaction():
        member = members.by_username(who)
        for number in range(how_many):
            alerts.tell("test", [member], f"test {who} {number}")  # type: ignore[arg-type]


def state_of(room: Room, who: str, kind: str) -> Alert:
    with room.app.app_context():
        member = members.by_username(who)
        return db.session.scalars(select(Alert).where(Alert.member_id == member.id, Alert.kind == kind)).one()


def sends(room: Room, who: str) -> int:
    return sum(c.method == "sendMessage" and str(c.params["chat_id"]) == str(CHATS[who]) for c in room.state.calls)


def test_a_committed_alert_reaches_telegram_within_a_second(room: Room) -> None:
    stop = asyncio.Event()

    async def measure() -> list[float]:
        running = asyncio.create_task(room.delivery.run(stop))
        took = []
        for number in range(20):
            await room.bridge.call(_tell_test, "an", f"speed {number}")
            begun = time.monotonic()
            while len(room.said("an")) <= number:
                await asyncio.sleep(0.01)
            took.append(time.monotonic() - begun)
        stop.set()
        await running
        return sorted(took)

    assert room.loop.run(measure())[18] < 1.0
    assert room.one(Heartbeat, Heartbeat.name == vitals.WORKER).state == "ok"


def _tell_test(who: str, cause: str) -> None:
    with transaction():
        alerts.tell("test", [members.by_username(who)], cause)  # type: ignore[arg-type]


def test_two_workers_never_send_twice(each_room: Room, loop) -> None:
    room = each_room
    second = Room(room.app, room.stand_in, loop, "worker-2")
    try:
        for who in ("an", "binh", "son", "ha", "giang"):
            owe_tests(room, who, 8)

        async def both() -> None:
            while sum(await asyncio.gather(room.delivery.once(), second.delivery.once())):
                pass

        loop.run(both())
        assert all(len(room.messages(who)) == 8 for who in ("an", "binh", "son", "ha", "giang"))
        assert room.count(Alert, Alert.state == "sent") == 40
    finally:
        second.close()


def test_an_expired_lease_is_sent_by_another_worker_and_says_it_may_be_a_repeat(room: Room, loop) -> None:
    code = log_incident(room, 2)
    with room.app.app_context():
        claimed = outbox.claim("dead worker")
    assert room.deliver() == 0, "a lease in force is respected"
    room.change(Alert, leased_until=utc_now() - timedelta(seconds=1))
    room.settle()
    assert claimed
    assert room.said("an")[0].startswith("(gửi lại)\n🟨 Cấp 2")
    assert code in room.said("an")[0]


def test_a_worker_that_lost_its_lease_does_not_send(room: Room) -> None:
    owe_tests(room, "an", 1)
    with room.app.app_context():
        (claimed,) = outbox.claim("worker-1")
        with transaction():
            db.session.get_one(Alert, claimed.id).worker = "worker-2"
        assert parcels.prepare(claimed.id, "worker-1") is None


def test_a_lost_answer_is_repeated_and_marked(room: Room) -> None:
    room.state.fault("lost_answer", CHATS["an"])
    owe_tests(room, "an", 1)
    room.settle()
    assert state_of(room, "an", "test").state == "retry"
    room.hurry()
    room.settle()
    assert [text.startswith("(gửi lại)") for text in room.said("an")] == [False, True]


def test_a_server_error_is_tried_again_without_a_mark(room: Room) -> None:
    room.state.fault("server_error", CHATS["an"])
    owe_tests(room, "an", 1)
    room.settle()
    assert 3 < (state_of(room, "an", "test").due_at - utc_now()).total_seconds() < 7
    room.hurry()
    room.settle()
    assert len(room.said("an")) == 1
    assert not room.last("an").startswith("(gửi lại)")


def test_flood_control_of_one_chat_delays_that_chat_only(room: Room) -> None:
    room.state.fault("flood", CHATS["an"], seconds=40)
    owe_tests(room, "an", 3)
    owe_tests(room, "giang", 3)
    room.settle()
    assert len(room.said("giang")) == 3
    assert room.said("an") == []
    assert sends(room, "an") == 1, "the paused chat is left alone"
    pause = room.one(ChatPause)
    assert pause.chat == str(CHATS["an"])
    assert 30 < (pause.until - utc_now()).total_seconds() <= 40
    with room.app.app_context():
        assert max(db.session.scalars(select(Alert.attempts).where(Alert.state == "retry"))) == 0
    room.state.mend()
    room.hurry()
    room.settle()
    assert len(room.said("an")) == 3


def test_who_blocked_the_bot_costs_one_try_and_the_next_address_gets_it(room: Room) -> None:
    with room.app.app_context():
        link(members.by_username("giang").id, CHATS["pao"] + 900, position=1)
    room.state.person(CHATS["pao"] + 900)
    room.state.fault("blocked", CHATS["giang"])
    code = log_incident(room)
    room.settle()
    assert sends(room, "giang") == 1
    first = room.one(Address, Address.external_id == str(CHATS["giang"]))
    assert (first.state, first.reason) == ("broken", "Người nhận đã chặn bot.")
    assert code in room.state.messages(CHATS["pao"] + 900)[-1]["text"]
    assert room.count(Alert, Alert.kind == "undelivered") == 0, "it arrived another way"


def test_nobody_left_to_reach_is_an_entry_and_told_to_the_leads_without_loops(room: Room) -> None:
    room.state.fault("blocked", CHATS["giang"])
    room.state.fault("blocked", CHATS["an"])
    code = log_incident(room)
    room.settle()
    entries = room.count(Entry, Entry.kind == "undelivered")
    assert entries == 2, "Giang's and An's cards"
    told = [text for text in room.said("binh") if text.startswith("Không báo được cho")]
    assert any(t.startswith(f"Không báo được cho Vàng Thị Giang về {code}: Người nhận đã chặn bot") for t in told)
    assert room.count(Alert, Alert.kind == "undelivered", Alert.state == "failed") <= 2
    assert room.count(Alert, Alert.kind == "undelivered", Alert.facts["kind"].as_string() == "undelivered") == 0


def test_who_has_no_address_at_all_shows_and_the_lead_is_told(room: Room) -> None:
    with room.app.app_context(), transaction():
        members.by_username("giang").addresses[0].state = AddressState.off
    code = log_incident(room)
    room.settle()
    alert = room.one(Alert, Alert.kind == "assigned")
    assert (alert.state, alert.reason) == ("failed", "chưa có địa chỉ nhận")
    assert any(t.startswith(f"Không báo được cho Vàng Thị Giang về {code}") for t in room.said("binh"))


def test_an_unknown_refusal_is_tried_three_times_and_never_switches_the_address_off(room: Room, monkeypatch) -> None:
    from telegram import error

    async def refuse(*_args: object, **_more: object) -> None:
        raise error.BadRequest("Bad Request: WE_INVENTED_THIS")

    monkeypatch.setattr(type(room.channel.bot), "send_message", refuse)
    owe_tests(room, "an", 1)
    for _ in range(5):
        room.settle()
        room.hurry()
    alert = state_of(room, "an", "test")
    assert (alert.state, alert.attempts) == ("failed", 3)
    assert room.one(Address, Address.external_id == str(CHATS["an"])).state == "linked"


def test_four_hours_without_success_are_the_end(room: Room) -> None:
    room.state.fault("server_error", CHATS["an"], count=50)
    code = log_incident(room, 1)
    room.settle()
    room.change(Alert, created_at=utc_now() - timedelta(hours=5))
    room.hurry()
    room.settle()
    assert room.count(Alert, Alert.kind == "incident_new", Alert.state == "failed") == 1
    assert any(code in text for text in room.said("binh"))


def test_a_revoked_token_pauses_the_bot_and_shows_on_the_channel(room: Room) -> None:
    room.state.fault("token_revoked")
    owe_tests(room, "an", 2)
    room.settle_without_polling()
    heart = room.one(Heartbeat, Heartbeat.name == "channel:telegram")
    assert (heart.state, heart.detail) == ("refused", "Mã bot bị Telegram từ chối.")
    assert room.one(ChatPause).chat == ""
    assert sends(room, "an") == 1
    assert room.count(Address, Address.state == "broken") == 0


def test_a_vanished_card_is_sent_anew_and_remembered(room: Room) -> None:
    log_incident(room, 2)
    room.settle()
    old = room.messages("an")[0]["message_id"]
    with room.state.lock:
        room.state.chats.remove(CHATS["an"], old)
    room.settle()
    with room.app.app_context():
        from incidents.cases import assignments

        assignments.acknowledge(actor("an"), db.session.scalars(select(Alert)).first().incident.code)
    room.settle()
    new = room.messages("an")[-1]["message_id"]
    with room.app.app_context():
        an = members.by_username("an").addresses[0].id
    assert room.one(Card, Card.address_id == an).message_id == str(new) != str(old)


def test_a_card_edit_that_changes_nothing_counts_as_sent(room: Room) -> None:
    log_incident(room, 2)
    room.settle()
    with room.app.app_context(), transaction():
        incident_id = db.session.scalars(select(Card)).first().incident_id
        alerts.edit_cards(incident_id=incident_id, cause="nothing happened")
    room.settle()
    assert room.count(Alert, Alert.kind == "card", Alert.state == "sent") > 0
    assert room.count(Alert, Alert.state.in_(("retry", "failed"))) == 0


def test_a_sorted_report_is_not_announced_any_more(room: Room) -> None:
    from incidents.cases import quick_reports, sorting

    with room.app.app_context():
        report, _ = quick_reports.send(actor("giang"), WHAT, "web:1", ask=False)
        sorting.ignore(actor("binh"), report.id, "trùng")
    room.settle()
    assert room.one(QuickReport).state == "ignored"
    assert room.messages("an") == []
    assert room.count(Alert, Alert.kind == "quick_report_new", Alert.state == "superseded") == 2


def test_sending_inside_a_transaction_is_a_fault(room: Room) -> None:
    async def send() -> None:
        with room.app.app_context(), transaction():
            await room.channel.send("101", Message("x"))

    with pytest.raises(SendInTransaction):
        room.loop.run(send())


def test_a_fault_of_ours_puts_the_alert_back(room: Room, monkeypatch) -> None:
    owe_tests(room, "an", 1)
    monkeypatch.setitem(parcels.WORDED, "test", lambda work: 1 / 0)
    room.settle()
    alert = state_of(room, "an", "test")
    assert (alert.state, alert.reason) == ("retry", "lỗi: ZeroDivisionError")


def test_an_alert_of_a_channel_that_is_not_set_up_fails_and_says_why(room: Room) -> None:
    owe_tests(room, "an", 1)
    delivery = Delivery(room.bridge, {}, "worker-9")
    room.loop.run(delivery.once())
    assert state_of(room, "an", "test").reason == "kênh telegram chưa được cài đặt"


def test_three_failures_over_two_chats_are_doubtful_and_thirty_seconds_unreachable() -> None:
    health = vitals.Health()
    health.unreachable("1", "không kết nối", now=100)
    health.unreachable("1", "không kết nối", now=101)
    assert health.state == "ok"
    health.unreachable("2", "không kết nối", now=102)
    assert health.state == "doubtful"
    health.unreachable("2", "không kết nối", now=131)
    assert health.state == "unreachable"
    health.answered()
    assert health.state == "ok"


def test_three_chats_told_to_wait_pause_the_whole_bot(room: Room) -> None:
    until = utc_now() + timedelta(seconds=20)
    for chat in ("1", "2", "3"):
        parcel = SimpleNamespace(chat=chat, channel="telegram")
        room.loop.run(room.delivery._note(parcel, Later("chờ", until=until, pause="chat")))  # type: ignore[arg-type]
    assert room.one(ChatPause).chat == ""


def test_a_group_that_became_a_supergroup_is_followed(room: Room) -> None:
    owe_tests(room, "an", 1)
    with room.app.app_context():
        (claimed,) = outbox.claim("w")
        parcel = parcels.prepare(claimed.id, "w")
        assert parcel is not None
        from bots.channel import Sent

        outcomes.record(parcel, "w", Sent("7", chat="-1005"), "x")
        assert addresses.by_chat("telegram", "-1005") is not None
