"""Approval by another person: dialogues D61 to D63 of the bot's book, for the steps of a playbook."""

from typing import Any

import pytest

from incidents.cases import approvals, doing, triage
from incidents.cases.models import Draft, Entry, QuickReport, Step
from incidents.people import members
from incidents.people.models import MemberRole
from incidents.telling.models import Alert, Prompt
from incidents.vocabulary import AlertState
from tests.bots.conftest import Room
from tests.bots.test_step_story import log, picture, step, taken
from tests.cast import actor

LINK = "https://mxh.example/p/881"
TEXT = "Thuộc diện xử lý, độ nguy hại b, nhóm tiếp cận c"


def waiting(room: Room) -> str:
    """Step 2 of PB-01 at Cấp 2 is submitted by An and waits for a deputy or the lead."""
    code = log(room, 2)
    change_plan(room, 2, approval="deputy")
    taken(room)
    with room.app.app_context():
        doing.tick(actor("an"), code, "1", result=LINK)
    room.settle()
    room.press("an", "Trình duyệt bước 2")
    room.say("an", TEXT)
    return code


def change_plan(room: Room, position: int, **values: Any) -> None:
    plan = step(room, position).plan
    room.change(Step, Step.position == position, plan={**plan, **values})


def test_the_drafter_submits_and_a_second_person_approves_what_he_reads(each_room: Room) -> None:
    room = each_room
    code = waiting(room)
    assert room.last("an") == f"Đã trình duyệt bước 2 của {code}, chờ Tổ phó Lò Văn Sơn."
    assert room.count(Draft) == 0
    shown = room.last("son")
    assert shown.startswith(f"{code} · bước 2: ")
    assert "Nguyễn An trình lúc " in shown
    assert TEXT in shown.split("\n"), "the whole text stands there"
    assert room.labels("son") == ["Duyệt", "Trả lại", "Xem"]
    room.press("son", "Duyệt")
    assert room.last("son").startswith(f"✔ Đã duyệt, xong bước 2 của {code} lúc ")
    done = step(room, 2)
    assert (done.state, done.result) == ("done", TEXT)
    assert room.one(Entry, Entry.kind == "step_done", Entry.number > 0, Entry.text == TEXT).facts["approved_of"]


def test_the_card_asks_for_submitting_only_where_somebody_else_must_approve(room: Room) -> None:
    log(room)
    taken(room)
    with room.app.app_context():
        doing.tick(actor("an"), "1", "1", result=LINK)
    room.settle()
    markup = room.messages("an")[0]["reply_markup"]["inline_keyboard"]
    assert "Trình duyệt bước 2" in [button["text"] for row in markup for button in row]
    waiting_card = room.messages("an")[0]
    assert "Xong bước 2" not in str(waiting_card)


def test_a_step_that_waits_for_approval_is_not_submitted_a_second_time_by_an_old_button(room: Room) -> None:
    code = waiting(room)
    with room.app.app_context():
        prompt = room.one(Prompt, Prompt.kind == "card", Prompt.member_id == members.by_username("an").id,
                          Prompt.answered_at.is_(None))  # fmt: skip
    room.change(Prompt, Prompt.id == prompt.id, options=[["3", "submit", f"2:{step(room, 2).key}"]])
    room.say("an", "3")
    assert room.last("an") == f"Đã trình duyệt bước 2 của {code}, chờ Tổ phó Lò Văn Sơn."
    assert room.count(Entry, Entry.kind == "step_submitted") == 1


def test_the_drafters_own_press_is_refused(each_room: Room) -> None:
    room = each_room
    code = waiting(room)
    with room.app.app_context():
        approvals.submit(actor("son"), code, "2", result=f"{TEXT}, đã đối chiếu")
    room.settle()
    room.press("son", "Duyệt")
    assert room.last("son").startswith("Người trình không tự duyệt. Người có thể duyệt: ")
    assert step(room, 2).state == "open"
    room.press("binh", "Duyệt")
    assert step(room, 2).state == "done"


def test_a_text_changed_after_showing_is_not_approved_but_shown_anew(room: Room) -> None:
    code = waiting(room)
    with room.app.app_context():
        approvals.submit(actor("an"), code, "2", result="Bản sửa: " + TEXT)
    message, number = room.button("son", "Duyệt")
    room.state.press(104, message, number)
    room.settle()
    changed = [text for text in room.said("son") if text.startswith("Nội dung đã thay đổi")]
    assert len(changed) == 1
    assert "Bản sửa: " + TEXT in changed[0].split("\n")
    assert step(room, 2).state == "open"
    room.press("son", "Duyệt")
    assert step(room, 2).state == "done"


def test_sending_back_needs_a_reason_and_the_drafter_reads_it(each_room: Room) -> None:
    room = each_room
    code = waiting(room)
    room.press("son", "Trả lại")
    assert room.last("son").startswith(f"Lý do trả lại bước 2 của {code}? ")
    room.say("son", ".")
    assert room.last("son").startswith("Cần ghi lý do")
    room.say("son", "chưa nêu nguồn")
    assert room.last("son") == f"Đã trả lại bước 2 của {code} cho Nguyễn An."
    sent_back = f"{code} · bước 2 được Lò Văn Sơn trả lại: chưa nêu nguồn. Những gì đã gửi vẫn giữ."
    assert sent_back in room.said("an")
    assert room.count(QuickReport) == 0
    assert room.one(Entry, Entry.kind == "step_returned").text == "chưa nêu nguồn"


def test_what_was_sent_back_is_not_submitted_again_by_one_press(room: Room) -> None:
    code = waiting(room)
    with room.app.app_context():
        approvals.send_back(actor("son"), code, "2", "chưa nêu nguồn")
    room.settle()
    room.press("an", "Trình duyệt bước 2")
    assert room.last("an").startswith(f"Bước 2 của {code} đã có nội dung gửi lần trước")
    assert room.labels("an") == ["1 · Giữ như cũ"]
    room.say("an", TEXT + ", theo báo cáo của xã")
    assert room.last("an").startswith("Đã trình duyệt bước 2")
    assert TEXT + ", theo báo cáo của xã" in room.last("son").split("\n")


@pytest.mark.parametrize("approval", ["chain", "deputy_from_c3"])
def test_nothing_of_a_high_level_is_approved_in_chat(room: Room, approval: str) -> None:
    """G28: above Cấp 2 approving happens on the web, with the second factor."""
    code = log(room)
    taken(room)
    with room.app.app_context():
        doing.tick(actor("an"), code, "1", result=LINK)
    change_plan(room, 2, approval=approval)
    with room.app.app_context():
        approvals.submit(actor("an"), code, "2", result=TEXT)
    room.settle()
    assert room.last("binh").split("\n")[0].endswith("Đọc và duyệt trên web.")
    assert TEXT not in room.last("binh")
    assert room.labels("binh") == ["Xem"]


def test_a_level_raised_after_showing_moves_the_approval_to_the_web(room: Room) -> None:
    code = log(room, 2)
    taken(room)
    with room.app.app_context():
        doing.tick(actor("an"), code, "1", result=LINK)
    change_plan(room, 2, approval="chain")
    with room.app.app_context():
        approvals.submit(actor("an"), code, "2", result=TEXT)
    room.settle()
    assert room.labels("binh") == ["Duyệt", "Trả lại", "Xem"]
    with room.app.app_context():
        triage.set_severity(actor("binh"), code, 3, "báo Trung ương đã đăng")
    room.press("binh", "Duyệt")
    assert any("Đọc và duyệt trên web" in text for text in room.said("binh"))
    assert step(room, 2).state == "open"


def test_an_approval_is_not_sent_when_it_no_longer_waits_or_the_right_is_gone(room: Room) -> None:
    code = log(room)
    taken(room)
    with room.app.app_context():
        doing.tick(actor("an"), code, "1", result=LINK)
    room.settle()
    with room.app.app_context():
        approvals.submit(actor("an"), code, "2", result=TEXT)
        son = members.by_username("son").id
    room.change(MemberRole, MemberRole.member_id == son, role="analyst")
    room.settle()
    moot = room.one(Alert, Alert.kind == "approval_wanted", Alert.member_id == son)
    assert moot.state == AlertState.superseded
    assert not any("chờ duyệt" in text for text in room.said("son"))


def test_a_text_with_a_private_number_or_of_a_restricted_incident_is_read_on_the_web(room: Room) -> None:
    code = log(room, 2)
    change_plan(room, 2, approval="deputy")
    taken(room)
    with room.app.app_context():
        doing.tick(actor("an"), code, "1", result=LINK)
        approvals.submit(actor("an"), code, "2", result="Người đăng dùng số 0912 345 678")
    room.settle()
    assert "0912" not in "".join(room.said("son"))
    assert room.labels("son") == ["Xem"]


@pytest.mark.parametrize("by_word", [False, True])
def test_a_verdict_is_chosen_by_number_or_word_and_stands_in_what_is_approved(room: Room, by_word: bool) -> None:
    code = log(room, 2)
    change_plan(room, 2, approval="deputy")
    taken(room)
    with room.app.app_context():
        doing.tick(actor("an"), code, "1", result=LINK)
    change_plan(room, 2, gate={"evidence": "any", "document": True, "settles": ["verdict"]})
    room.settle()
    room.press("an", "Trình duyệt bước 2")
    room.state.photo(101, picture(), "văn bản xác nhận")
    room.settle()
    assert room.last("an") == f"Đã giữ. Bước 2 của {code} còn cần số, ngày văn bản. Gửi trong tin tiếp theo."
    room.say("an", "45/BC-UBND ngày 23/11/2026")
    assert room.last("an") == f"Bước 2 của {code} cần chọn: kết luận kiểm chứng."
    assert room.labels("an")[0] == "1 · Là tin giả, tin sai sự thật"
    room.say("an", "Không có điều kiện xác thực" if by_word else "3")
    assert room.last("an").startswith("Đã trình duyệt bước 2")
    shown = room.last("son").split("\n")
    assert shown[1:] == [
        "văn bản xác nhận",
        "Văn bản: 45/BC-UBND ngày 23/11/2026",
        "kết luận kiểm chứng: Không có điều kiện xác thực",
        "Kèm 1 ảnh, xem trên web.",
        f"Xem: http://127.0.0.1:8000/incidents/{code}",
    ]
