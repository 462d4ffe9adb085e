"""Taking work with a word and an expected time, and giving it back, on the web."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from desk.forms import times
from incidents.cases import assignments, intake, visibility
from incidents.db import utc_now
from tests import cast
from tests.desk.screens.conftest import Browser

Open = Callable[..., Browser]


@pytest.fixture
def code(app: Flask) -> str:
    with app.app_context():
        return intake.log(cast.actor("mai"), "Tin vỡ đập", 3, place="xã Bảo Nhai").code


def holder(app: Flask, code: str) -> str:
    with app.app_context():
        held = visibility.find(cast.actor("an"), code).holder
        return held.name if held else ""


def test_accepting_with_a_word_and_a_time(app: Flask, browser: Open, code: str) -> None:
    an = browser("an")
    assert f"/incidents/{code}/accept" in an.get(f"/incidents/{code}").text
    answer = an.send(
        f"/incidents/{code}/accept", note="gọi Sở Công Thương", expected_at=times.words(utc_now() + timedelta(hours=30))
    )
    page = an.follow(answer)
    assert "gọi Sở Công Thương" in page.text
    assert "Dự kiến có kết quả lúc" in page.text
    assert holder(app, code) == "Nguyễn An"


def test_a_time_that_has_passed_is_refused_and_kept(app: Flask, browser: Open, code: str) -> None:
    answer = browser("an").send(f"/incidents/{code}/accept", note="đang xem", expected_at="08:00 01/01/2020")
    assert answer.status_code == 400
    assert "Giờ dự kiến phải ở sau thời điểm này" in answer.text
    assert 'value="08:00 01/01/2020"' in answer.text
    assert 'value="đang xem"' in answer.text
    assert holder(app, code) == ""


def test_giving_it_back_needs_a_reason(app: Flask, browser: Open, code: str) -> None:
    with app.app_context():
        assignments.acknowledge(cast.actor("an"), code)
    an = browser("an")
    assert f"/incidents/{code}/give-back" in an.get(f"/incidents/{code}").text
    assert an.send(f"/incidents/{code}/give-back", reason=" ").status_code == 400
    page = an.follow(an.send(f"/incidents/{code}/give-back", reason="hết ca"))
    assert "Đã trả về hàng chờ và báo lại theo thang." in page.text
    assert "hết ca" in page.text
    assert holder(app, code) == ""


def test_saying_that_one_still_holds_it(app: Flask, browser: Open, code: str) -> None:
    with app.app_context():
        assignments.acknowledge(cast.actor("an"), code)
    an = browser("an")
    assert "Vẫn giữ việc." in an.follow(an.send(f"/incidents/{code}/still")).text
    refused = browser("mai").send(f"/incidents/{code}/still")
    assert refused.status_code >= 400
    assert "không có phần việc nào" in refused.text
