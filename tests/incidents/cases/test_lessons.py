"""Lessons of an incident: written with owner and date, and laid beside the next draft once the incident has ended."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from incidents.cases import intake, lessons, moves, triage
from incidents.cases.models import Entry, Incident, Lesson
from incidents.db import db
from incidents.errors import BadInput, NotAllowed, StateSecret
from incidents.people.members import today
from incidents.planning import version_rows, versions
from incidents.vocabulary import EntryKind, Kind
from tests import cast

PB01 = "pb01_false_info_social"
TEXT = "Gọi cơ quan được nêu trước khi chụp bài"


@pytest.fixture
def rumour(desk: Flask) -> Incident:
    return intake.log(cast.actor("an"), "Tin sáp nhập", 2, kind=Kind.suspected_false, category="organisation")


def end(incident: Incident) -> None:
    moves.move(cast.actor("binh"), incident.code, "not_accepted", reason="test_message")


def test_a_lesson_has_its_entry_owner_and_date(rumour: Incident) -> None:
    due = today() + timedelta(days=30)
    lesson = lessons.add(
        cast.actor("an"), rumour.code, TEXT, playbook=PB01, step="capture_evidence", owner="son", due_on=due
    )
    entry = db.session.scalar(select(Entry).where(Entry.kind == EntryKind.lesson))
    assert entry is not None
    assert entry.text == TEXT
    assert entry.facts == {
        "owner": "Lò Văn Sơn", "due_on": f"{due:%d/%m/%Y}", "playbook": PB01, "step": "capture_evidence",
    }  # fmt: skip
    assert [one.id for one in lessons.of(rumour)] == [lesson.id]


def test_a_lesson_is_also_written_after_the_end(rumour: Incident) -> None:
    end(rumour)
    assert lessons.add(cast.actor("binh"), rumour.code, TEXT).playbook == ""


def test_a_step_alone_names_its_playbook(rumour: Incident) -> None:
    assert lessons.add(cast.actor("an"), rumour.code, TEXT, step="apply_label").playbook == PB01


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"playbook": "pb08_crisis_activation"}, "playbook"),
        ({"step": "no_such_step"}, "step"),
        ({"owner": "nobody"}, "owner"),
        ({"due_on": today() - timedelta(days=1)}, "due_on"),
    ],
)
def test_a_lesson_about_what_is_not_there_is_refused(rumour: Incident, more: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        lessons.add(cast.actor("an"), rumour.code, TEXT, **more)  # type: ignore[arg-type]
    assert refused.value.field == field
    with pytest.raises(StateSecret):
        lessons.add(cast.actor("an"), rumour.code, "[MẬT] bài học")


def test_who_only_reads_adds_no_lesson(rumour: Incident) -> None:
    with pytest.raises(NotAllowed):
        lessons.add(cast.actor("lan"), rumour.code, TEXT)


def test_lessons_of_ended_incidents_become_a_draft_and_are_taken_once(rumour: Incident) -> None:
    lessons.add(cast.actor("an"), rumour.code, TEXT, step="capture_evidence", owner="son")
    assert lessons.waiting(cast.actor("son"), PB01) == []
    with pytest.raises(lessons.NoLessons):
        lessons.take(cast.actor("son"), PB01)
    end(rumour)
    row = lessons.take(cast.actor("son"), PB01)
    assert (row.version, row.state) == (2, "draft")
    assert [(one["incident"], one["step"], one["text"], one["owner"]) for one in row.lessons] == [
        (rumour.code, "capture_evidence", TEXT, "Lò Văn Sơn")
    ]
    assert db.session.scalar(select(Lesson.taken_into)) == 2
    with pytest.raises(lessons.NoLessons):
        lessons.take(cast.actor("son"), PB01)


def test_lessons_of_a_discarded_draft_wait_again(rumour: Incident) -> None:
    lessons.add(cast.actor("an"), rumour.code, TEXT, step="capture_evidence")
    end(rumour)
    row = lessons.take(cast.actor("son"), PB01)
    versions.discard(cast.actor("son"), PB01, row.revision)
    assert len(lessons.waiting(cast.actor("son"), PB01)) == 1
    assert lessons.take(cast.actor("son"), PB01).lessons[0]["text"] == TEXT


def test_a_lesson_goes_into_the_draft_that_is_there_and_its_editor_does_not_approve(rumour: Incident) -> None:
    versions.new_draft(cast.actor("chi"), PB01)
    lessons.add(cast.actor("an"), rumour.code, TEXT, playbook=PB01)
    end(rumour)
    lessons.take(cast.actor("son"), PB01)
    row = version_rows.draft_of(PB01)
    assert row is not None
    assert (row.version, len(row.lessons)) == (2, 1)
    with pytest.raises(NotAllowed):
        lessons.take(cast.actor("an"), PB01)


def test_a_restricted_incident_is_not_named_in_the_draft(rumour: Incident) -> None:
    lessons.add(cast.actor("an"), rumour.code, TEXT, playbook=PB01)
    end(rumour)
    triage.restrict(cast.actor("son"), rumour.code, [cast.actor("son").id or 0])
    assert lessons.waiting(cast.actor("chi"), PB01) == []
    row = lessons.take(cast.actor("son"), PB01)
    assert lessons.readable(cast.actor("son"), row.lessons)[0]["text"] == TEXT
    hidden = lessons.readable(cast.actor("chi"), row.lessons)[0]
    assert (hidden["incident"], hidden["text"]) == ("", "")
