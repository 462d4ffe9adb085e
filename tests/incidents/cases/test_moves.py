"""The handling axis: allowed moves, their guards, ends and reopening; what merging keeps."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from incidents.cases import assignments, checklist, intake, moves, triage
from incidents.cases.models import Incident
from incidents.db import utc_now
from incidents.errors import BadInput, GuardNotMet, IllegalMove, NotAllowed, NotOpen, StaleVersion
from incidents.vocabulary import MOVES, ClockState, Kind, Status, StepState
from tests import cast, steps

TRIAGED = {"category": "disaster", "harm_class": "a", "access_class": "c", "exclusion_checked": True}


@pytest.fixture
def rumour(desk: Flask) -> Incident:
    return intake.log(cast.actor("an"), "Tin vỡ đập", 2, kind=Kind.suspected_false, place="xã Bảo Nhai")


@pytest.fixture
def watch(desk: Flask) -> Incident:
    return intake.log(cast.actor("an"), "theo dõi", 1, kind=Kind.watch, category="other", place="toàn tỉnh")


@pytest.mark.parametrize("to", [s for s in Status if s not in MOVES[Status.new]])
def test_what_the_table_does_not_allow_is_refused(rumour: Incident, to: Status) -> None:
    with pytest.raises(IllegalMove) as refused:
        moves.move(cast.actor("binh"), rumour.code, to)
    assert "Mới tiếp nhận" in refused.value.text()
    assert rumour.status == Status.new


def test_an_unknown_status_is_refused(rumour: Incident) -> None:
    with pytest.raises(BadInput):
        moves.move(cast.actor("binh"), rumour.code, "archived")


def test_verification_asks_for_what_triage_settles(rumour: Incident) -> None:
    moves.move(cast.actor("an"), rumour.code, Status.triage)
    with pytest.raises(GuardNotMet) as refused:
        moves.move(cast.actor("an"), rumour.code, Status.verifying)
    for words in ("lĩnh vực", "độ nguy hại", "nhóm tiếp cận", "loại trừ"):
        assert words in refused.value.text()
    triage.edit(cast.actor("an"), rumour.code, TRIAGED)
    moves.move(cast.actor("an"), rumour.code, Status.verifying)
    assert rumour.status == Status.verifying


def test_the_answer_before_the_verdict_needs_its_reason(rumour: Incident) -> None:
    moves.move(cast.actor("an"), rumour.code, Status.triage)
    triage.edit(cast.actor("an"), rumour.code, TRIAGED)
    with pytest.raises(GuardNotMet):
        moves.move(cast.actor("an"), rumour.code, Status.responding)
    moves.move(cast.actor("an"), rumour.code, Status.responding, reason="dân đang sơ tán, cần nói ngay")


def test_monitoring_waits_for_the_first_statement(rumour: Incident) -> None:
    moves.move(cast.actor("an"), rumour.code, Status.triage)
    with pytest.raises(GuardNotMet, match="phát ngôn"):
        moves.move(cast.actor("an"), rumour.code, Status.monitoring)
    steps.do("an", rumour.code, "first_statement")
    moves.move(cast.actor("an"), rumour.code, Status.monitoring)


def test_a_transfer_needs_receiver_and_document_and_leaves_no_late_clock(rumour: Incident) -> None:
    moves.move(cast.actor("an"), rumour.code, Status.triage)
    with pytest.raises(GuardNotMet):
        moves.move(cast.actor("binh"), rumour.code, Status.transferred, receiver="Bộ Nội vụ")
    moves.move(cast.actor("binh"), rumour.code, Status.transferred, receiver="Bộ Nội vụ", document="12/UBND 10/11/2026")
    states = {c.state for s in checklist.steps_of(rumour) for c in s.clocks}
    assert states <= {ClockState.transferred, ClockState.cancelled}
    assert rumour.next_due_at is None


def test_declining_needs_a_reason_of_the_list(watch: Incident) -> None:
    with pytest.raises(GuardNotMet):
        moves.move(cast.actor("an"), watch.code, Status.not_accepted, reason="thôi")
    moves.move(cast.actor("an"), watch.code, Status.not_accepted, reason="out_of_area")
    assert not watch.is_open


def test_closing_waits_for_steps_and_quiet_hours(watch: Incident) -> None:
    an = cast.actor("an")
    moves.move(an, watch.code, Status.triage)
    moves.move(an, watch.code, Status.monitoring)
    with pytest.raises(GuardNotMet, match="24 giờ"):
        moves.move(an, watch.code, Status.closed)
    with time_machine.travel(utc_now() + timedelta(hours=25)):
        moves.move(an, watch.code, Status.closed)
    assert watch.status == Status.closed


def test_an_ended_incident_takes_no_new_work_until_it_is_reopened(watch: Incident) -> None:
    moves.move(cast.actor("an"), watch.code, Status.not_accepted, reason="test_message")
    for verb in (
        lambda: assignments.assign(cast.actor("binh"), watch.code, "x_bac_ha"),
        lambda: checklist.start_playbook(cast.actor("binh"), watch.code, "pb01_false_info_social"),
        lambda: triage.edit(cast.actor("binh"), watch.code, {"category": "other"}),
    ):
        with pytest.raises(NotOpen):
            verb()
    with pytest.raises(NotAllowed):
        moves.move(cast.actor("an"), watch.code, Status.triage, reason="còn")
    with pytest.raises(GuardNotMet):
        moves.move(cast.actor("binh"), watch.code, Status.triage)
    moves.move(cast.actor("binh"), watch.code, Status.triage, reason="tin lan trở lại")
    assert (watch.is_open, watch.round) == (True, 2)


def test_a_stale_version_changes_nothing(rumour: Incident) -> None:
    seen = rumour.version
    triage.edit(cast.actor("an"), rumour.code, {"category": "disaster"})
    with pytest.raises(StaleVersion):
        moves.move(cast.actor("an"), rumour.code, Status.triage, version=seen)
    with pytest.raises(StaleVersion):
        triage.edit(cast.actor("an"), rumour.code, {"category": "other"}, version=seen)
    assert (rumour.status, rumour.category) == (Status.new, "disaster")


def test_merging_keeps_both_histories_and_the_earlier_time(desk: Flask) -> None:
    an, earlier = cast.actor("an"), utc_now() - timedelta(hours=2)
    old = intake.log(an, "tin 1", 2, place="xã Bắc Hà", received_at=earlier)
    new = intake.log(an, "tin 2", 2, place="xã Bảo Nhai")
    moves.move(an, old.code, Status.merged, into=new.code)
    assert (old.status, old.merged_into_id) == (Status.merged, new.id)
    assert new.received_at == earlier
    assert {row.agency.code for row in assignments.open_parts(new)} == {"so_vhttdl", "x_bao_nhai", "x_bac_ha"}
    for wrong in ("", new.code, "SK-2020-0001"):
        with pytest.raises((BadInput, GuardNotMet, IllegalMove, Exception)):
            moves.move(an, new.code, Status.merged, into=wrong)
    assert new.status == Status.new


def test_severity_is_lowered_only_by_who_may_set_the_higher(rumour: Incident) -> None:
    triage.set_severity(cast.actor("an"), rumour.code, 4, "kêu gọi tụ tập")
    assert (rumour.severity, rumour.severity_confirmed) == (4, False)
    with pytest.raises(NotAllowed):
        triage.set_severity(cast.actor("son"), rumour.code, 2, "hết")
    with pytest.raises(BadInput):
        triage.set_severity(cast.actor("binh"), rumour.code, 3, "")
    triage.set_severity(cast.actor("binh"), rumour.code, 4, "")
    assert rumour.severity_confirmed
    triage.set_severity(cast.actor("binh"), rumour.code, 3, "đã ổn định")
    assert rumour.severity == 3


def test_a_disaster_found_at_triage_keeps_the_steps_done(rumour: Incident) -> None:
    steps.do("an", rumour.code, "capture_evidence")
    triage.edit(cast.actor("an"), rumour.code, {"category": "disaster", "safety": True})
    checklist.start_playbook(cast.actor("an"), rumour.code, "pb02_rumour_disaster")
    done = [s.key for s in checklist.steps_of(rumour) if s.state == StepState.done]
    assert done == ["capture_evidence"]
