"""Sentences, lengths of time, and times as people type them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask, g

from desk.forms import times
from desk.shown import clocks, deliveries, entries, sentences
from incidents.cases import triage
from incidents.errors import BadInput
from incidents.vocabulary import AlertKind, EntryKind
from tests import cast

FACTS: dict[EntryKind, dict[str, Any]] = {
    EntryKind.opened: {"severity": 3},
    EntryKind.quick_report: {"report": "BN-0001", "from": "Giang", "agency": "Bảo Nhai"},
    EntryKind.correction: {"corrects": 3},
    EntryKind.edited: {"changed": {"place": ["", "Sa Pa"], "safety": [False, True], "kind": ["watch", "impersonation"]}},
    EntryKind.severity: {"old": 2, "new": 4, "confirmed": False},
    EntryKind.moved: {"from": "new", "to": "transferred", "receiver": "Bộ", "document": "12", "into": "SK-2026-0001"},
    EntryKind.assigned: {"agency": "PA05", "part": "support", "due_at": "2026-11-23T03:00:00+00:00"},
    EntryKind.assignment_ended: {"agency": "PA05"},
    EntryKind.acknowledged: {"agencies": ["PA05"], "holder": True},
    EntryKind.playbook_started: {"key": "pb02_rumour_disaster", "code": "PB-02", "name": "Tin đồn", "version": 1},
    EntryKind.step_done: {"step": "Gọi xã", "step_en": "Call", "reason": "vì"},
    EntryKind.step_skipped: {"step": "Gọi xã", "step_en": "Call"},
    EntryKind.step_reopened: {"step": "Gọi xã", "step_en": "Call"},
    EntryKind.anchor: {"anchor": "concluded_at", "old": "2026-11-23T03:00:00+00:00", "new": "2026-11-23T04:00:00+00:00"},
    EntryKind.clock_soon: {"clock": "Phát ngôn", "clock_en": "Statement", "due_at": "2026-11-23T03:00:00+00:00"},
    EntryKind.clock_overdue: {"clock": "Phát ngôn", "clock_en": "Statement", "due_at": None, "told_late": True},
    EntryKind.undelivered: {"name": "Hà", "reason": "blocked"},
    EntryKind.merged: {"from": "SK-2026-0002", "what": "Tin vỡ đập"},
    EntryKind.restricted: {"restricted": True, "readers": 3},
}  # fmt: skip


def read_in(app: Flask, lang: str) -> Any:
    """A request of An's, who reads in this language."""
    context = app.test_request_context("/")
    context.push()
    actor = cast.actor("an")
    g.actor = type(actor)(**(vars(actor) | {"lang": lang}))
    return context


@pytest.mark.parametrize("kind", list(EntryKind))
def test_every_kind_of_entry_is_worded_in_both_languages(app: Flask, kind: EntryKind) -> None:
    said = {}
    for lang in ("vi", "en"):
        context = read_in(app, lang)
        said[lang] = sentences.sentence(kind, FACTS.get(kind, {}))
        context.pop()
    if kind == EntryKind.note:
        assert said == {"vi": "", "en": ""}  # a note is its writer's words
    else:
        assert said["vi"]
        assert said["en"]
        assert said["vi"] != said["en"]
        assert "{" not in said["vi"] + said["en"]


@pytest.mark.parametrize("kind", list(EntryKind))
def test_every_kind_of_entry_can_be_written_with_few_facts(app: Flask, kind: EntryKind) -> None:
    """An old entry, or one from another door, may lack what today's sentences use."""
    context = read_in(app, "vi")
    few = {EntryKind.severity: {"old": 1, "new": 1}}.get(kind, {})
    assert isinstance(sentences.sentence(kind, few), str)
    context.pop()


def test_every_kind_of_entry_has_its_place_among_the_filters() -> None:
    placed = [kind for kinds in entries.GROUPS.values() for kind in kinds]
    assert sorted(placed) == sorted(EntryKind)


def test_every_kind_of_alert_and_every_flag_has_words(app: Flask) -> None:
    context = read_in(app, "vi")
    assert set(deliveries.kinds()) == set(AlertKind)
    assert set(triage.FLAGS) <= set(sentences.field_names())
    context.pop()


@pytest.mark.parametrize(("seconds", "words"), [
    (20, "dưới 1 phút"), (60, "1 phút"), (8 * 60 + 59, "8 phút"), (3600, "1 giờ"), (7080, "1 giờ 58"),
    (86_400, "1 ngày"), (2 * 86_400 + 3 * 3600, "2 ngày 3 giờ"),
])  # fmt: skip
def test_a_length_of_time_has_two_units_at_most(seconds: int, words: str) -> None:
    assert clocks.span(timedelta(seconds=seconds)) == words
    assert clocks.remaining(timedelta(seconds=-seconds)) == f"trễ {words}"


NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # 12:00 in Viet Nam


@pytest.mark.parametrize(("typed", "meant"), [
    ("02:10 23/11/2026", "2026-11-22T19:10"), ("23/11/2026 02:10", "2026-11-22T19:10"), ("2:10", "2026-11-22T19:10"),
    ("11:59", "2026-11-23T04:59"), ("23:50", "2026-11-22T16:50"), ("2026-11-23T02:10", "2026-11-22T19:10"),
    ("2026-11-23T02:10+00:00", "2026-11-23T02:10"), ("2h10", "2026-11-22T19:10"), ("02:10 22/11", "2026-11-21T19:10"),
    ("  02:10   23/11/2026 ", "2026-11-22T19:10"), ("9g05", "2026-11-23T02:05"),
])  # fmt: skip
def test_a_time_is_read_as_people_type_it(typed: str, meant: str) -> None:
    with time_machine.travel(NOON, tick=False):
        at = times.read("at", typed)
    assert at is not None
    assert at.astimezone(UTC).isoformat()[:16] == meant


def test_an_hour_ahead_is_the_next_one() -> None:
    with time_machine.travel(NOON, tick=False):
        assert times.words(times.read("due_at", "11:00", ahead=True)) == "11:00 24/11/2026"
        assert times.words(times.read("due_at", "13:00", ahead=True)) == "13:00 23/11/2026"


@pytest.mark.parametrize("typed", ["mai", "25:00", "10:61", "31/02/2026 10:00", "10:00 1/1/0001", "9999-12-31T23:59", "10:00 01/13/2026",
                                   "१०:००", "-1:00", "10:00 01/01/20260", "\x00", "10" * 500])  # fmt: skip
def test_a_time_that_cannot_be_read_is_a_sentence(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        times.read("at", typed)
    assert refused.value.field == "at"


def test_a_blank_time_is_no_time_and_words_are_read_back() -> None:
    assert times.read("at", "  ") is None
    assert times.read("at", times.words(NOON)) == NOON
    assert times.words(None) == ""
