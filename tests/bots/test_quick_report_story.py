"""Giang reports, duty sorts: dialogues D10 to D31 and D36 to D38 of the bot's book, with buttons and with numbers."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from bots.rehearsal import from_channel, from_hidden_user
from incidents.cases.models import Incident, QuickReport, QuickReportPart
from incidents.db import utc_now
from incidents.files import StoredFile
from incidents.telling.models import Alert, Update
from tests.bots.conftest import CHATS, Room

RUMOUR = "Có tin vỡ đập Suối Mận, dân hoang mang"


def picture(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return out.getvalue()


def test_a_report_is_stored_before_anything_is_asked_and_before_any_answer(room: Room) -> None:
    room.state.say(CHATS["giang"], RUMOUR)
    room.poll()
    room.receive()
    report = room.one(QuickReport)
    assert (report.number, report.text, report.state) == ("BN-0001", RUMOUR, "asked")
    assert room.messages("giang") == []
    room.settle()
    assert "Đã ghi nhận BN-0001 lúc" in room.last("giang")
    assert room.labels("giang")[0] == "1 · 🔵 Cấp 1 Theo dõi"


@pytest.mark.parametrize("way", ["buttons", "numbers", "words"])
def test_level_and_kind_are_answered_by_buttons_numbers_or_words(room: Room, way: str) -> None:
    room.say("giang", RUMOUR)
    if way == "buttons":
        room.press("giang", "Cấp 4")
        room.press("giang", "Có dấu hiệu giả")
    else:
        room.say("giang", "4" if way == "numbers" else "cấp 4")
        room.say("giang", "1" if way == "numbers" else "có dấu hiệu giả")
    report = room.one(QuickReport)
    assert (report.severity, report.kind, report.state) == (4, "suspected_false", "told")
    assert room.last("giang").startswith("Đang báo trực ban Nguyễn An")
    assert room.last("an") == (
        f"BN-0001 từ xã Bảo Nhai, đề xuất 🛑 Cấp 4, có dấu hiệu giả. Nhận lúc {room.last('binh').split()[-1]}"
    )
    assert room.labels("binh") == ["Mở sự việc", "Gộp", "Trả lời", "Bỏ qua"]
    assert not any("đập" in text for who in ("an", "binh", "ha") for text in room.said(who)), "chat repeats no content"


def test_duty_opens_the_incident_with_one_press_and_the_clocks_run_from_the_first_arrival(room: Room) -> None:
    room.say("giang", RUMOUR)
    room.change(QuickReport, arrived_at=utc_now() - timedelta(minutes=7), sent_at=utc_now() - timedelta(minutes=7))
    room.say("giang", "3")
    room.say("giang", "1")
    room.press("an", "Mở sự việc")
    incident, report = room.one(Incident), room.one(QuickReport)
    assert incident.code.startswith("TG-")
    assert incident.received_at == report.arrived_at
    assert (incident.severity, incident.what) == (3, RUMOUR)
    assert any(text == f"BN-0001 đã mở thành {incident.code} (Cấp 3)." for text in room.said("giang"))
    assert f"{incident.code} · Tin chưa kiểm chứng · xã Bảo Nhai" in room.last("an")
    assert "Nhận việc" in room.labels("an")
    assert any(f"đã mở sự việc {incident.code}" in text for text in room.said("mai")), "the others' cards say so"


def test_somebody_on_duty_opens_his_own_report_by_answering_both_questions(room: Room) -> None:
    room.say("an", RUMOUR)
    room.say("an", "4")
    room.say("an", "1")
    incident = room.one(Incident)
    assert incident.severity == 4
    assert not incident.severity_confirmed
    assert "🛑 Cấp 4 · Khủng hoảng (đề xuất)" in room.last("an")
    assert room.one(QuickReport).state == "opened"


def test_a_number_out_of_range_keeps_the_question_open_and_more_text_joins_the_report(room: Room) -> None:
    room.say("giang", RUMOUR)
    room.say("giang", "9")
    assert room.last("giang") == "Chọn một trong các số: 1, 2, 3, 4, 0."
    room.say("giang", "ở thôn 3, có nhiều người đang chạy")
    assert room.last("giang") == "Đã thêm vào BN-0001: ghi chú."
    assert room.one(QuickReportPart).text.startswith("ở thôn 3")
    room.say("giang", "2")
    assert room.one(QuickReport).severity == 2


def test_who_does_not_answer_is_told_on_after_three_minutes_and_may_still_name_the_level(room: Room) -> None:
    room.say("giang", RUMOUR)
    room.change(QuickReport, ask_until=utc_now() - timedelta(seconds=1))
    room.sweep()
    room.settle()
    assert room.last("giang").startswith("Đã lưu BN-0001 ở mục Chờ phân loại")
    assert "chưa rõ cấp" in room.last("an")
    assert room.messages("binh") == []
    room.say("giang", "4")
    report = room.one(QuickReport)
    assert (report.severity, report.state) == (4, "told")
    assert "đề xuất 🛑 Cấp 4" in room.last("an"), "the card is edited"
    assert "đề xuất 🛑 Cấp 4" in room.last("binh"), "the higher level concerns the lead too"
    assert room.count(QuickReport) == 1
    assert room.count(Incident) == 0


def test_a_worker_that_dies_before_answering_loses_and_doubles_nothing(room: Room, loop) -> None:
    room.state.say(CHATS["giang"], RUMOUR)
    room.poll()  # stored, and then the worker is gone
    second = Room(room.app, room.stand_in, loop, "worker-2")
    try:
        second.settle()
        assert second.count(QuickReport) == 1
        assert len(second.said("giang")) == 1
    finally:
        second.close()


def test_one_update_delivered_three_times_is_one_report_and_one_answer(room: Room) -> None:
    number = room.state.say(CHATS["giang"], RUMOUR)
    room.settle()
    for _ in range(2):
        room.state.repeat(number)
        room.settle()
    assert room.count(QuickReport) == 1
    assert len(room.said("giang")) == 1


def test_undoing_within_two_minutes_drops_what_was_not_sent_and_keeps_the_content(room: Room) -> None:
    room.say("giang", RUMOUR)
    room.say("giang", "4")
    room.state.say(CHATS["giang"], "1")
    room.poll()
    room.receive()  # duty's alerts wait
    room.state.say(CHATS["giang"], "3")
    room.poll()
    room.receive()
    room.settle()
    assert room.last("giang") == "Đã rút BN-0001, không báo thêm ai. Nội dung vẫn lưu."
    assert room.messages("an") == []
    assert room.one(QuickReport).state == "withdrawn"
    assert room.one(QuickReport).text == RUMOUR


def test_undoing_too_late_asks_for_the_reason_which_reaches_the_incident(room: Room) -> None:
    room.say("giang", RUMOUR)
    room.say("giang", "2")
    room.say("giang", "1")
    room.press("an", "Mở sự việc")
    room.press("giang", "Hoàn tác")
    assert room.last("giang").startswith("Đã quá 2 phút")
    room.say("giang", "nhầm, đây là diễn tập của trường học")
    assert room.last("giang") == "Đã thêm vào BN-0001: ghi chú."
    assert room.one(QuickReportPart).text.startswith("nhầm")


def test_dropping_the_question_keeps_the_report_and_tells_duty(room: Room) -> None:
    room.say("giang", RUMOUR)
    room.say("giang", "/tat")
    assert room.last("giang") == "Đã bỏ câu hỏi. Những gì đã lưu vẫn còn: BN-0001."
    assert room.one(QuickReport).state == "told"
    assert room.last("an").startswith("BN-0001 từ xã Bảo Nhai")


def test_an_album_is_one_report_with_one_answer_and_later_pictures_join_it(room: Room) -> None:
    state, chat, when = room.state, CHATS["giang"], int(utc_now().timestamp())
    for number in range(7):
        state.photo(chat, picture(), "đập Suối Mận" if number == 2 else "", group="777", date=when)
    room.settle()
    report = room.one(QuickReport)
    assert report.text == "đập Suối Mận"
    assert room.count(QuickReportPart, QuickReportPart.fetch_state == "stored") == 7
    assert len(room.said("giang")) == 1
    state.photo(chat, picture("blue"), group="777", date=when + 5)
    room.settle()
    assert room.count(QuickReport) == 1
    assert room.count(QuickReportPart) == 8
    assert room.last("giang") == "Đã thêm vào BN-0001: 1 ảnh."


def test_a_forward_from_a_public_channel_keeps_title_link_and_time(room: Room) -> None:
    room.say("giang", RUMOUR, origin=from_channel("Tin nóng 24h", "tinnong24h", 88, 1_763_000_000))
    report = room.one(QuickReport)
    assert "Tin nóng 24h" in report.origin
    assert "13/11/2025" in report.origin
    assert report.link == "https://t.me/tinnong24h/88"


def test_a_forward_from_a_person_leaves_no_name_in_any_table(room: Room) -> None:
    room.say("giang", RUMOUR, origin=from_hidden_user("Hoàng Canary", 1_763_000_000))
    assert "một người dùng" in room.one(QuickReport).origin
    from incidents.db import Base, db

    with room.app.app_context():
        for table in Base.metadata.sorted_tables:
            for row in db.session.execute(table.select()):
                assert "Canary" not in repr(row), table.name


def test_a_file_above_twenty_megabytes_is_recorded_without_it_and_the_sender_is_told(room: Room) -> None:
    me = {"id": CHATS["giang"], "is_bot": False, "first_name": "Giang"}
    chat = {"id": CHATS["giang"], "type": "private", "first_name": "Giang"}
    video = {"file_id": "v", "file_unique_id": "v", "width": 1, "height": 1, "duration": 9, "file_size": 26_000_000}
    message = {"message_id": 900, "date": int(utc_now().timestamp()), "chat": chat, "from": me, "caption": RUMOUR}
    room.state.push_raw({"update_id": 2_000_000_000, "message": message | {"video": video}})
    room.settle()
    part = room.one(QuickReportPart)
    assert (part.fetch_state, part.reason) == ("refused", "tệp lớn hơn 20 MB")
    assert room.one(QuickReport).text == RUMOUR
    assert "Tệp lớn hơn 20 MB, Telegram không cho tải" in room.last("giang")


def test_a_picture_is_fetched_again_when_telegram_has_it_back(room: Room) -> None:
    room.state.fault("file_unavailable")
    room.state.photo(CHATS["giang"], picture(), RUMOUR)
    room.settle()
    assert "tệp chưa tải được" in room.last("giang")
    room.state.mend("file_unavailable")
    room.change(QuickReportPart, fetch_at=utc_now())
    room.settle()
    part = room.one(QuickReportPart)
    assert part.fetch_state == "stored"
    assert len(room.one(StoredFile).sha256) == 64


def test_a_file_that_is_no_picture_is_refused_and_the_words_stay(room: Room) -> None:
    room.state.document(CHATS["giang"], b"MZ\x90\x00 not a picture", "anh.jpg", RUMOUR)
    room.settle()
    assert "không nhận tệp này (không đọc được ảnh)" in room.last("giang")
    assert room.one(QuickReport).text == RUMOUR


def test_a_private_number_is_kept_but_warned_about(room: Room) -> None:
    room.say("giang", "Người phao tin có CCCD 010203004567 ở Bảo Nhai")
    assert "Có số cá nhân trong tin" in room.last("giang")
    assert "010203004567" in room.one(QuickReport).text
    room.say("giang", "2")
    room.say("giang", "1")
    assert not any("010203004567" in text for who in ("an", "giang") for text in room.said(who))


def test_an_edited_message_becomes_a_new_version_whichever_comes_first(room: Room) -> None:
    chat = CHATS["giang"]
    room.say("giang", RUMOUR)
    message = next(m for m in room.state.messages(chat) if m.get("text") == RUMOUR)
    room.state.edit(chat, message["message_id"], RUMOUR + ", chưa xác minh")
    room.settle()
    assert room.last("giang") == "Đã cập nhật BN-0001 theo tin vừa sửa."
    assert (room.one(QuickReport).text, room.one(QuickReportPart).text) == (RUMOUR, RUMOUR + ", chưa xác minh")

    me, there = message["from"], message["chat"]
    base = {"message_id": 950, "date": message["date"], "chat": there, "from": me}
    later = base | {"edit_date": message["date"] + 9, "text": "bản đã sửa của tin thứ hai"}
    room.state.push_raw({"update_id": 2_000_000_001, "edited_message": later})
    room.settle()
    room.state.push_raw({"update_id": 2_000_000_002, "message": base | {"text": "bản đầu của tin thứ hai"}})
    room.settle()
    second = room.one(QuickReport, QuickReport.number == "BN-0002")
    assert second.text == "bản đầu của tin thứ hai"
    assert room.one(QuickReportPart, QuickReportPart.report_id == second.id).text == "bản đã sửa của tin thứ hai"


def test_a_sticker_or_an_ok_is_no_report(room: Room) -> None:
    room.say("giang", "ok")
    assert room.said("giang") == ["Chưa hiểu nội dung này. Gửi tin cần báo hoặc /help."]
    assert room.count(QuickReport) == 0


def test_a_number_without_a_question_is_no_report(room: Room) -> None:
    room.say("giang", "1")
    assert room.last("giang").startswith("Không có câu hỏi nào đang chờ")
    assert room.count(QuickReport) == 0


def test_a_text_with_a_secrecy_stamp_is_purged_and_the_lead_told_while_honey_is_kept(room: Room) -> None:
    room.say("giang", "MẬT\nKế hoạch bí mật CANARYWORD")
    assert room.last("giang").startswith("Nội dung có dấu độ mật nên không lưu")
    assert "Vàng Thị Giang" in room.last("binh")
    assert room.count(Update, Update.raw.contains("CANARYWORD")) == 0
    assert room.count(QuickReport) == 0
    room.say("giang", "mật ong Bảo Nhai bị nói là giả")
    assert room.count(QuickReport) == 1


def test_duty_joins_answers_and_ignores_reports(room: Room) -> None:
    room.say("an", "Đường vào xã bị sạt")
    room.say("an", "2")
    room.say("an", "5")
    code = room.one(Incident).code
    for number, words in enumerate(("Lại có tin sạt đường", "Hỏi về lịch học", "Tin quảng cáo linh tinh"), start=2):
        room.say("giang", words)
        room.say("giang", "2")
        room.say("giang", "5")
        assert f"BN-000{number}" in room.last("an")
        if number == 2:
            room.press("an", "Gộp")
            assert any(code in label for label in room.labels("an"))
            room.say("an", "1")
            assert f"Đã gộp BN-0002 vào {code}" in room.last("giang")
        elif number == 3:
            room.press("an", "Trả lời")
            room.say("an", "Trường học nghỉ đến hết tuần, gọi 010203004567")
            assert room.last("giang") == "Trực ban trả lời BN-0003: Trường học nghỉ đến hết tuần, gọi •••"
        else:
            room.press("an", "Bỏ qua")
            room.say("an", "Quảng cáo, không liên quan")
            assert room.last("giang").endswith("Lý do: Quảng cáo, không liên quan")
    assert room.count(Incident) == 1
    assert room.count(QuickReport) == 4
    assert room.count(Alert, Alert.state == "failed") == 0
