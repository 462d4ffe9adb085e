"""The duty board: what it costs, what its address holds, what it says when it is empty."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from desk.screens.board import filters_of_address
from desk.shown.rows import address
from incidents.cases import assignments, moves
from incidents.db import db, transaction
from incidents.reading.board import Filters
from incidents.telling.models import Alert
from incidents.vocabulary import AlertState
from tests import cast
from tests.desk.screens.conftest import Browser, main_of

Open = Callable[..., Browser]
Log = Callable[..., str]


@pytest.mark.parametrize(("who", "target"), [
    ("an", "/incidents"), ("nga", "/incidents"), ("binh", "/incidents"), ("ha", "/incidents"), ("lan", "/incidents"),
    ("giang", "/steps?mine"), ("khoa", "/steps?mine"), ("chi", "/members"), ("phong", "/members/me"),
])  # fmt: skip
def test_each_role_begins_with_its_own_page(browser: Open, who: str, target: str) -> None:
    assert browser(who).get("/").location == target
    assert browser(who).get(target).status_code == 200


def test_the_whole_board_costs_six_statements(browser: Open, log: Log, statements: Any) -> None:
    for number in range(12):
        log(f"Việc số {number}", 1 + number % 4, place="Bảo Nhai")
    an = browser("an")
    an.get("/incidents")
    with statements() as seen:
        assert an.get("/incidents").status_code == 200
    assert len(seen) <= 6, seen


def test_a_row_shows_code_level_status_owner_clock_and_age(browser: Open, log: Log, app: Flask) -> None:
    code = log("Có tin vỡ đập", 3, kind="suspected_false", category="disaster", place="Bảo Nhai")
    page = main_of(browser("an").get("/incidents").text)
    for words in (
        code,
        "Cấp 3",
        "Mới tiếp nhận",
        "chưa ai nhận",
        "còn ",
        "dưới 1 phút",
        "Tin chưa kiểm chứng · Bảo Nhai",
    ):
        assert words in page
    assert f'action="/incidents/{code}/acknowledge"' in page
    with app.app_context():
        assignments.acknowledge(cast.actor("an"), code)
    page = main_of(browser("an").get("/incidents").text)
    assert "Nguyễn An" in page
    assert f'action="/incidents/{code}/acknowledge"' not in page


def test_accepting_on_the_board_returns_to_the_board(browser: Open, log: Log) -> None:
    code, an = log(), browser("an")
    done = an.send(f"/incidents/{code}/acknowledge", referrer="/incidents?due=unaccepted")
    assert done.location == "/incidents?due=unaccepted"
    assert f"Đã nhận việc {code}." in an.follow(done).text


@pytest.mark.parametrize("filters", [
    Filters(), Filters(q="vỡ đập"), Filters(state="all"), Filters(state="closed"), Filters(severity=(3, 4)),
    Filters(kind="watch"), Filters(category="disaster"), Filters(agency="x_bao_nhai"), Filters(due="late"),
    Filters(q="đập & sông", state="triage", severity=(1,), kind="watch", category="land", agency="pa05", due="mine"),
])  # fmt: skip
def test_every_filter_lives_in_the_address(app: Flask, filters: Filters) -> None:
    with app.test_request_context(address(filters)):
        assert filters_of_address() == filters


@pytest.mark.parametrize(
    "query", ["severity=9", "severity=x", "state=nope", "kind=nope", "category=nope", "due=nope", "after=%%%"]
)
def test_a_filter_nobody_offers_is_as_if_it_were_not_there(browser: Open, log: Log, query: str) -> None:
    code = log()
    page = browser("an").get(f"/incidents?{query}")
    assert page.status_code == 200
    assert code in main_of(page.text)


def test_filters_choose_what_is_shown(browser: Open, log: Log) -> None:
    grave, light, an = log("Tin vỡ đập", 4), log("Phản ánh rác", 1, kind="public_feedback"), browser("an")
    assert light not in main_of(an.get("/incidents?severity=3&severity=4").text)
    assert grave not in main_of(an.get("/incidents?kind=public_feedback").text)
    assert grave in main_of(an.get("/incidents?q=vo+dap").text)


def test_a_code_in_the_search_box_opens_its_incident(browser: Open, log: Log) -> None:
    code = log()
    number = code.rsplit("-", 1)[1].lstrip("0")
    assert browser("an").get(f"/incidents?q={code}").location == f"/incidents/{code}"
    assert browser("an").get(f"/incidents?q=sk+{number}").location == f"/incidents/{code}"


def test_an_empty_board_says_so_and_names_one_action(browser: Open) -> None:
    page = main_of(browser("an").get("/incidents").text)
    assert "Không có sự việc đang mở." in page
    assert 'href="/incidents/new">Ghi nhanh' in page


def test_an_empty_board_names_the_one_that_ended_last(browser: Open, log: Log, app: Flask) -> None:
    code = log("Tin thử", 1)
    with app.app_context():
        moves.move(cast.actor("binh"), code, "not_accepted", reason="test_message")
    assert f"Gần nhất: {code} kết thúc " in main_of(browser("an").get("/incidents").text)


def test_a_search_without_hits_says_what_to_try(browser: Open, log: Log) -> None:
    log("Phản ánh rác", 1)
    page = main_of(browser("an").get("/incidents?q=vo+dap").text)
    assert "Không thấy ‘vo dap’. Thử ít chữ hơn hoặc tìm cả sự việc đã kết thúc." in page
    link = page.split('class="empty"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    assert parse_qs(urlsplit(link).query) == {"q": ["vo dap"], "state": ["all"]}


def test_filters_that_leave_nothing_offer_to_drop_them(browser: Open, log: Log) -> None:
    log("Phản ánh rác", 1)
    assert "Không có sự việc nào khớp bộ lọc." in main_of(browser("an").get("/incidents?severity=4").text)


def test_who_could_not_be_reached_stands_above_the_board(browser: Open, log: Log, app: Flask) -> None:
    log("Tin vỡ đập", 4)
    with app.app_context(), transaction():
        alert = db.session.query(Alert).filter(Alert.member_id.is_not(None)).first()
        alert.state, alert.reason, name = AlertState.failed, "chặn bot", alert.member.name
    page = main_of(browser("an").get("/incidents").text)
    assert f"Không gửi được cho {name}: chặn bot" in page
    assert 'href="/alerts"' in page


def test_the_next_page_begins_where_the_last_one_ended(browser: Open, log: Log) -> None:
    codes = {log(f"Việc số {number}", 1) for number in range(53)}
    an, seen, target = browser("an"), set(), "/incidents"
    while target:
        page = main_of(an.get(target).text)
        seen |= {code for code in codes if f"row-{code}" in page}
        target = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&") if 'rel="next"' in page else ""
    assert seen == codes


def test_the_auditor_reads_the_board_and_is_offered_nothing(browser: Open, log: Log) -> None:
    code = log()
    page = main_of(browser("lan").get("/incidents").text)
    assert code in page
    assert "/acknowledge" not in page
