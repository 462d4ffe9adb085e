"""What waits for an answer goes on waiting whatever happens to the incident: reopened, raised, lowered, merged, given back."""

from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from incidents.cases import (
    activation,
    approvals,
    assignments,
    audience,
    checklist,
    clocks,
    doing,
    escalation,
    holding,
    intake,
    moves,
    triage,
    visibility,
)
from incidents.cases.models import Assignment, Clock, Entry, Escalation, Incident, Step
from incidents.db import db, transaction, utc_now
from incidents.errors import AlreadyDone, BadInput, GuardNotMet, NotAllowed, NotFound
from incidents.people import roster
from incidents.people.members import by_username, today
from incidents.people.models import Member, Shift
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, ClockState, EntryKind, Kind, Part, Role, Status, StepState
from tests import cast, steps

DECISION = "1234/QĐ-UBND"
RUMOUR = {"kind": Kind.suspected_false, "place": "xã Bảo Nhai"}


def log(severity: int, category: str = "disaster") -> Incident:
    """A rumour about a dam, in which xã Bảo Nhai has a part that nobody has accepted."""
    return intake.log(cast.actor("mai"), "Tin vỡ đập", severity, category=category, **RUMOUR)  # type: ignore[arg-type]


@pytest.fixture
def crisis(desk: Flask) -> Incident:
    return log(4)


def part(incident: Incident, code: str = "x_bao_nhai") -> Assignment:
    return next(row for row in assignments.open_parts(incident) if row.agency.code == code)


def running(row: Assignment) -> list[Clock]:
    wanted = select(Clock).where(Clock.assignment_id == row.id, Clock.state == ClockState.running)
    return list(db.session.scalars(wanted))


def minutes_left(row: Assignment) -> list[int]:
    return [round((clock.due_at - utc_now()).total_seconds() / 60) for clock in running(row) if clock.due_at]


def waiting(incident: Incident) -> list[tuple[str, str]]:
    """(subject, target) of every rung that waits."""
    rows = db.session.scalars(
        select(Escalation).where(Escalation.incident_id == incident.id, Escalation.next_at.is_not(None))
    )
    return sorted((row.key.split(":")[0], row.target) for row in rows)


def told(kind: AlertKind) -> list[str]:
    """Who was told, in order."""
    people = {by_username(name).id: name for name in cast.CHATS}
    rows = db.session.scalars(select(Alert.member_id).where(Alert.kind == kind).order_by(Alert.id))
    return [people[one] for one in rows if one is not None]


def later(minutes: float) -> time_machine.travel:
    return time_machine.travel(utc_now() + timedelta(minutes=minutes))


def activate(incident: Incident, by: str = "ha", **more: object) -> activation.Activation:
    wanted: dict[str, object] = {
        "decision": DECISION, "decided_on": today(), "head": "ha", "deputies": ["son"], "members": ["cuong"],
    }  # fmt: skip
    return activation.activate(cast.actor(by), incident.code, **wanted | more)  # type: ignore[arg-type]


def stand_down(incident: Incident) -> activation.Activation:
    return activation.stand_down(cast.actor("ha"), incident.code, "1300/QĐ-UBND", "48 giờ không bài mới")


def step_of(incident: Incident, key: str) -> Step:
    return next(step for step in checklist.steps_of(incident) if step.key == key)


# Reopened


def reopen(incident: Incident) -> None:
    moves.move(cast.actor("an"), incident.code, Status.not_accepted, reason="duplicate")
    moves.move(cast.actor("binh"), incident.code, Status.triage, reason="có tin mới")


def test_reopened_an_agency_that_had_not_accepted_is_called_again(desk: Flask) -> None:
    incident = log(2)
    reopen(incident)
    assert minutes_left(part(incident)) == [120]
    assert waiting(incident) == [("assignment", "deputy"), ("incident", "deputy")]
    assert "giang" in told(AlertKind.escalation)


def test_reopened_an_agency_that_had_accepted_is_asked_to_accept_again(desk: Flask) -> None:
    incident = log(2)
    assignments.acknowledge(cast.actor("giang"), incident.code)
    assignments.acknowledge(cast.actor("an"), incident.code)
    reopen(incident)
    assert (incident.holder_id, part(incident).accepted_at) == (None, None)
    assert minutes_left(part(incident)) == [120]
    assignments.acknowledge(cast.actor("giang"), incident.code)
    assert part(incident).expires_at is not None, "and asked whether it still holds it"


def test_reopened_the_standing_agency_is_not_asked_twice(desk: Flask) -> None:
    incident = log(2)
    reopen(incident)
    assert running(part(incident, "so_vhttdl")) == []


# Another level


def test_raised_the_agency_has_the_minutes_of_the_new_level(desk: Flask) -> None:
    incident = log(2)
    triage.set_severity(cast.actor("binh"), incident.code, 4, "báo chí đã đăng")
    assert minutes_left(part(incident)) == [15]
    escalation.climb(utc_now() + timedelta(minutes=15, seconds=5))
    assert waiting(incident)[0] == ("assignment", "head")


def test_raised_nobody_gets_more_time_than_he_had(desk: Flask) -> None:
    incident = log(2)
    with later(110):
        triage.set_severity(cast.actor("binh"), incident.code, 4, "báo chí đã đăng")
        assert minutes_left(part(incident)) == [10]


def test_what_is_late_stays_late_when_the_level_changes(desk: Flask) -> None:
    incident = log(4)
    with later(20):
        triage.set_severity(cast.actor("binh"), incident.code, 2, "đã rõ")
        assert minutes_left(part(incident)) == [-5]


def test_raised_whoever_holds_it_is_asked_as_soon_as_the_new_level_asks(desk: Flask) -> None:
    incident = log(2)
    assignments.acknowledge(cast.actor("giang"), incident.code)
    assignments.acknowledge(cast.actor("an"), incident.code)
    triage.set_severity(cast.actor("binh"), incident.code, 4, "báo chí đã đăng")
    assert holding.watch(utc_now() + timedelta(minutes=29)) == 0
    assert holding.watch(utc_now() + timedelta(minutes=31)) == 2


def test_raised_between_levels_with_the_same_rungs_the_agency_gains_nothing(desk: Flask) -> None:
    incident = log(3)
    with later(14):
        triage.set_severity(cast.actor("binh"), incident.code, 4, "báo chí đã đăng")
    with later(15.5):
        escalation.climb()
    assert told(AlertKind.escalation) == ["son"]


@pytest.mark.parametrize("severity", [1, 2, 3])
def test_lowered_it_climbs_by_the_ladder_of_the_lower_level(desk: Flask, severity: int) -> None:
    incident = log(4)
    with later(4):
        triage.set_severity(cast.actor("binh"), incident.code, severity, "đã rõ")
        assert dict(waiting(incident)).get("incident") == {1: None, 2: "deputy", 3: "deputy"}[severity]
    with later(9):
        escalation.climb()
        assert told(AlertKind.escalation) == [], "nothing of the old ladder's minutes is left"


def test_lowered_to_watching_nobody_is_chased_and_the_board_raises_no_alarm(desk: Flask) -> None:
    incident = log(4)
    assignments.acknowledge(cast.actor("giang"), incident.code)
    triage.set_severity(cast.actor("binh"), incident.code, 1, "đã rõ")
    assert escalation.climb(utc_now() + timedelta(days=2)) == 0


def test_what_waits_for_approval_is_told_to_those_who_may_give_it_at_the_new_level(desk: Flask) -> None:
    incident = log(2, "other")
    steps.free(incident.code, "first_statement")
    approvals.submit(cast.actor("an"), incident.code, "first_statement", result=steps.LINK)
    before = set(told(AlertKind.approval_wanted))
    triage.set_severity(cast.actor("binh"), incident.code, 4, "báo chí đã đăng")
    assert (before, set(told(AlertKind.approval_wanted)) - before) == ({"son", "binh"}, {"ha"})


# Given back


def test_given_back_the_holders_agency_is_asked_again_too(desk: Flask) -> None:
    incident = log(3)
    assignments.assign(cast.actor("binh"), incident.code, "so_vhttdl", Part.lead_agency, purpose="chủ trì xác minh")
    assignments.acknowledge(cast.actor("an"), incident.code)
    own = part(incident, "so_vhttdl")
    assert (own.accepted_at is not None, running(own)) == (True, [])
    holding.give_back(cast.actor("an"), incident.code, "hết ca")
    assert (own.accepted_at, minutes_left(own)) == (None, [15])
    subjects = [subject for subject, _ in waiting(incident)]
    assert subjects == ["assignment", "assignment", "incident"], "the commune, the agency, the incident"


def test_an_auditor_gives_back_no_part_of_his_agency(desk: Flask) -> None:
    incident = log(3)
    assignments.assign(cast.actor("binh"), incident.code, "vp_tinh_uy")
    row = part(incident, "vp_tinh_uy")
    with transaction():
        row.accepted_at, row.accepted_by_id = utc_now(), by_username("lan").id
    for verb in (lambda: holding.give_back(cast.actor("lan"), incident.code, "nhầm"),
                 lambda: holding.still_here(cast.actor("lan"), incident.code)):  # fmt: skip
        with pytest.raises(NotAllowed):
            verb()
    assert row.accepted_at is not None


def test_one_holder_that_cannot_be_asked_leaves_the_others_asked(desk: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = log(3), log(3)
    for incident in (first, second):
        assignments.acknowledge(cast.actor("an"), incident.code)
    spoilt, kept = first.id, holding._ask

    def fail_once(incident: Incident, *more: object) -> None:
        if incident.id == spoilt:
            raise ValueError("spoilt")
        kept(incident, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(holding, "_ask", fail_once)
    assert holding.watch(utc_now() + timedelta(minutes=61)) == 1
    monkeypatch.undo()
    assert holding.watch(utc_now() + timedelta(minutes=61)) == 1


def test_one_cycle_with_any_fault_leaves_the_others_climbing(desk: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (intake.log(cast.actor("mai"), f"tin {number}", 4) for number in (1, 2))
    spoilt, kept = first.id, escalation._alert

    def fail_once(waiting: escalation.Waiting, *more: object) -> None:
        if waiting.incident_id == spoilt:
            raise KeyError("spoilt")
        kept(waiting, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(escalation, "_alert", fail_once)
    assert escalation.climb(second.opened_at + timedelta(minutes=5.5)) == 1
    monkeypatch.undo()
    assert escalation.climb(second.opened_at + timedelta(minutes=5.5)) == 1


# The task force


def test_activating_is_the_step_that_says_so(crisis: Incident) -> None:
    row = activate(crisis)
    step = step_of(crisis, "activate_task_force")
    assert (step.state, step.document, step.done_at) == (StepState.done, DECISION, row.starts_at)
    assert all(clock.state in (ClockState.met, ClockState.met_late) for clock in step.clocks)
    assert clocks.anchors_of(crisis)["activated_at"] == row.starts_at


def test_standing_down_is_the_step_that_says_so(crisis: Incident) -> None:
    activate(crisis)
    stand_down(crisis)
    step = step_of(crisis, "stand_down")
    assert (step.state, step.document) == (StepState.done, "1300/QĐ-UBND")
    assert step_of(crisis, "summary_rhythm").state == StepState.done
    assert step_of(crisis, "final_review").state == StepState.open


@pytest.mark.parametrize(("key", "anchor"), [("activate_task_force", "activated_at"), ("stand_down", "stood_down_at")])
def test_neither_a_tick_nor_a_corrected_anchor_stands_for_a_decision(crisis: Incident, key: str, anchor: str) -> None:
    ha = cast.actor("ha")
    with pytest.raises((BadInput, NotAllowed)):
        doing.tick(ha, crisis.code, key, result="đã xong")
    with pytest.raises((BadInput, NotAllowed)):
        doing.set_anchor(ha, crisis.code, anchor, utc_now(), "nhầm")
    assert clocks.anchors_of(crisis).get(anchor) is None


def test_activated_before_its_playbook_came_it_is_not_decided_twice(desk: Flask) -> None:
    incident = log(3)
    activate(incident)
    triage.set_severity(cast.actor("binh"), incident.code, 4, "lan ra ba tỉnh")
    assert step_of(incident, "activate_task_force").state == StepState.done
    with pytest.raises(AlreadyDone):
        activate(incident)


def test_activated_again_its_end_is_owed_again(crisis: Incident) -> None:
    activate(crisis)
    stand_down(crisis)
    activate(crisis, decision="1400/QĐ-UBND")
    assert clocks.anchors_of(crisis).get("stood_down_at") is None
    assert step_of(crisis, "stand_down").state == StepState.open
    rhythm = step_of(crisis, "summary_rhythm")
    assert rhythm.state == StepState.open
    assert [clock.state for clock in rhythm.clocks][-1] == ClockState.running
    stand_down(crisis)
    assert step_of(crisis, "stand_down").state == StepState.done
    assert clocks.anchors_of(crisis)["stood_down_at"] is not None


def missing(incident: Incident) -> str:
    with pytest.raises(GuardNotMet) as refused:
        moves.move(cast.actor("binh"), incident.code, Status.closed)
    return refused.value.text("vi")


def monitored(incident: Incident) -> None:
    with transaction():
        db.session.execute(update(Incident).where(Incident.id == incident.id).values(status=Status.monitoring))
    db.session.refresh(incident)


def test_whatever_was_stood_down_before_a_running_task_force_holds_up_the_end(crisis: Incident) -> None:
    activate(crisis)
    stand_down(crisis)
    monitored(crisis)
    assert "kết thúc kích hoạt" not in missing(crisis)
    activate(crisis, decision="1400/QĐ-UBND")
    assert "kết thúc kích hoạt" in missing(crisis)


def merge(incident: Incident, target: Incident) -> None:
    moves.move(cast.actor("binh"), incident.code, Status.merged, into=target.code)


def test_merged_the_task_force_goes_along_and_can_be_stood_down_there(crisis: Incident) -> None:
    target = log(2)
    activate(crisis)
    merge(crisis, target)
    assert [row.incident_id for row in activation.of(target)] == [target.id]
    assert step_of(target, "activate_task_force").state == StepState.done
    assert visibility.find(cast.actor("cuong"), target.code).id == target.id
    with pytest.raises(NotFound):
        visibility.find(cast.actor("cuong"), crisis.code)
    stand_down(target)
    assert activation.in_force(target) is None
    assert not cast.actor("ha").has(Role.lead)


def test_merged_into_one_with_a_task_force_its_people_join_that_one(crisis: Incident) -> None:
    target = log(4)
    activate(target, members=["pao"])
    activate(crisis, head="binh", deputies=[], members=["giang"], decision="1235/QĐ-UBND")
    merge(crisis, target)
    assert activation.in_force(crisis) is None
    own = activation.in_force(target)
    assert own is not None
    present = {one.member.username: one.part for one in own.members if one.left_at is None}
    assert present == {"son": "deputy", "pao": "member", "binh": "deputy", "giang": "member"}
    stand_down(target)
    assert not cast.actor("giang").has(Role.member)


def test_of_a_restricted_incident_the_task_force_sees_and_hears_until_it_is_stood_down(crisis: Incident) -> None:
    triage.restrict(cast.actor("binh"), crisis.code, [by_username("ha").id])
    activate(crisis)
    assert visibility.find(cast.actor("cuong"), crisis.code)
    assert "cuong" in {member.username for member in audience.working_on(crisis)}
    entries = db.session.scalars(select(Entry).where(Entry.kind == EntryKind.restricted).order_by(Entry.number)).all()
    assert [entry.facts["readers"] for entry in entries] == [2, 4]
    activation.change_members(
        cast.actor("ha"), crisis.code, head="ha", deputies=["son"], members=["pao"], reason="đổi phân công"
    )
    with pytest.raises(NotFound):
        visibility.find(cast.actor("cuong"), crisis.code)
    assert visibility.find(cast.actor("pao"), crisis.code)
    stand_down(crisis)
    with pytest.raises(NotFound):
        visibility.find(cast.actor("pao"), crisis.code)
    assert visibility.find(cast.actor("ha"), crisis.code), "whom a person has named stays"


def test_closed_while_the_task_force_is_at_work_its_people_go_on_seeing_it(crisis: Incident) -> None:
    activate(crisis, members=["giang"])
    triage.edit(cast.actor("binh"), crisis.code, {"kind": Kind.harmful_content})
    assert crisis.restricted
    assert visibility.find(cast.actor("giang"), crisis.code)
    stand_down(crisis)
    with pytest.raises(NotFound):
        visibility.find(cast.actor("giang"), crisis.code)


def test_whom_a_person_takes_off_the_list_stays_off_it(crisis: Incident) -> None:
    triage.restrict(cast.actor("binh"), crisis.code, [by_username("ha").id])
    activate(crisis)
    triage.restrict(cast.actor("binh"), crisis.code, [by_username("ha").id])
    activation.change_members(
        cast.actor("ha"), crisis.code, head="ha", deputies=["son"], members=["cuong", "pao"], reason="thêm người"
    )
    with pytest.raises(NotFound):
        visibility.find(cast.actor("cuong"), crisis.code)
    assert visibility.find(cast.actor("pao"), crisis.code)


# The roster


def shift_from(member: Member, start: datetime) -> Shift:
    return Shift(
        agency_id=member.agency_id, member_id=member.id, made_at=start, starts_at=start, ends_at=start + timedelta(hours=8)
    )  # fmt: skip


def test_an_administrator_is_not_rostered(desk: Flask) -> None:
    start = utc_now() + timedelta(hours=1)
    with pytest.raises(BadInput) as refused:
        roster.add_shift(cast.actor("chi"), "so_vhttdl", "chi", start, start + timedelta(hours=8))
    assert refused.value.field == "username"


def test_a_shift_makes_no_administrator_an_officer_on_duty(desk: Flask) -> None:
    with transaction():
        db.session.add(shift_from(by_username("chi"), utc_now() - timedelta(minutes=1)))
    assert cast.actor("chi").roles == {Role.admin}
    assert by_username("chi") not in audience.reach().on(Role.duty)
    with pytest.raises(NotFound):
        visibility.find(cast.actor("chi"), log(2).code)


def test_a_shift_still_makes_an_analyst_an_officer_on_duty(desk: Flask) -> None:
    cast.give("chi", Role.analyst)
    with transaction():
        db.session.add(shift_from(by_username("chi"), utc_now() - timedelta(minutes=1)))
    assert cast.actor("chi").has(Role.duty)
    assert [member.username for member in audience.reach().on(Role.duty)] == ["chi"]
