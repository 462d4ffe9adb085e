"""Kịch bản on the web: read, try, compare, take out; nobody who may not is shown a button."""

import re

import pytest
from flask import Flask

from desk.shown import gantt
from tests import cast
from tests.desk.screens.conftest import main_of
from tests.incidents.planning import making

PB01 = "pb01_false_info_social"


def test_the_list_says_what_is_in_force_since_when_and_what_runs_on_it(browser, log) -> None:  # type: ignore[no-untyped-def]
    log("Tin sáp nhập", 2, kind="suspected_false", category="organisation")
    page = main_of(browser("an").get("/playbooks").text)
    assert page.count('<td class="title">') == 8
    row = next(part for part in page.split("<tr>") if "PB-01" in part)
    assert "01/01/2023" in row
    assert f'href="/playbooks/{PB01}#running">1<' in row
    assert "Nhập kịch bản từ tệp" not in page
    assert "Nhập kịch bản từ tệp" in browser("son").get("/playbooks").text


def test_a_basis_to_be_checked_is_amber_in_the_list_and_on_the_page(browser) -> None:  # type: ignore[no-untyped-def]
    page = main_of(browser("an").get("/playbooks").text)
    assert "(cần kiểm tra)" in page
    page = main_of(browser("an").get("/playbooks/pb05_impersonation_ai_scam").text)
    assert "state is-soon" in page


@pytest.mark.parametrize("username", ["phong"])
def test_the_press_reads_no_playbooks(browser, username: str) -> None:  # type: ignore[no-untyped-def]
    for address in ("/playbooks", f"/playbooks/{PB01}", f"/playbooks/{PB01}/try", f"/playbooks/{PB01}/versions/1.toml"):
        assert browser(username).get(address).status_code == 403


def test_a_version_shows_every_step_with_who_when_why_and_how(browser) -> None:  # type: ignore[no-untyped-def]
    page = main_of(browser("an").get(f"/playbooks/{PB01}").text)
    assert page.count('<tr id="step-') == 13
    assert "30 phút từ tiếp nhận" in page
    assert "Chụp màn hình có ngày giờ" in page
    assert "loại sự việc là" in page.split("Chọn khi")[1].split("</dd>")[0]
    assert "NĐ 328" in page
    assert "Sửa thành bản mới" not in page
    assert "Ngừng dùng bản này" not in page
    assert "Sửa thành bản mới" in browser("son").get(f"/playbooks/{PB01}").text
    assert "Ngừng dùng bản này" in browser("binh").get(f"/playbooks/{PB01}").text


def test_the_reader_of_english_reads_english(browser) -> None:  # type: ignore[no-untyped-def]
    page = main_of(browser("an", "en").get(f"/playbooks/{PB01}").text)
    assert "Receive, open the incident, capture evidence" in page
    assert "Take a screenshot" in page


def test_what_is_not_there_is_not_found(browser) -> None:  # type: ignore[no-untyped-def]
    for address in ("/playbooks/pb99", f"/playbooks/{PB01}/versions/9", f"/playbooks/{PB01}/compare?new=9",
                    f"/playbooks/{PB01}/versions/9.toml", f"/playbooks/{PB01}/try?version=7", f"/playbooks/{PB01}/draft"):  # fmt: skip
        assert browser("son").get(address).status_code == 404, address


def test_a_run_on_the_eve_of_tet_lists_real_dates(browser) -> None:  # type: ignore[no-untyped-def]
    address = f"/playbooks/{PB01}/try?start=23:50 05/02/2027&severity=3&verdict=false&harm_class=b&access_class=a"
    page = main_of(browser("an").get(address).text)
    assert "00:20" in page  # 30 minutes later, on the next day
    assert "06/02/2027 00:20" in page
    assert "bước không áp dụng" in page


def test_a_start_that_cannot_be_read_is_kept_with_its_sentence(browser) -> None:  # type: ignore[no-untyped-def]
    answer = browser("an").get(f"/playbooks/{PB01}/try?start=ngày mai")
    assert answer.status_code == 400
    assert "Giờ này không đọc được" in answer.text
    assert 'value="ngày mai"' in answer.text


@pytest.mark.parametrize("key", [
    PB01, "pb02_rumour_disaster", "pb03_false_press", "pb04_founded_criticism",
    "pb05_impersonation_ai_scam", "pb06_harmful_incitement", "pb07_data_leak", "pb08_crisis_activation",
])  # fmt: skip
def test_the_picture_is_small_and_has_no_inline_style(browser, key: str) -> None:  # type: ignore[no-untyped-def]
    page = browser("an").get(f"/playbooks/{key}/try?severity=4&verdict=false&harm_class=a&access_class=a").text
    (picture,) = re.findall(r'<svg class="gantt".*?</svg>', page, re.DOTALL)
    assert len(picture.encode()) <= 15_000
    assert "style=" not in page
    assert picture.count("<rect") <= gantt.MOST_BARS
    assert "<title" in picture


def test_two_versions_are_compared_in_words(browser, app: Flask) -> None:  # type: ignore[no-untyped-def]
    from dataclasses import replace

    with app.app_context():
        making.in_force(PB01, lambda book: replace(book, name="Tên mới hẳn"))
    page = main_of(browser("an").get(f"/playbooks/{PB01}/compare?old=1&new=2").text)
    assert "sửa kịch bản" in page
    assert "Tên mới hẳn" in page
    page = main_of(browser("an").get(f"/playbooks/{PB01}").text)
    assert making.DOCUMENT in page
    assert "Trần Văn Bình" in page
    assert "Bản 2 · đang dùng" in page
    old = main_of(browser("an").get(f"/playbooks/{PB01}/versions/1").text)
    assert "Bản 1 · bản trước" in old


def test_a_version_is_taken_out_as_a_file(browser) -> None:  # type: ignore[no-untyped-def]
    answer = browser("an").get(f"/playbooks/{PB01}/versions/1.toml")
    assert answer.status_code == 200
    assert f'filename="{PB01}-v1.toml"' in answer.headers["Content-Disposition"]
    assert 'key = "pb01_false_info_social"' in answer.text


def test_a_retired_playbook_is_listed_as_not_offered(browser, log) -> None:  # type: ignore[no-untyped-def]
    binh = browser("binh")
    answer = binh.send(f"/playbooks/{PB01}/versions/1/retire", reason="")
    assert "Ghi lý do ngừng dùng" in binh.follow(answer).text
    binh.follow(binh.send(f"/playbooks/{PB01}/versions/1/retire", reason="Thay quy trình"))
    page = main_of(browser("an").get("/playbooks").text)
    assert "không được đề xuất cho sự việc mới" in page
    page = main_of(browser("an").get(f"/playbooks/{PB01}").text)
    assert "ngừng dùng" in page
    assert "Thay quy trình" in page


def test_a_number_of_late_steps_leads_to_its_list(browser, log, app: Flask) -> None:  # type: ignore[no-untyped-def]
    from datetime import timedelta

    import time_machine

    from incidents.cases import doing
    from incidents.db import utc_now

    code = log("Tin sáp nhập", 2, kind="suspected_false", category="organisation")
    with app.app_context(), time_machine.travel(utc_now() + timedelta(minutes=50)):
        doing.tick(cast.actor("an"), code, "capture_evidence", result="https://example.org/anh")
    an = browser("an")
    page = main_of(an.get(f"/playbooks/{PB01}").text)
    (address,) = re.findall(r'href="([^"]+show=late[^"]+)"', page)
    assert code in main_of(an.get(address.replace("&amp;", "&")).text).split('id="listed"')[1].split("</div>")[0]
    assert "100 % (1/1)" in main_of(an.get("/playbooks").text)
