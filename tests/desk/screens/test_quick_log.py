"""Ghi nhanh: saved once, told at once, and nothing typed is ever lost."""

from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from incidents.cases.models import Draft, EntryFile, Incident, QuickReport
from incidents.db import db, transaction
from incidents.people.models import Member
from tests.desk.screens.conftest import Browser, main_of, picture

Open = Callable[..., Browser]
Log = Callable[..., str]
WHAT = "Có tin vỡ đập, dân đang hoang mang"


def incidents(app: Flask) -> list[Incident]:
    with app.app_context():
        return list(db.session.scalars(select(Incident)))


def test_what_is_logged_is_saved_and_says_when_and_who_is_told(browser: Open, app: Flask) -> None:
    an = browser("an")
    done = an.send(
        "/incidents/new", what=WHAT, severity="3", kind="suspected_false", place="bao nhai", link="https://mxh.example/1",
        happened_at="00:01", nonce="n1", tell="1", category="disaster",
    )  # fmt: skip
    (incident,) = incidents(app)
    assert done.location == f"/incidents/{incident.code}?saved=1"
    assert (incident.what, incident.severity, incident.kind, incident.category) == (
        WHAT,
        3,
        "suspected_false",
        "disaster",
    )
    assert incident.occurred_at is not None
    page = an.follow(done).text
    assert f"Đã lưu {incident.code} lúc " in page
    assert "Đang báo 2 người." in page  # Mai on duty, and Giang of the commune; the others when nobody takes it


@pytest.mark.parametrize(("level", "words"), [("1", "Chưa báo ai."), ("4", "Đang báo")])
def test_silence_exists_for_low_levels_only(browser: Open, level: str, words: str) -> None:
    an = browser("an")
    assert words in an.follow(an.send("/incidents/new", what=WHAT, severity=level, tell="0", nonce="n")).text


def test_the_same_form_sent_twice_is_one_incident(browser: Open, app: Flask) -> None:
    an = browser("an")
    first = an.send("/incidents/new", what=WHAT, severity="2", nonce="n1")
    second = an.send("/incidents/new", what=WHAT, severity="2", nonce="n1")
    assert first.location == second.location
    assert len(incidents(app)) == 1


def test_an_old_page_filled_with_other_words_asks_again_instead_of_losing_them(browser: Open, app: Flask) -> None:
    an = browser("an")
    an.send("/incidents/new", what=WHAT, severity="2", nonce="n1")
    again = an.send("/incidents/new", what="Việc khác hẳn", severity="2", nonce="n1")
    assert again.status_code == 409
    assert "Việc khác hẳn" in again.text
    assert "Trang này đã lưu" in again.text
    fresh = again.text.split('name="nonce" value="')[1].split('"')[0]
    assert an.send("/incidents/new", what="Việc khác hẳn", severity="2", nonce=fresh).status_code == 303
    assert len(incidents(app)) == 2


def test_without_a_level_only_the_level_is_asked_and_the_text_is_kept(browser: Open, app: Flask) -> None:
    an = browser("an")
    page = an.send("/incidents/new", what=WHAT, place="Bảo Nhai", nonce="n1")
    assert page.status_code == 400
    assert "Chữ đã giữ lại. Chỉ còn thiếu mức độ." in page.text
    assert WHAT in page.text
    assert incidents(app) == []
    offered = an.get("/incidents/new").text
    assert "Có bản nháp lúc" in offered
    again = main_of(an.get("/incidents/new?draft=1").text)
    assert WHAT in again
    assert 'value="Bảo Nhai"' in again


def test_a_saved_form_leaves_no_draft(browser: Open, app: Flask) -> None:
    an = browser("an")
    an.send("/drafts/incidents/new", what=WHAT)
    an.send("/incidents/new", what=WHAT, severity="2", nonce="n1")
    with app.app_context():
        assert db.session.scalars(select(Draft)).all() == []


def test_a_draft_can_be_dropped(browser: Open) -> None:
    an = browser("an")
    an.send("/drafts/incidents/new", what=WHAT)
    done = an.send("/drafts/drop", key="/incidents/new", next="/incidents/new")
    assert "Có bản nháp" not in an.follow(done).text


def test_pictures_are_kept_with_the_first_entry(browser: Open, app: Flask) -> None:
    an = browser("an")
    photos = [(picture("red"), "đập 1.png"), (picture("blue", "JPEG"), "đập 2.jpg")]
    done = an.send("/incidents/new", what=WHAT, severity="2", nonce="n1", photos=photos)
    page = an.follow(done).text
    assert "đập 1.png" in page
    assert "đập 2.jpg" in page
    with app.app_context():
        assert len(db.session.scalars(select(EntryFile)).all()) == 2


def test_a_file_that_is_no_picture_saves_nothing_and_keeps_the_text(browser: Open, app: Flask) -> None:
    page = browser("an").send("/incidents/new", what=WHAT, severity="2", photos=[(BytesIO(b"%PDF-1.7"), "a.pdf")])
    assert page.status_code == 400
    assert "Không nhận tệp này: không đọc được ảnh." in page.text
    assert "Ảnh cần chọn lại trước khi lưu." in page.text
    assert WHAT in page.text
    assert incidents(app) == []


def test_a_body_of_66_megabytes_is_refused_and_the_draft_is_one_press_away(browser: Open, app: Flask) -> None:
    an = browser("an")
    an.send("/drafts/incidents/new", what=WHAT)
    page = an.send_large("/incidents/new", 66)
    assert page.status_code == 413
    assert "Dữ liệu gửi lên 66 MB, tối đa 64 MB. Bớt ảnh rồi gửi lại; bản nháp vẫn còn." in page.text
    assert 'href="/incidents/new?draft=1"' in page.text
    assert WHAT in an.get("/incidents/new?draft=1").text


def test_a_secrecy_stamp_is_kept_nowhere_not_even_as_a_draft(browser: Open, app: Flask) -> None:
    an, text = browser("an"), "TỐI MẬT\nKế hoạch ngày mai"
    an.send("/drafts/incidents/new", what="Kế hoạch")
    page = an.send("/incidents/new", what=text, severity="2", nonce="n1")
    assert page.status_code == 400
    assert "Nội dung có dấu độ mật nên không lưu." in page.text
    assert an.send("/drafts/incidents/new", what=text).status_code == 400
    with app.app_context():
        assert db.session.scalars(select(Draft)).all() == []
    assert incidents(app) == []


def test_the_receivers_are_named_before_saving(browser: Open) -> None:
    an = browser("an")
    part = unescape(an.get("/incidents/new/receivers?severity=4&place=bao+nhai").text)
    assert "Sẽ báo ngay:" in part
    assert "Trần Văn Bình (Telegram)" in part
    assert "Vàng Thị Giang (Telegram)" in part
    assert "Nguyễn An" not in part
    assert "<html" not in part
    assert an.get("/incidents/new/receivers").text.strip() == ""
    assert an.get("/incidents/new/receivers?severity=x").text.strip() == ""


def test_nobody_to_tell_is_said_before_saving(browser: Open, app: Flask) -> None:
    an = browser("an")
    with app.app_context(), transaction():
        db.session.execute(update(Member).where(Member.username != "an").values(is_active=False))
    assert "Chưa có ai để báo. Gọi điện cho Tổ trưởng." in an.get("/incidents/new/receivers?severity=2").text


def test_a_level_above_ones_right_is_kept_as_proposed(browser: Open, app: Flask) -> None:
    an = browser("an")
    page = an.follow(an.send("/incidents/new", what=WHAT, severity="4", nonce="n1")).text
    assert incidents(app)[0].severity_confirmed is False
    assert "đề xuất" in main_of(page)


def test_a_focal_point_sends_the_same_form_as_a_quick_report(browser: Open, app: Flask) -> None:
    giang = browser("giang")
    photos = [(picture(), "đập.png")]
    done = giang.send("/incidents/new", what=WHAT, severity="3", place="Bảo Nhai", nonce="n1", photos=photos)
    page = giang.follow(done).text
    assert "Đã ghi nhận BN-0001 lúc " in page
    assert WHAT in page
    assert "/files/" in page
    assert incidents(app) == []
    assert giang.send("/incidents/new", what=WHAT, severity="3", nonce="n1").location == done.location
    with app.app_context():
        (report,) = db.session.scalars(select(QuickReport)).all()
        assert (report.severity, report.place, report.state) == (3, "Bảo Nhai", "told")


@pytest.mark.parametrize("fields", [
    {"what": ""}, {"what": WHAT, "kind": "nope"}, {"what": WHAT, "place": "x" * 201}, {"what": WHAT, "link": "ftp://x"},
    {"what": WHAT, "happened_at": "hôm qua"},
])  # fmt: skip
def test_a_focal_points_bad_input_is_told_and_kept(browser: Open, fields: dict[str, Any], written: Any) -> None:
    before = written()
    page = browser("giang").send("/incidents/new", **fields)
    assert page.status_code == 400
    assert all(value in unescape(page.text) for value in fields.values() if value != "nope")
    assert written() == before


@pytest.mark.parametrize("who", ["lan", "phong", "chi"])
def test_who_may_not_report_gets_no_form(browser: Open, who: str) -> None:
    assert browser(who).get("/incidents/new").status_code == 403
    assert browser(who).send("/incidents/new", what=WHAT, severity="2").status_code == 403


def test_fields_the_form_does_not_have_change_nothing(browser: Open, app: Flask) -> None:
    browser("an").send("/incidents/new", what=WHAT, severity="2", code="SK-1999-0001", restricted="1", opened_by_id="1",
                       status="closed", exercise="1", received_at="00:00")  # fmt: skip
    (incident,) = incidents(app)
    assert not incident.code.startswith("SK-1999")
    assert (incident.status, incident.restricted, incident.exercise) == ("new", False, False)
