"""Swaps, what the roster reminds of by itself, and the note of one shift to the next."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select

from incidents import due
from incidents.cases import roster_reminders, swaps
from incidents.db import db
from incidents.errors import AlreadyDone, BadInput, NotAllowed
from incidents.people import members, roster
from incidents.people.models import Member, Shift, ShiftSwap
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, Role
from playbooks.worktime import ZONE
from tests import cast

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZONE)  # a Monday
HOUR = timedelta(hours=1)
HOME = "so_vhttdl"


@pytest.fixture
def desk(desk_app: Flask) -> Iterator[Flask]:
    with desk_app.app_context(), time_machine.travel(NOON, tick=False):
        yield desk_app


def add(username: str, after: float, hours: float = 8, agency: str = HOME) -> Shift:
    """A shift that begins so many hours after now."""
    start = NOON + after * HOUR
    return roster.add_shift(cast.actor("binh"), agency, username, start, start + hours * HOUR)


def told(key: str) -> list[tuple[str, dict[str, object]]]:
    """Who was told, with the facts."""
    rows = db.session.execute(
        select(Member.username, Alert.facts)
        .join(Member, Member.id == Alert.member_id)
        .where(Alert.kind == AlertKind.notice)
        .order_by(Alert.id)
    ).all()
    return [(row[0], row[1]) for row in rows if row[1]["key"] == key]


def test_an_accepted_swap_moves_the_shift_and_tells_who_asked_and_the_leads(desk: Flask) -> None:
    shift = add("an", 10)
    swap = swaps.ask(cast.actor("an"), shift.id, "mai", "con ốm")
    [(name, facts)] = told("swap.asked")
    assert (name, facts["who"], facts["shift"]) == ("mai", "Nguyễn An", "22:00 23/11 – 06:00 24/11")
    made = swaps.accept(cast.actor("mai"), swap.id)
    assert (made.member.username, made.starts_at, made.ends_at) == ("mai", shift.starts_at, shift.ends_at)
    assert (shift.withdrawn_at, shift.withdraw_reason) == (NOON, "Đổi ca cho Hoàng Thị Mai")
    assert {name for name, _ in told("swap.accepted")} == {"an", "binh", "son"}
    assert roster.on_duty(NOON + 11 * HOUR) == {shift.agency_id: [made.member_id]}


def test_of_a_running_shift_the_hours_served_stay_with_who_served_them(desk: Flask) -> None:
    shift = add("an", -2)
    swap = swaps.ask(cast.actor("an"), shift.id, "mai")
    swaps.accept(cast.actor("mai"), swap.id)
    left = roster.between(shift.agency_id, NOON - 3 * HOUR, NOON + 9 * HOUR)
    spans = [(one.member.username, one.starts_at, one.ends_at) for one in left]
    assert spans == [("an", NOON - 2 * HOUR, NOON), ("mai", NOON, NOON + 6 * HOUR)]
    assert Role.duty in cast.actor("mai").roles


def test_a_declined_swap_leaves_the_shift_and_says_why(desk: Flask) -> None:
    shift = add("an", 10)
    swap = swaps.ask(cast.actor("an"), shift.id, "mai")
    swaps.decline(cast.actor("mai"), swap.id, "đi công tác")
    assert [(name, facts["reason"]) for name, facts in told("swap.declined")] == [("an", "đi công tác")]
    assert shift.withdrawn_at is None
    with pytest.raises(AlreadyDone):
        swaps.accept(cast.actor("mai"), swap.id)


def test_a_request_can_be_taken_back_by_who_asked(desk: Flask) -> None:
    shift = add("an", 10)
    swap = swaps.ask(cast.actor("an"), shift.id, "mai")
    with pytest.raises(NotAllowed):
        swaps.withdraw(cast.actor("mai"), swap.id)
    assert swaps.withdraw(cast.actor("an"), swap.id).state == "withdrawn"
    with pytest.raises(AlreadyDone):
        swaps.accept(cast.actor("mai"), swap.id)
    assert swaps.ask(cast.actor("an"), shift.id, "son").id


def test_only_who_was_asked_can_answer(desk: Flask) -> None:
    swap = swaps.ask(cast.actor("an"), add("an", 10).id, "mai")
    for other in ("an", "son", "giang"):
        with pytest.raises(swaps.NoSuchSwap):
            swaps.accept(cast.actor(other), swap.id)
    with pytest.raises(swaps.NoSuchSwap):
        swaps.decline(cast.actor("mai"), 999)


@pytest.mark.parametrize(
    ("field", "to"), [("username", ""), ("username", "an"), ("username", "giang"), ("starts_at", "son")]
)
def test_an_impossible_swap_is_refused_with_its_reason(desk: Flask, field: str, to: str) -> None:
    shift = add("an", 10)
    add("son", 12)
    with pytest.raises(BadInput) as refusal:
        swaps.ask(cast.actor("an"), shift.id, to)
    assert refusal.value.field == field


def test_somebody_elses_shift_and_a_shift_already_asked_about_are_refused(desk: Flask) -> None:
    shift = add("an", 10)
    with pytest.raises(NotAllowed):
        swaps.ask(cast.actor("mai"), shift.id, "son")
    swaps.ask(cast.actor("an"), shift.id, "mai")
    with pytest.raises(BadInput, match="đang chờ Hoàng Thị Mai"):
        swaps.ask(cast.actor("an"), shift.id, "son")


def test_a_shift_taken_meanwhile_stops_the_swap(desk: Flask) -> None:
    """Mai got a shift of her own at that time after she was asked."""
    shift = add("an", 10)
    swap = swaps.ask(cast.actor("an"), shift.id, "mai")
    add("mai", 12, 2)
    with pytest.raises(BadInput):
        swaps.accept(cast.actor("mai"), swap.id)
    assert db.session.get_one(ShiftSwap, swap.id).state == "asked"
    assert db.session.get_one(Shift, shift.id).withdrawn_at is None


def test_withdrawing_the_shift_ends_its_request(desk: Flask) -> None:
    shift = add("an", 10)
    swap = swaps.ask(cast.actor("an"), shift.id, "mai")
    roster.withdraw_shift(cast.actor("binh"), shift.id, "đổi lịch")
    assert db.session.get_one(ShiftSwap, swap.id, populate_existing=True).state == "withdrawn"


def test_a_shift_is_announced_once_thirty_minutes_before(desk: Flask) -> None:
    shift = add("an", 10)
    roster_reminders.remind(shift.starts_at - timedelta(minutes=31))
    assert told("shift.soon") == []
    for minutes in (30, 29, 1, 0, -60):
        roster_reminders.remind(shift.starts_at - timedelta(minutes=minutes))
    [(name, facts)] = told("shift.soon")
    assert (name, facts["shift"], facts["late"]) == ("an", "22:00 23/11 – 06:00 24/11", False)


def test_a_worker_that_was_away_says_that_the_shift_has_begun(desk: Flask) -> None:
    add("an", 10)
    over = add("mai", 1, 2)
    due.sweep(over.ends_at + 8 * HOUR)
    assert [(name, facts["late"]) for name, facts in told("shift.soon")] == [("an", True)], "what is over is over"


def test_a_member_without_an_address_is_announced_once_too(desk: Flask) -> None:
    cast.give("chi", Role.analyst)
    shift = add("chi", 10)
    for minutes in (10, 9):
        roster_reminders.remind(shift.starts_at - timedelta(minutes=minutes))
    assert [name for name, _ in told("shift.soon")] == ["chi"]


def test_a_gap_is_told_to_the_leads_once_a_day_from_eight_in_the_morning(desk: Flask) -> None:
    morning = datetime(2026, 11, 24, 8, 0, tzinfo=ZONE)
    assert roster_reminders.remind(morning) == 0, "no roster is kept yet"
    for hours in (0, 24):
        add("an", hours, 24)
    roster_reminders.remind(morning - timedelta(minutes=1))
    assert told("roster.gap") == []
    for hours in (0, 0, 1, 15):
        roster_reminders.remind(morning + hours * HOUR)
    found = told("roster.gap")
    assert {name for name, _ in found} == {"binh", "son"}
    assert len(found) == 2
    assert found[0][1]["count"] == 1
    assert str(found[0][1]["first"]).startswith("12:00 25/11")
    roster_reminders.remind(morning + timedelta(days=1))
    assert len(told("roster.gap")) == 4


def test_a_full_week_is_told_to_nobody(desk: Flask) -> None:
    for day in range(9):
        add("an", 24 * day, 24)
    roster_reminders.remind(NOON + HOUR)
    assert told("roster.gap") == []


def test_a_tick_with_nothing_due_costs_three_statements(desk: Flask) -> None:
    for day in range(9):
        add("an", 24 * day, 24)
    roster_reminders.remind(NOON)
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    assert roster_reminders.remind(NOON + timedelta(minutes=1)) == 0
    assert len([one for one in seen if one.startswith("SELECT")]) <= 3


def test_an_account_that_ended_keeps_no_shift(desk: Flask) -> None:
    shift = add("an", 10)
    members.disable(members.OPERATOR, "an")
    roster_reminders.remind(shift.starts_at)
    assert told("shift.soon") == []
    assert roster.next_after(NOON, shift.agency_id) is None
