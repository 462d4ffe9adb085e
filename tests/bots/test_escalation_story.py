"""Nobody answers: dialogues D47, D77 and D78 of the bot's book, the trial of a ladder, and what a holder is asked."""

from datetime import timedelta

import pytest

from incidents.cases import assignments, escalation, holding, ladder_tests
from incidents.cases.models import Entry, Incident, QuickReport
from incidents.db import utc_now
from incidents.people import members
from incidents.people.models import MemberRole
from incidents.telling.models import Alert, Prompt
from incidents.vocabulary import AlertState
from tests.bots.conftest import CHATS, Room
from tests.bots.test_step_story import log
from tests.cast import actor


def later(room: Room, minutes: int) -> None:
    """So many minutes pass: what is due by then is told."""
    with room.app.app_context():
        escalation.climb(utc_now() + timedelta(minutes=minutes))
    room.settle()


def watch(room: Room, minutes: int) -> None:
    with room.app.app_context():
        holding.watch(utc_now() + timedelta(minutes=minutes))
    room.settle()


def test_a_crisis_nobody_takes_climbs_and_stops_when_it_is_taken(each_room: Room) -> None:
    room = each_room
    code = log(room, 4, by="mai")
    assert room.messages("son") == []
    later(room, 5)
    card = room.last("son").split("\n")
    assert card[0].startswith(f"Chưa ai nhận {code} sau ")
    assert card[0].endswith("phút. Báo tiếp: Lò Văn Sơn.")
    assert card[1].startswith("🛑 Cấp 4")
    assert room.labels("son")[0] == "Nhận việc"
    later(room, 10)
    assert room.last("ha").split("\n")[0].endswith("Báo tiếp: Lê Thị Hà.")
    assert "Nhận việc" not in room.labels("ha"), "a leader holds no incident"
    room.press("an", "Nhận việc")
    assert room.said("ha")[-1].endswith("Đã có người nhận; không cần làm gì thêm.")
    assert "Người giữ: Nguyễn An" in room.said("son")[0]
    before = len(room.messages("ha"))
    later(room, 60)
    assert len(room.messages("ha")) == before


def test_a_member_with_a_card_hears_the_escalation_under_it_and_may_accept_there(room: Room) -> None:
    code = log(room, 3, by="son")
    later(room, 21)
    later(room, 21)
    said = room.said("binh")
    assert said[-1].startswith(f"Chưa ai nhận {code} sau ")
    room.press("binh", "Nhận việc")
    assert room.last("binh").startswith(f"Đã nhận việc {code}")
    assert room.one(Incident).holder_id is not None


def test_an_empty_level_is_passed_at_once_and_said(each_room: Room) -> None:
    room = each_room
    with room.app.app_context():
        son = members.by_username("son").id
    room.change(MemberRole, MemberRole.member_id == son, role="analyst")
    code = log(room, 4, by="mai")
    later(room, 5)
    lines = room.last("ha").split("\n")
    assert lines[0].startswith(f"Chưa ai nhận {code} sau ")
    assert lines[1] == "Cấp “Tổ phó” không có ai; đã báo thẳng Lê Thị Hà."


def test_when_all_levels_are_over_the_leads_hear_it_and_the_board_keeps_it(room: Room) -> None:
    code = log(room, 2, by="mai")
    for minutes in (30, 41, 52, 63, 74):
        later(room, minutes)
    assert any(text.startswith("Nhắc lại lần 1/3: chưa ai nhận ") for text in room.said("son"))
    assert f"Đã hết các cấp, vẫn chưa ai nhận {code}." in room.last("binh")
    assert room.count(Alert, Alert.kind == "escalation", Alert.state == AlertState.failed) == 1


def test_an_escalation_that_somebody_answered_first_is_not_sent(room: Room) -> None:
    code = log(room, 4, by="mai")
    with room.app.app_context():
        escalation.climb(utc_now() + timedelta(minutes=5))
        assignments.acknowledge(actor("an"), code)
    room.settle()
    assert room.messages("son") == []
    assert room.count(Alert, Alert.kind == "escalation", Alert.state == AlertState.superseded) == 1


def test_an_agency_that_does_not_accept_is_named_and_acceptance_makes_it_moot(room: Room) -> None:
    code = log(room, 3)
    with room.app.app_context():
        assignments.acknowledge(actor("an"), code)
    room.settle()
    later(room, 16)
    assert f" chưa nhận phần việc của {code} sau 16 phút. Báo tiếp: Lò Văn Sơn." in room.last("son").split("\n")[0]
    with room.app.app_context():
        escalation.climb(utc_now() + timedelta(minutes=46))
        assignments.acknowledge(actor("giang"), code)
    before = len(room.messages("binh"))
    room.settle()
    assert len(room.messages("binh")) == before
    assert room.count(Alert, Alert.kind == "escalation", Alert.state == AlertState.superseded) > 0


def test_a_report_nobody_sorts_climbs_with_its_buttons(room: Room) -> None:
    room.say("giang", "Có tin vỡ đập Suối Mận, dân hoang mang")
    room.say("giang", "3")
    room.say("giang", "1")
    later(room, 11)
    lines = room.last("son").split("\n")
    assert lines[0].startswith("Chưa ai xử lý tin báo BN-0001 sau ")
    assert room.labels("son") == ["Mở sự việc", "Gộp", "Trả lời", "Bỏ qua"]
    room.press("son", "Mở sự việc")
    assert room.one(QuickReport).state == "opened"


# Still on it?


def asked(room: Room) -> str:
    """An holds a Cấp 3 incident and has said nothing for an hour."""
    code = log(room, 3)
    room.press("an", "Nhận việc")
    room.change(Prompt, asked_at=utc_now() - timedelta(minutes=60))
    watch(room, 60)
    return code


def test_a_silent_holder_is_asked_and_stays_when_he_says_so(each_room: Room) -> None:
    room = each_room
    code = asked(room)
    assert room.last("an") == f"Vẫn giữ {code}? 60 phút chưa có diễn biến."
    assert room.labels("an") == ["1 · Vẫn giữ", "2 · Trả lại", "3 · Ghi diễn biến"]
    room.say("an", "1")
    assert room.last("an") == f"Đã ghi: vẫn giữ {code}."
    assert room.one(Incident).holder_id is not None


def test_silence_for_ten_minutes_returns_it_and_the_ladder_begins_anew(each_room: Room) -> None:
    room = each_room
    code = asked(room)
    watch(room, 71)
    assert room.one(Incident).holder_id is None
    ended = f"Hết 10 phút không trả lời: {code} đã trả về hàng chờ và báo lại theo thang."
    assert ended in room.said("an")
    assert any(text.startswith(f"{code} được trả lại, chưa ai giữ.") for text in room.said("mai"))
    later(room, 10)
    assert any(text.startswith(f"Chưa ai nhận {code} sau ") for text in room.said("son"))


def test_giving_back_returns_it_at_once(room: Room) -> None:
    code = asked(room)
    room.press("an", "Trả lại")
    assert f"{code}: đã trả về hàng chờ và báo lại theo thang." in room.said("an")
    assert room.one(Incident).holder_id is None
    assert room.one(Entry, Entry.kind == "given_back").text == "trả lại qua tin nhắn"


def test_a_line_typed_instead_becomes_an_entry_and_answers_the_question(room: Room) -> None:
    code = asked(room)
    room.say("an", "3")
    assert room.last("an") == f"Gửi diễn biến của {code} trong tin tiếp theo."
    room.say("an", "Đã gọi trực ban hồ, đập bình thường")
    assert room.last("an") == f"Đã ghi vào {code}."
    assert room.one(Entry, Entry.kind == "note").text == "Đã gọi trực ban hồ, đập bình thường"
    assert room.count(QuickReport) == 0


def test_a_question_that_was_answered_before_it_went_out_is_not_asked(room: Room) -> None:
    code = log(room, 3)
    room.press("an", "Nhận việc")
    with room.app.app_context():
        holding.watch(utc_now() + timedelta(minutes=60))
        holding.still_here(actor("an"), code)
    room.settle()
    assert not any(text.startswith("Vẫn giữ") for text in room.said("an"))
    assert room.one(Alert, Alert.kind == "still").state == AlertState.superseded


# The trial of a ladder


@pytest.mark.parametrize("answer", ["button", "1", "đã nhận"])
def test_a_trial_is_marked_reaches_every_level_and_notes_who_received_it(room: Room, answer: str) -> None:
    with room.app.app_context():
        ladder_tests.send(actor("binh"), "incident", "", 4)
    room.settle()
    for who, words in (("an", "cấp 1: Cán bộ trực."), ("ha", "cấp 4: Lãnh đạo tỉnh.")):
        assert room.last(who).startswith("THỬ – không có sự việc thật. Gọi thử thang báo Cấp 4, ")
        assert room.last(who).endswith(words)
    if answer == "button":
        room.press("ha", "Đã nhận")
    else:
        room.say("ha", answer)
    assert room.last("ha") == "Đã ghi nhận."
    with room.app.app_context():
        ha = members.by_username("ha").id
    assert room.one(Alert, Alert.kind == "ladder_test", Alert.member_id == ha).pressed_at is not None
    assert room.count(Alert, Alert.kind == "ladder_test", Alert.pressed_at.is_not(None)) == 1
    assert room.count(Incident) == 0


def test_a_trial_that_reaches_somebody_nowhere_alarms_nobody(room: Room) -> None:
    room.state.fault("blocked", CHATS["ha"])
    with room.app.app_context():
        ladder_tests.send(actor("binh"), "incident", "", 4)
    room.settle()
    assert room.count(Alert, Alert.kind == "ladder_test", Alert.state == AlertState.failed) == 1
    assert room.count(Alert, Alert.kind == "undelivered") == 0
