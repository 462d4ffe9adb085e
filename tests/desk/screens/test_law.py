"""Căn cứ pháp lý: listed, filtered, explained by what came before and after, changed by two persons."""

import re
from datetime import datetime

from sqlalchemy import select

from incidents.cases import intake, triage
from incidents.cases.models import Clock, Incident
from incidents.db import db
from incidents.planning import amendments, bases
from incidents.vocabulary import Kind
from playbooks import law
from playbooks.worktime import ZONE
from tests import cast
from tests.desk.screens.conftest import main_of

NEW = {
    "key": "nd999_1", "document": "NĐ 999/2030/NĐ-CP", "article": "Đ.1", "requires": "Phát ngôn trong 12 giờ.",
    "anchor": "received_at", "amount": "12", "unit": "hour", "force": "hard", "owner": "own", "valid_from": "01/01/2030",
    "valid_to": "", "confidence": "ok", "link": "", "replaces": "nd244_7_3", "reason": "Nghị định mới", "document_no": "CV 5",
}  # fmt: skip


def test_every_basis_is_listed_and_those_to_be_checked_are_counted(browser) -> None:
    page = main_of(browser("an").get("/law").text)
    assert {row.key for row in law.all_bases()} == set(re.findall(r'href="/law/(\w+)"', page))
    count = sum(row.confidence == "check" for row in law.all_bases())
    assert f"{count} căn cứ cần kiểm tra lại điều khoản." in page
    assert page.count("(cần kiểm tra)") == count


def test_words_groups_and_states_narrow_the_list(browser) -> None:
    reader = browser("an")
    assert set(re.findall(r'href="/law/(\w+)"', main_of(reader.get("/law?q=hop bao dinh ky").text))) == {"nd09_5_2b"}
    press = re.findall(r'href="/law/(\w+)"', main_of(reader.get("/law?group=press").text))
    assert set(press) == set(law.groups()["press"])
    ended = set(re.findall(r'href="/law/(\w+)"', main_of(reader.get("/law?state=ended").text)))
    assert "nd09_6_3a" in ended
    assert "nd244_7_3" not in ended
    assert "Không có căn cứ nào khớp." in reader.get("/law?q=khong co gi nhu the").text


def test_a_basis_shows_its_neighbours_its_steps_and_its_visible_clocks(app, browser, log) -> None:
    open_code = log("Tin đồn", kind=Kind.suspected_false, category="organisation", flags={"large_impact": True})
    hidden = log("Tin kín", kind=Kind.suspected_false, category="organisation", flags={"large_impact": True})
    with app.app_context():
        ha = cast.actor("ha")
        triage.restrict(cast.actor("binh"), hidden, {ha.id})
    page = main_of(browser("an").get("/law/nd244_7_3").text)
    assert "nd09_6_3a" in page
    assert "<svg" in page
    assert "PB-01" in page
    assert f"/incidents/{open_code}/clocks/" in page
    assert hidden not in page
    assert hidden in browser("ha").get("/law/nd244_7_3").text


def test_an_old_basis_names_the_steps_that_lead_to_it(browser) -> None:
    page = main_of(browser("an").get("/law/nd09_6_3a").text)
    assert "qua nd244_7_3" in page
    assert "Căn cứ này đã hết hiệu lực." in page


def test_a_basis_there_is_not_is_not_found(browser) -> None:
    assert browser("an").get("/law/nd000").status_code == 404
    assert browser("chi").get("/law/nd000/propose/end").status_code == 404
    assert browser("chi").get("/law/nd244_7_3/propose/delete").status_code == 404


def test_two_persons_add_a_basis_and_it_takes_the_place_of_the_old_one(app, browser) -> None:
    chi, binh = browser("chi"), browser("binh")
    assert "Đã gửi đề nghị" in chi.follow(chi.send("/law/new", **NEW)).text
    page = main_of(binh.get("/law").text)
    assert "Thêm căn cứ NĐ 999/2030/NĐ-CP Đ.1" in page
    assert "Thay cho nd244_7_3." in page
    (action,) = set(re.findall(r'action="(/law/amendments/\d+)"', page))
    assert "Đã duyệt." in binh.follow(binh.send(action, approve="1")).text
    page = main_of(browser("an").get("/law/nd999_1").text)
    assert "tiếp nhận + 12 giờ, bắt buộc" in page
    with app.app_context():
        assert bases.catalogue().basis("nd244_7_3").superseded_by == ("nd999_1",)


def test_a_bad_proposal_keeps_what_was_typed_and_says_what_to_do(app, browser) -> None:
    chi = browser("chi")
    answer = chi.send("/law/new", **NEW | {"amount": "mười hai"})
    assert answer.status_code == 400
    assert "cần số lượng từ 0 đến 5000" in answer.text
    assert "Phát ngôn trong 12 giờ." in answer.text
    assert "Phát ngôn trong 12 giờ." in chi.get("/law/new?draft=1").text
    with app.app_context():
        assert amendments.waiting_count() == 0


def test_a_basis_is_ended_or_marked_as_checked_by_proposal(app, browser) -> None:
    chi, binh = browser("chi"), browser("binh")
    chi.send(
        "/law/nd147_23/propose/checked", link="https://vanban.chinhphu.vn/147", reason="Đã đối chiếu", document_no=""
    )
    chi.send("/law/nd147_23/propose/end", valid_to="31/12/2030", superseded_by="", reason="Bãi bỏ", document_no="NĐ 1")
    for action in re.findall(r'action="(/law/amendments/\d+)"', binh.get("/law").text):
        binh.send(action, approve="1")
    page = main_of(binh.get("/law/nd147_23").text)
    assert "https://vanban.chinhphu.vn/147" in page
    assert "31/12/2030" in page
    assert "(cần kiểm tra)" not in page.split("<h2")[0]
    assert page.count("Đã duyệt: Trần Văn Bình") == 2


def test_a_refusal_needs_its_reason_and_the_proposer_sees_it(browser) -> None:
    chi, binh = browser("chi"), browser("binh")
    chi.send("/law/nd147_23/propose/checked", link="", reason="Đã đối chiếu", document_no="")
    (action,) = set(re.findall(r'action="(/law/amendments/\d+)"', binh.get("/law").text))
    assert "Cần ghi lý do không duyệt." in binh.follow(binh.send(action, approve="0", note="")).text
    binh.send(action, approve="0", note="Chưa có bản công báo")
    assert "Chưa có bản công báo" in chi.get("/law/nd147_23").text


def test_who_has_no_right_sees_no_form_and_is_refused(browser) -> None:
    an = browser("an")
    assert "/law/new" not in main_of(an.get("/law").text)
    assert an.get("/law/new").status_code == 403
    assert an.send("/law/amendments/1", approve="1").status_code == 403
    assert browser("phong").get("/law").status_code == 403


def test_a_page_of_the_law_asks_little_of_the_database(browser, statements, log) -> None:
    log("Tin đồn", kind=Kind.suspected_false, category="organisation")
    reader = browser("an")
    reader.get("/law")
    with statements() as seen:
        reader.get("/law")
    assert len([one for one in seen if "clocks" in one or "amendments" in one]) == 2


def test_english_says_it_all_in_english(browser) -> None:
    page = browser("an", lang="en").get("/law/nd244_7_3").text
    assert "Before and after this basis" in page
    assert "received + 24 h, binding" in page


def test_the_clock_page_says_why_by_law_by_anchor_and_by_day(app, browser, log) -> None:
    code = log("Tin đồn", kind=Kind.suspected_false, category="organisation", flags={"large_impact": True})
    with app.app_context():
        incident = db.session.scalar(select(Incident).where(Incident.code == code))
        clocks = list(db.session.scalars(select(Clock).where(Clock.incident_id == incident.id)))
        of_law = next(clock.id for clock in clocks if clock.basis == "nd244_7_3")
        waiting = next(clock.id for clock in clocks if clock.anchor_at is None)
        other = intake.log(cast.actor("an"), "Khác", 2).code
    page = main_of(browser("an").get(f"/incidents/{code}/clocks/{of_law}").text)
    assert "Vì sao là giờ này?" in page
    assert "Áp dụng NĐ 244/2026/NĐ-CP Đ.7.3: có hiệu lực ngày" in page
    assert "tiếp nhận + 24 giờ" in page
    assert page.count("<rect") == 2
    assert "Nhắc" in page
    assert "Chưa có mốc" in browser("an").get(f"/incidents/{code}/clocks/{waiting}").text
    assert browser("an").get(f"/incidents/{other}/clocks/{of_law}").status_code == 404
    assert browser("giang").get(f"/incidents/{code}/clocks/{of_law}").status_code == 404


def test_an_incident_of_the_old_regime_explains_its_old_rule(app, browser) -> None:
    received = datetime(2026, 6, 30, 23, 50, tzinfo=ZONE)
    with app.app_context():
        incident = intake.log(
            cast.actor("an"), "Tin đồn", 2, kind=Kind.suspected_false, category="organisation",
            flags={"large_impact": True}, happened_at=received.replace(hour=22, minute=0), received_at=received,
        )  # fmt: skip
        code = incident.code
        clock = db.session.scalar(select(Clock.id).where(Clock.incident_id == incident.id, Clock.basis == "nd09_6_3a"))
    page = main_of(browser("an").get(f"/incidents/{code}/clocks/{clock}").text)
    assert "Căn cứ theo ngày tiếp nhận 30/06/2026" in page
    assert "NĐ 244/2026/NĐ-CP Đ.7.3 chưa có hiệu lực ngày 30/06/2026 (từ 01/07/2026)" in page
    assert "Áp dụng NĐ 09/2017/NĐ-CP Đ.6.3.a" in page
    assert "Thứ Ba 30/06/2026 22:00 + 24 giờ = Thứ Tư 01/07/2026 22:00" in page
