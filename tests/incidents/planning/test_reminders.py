"""What the calendar and proposals tell by themselves."""

from datetime import UTC, datetime, timedelta

import time_machine
from flask import Flask
from sqlalchemy import select

from incidents import due
from incidents.cases import recount
from incidents.db import db
from incidents.planning import amendments
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind
from tests import cast

MORNING = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)  # 09:00 in Viet Nam


def told(key: str) -> set[int | None]:
    rows = db.session.scalars(select(Alert).where(Alert.kind == AlertKind.notice)).all()
    return {row.member_id for row in rows if row.facts.get("key") == key}


def test_a_year_nobody_confirmed_is_told_once_on_the_first_of_december(desk: Flask) -> None:
    with time_machine.travel(MORNING - timedelta(days=1)):
        due.sweep()
        assert told("calendar.missing") == set()
    with time_machine.travel(MORNING):
        due.sweep()
        due.sweep()
        count = len(db.session.scalars(select(Alert).where(Alert.cause == "calendar.missing:2027")).all())
        assert told("calendar.missing") == {cast.actor("binh").id, cast.actor("chi").id}
        assert count == 2


def test_a_confirmed_year_is_not_told(desk: Flask) -> None:
    row = amendments.propose(
        cast.actor("chi"), "calendar", "2027", {"day": "confirmed"}, "đã đối chiếu thông báo nghỉ Tết"
    )
    recount.decide_calendar(cast.actor("binh"), row.id, True)
    with time_machine.travel(MORNING):
        due.sweep()
    assert told("calendar.missing") == set()


def test_the_lead_hears_of_a_proposal(desk: Flask) -> None:
    amendments.propose(cast.actor("chi"), "calendar", "2027", {"day": "confirmed"}, "đã đối chiếu thông báo nghỉ Tết")
    assert told("planning.proposed") == {cast.actor("binh").id}
