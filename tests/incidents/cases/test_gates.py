"""What a step cannot be ticked without, and the second person it needs."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from incidents.cases import approvals, approving, assignments, checklist, clocks, doing, gates, intake, triage, waiving
from incidents.cases.models import Entry, Incident, Step
from incidents.db import db, utc_now
from incidents.errors import BadInput, NotAllowed, NotFound
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, EntryKind, Kind, StepState
from tests import cast, steps
from tests.steps import LINK, step_of


@pytest.fixture
def rumour(desk: Flask) -> Incident:
    """PB-01 at Cấp 2, opened without a link."""
    return intake.log(cast.actor("an"), "Tin sáp nhập", 2, kind=Kind.suspected_false, category="organisation")


@pytest.fixture
def dam(desk: Flask) -> Incident:
    return intake.log(
        cast.actor("an"), "Tin vỡ đập", 3, kind=Kind.suspected_false, category="disaster", place="xã Bảo Nhai"
    )


def lacks(username: str, incident: Incident, key: str, **given: object) -> set[str]:
    with pytest.raises(gates.GateNotMet) as refused:
        doing.tick(cast.actor(username), incident.code, key, **given)  # type: ignore[arg-type]
    assert step_of(incident, key).state == StepState.open
    return {lack.field for lack in refused.value.lacks}


def test_a_step_that_needs_evidence_says_what_is_missing(rumour: Incident) -> None:
    with pytest.raises(gates.GateNotMet) as refused:
        doing.tick(cast.actor("an"), rumour.code, "capture_evidence", result="đã chụp")
    assert "còn thiếu: ảnh, tệp hoặc đường dẫn (ảnh chụp màn hình" in refused.value.text("vi")
    assert "missing: a picture, a file or a link" in refused.value.text("en")


def picture() -> tuple[str, bytes]:
    out = BytesIO()
    Image.new("RGB", (40, 30), "navy").save(out, "PNG")
    return "chup.png", out.getvalue()


@pytest.mark.parametrize("given", [{"result": f"đã chụp {LINK}"}, {"pictures": [picture()]}])
def test_a_link_or_a_picture_is_evidence(rumour: Incident, given: dict[str, Any]) -> None:
    doing.tick(cast.actor("an"), rumour.code, "capture_evidence", **given)
    assert step_of(rumour, "capture_evidence").state == StepState.done


def test_the_link_an_incident_was_opened_with_is_its_first_evidence(desk: Flask) -> None:
    incident = intake.log(cast.actor("an"), f"Tin sáp nhập {LINK}", 2, kind=Kind.suspected_false)
    doing.tick(cast.actor("an"), incident.code, "capture_evidence")
    assert step_of(incident, "capture_evidence").state == StepState.done


def test_a_step_waits_for_the_one_before_it(rumour: Incident) -> None:
    assert "waits" in lacks("an", rumour, "assign_verification", result="đã giao")
    steps.do("an", rumour.code, "capture_evidence")
    steps.do("an", rumour.code, "triage_classify")
    steps.do("son", rumour.code, "assign_verification")
    assert step_of(rumour, "assign_verification").state == StepState.done


def test_the_entry_of_a_step_names_what_can_be_done_next(rumour: Incident) -> None:
    steps.do("an", rumour.code, "capture_evidence")
    entry = db.session.scalar(select(Entry).where(Entry.kind == EntryKind.step_done))
    assert entry is not None
    assert any("Sàng lọc" in name for name in entry.facts["unlocked"])


def test_a_document_number_is_asked_for_and_kept(desk: Flask) -> None:
    incident = intake.log(cast.actor("an"), "Báo đăng sai", 2, kind=Kind.press_coverage)
    triage.edit(cast.actor("an"), incident.code, {"accuracy": "inaccurate"})
    checklist.start_playbook(cast.actor("an"), incident.code, "PB-03")
    steps.free(incident.code, "send_correction_letter")
    an = cast.actor("an")
    with pytest.raises(gates.GateNotMet) as refused:
        approvals.submit(an, incident.code, "send_correction_letter", result="đã gửi")
    assert {lack.field for lack in refused.value.lacks} == {"document"}
    assert "số, ngày văn bản" in refused.value.text()
    step = approvals.submit(an, incident.code, "send_correction_letter", document="15/SVHTTDL ngày 20/11/2026")
    assert step.document == "15/SVHTTDL ngày 20/11/2026"


def test_a_verdict_is_settled_with_its_step_and_brings_the_steps_of_the_matrix(dam: Incident) -> None:
    steps.free(dam.code, "conclude_verdict")
    assert "settled:verdict" in lacks("an", dam, "conclude_verdict", result=LINK)
    with pytest.raises(BadInput):
        approvals.submit(cast.actor("an"), dam.code, "conclude_verdict", result=LINK, settled={"verdict": "maybe"})
    triage.edit(cast.actor("an"), dam.code, {"access_class": "c", "harm_class": "a"})
    assert step_of(dam, "apply_label").applies is None
    steps.do("an", dam.code, "conclude_verdict", settled={"verdict": "false"})
    assert step_of(dam, "apply_label").applies is True
    assert step_of(dam, "issue_caution").applies is False
    entry = db.session.scalar(select(Entry).where(Entry.kind == EntryKind.steps_changed).order_by(Entry.id.desc()))
    assert entry is not None
    assert any("Gắn nhãn" in name for name in entry.facts["appeared"])
    assert any("thận trọng" in name for name in entry.facts["hidden"])


def test_criticism_never_gets_a_label_whatever_is_settled(desk: Flask) -> None:
    """G1: also when a playbook of false information is attached to it by hand."""
    incident = intake.log(cast.actor("an"), "Dân phê bình đường xấu", 2, kind=Kind.public_feedback)
    checklist.start_playbook(cast.actor("an"), incident.code, "PB-01")
    triage.edit(cast.actor("an"), incident.code, {"access_class": "c", "harm_class": "b"})
    steps.do("an", incident.code, "conclude_verdict", settled={"verdict": "false"})
    assert step_of(incident, "apply_label").applies is False
    assert step_of(incident, "request_takedown").applies is False


def test_an_opinion_is_never_concluded_to_be_false(rumour: Incident) -> None:
    triage.edit(cast.actor("an"), rumour.code, {"accuracy": "opinion"})
    steps.free(rumour.code, "conclude_verdict")
    with pytest.raises(BadInput) as refused:
        approvals.submit(cast.actor("an"), rumour.code, "conclude_verdict", result=LINK, settled={"verdict": "false"})
    assert "không có kết luận đúng sai" in refused.value.text()


def test_so_many_agencies_must_have_accepted(desk: Flask) -> None:
    incident = intake.log(cast.actor("binh"), "Kích động", 4, kind=Kind.suspected_false, place="xã Bảo Nhai")
    steps.free(incident.code, "quick_meeting")
    assert lacks("binh", incident, "quick_meeting", result="họp 10 phút") == {"agencies", "approval"}
    for code, who in (("x_bao_nhai", "giang"), ("pa05", "cuong"), ("so_vhttdl", "an")):
        if code != "x_bao_nhai":
            assignments.assign(cast.actor("binh"), incident.code, code)
        assignments.acknowledge(cast.actor(who), incident.code)
    steps.do("binh", incident.code, "quick_meeting", result="họp 10 phút")
    assert step_of(incident, "quick_meeting").state == StepState.done


# --- another person


def submitted(incident: Incident) -> Step:
    steps.free(incident.code, "short_warning")
    return approvals.submit(cast.actor("an"), incident.code, "short_warning", result=LINK)


def test_what_another_must_approve_cannot_be_ticked(dam: Incident) -> None:
    steps.free(dam.code, "short_warning")
    with pytest.raises(gates.GateNotMet) as refused:
        doing.tick(cast.actor("an"), dam.code, "short_warning", result=LINK)
    assert "duyệt của" in refused.value.text()
    assert "Tổ phó" in refused.value.text()


def test_those_who_may_approve_are_told_and_nobody_else(dam: Incident) -> None:
    submitted(dam)
    told = set(db.session.scalars(select(Alert.member_id).where(Alert.kind == AlertKind.approval_wanted)))
    assert told == {cast.actor(name).id for name in ("son", "binh")}


def test_the_drafter_is_never_the_approver(dam: Incident) -> None:
    steps.free(dam.code, "short_warning")
    approvals.submit(cast.actor("son"), dam.code, "short_warning", result=LINK)
    with pytest.raises(approvals.OwnWork):
        approvals.approve(cast.actor("son"), dam.code, "short_warning")
    assert step_of(dam, "short_warning").state == StepState.open
    approvals.approve(cast.actor("binh"), dam.code, "short_warning")
    done = step_of(dam, "short_warning")
    assert (done.state, done.done_by_id, done.approved_by_id) == (
        StepState.done, cast.actor("son").id, cast.actor("binh").id,
    )  # fmt: skip


def test_who_has_no_right_to_approve_is_refused(dam: Incident) -> None:
    submitted(dam)
    for name in ("mai", "giang"):
        with pytest.raises(NotAllowed):
            approvals.approve(cast.actor(name), dam.code, "short_warning")
    with pytest.raises(NotFound):
        approvals.approve(cast.actor("pao"), dam.code, "short_warning")


def test_sent_back_keeps_what_was_given_and_tells_its_author(dam: Incident) -> None:
    submitted(dam)
    with pytest.raises(BadInput):
        approvals.send_back(cast.actor("son"), dam.code, "short_warning", " ")
    approvals.send_back(cast.actor("son"), dam.code, "short_warning", "thiếu việc dân cần làm")
    step = step_of(dam, "short_warning")
    assert (step.submitted_at, step.result) == (None, LINK)
    told = db.session.scalars(select(Alert).where(Alert.kind == AlertKind.notice)).all()
    assert [(alert.member_id, alert.facts["key"]) for alert in told] == [(cast.actor("an").id, "step.sent_back")]
    with pytest.raises(approvals.NotSubmitted):
        approvals.approve(cast.actor("son"), dam.code, "short_warning")


def test_the_level_decides_whether_a_classification_needs_approval(rumour: Incident, dam: Incident) -> None:
    steps.do("an", rumour.code, "capture_evidence")
    doing.tick(cast.actor("an"), rumour.code, "triage_classify", result="b, c, không loại trừ")
    triage.set_severity(cast.actor("binh"), rumour.code, 3, "lan rộng")
    doing.reopen(cast.actor("an"), rumour.code, "triage_classify")
    assert lacks("an", rumour, "triage_classify", result="a, c") == {"approval"}


def test_a_decision_taken_by_who_may_approve_it_needs_no_second_person(desk: Flask) -> None:
    plan = {"roles": ["leader"], "approval": "leader"}
    assert not approving.is_needed(plan, 4, cast.actor("ha"))
    assert approving.is_needed(plan, 4, cast.actor("binh"))
    assert approving.is_needed({"roles": ["duty", "leader"], "approval": "leader"}, 4, cast.actor("ha"))


def test_skipping_and_waiving_need_a_right_and_a_reason(dam: Incident) -> None:
    clock = next(c for c in step_of(dam, "first_statement").clocks if c.hard)
    with pytest.raises(BadInput):
        waiving.waive(cast.actor("binh"), dam.code, clock.id, "")
    with pytest.raises(NotAllowed):
        waiving.waive(cast.actor("son"), dam.code, clock.id, "cơ quan khác phát ngôn")
    waiving.waive(cast.actor("binh"), dam.code, clock.id, "cơ quan khác phát ngôn")
    entry = db.session.scalar(select(Entry).where(Entry.kind == EntryKind.clock_waived))
    assert entry is not None
    assert entry.facts["late"] is True
    assert (clock.state, clock.first_result, clock.reason) == ("waived", "missed", "cơ quan khác phát ngôn")
    assert step_of(dam, "first_statement").state == StepState.open


def test_a_soft_clock_waived_in_time_is_not_counted_late(dam: Incident) -> None:
    clock = step_of(dam, "fast_intake").clocks[0]
    waiving.waive(cast.actor("son"), dam.code, clock.id, "không cần")
    assert (clock.state, clock.first_result) == ("waived", "")


def test_a_repeated_step_is_proven_and_approved_anew_each_time(desk: Flask) -> None:
    incident = intake.log(cast.actor("binh"), "Kích động", 4, kind=Kind.suspected_false)
    steps.do("an", incident.code, "summary_rhythm", result="lần 1")
    step = step_of(incident, "summary_rhythm")
    assert (step.state, step.result, step.submitted_at, step.approved_at) == (StepState.open, "", None, None)
    assert step.done_at is not None
    assert step.done_at <= utc_now()


# --- what a reviewer walked around


def test_a_step_that_does_not_apply_is_never_done_by_anybody(desk: Flask) -> None:
    """G1-G3: hiding it is not enough, the verb refuses."""
    incident = intake.log(cast.actor("an"), "Dân phê bình đường xấu", 2, kind=Kind.public_feedback)
    checklist.start_playbook(cast.actor("an"), incident.code, "PB-01")
    assignments.assign(cast.actor("binh"), incident.code, "pa05")
    triage.edit(cast.actor("an"), incident.code, {"access_class": "c", "harm_class": "b"})
    steps.do("an", incident.code, "conclude_verdict", settled={"verdict": "false"})
    for username, key in (("cuong", "request_takedown"), ("an", "apply_label")):
        with pytest.raises(gates.GateNotMet) as refused:
            doing.tick(cast.actor(username), incident.code, key, result=LINK)
        assert "không áp dụng" in refused.value.text()
        with pytest.raises(gates.GateNotMet):
            approvals.submit(cast.actor(username), incident.code, key, result=LINK)


def test_a_label_waits_for_what_is_not_known_and_says_what(rumour: Incident) -> None:
    doing.skip(cast.actor("binh"), rumour.code, "conclude_verdict", "không kết luận được")
    with pytest.raises(gates.GateNotMet) as refused:
        approvals.submit(cast.actor("an"), rumour.code, "apply_label", result=LINK)
    assert "cho biết trước: kết luận kiểm chứng" in refused.value.text()


def test_the_reason_of_a_skip_proves_nothing_afterwards(rumour: Incident) -> None:
    steps.free(rumour.code, "assign_verification")
    doing.skip(cast.actor("son"), rumour.code, "assign_verification", "bỏ qua, không cần")
    doing.reopen(cast.actor("son"), rumour.code, "assign_verification", "cần giao")
    assert lacks("son", rumour, "assign_verification") == {"result"}


def test_a_legal_step_is_not_skipped_by_a_deputy_before_its_clock_runs(rumour: Incident) -> None:
    with pytest.raises(NotAllowed):
        doing.skip(cast.actor("son"), rumour.code, "publish_conclusion", "không cần")
    doing.skip(cast.actor("binh"), rumour.code, "publish_conclusion", "không cần")


def test_only_what_was_read_is_approved(dam: Incident) -> None:
    submitted(dam)
    read = approvals.version_of(step_of(dam, "short_warning"))
    approvals.submit(cast.actor("an"), dam.code, "short_warning", result=f"bản hai {LINK}")
    with pytest.raises(approvals.Resubmitted):
        approvals.approve(cast.actor("son"), dam.code, "short_warning", seen=read)
    seen = approvals.version_of(step_of(dam, "short_warning"))
    assert approvals.approve(cast.actor("son"), dam.code, "short_warning", seen=seen).state == StepState.done


def test_pressing_again_does_not_make_somebody_else_the_drafter(dam: Incident) -> None:
    steps.free(dam.code, "short_warning")
    approvals.submit(cast.actor("son"), dam.code, "short_warning", result=LINK)
    approvals.submit(cast.actor("an"), dam.code, "short_warning")
    assert step_of(dam, "short_warning").submitted_by_id == cast.actor("son").id
    approvals.submit(cast.actor("an"), dam.code, "short_warning", result=f"{LINK} sửa một chữ")
    with pytest.raises(approvals.OwnWork):
        approvals.approve(cast.actor("son"), dam.code, "short_warning")


def test_the_task_force_is_not_activated_by_a_tick(desk: Flask) -> None:
    incident = intake.log(cast.actor("binh"), "Kích động", 4, kind=Kind.suspected_false)
    assignments.assign(cast.actor("binh"), incident.code, "ubnd_tinh")
    with pytest.raises(BadInput) as refused:
        doing.tick(cast.actor("ha"), incident.code, "activate_task_force", result="đồng ý")
    assert "Kích hoạt Tổ công tác" in refused.value.text()
    with pytest.raises((BadInput, NotAllowed)):
        doing.set_anchor(cast.actor("ha"), incident.code, "stood_down_at", utc_now())


def test_a_verdict_opened_again_is_none_and_its_hours_do_not_run(dam: Incident) -> None:
    triage.edit(cast.actor("an"), dam.code, {"access_class": "c", "harm_class": "a"})
    steps.do("an", dam.code, "conclude_verdict", settled={"verdict": "false"})
    assert step_of(dam, "apply_label").applies is True
    with pytest.raises(NotAllowed):
        doing.reopen(cast.actor("an"), dam.code, "conclude_verdict", "kết luận nhầm")
    doing.reopen(cast.actor("binh"), dam.code, "conclude_verdict", "kết luận nhầm")
    assert clocks.anchors_of(dam).get("concluded_at") is None
    assert step_of(dam, "apply_label").applies is None
    assert {clock.state for clock in step_of(dam, "apply_label").clocks} <= {"waiting", "cancelled"}
    assert "settled:verdict" in lacks("an", dam, "conclude_verdict", result=LINK)
    steps.do("an", dam.code, "conclude_verdict", settled={"verdict": "not_false"})
    assert clocks.anchors_of(dam)["concluded_at"] is not None
    assert step_of(dam, "apply_label").applies is False
