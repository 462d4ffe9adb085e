"""The page of one incident: what it costs, what it says, what is done on it."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from incidents.cases import assignments, moves, notes, quick_reports, sorting, triage
from incidents.cases.models import Entry, Incident, Step
from incidents.db import db, transaction, utc_now
from tests import cast
from tests.desk.screens.conftest import Browser, main_of, picture

Open = Callable[..., Browser]
Log = Callable[..., str]


@pytest.fixture
def rumour(log: Log) -> str:
    """A rumour in a disaster at Bảo Nhai: playbook PB-02, the commune takes part."""
    return log(
        "Có tin vỡ đập", 3, kind="suspected_false", category="disaster", place="Bảo Nhai", flags={"safety": True}
    )


def test_the_whole_page_costs_ten_statements(browser: Open, rumour: str, app: Flask, statements: Any) -> None:
    with app.app_context():
        for number in range(60):
            notes.note(cast.actor("an"), rumour, f"Diễn biến {number}")
    an = browser("an")
    an.get(f"/incidents/{rumour}")
    with statements() as seen:
        assert an.get(f"/incidents/{rumour}").status_code == 200
    assert len(seen) <= 10, seen


def test_the_head_says_level_status_holder_readers_and_clocks(browser: Open, rumour: str) -> None:
    page = unescape(main_of(browser("an").get(f"/incidents/{rumour}").text))
    for words in ("Cấp 3 · Nghiêm trọng", rumour, "Mới tiếp nhận", "chưa ai nhận", "Ai xem được?",
                  "Trong Tổ và các cơ quan được phân công", "(nội bộ)", "Tiếp nhận nhanh", "còn "):  # fmt: skip
        assert words in page


def test_a_clock_of_the_law_says_which_law(browser: Open, rumour: str, app: Flask) -> None:
    browser("binh").send(f"/incidents/{rumour}/anchor", anchor="concluded_at", at=f"{utc_now():%Y-%m-%dT%H:%M}+00:00")
    page = unescape(main_of(browser("an").get(f"/incidents/{rumour}").text))
    assert "(luật, NĐ " in page


def test_the_primary_button_follows_the_state(browser: Open, rumour: str) -> None:
    an = browser("an")
    page = main_of(an.get(f"/incidents/{rumour}").text)
    assert f'action="/incidents/{rumour}/acknowledge"' in page
    page = main_of(an.follow(an.send(f"/incidents/{rumour}/acknowledge")).text)
    assert "Xong bước 1: Tiếp nhận nhanh" in page
    page = main_of(an.follow(an.send(f"/incidents/{rumour}/steps/fast_intake/tick")).text)
    assert "Làm bước 2:" in page  # asks for a line of proof, so the button leads to its form
    plain = main_of(browser("nga").get(f"/incidents/{rumour}").text)
    assert 'class="btn btn-primary" href="#f-text"' in plain or "Xong bước" in plain


def test_a_step_says_who_when_by_which_rule_basis_and_proof(browser: Open, rumour: str) -> None:
    page = unescape(main_of(browser("an").get(f"/incidents/{rumour}").text))
    for words in ("tiếp nhận + 10 phút", "nội bộ", "Cán bộ trực, Đầu mối cơ quan – cơ quan thường trực", "cần: Ảnh chụp màn hình",
                  "NĐ 328/2026/NĐ-CP", "hiệu lực từ", "Ghi ba điều"):  # fmt: skip
        assert words in page


def test_a_step_is_ticked_with_result_and_time_skipped_with_a_reason_and_opened_again(
    browser: Open, log: Log, app: Flask
) -> None:
    early = utc_now() - timedelta(hours=1)
    code = log("Có tin vỡ đập", 3, kind="suspected_false", category="disaster", place="Bảo Nhai", received_at=early)
    binh = browser("binh")
    at = f"{utc_now() - timedelta(minutes=20):%Y-%m-%dT%H:%M}+00:00"
    page = binh.follow(binh.send(f"/incidents/{code}/steps/fast_intake/tick", result="Đã gọi xã", at=at)).text
    assert "Đã ghi xong bước." in page
    assert "Đã gọi xã" in page
    page = binh.follow(binh.send(f"/incidents/{code}/steps/confirm_on_site/skip", reason="Không có hồ đập")).text
    assert "Không có hồ đập" in main_of(page)
    page = binh.follow(binh.send(f"/incidents/{code}/steps/confirm_on_site/reopen")).text
    assert "Mở lại bước: Hỏi xác nhận" in main_of(page)
    with app.app_context():
        states = {step.key: step.state for step in db.session.scalars(select(Step))}
    assert states["fast_intake"] == "done"
    assert states["confirm_on_site"] == "open"


def test_the_second_who_ticks_learns_who_was_first(browser: Open, rumour: str) -> None:
    browser("an").send(f"/incidents/{rumour}/steps/fast_intake/tick")
    page = browser("mai").send(f"/incidents/{rumour}/steps/fast_intake/tick", result="Tôi cũng đã gọi")
    assert page.status_code == 409
    assert "Bước này Nguyễn An vừa xong lúc " in page.text


def test_a_note_is_kept_once_with_its_time_and_pictures(browser: Open, rumour: str, app: Flask) -> None:
    an = browser("an")
    fields = {"text": "Đập bình thường", "happened_at": "00:05 01/01/2026", "nonce": "n1"}
    done = an.send(f"/incidents/{rumour}/note", **fields, photos=[(picture(), "đập.png")])
    page = an.follow(done).text
    assert "Đã ghi diễn biến lúc " in page
    assert "Đập bình thường" in main_of(page)
    assert "đập.png" in main_of(page)
    assert "(ghi " in main_of(page)
    an.send(f"/incidents/{rumour}/note", **fields)
    with app.app_context():
        kinds = db.session.scalars(select(Entry.kind).where(Entry.text == "Đập bình thường")).all()
    assert kinds == ["note"]


def test_a_correction_is_a_new_entry_and_the_old_one_stays(browser: Open, rumour: str) -> None:
    an = browser("an")
    number = an.send(f"/incidents/{rumour}/note", text="Mực nước 240 m", nonce="a").location.rsplit("-", 1)[1]
    page = main_of(
        an.follow(an.send(f"/incidents/{rumour}/note", text="Mực nước 214 m", corrects=number, nonce="b")).text
    )
    assert "Mực nước 240 m" in page
    assert f"Đính chính diễn biến số {number}." in page
    assert "đã sửa 1 lần" in page


def test_the_timeline_is_filtered_and_paged_by_its_address(browser: Open, rumour: str, app: Flask) -> None:
    with app.app_context():
        for number in range(60):
            notes.note(cast.actor("an"), rumour, f"Diễn biến số {number} của chúng ta")
    an = browser("an")
    news = main_of(an.get(f"/incidents/{rumour}?entries=news").text)
    assert "Diễn biến số 59 " in news
    assert "Áp dụng kịch bản PB-02" not in news
    work = main_of(an.get(f"/incidents/{rumour}?entries=work").text)
    assert "Áp dụng kịch bản PB-02" in work
    assert "Diễn biến số" not in work
    older = news.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    page = main_of(an.get(older).text)
    assert "Diễn biến số 0 " in page
    assert "Diễn biến số 59 " not in page


def test_criticism_says_that_it_is_not_labelled_or_taken_down(browser: Open, log: Log) -> None:
    line = "Loại phản ánh: không gắn nhãn, không đề nghị gỡ"
    for kind in ("public_feedback", "press_coverage"):
        page = main_of(browser("an").get(f"/incidents/{log('Phản ánh rác', 2, kind=kind)}").text)
        assert line in page
        assert "NĐ 328/2026/NĐ-CP Đ.5.1" in page
    assert line not in browser("an").get(f"/incidents/{log('Tin giả', 2, kind='suspected_false')}").text


def test_a_merged_incident_leads_to_the_one_it_is_part_of(browser: Open, log: Log, app: Flask) -> None:
    old, target = log("Tin một"), log("Tin hai")
    with app.app_context():
        moves.move(cast.actor("an"), old, "triage")
        moves.move(cast.actor("an"), old, "merged", into=target)
    assert f'Đã gộp vào <a href="/incidents/{target}">' in browser("an").get(f"/incidents/{old}").text
    with app.app_context():
        triage.restrict(cast.actor("binh"), target, [cast.actor("binh").id or 0])
    assert target not in browser("mai").get(f"/incidents/{old}").text.split("timeline-title")[0]


def test_an_incident_without_a_playbook_names_one_action(browser: Open, log: Log) -> None:
    page = main_of(browser("an").get(f"/incidents/{log('Theo dõi thông tin', 1, kind='watch')}").text)
    assert "Chưa có kịch bản." in page
    assert "/playbook" in page


def test_what_came_from_a_quick_report_brings_its_pictures(browser: Open, app: Flask) -> None:
    with app.app_context():
        report, _ = quick_reports.send(
            cast.actor("giang"), "Tin vỡ đập", "k1", pictures=[("a.png", picture().read())], ask=False
        )
        code = sorting.open_incident(cast.actor("an"), report.id, severity=3).code
    page = main_of(browser("an").get(f"/incidents/{code}").text)
    assert "Tin báo nhanh BN-0001 của Vàng Thị Giang" in page
    assert "/files/" in page


def test_accepting_twice_says_who_was_first(browser: Open, rumour: str) -> None:
    browser("an").send(f"/incidents/{rumour}/acknowledge")
    page = browser("mai").send(f"/incidents/{rumour}/acknowledge")
    assert page.status_code == 409
    assert "Việc này đã xong: Nguyễn An" in page.text
    assert rumour in page.text


def test_an_agency_accepts_its_own_part(browser: Open, rumour: str, app: Flask) -> None:
    giang = browser("giang")
    page = main_of(giang.get(f"/incidents/{rumour}").text)
    assert "chưa nhận việc" in page
    page = main_of(giang.follow(giang.send(f"/incidents/{rumour}/acknowledge")).text)
    assert "– Vàng Thị Giang" in page
    with app.app_context():
        row = next(
            part
            for part in assignments.open_parts(db.session.scalar(select(Incident)))
            if part.agency.code == "x_bao_nhai"
        )
        assert row.accepted_at is not None


def test_a_step_somebody_was_writing_about_when_the_session_ended_is_filled_again(browser: Open, rumour: str) -> None:
    an = browser("an")
    an.send(f"/drafts/incidents/{rumour}/steps/fast_intake/tick", result="Đã gọi trực ban")
    assert 'value="Đã gọi trực ban"' in an.get(f"/incidents/{rumour}?draft=1").text
    an.send(f"/drafts/incidents/{rumour}/note", text="Đang chờ trả lời")
    assert "Có bản nháp lúc" in an.get(f"/incidents/{rumour}").text
    assert "Đang chờ trả lời" in an.get(f"/incidents/{rumour}?draft=1").text
    an.send(f"/incidents/{rumour}/note", text="Đang chờ trả lời", nonce="n")
    assert "Có bản nháp lúc" not in an.get(f"/incidents/{rumour}").text


def test_after_its_end_an_incident_takes_notes_and_nothing_else(browser: Open, log: Log, app: Flask) -> None:
    code, an = log("Tin thử", 1), browser("an")
    with app.app_context():
        moves.move(cast.actor("binh"), code, "not_accepted", reason="test_message")
    page = main_of(an.get(f"/incidents/{code}").text)
    assert "Tin thử" in page
    assert "/assign" not in page
    assert an.send(f"/incidents/{code}/note", text="Bổ sung").status_code == 303
    refused = an.send(f"/incidents/{code}/acknowledge")
    assert refused.status_code == 409
    assert "đã kết thúc" in refused.text


def test_a_page_without_a_right_to_write_has_no_form(browser: Open, rumour: str) -> None:
    page = main_of(browser("lan").get(f"/incidents/{rumour}").text)
    assert "<form" not in page


def test_the_print_carries_the_head_of_the_chain(browser: Open, rumour: str, app: Flask) -> None:
    with app.app_context(), transaction():
        head = db.session.scalar(select(Incident.head_hash))
    assert f"{head[:4]} {head[4:8]}" in browser("an").get(f"/incidents/{rumour}").text
