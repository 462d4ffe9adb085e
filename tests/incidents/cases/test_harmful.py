"""Harmful content: closed from the start, the police in it, nobody else told (PB-06, G21)."""

import pytest
from flask import Flask
from sqlalchemy import select

from incidents.cases import assignments, doing, intake, triage, visibility
from incidents.cases.models import Entry, Incident
from incidents.db import db
from incidents.errors import NotFound
from incidents.telling.models import Alert
from incidents.vocabulary import EntryKind, Kind
from tests import cast
from tests.steps import step_of


def sees(username: str, incident: Incident) -> bool:
    try:
        visibility.find(cast.actor(username), incident.code)
    except NotFound:
        return False
    return True


@pytest.fixture
def call(desk: Flask) -> Incident:
    return intake.log(
        cast.actor("an"), "Kêu gọi tụ tập", 3, kind=Kind.harmful_content, category="security", place="xã Bảo Nhai"
    )


def test_it_is_seen_by_those_who_must_act_and_nobody_else(call: Incident) -> None:
    assert call.restricted
    assert [row["code"] for row in call.playbooks] == ["PB-06"]
    assert {name for name in ("an", "mai", "binh", "son", "ha", "cuong") if sees(name, call)} == {
        "an", "mai", "binh", "son", "ha", "cuong",
    }  # fmt: skip
    assert not [name for name in ("giang", "pao", "lan", "chi", "phong") if sees(name, call)]


def test_the_commune_of_the_place_is_told_nothing_of_it(call: Incident) -> None:
    told = set(db.session.scalars(select(Alert.member_id).where(Alert.incident_id == call.id)))
    assert cast.actor("giang").id not in told
    assert cast.actor("mai").id in told


def test_the_police_take_the_lead_and_do_their_steps(call: Incident) -> None:
    assignments.assign(cast.actor("binh"), call.code, "pa05", "lead_agency")  # type: ignore[arg-type]
    assignments.acknowledge(cast.actor("cuong"), call.code)
    doing.tick(cast.actor("an"), call.code, "alert_police")
    doing.tick(cast.actor("cuong"), call.code, "police_take_lead", result="PA05 tiếp nhận 14:05")
    assert step_of(call, "request_takedown").applies is not False


def test_a_kind_found_later_closes_it_too(desk: Flask) -> None:
    incident = intake.log(cast.actor("an"), "Bài viết lạ", 2, kind=Kind.watch, place="xã Bảo Nhai")
    assert sees("giang", incident)
    triage.edit(cast.actor("an"), incident.code, {"kind": "harmful_content"})
    assert not sees("giang", incident)
    entry = db.session.scalar(select(Entry).where(Entry.kind == EntryKind.restricted))
    assert entry is not None
    assert entry.facts["readers"] == 6
