"""R13: clocks survive stops and wrong clocks. Ordinary run 50 clocks, 500 with SOAK=1."""

import os
import random
from collections import Counter
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from incidents import due
from incidents.cases import clocks, intake
from incidents.cases.models import Clock, ClockMark, Entry
from incidents.db import db, transaction, utc_now
from incidents.vocabulary import ClockState, EntryKind, Kind
from tests import cast

SOAK = bool(os.environ.get("SOAK"))
CLOCKS = 500 if SOAK else 50
STOPS = [0, 1, 7, 30, 72]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUMPS = [-HOUR, HOUR, -DAY, DAY]
TOLD = (EntryKind.clock_soon, EntryKind.clock_overdue, EntryKind.update_due)


def many_clocks(count: int) -> list[int]:
    """Incidents of every level until that many clocks run; their ids."""
    an, levels = cast.actor("an"), random.Random(13)
    while True:
        intake.log(
            an, "Tin vỡ đập", levels.randint(1, 4), kind=Kind.suspected_false, category="disaster", place="xã Bảo Nhai"
        )
        running = list(db.session.scalars(select(Clock.id).where(Clock.state == ClockState.running).order_by(Clock.id)))
        if len(running) >= count:
            return running[:count]


def keep_only(ids: list[int]) -> None:
    """The others stop, so that the count is exact."""
    with transaction():
        for clock in db.session.scalars(select(Clock).where(Clock.state == ClockState.running, Clock.id.not_in(ids))):
            clock.state, clock.next_mark_at = ClockState.cancelled, None


def told() -> list[Entry]:
    return list(db.session.scalars(select(Entry).where(Entry.kind.in_(TOLD)).order_by(Entry.id)))


def check(ids: list[int], told_at: dict[int, datetime]) -> None:
    """Every threshold marked once, none before its time, the late ones said to be late with the true time."""
    marks = db.session.scalars(select(ClockMark).where(ClockMark.clock_id.in_(ids))).all()
    assert max(Counter((mark.clock_id, mark.threshold) for mark in marks).values()) == 1
    for clock in db.session.scalars(select(Clock).where(Clock.id.in_(ids))):
        own = {mark.threshold for mark in marks if mark.clock_id == clock.id}
        expected = {f"warn:{at:%Y%m%dT%H%M%S}" for at in clocks.warnings(clock)}
        assert own == expected | {f"due:{clock.due_at:%Y%m%dT%H%M%S}"}
    for entry in told():
        looked_at = told_at[entry.id]
        assert entry.happened_at <= looked_at
        assert entry.facts["told_late"] == (looked_at - entry.happened_at > timedelta(minutes=2))


def look(now: datetime, told_at: dict[int, datetime]) -> None:
    """One tick of the worker at what the host says is ``now``."""
    with time_machine.travel(now, tick=False):
        due.sweep()
        for entry in told():
            told_at.setdefault(entry.id, now)


@pytest.mark.promise("R13")
@pytest.mark.parametrize("hours", STOPS)
def test_a_stopped_worker_tells_every_threshold_once_and_says_what_is_late(desk: Flask, hours: int) -> None:
    ids, told_at = many_clocks(CLOCKS), dict[int, datetime]()
    keep_only(ids)
    start, last = (
        utc_now(),
        max(c.due_at for c in db.session.scalars(select(Clock).where(Clock.id.in_(ids))) if c.due_at),
    )
    stop = random.Random(hours).uniform(0, 2)
    look(start + timedelta(hours=stop), told_at)
    look(start + timedelta(hours=stop + hours), told_at)
    keep_only(ids)  # the next updates of the rhythm are clocks of their own
    look(max(last, start + timedelta(hours=stop + hours)) + timedelta(minutes=1), told_at)
    check(ids, told_at)


@pytest.mark.promise("R13")
@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_host_clock_that_jumps_and_comes_back_repeats_nothing(desk: Flask, jump: timedelta) -> None:
    ids, told_at = many_clocks(CLOCKS), dict[int, datetime]()
    keep_only(ids)
    start = utc_now()
    for minutes in (30, 60, 90):
        look(start + timedelta(minutes=minutes), told_at)
        look(start + timedelta(minutes=minutes) + jump, told_at)
        keep_only(ids)
    before = len(told())
    look(start + timedelta(minutes=91), told_at)
    assert len(told()) - before <= len(ids)  # only what really came due in between
    last = max(c.due_at for c in db.session.scalars(select(Clock).where(Clock.id.in_(ids))) if c.due_at)
    keep_only(ids)
    look(max(last, start + timedelta(days=2)) + timedelta(minutes=1), told_at)
    check(ids, told_at)
