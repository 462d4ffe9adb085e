"""Assigning agencies and accepting: one holder, one leading agency, whoever presses."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from incidents.cases import assignments, intake
from incidents.cases.models import Clock, Entry, Incident
from incidents.db import db, utc_now
from incidents.errors import AlreadyDone, BadInput, NotAllowed, NotFound
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, ClockState, EntryKind, Part
from tests import cast


@pytest.fixture
def dam(desk: Flask) -> Incident:
    return intake.log(cast.actor("an"), "Tin vỡ đập", 3, place="xã Bảo Nhai")


def test_the_standing_agency_leads_and_the_commune_coordinates_from_the_start(dam: Incident) -> None:
    parts = {row.agency.code: row.part for row in assignments.open_parts(dam)}
    assert parts == {"so_vhttdl": Part.lead_agency, "x_bao_nhai": Part.support}


def test_a_new_leading_agency_ends_the_old_one(dam: Incident) -> None:
    assignments.assign(cast.actor("binh"), dam.code, "cong_an_tinh", Part.lead_agency)
    leading = [row.agency.code for row in assignments.open_parts(dam) if row.part == Part.lead_agency]
    assert leading == ["cong_an_tinh"]


def test_the_agencys_focal_points_are_told(dam: Incident) -> None:
    assignments.assign(cast.actor("binh"), dam.code, "x_bac_ha", purpose="xác minh")
    told = db.session.scalars(
        select(Alert).where(Alert.kind == AlertKind.assigned, Alert.member_id == cast.actor("pao").id)
    )
    assert [alert.facts["purpose"] for alert in told] == ["xác minh"]


def test_an_ended_agency_is_refused_with_its_successor(dam: Incident) -> None:
    with pytest.raises(BadInput) as refused:
        assignments.assign(cast.actor("binh"), dam.code, "so_tttt")
    assert "Sở Văn hóa, Thể thao và Du lịch" in refused.value.text()


@pytest.mark.parametrize("code", ["nowhere", "", "facebook", "bo_cong_an"])
def test_what_is_no_agency_of_the_task_force_is_refused(dam: Incident, code: str) -> None:
    with pytest.raises(BadInput):
        assignments.assign(cast.actor("binh"), dam.code, code)


def test_a_due_time_in_the_past_is_refused(dam: Incident) -> None:
    with pytest.raises(BadInput):
        assignments.assign(cast.actor("binh"), dam.code, "x_bac_ha", due_at=utc_now() - timedelta(minutes=1))


def test_duty_assigns_up_to_cap_2_only(dam: Incident) -> None:
    with pytest.raises(NotAllowed):
        assignments.assign(cast.actor("an"), dam.code, "x_bac_ha")


def test_accepting_ends_the_clock_and_names_the_holder(dam: Incident) -> None:
    assignments.acknowledge(cast.actor("an"), dam.code)
    assert dam.holder_id == cast.actor("an").id
    hold = db.session.scalar(select(Clock).where(Clock.incident_id == dam.id, Clock.anchor == "opened_at"))
    assert hold is not None
    assert hold.state == ClockState.met


def test_each_agency_accepts_for_itself(dam: Incident) -> None:
    assignments.acknowledge(cast.actor("giang"), dam.code)
    accepted = {row.agency.code for row in assignments.open_parts(dam) if row.accepted_at}
    assert accepted == {"x_bao_nhai"}
    assert dam.holder_id is None


def test_the_second_learns_who_was_first(dam: Incident) -> None:
    assignments.acknowledge(cast.actor("an"), dam.code)
    with pytest.raises(AlreadyDone) as refused:
        assignments.acknowledge(cast.actor("mai"), dam.code)
    assert "Nguyễn An" in refused.value.text()


@pytest.mark.parametrize(("username", "refusal"), [("pao", NotFound), ("phong", NotFound), ("ha", NotAllowed)])
def test_who_has_no_part_does_not_accept(dam: Incident, username: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        assignments.acknowledge(cast.actor(username), dam.code)


@pytest.mark.promise("R14")
def test_of_many_who_press_at_once_one_is_first(desk: Flask, dam: Incident) -> None:
    code, people = dam.code, [cast.actor(name) for name in ("an", "mai", "binh", "son") * 3]
    results: list[str] = []
    gate = threading.Barrier(len(people))

    def press(index: int) -> None:
        with desk.app_context():
            gate.wait()
            try:
                assignments.acknowledge(people[index], code)
                results.append("first")
            except AlreadyDone:
                results.append("told")
            finally:
                db.session.remove()

    db.session.rollback()
    threads = [threading.Thread(target=press, args=(i,)) for i in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(results) == ["first"] + ["told"] * (len(people) - 1)
    entries = db.session.scalars(select(Entry).where(Entry.kind == EntryKind.acknowledged)).all()
    assert len(entries) == 1
