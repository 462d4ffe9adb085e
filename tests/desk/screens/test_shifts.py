"""Lịch trực: the week, what its keeper does, swaps, hand-over notes, and the calendar of a telephone."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from incidents.cases import assignments, intake, swaps
from incidents.cases.models import Incident, IncidentReader
from incidents.db import db, transaction
from incidents.people import members, roster
from incidents.people.models import HandOver, Shift
from playbooks.worktime import ZONE
from tests import cast
from tests.desk.screens.conftest import Browser, main_of

Open = Callable[..., Browser]
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZONE)  # a Monday
HOUR = timedelta(hours=1)
HOME = "so_vhttdl"
ADD = {
    "agency": HOME, "week": "2026-11-23", "username": "an",
    "starts_at": "22:00 23/11/2026", "ends_at": "06:00 24/11/2026", "note": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=True):
        yield


@pytest.fixture
def add(app: Flask) -> Callable[..., int]:
    def added(username: str, after: float, hours: float = 8, agency: str = HOME, note: str = "") -> int:
        """A shift that begins so many hours after noon of the Monday; returns its id."""
        with app.app_context():
            start = NOON + after * HOUR
            made = roster.add_shift(cast.actor("binh"), agency, username, start, start + hours * HOUR, note)
            app.extensions["on_duty"] = (0, None)
            return made.id

    return added


def test_the_week_shows_shifts_gaps_in_words_and_what_goes_on_from_the_day_before(
    browser: Open, add: Callable[..., int]
) -> None:
    add("an", 0, 10)
    add("mai", 18, 12, note="mang bộ đàm")
    page = main_of(browser("binh").get("/shifts").text)
    monday = page[page.index("Thứ Hai 23/11") : page.index("Thứ Ba 24/11")]
    assert "12:00–22:00" in monday
    assert "Nguyễn An" in monday
    assert "Trống 22:00–06:00" in monday
    tuesday = page[page.index("Thứ Ba 24/11") : page.index("Thứ Tư 25/11")]
    assert "06:00–18:00" in tuesday
    assert "mang bộ đàm" in tuesday
    assert "Trống 18:00–24:00" in tuesday
    assert "Trống cả ngày" in page
    assert "Đang trực: Nguyễn An" in page
    assert "Hoàng Thị Mai, 06:00–18:00 24/11" in page


def test_a_holiday_is_named_in_the_week(browser: Open) -> None:
    page = main_of(browser("binh").get("/shifts?week=2027-01-01").text)
    assert "Tết Dương lịch" in page
    assert "New Year" in main_of(browser("binh", "en").get("/shifts?week=2027-01-01").text)


def test_a_shift_is_added_and_the_frame_says_who_is_on_duty_at_once(browser: Open) -> None:
    binh = browser("binh")
    assert "Ca trực đang trống" in binh.get("/shifts").text
    answer = binh.send("/shifts", **ADD | {"starts_at": "11:00 23/11/2026", "ends_at": "20:00 23/11/2026"})
    page = binh.follow(answer).text
    assert "Đã xếp Nguyễn An trực 11:00–20:00 23/11." in page
    assert "Ca trực đang trống" not in page
    duty = page[page.index('class="duty"') : page.index('class="now"')]
    assert "Nguyễn An" in duty
    assert "20:00" in duty
    assert "Hoàng Thị Mai" not in duty, "holders of the role who are not on shift are not named"


@pytest.mark.parametrize(
    ("field", "changed", "words"),
    [
        ("ends_at", {"ends_at": "21:00 23/11/2026"}, "Giờ hết ca phải sau giờ vào ca."),
        ("starts_at", {"starts_at": "hôm nay"}, "Giờ này không đọc được."),
        ("starts_at", {"starts_at": ""}, "Ghi giờ và ngày."),
        ("username", {"username": "giang"}, "không xếp được vào lịch trực"),
        ("username", {"username": ""}, "Không có tài khoản"),
        ("note", {"note": "x" * 201}, "Tối đa 200 ký tự."),
    ],
)
def test_a_refused_shift_says_why_and_keeps_what_was_typed(
    browser: Open, app: Flask, field: str, changed: dict[str, str], words: str
) -> None:
    answer = browser("binh").send("/shifts", **ADD | {"note": "gác cổng"} | changed)
    assert answer.status_code == 400
    assert words in answer.text
    assert f'href="#f-{field}"' in answer.text
    typed = ADD | {"note": "gác cổng"} | changed
    assert all(typed[name] in answer.text for name in ("starts_at", "ends_at", "note"))
    with app.app_context():
        assert db.session.query(Shift).count() == 0


def test_a_retired_agency_is_refused_with_its_successors(browser: Open, app: Flask) -> None:
    with app.app_context(), transaction():
        code = (
            db.session.execute(
                select(members.Agency.code).where(members.Agency.valid_to < NOON.date()).order_by(members.Agency.id)
            )
            .scalars()
            .first()
        )
    assert code is not None
    answer = browser("binh").send("/shifts", **ADD | {"agency": code})
    assert answer.status_code == 400
    assert "Cơ quan kế thừa" in answer.text


def test_a_week_is_copied_and_what_was_skipped_is_named(browser: Open, add: Callable[..., int]) -> None:
    add("an", 1)
    add("mai", 10)
    add("mai", 7 * 24 + 9, 4)
    binh = browser("binh")
    page = binh.follow(binh.send("/shifts/repeat", agency=HOME, week="2026-11-23", weeks="1")).text
    assert "Đã chép 1 ca." in page
    assert "Hoàng Thị Mai 22:00 30/11/2026: không chép. Trùng với ca trực" in page
    assert "13:00–21:00" in main_of(page)
    refused = binh.send("/shifts/repeat", agency=HOME, week="2026-11-23", weeks="x")
    assert (refused.status_code, "Chép tiếp 1–12 tuần." in refused.text) == (400, True)


def test_an_empty_week_offers_to_copy_the_one_before(browser: Open, add: Callable[..., int]) -> None:
    add("an", 1)
    binh = browser("binh")
    assert "Chép tuần trước" not in binh.get("/shifts").text
    page = main_of(binh.get("/shifts?week=2026-11-30").text)
    assert "Tuần này chưa xếp." in page
    copy = page[page.index("Tuần này chưa xếp.") :]
    assert 'name="week" value="2026-11-23"' in copy[: copy.index("Chép tuần trước")]


def test_a_gap_offers_a_form_that_is_filled_in(browser: Open, add: Callable[..., int]) -> None:
    add("an", 0, 24)
    binh = browser("binh")
    page = binh.get("/shifts").text
    link = re.search(r'href="(/shifts\?[^"]*start=[^"]*)"', page)
    assert link
    form = main_of(binh.get(link[1].replace("&amp;", "&").partition("#")[0]).text)
    assert 'value="12:00 24/11/2026"' in form
    assert 'value="20:00 24/11/2026"' in form


def test_a_shift_is_withdrawn_on_its_page_with_a_reason(browser: Open, add: Callable[..., int]) -> None:
    shift_id, binh = add("an", 10), browser("binh")
    refused = binh.send(f"/shifts/{shift_id}/withdraw", reason="")
    assert (refused.status_code, "Ghi lý do rút ca trực." in refused.text) == (400, True)
    page = binh.follow(binh.send(f"/shifts/{shift_id}/withdraw", reason="An đi học")).text
    assert "Đã rút ca trực 22:00 23/11 – 06:00 24/11 của Nguyễn An." in page
    assert "An đi học" in binh.get(f"/shifts/{shift_id}").text
    assert binh.send(f"/shifts/{shift_id}/withdraw", reason="nữa").status_code == 409


def test_a_focal_point_keeps_only_the_roster_of_his_agency(browser: Open, add: Callable[..., int]) -> None:
    add("an", 1)
    giang = browser("giang")
    assert "Xếp ca trực" in giang.get("/shifts").text
    other = giang.get(f"/shifts?agency={HOME}").text
    assert "Nguyễn An" in main_of(other)
    assert "Xếp ca trực" not in other
    assert giang.send("/shifts", **ADD).status_code == 403
    own = {"agency": "x_bao_nhai", "username": "giang"}
    assert giang.send("/shifts", **ADD | own).status_code == 303


def test_the_press_sees_no_roster_and_an_unknown_agency_is_not_found(browser: Open) -> None:
    assert browser("phong").get("/shifts").status_code == 403
    assert browser("binh").get("/shifts?agency=khong_co").status_code == 404
    assert browser("binh").get("/shifts/999").status_code == 404
    assert browser("binh").get("/shifts?week=bao-gio").status_code == 200


def test_a_swap_is_asked_on_the_shift_and_answered_on_the_page(
    browser: Open, add: Callable[..., int], app: Flask
) -> None:
    shift_id, an, mai = add("an", 10), browser("an"), browser("mai")
    assert "Xin đổi ca" not in mai.get(f"/shifts/{shift_id}").text
    refused = an.send(f"/shifts/{shift_id}/swap", username="", reason="con ốm")
    assert (refused.status_code, "con ốm" in refused.text) == (400, True)
    page = an.follow(an.send(f"/shifts/{shift_id}/swap", username="mai", reason="con ốm")).text
    assert "Đang chờ Hoàng Thị Mai nhận ca" in page
    asked = main_of(mai.get("/shifts").text)
    assert "Nguyễn An xin đổi ca 22:00 23/11 – 06:00 24/11" in asked
    assert "con ốm" in asked
    assert "chờ trả lời" in main_of(browser("binh").get("/shifts").text)
    swap_id = re.search(r"/shifts/swaps/(\d+)/accept", asked)
    assert swap_id
    page = mai.follow(mai.send(f"/shifts/swaps/{swap_id[1]}/accept")).text
    assert "Đã nhận ca trực." in page
    assert "Đổi ca cho Hoàng Thị Mai" in an.get(f"/shifts/{shift_id}").text
    again = mai.follow(mai.send(f"/shifts/swaps/{swap_id[1]}/accept")).text
    assert "Việc này đã xong: Hoàng Thị Mai" in again


def test_a_swap_can_be_declined_and_taken_back(browser: Open, add: Callable[..., int], app: Flask) -> None:
    first, second = add("an", 10), add("an", 40)
    with app.app_context():
        one = swaps.ask(cast.actor("an"), first, "mai").id
        two = swaps.ask(cast.actor("an"), second, "mai").id
    mai, an = browser("mai"), browser("an")
    assert "Đã trả lời không đổi." in mai.follow(mai.send(f"/shifts/swaps/{one}/decline", reason="bận")).text
    assert "Đã rút đề nghị đổi ca." in an.follow(an.send(f"/shifts/swaps/{two}/withdraw")).text
    assert an.follow(an.send(f"/shifts/swaps/{one}/accept")).status_code == 200


def incident_of(app: Flask, text: str = "Tin vỡ đập") -> str:
    """An incident An holds."""
    with app.app_context():
        incident = intake.log(cast.actor("an"), text, 3, place="xã Bảo Nhai")
        if incident.holder_id is None:
            assignments.acknowledge(cast.actor("an"), incident.code)
        return incident.code


def test_a_hand_over_is_written_signed_by_both_and_takes_over_in_one_press(browser: Open, app: Flask) -> None:
    code, an, mai = incident_of(app), browser("an"), browser("mai")
    assert code in main_of(an.get("/shifts/handover").text), "what the note will list stands there before it is signed"
    answer = an.send("/shifts/handover", username="mai", note="Chờ Sở Công Thương xác nhận")
    page = an.follow(answer).text
    assert "Đã ký giao ca. Hoàng Thị Mai đã được báo để ký nhận." in page
    assert "Chờ Sở Công Thương xác nhận" in page
    assert "chưa ký" in page
    assert "chờ ký nhận" in mai.get("/shifts").text
    note = answer.location
    assert "Nhận giữ luôn 1 sự việc Nguyễn An đang giữ" in mai.get(note).text
    signed = mai.follow(mai.send(f"{note}/sign", take_over="1")).text
    assert "Đã ký nhận ca." in signed
    assert "chưa ký" not in signed
    assert "Nhận việc, giữ sự việc. Nhận ca từ Nguyễn An." in mai.get(f"/incidents/{code}").text
    with app.app_context():
        assert db.session.scalars(select(Incident).where(Incident.code == code)).one().holder_id == cast.actor("mai").id


def test_a_refused_hand_over_keeps_its_words(browser: Open) -> None:
    answer = browser("an").send("/shifts/handover", username="", note="gọi lại xã trước 22 giờ")
    assert answer.status_code == 400
    assert "gọi lại xã trước 22 giờ" in answer.text


def test_of_a_restricted_incident_the_note_says_only_that_it_is_there(browser: Open, app: Flask) -> None:
    code, an, mai = incident_of(app), browser("an"), browser("mai")
    note = an.send("/shifts/handover", username="mai", note="").location
    assert code in main_of(mai.get(note).text)
    with app.app_context(), transaction():
        incident = db.session.scalars(select(Incident).where(Incident.code == code)).one()
        incident.restricted = True
        db.session.add(IncidentReader(incident_id=incident.id, member_id=cast.actor("an").id))
    hidden = main_of(mai.get(note).text)
    assert code not in hidden
    assert "hạn chế, không hiện" not in hidden  # G21: not even the count
    assert code in main_of(an.get(note).text)


def test_a_note_that_was_changed_behind_the_desk_is_marked(browser: Open, app: Flask) -> None:
    an = browser("an")
    note = an.send("/shifts/handover", username="mai", note="như cũ").location
    with app.app_context(), transaction():
        db.session.scalars(select(HandOver)).one().note = "khác"
    assert "Nội dung không còn khớp với mã băm đã ký." in an.get(note).text
    mai = browser("mai")
    assert "Báo quản trị, không ký." in mai.follow(mai.send(f"{note}/sign")).text


def test_a_note_of_others_is_not_found(browser: Open) -> None:
    note = browser("an").send("/shifts/handover", username="mai", note="").location
    assert browser("giang").get(note).status_code == 404
    assert browser("son").get(note).status_code == 200


def test_a_telephone_reads_the_calendar_by_its_secret_address_only(
    browser: Open, add: Callable[..., int], app: Flask
) -> None:
    add("an", 10, note="bí mật nội bộ")
    an = browser("an")
    page = an.send("/shifts/feed").text
    address = re.search(r'value="http[^"]*(/shifts\.ics\?key=[^"]+)"', page)
    assert address
    anybody = app.test_client()
    answer = anybody.get(address[1])
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert "DTSTART;TZID=Asia/Ho_Chi_Minh:20261123T220000" in answer.text
    assert "bí mật" not in answer.text
    assert address[1] not in an.get("/shifts").text, "shown once"
    for wrong in ("/shifts.ics", "/shifts.ics?key=", "/shifts.ics?key=abc"):
        assert anybody.get(wrong).status_code == 404
    an.follow(an.send("/shifts/feed/end"))
    assert anybody.get(address[1]).status_code == 404


def test_every_page_of_the_roster_is_in_english_too(browser: Open, add: Callable[..., int]) -> None:
    shift_id = add("an", 10)
    an = browser("an", "en")
    assert "Gaps in the next 30 days" in an.get("/shifts").text
    assert "Ask to swap" in an.get(f"/shifts/{shift_id}").text
    assert "Write a hand-over note" in an.get("/shifts/handover").text


def test_the_roster_costs_few_statements(
    browser: Open, add: Callable[..., int], statements: Callable[[], object]
) -> None:
    for day in range(6):
        add("an", 24 * day, 12)
        add("mai", 24 * day + 12, 12)
    binh = browser("binh")
    binh.get("/shifts")
    with statements() as seen:  # type: ignore[attr-defined]
        binh.get("/shifts")
    assert len(seen) <= 17, seen
