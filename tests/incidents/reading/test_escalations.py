"""What climbs now, and what comes next for one incident."""

from datetime import timedelta

from flask import Flask

from incidents.cases import assignments, escalation, intake, quick_reports, triage
from incidents.people.members import by_username
from incidents.reading import escalations
from tests import cast


def test_the_next_level_of_an_incident_is_known_with_its_people(desk: Flask) -> None:
    incident = intake.log(cast.actor("mai"), "Tin vỡ đập", 4)
    found = escalations.next_of(incident)
    assert found is not None
    assert (found.target, [member.username for member in found.people], found.again) == ("deputy", ["son"], 0)
    for minutes in (5.1, 10.1):
        escalation.climb(incident.opened_at + timedelta(minutes=minutes))
    found = escalations.next_of(incident)
    assert found is not None
    assert (found.target, [member.username for member in found.people], found.again) == ("", ["ha"], 1)
    assignments.acknowledge(cast.actor("an"), incident.code)
    assert escalations.next_of(incident) is None


def test_everything_that_waits_is_listed_for_those_who_may_see_it(desk: Flask) -> None:
    incident = intake.log(cast.actor("mai"), "Tin vỡ đập", 4, place="xã Bảo Nhai")
    quick_reports.send(cast.actor("pao"), "Đập có vết nứt", "t:1", severity=3, ask=False)
    escalation.climb(incident.opened_at + timedelta(minutes=5.1))
    found = [(row.code, row.number, row.agency != "", row.told) for row in escalations.running(cast.actor("an"))]
    assert sorted(found) == [
        ("", "BN-0001", False, []),
        (incident.code, "", False, ["Lò Văn Sơn"]),
        (incident.code, "", True, []),
    ]
    assert [row.number for row in escalations.running(cast.actor("pao"))] == ["BN-0001"], "his own report"
    assert {row.code for row in escalations.running(cast.actor("giang"))} == {incident.code}


def test_of_a_restricted_incident_others_learn_nothing(desk: Flask) -> None:
    incident = intake.log(cast.actor("mai"), "Tin vỡ đập", 4)
    triage.restrict(cast.actor("binh"), incident.code, [by_username("ha").id])
    assert escalations.running(cast.actor("an")) == []
    assert [row.code for row in escalations.running(cast.actor("ha"))] == [incident.code]


def test_what_has_been_answered_is_listed_no_more(desk: Flask) -> None:
    incident = intake.log(cast.actor("mai"), "Tin vỡ đập", 3, place="xã Bảo Nhai")
    assignments.acknowledge(cast.actor("an"), incident.code)
    waiting = escalations.running(cast.actor("an"))
    assert [(row.code, "Bảo Nhai" in row.agency) for row in waiting] == [(incident.code, True)]
    assignments.acknowledge(cast.actor("giang"), incident.code)
    assert escalations.running(cast.actor("an")) == []
