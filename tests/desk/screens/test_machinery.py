"""My steps, how alerts travelled, parked updates: lists that are worked through."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from incidents.cases import doing
from incidents.cases.models import Clock
from incidents.db import db, transaction, utc_now
from incidents.people.models import LogLine
from incidents.telling import inbox
from incidents.telling.models import Alert, Update
from incidents.vocabulary import AlertState, InboxState
from tests import cast
from tests.desk.screens.conftest import Browser, main_of

Open = Callable[..., Browser]
Log = Callable[..., str]
RUMOUR = {"kind": "suspected_false", "category": "disaster", "place": "Bảo Nhai", "flags": {"safety": True}}


def test_my_steps_stand_in_three_groups(browser: Open, log: Log) -> None:
    log("Tin vỡ đập", 3, received_at=utc_now() - timedelta(minutes=20), **RUMOUR)
    page = main_of(browser("giang").get("/steps?mine").text)
    assert page.index("Trễ (1)") < page.index("Hỏi xác nhận tại hiện trường")
    assert "trễ 10 phút" in page
    assert "Cần hỏi, gọi trực:" in page


def test_a_step_is_finished_where_it_stands(browser: Open, log: Log) -> None:
    code, giang = log("Tin vỡ đập", 3, **RUMOUR), browser("giang")
    done = giang.send(f"/incidents/{code}/steps/fast_intake/tick", referrer="/steps?mine", result="Đã hỏi trưởng thôn")
    assert done.location == "/steps?mine"
    page = giang.follow(done).text
    assert "Đã ghi xong bước." in page
    assert "Tiếp nhận nhanh" not in main_of(page)


def test_a_step_refused_keeps_its_proof(browser: Open, log: Log, app: Flask) -> None:
    code, giang = log("Tin vỡ đập", 3, **RUMOUR), browser("giang")
    with app.app_context():
        doing.tick(cast.actor("an"), code, "fast_intake")
    late = giang.send(f"/incidents/{code}/steps/fast_intake/tick", referrer="/steps", result="Đã hỏi trưởng thôn")
    assert late.status_code == 409
    assert "Bước này Nguyễn An vừa xong" in late.text


def test_only_steps_of_my_agency_and_role_are_mine(browser: Open, log: Log) -> None:
    code = log("Tin vỡ đập", 3, **RUMOUR)
    assert code not in main_of(browser("pao").get("/steps?mine").text)
    page = main_of(browser("giang").get("/steps?mine").text)
    assert code in page
    assert "Phát ngôn ban đầu" not in page


def test_who_holds_an_incident_has_all_its_steps(browser: Open, log: Log) -> None:
    code, an = log("Tin vỡ đập", 3, **RUMOUR), browser("an")
    assert "Hỏi xác nhận tại hiện trường" not in main_of(an.get("/steps?mine").text)
    an.send(f"/incidents/{code}/acknowledge")
    assert "Hỏi xác nhận tại hiện trường" in main_of(an.get("/steps?mine").text)


def test_what_i_may_approve_stands_first_and_what_is_submitted_is_not_mine_to_do(browser: Open, log: Log) -> None:
    code, an, son = log("Tin vỡ đập", 3, **RUMOUR), browser("an"), browser("son")
    an.send(f"/incidents/{code}/acknowledge")
    link = "https://laocai.gov.vn/tin/1"
    told = an.follow(an.send(f"/incidents/{code}/steps/short_warning/submit", result=link)).text
    assert "Đã trình duyệt." in told
    assert "Tin ngắn" not in main_of(an.get("/steps?mine").text)
    page = main_of(son.get("/steps?mine").text)
    assert page.index("Cần anh/chị duyệt (1)") < page.index("Tin ngắn")
    page = main_of(son.get(f"/incidents/{code}").text)
    assert "Nguyễn An trình" in page
    assert link in page
    assert "Đã duyệt, bước đã xong." in son.follow(son.send(f"/incidents/{code}/steps/short_warning/approve")).text


def test_a_step_without_its_proof_is_refused_with_what_is_missing_and_keeps_what_was_typed(
    browser: Open, log: Log
) -> None:
    code, an = log("Tin vỡ đập", 3, **RUMOUR), browser("an")
    refused = an.send(f"/incidents/{code}/steps/short_warning/submit", result="đã phát loa")
    assert refused.status_code == 409
    page = main_of(refused.text)
    assert "còn thiếu: ảnh, tệp hoặc đường dẫn" in page
    assert 'value="đã phát loa"' in page


def test_a_fact_that_decides_about_steps_is_answered_with_one_press(browser: Open, log: Log) -> None:
    code, an = log("Tin sáp nhập", 2, kind="suspected_false", category="organisation"), browser("an")
    page = main_of(an.get(f"/incidents/{code}").text)
    assert f'action="/incidents/{code}/facts/source_known"' in page
    page = an.follow(an.send(f"/incidents/{code}/facts/source_known", value="0")).text
    assert "Bước nay áp dụng" in page
    assert f'action="/incidents/{code}/facts/source_known"' not in main_of(page)
    assert an.send(f"/incidents/{code}/facts/verdict", value="false").status_code == 400
    assert an.send(f"/incidents/{code}/facts/safety", value="maybe").status_code == 400


def test_a_clock_is_waived_with_a_reason_by_who_may(browser: Open, log: Log, app: Flask) -> None:
    code = log("Tin vỡ đập", 3, **RUMOUR)
    with app.app_context():
        clock = db.session.scalar(select(Clock.id).where(Clock.hard.is_(True), Clock.due_at.is_not(None)))
    where = f"/incidents/{code}/clocks/{clock}/waive"
    assert browser("son").send(where, reason="cơ quan khác phát ngôn").status_code == 403
    assert browser("binh").send(where, reason=" ").status_code == 400
    page = browser("binh").follow(browser("binh").send(where, reason="cơ quan khác phát ngôn")).text
    assert "Vẫn tính là trễ." in page


def test_seven_answers_are_tried_first_and_saved_with_a_reason_when_another_level_is_chosen(
    browser: Open, log: Log
) -> None:
    code, binh = log("Tin sáp nhập", 2, kind="suspected_false"), browser("binh")
    answers = dict.fromkeys(("reach", "speed", "press", "belief", "vulnerable", "offline"), "1") | {"harm": "3"}
    query = "&".join(f"{name}={value}" for name, value in answers.items())
    page = main_of(binh.get(f"/incidents/{code}/assess?{query}").text)
    assert "9/21" in page
    assert "từ Cấp 3" in page
    refused = binh.send(f"/incidents/{code}/assess", chosen="2", **answers)
    assert refused.status_code == 400
    assert "Kết quả là Cấp 3" in refused.text
    page = binh.follow(binh.send(f"/incidents/{code}/assess", **answers)).text
    assert "Đã đặt Cấp 3" in page
    assert "7 câu trả lời: 9 điểm" in page


def test_nothing_left_to_do_says_who_is_on_duty(browser: Open) -> None:
    page = main_of(browser("giang").get("/steps?mine").text)
    assert "Không còn việc nào. Trực hôm nay:" in page
    assert "Nguyễn An" in page


def test_steps_cost_four_statements(browser: Open, log: Log, statements: Any) -> None:
    for number in range(5):
        log(f"Tin vỡ đập {number}", 3, **RUMOUR)
    giang = browser("giang")
    giang.get("/steps?mine")
    with statements() as seen:
        giang.get("/steps?mine")
    assert len(seen) <= 4, seen


def fail_one(app: Flask, reason: str = "chặn bot") -> int:
    with app.app_context(), transaction():
        alert = db.session.scalars(select(Alert).where(Alert.address_id.is_not(None)).order_by(Alert.id)).first()
        alert.state, alert.reason = AlertState.failed, reason
        return alert.id


def test_what_failed_stands_first_and_is_sent_again(browser: Open, log: Log, app: Flask) -> None:
    code = log("Tin vỡ đập", 4)
    alert_id = fail_one(app)
    an = browser("an")
    page = main_of(an.get("/alerts").text)
    assert page.index("1 thông báo chưa tới người nhận") < page.index("thông báo gần nhất")
    assert "chặn bot" in page
    assert code in page
    page = an.follow(an.send(f"/alerts/{alert_id}/resend")).text
    assert "Đã xếp hàng gửi lại." in page
    assert "Không có thông báo lỗi." in main_of(page)
    with app.app_context():
        assert db.session.get(Alert, alert_id).state == AlertState.queued
    assert an.send(f"/alerts/{alert_id}/resend").status_code == 404
    assert an.send("/alerts/9999/resend").status_code == 404


@pytest.mark.parametrize(
    ("who", "sees", "resends"), [("an", 200, 303), ("chi", 200, 403), ("giang", 403, 403), ("lan", 403, 403)]
)
def test_who_may_follow_and_who_may_send_again(
    browser: Open, log: Log, app: Flask, who: str, sees: int, resends: int
) -> None:
    log("Tin vỡ đập", 4)
    alert_id = fail_one(app)
    assert browser(who).get("/alerts").status_code == sees
    assert browser(who).send(f"/alerts/{alert_id}/resend").status_code == resends


def test_a_member_without_an_address_is_shown_as_unroutable(browser: Open, log: Log, app: Flask) -> None:
    from sqlalchemy import update

    from incidents.people.models import Address

    with app.app_context(), transaction():
        db.session.execute(update(Address).where(Address.label == "Trần Văn Bình").values(state="off"))
    log("Tin vỡ đập", 4)
    page = main_of(browser("an").get("/alerts").text)
    assert "không có người nhận" in page
    assert "chưa có địa chỉ nhận" in page
    assert 'aria-label="Gửi lại Trần Văn Bình"' not in page


@pytest.fixture
def parked(app: Flask) -> int:
    """An update that five tries could not work through."""
    with app.app_context():
        inbox.store("telegram", [{"update_id": 77, "message": {"chat": {"id": 5}, "text": "lời riêng"}}])
        row = db.session.scalars(select(Update)).one()
        for _ in range(inbox.MAX_ATTEMPTS):
            inbox.record_fault(row.id, "KeyError: from")
        return row.id


def test_a_parked_update_is_tried_again(browser: Open, parked: int, app: Flask) -> None:
    chi = browser("chi")
    page = main_of(chi.get("/updates").text)
    assert "KeyError: from" in page
    assert "lời riêng" not in page
    page = chi.follow(chi.send(f"/updates/{parked}/retry")).text
    assert "Không có tin treo." in main_of(page)
    with app.app_context():
        assert db.session.get(Update, parked).state == InboxState.new
    assert chi.send(f"/updates/{parked}/retry").status_code == 404


def test_a_parked_update_is_dropped_for_a_reason_and_stays_to_be_seen(browser: Open, parked: int, app: Flask) -> None:
    chi = browser("chi")
    refused = chi.send(f"/updates/{parked}/drop", reason=" ")
    assert refused.status_code == 400
    assert "Chưa ghi nội dung." in refused.text
    long = chi.send(f"/updates/{parked}/drop", reason="x" * 400)
    assert long.status_code == 400
    assert "x" * 400 in long.text
    chi.send(f"/updates/{parked}/drop", reason="Tin thử của nhà mạng")
    assert "Tin thử của nhà mạng" in main_of(chi.get("/updates?state=dropped").text)
    with app.app_context():
        row = db.session.get(Update, parked)
        assert (row.state, "lời riêng" in row.raw) == (InboxState.ignored, True)
        assert db.session.scalars(select(LogLine.action).order_by(LogLine.id.desc())).first() == "drop_update"


@pytest.mark.parametrize("who", ["an", "binh", "lan"])
def test_only_the_administrator_handles_parked_updates(browser: Open, parked: int, who: str) -> None:
    assert browser(who).get("/updates").status_code == 403
    assert browser(who).send(f"/updates/{parked}/retry").status_code == 403
    assert browser(who).send(f"/updates/{parked}/drop", reason="x").status_code == 403
