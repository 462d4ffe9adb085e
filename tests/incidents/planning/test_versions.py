"""A playbook is edited by some and approved by another; what is in force on a day decides what an incident starts."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from incidents.cases import intake
from incidents.cases.models import Incident
from incidents.db import db, transaction, utc_now
from incidents.errors import BadInput, NotAllowed, NotFound, StateSecret
from incidents.people.members import today
from incidents.people.models import LogLine
from incidents.planning import drafting, shelf, version_rows, versions
from incidents.planning.models import PlaybookVersion
from incidents.planning.refusals import BrokenPlaybook, DraftExists, NoDraft, OwnDraft, StaleDraft, StepNeeded
from incidents.vocabulary import Kind
from playbooks import writing
from playbooks.model import Playbook
from tests import cast

PB01 = "pb01_false_info_social"
DOCUMENT = "QĐ 12/QĐ-SVHTTDL ngày 20/11/2026"


def begun(key: str = PB01) -> PlaybookVersion:
    return versions.new_draft(cast.actor("son"), key)


def approved(key: str = PB01, in_force_from: date | None = None, **changes: object) -> PlaybookVersion:
    """A draft by Sơn, changed and approved by Bình."""
    row = begun(key)
    row = drafting.change_playbook(cast.actor("son"), key, row.revision, changes or {"name": "Tên mới"})
    return versions.approve(cast.actor("binh"), key, DOCUMENT, in_force_from or today())


def rumour() -> Incident:
    return intake.log(cast.actor("an"), "Tin sáp nhập", 2, kind=Kind.suspected_false, category="organisation")


def lines(action: str) -> int:
    return db.session.scalar(select(func.count()).where(LogLine.action == action)) or 0


def test_the_shipped_library_is_the_first_version(desk: Flask) -> None:
    assert shelf.get(PB01).version == 1
    assert {held.version for held in shelf.all_versions()} == {1}
    assert list(shelf.in_force()) == list(shelf.shipped().values())


def test_a_draft_is_a_copy_with_the_next_number_and_is_started_by_nobody(desk: Flask) -> None:
    row = begun()
    assert (row.version, row.based_on, row.state) == (2, 1, "draft")
    assert versions.playbook_of(row) == replace(shelf.get(PB01, 1), version=2)
    assert shelf.get(PB01).version == 1
    assert rumour().playbooks[0]["version"] == 1
    assert lines("playbook.drafted") == 1


def test_there_is_one_draft_of_a_playbook_at_a_time(desk: Flask) -> None:
    begun()
    with pytest.raises(DraftExists, match="số 2"):
        versions.new_draft(cast.actor("chi"), PB01)
    assert begun("pb02_rumour_disaster").version == 2


def test_an_approved_version_is_in_force_from_its_day_and_no_earlier(desk: Flask) -> None:
    tomorrow = today() + timedelta(days=1)
    approved(in_force_from=tomorrow, name="Bản của ngày mai")
    assert rumour().playbooks[0]["version"] == 1
    with time_machine.travel(utc_now() + timedelta(days=1), tick=False):
        assert rumour().playbooks[0] | {"at": "", "by": 0} == {
            "key": PB01, "code": "PB-01", "name": "Bản của ngày mai", "version": 2, "at": "", "by": 0,
        }  # fmt: skip


def test_of_several_active_versions_the_newest_in_force_by_then_counts(desk: Flask) -> None:
    approved(in_force_from=today(), name="Bản hai")
    approved(in_force_from=today() + timedelta(days=10), name="Bản ba")
    names = {
        day: next(p.name for p in shelf.in_force(today() + timedelta(days=day)) if p.key == PB01) for day in (0, 10)
    }
    assert names == {0: "Bản hai", 10: "Bản ba"}
    assert [held.version for held in shelf.all_versions() if held.key == PB01] == [1, 2, 3]


def test_an_incident_keeps_its_version_when_another_comes_into_force(desk: Flask) -> None:
    old = rumour()
    approved(name="Bản mới")
    assert rumour().playbooks[0]["version"] == 2
    assert old.playbooks[0]["version"] == 1


def test_nobody_approves_what_he_has_saved_himself(desk: Flask) -> None:
    row = begun()
    with transaction():
        db.session.get_one(PlaybookVersion, row.id).editors = [cast.actor("binh").id, *row.editors]
    with pytest.raises(OwnDraft):
        versions.approve(cast.actor("binh"), PB01, DOCUMENT, today())
    assert shelf.get(PB01).version == 1


def test_everybody_who_saved_a_draft_is_an_editor_of_it(desk: Flask) -> None:
    row = begun()
    row = drafting.change_playbook(cast.actor("chi"), PB01, row.revision, {"summary": "Ngắn hơn."})
    assert set(row.editors) == {cast.actor("son").id, cast.actor("chi").id}


@pytest.mark.parametrize("username", ["an", "mai", "giang", "ha", "lan", "phong", "binh"])
def test_who_may_not_edit_begins_no_draft(desk: Flask, username: str) -> None:
    with pytest.raises(NotAllowed):
        versions.new_draft(cast.actor(username), PB01)


@pytest.mark.parametrize("username", ["son", "chi", "an", "ha"])
def test_who_may_not_approve_brings_nothing_into_force(desk: Flask, username: str) -> None:
    begun()
    with pytest.raises(NotAllowed):
        versions.approve(cast.actor(username), PB01, DOCUMENT, today())
    with pytest.raises(NotAllowed):
        versions.retire(cast.actor(username), PB01, 1, "thử")


@pytest.mark.parametrize(("document", "days", "field"), [("", 0, "document"), (DOCUMENT, -1, "in_force_from")])
def test_an_approval_names_its_document_and_a_day_from_today_on(
    desk: Flask, document: str, days: int, field: str
) -> None:
    begun()
    with pytest.raises(BadInput) as refused:
        versions.approve(cast.actor("binh"), PB01, document, today() + timedelta(days=days))
    assert refused.value.field == field


def test_the_approver_approves_what_he_has_read(desk: Flask) -> None:
    row = begun()
    read = row.revision
    drafting.change_playbook(cast.actor("son"), PB01, read, {"name": "Đổi sau khi đọc"})
    with pytest.raises(StaleDraft, match="Lò Văn Sơn"):
        versions.approve(cast.actor("binh"), PB01, DOCUMENT, today(), revision=read)


def test_the_second_of_two_editors_is_told_who_was_first_and_overwrites_nothing(desk: Flask) -> None:
    read = begun().revision
    drafting.change_playbook(cast.actor("chi"), PB01, read, {"name": "Tên của Chi"})
    with pytest.raises(StaleDraft, match="Tạ Linh Chi"):
        drafting.change_playbook(cast.actor("son"), PB01, read, {"name": "Tên của Sơn"})
    row = version_rows.draft_of(PB01)
    assert row is not None
    assert versions.playbook_of(row).name == "Tên của Chi"


def test_a_retired_version_is_not_started_but_goes_on_where_it_runs(desk: Flask) -> None:
    old = rumour()
    versions.retire(cast.actor("binh"), PB01, 1, "Thay bằng quy trình mới")
    assert PB01 not in {playbook.key for playbook in shelf.in_force()}
    assert PB01 not in {row["key"] for row in rumour().playbooks}
    assert shelf.get(PB01, 1).key == PB01
    assert old.playbooks[0]["key"] == PB01
    with pytest.raises(NotFound):
        versions.found(PB01)


def test_retiring_the_newest_brings_back_the_one_before(desk: Flask) -> None:
    approved(name="Bản hai")
    versions.retire(cast.actor("binh"), PB01, 2, "Có lỗi")
    assert shelf.get(PB01).version == 1
    with pytest.raises(BadInput):
        versions.retire(cast.actor("binh"), PB01, 2, "Lần nữa")
    with pytest.raises(BadInput):
        versions.retire(cast.actor("binh"), PB01, 1, " ")


def test_a_discarded_draft_is_gone_and_another_may_begin(desk: Flask) -> None:
    row = begun()
    versions.discard(cast.actor("chi"), PB01, row.revision)
    assert version_rows.draft_of(PB01) is None
    with pytest.raises(NoDraft):
        versions.discard(cast.actor("chi"), PB01, 1)
    again = begun()
    assert again.version == 3, "a number is never given twice: an old form cannot meet a new draft"
    assert again.revision > row.revision or again.version != row.version


def test_steps_are_changed_added_moved_and_removed(desk: Flask) -> None:
    son, row = cast.actor("son"), begun()
    first = versions.playbook_of(row).steps[0]
    row = drafting.change_step(son, PB01, row.revision, first.key, {"how": "Chụp lại trước tiên."})
    row = drafting.add_step(son, PB01, row.revision, replace(first, key="call_duty", name="Gọi trực"), 2)
    keys = [step.key for step in versions.playbook_of(row).steps]
    assert keys[:2] == [first.key, "call_duty"]
    row = drafting.move_step(son, PB01, row.revision, "call_duty", "up")
    assert versions.playbook_of(row).steps[0].key == "call_duty"
    row = drafting.move_step(son, PB01, row.revision, "call_duty", "up")
    assert versions.playbook_of(row).steps[0].key == "call_duty"
    row = drafting.move_step(son, PB01, row.revision, "call_duty", str(len(keys)))
    assert versions.playbook_of(row).steps[-1].key == "call_duty"
    row = drafting.move_step(son, PB01, row.revision, "call_duty", "down")
    row = drafting.remove_step(son, PB01, row.revision, "call_duty")
    playbook = versions.playbook_of(row)
    assert [step.key for step in playbook.steps] == [step.key for step in shelf.get(PB01, 1).steps]
    assert playbook.steps[0].how == "Chụp lại trước tiên."


def test_a_step_that_others_wait_for_is_not_removed(desk: Flask) -> None:
    row = begun()
    with pytest.raises(StepNeeded, match="Sàng lọc"):
        drafting.remove_step(cast.actor("son"), PB01, row.revision, "capture_evidence")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"roles": ("duty", "sheriff")}, "sheriff"),
        ({"when": "severiti == 3"}, "severiti"),
        ({"when": "severity =="}, "điều kiện"),
        ({"after": ("apply_label",)}, "vòng"),
        ({"bases": ("nd999",)}, "nd999"),
        ({"name": " "}, "trống"),
    ],
)
def test_a_wrong_step_is_refused_with_its_place_and_the_draft_stays(
    desk: Flask, changes: dict[str, object], words: str
) -> None:
    row = begun()
    before = row.toml
    with pytest.raises(BrokenPlaybook, match=words) as refused:
        drafting.change_step(cast.actor("son"), PB01, row.revision, "triage_classify", changes)
    assert refused.value.fault.where
    after = version_rows.draft_of(PB01)
    assert after is not None
    assert (after.toml, after.revision) == (before, row.revision)


def test_a_file_becomes_a_draft_with_the_next_number(desk: Flask) -> None:
    name, text = versions.export(cast.actor("an"), PB01, 1)
    assert name == f"{PB01}-v1.toml"
    assert text.startswith("#")  # the remarks of the shipped file
    row = versions.import_toml(cast.actor("chi"), text, name)
    assert (row.version, row.state) == (2, "draft")
    assert versions.playbook_of(row) == replace(shelf.get(PB01, 1), version=2)


def test_a_file_with_a_new_key_is_a_new_playbook_without_a_change_of_code(desk: Flask) -> None:
    made = replace(shelf.get(PB01, 1), key="pb09_school_rumour", code="PB-09", order=1, version=1)
    row = versions.import_toml(cast.actor("chi"), writing.as_toml(made), "truong-hoc.toml")
    assert (row.key, row.version) == ("pb09_school_rumour", 1)
    versions.approve(cast.actor("binh"), row.key, DOCUMENT, today())
    assert "pb09_school_rumour" in {playbook.key for playbook in shelf.in_force()}
    assert rumour().playbooks[0]["code"] == "PB-09"


def test_a_file_with_the_code_of_another_playbook_is_refused(desk: Flask) -> None:
    made = replace(shelf.get(PB01, 1), key="pb09_school_rumour")
    with pytest.raises(BadInput, match="PB-01"):
        versions.import_toml(cast.actor("chi"), writing.as_toml(made), "a.toml")


def test_a_broken_file_is_refused_with_file_and_line_and_nothing_is_kept(desk: Flask) -> None:
    text = versions.export(cast.actor("an"), PB01, 1)[1].replace('anchor = "received_at"', 'anchor = "noon"', 1)
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "noon" in row)
    with pytest.raises(BrokenPlaybook, match="noon") as refused:
        versions.import_toml(cast.actor("chi"), text, "sai.toml")
    assert (refused.value.fault.file, refused.value.fault.line) == ("sai.toml", line)
    with pytest.raises(BrokenPlaybook, match="cú pháp"):
        versions.import_toml(cast.actor("chi"), "key = ", "sai.toml")
    assert db.session.scalar(select(func.count()).select_from(PlaybookVersion)) == 0


def test_a_text_with_a_secrecy_stamp_is_never_kept(desk: Flask) -> None:
    row = begun()
    with pytest.raises(StateSecret):
        drafting.change_playbook(cast.actor("son"), PB01, row.revision, {"summary": "[MẬT] kế hoạch"})


def test_the_key_of_a_playbook_cannot_be_changed_by_saving(desk: Flask) -> None:
    row = begun()
    other: Playbook = replace(shelf.get(PB01, 1), key="pb77")
    with pytest.raises(BadInput):
        versions.save(cast.actor("son"), PB01, row.revision, other)


def test_a_stored_version_that_reads_no_more_is_left_out_and_the_one_before_is_started(
    desk: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    row = approved(name="Bản hai")
    with transaction():
        db.session.get_one(PlaybookVersion, row.id).toml = 'key = "x"'
    shelf.forget()
    assert rumour().playbooks[0]["version"] == 1
    assert "left out" in caplog.text
    assert [held.is_broken for held in shelf.all_versions() if held.key == PB01] == [False, True]


def test_looking_at_the_shelf_again_asks_the_database_nothing(desk: Flask) -> None:
    from sqlalchemy import event

    seen: list[str] = []

    def note(*args: object) -> None:
        seen.append(str(args[2]))

    approved(name="Bản hai")
    event.listen(db.engine, "before_cursor_execute", note)
    shelf.in_force()
    first = sum("playbook_versions" in one for one in seen)
    shelf.in_force()
    shelf.get(PB01)
    event.remove(db.engine, "before_cursor_execute", note)
    assert first == 2
    assert sum("playbook_versions" in one for one in seen) == first
