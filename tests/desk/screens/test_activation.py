"""Kích hoạt Tổ công tác on the web: the form with the default people, the record, its change and its end."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from incidents.cases import intake
from tests import cast
from tests.desk.screens.conftest import Browser, main_of

Open = Callable[..., Browser]
FORM: dict[str, Any] = {
    "decision": "1234/QĐ-UBND", "decided_on": "01/11/2026", "head": "ha", "deputies": ["son"], "members": ["cuong"],
    "starts_at": "", "round_the_clock": "1", "note": "",
}  # fmt: skip


@pytest.fixture
def code(app: Flask) -> str:
    with app.app_context():
        return intake.log(cast.actor("mai"), "Tin vỡ đập", 4, place="xã Bảo Nhai").code


def test_the_form_opens_with_the_default_task_force(browser: Open, code: str) -> None:
    page = main_of(browser("ha").get(f"/incidents/{code}/activation").text)
    assert '<option value="ha" selected>' in page
    assert 'name="deputies" value="son" checked' in page
    assert 'name="members" value="giang" checked' in page, "the commune touched"
    assert 'name="members" value="pao">' in page


def test_a_decision_becomes_a_record_that_everybody_concerned_can_read(browser: Open, code: str) -> None:
    leader = browser("ha")
    page = leader.follow(leader.send(f"/incidents/{code}/activation", **FORM))
    assert "Quyết định 1234/QĐ-UBND" in page.text
    assert "Đỗ Mạnh Cường" in page.text
    assert "Chỗ trống trong lịch trực 24/7" in page.text, "no shift is entered"
    assert "Quyết định 1234/QĐ-UBND" in browser("cuong").get(f"/incidents/{code}/activation").text
    listed = main_of(browser("an").get("/activations").text)
    assert "1234/QĐ-UBND" in listed
    assert "Kích hoạt Tổ công tác theo 1234/QĐ-UBND" in browser("an").get(f"/incidents/{code}").text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"decision": ""}, "Cần số quyết định."),
        ({"decided_on": "hôm qua"}, "Ghi ngày như 23/11/2026."),
        ({"decided_on": ""}, "Ngày quyết định phải có"),
        ({"head": ""}, "Chọn Tổ trưởng."),
        ({"starts_at": "25:99"}, "Giờ này không đọc được."),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(
    browser: Open, code: str, wrong: dict[str, str], sentence: str
) -> None:
    answer = browser("ha").send(f"/incidents/{code}/activation", **FORM | wrong | {"note": "ghi chú dài"})
    assert answer.status_code == 400
    assert sentence in answer.text
    assert 'value="ghi chú dài"' in answer.text
    assert 'name="members" value="cuong" checked' in answer.text


def test_members_change_and_it_ends_by_a_second_decision(browser: Open, code: str) -> None:
    leader = browser("ha")
    leader.send(f"/incidents/{code}/activation", **FORM)
    here = f"/incidents/{code}/activation"
    refused = leader.send(f"{here}/members", head="binh", deputies=["son"], members=["pao"], reason="")
    assert "Cần ghi lý do thay đổi thành viên." in refused.text
    assert '<option value="binh" selected>' in refused.text
    page = leader.follow(leader.send(f"{here}/members", head="binh", deputies=["son"], members=["pao"], reason="đổi"))
    assert "Đã rời" in page.text
    assert leader.send(f"{here}/end", decision="", reason="xong").status_code == 400
    page = leader.follow(leader.send(f"{here}/end", decision="1300/QĐ-UBND", reason="48 giờ yên"))
    assert "đã kết thúc" in page.text
    assert "theo 1300/QĐ-UBND: 48 giờ yên" in page.text


def test_who_may_not_decide_reads_who_does(browser: Open, code: str) -> None:
    page = main_of(browser("binh").get(f"/incidents/{code}/activation").text)
    assert "Người quyết định: Lãnh đạo tỉnh." in page
    assert "<form" not in page
    assert browser("binh").send(f"/incidents/{code}/activation", **FORM).status_code == 403
    assert browser("pao").get(f"/incidents/{code}/activation").status_code == 404
