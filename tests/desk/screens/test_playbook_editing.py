"""A playbook edited on the web: two editors, refused fields, order by buttons, files, approval by another."""

import json
import re
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from incidents.people.members import today
from incidents.planning import version_rows, versions
from playbooks.model import Playbook
from tests.desk.screens.conftest import Browser, main_of
from tests.incidents.planning.making import DOCUMENT

PB01 = "pb01_false_info_social"
DRAFT = f"/playbooks/{PB01}/draft"


@pytest.fixture
def drafted(app: Flask, browser: Any) -> Browser:
    """Sơn, who has begun a draft of PB-01 by its button."""
    son: Browser = browser("son")
    page = main_of(son.follow(son.send(f"{DRAFT}/new", version="1")).text)
    assert "Bản thảo số 2" in page
    return son


def draft(app: Flask) -> Playbook:
    with app.app_context():
        row = version_rows.draft_of(PB01)
        assert row is not None
        return versions.playbook_of(row)


def fields_of(page: str) -> dict[str, Any]:
    """What a browser would send of the page's own form without a change."""
    form = page[page.index('<form action="/playbooks/') : page.rindex("</form>")]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>|<textarea[^>]*>.*?</textarea>|<select.*?</select>", form, re.DOTALL):
        name = re.search(r'name="([^"]*)"', tag)
        if not name or name[1] == "csrf_token" or ('type="checkbox"' in tag and " checked" not in tag):
            continue
        found.setdefault(name[1], []).append(unescape(_value(tag)))
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def _value(tag: str) -> str:
    if tag.startswith("<textarea"):
        return tag[tag.index(">\n") + 2 : -len("</textarea>")]
    if tag.startswith("<select"):
        chosen = re.search(r'<option value="([^"]*)" selected', tag) or re.search(r'<option value="([^"]*)"', tag)
        return chosen[1] if chosen else ""
    value = re.search(r'value="([^"]*)"', tag)
    return value[1] if value else ""


def test_a_form_that_is_sent_unchanged_changes_nothing(app: Flask, drafted: Browser) -> None:
    before = draft(app)
    for step in before.steps:
        address = f"{DRAFT}/steps/{step.key}"
        answer = drafted.send(address, **fields_of(main_of(drafted.get(address).text)))
        assert answer.status_code == 303, (step.key, main_of(answer.text)[:900])
    head = fields_of(main_of(drafted.get(f"{DRAFT}/head").text))
    assert drafted.send(f"{DRAFT}/head", **head).status_code == 303
    assert draft(app) == before


def test_a_step_is_changed_by_its_form(app: Flask, drafted: Browser) -> None:
    address = f"{DRAFT}/steps/triage_classify"
    form = fields_of(main_of(drafted.get(address).text))
    form |= {"name": "Sàng lọc nhanh", "gate_evidence": "file", "after": ["capture_evidence"], "when": "severity >= 2"}
    form |= {"deadline_amount": ["45", "", ""], "deadline_unit": ["minute", "", ""]}
    page = main_of(drafted.follow(drafted.send(address, **form)).text)
    step = draft(app).step("triage_classify")
    assert (step.name, step.gate.evidence, step.when) == ("Sàng lọc nhanh", "file", "severity >= 2")
    assert [(one.anchor, one.amount, one.unit) for one in step.deadlines] == [("received_at", 45, "minute")]
    assert "Sàng lọc nhanh" in page
    assert "45 phút từ tiếp nhận" in page


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"when": "severiti >= 3"}, "when", "severiti"),
        ({"when": "severity >="}, "when", "điều kiện"),
        ({"roles": ["sheriff"]}, "roles", "sheriff"),
        ({"name": ""}, "name", "trống"),
        ({"bases": "nd999_1"}, "bases", "nd999_1"),
        ({"after": ["apply_label"]}, "after", "vòng"),
        ({"agencies": ""}, "agencies", "cơ quan"),
        ({"deadline_amount": ["nhiều", "", ""]}, "deadline_1_amount", "số nguyên"),
        ({"deadline_law": ["nd000", "", ""], "deadline_anchor": ["", "", ""], "deadline_amount": ["", "", ""],
          "deadline_unit": ["", "", ""]}, "deadline_1_law", "nd000"),
        ({"deadline_when": ["harm == 1", "", ""]}, "deadline_1_when", "harm"),
        ({"repeat_at": "25 giờ"}, "repeat_at", "06:00"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_told_at_the_field_and_what_was_typed_stays(
    app: Flask, drafted: Browser, change: dict[str, Any], field: str, words: str
) -> None:
    address, before = f"{DRAFT}/steps/triage_classify", draft(app)
    form = fields_of(main_of(drafted.get(address).text)) | {"how": "Chữ đã gõ dở"} | change
    answer = drafted.send(address, **form)
    assert answer.status_code == 400
    page = main_of(answer.text)
    sentence = re.search(rf'id="f-{field}-error">.*?</svg>(.*?)</p>', page, re.DOTALL)
    assert sentence, field
    assert words in unescape(sentence[1])
    assert "Chữ đã gõ dở" in page
    assert draft(app) == before
    assert "Chữ đã gõ dở" in drafted.get(f"{address}?draft=1").text


def test_two_who_change_different_fields_are_both_kept(app: Flask, drafted: Browser, browser: Any) -> None:
    address, chi = f"{DRAFT}/steps/triage_classify", browser("chi")
    of_son, of_chi = (fields_of(main_of(one.get(address).text)) for one in (drafted, chi))
    chi.send(address, **of_chi | {"name": "Tên của Chi"})
    page = drafted.follow(drafted.send(address, **of_son | {"how": "Hướng dẫn của Sơn"})).text
    assert "Tạ Linh Chi cũng vừa sửa, cả hai phần đều được giữ" in page
    step = draft(app).step("triage_classify")
    assert (step.name, step.how) == ("Tên của Chi", "Hướng dẫn của Sơn")


def test_the_second_who_changes_the_same_field_sees_the_first_and_keeps_his_text(
    app: Flask, drafted: Browser, browser: Any
) -> None:
    address, chi = f"{DRAFT}/steps/triage_classify", browser("chi")
    of_son, of_chi = (fields_of(main_of(one.get(address).text)) for one in (drafted, chi))
    chi.send(address, **of_chi | {"name": "Tên của Chi"})
    answer = drafted.send(address, **of_son | {"name": "Tên của Sơn"})
    assert answer.status_code == 409
    page = main_of(answer.text)
    assert "Tạ Linh Chi vừa lưu bản thảo này" in page
    assert '<td data-th="Bản mới nhất">Tên của Chi</td>' in page
    assert 'value="Tên của Sơn"' in page
    assert draft(app).step("triage_classify").name == "Tên của Chi"
    again = fields_of(page[page.index("</table>") :])
    assert drafted.send(address, **again).status_code == 303
    assert draft(app).step("triage_classify").name == "Tên của Sơn"


def test_what_the_form_began_with_is_not_trusted(app: Flask, drafted: Browser) -> None:
    address = f"{DRAFT}/steps/triage_classify"
    form = fields_of(main_of(drafted.get(address).text)) | {"name": "Mới"}
    for was in ("", "[]", "{", json.dumps({"name": 7}), "[" * 5000):
        assert drafted.send(address, **form | {"was": was, "revision": "x"}).status_code in (303, 409)


def test_steps_are_put_in_order_by_buttons_and_by_dragging(app: Flask, drafted: Browser) -> None:
    keys = [step.key for step in draft(app).steps]
    page = fields_of(main_of(drafted.get(DRAFT).text))
    drafted.follow(drafted.send(f"{DRAFT}/move", up=keys[1], revision=page["revision"][0]))
    assert [step.key for step in draft(app).steps][:2] == [keys[1], keys[0]]
    stale = main_of(drafted.follow(drafted.send(f"{DRAFT}/move", down=keys[1], revision=page["revision"][0])).text)
    assert "draggable" in stale
    assert [step.key for step in draft(app).steps][:2] == [keys[1], keys[0]]
    page = fields_of(main_of(drafted.get(DRAFT).text))
    drafted.send(f"{DRAFT}/move", step=keys[1], to="4", revision=page["revision"][0])
    assert [step.key for step in draft(app).steps].index(keys[1]) == 3


def test_a_step_is_added_and_removed(app: Flask, drafted: Browser) -> None:
    form = fields_of(main_of(drafted.get(f"{DRAFT}/new-step").text))
    refused = drafted.send(f"{DRAFT}/new-step", **form | {"name": "Gọi cơ quan"})
    assert refused.status_code == 400
    assert 'value="Gọi cơ quan"' in refused.text
    more = {"key": "call_agency", "name": "Gọi cơ quan", "name_en": "Call", "how": "Gọi ngay", "how_en": "Call now"}
    answer = drafted.send(f"{DRAFT}/new-step", **form | more | {"position": "2"})
    assert "Gọi cơ quan" in main_of(drafted.follow(answer).text)
    assert [step.key for step in draft(app).steps][1] == "call_agency"
    twice = drafted.send(f"{DRAFT}/new-step", **form | more)
    assert twice.status_code == 400
    assert "Đã có bước mang khóa này" in twice.text
    page = fields_of(main_of(drafted.get(DRAFT).text))
    drafted.send(f"{DRAFT}/steps/call_agency/remove", revision=page["revision"][0])
    assert "call_agency" not in {step.key for step in draft(app).steps}
    page = fields_of(main_of(drafted.get(DRAFT).text))
    told = drafted.follow(drafted.send(f"{DRAFT}/steps/capture_evidence/remove", revision=page["revision"][0])).text
    assert "còn bước chờ nó" in told


def test_conditions_are_looked_at_while_they_are_typed(drafted: Browser, browser: Any) -> None:
    page = drafted.get("/playbooks/conditions?when=severity >= 3 and safety&deadline_when=harmm == 'a'").text
    assert "cấp độ từ Cấp 3" in page
    assert "không có dữ kiện: harmm" in page
    assert browser("an").get("/playbooks/conditions?when=severity").status_code == 403


def test_somebody_else_approves_by_a_document_from_a_day(app: Flask, drafted: Browser, browser: Any) -> None:
    binh = browser("binh")
    page = main_of(binh.get(f"{DRAFT}/approve").text)
    assert "Hai bản giống nhau" in page
    form = fields_of(page)
    refused = binh.send(f"{DRAFT}/approve", **form | {"document": "", "in_force_from": f"{today():%d/%m/%Y}"})
    assert refused.status_code == 400
    assert "Ghi số, ngày văn bản duyệt" in refused.text
    refused = binh.send(f"{DRAFT}/approve", **form | {"document": DOCUMENT, "in_force_from": "31/02/2027"})
    assert refused.status_code == 400
    assert DOCUMENT in refused.text
    answer = binh.send(f"{DRAFT}/approve", **form | {"document": DOCUMENT, "in_force_from": f"{today():%d/%m/%Y}"})
    assert "Đã duyệt bản 2" in binh.follow(answer).text
    assert drafted.get(DRAFT).status_code == 404


def test_the_approver_of_a_draft_that_changed_meanwhile_reads_it_again(drafted: Browser, browser: Any) -> None:
    binh = browser("binh")
    form = fields_of(main_of(binh.get(f"{DRAFT}/approve").text))
    head = fields_of(main_of(drafted.get(f"{DRAFT}/head").text))
    drafted.send(f"{DRAFT}/head", **head | {"name": "Đổi vào phút chót"})
    answer = binh.send(f"{DRAFT}/approve", **form | {"document": DOCUMENT, "in_force_from": f"{today():%d/%m/%Y}"})
    assert answer.status_code == 409
    assert "Lò Văn Sơn vừa lưu" in answer.text
    assert "Đổi vào phút chót" in main_of(answer.text)
    assert DOCUMENT in answer.text


@pytest.mark.parametrize("username", ["an", "giang", "ha", "lan"])
def test_who_may_neither_edit_nor_approve_does_not_open_the_draft(
    drafted: Browser, browser: Any, username: str
) -> None:
    reader = browser(username)
    for address in (DRAFT, f"{DRAFT}/head", f"{DRAFT}/toml", f"{DRAFT}/approve", f"{DRAFT}/steps/apply_label"):
        assert reader.get(address).status_code == 403, address
    for address in (f"{DRAFT}/discard", f"{DRAFT}/move", f"{DRAFT}/lessons", f"{DRAFT}/new", "/playbooks/import"):
        assert reader.send(address, revision="1").status_code == 403, address


def test_a_draft_is_thrown_away_by_a_word(app: Flask, drafted: Browser) -> None:
    page = fields_of(main_of(drafted.get(DRAFT).text))
    assert "Đã bỏ bản thảo" in drafted.follow(drafted.send(f"{DRAFT}/discard", revision=page["revision"][0])).text
    assert drafted.get(DRAFT).status_code == 404


def test_the_whole_is_edited_as_text_and_a_fault_names_its_line(app: Flask, drafted: Browser) -> None:
    form = fields_of(main_of(drafted.get(f"{DRAFT}/toml").text))
    broken = form["toml"].replace('roles = ["duty"]', 'roles = ["sheriff"]', 1)
    line = next(number for number, row in enumerate(broken.splitlines(), 1) if "sheriff" in row)
    answer = drafted.send(f"{DRAFT}/toml", **form | {"toml": broken})
    assert answer.status_code == 400
    assert f"dòng {line}" in answer.text
    assert "sheriff" in main_of(answer.text)
    better = form["toml"].replace("Tiếp nhận, lập sự việc", "Tiếp nhận ngay, lập sự việc", 1)
    assert drafted.send(f"{DRAFT}/toml", **form | {"toml": better}).status_code == 303
    assert draft(app).steps[0].name.startswith("Tiếp nhận ngay")
    stale = drafted.send(f"{DRAFT}/toml", **form)
    assert stale.status_code == 409
    assert "Bản mới nhất, do người khác vừa lưu" in stale.text


def test_a_file_is_taken_in_and_a_broken_one_is_kept_for_correction(app: Flask, browser: Any) -> None:
    chi = browser("chi")
    text = chi.get("/playbooks/pb02_rumour_disaster/versions/1.toml").text
    broken = text.replace("@standing", "@nowhere", 1)
    line = next(number for number, row in enumerate(broken.splitlines(), 1) if "@nowhere" in row)
    answer = chi.send("/playbooks/import", file=(BytesIO(broken.encode()), "pb02.toml"), toml="", name="")
    assert answer.status_code == 400
    assert f"Tệp pb02.toml, dòng {line}" in answer.text
    assert "@nowhere" in main_of(answer.text)
    wrong_bytes = chi.send("/playbooks/import", file=(BytesIO(b"key = '\xff'"), "latin.toml"), toml="", name="")
    assert "mã UTF-8" in wrong_bytes.text
    assert chi.send("/playbooks/import", toml=" ", name="").status_code == 400
    page = chi.follow(chi.send("/playbooks/import", file=(BytesIO(text.encode()), "pb02.toml"), toml="", name="")).text
    assert "Đã nhập thành bản thảo số 2" in page
    again = chi.send("/playbooks/import", toml=text, name="pb02.toml")
    assert again.status_code == 409
    assert "đã có bản thảo số 2" in again.text


def test_what_was_typed_for_a_draft_that_is_gone_is_offered_in_the_next_one(drafted: Browser, browser: Any) -> None:
    address = f"{DRAFT}/steps/triage_classify"
    form = fields_of(main_of(drafted.get(address).text)) | {"how": "Chữ gõ dở"}
    page = fields_of(main_of(drafted.get(DRAFT).text))
    browser("chi").send(f"{DRAFT}/discard", revision=page["revision"][0])
    told = drafted.follow(drafted.send(address, **form)).text
    assert "không còn bản thảo nào" in told
    assert "Chữ đã nhập vẫn được giữ" in told
    drafted.send(f"{DRAFT}/new", version="1")
    assert "Có bản nháp lúc" in drafted.get(address).text
    assert "Chữ gõ dở" in drafted.get(f"{address}?draft=1").text


def test_what_was_typed_for_a_step_that_was_removed_stays_on_the_page(drafted: Browser, browser: Any) -> None:
    address = f"{DRAFT}/steps/identify_source"
    form = fields_of(main_of(drafted.get(address).text)) | {"how": "Chữ gõ dở"}
    page = fields_of(main_of(drafted.get(DRAFT).text))
    browser("chi").send(f"{address}/remove", revision=page["revision"][0])
    answer = drafted.send(address, **form)
    assert answer.status_code == 404
    assert "Chữ gõ dở" in main_of(answer.text)


def test_an_edited_playbook_is_approved_and_runs_on_the_next_incident(drafted: Browser, browser: Any, log: Any) -> None:
    form = fields_of(main_of(drafted.get(f"{DRAFT}/new-step").text))
    more = {
        "key": "call_agency",
        "name": "Gọi cơ quan được nêu",
        "name_en": "Call",
        "how": "Gọi ngay",
        "how_en": "Call",
    }
    more |= {"deadline_anchor": ["received_at", ""], "deadline_amount": ["15", ""], "deadline_unit": ["minute", ""]}
    drafted.follow(drafted.send(f"{DRAFT}/new-step", **form | more | {"position": "1"}))
    assert "Gọi cơ quan được nêu" in drafted.get(f"/playbooks/{PB01}/try?version=2&start=08:00 24/11/2026").text
    binh = browser("binh")
    approval = fields_of(main_of(binh.get(f"{DRAFT}/approve").text))
    signed = {"document": DOCUMENT, "in_force_from": f"{today():%d/%m/%Y}"}
    binh.follow(binh.send(f"{DRAFT}/approve", **approval | signed))
    code = log("Tin sáp nhập", 2, kind="suspected_false", category="organisation")
    page = main_of(browser("an").get(f"/incidents/{code}").text)
    assert "1. Gọi cơ quan được nêu" in page
    assert "bản 2" in page


def test_a_playbook_that_runs_here_but_is_retired_is_still_named(browser: Any, log: Any) -> None:
    code, binh = log("Tin sáp nhập", 2, kind="suspected_false", category="organisation"), browser("binh")
    binh.send(f"/playbooks/{PB01}/versions/1/retire", reason="Thay quy trình")
    page = main_of(binh.get(f"/incidents/{code}/playbook").text)
    assert f'href="/playbooks/{PB01}/versions/1"' in page
    assert "đang áp dụng" in page
