"""Báo lên cấp trên on the web: sentences with the people there now, changes in place, a test through the ladder."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from incidents.cases import assignments, escalation, intake, ladder
from incidents.people import members
from tests import cast
from tests.desk.screens.conftest import Browser, main_of

Open = Callable[..., Browser]
ROWS = {"track": "incident", "agency": "", "severity": "3", "seen": "0:duty,10:deputy,20:lead"}


def written(app: Flask, severity: int = 3) -> ladder.Ladder:
    with app.app_context():
        return ladder.rungs("incident", None, severity)


def test_the_ladders_stand_there_as_sentences_with_the_people_there_now(browser: Open) -> None:
    page = main_of(browser("an").get("/escalations").text)
    assert "Sau 5 phút chưa ai nhận Cấp 4 → báo Tổ phó (Lò Văn Sơn)." in page
    assert "Báo ngay: Cán bộ trực (Nguyễn An, Hoàng Thị Mai)." in page
    assert "Sau 2 giờ cơ quan chưa nhận việc Cấp 2 → báo Tổ phó" in page
    assert "Không báo tiếp." in page


def test_an_empty_level_is_shown_in_amber(app: Flask, browser: Open) -> None:
    with app.app_context():
        members.disable(members.OPERATOR, "son")
    page = main_of(browser("an").get("/escalations").text)
    assert "báo Tổ phó <span" in page
    assert "không có ai – sẽ bỏ qua ngay" in page


def test_an_agency_shows_its_own_people(browser: Open) -> None:
    page = main_of(browser("binh").get("/escalations?agency=x_bao_nhai").text)
    assert "Báo ngay: Đầu mối cơ quan (Vàng Thị Giang)" in page
    assert "Thủ trưởng cơ quan <span" in page, "it has no head here"


def test_a_ladder_is_changed_in_place(app: Flask, browser: Open) -> None:
    lead = browser("binh")
    answer = lead.send(
        "/escalations", **ROWS, minutes=["0", "7", ""], target=["duty", "lead", ""], reason="bớt một bậc"
    )
    assert "Sau 7 phút chưa ai nhận Cấp 3 → báo Tổ trưởng (Trần Văn Bình)" in lead.follow(answer).text
    assert written(app) == ((0, "duty"), (7, "lead"))
    back = lead.send("/escalations", **ROWS | {"seen": ""}, minutes=[], target=[], reason="như cũ", reset="1")
    assert back.status_code == 303
    assert written(app) == ladder.defaults()["incident"][3]


def test_a_refused_ladder_keeps_what_was_typed_and_says_why(app: Flask, browser: Open) -> None:
    lead = browser("binh")
    for minutes, sentence in (
        (["0", "30", "10"], "Số phút phải tăng dần"),
        (["0", "mười", "20"], "Ghi số phút bằng chữ số"),
    ):
        answer = lead.send("/escalations", **ROWS, minutes=minutes, target=["duty", "lead", "deputy"], reason="thử")
        assert answer.status_code == 400
        assert sentence in answer.text
        assert f'value="{minutes[1]}"' in answer.text
        assert 'value="thử"' in answer.text
    answer = lead.send("/escalations", **ROWS, minutes=["0"], target=["duty"], reason="")
    assert "Cần ghi lý do đổi thang báo." in answer.text
    assert written(app) == ladder.defaults()["incident"][3]


def test_the_second_of_two_editors_sees_the_firsts_change_and_keeps_his_words(app: Flask, browser: Open) -> None:
    browser("binh").send("/escalations", **ROWS, minutes=["0"], target=["duty"], reason="một")
    answer = browser("son").send("/escalations", **ROWS, minutes=["0", "33"], target=["duty", "lead"], reason="hai")
    assert answer.status_code == 409
    assert "Thang này vừa được người khác đổi" in answer.text
    assert 'value="33"' in answer.text
    assert written(app) == ((0, "duty"),)


def test_a_test_call_shows_level_by_level_how_far_it_came(browser: Open) -> None:
    lead = browser("binh")
    page = lead.follow(lead.send("/escalations/test", track="incident", agency="", severity="4"))
    assert "1. Cán bộ trực, ngay" in page.text
    assert "3. Tổ phó, sau 5 phút" in page.text
    assert page.text.count("xếp hàng") == 5
    again = lead.follow(lead.send("/escalations/test", track="incident", agency="", severity="4"))
    assert "Thử lại sau" in again.text


def test_who_may_not_change_or_call_is_offered_neither(browser: Open) -> None:
    page = main_of(browser("giang").get("/escalations").text)
    assert "Sửa thang này" not in page
    assert "Gọi thử" not in page
    assert browser("giang").send("/escalations", **ROWS).status_code == 403
    assert browser("giang").send("/escalations/test", track="incident", agency="", severity="4").status_code == 403
    assert browser("giang").get("/escalations/tests/1").status_code == 403
    assert browser("binh").get("/escalations/tests/99").status_code == 404


def test_what_climbs_now_is_listed_for_those_who_may_see_it(app: Flask, browser: Open) -> None:
    with app.app_context():
        code = intake.log(cast.actor("mai"), "Tin vỡ đập", 4).code
    page = main_of(browser("an").get("/escalations").text)
    assert code in page
    assert "→ Tổ phó" in page
    assert code not in main_of(browser("pao").get("/escalations").text)


def test_when_every_level_was_called_in_vain_the_board_says_so(app: Flask, browser: Open) -> None:
    with app.app_context():
        incident = intake.log(cast.actor("mai"), "Tin vỡ đập", 3)
        now = incident.opened_at
        for minutes in (11, 21, 32, 43, 54, 65):
            escalation.climb(now + timedelta(minutes=minutes))
        code = incident.code
    board = main_of(browser("an").get("/incidents").text)
    assert f'Không gửi được cho mọi cấp: hết các cấp, chưa ai nhận – <a href="/incidents/{code}">' in board
    assert "Hết các cấp, không có người nhận." in browser("an").get(f"/incidents/{code}").text
    with app.app_context():
        assignments.acknowledge(cast.actor("an"), code)
    assert "Không gửi được cho mọi cấp" not in browser("an").get("/incidents").text
