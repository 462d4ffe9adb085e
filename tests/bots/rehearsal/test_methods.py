"""Every method, called by python-telegram-bot as the desk calls it."""

import json
import urllib.request

import pytest
import telegram
from telegram.error import BadRequest, InvalidToken

from bots.rehearsal import StandIn, from_channel, from_hidden_user

from .conftest import AN, GIANG, TOKEN, ask, keyboard, send, updates


def test_the_bot_learns_its_own_name(stand_in: StandIn) -> None:
    me = ask(stand_in, lambda bot: bot.get_me())

    assert (me.id, me.is_bot, me.username) == (700000001, True, "ban_truc_dien_tap_bot")


def test_a_message_of_the_bot_lies_in_that_persons_chat_only(stand_in: StandIn) -> None:
    sent = send(stand_in, GIANG, "Đã ghi nhận <b>BN-0412</b>", parse_mode="HTML")

    (kept,) = stand_in.state.messages(GIANG)
    assert kept["text"] == "Đã ghi nhận BN-0412"
    assert kept["entities"] == [{"type": "bold", "offset": 12, "length": 7}]
    assert sent.message_id == kept["message_id"]
    assert stand_in.state.messages(AN) == []


def test_a_persons_command_and_link_are_marked_in_utf_16_units(stand_in: StandIn) -> None:
    stand_in.state.say(GIANG, "👨‍👩‍👧 https://mxh.example/p/881.")
    stand_in.state.say(GIANG, "/sk 2026 123")

    link, command = (update.message for update in updates(stand_in))
    assert link.parse_entities(["url"]) == {link.entities[0]: "https://mxh.example/p/881"}
    assert link.entities[0].offset == 9
    assert command.parse_entities(["bot_command"]) == {command.entities[0]: "/sk"}


def test_a_forward_carries_its_origin(stand_in: StandIn) -> None:
    stand_in.state.say(GIANG, "vỡ đập", origin=from_channel("Hóng Chuyện Phố Núi", "hongchuyen", 881, 1_760_000_000))
    stand_in.state.say(GIANG, "vỡ đập", origin=from_hidden_user("ai đó", 1_760_000_000))

    channel, hidden = (update.message.forward_origin for update in updates(stand_in))
    assert (channel.chat.title, channel.message_id) == ("Hóng Chuyện Phố Núi", 881)
    assert hidden.sender_user_name == "ai đó"


def test_an_edit_of_a_person_arrives_as_the_same_message_with_its_edit_date(stand_in: StandIn) -> None:
    stand_in.state.say(GIANG, "có tin vỡ đâp")
    (said,) = stand_in.state.messages(GIANG)
    stand_in.state.edit(GIANG, said["message_id"], "có tin vỡ đập")

    first, second = updates(stand_in)
    assert first.message.text == "có tin vỡ đâp"
    assert second.edited_message.text == "có tin vỡ đập"
    assert second.edited_message.message_id == first.message.message_id
    assert second.edited_message.edit_date is not None


def test_a_press_names_the_presser_and_the_message_and_is_answered_once_fresh(stand_in: StandIn) -> None:
    card = send(stand_in, AN, "Sự việc mới", reply_markup=keyboard([("Nhận việc", "a1"), ("Xem", "b2")]))
    stand_in.state.press(AN, card.message_id, 1)
    (update,) = updates(stand_in)
    query = update.callback_query

    assert (query.from_user.id, query.data, query.message.message_id) == (AN, "b2", card.message_id)
    assert ask(stand_in, lambda bot: bot.answer_callback_query(query.id, "Đã xem"))
    with pytest.raises(BadRequest, match="Query is too old"):
        ask(stand_in, lambda bot: bot.answer_callback_query("1", "Đã xem"))


def test_a_person_may_press_forged_data_but_no_button_that_is_not_there(stand_in: StandIn) -> None:
    card = send(stand_in, AN, "Sự việc mới", reply_markup=keyboard([("Nhận việc", "a1")]))
    stand_in.state.press(AN, card.message_id, "a1-forged")

    assert updates(stand_in)[0].callback_query.data == "a1-forged"
    with pytest.raises(LookupError):
        stand_in.state.press(AN, card.message_id, 1)


def test_an_edited_card_stays_in_place_and_loses_its_buttons(stand_in: StandIn) -> None:
    card = send(stand_in, AN, "Chưa ai nhận", reply_markup=keyboard([("Nhận việc", "a1")]))
    ask(stand_in, lambda bot: bot.edit_message_text("An giữ việc", AN, card.message_id))

    (kept,) = stand_in.state.messages(AN)
    assert (kept["message_id"], kept["text"]) == (card.message_id, "An giữ việc")
    assert "reply_markup" not in kept
    assert "edit_date" in kept
    with pytest.raises(BadRequest, match="Message is not modified"):
        ask(stand_in, lambda bot: bot.edit_message_text("An giữ việc", AN, card.message_id))
    with pytest.raises(BadRequest, match="Message to edit not found"):
        ask(stand_in, lambda bot: bot.edit_message_text("x", AN, 9_999))


def test_buttons_alone_can_be_changed_while_the_text_stays(stand_in: StandIn) -> None:
    card = send(stand_in, AN, "Chưa ai nhận", reply_markup=keyboard([("Nhận việc", "a1")]))
    new = keyboard([("Trả lại", "c3")])
    ask(stand_in, lambda bot: bot.edit_message_reply_markup(AN, card.message_id, reply_markup=new))

    (kept,) = stand_in.state.messages(AN)
    assert kept["text"] == "Chưa ai nhận"
    assert kept["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "c3"


def test_the_bot_edits_no_message_of_a_person(stand_in: StandIn) -> None:
    stand_in.state.say(GIANG, "của tôi")
    (said,) = stand_in.state.messages(GIANG)

    with pytest.raises(BadRequest, match="Message can't be edited"):
        ask(stand_in, lambda bot: bot.edit_message_text("x", GIANG, said["message_id"]))


def test_a_photo_comes_in_two_sizes_and_the_largest_is_the_original(stand_in: StandIn) -> None:
    original = b"\xff\xd8\xff\xc0\x00\x0b\x08\x01\xe0\x02\x80" + b"\0" * 3_000
    stand_in.state.photo(GIANG, original, "ảnh hiện trường")
    (update,) = updates(stand_in)
    small, large = update.message.photo

    async def download(bot: telegram.Bot) -> bytes:
        return bytes(await (await bot.get_file(large.file_id)).download_as_bytearray())

    assert update.message.caption == "ảnh hiện trường"
    assert (large.width, large.height, large.file_size) == (640, 480, len(original))
    assert (small.width, small.height) == (90, 60)
    assert ask(stand_in, download) == original


def test_an_album_shares_one_group_and_has_its_caption_on_the_first(stand_in: StandIn) -> None:
    stand_in.state.album(GIANG, [b"\xff\xd8\xff1", b"\xff\xd8\xff2"], "gửi 2 ảnh")

    first, second = (update.message for update in updates(stand_in))
    assert first.media_group_id == second.media_group_id is not None
    assert (first.caption, second.caption) == ("gửi 2 ảnh", None)


def test_a_file_keeps_its_name(stand_in: StandIn) -> None:
    stand_in.state.document(GIANG, b"PK", "Báo cáo (1).docx")

    assert updates(stand_in)[0].message.document.file_name == "Báo cáo (1).docx"


def test_a_reply_points_at_its_message_and_survives_without_it_when_allowed(stand_in: StandIn) -> None:
    first = send(stand_in)

    assert send(stand_in, reply_to_message_id=first.message_id).reply_to_message.text == "Xin chào"
    assert send(stand_in, reply_to_message_id=999, allow_sending_without_reply=True).reply_to_message is None
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        send(stand_in, reply_to_message_id=999)


def test_small_gestures_are_answered_and_kept(stand_in: StandIn) -> None:
    stand_in.state.say(GIANG, "! UBND xã xác nhận đập bình thường")
    (said,) = stand_in.state.messages(GIANG)
    card = send(stand_in)

    assert ask(stand_in, lambda bot: bot.send_chat_action(GIANG, "typing"))
    assert ask(stand_in, lambda bot: bot.set_message_reaction(GIANG, said["message_id"], "✍"))
    assert ask(stand_in, lambda bot: bot.delete_message(GIANG, card.message_id))
    assert stand_in.state.reactions == {(GIANG, said["message_id"]): ["✍"]}
    assert [one["message_id"] for one in stand_in.state.messages(GIANG)] == [said["message_id"]]


def test_the_menu_of_commands_is_kept_per_language(stand_in: StandIn) -> None:
    assert ask(stand_in, lambda bot: bot.set_my_commands([("viec", "Việc của tôi")]))
    assert ask(stand_in, lambda bot: bot.get_my_commands())[0].description == "Việc của tôi"
    with pytest.raises(BadRequest, match=r"(?i)bot_command_invalid"):
        ask(stand_in, lambda bot: bot.set_my_commands([("việc", "Việc của tôi")]))


def test_there_is_no_webhook_and_waiting_updates_can_be_dropped(stand_in: StandIn) -> None:
    stand_in.state.say(GIANG, "một")
    before = ask(stand_in, lambda bot: bot.get_webhook_info())
    ask(stand_in, lambda bot: bot.delete_webhook(drop_pending_updates=True))

    assert (before.url, before.pending_update_count) == ("", 1)
    assert updates(stand_in) == ()


def test_an_unknown_chat_token_or_method_is_refused_as_telegram_refuses_it(stand_in: StandIn) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        send(stand_in, 999)
    with pytest.raises(InvalidToken, match="Unauthorized"):
        ask(stand_in, lambda bot: bot.get_me(), token="700000001:other")
    with pytest.raises(InvalidToken, match="endpoint 'sendTelepathy' does not exist"):
        ask(stand_in, lambda bot: bot.do_api_request("sendTelepathy"))


def test_json_bodies_are_read_as_well_and_any_case_of_the_method(stand_in: StandIn) -> None:
    body = json.dumps({"chat_id": GIANG, "text": "Xin chào", "reply_markup": {"inline_keyboard": []}}).encode()
    request = urllib.request.Request(
        f"{stand_in.url}/bot{TOKEN}/sendmessage", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        result = json.load(answer)

    assert result["ok"] is True
    assert result["result"]["text"] == "Xin chào"


def test_every_call_is_logged_with_its_parameters_and_answer(stand_in: StandIn) -> None:
    send(stand_in)
    with pytest.raises(BadRequest):
        send(stand_in, 999)

    good, bad = stand_in.state.calls
    assert (good.method, good.params["text"], good.answer_code) == ("sendMessage", "Xin chào", 200)
    assert (bad.answer_code, bad.answer) == (400, "Bad Request: chat not found")
    assert good.at.tzinfo is not None


@pytest.mark.parametrize("text", ["<b>mở", "<blink>x</blink>", "a</b>", "5 < 6", "<b", "<!-- x -->"])
def test_broken_html_is_refused(stand_in: StandIn, text: str) -> None:
    with pytest.raises(BadRequest, match="Can't parse entities"):
        send(stand_in, text=text, parse_mode="HTML")
