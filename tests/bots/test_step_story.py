"""Steps: dialogues D56, D57 and D59 of the bot's book – proof asked for piece by piece, two who do it, skipping."""

import io
from datetime import timedelta

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from bots.rehearsal.shapes import callback_data
from incidents.cases import doing, intake
from incidents.cases.models import Clock, Draft, Entry, EntryFile, QuickReport, Step
from incidents.db import db, transaction, utc_now
from incidents.people import members
from incidents.people.models import MemberRole
from incidents.telling.models import Prompt
from incidents.vocabulary import Kind
from tests.bots.conftest import CHATS, Room
from tests.cast import actor

WHAT = "Tin đồn vỡ đập Suối Mận"


def picture(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return out.getvalue()


def log(room: Room, severity: int = 3, by: str = "binh", kind: str = Kind.suspected_false, **more: object) -> str:
    with room.app.app_context():
        code = intake.log(actor(by), WHAT, severity, kind=kind, place="xã Bảo Nhai", **more).code
    room.settle()
    return code


def log_rumour(room: Room) -> str:
    """PB-02: its first step needs a line in words."""
    return log(room, category="disaster", flags={"safety": True})


def step(room: Room, position: int = 1) -> Step:
    with room.app.app_context():
        wanted = select(Step).where(Step.position == position).options(selectinload(Step.clocks))
        return db.session.scalars(wanted).one()


def taken(room: Room, who: str = "an") -> None:
    room.press(who, "Nhận việc")


def test_a_step_that_needs_a_picture_asks_for_it_and_is_done_when_it_comes(each_room: Room) -> None:
    room = each_room
    code = log(room)
    taken(room)
    room.press("an", "Xong bước 1")
    assert room.last("an").startswith(f"Bước 1 của {code} cần ảnh, tệp hoặc đường dẫn")
    assert step(room).state == "open"
    room.state.photo(CHATS["an"], picture(), "bài đăng lúc 21:02")
    room.settle()
    assert room.last("an").startswith(f"✔ Xong bước 1 của {code} lúc ")
    done = step(room)
    assert (done.state, done.result, done.file_count) == ("done", "bài đăng lúc 21:02", 1)
    assert room.count(EntryFile) == 1
    assert room.count(QuickReport) == 0
    assert room.count(Draft) == 0, "nothing waits for the step any more"


def test_a_link_or_words_do_as_well_and_what_is_not_enough_is_kept(room: Room) -> None:
    code = log(room)
    taken(room)
    room.press("an", "Xong bước 1")
    room.say("an", "đã chụp, đang chờ gửi ảnh")
    assert room.last("an").startswith(f"Đã giữ. Bước 1 của {code} còn cần ảnh")
    room.say("an", "https://mxh.example/p/881")
    assert room.last("an").startswith("✔ Xong bước 1")
    assert step(room).result == "đã chụp, đang chờ gửi ảnh\nhttps://mxh.example/p/881"
    assert room.count(QuickReport) == 0


def test_a_line_is_enough_where_the_step_asks_for_words(room: Room) -> None:
    code = log_rumour(room)
    room.press("giang", "Nhận việc")
    room.press("giang", "Xong bước 1")
    assert room.last("giang").startswith(f"✔ Xong bước 1 của {code}"), "what it was opened with is its first evidence"
    room.press("giang", "Xong bước 2")
    assert room.last("giang").startswith(f"Bước 2 của {code} cần một dòng nói đã làm gì")
    room.say("giang", "Trực ban hồ báo đập bình thường lúc 21:02")
    assert room.last("giang").startswith(f"✔ Xong bước 2 của {code}")
    assert step(room, 2).result == "Trực ban hồ báo đập bình thường lúc 21:02"


def test_what_was_given_outlives_a_restart_between_two_pieces(room: Room, loop: object) -> None:
    code = log(room)
    taken(room)
    room.press("an", "Xong bước 1")
    room.say("an", "đã chụp màn hình")
    again = Room(room.app, room.stand_in, room.loop, "worker-2")
    room.state.photo(CHATS["an"], picture())
    again.settle()
    again.close()
    assert room.last("an").startswith(f"✔ Xong bước 1 của {code}")
    assert (step(room).result, step(room).file_count) == ("đã chụp màn hình", 1)


def test_pictures_of_an_album_all_stand_with_the_step(room: Room) -> None:
    log(room)
    taken(room)
    room.press("an", "Xong bước 1")
    room.state.album(CHATS["an"], [picture("red"), picture("blue"), picture("green")], "ba ảnh")
    room.settle()
    assert step(room).state == "open", "the album may not be complete yet"
    hurry_pictures(room)
    room.settle()
    assert (step(room).state, step(room).file_count) == ("done", 3)
    assert room.count(EntryFile) == 3
    assert sum("Xong bước 1" in text and text.startswith("✔") for text in room.said("an")) == 1


def hurry_pictures(room: Room) -> None:
    """The time to wait for a picture is over."""
    with room.app.app_context(), transaction():
        for draft in db.session.scalars(select(Draft)):
            files = [{**one, "fetch_at": utc_now().isoformat()} for one in draft.fields["files"]]
            draft.fields = {**draft.fields, "files": files}


def test_a_picture_telegram_cannot_hand_over_is_said_and_fetched_again(room: Room) -> None:
    code = log(room)
    taken(room)
    room.press("an", "Xong bước 1")
    room.state.fault("file_unavailable")
    room.state.photo(CHATS["an"], picture())
    room.settle()
    assert room.last("an").startswith(f"Ảnh cho bước 1 của {code} chưa tải được")
    room.state.mend()
    hurry_pictures(room)
    room.settle()
    assert room.last("an").startswith("✔ Xong bước 1")


def test_a_file_that_is_no_picture_is_refused_with_the_reason_and_the_step_stays_open(room: Room) -> None:
    code = log(room)
    taken(room)
    room.press("an", "Xong bước 1")
    room.state.document(CHATS["an"], b"MZ\x90\x00 not a picture", "anh.jpg")
    room.settle()
    assert any(text.startswith(f"Không nhận ảnh này cho bước 1 của {code}") for text in room.said("an"))
    assert room.last("an").startswith("Đã giữ. Bước 1"), "and is asked for again"
    assert step(room).state == "open"


def test_a_video_for_a_step_becomes_a_quick_report(room: Room) -> None:
    log(room)
    taken(room)
    room.press("an", "Xong bước 1")
    room.state.document(CHATS["an"], b"\x00" * 64, "clip.mp4", "clip tại đập")
    room.settle()
    assert room.one(QuickReport).text == "clip tại đập"
    assert step(room).state == "open"


def test_of_two_who_send_the_proof_the_second_hears_who_was_first_and_his_picture_is_kept(each_room: Room) -> None:
    room = each_room
    code = log(room)
    taken(room)
    with room.app.app_context():
        key = step(room).key
    room.press("an", "Xong bước 1")
    room.press("mai", "Xong bước 1")
    room.state.photo(CHATS["mai"], picture())
    room.poll()
    room.receive()
    with room.app.app_context():
        doing.tick(actor("an"), code, key, result="https://mxh.example/p/881")
    room.settle()
    assert any(text.startswith(f"Bước 1 của {code} đã xong: Nguyễn An, ") for text in room.said("mai"))
    report = room.one(QuickReport)
    assert room.last("mai") == f"Ảnh vừa gửi đã lưu thành tin báo {report.number}."
    assert room.count(Entry, Entry.kind == "step_done") == 1
    room.say("an", "https://mxh.example/p/882")
    assert room.count(Entry, Entry.kind == "step_done") == 1


def test_an_old_button_of_a_done_step_says_who_did_it(room: Room) -> None:
    code = log(room)
    taken(room)
    message, number = room.button("mai", "Xong bước 1")
    data = callback_data(next(m for m in room.messages("mai") if m["message_id"] == message), number)
    room.press("an", "Xong bước 1")
    room.say("an", "https://mxh.example/p/881")
    room.state.press(CHATS["mai"], message, data)
    room.settle()
    assert room.last("mai").startswith(f"Bước 1 của {code} đã xong: Nguyễn An, ")


def test_a_step_whose_earlier_step_is_open_says_which(room: Room) -> None:
    code = log(room)
    taken(room)
    first, second = step(room, 1), step(room, 2)
    room.press("an", "Xong bước 1")
    stale = room_prompt(room, "an")
    room.change(Prompt, Prompt.id == stale, options=[["3", "tick", f"2:{second.key}"]])
    room.say("an", "3")
    assert room.last("an") == f"Chưa làm được bước 2 của {code}: cần xong bước 1 ({first.name}) trước."


def room_prompt(room: Room, who: str) -> int:
    """The card's question in somebody's chat."""
    with room.app.app_context():
        mine = select(Prompt.id).where(Prompt.member_id == members.by_username(who).id, Prompt.kind == "card")
        return db.session.scalars(mine.order_by(Prompt.id.desc())).first() or 0


def test_a_secret_sent_as_proof_is_not_kept(room: Room) -> None:
    log(room)
    taken(room)
    room.press("an", "Xong bước 1")
    room.say("an", "TUYỆT MẬT\nsố 12/BC")
    assert room.last("an").startswith("Nội dung có dấu độ mật")
    assert room.count(Draft, Draft.fields.is_not(None)) == 1
    with room.app.app_context():
        assert "12/BC" not in str(db.session.scalars(select(Draft)).one().fields)


# Does not apply


def make_due(room: Room, position: int, minutes: int) -> Clock:
    """A step's clock runs out so many minutes from now (before: negative); warnings are over."""
    at = utc_now() + timedelta(minutes=minutes)
    with room.app.app_context():
        clock_id = step(room, position).clocks[0].id
    room.change(Clock, Clock.id == clock_id, due_at=at, warn_at=[], next_mark_at=at)
    with room.app.app_context():
        return db.session.get_one(Clock, clock_id)


def test_not_applying_needs_the_right_and_a_reason_which_the_lead_can_read(room: Room) -> None:
    code = log(room)
    taken(room)
    make_due(room, 1, -1)
    room.sweep()
    room.settle()
    assert room.labels("an") == ["Xong bước 1", "Xem"], "duty may not skip"
    room.press("binh", "Không áp dụng")
    assert room.last("binh").startswith(f"Lý do không áp dụng bước 1 của {code}? Bắt buộc")
    room.say("binh", ".")
    assert room.last("binh").startswith("Cần ghi lý do")
    assert step(room).state == "open"
    room.say("binh", "bài đã được gỡ trước khi tiếp nhận")
    assert room.last("binh").startswith(f"Đã ghi bước 1 của {code} không áp dụng")
    assert step(room).state == "skipped"
    assert room.one(Entry, Entry.kind == "step_skipped").text == "bài đã được gỡ trước khi tiếp nhận"
    assert room.count(QuickReport) == 0


def test_who_lost_the_right_meanwhile_is_told_so_and_his_words_are_kept_as_a_report(room: Room) -> None:
    log(room)
    taken(room)
    room.press("an", "Xong bước 1")
    with room.app.app_context():
        an = members.by_username("an").id
    room.change(MemberRole, MemberRole.member_id == an, role="contact")
    room.say("an", "https://mxh.example/p/881")
    assert any(text.startswith("Việc này cần quyền ") for text in room.said("an"))
    assert room.one(QuickReport).link == "https://mxh.example/p/881"
    assert step(room).state == "open"
