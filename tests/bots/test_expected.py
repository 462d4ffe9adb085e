"""When somebody expects to be done: the times people write, and the reply that keeps them."""

from datetime import UTC, datetime, timedelta

import pytest

from bots.telegram.conversations.expecting import is_only_a_time, time_in
from incidents.cases.models import Assignment, Entry, Incident, QuickReport
from incidents.db import utc_now
from playbooks.worktime import ZONE
from tests.bots.conftest import Room
from tests.bots.test_step_story import log

NOW = datetime(2026, 11, 22, 19, 14, tzinfo=UTC)  # 02:14 on the 23rd in Lào Cai


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("04:30", "23/11 04:30"),
        ("4h30", "23/11 04:30"),
        ("4h", "23/11 04:00"),
        ("4 giờ", "23/11 04:00"),
        ("khoảng 4 giờ 30", "23/11 04:30"),
        ("01:30", "24/11 01:30"),
        ("mai 8h", "24/11 08:00"),
        ("15:00 có kết quả", "23/11 15:00"),
        ("08:00 25/11", "25/11 08:00"),
        ("2 giờ nữa", "23/11 04:14"),
        ("30 phút nữa", "23/11 02:44"),
        ("1h30 nữa", "23/11 03:44"),
        ("in 2 hours", "23/11 04:14"),
    ],
)
def test_the_times_people_write_are_understood(text: str, local: str) -> None:
    at = time_in(text, NOW)
    assert at is not None
    assert at.astimezone(ZONE).strftime("%d/%m %H:%M") == local
    assert is_only_a_time(text, NOW)


@pytest.mark.parametrize("text", ["đang đi kiểm tra", "có 8 cửa xả", "25:00", "08:00 31/02", "nữa", "1k2 lượt", ""])
def test_words_without_a_time_are_no_time(text: str) -> None:
    assert time_in(text, NOW) is None
    assert not is_only_a_time(text, NOW)


def test_a_report_that_names_a_time_is_not_only_a_time() -> None:
    assert not is_only_a_time("lúc 21h02 dân thôn 3 chạy lên đồi", NOW)


def test_after_accepting_a_time_alone_is_kept_with_the_part_and_silence_is_fine(each_room: Room) -> None:
    room = each_room
    code = log(room)
    room.press("giang", "Nhận việc")
    assert room.last("giang").split("\n")[1] == ("Dự kiến xong lúc mấy giờ? Trả lời tin này, ví dụ 04:30, hoặc bỏ qua.")
    soon = (utc_now() + timedelta(hours=2)).replace(second=0, microsecond=0)
    room.say("giang", f"{soon.astimezone(ZONE):%H:%M}")
    assert room.last("giang").startswith(f"{code}: đã ghi dự kiến {soon.astimezone(ZONE):%H:%M}")
    mine = room.one(Assignment, Assignment.accepted_at.is_not(None))
    assert mine.expected_at == soon
    assert mine.expires_at == soon, "he is not asked before his own time"
    assert room.count(QuickReport) == 0


def test_other_words_after_accepting_are_a_report_unless_they_quote_the_question(room: Room) -> None:
    code = log(room)
    room.press("giang", "Nhận việc")
    question = room.messages("giang")[-1]["message_id"]
    room.say("giang", "Lúc 21h02 dân thôn 3 đang chạy lên đồi")
    assert room.one(QuickReport).text == "Lúc 21h02 dân thôn 3 đang chạy lên đồi"
    room.say("giang", "đang đi kiểm tra đập, 2 giờ nữa báo", reply_to=question)
    assert room.last("giang").startswith(f"{code}: đã ghi dự kiến ")
    assert room.last("giang").endswith(", lời nhắn.")
    mine = room.one(Assignment, Assignment.accepted_at.is_not(None))
    assert mine.note == "đang đi kiểm tra đập, 2 giờ nữa báo"
    assert room.count(QuickReport) == 1


def test_a_task_is_accepted_with_the_time_in_one_message(room: Room) -> None:
    code = log(room)
    room.say("giang", "nhận, 2 giờ nữa có kết quả")
    said = room.last("giang").split("\n")
    assert said[0].startswith(f"Đã nhận việc {code} lúc ")
    assert said[1].startswith(f"{code}: đã ghi dự kiến ")
    mine = room.one(Assignment, Assignment.accepted_at.is_not(None))
    assert mine.note == "2 giờ nữa có kết quả"
    assert mine.expected_at is not None
    assert room.count(Entry, Entry.kind == "acknowledged") == 1


@pytest.mark.parametrize(
    "text", ["Nhận được tin dân báo vỡ đập", "nhận tin lúc 21h02 dân chạy lên đồi", "Nhận, xã sẽ đi"]
)
def test_a_report_that_begins_with_the_same_word_accepts_nothing(room: Room, text: str) -> None:
    log(room)
    room.say("giang", text)
    assert room.one(QuickReport).text == text
    assert room.count(Assignment, Assignment.accepted_at.is_not(None)) == 0


def test_words_of_accepting_that_quote_the_card_need_no_time(room: Room) -> None:
    code = log(room)
    card = room.messages("giang")[0]["message_id"]
    room.say("giang", "Nhận, xã sẽ đi kiểm tra đập", reply_to=card)
    assert room.said("giang")[-1].startswith(f"Đã nhận việc {code} lúc ")
    assert room.one(Assignment, Assignment.accepted_at.is_not(None)).note == "xã sẽ đi kiểm tra đập"


def test_a_time_of_who_no_longer_holds_it_is_refused_with_a_sentence(room: Room) -> None:
    code = log(room)
    room.press("an", "Nhận việc")
    room.change(Incident, holder_id=None)
    room.change(Assignment, accepted_at=None, accepted_by_id=None)
    room.say("an", "2 giờ nữa")
    assert room.last("an").startswith(f"Sự việc {code} không có phần việc nào")
