"""The difference is shown first, then a person confirms with a reason; lessons are written on a page of their own."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from incidents.cases import moves
from tests import cast
from tests.desk.screens.conftest import main_of
from tests.incidents.planning import making

PB01 = "pb01_false_info_social"


@pytest.fixture
def rumour(app: Flask, log: Any) -> str:
    """An incident on version 1, with version 2 in force: a step more, another name."""
    code: str = log("Tin sáp nhập", 2, kind="suspected_false", category="organisation")
    with app.app_context():
        making.in_force(
            PB01,
            lambda book: replace(
                book, steps=(*book.steps, replace(book.steps[0], key="call_agency", name="Gọi cơ quan được nêu"))
            ),
        )
    return code


def test_the_incident_says_that_a_newer_version_is_in_force(rumour: str, browser: Any) -> None:
    page = main_of(browser("binh").get(f"/incidents/{rumour}/playbook").text)
    assert "Đang theo bản 1, xem bản 2" in page
    assert f"/incidents/{rumour}/playbooks/{PB01}/rebase" in page


def test_the_difference_comes_first_and_is_confirmed_with_a_reason(rumour: str, browser: Any) -> None:
    binh, address = browser("binh"), f"/incidents/{rumour}/playbooks/{PB01}/rebase"
    page = main_of(binh.get(address).text)
    assert "từ bản 1 đến bản 2" in page
    assert "Bước thêm mới" in page
    assert "Gọi cơ quan được nêu" in page
    refused = binh.send(address, version="2", reason=" ")
    assert refused.status_code == 400
    assert "Ghi lý do chuyển bản" in refused.text
    page = main_of(binh.follow(binh.send(address, version="2", reason="Quy trình mới")).text)
    assert "Gọi cơ quan được nêu" in page
    assert "từ bản 1 sang bản 2" in page
    assert "Quy trình mới" in page
    assert binh.get(address).status_code == 409


def test_who_may_not_change_the_version_sees_the_difference_only(rumour: str, browser: Any) -> None:
    an, address = browser("an"), f"/incidents/{rumour}/playbooks/{PB01}/rebase"
    page = main_of(an.get(address).text)
    assert "Gọi cơ quan được nêu" in page
    assert "<form" not in page
    assert an.send(address, version="2", reason="Thử").status_code == 403


def test_a_version_that_was_not_shown_is_not_taken(rumour: str, browser: Any, app: Flask) -> None:
    with app.app_context():
        making.in_force(PB01, lambda book: replace(book, name="Bản ba"))
    answer = browser("binh").send(f"/incidents/{rumour}/playbooks/{PB01}/rebase", version="2", reason="Muộn")
    assert answer.status_code == 400
    assert "Xem lại điểm khác" in answer.text
    assert 'value="Muộn"' in answer.text


def test_lessons_are_written_after_the_end_and_go_into_the_draft(rumour: str, browser: Any, app: Flask) -> None:
    with app.app_context():
        moves.move(cast.actor("binh"), rumour, "not_accepted", reason="test_message")
    an, address = browser("an"), f"/incidents/{rumour}/lessons"
    assert address in an.get(f"/incidents/{rumour}").text
    refused = an.send(address, text="Gọi sớm hơn", due_on="hôm qua")
    assert refused.status_code == 400
    assert "Gọi sớm hơn" in refused.text
    page = main_of(an.follow(an.send(address, text="Gọi sớm hơn", step="capture_evidence", owner="son")).text)
    assert "Gọi sớm hơn" in page
    assert "Lò Văn Sơn" in page
    son = browser("son")
    assert "Đưa 1 bài học vào bản thảo" in son.get(f"/playbooks/{PB01}").text
    page = main_of(son.follow(son.send(f"/playbooks/{PB01}/draft/lessons")).text)
    assert "Gọi sớm hơn" in page
    assert rumour in page
    assert "Đưa 1 bài học" not in page


def test_who_only_reads_finds_no_form_for_lessons(rumour: str, browser: Any) -> None:
    lan = browser("lan")
    assert "<form" not in main_of(lan.get(f"/incidents/{rumour}/lessons").text)
    assert lan.send(f"/incidents/{rumour}/lessons", text="Thử").status_code == 403
    assert browser("giang").get(f"/incidents/{rumour}/lessons").status_code == 404
