"""What comes in: stored before it is forgotten, in order per chat, broken shapes parked, repeats harmless."""

import asyncio
import io
import itertools
import json
import random
import shutil
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from bots.telegram.conversations import quick_report
from incidents.cases.models import Incident, QuickReport
from incidents.db import db, utc_now
from incidents.telling import inbox
from incidents.telling.models import Alert, Heartbeat, PollOffset, Update
from tests.bots.conftest import CHATS, Room
from tests.cast import DUNG
from tests.conftest import make_app

CHAT = {"id": CHATS["giang"], "type": "private", "first_name": "Giang"}
GIANG = {"id": CHATS["giang"], "is_bot": False, "first_name": "Giang"}


def message(number: int, text: str = "", **more: object) -> dict[str, object]:
    body = {"message_id": number, "date": int(utc_now().timestamp()), "chat": CHAT, "from": GIANG}
    return body | ({"text": text} if text else {}) | more


def nested(depth: int) -> dict[str, object]:
    inner = message(1, "x")
    for _ in range(depth):
        inner = message(1, "x") | {"reply_to_message": inner}
    return inner


BROKEN = [
    {},
    {"update_id": "x", "message": message(1, "x")},
    {"update_id": True},
    {"update_id": 1, "message": {}},
    {"update_id": 2, "message": "abc"},
    {"update_id": 3, "message": None},
    {"update_id": 4, "message": message(1, "x") | {"date": 10**18}},
    {"update_id": 5, "message": message(1, "x") | {"date": -(10**12)}},
    {"update_id": 6, "message": message(1, "x") | {"date": None}},
    {"update_id": 7, "message": message(1, "x") | {"chat": None}},
    {"update_id": 8, "message": message(1, "", photo=[1])},
    {"update_id": 9, "message": message(1, "x", entities=[{"type": "bold"}])},
    {"update_id": 10, "callback_query": {"id": "1", "data": "x", "chat_instance": "1"}},
    {"update_id": 11, "callback_query": {"id": "1", "from": GIANG, "data": "x"}},
    {"update_id": 12, "something_new": {"a": 1}},
    {"update_id": 13, "message": {k: v for k, v in message(1, "x").items() if k != "from"}},
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda b: json.dumps(b, default=str)[:40])
def test_a_broken_update_is_parked_and_the_next_one_is_answered(room: Room, broken: dict[str, object]) -> None:
    room.state.push_raw(broken)
    for _ in range(4):
        room.poll()
    room.say("giang", "Tin bình thường sau tin hỏng")
    assert room.count(Update, Update.state == "parked") == 1
    assert room.one(QuickReport).text == "Tin bình thường sau tin hỏng"
    assert len(room.said("giang")) == 1


def test_an_update_too_deep_to_read_is_parked_alone(room: Room) -> None:
    deep = json.loads("[" * 10 + "]" * 10)
    assert deep is not None
    room.loop.run(
        room.polling._store(b'{"ok":true,"result":[{"update_id":7,"message":' + b"[" * 9000 + b"]" * 9000 + b"}]}")
    )
    assert room.polling._limit == 1
    room.loop.run(
        room.polling._store(b'{"ok":true,"result":[{"update_id":7,"message":' + b"[" * 9000 + b"]" * 9000 + b"}]}")
    )
    room.receive()
    assert (room.one(Update).external_id, room.one(Update).state) == ("7", "parked")
    assert room.polling._limit == 100


def test_the_offset_moves_only_after_its_updates_are_committed(room: Room, monkeypatch) -> None:
    room.state.say(CHATS["giang"], "Tin một")
    from sqlalchemy.exc import OperationalError

    real = inbox.store

    def full(*_args: object, **_more: object) -> int:
        raise OperationalError("insert", {}, Exception("disk is full"))

    monkeypatch.setattr(inbox, "store", full)
    room.poll()
    room.poll()
    assert len(room.state.updates.numbers()) == 1, "Telegram still has it"
    monkeypatch.setattr(inbox, "store", real)
    room.settle()
    assert room.one(QuickReport).text == "Tin một"
    assert room.count(PollOffset) == 1


def test_every_call_names_the_kinds_it_wants(room: Room) -> None:
    room.poll()
    room.say("giang", "Tin một")
    polls = [call for call in room.state.calls if call.method == "getUpdates"]
    assert len(polls) > 1
    assert all(json.loads(call.params["allowed_updates"])[0] == "message" for call in polls)
    assert "offset" not in polls[0].params
    assert "offset" in polls[-1].params


def test_after_six_quiet_days_no_offset_is_named(room: Room) -> None:
    from datetime import timedelta

    room.say("giang", "Tin một")
    room.change(PollOffset, polled_at=utc_now() - timedelta(days=6, hours=1))
    room.poll()
    polls = [call for call in room.state.calls if call.method == "getUpdates"]
    assert "offset" not in polls[-1].params


def test_polling_backs_off_and_a_refused_token_shows(room: Room) -> None:
    room.state.fault("server_error", method="getUpdates", count=3)
    waits = [room.loop.run(room.polling.once()) for _ in range(3)]
    assert waits == [1.0, 2.0, 5.0]
    assert room.loop.run(room.polling.once()) == 0.0
    room.state.fault("token_revoked")
    assert room.loop.run(room.polling.once()) == 300.0
    assert room.one(Heartbeat, Heartbeat.name == "channel:telegram").state == "refused"


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "green").save(out, "JPEG")
    return out.getvalue()


def collected(room: Room) -> list[dict[str, object]]:
    """One update of each shape that stores something, as Telegram would hand them over."""
    state = room.state
    for who in ("giang", "pao", "an", "binh"):
        for number in range(4):
            state.say(CHATS[who], f"{who} báo tin số {number}")
    for _ in range(3):
        state.photo(CHATS["giang"], picture(), group="5", date=1_763_000_000)
    for who in ("giang", "pao"):
        first = next(m for m in state.messages(CHATS[who]) if "text" in m)
        state.edit(CHATS[who], first["message_id"], f"{who} đã sửa tin")
    state.say(DUNG, "người lạ")
    return [json.loads(json.dumps(one.body)) for one in state.updates._waiting]


def digest(room: Room) -> list[object]:
    """What is kept, whatever the order it came in and the numbers it got."""
    with room.app.app_context():
        reports = [
            (r.source_key, r.text, r.state, sorted((p.source_key, p.kind, p.text) for p in r.parts))
            for r in db.session.scalars(select(QuickReport))
        ]
        return sorted(reports)


def ingest(room: Room, updates: list[dict[str, object]]) -> list[object]:
    with room.app.app_context():
        for update in updates:
            inbox.store("telegram", [update])
    while room.receive():
        pass
    return digest(room)


def repeated(updates: list[dict[str, object]], seed: int) -> list[dict[str, object]]:
    """Each update three times, the chats mixed, an edit before its message; in a chat the first copies keep their order."""
    chance = random.Random(seed)
    edit = next(u for u in updates if "edited_message" in u)
    first = [edit, *(u for u in updates if u is not edit)]
    chats: dict[int, list[dict[str, object]]] = {}
    for update in first:
        chats.setdefault((update.get("message") or update["edited_message"])["chat"]["id"], []).append(update)
    mixed: list[dict[str, object]] = []
    while any(chats.values()):
        mixed.append(chance.choice([queue for queue in chats.values() if queue]).pop(0))
    for update in first * 2:
        mixed.insert(chance.randint(mixed.index(update) + 1, len(mixed)), update)
    return mixed


def test_repeats_in_any_order_lead_to_the_same_state(room: Room, sqlite_template: Path, tmp_path: Path) -> None:
    updates = collected(room)
    in_order = ingest(room, updates)
    assert len(in_order) == 4
    entries = room.count(Alert)
    for seed in range(3):
        folder = tmp_path / str(seed)
        shutil.copytree(sqlite_template, folder)
        other = Room(make_app(f"sqlite:///{folder / 'desk.sqlite3'}", folder), room.stand_in, room.loop)
        try:
            assert ingest(other, repeated(updates, seed)) == in_order
            assert other.count(Alert) <= entries + 1, "no answer is owed twice"
        finally:
            other.close()
            with other.app.app_context():
                db.engine.dispose()


def test_an_update_nested_too_deep_for_the_parser_is_parked(room: Room) -> None:
    with room.app.app_context():
        inbox.store("telegram", [{"update_id": 14, "message": nested(600)}])
    room.receive()
    row = room.one(Update)
    assert (row.state, row.error.split(":")[0]) == ("parked", "RecursionError")


def test_questions_left_open_by_others_do_not_swallow_a_report() -> None:
    assert quick_report.is_noise("ok")
    assert not quick_report.is_noise("sạt lở")


def test_a_fault_of_ours_is_tried_five_times_then_parked_and_told(room: Room, monkeypatch) -> None:
    from bots.telegram.conversations import answering

    def broken(*_args: object, **_more: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(answering.quick_report, "received", broken)
    room.state.say(CHATS["giang"], "Tin làm hỏng bot")
    room.settle()
    row = room.one(Update)
    assert (row.state, row.attempts, row.error) == ("parked", 5, "ZeroDivisionError")
    assert room.last("giang").startswith("Có lỗi, mã U0001. Tin đã lưu")
    assert room.count(QuickReport) == 0, "nothing half-written"


def test_a_flood_from_one_chat_is_stored_answered_twenty_times_and_delays_nobody(room: Room) -> None:
    for number in range(60):
        room.state.say(
            CHATS["giang"],
            f"Tin dồn dập số {number}",
            origin={"type": "hidden_user", "date": 1, "sender_user_name": "x"},
        )
    room.state.say(CHATS["pao"], "Tin quan trọng của Bắc Hà")
    room.poll()
    room.receive()
    room.deliver()
    assert len(room.said("pao")) == 1, "the other chat is answered in the first round"
    room.settle()
    assert room.count(QuickReport) == 61
    assert len(room.said("giang")) == 20
    assert room.last("giang").startswith("Quá nhiều tin trong một phút")


def test_groups_are_not_read_and_not_kept(room: Room) -> None:
    group = {"id": -100500, "type": "supergroup", "title": "Tổ"}
    room.state.push_raw(
        {"update_id": 2_000_000_000, "message": message(1, "chuyện CANARY trong nhóm") | {"chat": group}}
    )
    room.settle()
    assert (room.one(Update).state, room.one(Update).raw) == ("ignored", "{}")
    assert room.count(QuickReport) == 0
    assert room.count(Alert) == 0


def test_a_press_is_answered_at_once_and_done_once_even_when_telegram_forgot_it(room: Room) -> None:
    room.say("giang", "Tin cần cấp độ")
    message_id, number = room.button("giang", "Cấp 3")
    update = room.state.press(CHATS["giang"], message_id, number)
    room.state.presses.clear()  # too old by now
    room.settle()
    room.state.repeat(update)
    room.settle()
    assert room.one(QuickReport).severity == 3
    assert len(room.said("giang")) == 2


def test_the_worker_runs_all_of_it_while_it_leads_and_stops_when_told(room: Room) -> None:
    from bots.work import BotSettings, work
    from tests.bots.conftest import TOKEN

    async def live() -> None:
        stop = asyncio.Event()
        leading = itertools.cycle([True])
        running = asyncio.create_task(
            work(room.app, BotSettings(TOKEN, room.stand_in.url), stop, leads=lambda: next(leading))
        )
        room.state.say(CHATS["an"], "Tin qua toàn bộ đường đi")
        for _ in range(200):
            if room.said("an"):
                break
            await asyncio.sleep(0.05)
        stop.set()
        await asyncio.wait_for(running, 10)

    room.loop.run(live())
    assert room.last("an").startswith("Đã ghi nhận BN-0001")
    assert room.state.commands[""][0]["command"] == "baocao"
    assert room.count(Incident) == 0


def test_a_worker_that_does_not_lead_delivers_but_does_not_poll(room: Room) -> None:
    from bots.work import BotSettings, work
    from tests.bots.conftest import TOKEN

    async def live() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(work(room.app, BotSettings(TOKEN, room.stand_in.url), stop, leads=lambda: False))
        await asyncio.sleep(1.0)
        stop.set()
        await asyncio.wait_for(running, 10)

    room.loop.run(live())
    assert [call.method for call in room.state.calls] == []
    assert room.one(Heartbeat, Heartbeat.name == "worker").state == "ok"
