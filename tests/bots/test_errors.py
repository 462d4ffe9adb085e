"""The table of Telegram's answers (promises 5): nothing unmapped, and no invented text switches an address off."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from telegram import error

from bots.channel import Later, Message, Outcome, Refused, Sent
from bots.telegram.client import Telegram
from bots.telegram.errors import TABLE, Class, row_of
from bots.telegram.pace import Pace


def every(kind: type) -> set[type]:
    return {kind}.union(*(every(sub) for sub in kind.__subclasses__()))


def test_every_error_of_the_library_has_a_row_of_its_own() -> None:
    ours = {kind for kind in every(error.TelegramError) if kind.__module__.startswith("telegram.error")}
    assert len(ours) >= 10
    assert ours <= {row.error for row in TABLE if row.words == "" or row.error in (error.BadRequest, error.Forbidden)}


@pytest.mark.parametrize("row", [r for r in TABLE if r.words], ids=lambda r: r.words)
def test_a_row_is_found_by_its_words(row) -> None:
    made = row.error(f"Bad Request: {row.words} (details)")
    assert row_of(made) is row


@pytest.mark.parametrize("words", ["", "WE_INVENTED_THIS", "chat is on fire", "blocked by nobody", "user 403"])
@pytest.mark.parametrize("kind", [error.BadRequest, error.Forbidden])
def test_an_unknown_refusal_is_only_doubted(kind, words: str) -> None:
    assert row_of(kind(words)).verdict is Class.doubt


def meaning(fault: error.TelegramError, *more: error.TelegramError) -> Outcome:
    """What becomes of a send that meets these faults, one after the other; then it works."""
    faults = iter([fault, *more])

    async def send() -> Outcome:
        channel = Telegram("1:secret", "http://127.0.0.1:9", pace=Pace(0.0, 1e9))

        async def call(*_args: object, **_more: object) -> Sent:
            for one in faults:
                raise one
            return Sent("9")

        channel._call = call  # type: ignore[method-assign]
        return await channel.send("5", Message("x"), edit="3")

    with ThreadPoolExecutor(1) as thread:  # the browser tests keep an event loop in this one
        return thread.submit(lambda: asyncio.run(send())).result()


def caused(fault: error.TelegramError, cause: Exception) -> error.TelegramError:
    fault.__cause__ = cause
    return fault


def test_waits_are_waits_and_lost_answers_are_marked() -> None:
    wait = meaning(error.RetryAfter(35))
    assert isinstance(wait, Later)
    assert wait.pause == "chat"
    assert wait.until is not None
    untold = meaning(error.NetworkError("Too Many Requests (429)"))
    assert isinstance(untold, Later)
    assert untold.pause == "chat"
    for lost in (
        error.TimedOut(),
        error.NetworkError("httpx.ReadError: "),
        error.TelegramError("Invalid server response"),
    ):
        answer = meaning(lost)
        assert isinstance(answer, Later), lost
        assert answer.maybe_sent, lost
    for sure in (
        error.NetworkError("httpx.ConnectError: refused"),
        error.NetworkError("Bad Gateway"),
        caused(error.TimedOut(), httpx.ConnectTimeout("x")),
        error.TimedOut("Pool timeout: All connections in the connection pool are occupied."),
    ):
        answer = meaning(sure)
        assert isinstance(answer, Later), sure
        assert not answer.maybe_sent, sure


@pytest.mark.parametrize(
    "words",
    ["message to edit not found", "can't parse entities: x", "BUTTON_URL_INVALID", "message can't be edited"],
)
def test_what_can_be_repaired_is_sent_once_more_at_once(words: str) -> None:
    assert meaning(error.BadRequest(f"Bad Request: {words}")) == Sent("9")
    assert isinstance(meaning(error.BadRequest(words), error.Forbidden("bot was blocked by the user")), Refused)


def test_done_refused_and_moved() -> None:
    assert meaning(error.BadRequest("message is not modified: x")) == Sent("3")
    assert meaning(error.ChatMigrated(-100)) == Sent("9", chat="-100")
    assert meaning(error.Forbidden("Forbidden: user is deactivated")) == Refused(
        "Tài khoản Telegram này không còn hoạt động.", "address"
    )
    assert meaning(error.InvalidToken("Unauthorized")) == Refused("Mã bot bị Telegram từ chối.", "channel")
    assert isinstance(meaning(error.Conflict("terminated")), Later)
    rights = meaning(error.BadRequest("not enough rights to send text messages"))
    assert isinstance(rights, Refused)
    assert rights.scope == "alert"


def test_the_token_never_stands_in_a_reason() -> None:
    answer = meaning(error.BadRequest("odd answer for bot 1:secret"))
    assert isinstance(answer, Later)
    assert "1:secret" not in answer.reason
    assert answer.tries == 3
