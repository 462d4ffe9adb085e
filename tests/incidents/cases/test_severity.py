"""Seven answers, floors, a person who decides; the playbook of activation; the rhythm of updates."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from incidents import due
from incidents.cases import intake, notes, severity, triage
from incidents.cases.models import Assessment, Clock, Entry, Incident
from incidents.db import db, utc_now
from incidents.errors import BadInput, NotAllowed
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, ClockState, EntryKind, Kind
from tests import cast

# The answers of the five demo scenarios (domain 10), in the order of the questions, and the level they give.
SCENARIOS = [
    ((1, 3, 0, 3, 2, 3, 1), {"kind": "suspected_false", "category": "disaster"}, 13, 3),
    ((2, 3, 1, 3, 3, 3, 2), {"kind": "suspected_false", "category": "disaster"}, 17, 4),
    ((1, 1, 0, 1, 1, 0, 1), {"kind": "impersonation"}, 5, 2),
    ((1, 1, 0, 1, 1, 1, 1), {"kind": "public_feedback"}, 6, 2),
    ((0, 2, 0, 2, 2, 1, 2), {"kind": "harmful_content"}, 9, 3),
    ((1, 1, 1, 0, 1, 0, 1), {"kind": "suspected_false"}, 5, 2),
]


def answers(values: tuple[int, ...]) -> dict[str, int]:
    return dict(zip(severity.QUESTIONS, values, strict=True))


@pytest.mark.parametrize(("values", "facts", "score", "level"), SCENARIOS)
def test_the_demo_scenarios_get_the_level_of_the_domain_book(values, facts, score, level) -> None:  # type: ignore[no-untyped-def]
    found = severity.assess(answers(values), facts)
    assert (found.score, found.level) == (score, level)


@pytest.mark.parametrize("score", range(20))
def test_the_sum_alone_gives_the_level(score: int) -> None:
    """Harm and offline stay below 3, so that no floor holds: 19 is the most there is then."""
    most = {"harm": 2, "offline": 2}
    made, left = {}, score
    for name in severity.QUESTIONS:
        made[name] = min(left, most.get(name, 3))
        left -= made[name]
    assert left == 0
    assert severity.assess(made, {}).level == (1 if score < 5 else 2 if score < 10 else 3 if score < 15 else 4)


@pytest.mark.parametrize(
    ("values", "facts", "level", "floor"),
    [
        ((0, 0, 0, 3, 0, 0, 0), {}, 3, "harm"),
        ((0, 0, 0, 0, 0, 0, 3), {}, 4, "offline"),
        ((0, 0, 0, 0, 0, 0, 0), {"safety": True}, 3, "safety"),
        ((0, 0, 0, 0, 0, 0, 0), {"kind": "harmful_content"}, 3, "harmful_content"),
        ((0, 0, 0, 0, 0, 0, 0), {"category": "disaster", "disaster_announced": True}, 3, "disaster"),
    ],
)
def test_a_floor_raises_the_level_and_is_named(values, facts, level, floor) -> None:  # type: ignore[no-untyped-def]
    found = severity.assess(answers(values), facts)
    assert (found.level, found.by_score, found.floors) == (level, 1, (floor,))


def test_a_disaster_nobody_announced_is_no_floor() -> None:
    assert severity.assess(answers((0,) * 7), {"category": "disaster"}).level == 1


@pytest.fixture
def rumour(desk: Flask) -> Incident:
    return intake.log(cast.actor("an"), "Tin sáp nhập", 2, kind=Kind.suspected_false, category="organisation")


def newest(kind: EntryKind) -> Entry:
    found = db.session.scalar(select(Entry).where(Entry.kind == kind).order_by(Entry.id.desc()).limit(1))
    assert found is not None
    return found


def test_the_answers_and_their_reasons_stand_in_the_entry(rumour: Incident) -> None:
    given = answers((2, 2, 2, 2, 2, 1, 1))
    triage.assess(cast.actor("binh"), rumour.code, given, 3)
    entry = newest(EntryKind.severity)
    assert rumour.severity == 3
    assert entry.facts["assessed"] == {"answers": given, "score": 12, "level": 3, "floors": []}
    assert "12 điểm" in entry.text
    row = db.session.scalar(select(Assessment))
    assert row is not None
    assert (row.level, row.chosen, row.answers) == (3, 3, given)


def test_another_choice_than_the_result_needs_a_reason(rumour: Incident) -> None:
    given = answers((2, 2, 2, 2, 2, 1, 1))
    with pytest.raises(BadInput) as refused:
        triage.assess(cast.actor("binh"), rumour.code, given, 2)
    assert refused.value.field == "reason"
    assert "Cấp 3" in refused.value.text()
    triage.assess(cast.actor("binh"), rumour.code, given, 2, "đã có phát ngôn, dư luận lắng")
    assert newest(EntryKind.severity).text == "đã có phát ngôn, dư luận lắng"
    assert rumour.severity == 2


def test_an_answer_left_out_is_named(rumour: Incident) -> None:
    given: dict[str, str] = dict.fromkeys(severity.QUESTIONS, "1") | {"belief": ""}
    with pytest.raises(BadInput) as refused:
        triage.assess(cast.actor("an"), rumour.code, given, 2)
    assert refused.value.field == "belief"
    assert "Niềm tin" in refused.value.text()


def test_a_level_above_ones_right_is_proposed_by_the_answers_too(rumour: Incident) -> None:
    triage.assess(cast.actor("an"), rumour.code, answers((3, 3, 3, 3, 3, 3, 3)), 4)
    assert (rumour.severity, rumour.severity_confirmed) == (4, False)
    assert {row["code"] for row in rumour.playbooks} == {"PB-01", "PB-08"}


def test_lowering_by_answers_obeys_the_right_to_lower(desk: Flask) -> None:
    incident = intake.log(cast.actor("binh"), "Kích động", 4, kind=Kind.suspected_false)
    with pytest.raises(NotAllowed):
        triage.assess(cast.actor("an"), incident.code, answers((0,) * 7), 1)
    assert incident.severity == 4
    assert db.session.scalar(select(Assessment)) is None


# --- the rhythm of updates


def rhythm(incident: Incident) -> list[tuple[str, float]]:
    rows = db.session.scalars(
        select(Clock).where(Clock.incident_id == incident.id, Clock.anchor == "last_update_at").order_by(Clock.id)
    )
    return [(c.state, (c.due_at - c.anchor_at).total_seconds() / 3600) for c in rows if c.due_at and c.anchor_at]


@pytest.mark.parametrize(("level", "hours"), [(1, 24), (2, 8), (3, 4), (4, 1)])
def test_every_level_has_its_rhythm(desk: Flask, level: int, hours: int) -> None:
    incident = intake.log(cast.actor("binh"), "tin", level, kind=Kind.suspected_false)
    assert rhythm(incident) == [("running", hours)]


def test_a_crisis_is_updated_every_hour_at_first_then_every_two(desk: Flask) -> None:
    incident = intake.log(cast.actor("binh"), "tin", 4, kind=Kind.suspected_false)
    with time_machine.travel(utc_now() + timedelta(hours=7)):
        notes.note(cast.actor("binh"), incident.code, "đang xử lý")
    assert rhythm(incident)[-1] == ("running", 2)


def test_a_note_meets_the_update_and_starts_the_next(rumour: Incident) -> None:
    notes.note(cast.actor("an"), rumour.code, "chưa có gì mới")
    assert [state for state, _ in rhythm(rumour)] == ["met", "running"]


def test_a_missed_update_is_told_once_counted_and_followed_by_the_next(rumour: Incident) -> None:
    late = rumour.opened_at + timedelta(hours=8, minutes=1)
    due.sweep(late)
    due.sweep(late)
    assert rhythm(rumour) == [("missed", 8), ("running", 8)]
    assert newest(EntryKind.update_due).facts["clock"] == "Cập nhật tình hình"
    clock = db.session.scalar(select(Clock).where(Clock.state == ClockState.missed))
    assert clock is not None
    told = db.session.scalars(select(Alert).where(Alert.cause.startswith(f"clock:{clock.id}:"))).all()
    assert {alert.kind for alert in told} == {AlertKind.step_overdue}
    assert len(told) == len({alert.member_id for alert in told}) > 0


def test_raising_the_level_shortens_the_running_update(rumour: Incident) -> None:
    triage.set_severity(cast.actor("binh"), rumour.code, 3, "lan rộng")
    assert rhythm(rumour) == [("running", 4)]
