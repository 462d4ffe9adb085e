"""What changes an incident on a page of its own."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from incidents.cases import assignments, notes, triage
from incidents.cases.models import Incident
from incidents.db import db
from tests import cast
from tests.desk.screens.conftest import Browser, main_of

Open = Callable[..., Browser]
Log = Callable[..., str]


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the page's own form."""
    found = unescape(main_of(page)).split('<input type="hidden" name="')[1:]
    return {part.split('"')[0]: part.split('value="')[1].split('"')[0] for part in found if "csrf" not in part[:12]}


def the_incident(app: Flask) -> Incident:
    with app.app_context():
        return db.session.scalars(select(Incident)).one()


def test_an_agency_is_given_a_part_with_purpose_and_due_time(browser: Open, log: Log, app: Flask) -> None:
    code, binh = log(), browser("binh")
    form = main_of(binh.get(f"/incidents/{code}/assign").text)
    assert '<optgroup label="Xã, phường">' in form
    fields = {"agency": "pa05", "part": "support", "purpose": "Xác minh tài khoản", "due_at": "10:00 01/01/2090"}
    page = binh.follow(binh.send(f"/incidents/{code}/assign", **fields)).text
    assert "Đã giao PA05." in page
    assert "Xác minh tài khoản" in main_of(page)
    assert "hạn 10:00 01/01/2090" in main_of(page)


def test_only_possible_moves_are_offered(browser: Open, log: Log) -> None:
    code = log()
    form = main_of(browser("an").get(f"/incidents/{code}/move").text)
    offered = {part.split('"')[0] for part in form.split('name="to" id="to-')[1:]}
    assert offered == {"triage", "merged", "not_accepted"}
    assert 'name="receiver"' not in form
    assert 'name="into"' in form


def test_an_incident_goes_its_whole_way_on_the_web(browser: Open, log: Log, app: Flask) -> None:
    code, binh = log(kind="press_coverage", place="Sa Pa", category="environment"), browser("binh")
    for to in ("triage", "verifying", "responding"):
        page = binh.follow(binh.send(f"/incidents/{code}/move", to=to)).text
        assert "Đã chuyển sang “" in page
    refused = binh.send(f"/incidents/{code}/move", to="transferred", receiver="Bộ VHTTDL")
    assert refused.status_code == 409
    assert "còn thiếu: số, ngày văn bản" in refused.text
    assert 'value="Bộ VHTTDL"' in refused.text
    page = binh.follow(
        binh.send(f"/incidents/{code}/move", to="transferred", receiver="Bộ VHTTDL", document="12/CV")
    ).text
    assert "Nơi nhận: Bộ VHTTDL, văn bản 12/CV." in main_of(page)
    form = main_of(binh.get(f"/incidents/{code}/move").text)
    assert 'id="to-triage"' in form


def test_a_reason_from_the_list_is_said_in_words(browser: Open, log: Log) -> None:
    code, binh = log(), browser("binh")
    page = binh.follow(binh.send(f"/incidents/{code}/move", to="not_accepted", declined="out_of_area")).text
    assert "Ngoài địa bàn" in main_of(page)
    assert "out_of_area" not in main_of(page)


def test_a_move_seen_too_late_is_refused_and_a_note_meanwhile_is_no_reason(browser: Open, log: Log, app: Flask) -> None:
    code, an, mai = log(), browser("an"), browser("mai")
    seen = hidden(an.get(f"/incidents/{code}/move").text)
    with app.app_context():
        notes.note(cast.actor("mai"), code, "Đã gọi")
    mine = seen | {"to": "triage", "reason": "Bắt đầu"}
    assert an.send(f"/incidents/{code}/move", **mine).status_code == 303
    late = an.send(
        f"/incidents/{code}/move", **(seen | {"to": "not_accepted", "declined": "out_of_area", "reason": "Giữ chữ này"})
    )
    assert late.status_code == 409
    assert "vừa được đổi bởi người khác" in late.text
    assert "Giữ chữ này" in late.text
    assert "Đang sàng lọc" in main_of(late.text)
    assert mai.send(f"/incidents/{code}/move", to="nope").status_code == 400


def test_a_level_is_set_proposed_and_confirmed(browser: Open, log: Log, app: Flask) -> None:
    code, an, binh = log(severity=2), browser("an"), browser("binh")
    page = an.follow(an.send(f"/incidents/{code}/severity", severity="4", reason="Lan rất nhanh")).text
    assert "Đã đề xuất Cấp 4 Khủng hoảng, chờ xác nhận." in page
    assert the_incident(app).severity_confirmed is False
    binh.follow(binh.send(f"/incidents/{code}/severity", severity="4", reason=""))
    assert the_incident(app).severity_confirmed is True


def test_a_level_changed_meanwhile_is_shown_before_it_is_overwritten(browser: Open, log: Log, app: Flask) -> None:
    code, binh = log(severity=2), browser("binh")
    seen = hidden(binh.get(f"/incidents/{code}/severity").text)
    with app.app_context():
        triage.set_severity(cast.actor("son"), code, 3, "Báo đã đăng")
    late = binh.send(f"/incidents/{code}/severity", **(seen | {"severity": "1", "reason": "Ít người xem"}))
    assert late.status_code == 409
    assert "Cấp 3 Nghiêm trọng" in main_of(late.text)
    assert "Ít người xem" in late.text
    again = hidden(late.text) | {"severity": "1", "reason": "Ít người xem"}
    assert binh.send(f"/incidents/{code}/severity", **again).status_code == 303
    assert the_incident(app).severity == 1


def test_a_playbook_is_started_once(browser: Open, log: Log, app: Flask) -> None:
    code, an = log(kind="watch", severity=1), browser("an")
    assert "PB-02" in main_of(an.get(f"/incidents/{code}/playbook").text)
    page = an.follow(an.send(f"/incidents/{code}/playbook", key="pb02_rumour_disaster")).text
    assert "Đã áp dụng kịch bản." in page
    assert "Việc cần làm 0/" in main_of(page)
    an.send(f"/incidents/{code}/playbook", key="pb02_rumour_disaster")
    assert len(the_incident(app).playbooks) == 1


def test_an_anchor_is_recorded_and_corrected_with_a_reason(browser: Open, log: Log) -> None:
    code, binh = log(kind="press_coverage"), browser("binh")
    page = binh.follow(binh.send(f"/incidents/{code}/anchor", anchor="impact_determined_at", at="00:01")).text
    assert "Đã ghi mốc “xác định có tác động dư luận”." in page
    refused = binh.send(f"/incidents/{code}/anchor", anchor="impact_determined_at", at="00:02")
    assert "Cần ghi lý do sửa mốc." in refused.text
    done = binh.send(f"/incidents/{code}/anchor", anchor="impact_determined_at", at="00:02", reason="Nghe nhầm giờ")
    assert "Sửa mốc “xác định có tác động dư luận”" in main_of(binh.follow(done).text)


def test_a_spokesperson_is_offered_the_one_anchor_that_is_his(browser: Open, log: Log, app: Flask) -> None:
    code = log()
    with app.app_context():
        assignments.assign(cast.actor("binh"), code, "ubnd_tinh")
    form = main_of(browser("khoa").get(f"/incidents/{code}/anchor").text)
    assert 'value="impact_determined_at"' in form
    assert 'value="concluded_at"' not in form


EDIT = {"kind": "suspected_false", "category": "disaster", "place": "Bảo Nhai", "harm_class": "b", "safety": "1"}


def test_information_is_edited_and_the_entry_names_what_changed(browser: Open, log: Log, app: Flask) -> None:
    code, an = log(), browser("an")
    seen = hidden(an.get(f"/incidents/{code}/edit").text)
    page = unescape(main_of(an.follow(an.send(f"/incidents/{code}/edit", **(seen | EDIT))).text))
    for words in (
        "Loại: Sự cố truyền thông → Thông tin có dấu hiệu giả",
        "Nơi: – → Bảo Nhai",
        "– → có",
        "Độ nguy hại: – → b",
    ):
        assert words in page
    incident = the_incident(app)
    assert (incident.kind, incident.place, incident.flags) == ("suspected_false", "Bảo Nhai", {"safety": True})


def test_two_who_edit_different_fields_are_both_kept(browser: Open, log: Log, app: Flask) -> None:
    code, an = log(), browser("an")
    seen = hidden(an.get(f"/incidents/{code}/edit").text)
    with app.app_context():
        triage.edit(cast.actor("mai"), code, {"category": "land"})
    mine = seen | {"kind": "communication_incident", "category": "", "place": "Bảo Nhai"}
    assert an.send(f"/incidents/{code}/edit", **mine).status_code == 303
    incident = the_incident(app)
    assert (incident.category, incident.place) == ("land", "Bảo Nhai")


def test_two_who_edit_the_same_field_are_shown_all_three_versions(browser: Open, log: Log, app: Flask) -> None:
    code, an = log(), browser("an")
    seen = hidden(an.get(f"/incidents/{code}/edit").text)
    with app.app_context():
        triage.edit(cast.actor("mai"), code, {"place": "Bắc Hà"})
    mine = seen | {"kind": "communication_incident", "category": "", "place": "Bảo Nhai"}
    late = an.send(f"/incidents/{code}/edit", **mine)
    assert late.status_code == 409
    page = unescape(main_of(late.text))
    assert (
        '<td data-th="Bản gốc">–</td><td data-th="Bản của anh/chị">Bảo Nhai</td><td data-th="Bản mới nhất">Bắc Hà</td>'
        in page
    )
    assert 'value="Bảo Nhai"' in page
    assert the_incident(app).place == "Bắc Hà"
    assert (
        an.send(
            f"/incidents/{code}/edit",
            **(hidden(late.text) | {"kind": "communication_incident", "category": "", "place": "Bảo Nhai"}),
        ).status_code
        == 303
    )
    assert the_incident(app).place == "Bảo Nhai"


def test_a_field_of_another_form_changes_nothing(browser: Open, log: Log, app: Flask) -> None:
    code, an = log(), browser("an")
    before = the_incident(app)
    more: dict[str, Any] = {"severity": "4", "status": "closed", "restricted": "1", "holder_id": "1", "code": "SK-1"}
    an.send(f"/incidents/{code}/edit", **hidden(an.get(f"/incidents/{code}/edit").text), kind=before.kind, **more)
    after = the_incident(app)
    assert (after.severity, after.status, after.restricted, after.code) == (2, "new", False, code)


@pytest.mark.parametrize("page", ["assign", "severity", "edit", "anchor"])
def test_what_was_being_typed_is_offered_and_filled_again(browser: Open, log: Log, page: str) -> None:
    code, binh = log(), browser("binh")
    field = {"assign": "purpose", "severity": "reason", "edit": "place", "anchor": "reason"}[page]
    assert binh.send(f"/drafts/incidents/{code}/{page}", **{field: "đang gõ dở"}).status_code == 204
    assert "Có bản nháp lúc" in binh.get(f"/incidents/{code}/{page}").text
    assert "đang gõ dở" in binh.get(f"/incidents/{code}/{page}?draft=1").text
