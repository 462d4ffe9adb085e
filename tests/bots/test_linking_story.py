"""Binding a chat to a member: dialogues D01 to D06 and D08 of the bot's book."""

from datetime import timedelta

import pytest

from incidents.db import transaction, utc_now
from incidents.people import addresses, link_codes, members
from incidents.people.models import Address, LinkCode
from incidents.telling import alerts
from incidents.telling.models import Alert, Update
from tests.bots.conftest import CHATS, Room
from tests.cast import DUNG, actor


def code_for(room: Room, who: str, **more: bool) -> link_codes.NewCode:
    with room.app.app_context():
        by = members.OPERATOR if more else actor(who)
        return link_codes.make_code(by, members.by_username(who), **more)


def test_a_stranger_is_told_one_neutral_line_three_times_a_day_and_nothing_is_kept(room: Room) -> None:
    for _ in range(4):
        room.say("dung", "xin chào CANARY")
    assert room.said("dung") == ["Tài khoản này chưa được liên kết."] * 3
    assert room.count(Update, Update.state == "ignored", Update.raw == "{}") == 4


@pytest.mark.parametrize("way", ["qr", "digits"])
def test_a_code_is_claimed_by_start_or_by_six_digits_and_confirmed_on_the_web(room: Room, way: str) -> None:
    code = code_for(room, "lan")
    digits = f"{code.digits[:3]} {code.digits[3:]}"
    room.say("dung", f"/start {code.word}" if way == "qr" else digits)
    assert room.last("dung") == "Đã nhận mã. Bấm “Đúng là tôi” trên web để hoàn tất."
    with room.app.app_context():
        claim = link_codes.waiting_claim(members.by_username("lan"))
        assert claim is not None
        assert claim.claimed_label == "Dung"
        with transaction():
            address = addresses.confirm(actor("lan"))
            alerts.reply(address, f"linked:{address.id}", {"key": "link.done"})
    room.settle()
    assert room.last("dung").startswith("Đã liên kết: Đinh Thị Lan – Văn phòng Tỉnh ủy")


def test_a_code_of_the_command_line_links_at_once(room: Room) -> None:
    code = code_for(room, "lan", needs_confirmation=False)
    room.say("dung", f"/start {code.word}")
    assert room.last("dung").startswith("Đã liên kết: Đinh Thị Lan")
    assert room.one(Address, Address.external_id == str(DUNG)).state == "linked"
    assert room.count(Update, Update.raw.contains(code.word)) == 0


def test_an_old_a_used_and_a_wrong_code_are_bad(room: Room) -> None:
    code = code_for(room, "lan")
    room.change(LinkCode, expires_at=utc_now() - timedelta(minutes=1))
    room.say("dung", code.digits)
    assert room.last("dung") == "Mã không đúng hoặc đã hết hạn. Lấy mã mới trên web."
    again = code_for(room, "lan", needs_confirmation=False)
    room.say("dung", again.digits)
    room.say("dung", f"/start {again.word}")
    assert room.count(Address, Address.external_id == str(DUNG)) == 1


def test_after_five_wrong_codes_even_the_right_one_waits(room: Room) -> None:
    code = code_for(room, "lan")
    wrong = [f"{(int(code.digits) + n) % 1_000_000:06d}" for n in range(1, 6)]
    for digits in [*wrong, code.digits]:
        room.say("dung", digits)
    assert room.last("dung") == "Đã nhập sai nhiều lần. Thử lại sau 10 phút."
    assert room.count(Address, Address.external_id == str(DUNG)) == 0


def test_a_refused_claim_is_dead(room: Room) -> None:
    code = code_for(room, "lan")
    room.say("dung", code.digits)
    with room.app.app_context():
        addresses.refuse(actor("lan"))
    room.say("dung", f"/start {code.word}")
    assert room.last("dung").startswith("Mã không đúng")


def test_a_chat_of_somebody_else_stays_his(room: Room) -> None:
    code = code_for(room, "lan")
    room.say("giang", f"/start {code.word}")
    assert room.last("giang").startswith("Tài khoản Telegram này đã liên kết với một thành viên khác")


def test_who_writes_again_after_a_break_is_reachable_again_and_hears_what_he_missed(room: Room) -> None:
    with room.app.app_context():
        member = members.by_username("giang")
        addresses.mark_broken(member.addresses[0].id, "Người nhận đã chặn bot.")
        with transaction():
            alerts.tell("test", [members.by_username("giang")], "missed")  # type: ignore[arg-type]
    room.settle()
    assert room.count(Alert, Alert.state == "failed") == 1
    room.say("giang", "/start")
    assert room.said("giang")[0].startswith("Đã nối lại. Trong lúc gián đoạn có 1 thông báo")
    assert room.one(Address, Address.external_id == str(CHATS["giang"])).state == "linked"
