"""Quick reports on the web: waiting, sorted, and seen by who sent them."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from incidents.cases import quick_reports, triage
from incidents.cases.models import Incident, QuickReport
from incidents.db import db
from tests import cast
from tests.desk.screens.conftest import Browser, main_of

Open = Callable[..., Browser]
TEXT = "Bà con hỏi về đập"


@pytest.fixture
def report_id(app: Flask) -> int:
    with app.app_context():
        report, _ = quick_reports.send(
            cast.actor("giang"), TEXT, "k1", severity=3, kind="suspected_false", place="Bảo Nhai", ask=False
        )
        return report.id


def test_duty_sees_what_waits_and_the_form_is_filled_with_what_was_proposed(browser: Open, report_id: int) -> None:
    an = browser("an")
    assert TEXT in main_of(an.get("/quick-reports").text)
    page = main_of(an.get(f"/quick-reports/{report_id}").text)
    assert 'value="3" aria-describedby="criteria-3" checked' in page
    assert 'value="suspected_false" checked' in page
    assert 'value="Bảo Nhai"' in page


def test_a_report_becomes_an_incident_by_one_press(browser: Open, report_id: int, app: Flask) -> None:
    an = browser("an")
    done = an.send(
        f"/quick-reports/{report_id}/open", what=TEXT, severity="3", kind="suspected_false", place="Bảo Nhai"
    )
    page = an.follow(done).text
    assert "Đã mở TG-" in page
    assert TEXT in main_of(page)
    again = an.send(f"/quick-reports/{report_id}/open", what=TEXT, severity="3")
    assert again.status_code == 409
    assert "Việc này đã xong: BN-0001" in again.text
    with app.app_context():
        assert len(db.session.scalars(select(Incident)).all()) == 1
    assert "Đã phân loại hết." in main_of(an.get("/quick-reports").text)


def test_a_report_is_joined_to_a_known_incident(browser: Open, report_id: int, log: Callable[..., str]) -> None:
    code, an = log(), browser("an")
    page = an.follow(an.send(f"/quick-reports/{report_id}/link", code=code.lower())).text
    assert f"Đã gộp vào {code}." in page
    assert TEXT in main_of(page)


@pytest.mark.parametrize(("form", "field", "state"), [("answer", "text", "answered"), ("ignore", "reason", "ignored")])
def test_a_report_is_answered_or_ignored_with_words(
    browser: Open, report_id: int, app: Flask, form: str, field: str, state: str
) -> None:
    an = browser("an")
    assert an.send(f"/quick-reports/{report_id}/{form}", **{field: "Đã có phát ngôn"}).location == "/quick-reports"
    with app.app_context():
        report = db.session.get(QuickReport, report_id)
        assert (report.state, report.reason) == (state, "Đã có phát ngôn")
    assert "Đã có phát ngôn" in main_of(browser("giang").get(f"/quick-reports/{report_id}").text)


@pytest.mark.parametrize(("form", "fields", "status", "words"), [
    ("open", {"what": TEXT, "severity": ""}, 400, "Chọn mức độ từ Cấp 1 đến Cấp 4."),
    ("open", {"what": "dài " * 5000, "severity": "2"}, 400, "tối đa 10.000"),
    ("open", {"what": TEXT, "severity": "2", "kind": "nope"}, 400, "Không có loại sự việc"),
    ("link", {"code": ""}, 400, "Không tìm thấy"),
    ("link", {"code": "SK-2026-9999"}, 400, "Không tìm thấy SK-2026-9999"),
    ("answer", {"text": " "}, 400, "Chưa ghi nội dung."),
    ("answer", {"text": "x" * 501}, 400, "tối đa 500 chữ"),
    ("ignore", {"reason": ""}, 400, "Chưa ghi nội dung."),
    ("ignore", {"reason": "MẬT"}, 400, "dấu độ mật"),
])  # fmt: skip
def test_a_wrong_form_says_why_keeps_the_text_and_writes_nothing(
    browser: Open, report_id: int, written: Any, form: str, fields: dict[str, str], status: int, words: str
) -> None:
    before = written()
    answer = browser("an").send(f"/quick-reports/{report_id}/{form}", **fields)
    shown = unescape(main_of(answer.text))
    assert answer.status_code == status
    assert words in shown
    assert all(value.strip() in shown for name, value in fields.items() if name != "kind")
    assert written() == before


def test_the_sender_sees_his_own_and_other_agencies_do_not(browser: Open, report_id: int) -> None:
    page = main_of(browser("giang").get(f"/quick-reports/{report_id}").text)
    assert TEXT in page
    assert "<form" not in page
    assert TEXT in main_of(browser("giang").get("/quick-reports").text)
    assert browser("pao").get(f"/quick-reports/{report_id}").status_code == 404
    assert TEXT not in browser("pao").get("/quick-reports").text


@pytest.mark.parametrize("form", ["open", "link", "answer", "ignore"])
def test_who_may_not_sort_is_refused(browser: Open, report_id: int, written: Any, form: str) -> None:
    before = written()
    fields = {"what": TEXT, "severity": "2", "code": "SK-2026-0001", "text": "x", "reason": "x"}
    assert browser("giang").send(f"/quick-reports/{report_id}/{form}", **fields).status_code in (400, 403)
    assert browser("pao").send(f"/quick-reports/{report_id}/{form}", **fields).status_code == 404
    assert written() == before


def test_a_report_that_is_part_of_a_restricted_incident_is_hidden_with_it(
    browser: Open, report_id: int, app: Flask
) -> None:
    browser("an").send(f"/quick-reports/{report_id}/open", what=TEXT, severity="3")
    with app.app_context():
        code = db.session.scalar(select(Incident.code))
        triage.restrict(cast.actor("binh"), code, [cast.actor("binh").id or 0])
    assert browser("mai").get(f"/quick-reports/{report_id}").status_code == 404
    giang = browser("giang").get(f"/quick-reports/{report_id}")
    assert giang.status_code == 200
    assert code not in giang.text
    assert code in browser("binh").get(f"/quick-reports/{report_id}").text


def test_what_was_being_typed_into_an_answer_is_filled_again(browser: Open, report_id: int) -> None:
    an = browser("an")
    an.send(f"/drafts/quick-reports/{report_id}/answer", text="Đang hỏi xã")
    assert "Đang hỏi xã" in an.get(f"/quick-reports/{report_id}?draft=1").text


def test_the_list_costs_few_statements(browser: Open, app: Flask, statements: Any) -> None:
    with app.app_context():
        for number in range(20):
            quick_reports.send(cast.actor("giang"), f"Tin {number}", f"n{number}", ask=False)
    an = browser("an")
    an.get("/quick-reports")
    with statements() as seen:
        an.get("/quick-reports")
    assert len(seen) <= 4, seen
