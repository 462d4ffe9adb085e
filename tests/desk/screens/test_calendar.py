"""Lịch làm việc: what is off and why, proposals of two persons, and a calculator that shows its working."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from incidents.cases import clocks
from incidents.cases.models import Clock, Incident
from incidents.db import db, transaction, utc_now
from incidents.people.members import today
from incidents.planning.calendar import calendar, is_confirmed
from playbooks.schedule import PlannedClock
from playbooks.worktime import after
from tests.desk.screens.conftest import main_of


@pytest.fixture
def working_day(app: Flask) -> str:
    """An ordinary working day some weeks ahead, as people write it."""
    with app.app_context():
        day = today() + timedelta(days=40)
        while not calendar().is_working_day(day):
            day += timedelta(days=1)
        return f"{day:%d/%m/%Y}"


def test_a_year_shows_its_holidays_by_name_and_its_swapped_days(browser) -> None:
    page = main_of(browser("an").get("/calendar?year=2026").text)
    assert page.count('class="month"') == 12
    assert "Ngày Văn hóa Việt Nam" in page
    assert "Tết Nguyên đán (mùng 1)" in page
    assert '<td class="off">24•</td>' in page
    assert '<td class="swapped">22+</td>' in page
    assert "07:30–11:30, 13:30–17:00" in page


@pytest.mark.parametrize("year", ["", "abc", "99999", "0001", "٢٠٢٦"])
def test_a_year_that_is_none_shows_one_that_is(browser, year: str) -> None:
    answer = browser("an").get(f"/calendar?year={year}")
    assert answer.status_code == 200
    assert answer.text.count('class="month"') == 12


def test_a_year_without_data_warns_until_two_persons_confirm_it(app, browser) -> None:
    chi, binh, year = browser("chi"), browser("binh"), f"{today().year + 1}"
    assert f"Lịch năm {year} chưa được tỉnh xác nhận" in chi.get("/calendar").text
    chi.follow(chi.send("/calendar/propose/year", key=year, reason="Khớp thông báo", document_no="TB 5"))
    decide(binh)
    assert f"Lịch năm {year} chưa được tỉnh xác nhận" not in chi.get("/calendar").text
    with app.app_context():
        assert is_confirmed(int(year))


def decide(reader, **fields: str) -> str:
    (action,) = set(re.findall(r'action="(/calendar/amendments/\d+)"', reader.get("/calendar").text))
    return str(reader.follow(reader.send(action, **{"approve": "1"} | fields)).text)


def test_a_day_off_is_proposed_approved_and_moves_the_clock_that_runs_over_it(app, browser, log, working_day) -> None:
    code = log()
    with app.app_context(), transaction():
        incident = db.session.scalar(select(Incident).where(Incident.code == code))
        now = utc_now()
        due = after(now, 60, "working_day", calendar())
        plan = PlannedClock("received_at", now, due, (), False, "own", "", 60, "working_day", "")
        clock = clocks.add(incident, plan, name="Trả lời", name_en="")
        db.session.flush()
        clock_id, before = clock.id, clock.due_at
    chi, binh = browser("chi"), browser("binh")
    fields = {"key": working_day, "day": "off", "name": "Nghỉ bù", "reason": "Công văn 12", "document_no": ""}
    chi.follow(chi.send("/calendar/propose/day", **fields))
    assert f"Ngày {working_day} là ngày nghỉ." in binh.get("/calendar").text
    assert "Duyệt</button>" not in chi.get("/calendar").text
    assert "Thời hạn đang chạy đã tính lại." in decide(binh)
    with app.app_context():
        assert db.session.get_one(Clock, clock_id).due_at > before
    page = binh.get(f"/incidents/{code}").text
    assert "Thời hạn tính lại." in page
    shown = main_of(binh.get(f"/calendar?year={working_day[-4:]}").text)
    assert re.search(rf"<b>{working_day[:5]}</b> \* Nghỉ bù", shown)


def test_working_hours_change_by_two_persons(app, browser, working_day) -> None:
    chi, binh = browser("chi"), browser("binh")
    fields = {"key": working_day, "hours": "07:00-11:00, 13:00-16:30", "reason": "Giờ mùa hè", "document_no": "QĐ 1"}
    chi.follow(chi.send("/calendar/propose/hours", **fields))
    assert "07:00–11:00, 13:00–16:30" in decide(binh)


@pytest.mark.parametrize(
    ("what", "fields", "sentence"),
    [
        ("day", {"key": "mai", "day": "off"}, "Ghi ngày như 31/12/2026."),
        ("day", {"key": "01/01/2027", "day": ""}, "Chọn nghỉ, làm việc, hoặc theo tính toán."),
        ("hours", {"key": "01/12/2026", "hours": "sáng đến chiều"}, "Ghi giờ làm việc theo thứ tự tăng dần"),
        ("hours", {"key": "01/12/2026", "hours": "11:00-07:00"}, "Ghi giờ làm việc theo thứ tự tăng dần"),
        ("year", {"key": "1999"}, "Chọn năm từ"),
    ],
)
def test_a_bad_proposal_says_what_to_write_and_keeps_the_rest(browser, what, fields, sentence) -> None:
    answer = browser("chi").send(f"/calendar/propose/{what}", reason="Công văn 12/UBND", document_no="", **fields)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert "Công văn 12/UBND" in answer.text


def test_the_calculator_shows_the_way_day_by_day(browser) -> None:
    page = main_of(browser("an").get("/calendar?at=15:30 23/11/2026&amount=12&unit=working_hour").text)
    assert "Thứ Hai 23/11/2026 15:30 + 12 giờ làm việc = Thứ Năm 26/11/2026 10:30" in page
    assert "ngày nghỉ: Ngày Văn hóa Việt Nam" in page
    assert page.count("<rect") == 10
    assert "1 giờ 30 phút" in page


def test_a_long_count_is_cut_in_the_middle(browser) -> None:
    page = main_of(browser("an").get("/calendar?at=08:00 05/01/2026&amount=500&unit=working_hour").text)
    assert "dòng ở giữa không hiện" in page
    assert page.count("<tr>") < 160


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("at=hôm qua&amount=12&unit=hour", "Giờ này không đọc được."),
        ("at=&amount=nhiều&unit=hour", "Ghi số từ 0 đến 500."),
        ("at=&amount=501&unit=hour", "Ghi số từ 0 đến 500."),
        ("at=&amount=5&unit=week", "Chọn đơn vị."),
    ],
)
def test_what_cannot_be_counted_is_told_beside_its_field(browser, query: str, sentence: str) -> None:
    answer = browser("an").get(f"/calendar?{query}")
    assert answer.status_code == 200
    assert sentence in answer.text


def test_who_has_no_right_is_refused(browser) -> None:
    an = browser("an")
    assert "/calendar/propose" not in main_of(an.get("/calendar").text)
    assert an.get("/calendar/propose/day").status_code == 403
    assert browser("chi").send("/calendar/amendments/1", approve="1").status_code == 403
    assert browser("binh").get("/calendar/propose/day").status_code == 403
    assert browser("phong").get("/calendar").status_code == 403
    assert browser("chi").get("/calendar/propose/moon").status_code == 404


def test_english_names_the_holidays_in_english(browser) -> None:
    page = browser("an", lang="en").get("/calendar?year=2026&at=15:30 23/11/2026&amount=12&unit=working_hour").text
    assert "Vietnam Cultural Day" in page
    assert "outside working hours" in page
