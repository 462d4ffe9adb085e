"""A stand-in with three personas, and a real client of the Bot API that talks to it over HTTP."""

import asyncio
import http.client
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import pytest
import telegram
from telegram.request import HTTPXRequest

from bots.rehearsal import Persona, StandIn, start

TOKEN = "700000001:rehearsal"
GIANG, AN, DUNG = 501, 502, 503
PERSONAS = (
    Persona(GIANG, "Giang", "đầu mối xã Bảo Nhai"),
    Persona(AN, "An", "trực ban"),
    Persona(DUNG, "Dung", "người ngoài"),
)
T = TypeVar("T")


@pytest.fixture(autouse=True)
def _retry_after_is_a_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's coming behaviour, asked for early: without it every 429 warns."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    running = start(TOKEN, personas=PERSONAS)
    yield running
    running.close()


def ask(stand_in: StandIn, act: Callable[[telegram.Bot], Awaitable[T]], seconds: float = 5, token: str = TOKEN) -> T:
    """Do something with python-telegram-bot against the stand-in; `seconds` is its read timeout."""

    async def do() -> T:
        request = HTTPXRequest(read_timeout=seconds)
        base = {"base_url": f"{stand_in.url}/bot", "base_file_url": f"{stand_in.url}/file/bot"}
        bot = telegram.Bot(token, **base, request=request, get_updates_request=HTTPXRequest())
        async with request:
            return await act(bot)

    with ThreadPoolExecutor(1) as own_thread:  # a browser test has a running loop in this one
        return own_thread.submit(asyncio.run, do()).result()


def send(stand_in: StandIn, chat: int = GIANG, text: str = "Xin chào", **options: object) -> telegram.Message:
    return ask(stand_in, lambda bot: bot.send_message(chat, text, **options))


def updates(stand_in: StandIn, **options: object) -> tuple[telegram.Update, ...]:
    return ask(stand_in, lambda bot: bot.get_updates(**options))


def keyboard(*rows: list[tuple[str, str]]) -> telegram.InlineKeyboardMarkup:
    """Rows of (words, callback data)."""
    return telegram.InlineKeyboardMarkup(
        [[telegram.InlineKeyboardButton(words, callback_data=data) for words, data in row] for row in rows]
    )


def browse(
    stand_in: StandIn, path: str, form: dict[str, object] | None = None, **headers: str
) -> tuple[int, dict[str, str], str]:
    """Visit the page as a browser without JavaScript would; a form makes it a POST. In header names `_` means `-`."""
    where = urlsplit(stand_in.url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        if form is None:
            connection.request("GET", path, headers=sent)
        else:
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", path, urlencode(form), headers=kind | sent)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()
