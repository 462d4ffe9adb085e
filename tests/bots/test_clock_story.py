"""Clocks: dialogue D60 of the bot's book, which marks make a sound, and the update nobody has given."""

from datetime import timedelta

import pytest

from incidents.cases import doing, notes
from incidents.cases.models import Clock, Entry
from incidents.cases.rhythm import UPDATED
from incidents.db import utc_now
from incidents.telling.models import Alert
from incidents.vocabulary import AlertState
from playbooks.worktime import ZONE
from tests.bots.conftest import Room
from tests.bots.test_step_story import log, make_due, step
from tests.cast import actor


def test_a_step_that_came_due_while_the_worker_stood_still_is_told_once_with_its_true_time(each_room: Room) -> None:
    room = each_room
    code = log(room)
    clock = make_due(room, 1, -10)
    room.sweep()
    room.sweep()
    room.settle()
    late = [text for text in room.said("an") if text.startswith(f"⏱ Trễ hạn: {code} · bước 1: ")]
    assert len(late) == 1
    assert "(trễ 10 phút)" in late[0]
    assert f"Thông báo này gửi muộn: mốc đúng là {clock.due_at.astimezone(ZONE):%H:%M}" in late[0]


def test_a_step_alert_whose_step_is_done_is_not_sent(room: Room) -> None:
    code = log(room)
    make_due(room, 1, 0)
    room.sweep()
    with room.app.app_context():
        doing.tick(actor("an"), code, "1", result="https://mxh.example/p/881")
    room.settle()
    assert room.count(Alert, Alert.kind == "step_overdue", Alert.state == AlertState.superseded) > 0
    assert not any("Trễ hạn" in text for text in room.said("an"))


@pytest.mark.parametrize(
    ("share", "hard", "told"),
    [(0.5, False, False), (0.5, True, True), (0.8, False, True), (0.99, False, True)],
)
def test_the_half_way_mark_only_edits_the_card_unless_the_law_sets_the_time(
    room: Room, share: float, hard: bool, told: bool
) -> None:
    log(room)
    with room.app.app_context():
        clock_id = step(room).clocks[0].id
    now, whole = utc_now(), timedelta(hours=40)
    start = now - whole * share
    room.change(
        Clock, Clock.id == clock_id,
        anchor_at=start, due_at=start + whole, warn_at=[now.isoformat()], next_mark_at=now, hard=hard,
    )  # fmt: skip
    room.sweep()
    room.settle()
    soon = [text for text in room.said("an") if "Sắp đến hạn" in text]
    assert bool(soon) is told
    assert not told or ("hạn luật" in soon[0]) is hard


def update_is_due(room: Room) -> str:
    """A Cấp 3 incident on which nobody has said anything for its whole interval."""
    code = log(room)
    now = utc_now()
    room.change(Clock, Clock.anchor == UPDATED, due_at=now, next_mark_at=now)
    room.sweep()
    return code


def test_an_update_nobody_gave_is_asked_for_and_may_be_typed_at_once(each_room: Room) -> None:
    room = each_room
    code = update_is_due(room)
    room.settle()
    asked = [text for text in room.said("an") if text.startswith(f"⏱ {code}: đã quá giờ cập nhật tình hình")]
    assert len(asked) == 1
    room.press("an", "Ghi diễn biến")
    room.say("an", "Đập bình thường, xã đang phát loa")
    assert room.one(Entry, Entry.kind == "note").text == "Đập bình thường, xã đang phát loa"


def test_an_update_given_meanwhile_is_not_asked_for(room: Room) -> None:
    code = update_is_due(room)
    with room.app.app_context():
        notes.note(actor("mai"), code, "Đập bình thường")
    room.settle()
    assert not any("quá giờ cập nhật" in text for text in room.said("an"))
