"""Every revision goes up and down with data on both databases, and loses none of what both know (promises R20)."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from incidents import migrations
from incidents.cases import (
    activation,
    assignments,
    escalation,
    holding,
    intake,
    quick_reports,
    timeline,
    triage,
    visibility,
)
from incidents.cases.models import Assignment, Clock, Escalation
from incidents.db import db, transaction, utc_now
from incidents.errors import NotFound
from incidents.people.members import by_username, today
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, Kind, Role
from tests import cast

KEPT = ("incidents", "entries", "assignments", "steps", "clocks", "anchors", "alerts", "members")
CARRIED = "SELECT code, status, severity, next_due_at FROM incidents ORDER BY id"


def counts() -> dict[str, int]:
    return {table: db.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in KEPT}


def moved(revision: str, *, down: bool) -> None:
    db.session.remove()
    (migrations.downgrade if down else migrations.upgrade)(revision)


@pytest.fixture
def lived_in(desk: Flask) -> list[Any]:
    incident = intake.log(
        cast.actor("binh"), "Tin vỡ đập", 4, kind=Kind.suspected_false, category="disaster", place="xã Bảo Nhai"
    )
    assignments.acknowledge(cast.actor("giang"), incident.code, note="đang lên đập", expected_at=None)
    with transaction():
        clock = db.session.scalars(select(Clock).where(Clock.state == "running")).first()
        assert clock is not None
        clock.warn_at = [utc_now().isoformat()]
    return list(db.session.execute(text(CARRIED)).all())


def test_the_second_revision_goes_down_and_up_with_data(lived_in: list[Any]) -> None:
    before = counts()
    moved("0001", down=True)
    assert migrations.current() == "0001"
    assert counts() == before
    assert db.session.execute(text("SELECT count(*) FROM clocks WHERE soon_at IS NOT NULL")).scalar_one() > 0
    moved("head", down=False)
    assert counts() == before
    assert list(db.session.execute(text(CARRIED)).all()) == lived_in
    assert db.session.scalars(select(Clock)).all()
    assert [row for row in db.session.scalars(select(Clock)) if row.warn_at]
    read, faults = timeline.verify()
    assert (read > 0, faults) == (True, [])


def test_search_still_finds_what_was_written_before_the_revision(lived_in: list[Any]) -> None:
    from incidents.reading import board

    moved("0001", down=True)
    moved("head", down=False)
    found = board.page(cast.actor("an"), board.Filters(q="vo dap"))
    assert [row.incident.code for row in found.rows] == [lived_in[0].code]


def down_and_up() -> None:
    moved("0001", down=True)
    moved("head", down=False)
    db.session.remove()


def called() -> list[str]:
    people = {by_username(name).id: name for name in cast.CHATS}
    wanted = select(Alert.member_id).where(Alert.kind == AlertKind.escalation, Alert.member_id.is_not(None))
    return [people[one] for one in db.session.scalars(wanted.order_by(Alert.id)) if one]


def test_what_nobody_has_taken_climbs_from_the_upgrade_on(desk: Flask) -> None:
    mai = cast.actor("mai")
    crisis = intake.log(mai, "Tin vỡ đập", 4, place="xã Bảo Nhai").id
    intake.log(mai, "việc nhỏ", 1, kind=Kind.watch)
    held = intake.log(mai, "tin khác", 3)
    assignments.acknowledge(cast.actor("an"), held.code)
    report, _ = quick_reports.send(cast.actor("giang"), "Đập có vết nứt", "t:1", severity=3, ask=False)
    report_id = report.id
    down_and_up()
    rows = db.session.scalars(select(Escalation).order_by(Escalation.id)).all()
    part = db.session.scalars(select(Assignment).where(Assignment.incident_id == crisis)).all()[-1]
    assert {(row.key, row.target, row.next_at - row.started_at) for row in rows if row.next_at} == {
        (f"incident:{crisis}:1:2", "deputy", timedelta(minutes=5)),
        (f"assignment:{part.id}:1:1", "deputy", timedelta(minutes=15)),
        (f"quick_report:{report_id}:1:1", "deputy", timedelta(minutes=10)),
    }
    assert escalation.climb() == 0, "nobody is called at once for what an older desk never chased"
    assert escalation.climb(utc_now() + timedelta(minutes=5, seconds=5)) == 1
    assert called() == ["son"]
    assert escalation.climb(utc_now() + timedelta(minutes=15, seconds=5)) > 1


def test_a_level_told_before_is_told_again_after_the_way_down_and_up(desk: Flask) -> None:
    intake.log(cast.actor("mai"), "Tin vỡ đập", 4)
    escalation.climb(utc_now() + timedelta(minutes=5, seconds=5))
    down_and_up()
    assert escalation.climb(utc_now() + timedelta(minutes=5, seconds=5)) == 1
    assert called() == ["son", "son"]


def test_whoever_holds_something_is_asked_after_the_upgrade(desk: Flask) -> None:
    incident = intake.log(cast.actor("mai"), "Tin vỡ đập", 3, place="xã Bảo Nhai")
    assignments.acknowledge(cast.actor("an"), incident.code)
    assignments.acknowledge(cast.actor("giang"), incident.code)
    down_and_up()
    assert holding.watch(utc_now() + timedelta(minutes=59)) == 0
    assert holding.watch(utc_now() + timedelta(minutes=61)) == 2
    asked = db.session.scalars(select(Alert.member_id).where(Alert.kind == AlertKind.still)).all()
    assert set(asked) == {by_username("an").id, by_username("giang").id}, "the holder's own part is not asked about"


def test_what_an_activation_granted_ends_on_the_way_down(desk: Flask) -> None:
    crisis = intake.log(cast.actor("mai"), "Tin vỡ đập", 4)
    triage.restrict(cast.actor("binh"), crisis.code, [by_username("ha").id])
    activation.activate(
        cast.actor("ha"), crisis.code, decision="1/QĐ", decided_on=today(), head="cuong", members=["giang"]
    )
    assert cast.actor("cuong").has(Role.lead)
    code = crisis.code
    down_and_up()
    assert not cast.actor("cuong").has(Role.lead)
    assert cast.actor("cuong").has(Role.member), "what he was before he stays"
    assert not cast.actor("giang").has(Role.member)
    for username in ("cuong", "giang"):
        with pytest.raises(NotFound):
            visibility.find(cast.actor(username), code)
    assert visibility.find(cast.actor("ha"), code)
