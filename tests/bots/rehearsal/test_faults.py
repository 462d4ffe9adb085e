"""Played faults: what the caller sees, and what happened all the same."""

import time
from datetime import timedelta

import pytest
import telegram
import time_machine
from telegram.error import Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from bots.rehearsal import StandIn

from .conftest import AN, GIANG, ask, send, updates


def texts(stand_in: StandIn, user_id: int = GIANG) -> list[str]:
    return [message["text"] for message in stand_in.state.messages(user_id)]


def test_a_flood_answer_stops_one_chat_until_its_time_while_others_flow(stand_in: StandIn) -> None:
    with time_machine.travel("2026-10-15T13:40:00Z", tick=False) as calendar:
        stand_in.state.fault("flood", GIANG, seconds=30)
        for _ in range(2):
            with pytest.raises(RetryAfter) as refused:
                send(stand_in, GIANG)
        assert send(stand_in, AN).chat_id == AN
        calendar.shift(31)
        assert send(stand_in, GIANG).chat_id == GIANG

    assert refused.value.retry_after == timedelta(seconds=30)
    assert texts(stand_in) == ["Xin chào"]


def test_the_flood_answer_has_telegrams_exact_shape(stand_in: StandIn) -> None:
    stand_in.state.fault("flood", GIANG, seconds=30)
    with pytest.raises(RetryAfter):
        send(stand_in)

    (call,) = stand_in.state.calls
    assert (call.answer_code, call.answer) == (429, "Too Many Requests: retry after 30")


def test_server_errors_strike_as_often_as_told_and_never_the_polling(stand_in: StandIn) -> None:
    stand_in.state.fault("server_error", count=2)
    assert updates(stand_in) == ()
    for _ in range(2):
        with pytest.raises(NetworkError, match="Internal Server Error"):
            send(stand_in)

    assert send(stand_in).text == "Xin chào"


def test_a_lost_answer_leaves_the_message_delivered_and_the_caller_in_doubt(stand_in: StandIn) -> None:
    stand_in.state.fault("lost_answer", GIANG)
    began = time.monotonic()
    with pytest.raises(NetworkError, match="disconnected without sending a response"):
        send(stand_in)

    assert time.monotonic() - began < 3
    assert texts(stand_in) == ["Xin chào"]
    assert stand_in.state.calls[-1].answer_code == 0


def test_a_timeout_before_leaves_nothing_delivered(stand_in: StandIn) -> None:
    stand_in.state.fault("timeout_before", GIANG, seconds=1)
    with pytest.raises(TimedOut):
        ask(stand_in, lambda bot: bot.send_message(GIANG, "x"), seconds=0.2)

    assert texts(stand_in) == []


def test_a_reset_connection_delivers_nothing(stand_in: StandIn) -> None:
    stand_in.state.fault("reset", GIANG)
    with pytest.raises(NetworkError, match="ReadError"):
        send(stand_in)

    assert texts(stand_in) == []


def test_garbage_is_a_message_delivered_with_an_answer_nobody_can_read(stand_in: StandIn) -> None:
    stand_in.state.fault("garbage", GIANG)
    with pytest.raises(TelegramError, match="Invalid server response"):
        send(stand_in)

    assert texts(stand_in) == ["Xin chào"]


def test_a_person_who_blocks_the_bot_is_told_of_and_comes_back_by_writing(stand_in: StandIn) -> None:
    stand_in.state.fault("blocked", GIANG)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        send(stand_in, GIANG)
    assert send(stand_in, AN).chat_id == AN
    stand_in.state.say(GIANG, "/start")

    left, back, start = updates(stand_in)
    assert left.my_chat_member.new_chat_member.status == "kicked"
    assert back.my_chat_member.new_chat_member.status == "member"
    assert start.message.text == "/start"
    assert send(stand_in, GIANG).chat_id == GIANG


def test_a_deactivated_account_and_a_revoked_token_are_refused_until_mended(stand_in: StandIn) -> None:
    stand_in.state.fault("deactivated", GIANG)
    with pytest.raises(Forbidden, match="user is deactivated"):
        send(stand_in)
    stand_in.state.mend("deactivated")
    stand_in.state.fault("token_revoked")
    with pytest.raises(InvalidToken):
        updates(stand_in)
    stand_in.state.mend()

    assert send(stand_in).text == "Xin chào"


def test_an_unavailable_file_can_be_fetched_later(stand_in: StandIn) -> None:
    stand_in.state.photo(GIANG, b"\xff\xd8\xff")
    file_id = updates(stand_in)[0].message.photo[-1].file_id
    stand_in.state.fault("file_unavailable", count=1)

    with pytest.raises(telegram.error.BadRequest, match="file is temporarily unavailable"):
        ask(stand_in, lambda bot: bot.get_file(file_id))
    assert ask(stand_in, lambda bot: bot.get_file(file_id)).file_size == 3


def test_a_slow_network_delays_every_answer(stand_in: StandIn) -> None:
    stand_in.state.fault("slow", ms=300)
    began = time.monotonic()
    send(stand_in)

    assert time.monotonic() - began >= 0.3


def test_a_blackhole_answers_nothing_at_all_until_mended(stand_in: StandIn) -> None:
    stand_in.state.fault("blackhole")
    with pytest.raises(TimedOut):
        ask(stand_in, lambda bot: bot.send_message(GIANG, "x"), seconds=0.2)
    stand_in.state.mend("blackhole")

    assert send(stand_in, text="sau").text == "sau"
    assert texts(stand_in) == ["sau"]


def test_an_unknown_fault_is_refused_by_name(stand_in: StandIn) -> None:
    with pytest.raises(ValueError, match="unknown fault 'earthquake'"):
        stand_in.state.fault("earthquake")
