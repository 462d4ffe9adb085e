"""The main job in both directions, end to end: logged on the web and told in chat; sent in chat and opened on the web."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bots.rehearsal import Persona, StandIn, start
from incidents.cases.models import Entry, Incident, QuickReport, Step
from incidents.db import db
from incidents.reading import case
from incidents.vocabulary import EntryKind, StepState
from tests import cast
from tests.processes import TOKEN, Worker, until

pytestmark = pytest.mark.slow


@pytest.fixture
def chat() -> Iterator[StandIn]:
    stand_in = start(TOKEN, personas=[Persona(chat, name) for name, chat in cast.CHATS.items()], page=False)
    yield stand_in
    stand_in.close()


@pytest.fixture
def worker(desk_app: Flask, chat: StandIn) -> Iterator[Worker]:
    running = Worker(desk_app, chat.url)
    yield running
    code, said = running.end()
    assert (code, said) == (0, "")


def signed_in(app: Flask, username: str) -> FlaskClient:
    client = app.test_client()
    page = client.get("/login").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token
    answer = client.post(
        "/login", data={"username": username, "password": cast.PASSWORD, "csrf_token": token[1]}, follow_redirects=True
    )
    assert answer.status_code == 200
    return client


def post(client: FlaskClient, address: str, **fields: str) -> str:
    """Send a form as a browser would, with the token of a page seen before. Returns where it led."""
    page = client.get("/members/me").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token
    answer = client.post(address, data=fields | {"csrf_token": token[1]})
    assert answer.status_code in (302, 303), answer.text
    return str(answer.location)


def last_text(chat: StandIn, username: str) -> str:
    messages = [m for m in chat.state.messages(cast.CHATS[username]) if m["from"]["is_bot"]]
    return str(messages[-1]["text"]) if messages else ""


def card(chat: StandIn, username: str, code: str) -> dict:  # type: ignore[type-arg]
    return next(m for m in chat.state.messages(cast.CHATS[username]) if m["from"]["is_bot"] and code in m["text"])


def press(chat: StandIn, username: str, message: dict, label: str) -> None:  # type: ignore[type-arg]
    buttons = [b for row in message["reply_markup"]["inline_keyboard"] for b in row]
    index = next(i for i, button in enumerate(buttons) if button["text"].startswith(label))
    chat.state.press(cast.CHATS[username], message["message_id"], index)


def stored(table: type, *conditions: object):  # type: ignore[no-untyped-def]
    db.session.rollback()
    return db.session.scalar(select(table).where(*conditions).limit(1))  # type: ignore[arg-type]


def test_logged_on_the_web_told_in_chat_accepted_and_done_there(desk_app: Flask, chat: StandIn, worker: Worker) -> None:
    an = signed_in(desk_app, "an")
    where = post(
        an, "/incidents/new", what="Tin vỡ đập thủy điện Suối Mận", severity="3", kind="suspected_false",
        category="disaster", place="xã Bảo Nhai", nonce="story-1", tell="1",
    )  # fmt: skip
    found = re.search(r"TG-\d{4}-\d{4}", where)
    assert found
    code = found[0]

    assert until(lambda: code in last_text(chat, "giang"), 30), "the commune's focal point is told"
    assert until(lambda: code in last_text(chat, "mai"), 30), "the other officer on duty is told"
    assert "Suối Mận" not in last_text(chat, "mai"), "chat carries no content"

    press(chat, "giang", card(chat, "giang", code), "Nhận việc")
    with desk_app.app_context():
        assert until(lambda: stored(Entry, Entry.kind == EntryKind.acknowledged) is not None, 30)
        assert stored(Entry, Entry.kind == EntryKind.acknowledged).actor_name == "Vàng Thị Giang"
    assert until(lambda: any(b["text"].startswith("Xong bước") for b in buttons(card(chat, "giang", code))), 30)

    press(chat, "giang", card(chat, "giang", code), "Xong bước")
    with desk_app.app_context():
        assert until(lambda: stored(Step, Step.state == StepState.done) is not None, 30)
    assert "Vàng Thị Giang" in an.get(f"/incidents/{code}").text


def buttons(message: dict) -> list[dict]:  # type: ignore[type-arg]
    return [b for row in message.get("reply_markup", {}).get("inline_keyboard", []) for b in row]


def test_sent_in_chat_opened_on_the_web_and_answered_there(desk_app: Flask, chat: StandIn, worker: Worker) -> None:
    chat.state.say(cast.CHATS["giang"], "bao cao truc: tren mang dang noi vo dap suoi man, xin xac minh gap")
    assert until(lambda: "BN-0001" in last_text(chat, "giang"), 30)
    chat.state.say(cast.CHATS["giang"], "3")
    assert until(lambda: "Loại?" in last_text(chat, "giang"), 30)
    chat.state.say(cast.CHATS["giang"], "1")
    assert until(lambda: "BN-0001" in last_text(chat, "mai"), 30), "duty is told with buttons"

    an = signed_in(desk_app, "an")
    assert "BN-0001" in an.get("/quick-reports").text
    with desk_app.app_context():
        report_id, arrived_at = stored(QuickReport).id, stored(QuickReport).arrived_at
    where = post(
        an, f"/quick-reports/{report_id}/open", severity="3", kind="suspected_false", category="disaster",
        place="xã Bảo Nhai",
    )  # fmt: skip
    with desk_app.app_context():
        incident = stored(Incident)
        assert incident.code in where
        assert incident.received_at == arrived_at
        assert [row["code"] for row in case.read(cast.actor("an"), incident.code).incident.playbooks] == ["PB-02"]
        code = incident.code
    assert until(lambda: any(code in m["text"] for m in chat.state.messages(cast.CHATS["giang"]) if "text" in m), 30)
