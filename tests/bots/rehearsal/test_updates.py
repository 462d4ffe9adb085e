"""The rules of getUpdates: what confirms, what waits, what is delivered again."""

import asyncio
import json
import threading
import time
import urllib.request

import pytest
import time_machine
from telegram.error import Conflict

from bots.rehearsal import StandIn

from .conftest import AN, GIANG, TOKEN, ask, keyboard, send, updates


def said(stand_in: StandIn, *texts: str) -> list[int]:
    return [stand_in.state.say(GIANG, text) for text in texts]


def seen(stand_in: StandIn, **options: object) -> list[str]:
    return [update.message.text for update in updates(stand_in, **options)]


def test_numbers_rise_by_one_from_no_fixed_start(stand_in: StandIn) -> None:
    first, second, third = said(stand_in, "a", "b", "c")

    assert (second, third) == (first + 1, first + 2)
    assert first > 1_000_000


def test_reading_without_an_offset_confirms_nothing(stand_in: StandIn) -> None:
    said(stand_in, "a", "b")

    assert seen(stand_in) == ["a", "b"]
    assert seen(stand_in) == ["a", "b"]


def test_an_offset_confirms_everything_below_it_and_nothing_else(stand_in: StandIn) -> None:
    first, second, _ = said(stand_in, "a", "b", "c")

    assert seen(stand_in, offset=second) == ["b", "c"]
    assert seen(stand_in, offset=first) == ["b", "c"]


def test_a_reader_that_dies_between_storing_and_confirming_loses_nothing(stand_in: StandIn) -> None:
    said(stand_in, *(f"tin {number}" for number in range(7)))
    stored: dict[int, str] = {}
    offset = 0
    for crash in (True, False, True, False, False, False):
        batch = updates(stand_in, offset=offset, limit=3)
        stored |= {update.update_id: update.message.text for update in batch}
        if not crash and batch:
            offset = batch[-1].update_id + 1

    assert sorted(stored.values()) == [f"tin {number}" for number in range(7)]
    assert updates(stand_in, offset=offset) == ()


def test_an_offset_above_all_discards_all(stand_in: StandIn) -> None:
    *_, last = said(stand_in, "a", "b")

    assert seen(stand_in, offset=last + 1_000) == []
    assert seen(stand_in) == []


def test_a_negative_offset_keeps_only_the_last_ones(stand_in: StandIn) -> None:
    said(stand_in, "a", "b", "c")

    assert seen(stand_in, offset=-2) == ["b", "c"]
    assert seen(stand_in) == ["b", "c"]


def test_a_limit_leaves_the_rest_waiting(stand_in: StandIn) -> None:
    said(stand_in, "a", "b", "c")

    assert seen(stand_in, limit=2) == ["a", "b"]


def test_a_long_poll_ends_as_soon_as_somebody_speaks(stand_in: StandIn) -> None:
    speaker = threading.Timer(0.3, stand_in.state.say, (GIANG, "a"))
    speaker.start()
    began = time.monotonic()

    assert seen(stand_in, timeout=20) == ["a"]
    assert time.monotonic() - began < 5
    speaker.join()


def test_a_long_poll_with_nothing_to_say_ends_empty_at_its_timeout(stand_in: StandIn) -> None:
    assert seen(stand_in, timeout=1) == []


def test_the_second_reader_ends_the_first_with_a_conflict(stand_in: StandIn) -> None:
    async def both(bot: object) -> object:
        first = asyncio.create_task(bot.get_updates(timeout=20))
        await asyncio.sleep(0.3)
        second = await bot.get_updates(timeout=0)
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await first
        return second

    assert ask(stand_in, both) == ()


def test_kinds_asked_for_are_remembered_until_asked_otherwise(stand_in: StandIn) -> None:
    card = send(stand_in, AN, reply_markup=keyboard([("Xem", "b")]))
    updates(stand_in, allowed_updates=["callback_query"])
    stand_in.state.say(AN, "không được hỏi")
    stand_in.state.press(AN, card.message_id, 0)

    (update,) = updates(stand_in)
    assert update.callback_query.data == "b"


def test_updates_are_kept_for_a_day(stand_in: StandIn) -> None:
    with time_machine.travel("2026-10-15T13:40:00Z", tick=False) as calendar:
        said(stand_in, "a")
        calendar.shift(23 * 3600)
        kept = seen(stand_in)
        calendar.shift(2 * 3600)

        assert (kept, seen(stand_in)) == (["a"], [])


def test_a_repeat_arrives_once_more_although_it_was_confirmed(stand_in: StandIn) -> None:
    number, _ = said(stand_in, "a", "b")
    assert seen(stand_in, offset=number + 2) == []
    stand_in.state.repeat(number)

    (update,) = updates(stand_in, offset=number + 2)
    assert (update.update_id, update.message.text) == (number, "a")
    assert seen(stand_in, offset=number + 2) == []
    with pytest.raises(LookupError):
        stand_in.state.repeat(number + 500)


def test_played_faults_of_the_queue_double_and_disorder(stand_in: StandIn) -> None:
    stand_in.state.fault("duplicate_update")
    said(stand_in, "a")
    assert seen(stand_in) == ["a", "a"]

    said(stand_in, "b")
    stand_in.state.fault("out_of_order")
    assert seen(stand_in) == ["b", "a"]
    assert seen(stand_in) == ["a", "b"]


def test_a_broken_update_is_delivered_exactly_as_given(stand_in: StandIn) -> None:
    stand_in.state.push_raw({})
    place = stand_in.state.push_raw({"update_id": 9_000_000_000, "message": {"date": 10**18}})
    after = stand_in.state.say(GIANG, "a")

    with urllib.request.urlopen(f"{stand_in.url}/bot{TOKEN}/getUpdates") as answer:
        delivered = json.load(answer)["result"]
    assert delivered[:2] == [{}, {"update_id": 9_000_000_000, "message": {"date": 10**18}}]
    assert after == place + 1
