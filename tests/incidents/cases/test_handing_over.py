"""The note of one shift to the next: what it lists, who signs, who takes over, and what it hides."""

import pytest
from flask import Flask
from sqlalchemy import select

from incidents.cases import assignments, handing_over, intake, quick_reports, visibility
from incidents.cases.models import Assignment, Entry, Incident, IncidentReader
from incidents.db import db, transaction
from incidents.errors import AlreadyDone, BadInput, NotAllowed, StateSecret
from incidents.people.models import HandOver, Member
from incidents.reading import roster as reading
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, EntryKind, Kind, Role
from tests import cast


@pytest.fixture
def held(desk: Flask) -> Incident:
    """An incident An holds, with a commune that has not accepted its part."""
    incident = intake.log(
        cast.actor("an"), "Tin vỡ đập", 3, kind=Kind.suspected_false, category="disaster", place="xã Bảo Nhai"
    )
    if incident.holder_id is None:
        assignments.acknowledge(cast.actor("an"), incident.code)
    return visibility.find(cast.actor("an"), incident.code)


def restrict(incident: Incident, *usernames: str) -> None:
    with transaction():
        found = db.session.get_one(Incident, incident.id)
        found.restricted = True
        for member in db.session.scalars(select(Member).where(Member.username.in_(usernames))):
            db.session.add(IncidentReader(incident_id=found.id, member_id=member.id))


def test_the_note_lists_open_clocks_next_due_first_reports_work_and_what_is_held(held: Incident) -> None:
    report, _ = quick_reports.send(cast.actor("giang"), "dân hỏi nhiều", source_key="t:1")
    row = handing_over.write(cast.actor("an"), "mai", "Đập an toàn, chờ Sở Công Thương")
    clocks = row.listed["clocks"]
    assert clocks
    assert [one["due_at"] for one in clocks] == sorted(one["due_at"] for one in clocks)
    assert {one["code"] for one in clocks} == {held.code}
    assert [one["number"] for one in row.listed["reports"]] == [report.number]
    assert [(one["code"], one["agency"]) for one in row.listed["parts"]] == [(held.code, "Bảo Nhai")]
    assert [one["code"] for one in row.listed["held"]] == [held.code]
    assert "Tin vỡ đập" not in str(row.listed)


def test_the_writer_signs_at_once_and_the_other_is_told_and_signs_once(held: Incident) -> None:
    row = handing_over.write(cast.actor("an"), "mai")
    assert (row.signed_from_at, row.signed_to_at) == (row.written_at, None)
    wanted = select(Member.username).join(Alert, Alert.member_id == Member.id).where(Alert.kind == AlertKind.notice)
    assert list(db.session.scalars(wanted.where(Alert.cause == f"handover:{row.id}"))) == ["mai"]
    for other in ("an", "binh", "giang"):
        with pytest.raises(handing_over.NoSuchHandOver):
            handing_over.sign(cast.actor(other), row.id)
    assert handing_over.sign(cast.actor("mai"), row.id).signed_to_at is not None
    with pytest.raises(AlreadyDone):
        handing_over.sign(cast.actor("mai"), row.id)


def test_a_note_changed_behind_the_desks_back_is_not_signed(held: Incident) -> None:
    row = handing_over.write(cast.actor("an"), "mai", "như cũ")
    with transaction():
        db.session.get_one(HandOver, row.id).note = "khác"
    with pytest.raises(handing_over.Altered):
        handing_over.sign(cast.actor("mai"), row.id)
    assert db.session.get_one(HandOver, row.id).signed_to_at is None


def test_the_hash_stays_true_after_reading_the_row_again(held: Incident) -> None:
    row_id = handing_over.write(cast.actor("an"), "mai", "Đập an toàn").id
    db.session.remove()
    again = db.session.get_one(HandOver, row_id)
    assert handing_over.fingerprint(again) == again.hash


def test_signing_can_take_over_what_the_first_still_holds_with_an_entry(held: Incident) -> None:
    row = handing_over.write(cast.actor("an"), "mai")
    handing_over.sign(cast.actor("mai"), row.id, take_over=True)
    incident = db.session.get_one(Incident, held.id)
    assert incident.holder is not None
    assert incident.holder.username == "mai"
    assert incident.still_at == incident.held_at + assignments.SILENCE[3], "Mai is asked whether she still holds it"
    accepted = db.session.scalars(select(Assignment.accepted_by_id).where(Assignment.accepted_by_id.is_not(None))).all()
    assert set(accepted) == {cast.actor("mai").id}
    entry = db.session.scalars(
        select(Entry).where(Entry.incident_id == held.id, Entry.kind == EntryKind.acknowledged).order_by(Entry.id)
    ).all()[-1]
    assert (entry.actor_name, entry.facts["from"], entry.facts["holder"]) == ("Hoàng Thị Mai", "Nguyễn An", True)
    assert handing_over.take(cast.actor("mai"), row.id) == 0, "nothing is left to take"


def test_taking_over_waits_for_the_signature_and_needs_the_right(held: Incident) -> None:
    row = handing_over.write(cast.actor("an"), "mai")
    with pytest.raises(BadInput):
        handing_over.take(cast.actor("mai"), row.id)
    cast.give("chi", Role.analyst)
    again = handing_over.write(cast.actor("an"), "chi")
    with pytest.raises(NotAllowed):
        handing_over.sign(cast.actor("chi"), again.id, take_over=True)
    assert db.session.get_one(HandOver, again.id).signed_to_at is None, "neither half was done"


def test_what_the_writer_may_not_see_is_only_counted(held: Incident) -> None:
    restrict(held, "binh")
    listed = handing_over.write(cast.actor("mai"), "an").listed
    assert held.code not in str(listed)
    assert "hidden" not in listed  # G21: not even the count


@pytest.mark.parametrize(("to", "field"), [("", "username"), ("an", "username"), ("giang", "username")])
def test_a_note_to_nobody_oneself_or_another_agency_is_refused(desk: Flask, to: str, field: str) -> None:
    with pytest.raises(BadInput) as told:
        handing_over.write(cast.actor("an"), to, "bàn giao")
    assert told.value.field == field


def test_a_note_goes_to_nobody_who_does_not_work_on_incidents(held: Incident) -> None:
    with pytest.raises(BadInput) as told:
        handing_over.write(cast.actor("an"), "chi")
    assert told.value.field == "username"


def test_a_stamped_note_is_not_stored_and_the_press_writes_none(desk: Flask) -> None:
    with pytest.raises(StateSecret):
        handing_over.write(cast.actor("an"), "mai", "TUYỆT MẬT\nnội dung")
    with pytest.raises(NotAllowed):
        handing_over.write(cast.actor("phong"), "an")
    assert db.session.query(HandOver).count() == 0


def test_a_note_is_seen_by_the_two_by_who_keeps_the_roster_and_by_the_auditor(held: Incident) -> None:
    row = handing_over.write(cast.actor("an"), "mai")
    for username in ("an", "mai", "binh", "lan"):
        assert [one.id for one in reading.hand_overs(cast.actor(username))] == [row.id]
        assert handing_over.find(cast.actor(username), row.id).id == row.id
    for username in ("giang", "phong", "cuong"):
        assert reading.hand_overs(cast.actor(username)) == []
        with pytest.raises(handing_over.NoSuchHandOver):
            handing_over.find(cast.actor(username), row.id)
