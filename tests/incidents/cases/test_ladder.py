"""The ladder as data: defaults, what was written instead, what is refused; and a test through the whole of it."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from incidents.cases import intake, ladder, ladder_tests
from incidents.cases.models import Rung
from incidents.db import db, transaction, utc_now
from incidents.errors import BadInput, NotAllowed, NotFound, StaleVersion, TooManyTries
from incidents.people import agencies
from incidents.people.members import by_username
from incidents.people.models import LogLine
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind
from tests import cast

OWN = [(0, "contact"), (5, "head"), (20, "lead")]


def set_own(code: str = "", rungs: list[tuple[int, str]] | None = None, **more: object) -> ladder.Ladder:
    return ladder.set_rungs(
        cast.actor("binh"), "agency", code, 3, OWN if rungs is None else rungs, "thử", **more  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_desk_begins_with_the_ladders_of_the_book(desk: Flask) -> None:
    assert ladder.rungs("incident", None, 4) == ((0, "duty"), (0, "lead"), (5, "deputy"), (10, "leader"))
    assert ladder.rungs("incident", None, 3) == ((0, "duty"), (10, "deputy"), (20, "lead"))
    assert ladder.rungs("incident", None, 2) == ((0, "duty"), (30, "deputy"))
    assert ladder.rungs("incident", None, 1) == ((0, "duty"),)
    assert ladder.rungs("agency", 1, 4) == ((0, "contact"), (15, "deputy"), (30, "head"), (45, "lead"))
    assert ladder.rungs("agency", 1, 2) == ((0, "contact"), (120, "deputy"), (240, "head"), (480, "lead"))


def test_an_agencys_own_ladder_wins_over_the_general_one(desk: Flask) -> None:
    own, other = (agencies.by_code(code) for code in ("x_bao_nhai", "x_bac_ha"))
    assert own is not None
    assert other is not None
    set_own(rungs=[(0, "contact"), (60, "lead")])
    set_own("x_bao_nhai")
    assert ladder.rungs("agency", own.id, 3) == tuple(OWN)
    assert ladder.rungs("agency", other.id, 3) == ((0, "contact"), (60, "lead"))
    assert ladder.rungs("agency", own.id, 4)[1] == (15, "deputy"), "another level keeps its own"
    set_own("x_bao_nhai", rungs=[])
    assert ladder.rungs("agency", own.id, 3) == ((0, "contact"), (60, "lead"))


def test_a_change_keeps_the_old_rows_and_stands_in_the_log(desk: Flask) -> None:
    set_own()
    set_own(rungs=[(0, "contact")])
    ended = db.session.scalars(select(Rung).where(Rung.ended_at.is_not(None))).all()
    assert [(row.minutes, row.target, row.end_reason) for row in ended] == [(m, t, "thử") for m, t in OWN]
    assert len(db.session.scalars(select(LogLine).where(LogLine.action == "edit_ladder")).all()) == 2
    set_own(rungs=[(0, "contact")])
    assert len(db.session.scalars(select(Rung)).all()) == 4, "the same again changes nothing"


@pytest.mark.parametrize(
    ("field", "rungs"),
    [
        ("rungs", [(0, "contact"), (30, "lead"), (10, "head")]),
        ("rungs", [(5, "contact")]),
        ("rungs", [(0, "contact"), (10, "press")]),
        ("rungs", [(0, "contact"), (-5, "lead")]),
        ("rungs", [(0, "contact"), (7 * 24 * 60 + 1, "lead")]),
        ("rungs", [(0, "contact"), (5, "lead"), (5, "lead")]),
        ("rungs", [(0, "contact"), *((n, "lead") for n in range(1, 7))]),
    ],
)
def test_a_ladder_nobody_could_climb_is_refused(desk: Flask, field: str, rungs: list[tuple[int, str]]) -> None:
    with pytest.raises(BadInput) as refused:
        set_own(rungs=rungs)
    assert refused.value.field == field
    assert db.session.scalars(select(Rung)).all() == []


def test_a_reason_a_known_agency_and_the_right_are_needed(desk: Flask) -> None:
    for code, field in (("nowhere", "agency"), ("so_tttt", "agency"), ("facebook", "agency")):
        with pytest.raises(BadInput) as refused:
            set_own(code)
        assert refused.value.field == field
    with pytest.raises(BadInput) as refused:
        ladder.set_rungs(cast.actor("binh"), "agency", "", 3, OWN, "")
    assert refused.value.field == "reason"
    with pytest.raises(BadInput):
        ladder.set_rungs(cast.actor("binh"), "incident", "x_bac_ha", 3, [(0, "duty")], "thử")
    with pytest.raises(NotAllowed):
        ladder.set_rungs(cast.actor("an"), "agency", "", 3, OWN, "thử")


def test_the_second_of_two_editors_is_told(desk: Flask) -> None:
    seen = ladder.rungs("agency", None, 3)
    set_own(seen=seen)
    with pytest.raises(StaleVersion):
        set_own(rungs=[(0, "contact")], seen=seen)
    assert ladder.rungs("agency", None, 3) == tuple(OWN)


def test_a_ladder_that_was_written_decides_who_is_told(desk: Flask) -> None:
    ladder.set_rungs(cast.actor("binh"), "incident", "", 3, [(0, "lead"), (10, "duty")], "thử")
    preview = intake.who_will_be_told(cast.actor("an"), 3)
    assert [member.username for member in preview] == ["binh"]


def test_a_test_goes_through_every_level_marked_and_kept(desk: Flask) -> None:
    test = ladder_tests.send(cast.actor("binh"), "incident", "", 4)
    assert [level["names"] for level in test.levels] == [
        ["Nguyễn An", "Hoàng Thị Mai"], ["Trần Văn Bình"], ["Lò Văn Sơn"], ["Lê Thị Hà"],
    ]  # fmt: skip
    sent = db.session.scalars(select(Alert).where(Alert.kind == AlertKind.ladder_test).order_by(Alert.id)).all()
    assert [alert.facts["level"] for alert in sent] == [1, 1, 2, 3, 4]
    assert all(alert.incident_id is None for alert in sent)


def test_an_answer_is_recorded_once(desk: Flask) -> None:
    test = ladder_tests.send(cast.actor("binh"), "incident", "", 1)
    _, sent = ladder_tests.get(cast.actor("binh"), test.id)
    first = utc_now()
    with transaction():
        assert ladder_tests.received(sent[0].id, first)
        assert ladder_tests.received(sent[0].id, first + timedelta(minutes=1))
        assert not ladder_tests.received(10_000, first)
    assert sent[0].pressed_at == first
    assert sent[0].member_id == by_username("an").id


def test_one_ladder_is_tested_once_a_minute_by_those_who_may(desk: Flask) -> None:
    ladder_tests.send(cast.actor("an"), "agency", "x_bao_nhai", 3)
    with pytest.raises(TooManyTries):
        ladder_tests.send(cast.actor("binh"), "agency", "x_bao_nhai", 3)
    ladder_tests.send(cast.actor("an"), "agency", "x_bac_ha", 3)
    with time_machine.travel(utc_now() + timedelta(seconds=61)):
        ladder_tests.send(cast.actor("an"), "agency", "x_bao_nhai", 3)
    with pytest.raises(NotAllowed):
        ladder_tests.send(cast.actor("giang"), "incident", "", 3)
    with pytest.raises(NotFound):
        ladder_tests.get(cast.actor("an"), 99)
