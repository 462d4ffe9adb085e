"""What a channel is: it takes a message for one chat and says what became of it. A new channel is one folder more.

Repairs stay inside the channel (a message that cannot be edited is sent anew); what comes back is one of three answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from flask import has_app_context

from incidents.db import is_writing

Scope = Literal["alert", "address", "channel"]
Pause = Literal["", "chat", "bot"]


@dataclass(frozen=True)
class Button:
    """One choice: ``data`` comes back when it is pressed (at most 24 bytes), or ``url`` opens a page."""

    label: str
    data: str = ""
    url: str = ""


@dataclass(frozen=True)
class Message:
    """``text`` in the small HTML of ``bots.wording`` (``<b>`` only). ``choices``: the buttons said in words, for a
    channel or a moment that draws none. ``reply_to``: id of the message it stands under. ``silent``: without a sound."""

    text: str
    buttons: Sequence[Sequence[Button]] = ()
    choices: str = ""
    reply_to: str = ""
    silent: bool = False


@dataclass(frozen=True)
class Sent:
    """It arrived. ``message_id`` is the one to edit next time; ``chat`` is set when the chat has a new identity."""

    message_id: str
    chat: str = ""


@dataclass(frozen=True)
class Later:
    """Not now. ``until``: the channel named the time. ``maybe_sent``: the answer was lost, it may have arrived.

    ``pause``: leave this chat, or the whole bot, alone until then. ``tries``: refuse after so many attempts (0: only
    after the four hours). ``unreachable``: nothing was heard from the channel at all, which counts for its health.
    """

    reason: str
    until: datetime | None = None
    maybe_sent: bool = False
    pause: Pause = ""
    tries: int = 0
    unreachable: bool = False


@dataclass(frozen=True)
class Refused:
    """Never: this alert, this address, or the whole channel until somebody changes its settings."""

    reason: str
    scope: Scope = "alert"


Outcome = Sent | Later | Refused


@dataclass(frozen=True)
class Setting:
    """A setting a channel reads, as in the environment."""

    name: str
    meaning: str


class Channel(Protocol):
    """How one kind of chat is reached."""

    @property
    def kind(self) -> str:
        """Stored with addresses and alerts, such as ``telegram``."""

    @property
    def label(self) -> str:
        """Shown to people."""

    async def send(self, chat: str, message: Message, *, edit: str = "") -> Outcome:
        """Send, or change the message ``edit``. Raises SendInTransaction, nothing else."""

    async def open(self) -> None:
        """Open connections; does not call out."""

    async def close(self) -> None: ...


class SendInTransaction(RuntimeError):  # noqa: N818 - names state the fact
    """A programmer's fault: the database would be locked for as long as the outside takes to answer."""


def refuse_inside_transaction() -> None:
    """Every channel calls this before it sends (house 5)."""
    if has_app_context() and is_writing():
        raise SendInTransaction


@dataclass(frozen=True)
class BotSettings:
    """What the bots need to know of the desk's settings. ``token`` empty: Telegram is not set up.

    ``api_url``: root of a Bot API server, without ``/bot``. ``base_url``: the desk's own address in messages.
    """

    token: str
    api_url: str = "https://api.telegram.org"
    proxy: str = ""
    base_url: str = ""
