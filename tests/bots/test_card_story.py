"""Cards: dialogues D09, D41 to D44 and D48 to D54 of the bot's book, and what a card shows."""

import asyncio
from datetime import timedelta

import pytest

from bots.rehearsal.shapes import callback_data
from incidents.cases import assignments, intake, triage
from incidents.cases.models import Entry, Incident
from incidents.cases.visibility import find
from incidents.db import utc_now
from incidents.people import members
from incidents.people.models import LogLine, MemberRole
from incidents.telling.models import Prompt
from incidents.vocabulary import Kind
from tests.bots.conftest import CHATS, Room
from tests.cast import actor

WHAT = "Tin đồn vỡ đập Suối Mận"


def log_incident(room: Room, severity: int = 4, by: str = "mai", **more: object) -> str:
    with room.app.app_context():
        incident = intake.log(actor(by), WHAT, severity, kind=Kind.suspected_false, place="xã Bảo Nhai", **more)
        code = incident.code
    room.settle()
    return code


def test_a_card_shows_level_code_neutral_title_time_clock_and_holder_and_nothing_else(room: Room) -> None:
    code = log_incident(room)
    lines = room.last("an").split("\n")
    assert lines[0] == "🛑 Cấp 4 · Khủng hoảng (đề xuất)"
    assert lines[1] == f"{code} · Tin chưa kiểm chứng · xã Bảo Nhai"
    assert lines[2].startswith("Ghi nhận ")
    assert lines[3].startswith("⏱ Nhận việc: ")
    assert "(còn " in lines[3]
    assert lines[4] == "Người giữ: chưa ai nhận"
    assert lines[5] == f"Xem: http://127.0.0.1:8000/incidents/{code}", "a loopback address is text, never a button"
    assert room.labels("an") == ["Nhận việc", "Xem"]
    assert not any(WHAT in text for who in CHATS for text in room.said(who))
    assert room.messages("mai") == [], "nobody is told of his own action"


def test_a_public_address_is_a_button(room: Room) -> None:
    room.app.config["BASE_URL"] = "https://desk.example.vn"
    code = log_incident(room)
    markup = room.messages("an")[-1]["reply_markup"]["inline_keyboard"]
    assert markup[0][1] == {"text": "Xem", "url": f"https://desk.example.vn/incidents/{code}"}
    assert "https" not in room.last("an")


def test_accepting_answers_the_presser_and_edits_every_card_in_place(room: Room) -> None:
    code = log_incident(room)
    before = {who: len(room.messages(who)) for who in ("binh", "giang")}
    room.press("an", "Nhận việc")
    assert room.last("an").startswith(f"Đã nhận việc {code} lúc ")
    for who, messages in before.items():
        assert len(room.messages(who)) == messages
        assert "Người giữ: Nguyễn An" in room.said(who)[0]
    assert "UBND xã Bảo Nhai: phối hợp · chưa nhận" in room.last("giang")
    room.press("giang", "Nhận việc")
    assert "Vàng Thị Giang nhận " in room.said("giang")[0]


def test_of_two_who_press_at_once_one_holds_and_the_other_hears_who(each_room: Room) -> None:
    room = each_room
    log_incident(room)
    for who in ("an", "binh", "an"):
        message, number = room.button(who, "Nhận việc")
        room.state.press(CHATS[who], message, number)
    room.settle()
    incident = room.one(Incident)
    with room.app.app_context():
        holder = members.by_id(incident.holder_id).name
    assert room.count(Entry, Entry.kind == "acknowledged") == 1
    said = [text for who in ("an", "binh") for text in room.said(who)]
    assert sum("Đã nhận việc" in text for text in said) == 1
    assert sum(f"{holder} đã nhận {incident.code}" in text for text in said) == 2
    assert all(press.answer is not None for press in room.state.presses.values()), "every press was answered"


def test_accepting_on_the_web_edits_the_cards_and_says_nothing_to_the_one_who_did(room: Room) -> None:
    code = log_incident(room)
    messages = len(room.messages("an"))
    with room.app.app_context():
        assignments.acknowledge(actor("an"), code)
    room.settle()
    assert len(room.messages("an")) == messages
    assert "Người giữ: Nguyễn An" in room.last("an")


@pytest.mark.parametrize("typed", ["nhận việc {bare}", "/NHAN {code}", "nhận {number}", "1"])
def test_a_task_is_accepted_by_words_too(room: Room, typed: str) -> None:
    code = log_incident(room)
    room.say("an", typed.format(code=code, bare=code.replace("-", ""), number=int(code[-4:])))
    assert room.last("an").startswith(f"Đã nhận việc {code}")


def test_received_is_only_a_receipt_and_is_asked_back(room: Room) -> None:
    code = log_incident(room)
    room.say("an", "đã nhận")
    assert room.last("an") == f"Nhận việc {code}, hay chỉ báo đã xem?"
    assert room.one(Incident).holder_id is None
    room.say("an", "1")
    assert room.last("an").startswith(f"Đã nhận việc {code}")


def test_with_two_open_questions_the_bot_asks_which_or_takes_the_code(room: Room) -> None:
    first, second = log_incident(room), log_incident(room, 3)
    room.say("an", "1")
    assert room.last("an") == "Trả lời cho việc nào?"
    assert room.labels("an") == [f"1 · {second}", f"2 · {first}"]
    room.say("an", "2")
    assert room.last("an").startswith(f"Đã nhận việc {first}")
    room.say("an", f"{int(second[-4:])} 1")
    assert room.last("an").startswith(f"Đã nhận việc {second}")


def test_a_button_of_yesterday_says_so_with_the_present_state(room: Room) -> None:
    log_incident(room)
    room.change(Prompt, expires_at=utc_now() - timedelta(hours=1))
    room.press("an", "Nhận việc")
    assert room.last("an").startswith("Nút này đã hết hạn. Trạng thái mới nhất:")
    assert "chưa ai nhận" in room.last("an")
    assert room.one(Incident).holder_id is None


def test_a_right_lost_since_the_card_refuses_the_press(room: Room) -> None:
    log_incident(room)
    with room.app.app_context():
        an = members.by_username("an").id
    room.change(MemberRole, MemberRole.member_id == an, role="auditor")
    room.press("an", "Nhận việc")
    assert room.last("an").startswith("Việc này cần quyền ")
    assert room.one(Incident).holder_id is None


def test_forged_button_data_and_other_members_buttons_do_nothing_and_are_noted(room: Room) -> None:
    log_incident(room)
    message, number = room.button("an", "Nhận việc")
    data = callback_data(next(m for m in room.messages("an") if m["message_id"] == message), number)
    own = room.button("binh", "Nhận việc")[0]
    for forged in (data[:3] + ("A" if data[3] != "A" else "B") + data[4:], data[:-1] + "9", "x", "-.1"):
        room.state.press(CHATS["an"], message, forged)
    room.state.press(CHATS["binh"], own, data)
    room.settle()
    assert room.one(Incident).holder_id is None
    assert room.count(LogLine, LogLine.action == "unknown_button") == 5
    assert room.last("binh").startswith("Nút này đã hết hạn")


def test_a_disabled_members_old_button_is_a_strangers(room: Room) -> None:
    log_incident(room)
    with room.app.app_context():
        members.disable(members.OPERATOR, "an")
    room.press("an", "Nhận việc")
    assert room.last("an") == "Tài khoản này chưa được liên kết."
    assert room.one(Incident).holder_id is None


def test_a_raised_level_edits_the_card_and_says_so_once_aloud(room: Room) -> None:
    code = log_incident(room, 2, by="mai")
    messages = len(room.messages("an"))
    with room.app.app_context():
        triage.set_severity(actor("binh"), code, 3, "báo Trung ương đã đăng")
    room.settle()
    assert "🔶 Cấp 3 · Nghiêm trọng" in room.said("an")[messages - 1]
    told = room.said("an")[messages:]
    assert told.count(f"{code} được nâng lên 🔶 Cấp 3 · Nghiêm trọng. Thẻ sự việc đã cập nhật.") == 1
    assert len([text for text in told if "thời hạn đã đổi" in text]) == len(told) - 1 <= 1, "the shorter time, once"
    assert "🔶 Cấp 3" in room.last("son"), "who is concerned only now gets the card"


def test_a_restricted_incident_leaves_a_bare_card_with_everybody_else(room: Room) -> None:
    code = log_incident(room)
    with room.app.app_context():
        triage.restrict(actor("binh"), code, [members.by_username("an").id])
    room.settle()
    assert room.said("giang")[0] == f"{code} · đã chuyển trao đổi riêng"
    assert "reply_markup" not in room.messages("giang")[0]
    assert room.said("an")[0].startswith(f"{code} · Cấp 4 · có việc cho anh/chị")
    room.say("giang", f"/sk {code}")
    assert room.last("giang") == f"Không tìm thấy {code}, hoặc không có quyền xem."


def test_a_drill_says_so_first_in_every_message(room: Room) -> None:
    room.app.config["REHEARSAL"] = True
    code = log_incident(room)
    assert code.startswith("DT-")
    room.press("an", "Nhận việc")
    assert all(text.startswith("DIỄN TẬP\n") for text in room.said("an"))


def test_the_state_of_an_incident_is_told_in_five_lines_and_tasks_are_listed(room: Room) -> None:
    code = log_incident(room)
    room.press("an", "Xem")
    assert len(room.last("an").split("\n")) <= 5
    assert "Trạng thái: Mới tiếp nhận" in room.last("an")
    room.say("an", "/viec")
    assert room.last("an").split("\n")[1].startswith(f"1. {code} · Tin chưa kiểm chứng · xã Bảo Nhai · chưa nhận việc")
    room.say("an", "1")
    assert "Trạng thái" in room.last("an")


def test_commands_answer_in_the_members_language(room: Room) -> None:
    room.say("an", "/lang en")
    assert room.last("an") == "English from now on."
    code = log_incident(room)
    assert "Unverified information · xã Bảo Nhai" in room.last("an")
    assert room.labels("an") == ["Accept", "View"]
    room.press("an", "Accept")
    assert room.last("an").startswith(f"{code} accepted at ")
    room.say("an", "/id")
    assert room.last("an").endswith(f"{CHATS['an']}.")
    room.say("an", "/nonsense")
    assert room.last("an").startswith("Not understood")
    room.say("giang", "/help")
    assert len(room.last("giang").split("\n")) == 12


def test_an_unknown_code_reads_the_same_as_one_that_may_not_be_seen(room: Room) -> None:
    code = log_incident(room, 1, by="an")
    room.say("pao", f"/sk {code}")
    room.say("pao", "/sk SK-2026-0999")
    assert [text.replace(code, "X").replace("SK-2026-0999", "X") for text in room.said("pao")[-2:]] == [
        "Không tìm thấy X, hoặc không có quyền xem."
    ] * 2


def test_a_change_while_the_card_is_under_way_is_drawn_afterwards(room: Room) -> None:
    with room.app.app_context():
        code = intake.log(actor("mai"), WHAT, 4, place="xã Bảo Nhai").code
    room.state.fault("slow", CHATS["an"], ms=400)

    async def both() -> None:
        sending = asyncio.create_task(room.delivery.once())
        await asyncio.sleep(0.25)
        await room.bridge.call(_accept_as, "binh", code)
        await sending

    room.loop.run(both())
    room.state.mend()
    room.settle()
    assert "Người giữ: Trần Văn Bình" in room.said("an")[0]


def _accept_as(who: str, code: str) -> None:
    assignments.acknowledge(actor(who), code)
    assert find(actor(who), code).holder is not None
