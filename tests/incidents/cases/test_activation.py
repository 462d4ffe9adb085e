"""The task force activated by a decision: who is told, who sees, who may decide – and that all of it ends (PB-08)."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from incidents.cases import activation, assignments, audience, clocks, intake, moves, triage, visibility
from incidents.cases.models import Clock, Entry, Incident
from incidents.db import db, transaction, utc_now
from incidents.errors import AlreadyDone, BadInput, NotAllowed, NotFound, NotOpen
from incidents.people import members
from incidents.people.members import by_username, today
from incidents.people.models import MemberRole
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, EntryKind, Kind, Role
from tests import cast

DECISION = "1234/QĐ-UBND"


@pytest.fixture
def crisis(desk: Flask) -> Incident:
    return intake.log(cast.actor("mai"), "Tin vỡ đập", 4, kind=Kind.suspected_false, category="disaster")


def activate(crisis: Incident, **more: object) -> activation.Activation:
    wanted: dict[str, object] = {
        "decision": DECISION, "decided_on": today(), "head": "ha", "deputies": ["son"], "members": ["cuong", "giang"],
    }  # fmt: skip
    return activation.activate(cast.actor("ha"), crisis.code, **wanted | more)  # type: ignore[arg-type]


def notices(key: str) -> dict[str, str]:
    """Who was told, and the part each was told."""
    names = {by_username(name).id: name for name in cast.CHATS}
    rows = db.session.scalars(select(Alert).where(Alert.kind == AlertKind.notice)).all()
    return {names[row.member_id or 0]: row.facts["part"] for row in rows if row.facts["key"] == key}


def test_a_decision_is_a_record_an_entry_an_anchor_and_news_to_everybody_in_it(crisis: Incident) -> None:
    row = activate(crisis)
    assert (row.decision_number, row.head.name) == (DECISION, "Lê Thị Hà")
    entry = db.session.scalars(select(Entry).where(Entry.kind == EntryKind.activated)).one()
    assert set(entry.facts["members"]) == {"Lò Văn Sơn", "Vàng Thị Giang", "Đỗ Mạnh Cường"}
    assert clocks.anchors_of(crisis)["activated_at"] == row.starts_at
    assert notices("activated") == {"son": "deputy", "cuong": "member", "giang": "member"}


def test_its_people_see_the_incident_hear_of_it_and_hold_their_parts(crisis: Incident) -> None:
    with pytest.raises(NotFound):
        visibility.find(cast.actor("cuong"), crisis.code)
    activate(crisis)
    assert visibility.find(cast.actor("cuong"), crisis.code).id == crisis.id
    assert cast.actor("ha").has(Role.lead)
    assert cast.actor("giang").has(Role.member)
    assert {"cuong", "giang", "ha"} <= {member.username for member in audience.working_on(crisis)}


def test_the_head_may_decide_from_the_first_moment(crisis: Incident) -> None:
    with pytest.raises(NotFound):
        assignments.assign(cast.actor("cuong"), crisis.code, "x_bac_ha")
    activate(crisis, head="cuong", members=[])
    assert assignments.assign(cast.actor("cuong"), crisis.code, "x_bac_ha").agency.code == "x_bac_ha"


def test_stood_down_nothing_of_it_remains_but_the_record(crisis: Incident) -> None:
    activate(crisis, head="cuong", members=["giang"])
    row = activation.stand_down(cast.actor("ha"), crisis.code, "1300/QĐ-UBND", "48 giờ không bài mới")
    assert (row.end_decision, row.ends_at is not None) == ("1300/QĐ-UBND", True)
    assert not cast.actor("cuong").has(Role.lead)
    assert cast.actor("son").has(Role.deputy), "what he was before he stays"
    with pytest.raises(NotFound):
        visibility.find(cast.actor("giang"), crisis.code)
    assert clocks.anchors_of(crisis)["stood_down_at"] is not None
    assert notices("stood_down").keys() == {"son", "cuong", "giang"}
    waiting = db.session.scalars(select(Clock).where(Clock.anchor == "stood_down_at")).all()
    assert all(clock.due_at is not None for clock in waiting)


def test_members_come_and_go_and_only_they_are_told(crisis: Incident) -> None:
    activate(crisis, members=["cuong"])
    activation.change_members(
        cast.actor("ha"), crisis.code, head="binh", deputies=["son"], members=["pao"], reason="đổi phân công"
    )
    assert notices("activated").keys() == {"son", "cuong", "binh", "pao"}
    assert notices("activation_left").keys() == {"cuong"}
    assert not cast.actor("ha").has(Role.lead), "the former head decides no more"
    with pytest.raises(NotFound):
        visibility.find(cast.actor("cuong"), crisis.code)
    assert visibility.find(cast.actor("pao"), crisis.code)


def test_one_of_two_activations_ending_leaves_the_other_its_people(crisis: Incident) -> None:
    other = intake.log(cast.actor("mai"), "Tin khác", 4)
    activate(crisis, head="cuong", members=[])
    activate(other, head="cuong", members=[], decision="1235/QĐ-UBND")
    activation.stand_down(cast.actor("ha"), crisis.code, "1300/QĐ-UBND", "xong")
    assert cast.actor("cuong").has(Role.lead)
    activation.stand_down(cast.actor("ha"), other.code, "1301/QĐ-UBND", "xong")
    assert not cast.actor("cuong").has(Role.lead)
    activate(crisis, head="cuong", members=[], decision="1400/QĐ-UBND")
    assert cast.actor("cuong").has(Role.lead), "the same day again"


def test_of_a_restricted_incident_its_people_become_readers_and_nobody_else(crisis: Incident) -> None:
    triage.restrict(cast.actor("binh"), crisis.code, [by_username("ha").id])
    activate(crisis, members=["cuong"])
    assert visibility.find(cast.actor("cuong"), crisis.code).id == crisis.id
    for username in ("an", "giang"):
        with pytest.raises(NotFound):
            visibility.find(cast.actor(username), crisis.code)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("decision", {"decision": " "}),
        ("decided_on", {"decided_on": None}),
        ("decided_on", {"decided_on": today() + timedelta(days=2)}),
        ("head", {"head": ""}),
        ("head", {"head": "nobody"}),
        ("members", {"members": ["cuong", "nobody"]}),
        ("starts_at", {"starts_at": utc_now() + timedelta(days=1)}),
    ],
)
def test_a_decision_that_lacks_something_is_refused_by_its_field(
    crisis: Incident, field: str, wrong: dict[str, object]
) -> None:
    with pytest.raises(BadInput) as refused:
        activate(crisis, **wrong)
    assert refused.value.field == field
    assert activation.of(crisis) == []


def test_an_inactive_head_is_refused(crisis: Incident) -> None:
    members.disable(members.OPERATOR, "cuong")
    with pytest.raises(BadInput):
        activate(crisis, head="cuong")


@pytest.mark.parametrize("username", ["an", "binh", "son", "giang"])
def test_only_leaders_activate(crisis: Incident, username: str) -> None:
    with pytest.raises(NotAllowed):
        activation.activate(cast.actor(username), crisis.code, decision=DECISION, decided_on=today(), head="ha")


def test_it_is_activated_once_and_not_for_what_has_ended(crisis: Incident) -> None:
    activate(crisis)
    with pytest.raises(AlreadyDone):
        activate(crisis)
    activation.stand_down(cast.actor("ha"), crisis.code, "1300/QĐ-UBND", "xong")
    with pytest.raises(activation.NotActivated):
        activation.stand_down(cast.actor("ha"), crisis.code, "1300/QĐ-UBND", "xong")
    ended = intake.log(cast.actor("mai"), "việc khác", 2, kind=Kind.watch)
    moves.move(cast.actor("an"), ended.code, "not_accepted", reason="duplicate")
    with pytest.raises(NotOpen):
        activate(ended)


def test_all_of_them_are_listed_for_those_who_may_see_them(crisis: Incident) -> None:
    row = activate(crisis)
    assert [one.id for one in activation.all_visible(cast.actor("an"))] == [row.id]
    assert [one.id for one in activation.all_visible(cast.actor("pao"))] == []


# --- what an attacker tried


@pytest.mark.parametrize("username", ["lan", "chi", "phong"])
def test_auditor_administrator_and_press_do_not_join_the_task_force(desk: Flask, username: str) -> None:
    incident = intake.log(cast.actor("binh"), "Kích động", 4, kind=Kind.suspected_false)
    given = {"decision": "12/QĐ-UBND", "decided_on": today(), "head": "binh"}
    for field in ({"head": username}, {"deputies": [username]}, {"members": [username]}):
        with pytest.raises(BadInput):
            activation.activate(cast.actor("ha"), incident.code, **(given | field))  # type: ignore[arg-type]


def test_a_drill_on_a_working_desk_grants_nothing_real(desk: Flask) -> None:
    incident = intake.log(cast.actor("binh"), "Diễn tập", 4, kind=Kind.suspected_false, flags={"exercise": True})
    activation.activate(
        cast.actor("ha"), incident.code, decision="12/QĐ-UBND", decided_on=today(), head="giang", deputies=["pao"]
    )
    assert cast.actor("giang").roles == {"contact"}
    assert cast.actor("pao").roles == {"contact"}


def test_a_role_that_a_person_ended_is_not_reopened_by_an_activation(desk: Flask) -> None:
    giang = cast.actor("giang").id
    with transaction():
        ended = MemberRole(member_id=giang, role="lead", valid_from=today(), valid_to=today() - timedelta(days=1))
        db.session.add(ended)
    incident = intake.log(cast.actor("binh"), "Kích động", 4, kind=Kind.suspected_false)
    activation.activate(cast.actor("ha"), incident.code, decision="12/QĐ", decided_on=today(), head="giang")
    db.session.expire_all()
    assert ended.valid_to is not None
    assert "lead" in cast.actor("giang").roles
    activation.stand_down(cast.actor("ha"), incident.code, "13/QĐ", "đã ổn định")
    assert "lead" not in cast.actor("giang").roles
