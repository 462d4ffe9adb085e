"""Every revision goes up and down with data on both databases, and loses none of what both know (promises R20)."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from incidents import migrations
from incidents.cases import assignments, intake, timeline
from incidents.cases.models import Clock
from incidents.db import db, transaction, utc_now
from incidents.vocabulary import Kind
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
