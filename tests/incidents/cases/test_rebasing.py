"""A running incident takes a newer version of its playbook: done steps stay, open ones follow."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from incidents.cases import checklist, doing, intake, moves, rebasing, timeline
from incidents.cases.models import Entry, Incident, Step
from incidents.db import db, transaction
from incidents.errors import BadInput, NotAllowed, NotFound, NotOpen
from incidents.vocabulary import ClockState, EntryKind, Kind, StepState
from playbooks.model import Deadline, Playbook
from tests import cast
from tests.incidents.planning import making

PB01 = "pb01_false_info_social"
WHY = "Quy trình mới rõ hơn"


@pytest.fixture
def rumour(desk: Flask) -> Incident:
    return intake.log(cast.actor("an"), "Tin sáp nhập", 2, kind=Kind.suspected_false, category="organisation")


def step(incident: Incident, key: str) -> Step:
    return next(one for one in checklist.steps_of(incident) if one.key == key)


def better(playbook: Playbook) -> Playbook:
    """triage_classify has 30 minutes, identify_source is gone, call_agency is new."""
    changed = []
    for one in playbook.steps:
        if one.key == "triage_classify":
            deadline = Deadline(anchor="received_at", amount=30, unit="minute")
            one = replace(one, name="Sàng lọc trong 30 phút", deadlines=(deadline,))
        if one.key != "identify_source":
            changed.append(one)
    added = replace(playbook.steps[0], key="call_agency", name="Gọi cơ quan được nêu", after=("capture_evidence",))
    return replace(playbook, steps=(changed[0], added, *changed[1:]))


def test_the_difference_is_told_before_anything_is_changed(rumour: Incident) -> None:
    making.in_force(PB01, better)
    doing.tick(cast.actor("an"), rumour.code, "capture_evidence", result="https://example.org/anh")
    found = rebasing.differences(rumour, PB01)
    kinds = {effect.key: effect.kind for effect in found.effects}
    assert (found.old.version, found.new.version) == (1, 2)
    assert kinds["capture_evidence"] == "kept"
    assert kinds["triage_classify"] == "changed"
    assert kinds["identify_source"] == "removed"
    assert kinds["call_agency"] == "added"
    assert kinds["conclude_verdict"] == "same"
    assert rumour.playbooks[0]["version"] == 1


def test_open_steps_follow_the_new_version_with_its_clocks(rumour: Incident) -> None:
    old = [(clock.amount, clock.unit) for clock in step(rumour, "triage_classify").clocks]
    assert old == [(1, "hour")]
    making.in_force(PB01, better)
    rebasing.rebase(cast.actor("binh"), rumour.code, PB01, 2, WHY)
    found = step(rumour, "triage_classify")
    assert (found.name, found.playbook_version) == ("Sàng lọc trong 30 phút", 2)
    states = {(clock.amount, clock.unit): clock.state for clock in found.clocks}
    assert states == {(1, "hour"): ClockState.cancelled, (30, "minute"): ClockState.running}
    (running,) = [clock for clock in found.clocks if clock.state == ClockState.running]
    assert running.due_at == rumour.received_at + timedelta(minutes=30)
    assert rumour.playbooks[0]["version"] == 2


def test_what_is_done_stays_as_it_was_done(rumour: Incident) -> None:
    doing.tick(cast.actor("an"), rumour.code, "capture_evidence", result="https://example.org/anh")
    making.in_force(PB01, better)
    rebasing.rebase(cast.actor("binh"), rumour.code, PB01, 2, WHY)
    found = step(rumour, "capture_evidence")
    assert (found.state, found.playbook_version, found.result) == (StepState.done, 1, "https://example.org/anh")


def test_a_step_that_is_gone_is_hidden_and_stays_hidden(rumour: Incident) -> None:
    making.in_force(PB01, better)
    rebasing.rebase(cast.actor("binh"), rumour.code, PB01, 2, WHY)
    with transaction():
        checklist.reconsider(cast.actor("an"), rumour)
    found = step(rumour, "identify_source")
    assert (found.state, found.applies) == (StepState.open, False)
    assert all(clock.state == ClockState.cancelled for clock in found.clocks)


def test_a_new_step_comes_at_the_end_so_that_no_number_moves(rumour: Incident) -> None:
    before = {one.key: one.position for one in checklist.steps_of(rumour)}
    making.in_force(PB01, better)
    rebasing.rebase(cast.actor("binh"), rumour.code, PB01, 2, WHY)
    added = step(rumour, "call_agency")
    assert added.position == max(before.values()) + 1
    assert [clock.state for clock in added.clocks] == [ClockState.running]
    assert {key: step(rumour, key).position for key in before} == before


def test_the_entry_says_what_changed_and_why(rumour: Incident) -> None:
    making.in_force(PB01, better)
    rebasing.rebase(cast.actor("binh"), rumour.code, PB01, 2, WHY)
    entry = db.session.scalar(select(Entry).where(Entry.kind == EntryKind.playbook_rebased))
    assert entry is not None
    assert entry.text == WHY
    assert (entry.facts["old"], entry.facts["version"]) == (1, 2)
    assert entry.facts["added"] == ["Gọi cơ quan được nêu"]
    assert entry.facts["removed"] == ["Đề nghị xác định danh tính (bàn chỉ lưu số văn bản)"]
    assert timeline.verify(rumour.code)[1] == []


def test_a_step_another_playbook_has_too_stays_its_duty(desk: Flask) -> None:
    incident = intake.log(cast.actor("an"), "Tin sáp nhập", 2, kind=Kind.suspected_false, category="organisation")
    checklist.start_playbook(cast.actor("an"), incident.code, "PB-05")
    shared = (
        {one.key for one in checklist.steps_of(incident)}
        & {planned.key for planned in _of("pb05_impersonation_ai_scam").steps}
        & {planned.key for planned in _of(PB01).steps}
    )
    key = next(key for key in sorted(shared) if not any(key in one.after for one in _of(PB01).steps))
    making.in_force(PB01, lambda book: replace(book, steps=tuple(one for one in book.steps if one.key != key)))
    rebasing.rebase(cast.actor("binh"), incident.code, PB01, 2, WHY)
    found = step(incident, key)
    assert found.playbook == "pb05_impersonation_ai_scam"
    assert not found.plan.get("dropped")


def test_only_who_may_and_only_with_a_reason_and_only_what_was_shown(rumour: Incident) -> None:
    with pytest.raises(rebasing.NothingNewer):
        rebasing.rebase(cast.actor("binh"), rumour.code, PB01, 2, WHY)
    making.in_force(PB01, better)
    for username in ("an", "son", "ha", "giang"):
        with pytest.raises((NotAllowed, NotFound)):
            rebasing.rebase(cast.actor(username), rumour.code, PB01, 2, WHY)
    with pytest.raises(BadInput):
        rebasing.rebase(cast.actor("binh"), rumour.code, PB01, 2, " ")
    with pytest.raises(BadInput):
        rebasing.rebase(cast.actor("binh"), rumour.code, PB01, 3, WHY)
    with pytest.raises(NotFound):
        rebasing.rebase(cast.actor("binh"), rumour.code, "pb08_crisis_activation", 2, WHY)
    assert rumour.playbooks[0]["version"] == 1


def test_what_has_ended_is_not_rebased(rumour: Incident) -> None:
    making.in_force(PB01, better)
    moves.move(cast.actor("binh"), rumour.code, "not_accepted", reason="test_message")
    with pytest.raises(NotOpen):
        rebasing.rebase(cast.actor("binh"), rumour.code, PB01, 2, WHY)
    assert rebasing.newer(rumour, PB01) is None


def _of(key: str) -> Playbook:
    from incidents.planning import shelf

    return shelf.get(key)
