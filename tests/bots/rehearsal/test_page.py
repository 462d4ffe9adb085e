"""The chat page without JavaScript: forms post, pages reload, nothing typed is lost."""

import http.client
import json
import re
from urllib.parse import urlsplit

import pytest

from bots.rehearsal import StandIn, start
from bots.rehearsal.words import words

from .conftest import AN, GIANG, TOKEN, browse, keyboard, send, updates

MEGABYTE = 1024 * 1024


def page(stand_in: StandIn, user_id: int = GIANG, lang: str = "vi") -> str:
    return browse(stand_in, f"/?user={user_id}&lang={lang}")[2]


def upload(stand_in: StandIn, content: bytes, name: str, text: str = "") -> tuple[int, str]:
    """Post the composer with a file, as a browser without JavaScript does."""
    edge = "----edge"
    head = f'--{edge}\r\nContent-Disposition: form-data; name="text"\r\n\r\n{text}\r\n--{edge}\r\n'
    head += f'Content-Disposition: form-data; name="photo"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
    where = urlsplit(stand_in.url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=20)
    kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    connection.request("POST", f"/say?user={GIANG}", body, kind)
    answer = connection.getresponse()
    said = answer.status, answer.read().decode()
    connection.close()
    return said


def test_a_posted_text_arrives_and_the_page_shows_it(stand_in: StandIn) -> None:
    status, headers, _ = browse(stand_in, f"/say?user={GIANG}&lang=vi", {"text": "Có tin vỡ đập\r\n<b>gấp</b>"})

    assert (status, headers["Location"]) == (303, f"/?user={GIANG}&lang=vi")
    assert updates(stand_in)[0].message.text == "Có tin vỡ đập\n<b>gấp</b>"
    assert "Có tin vỡ đập\n&lt;b&gt;gấp&lt;/b&gt;" in page(stand_in)
    assert "Có tin vỡ đập" not in page(stand_in, AN)


def test_a_button_is_a_real_button_and_its_press_reaches_the_bot(stand_in: StandIn) -> None:
    card = send(stand_in, AN, "Sự việc mới", reply_markup=keyboard([("Nhận việc", "a1")]))
    assert re.search(r'<button class="key" name="data" value="a1">Nhận việc</button>', page(stand_in, AN))

    form = {"message_id": card.message_id, "data": "a1"}
    assert browse(stand_in, f"/press?user={AN}", form)[0] == 303
    assert updates(stand_in)[0].callback_query.from_user.id == AN
    assert browse(stand_in, f"/press?user={GIANG}", form)[0] == 409


def test_a_person_edits_only_the_own_message(stand_in: StandIn) -> None:
    stand_in.state.say(GIANG, "đâp")
    card = send(stand_in, GIANG)
    own = stand_in.state.messages(GIANG)[0]["message_id"]

    assert browse(stand_in, f"/edit?user={GIANG}", {"message_id": own, "text": "đập"})[0] == 303
    assert browse(stand_in, f"/edit?user={GIANG}", {"message_id": card.message_id, "text": "giả"})[0] == 409
    assert [one["text"] for one in stand_in.state.messages(GIANG)] == ["đập", "Xin chào"]
    assert "đã sửa" in page(stand_in)


def test_a_photo_is_uploaded_shown_and_never_served_as_anything_else(stand_in: StandIn) -> None:
    assert upload(stand_in, b"\xff\xd8\xff\xe0anh", "dap.jpg", "hiện trường")[0] == 303
    photo = updates(stand_in)[0].message.photo[-1]
    status, headers, _ = browse_bytes(stand_in, f"/photo/{photo.file_id}")

    assert f"/photo/{photo.file_id}" in page(stand_in)
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    stand_in.state.photo(GIANG, b"<svg onload=alert(1)>")
    fake = stand_in.state.messages(GIANG)[-1]["photo"][-1]["file_id"]
    assert browse(stand_in, f"/photo/{fake}")[0] == 404
    assert words("vi")["not_shown"] in page(stand_in)


def browse_bytes(stand_in: StandIn, path: str) -> tuple[int, dict[str, str], bytes]:
    where = urlsplit(stand_in.url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    whole = answer.status, dict(answer.getheaders()), answer.read()
    connection.close()
    return whole


def test_a_file_above_25_megabytes_is_refused_and_the_text_stays(stand_in: StandIn) -> None:
    assert upload(stand_in, b"\xff\xd8\xff" + bytes(21 * MEGABYTE), "dap.jpg")[0] == 303
    status, shown = upload(stand_in, b"\xff\xd8\xff" + bytes(26 * MEGABYTE), "dap.jpg", "hiện trường")

    assert status == 413
    assert words("vi")["error_big"] in shown
    assert ">hiện trường</textarea>" in shown
    assert len(stand_in.state.messages(GIANG)) == 1


def test_a_forward_is_chosen_by_its_origin(stand_in: StandIn) -> None:
    browse(stand_in, f"/say?user={GIANG}", {"text": "vỡ đập", "origin": "channel"})
    browse(stand_in, f"/say?user={GIANG}", {"text": "vỡ đập", "origin": "hidden"})

    assert [one.message.forward_origin.type for one in updates(stand_in)] == ["channel", "hidden_user"]
    assert "Chuyển tiếp từ Hóng Chuyện Phố Núi" in page(stand_in)


def test_a_text_of_20000_characters_goes_as_several_messages(stand_in: StandIn) -> None:
    browse(stand_in, f"/say?user={GIANG}", {"text": "đ" * 20_000})

    assert [len(one["text"]) for one in stand_in.state.messages(GIANG)] == [4_096] * 4 + [3_616]


@pytest.mark.parametrize(
    ("path", "form", "code"),
    [
        ("/say", {"text": "   "}, 400),
        ("/press", {"data": "a"}, 400),
        ("/press", {"message_id": "1"}, 400),
        ("/press", {"message_id": "x", "data": "a"}, 400),
        ("/edit", {"message_id": "1", "text": ""}, 400),
        ("/edit", {"message_id": "1", "text": "x"}, 409),
        ("/fault", {"kind": "earthquake"}, 400),
        ("/fault", {"kind": "slow", "ms": "x"}, 400),
        ("/play", {"speed": "7"}, 400),
        ("/nowhere", {}, 404),
    ],
)
def test_a_wrong_form_gets_one_sentence_and_changes_nothing(
    stand_in: StandIn, path: str, form: dict[str, object], code: int
) -> None:
    status, _, shown = browse(stand_in, f"{path}?user={GIANG}", form)

    assert status == code
    assert code == 404 or 'role="alert">' in shown
    assert updates(stand_in) == ()
    assert list(stand_in.state.faults.in_force()) == []


def test_faults_are_played_shown_and_ended_from_the_panel(stand_in: StandIn) -> None:
    for kind in ("flood", "server_error", "blocked"):
        assert browse(stand_in, f"/fault?user={GIANG}", {"kind": kind})[0] == 303
    browse(stand_in, f"/fault?user={GIANG}", {"kind": "slow", "ms": 250})

    in_force = stand_in.state.faults.in_force()
    assert [one.kind for one in in_force] == ["flood", "server_error", "blocked", "slow"]
    assert [one.chat for one in in_force] == [GIANG, GIANG, GIANG, None]
    assert "Chặn bot · Giang" in page(stand_in)
    browse(stand_in, f"/mend?user={GIANG}", {"kind": "flood", "chat": GIANG})
    browse(stand_in, f"/fault?user={GIANG}", {"kind": "slow", "ms": 0})
    assert [one.kind for one in stand_in.state.faults.in_force()] == ["server_error", "blocked"]


def test_the_scenario_is_started_and_stopped_from_the_panel(stand_in: StandIn) -> None:
    assert browse(stand_in, f"/play?user={AN}", {"speed": 60})[0] == 303
    stand_in.state.wait_for_updates(0, 1, 5, None)

    assert "bao cao truc" in page(stand_in, GIANG)
    assert "/5 · ×60" in page(stand_in, GIANG)
    browse(stand_in, f"/stop?user={AN}", {})
    assert "Đã xong, đã gửi" in page(stand_in, GIANG)


def test_unseen_messages_are_counted_on_the_tab_until_looked_at(stand_in: StandIn) -> None:
    send(stand_in, AN)
    send(stand_in, AN)

    assert '<span class="count">2' in page(stand_in, GIANG)
    page(stand_in, AN)
    assert '<span class="count">' not in page(stand_in, GIANG)


def test_the_live_answer_is_304_until_something_changes(stand_in: StandIn) -> None:
    _, headers, body = browse(stand_in, f"/live?user={GIANG}")
    again = browse(stand_in, f"/live?user={GIANG}", If_None_Match=headers["ETag"])
    stand_in.state.say(GIANG, "mới")
    fresh = browse(stand_in, f"/live?user={GIANG}", If_None_Match=headers["ETag"])

    assert set(json.loads(body)) == {"people", "messages", "faults", "calls", "play", "toast"}
    assert (again[0], again[2]) == (304, "")
    assert "mới" in json.loads(fresh[2])["messages"]


def test_every_answer_forbids_what_the_page_does_not_need(stand_in: StandIn) -> None:
    _, headers, html = browse(stand_in, "/")

    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"\s(style|on\w+)=", html)
    assert TOKEN not in html


def test_the_page_speaks_english_when_asked_and_every_word_has_both(stand_in: StandIn) -> None:
    assert '<html lang="en">' in page(stand_in, lang="en")
    assert "Rehearsal chat" in page(stand_in, lang="en")
    assert '<html lang="vi">' in page(stand_in)
    assert all(text.strip() for lang in ("vi", "en") for text in words(lang).values())


def test_without_personas_the_page_says_what_to_do() -> None:
    running = start(TOKEN)
    try:
        status, _, html = browse(running, "/")
        assert status == 200
        assert words("vi")["nobody"] in html
        assert browse(running, "/say", {"text": "x"})[0] == 400
    finally:
        running.close()


def test_what_the_bot_writes_is_shown_literally_and_its_links_are_harmless(stand_in: StandIn) -> None:
    send(stand_in, GIANG, '<b>a<i>b</i></b> <a href="javascript:alert(1)">x</a> &lt;img&gt;', parse_mode="HTML")
    shown = page(stand_in)

    assert "<strong>a</strong>" in shown
    assert "&lt;img&gt;" in shown
    assert 'href="javascript:' not in shown
