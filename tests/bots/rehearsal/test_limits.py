"""The limits Telegram enforces, met by the real client."""

import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, RetryAfter

from bots.rehearsal import StandIn
from bots.rehearsal.limits import split

from .conftest import AN, GIANG, ask, keyboard, send, updates

MEGABYTE = 1024 * 1024


def test_4096_characters_pass_and_one_more_does_not(stand_in: StandIn) -> None:
    assert len(send(stand_in, text="đ" * 4_096).text) == 4_096
    with pytest.raises(BadRequest, match="Message is too long"):
        send(stand_in, text="đ" * 4_097)


def test_signs_outside_the_basic_plane_count_twice(stand_in: StandIn) -> None:
    with pytest.raises(BadRequest, match="Message is too long"):
        send(stand_in, text="🛑" * 2_049)


def test_marks_of_html_do_not_count(stand_in: StandIn) -> None:
    assert send(stand_in, text="<b>" + "a" * 4_096 + "</b>", parse_mode="HTML").entities[0].length == 4_096


@pytest.mark.parametrize("text", ["   ", "\n\n", "<b></b>"])
def test_an_empty_message_is_refused(stand_in: StandIn, text: str) -> None:
    with pytest.raises(BadRequest, match="Message text is empty"):
        send(stand_in, text=text, parse_mode="HTML")


def test_callback_data_is_limited_to_64_bytes_not_letters(stand_in: StandIn) -> None:
    send(stand_in, reply_markup=keyboard([("Nhận việc", "a" * 64)]))
    for data in ("a" * 65, "đ" * 33):
        with pytest.raises(BadRequest, match=r"(?i)button_data_invalid"):
            send(stand_in, reply_markup=keyboard([("Nhận việc", data)]))


def test_more_than_100_buttons_are_refused(stand_in: StandIn) -> None:
    send(stand_in, reply_markup=keyboard(*[[("x", "y")]] * 100))
    with pytest.raises(BadRequest, match="Reply markup is too long"):
        send(stand_in, reply_markup=keyboard(*[[("x", "y")]] * 101))


@pytest.mark.parametrize(
    ("url", "passes"),
    [
        ("https://ban.laocai.example/incidents/TG-2026-0045", True),
        ("http://localhost:8000/incidents", False),
        ("http://desk/incidents", False),
        ("http://127.0.0.1:8000/", False),
        ("javascript:alert(1)", False),
    ],
)
def test_a_link_button_needs_a_host_with_a_dot(stand_in: StandIn, url: str, passes: bool) -> None:
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Xem", url=url)]])
    if passes:
        assert send(stand_in, reply_markup=markup).reply_markup is not None
    else:
        with pytest.raises(BadRequest, match=r"(?i)button_url_invalid"):
            send(stand_in, reply_markup=markup)


def test_a_file_above_20_megabytes_arrives_but_cannot_be_fetched(stand_in: StandIn) -> None:
    stand_in.state.photo(GIANG, b"\xff\xd8\xff" + bytes(21 * MEGABYTE), "ảnh lớn")
    (update,) = updates(stand_in)

    assert update.message.photo[-1].file_size > 20 * MEGABYTE
    with pytest.raises(BadRequest, match="File is too big"):
        ask(stand_in, lambda bot: bot.get_file(update.message.photo[-1].file_id))
    assert ask(stand_in, lambda bot: bot.get_file(update.message.photo[0].file_id)).file_size < MEGABYTE


def test_a_person_sends_no_text_or_caption_a_real_app_would_not(stand_in: StandIn) -> None:
    for text in ("", "a" * 4_097):
        with pytest.raises(ValueError, match="4,096"):
            stand_in.state.say(GIANG, text)
    with pytest.raises(ValueError, match="1,024"):
        stand_in.state.photo(GIANG, b"\xff\xd8\xff", "a" * 1_025)


def test_a_long_typed_text_becomes_several_messages_and_loses_no_letter() -> None:
    text = "đập 🛑 " * 1_500

    assert "".join(split(text)) == text
    assert all(len(part.encode("utf-16-le")) // 2 <= 4_096 for part in split(text))


def test_one_chat_takes_a_burst_of_three_only_while_the_pace_is_switched_on(stand_in: StandIn) -> None:
    async def four(bot: telegram.Bot) -> None:
        for number in range(4):
            await bot.send_message(GIANG, f"{number}")

    ask(stand_in, four)
    stand_in.state.pace.per_chat = True
    with pytest.raises(RetryAfter):
        ask(stand_in, four)
    assert send(stand_in, AN).text == "Xin chào"


def test_the_whole_bot_is_slowed_above_thirty_messages_a_second(stand_in: StandIn) -> None:
    stand_in.state.pace.per_second = 3  # the same rule, without thirty calls

    async def many(bot: telegram.Bot) -> None:
        for number in range(4):
            await bot.send_message((GIANG, AN)[number % 2], f"{number}")

    with pytest.raises(RetryAfter):
        ask(stand_in, many)
