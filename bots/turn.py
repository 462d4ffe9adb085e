"""One turn of a conversation: what somebody sent, who he is at this moment, and the answers he is owed.

The update's mark, the verb and the answers are one transaction: a kill at any point neither loses nor doubles.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from bots import facts as fresh
from bots.wording import shape
from incidents.cases import audience
from incidents.db import db, transaction, utc_now
from incidents.errors import Refusal, StateSecret
from incidents.people import addresses
from incidents.people.members import today
from incidents.people.models import Address
from incidents.permissions import Actor
from incidents.telling import alerts, inbox, prompts
from incidents.telling.inbox import Waiting
from incidents.telling.models import Alert
from incidents.vocabulary import AddressState, AlertKind, AlertState, Role
from playbooks.worktime import ZONE

Option = tuple[str, str, str]
STRANGER_ANSWERS = 3  # a day (promises S17)
ANSWERS_A_MINUTE = 20


@dataclass(frozen=True)
class Attached:
    """A file as the channel names it. ``size`` in bytes, None when it was not told; ``is_picture`` by its kind."""

    remote_id: str
    size: int | None
    is_picture: bool
    what: str  # "photo", "video", "voice", the extension of a document …


@dataclass(frozen=True)
class Heard:
    """What came in, in words every channel has. ``press``: the data of a button. ``album``: holds pictures together."""

    channel: str
    chat: str
    label: str = ""
    message_id: str = ""
    text: str = ""
    sent_at: datetime | None = None
    edited_at: datetime | None = None
    reply_to: str = ""
    press: str = ""
    album: str = ""
    file: Attached | None = None
    origin: str = ""
    origin_link: str = ""
    is_from_person: bool = False  # a forward out of a private chat: nothing may tell who wrote it (S28)
    is_contact: bool = False

    @property
    def key(self) -> str:
        """Names the quick report this message makes, however often it is delivered; an album is one."""
        return f"{self.channel}:{self.chat}:{f'album:{self.album}' if self.album else self.message_id}"

    @property
    def part_key(self) -> str:
        """Names this very message as a part of one."""
        return f"{self.part_prefix}{self.message_id}"

    @property
    def part_prefix(self) -> str:
        """What the parts of one album have in common."""
        return f"{self.channel}:{self.chat}:part:{f'{self.album}:' if self.album else ''}"


class Instead(Exception):  # noqa: N818 - names state the fact
    """Undo what was begun and answer this: a verb said no, and there is a better sentence than its own."""

    def __init__(self, key: str, *, incident_id: int | None = None, report_id: int | None = None, **facts: Any):
        super().__init__(key)
        self.key, self.facts, self.incident_id, self.report_id = key, facts, incident_id, report_id


@dataclass
class Turn:
    """Conversations get this. ``actor`` is read afresh for every turn; ``heard`` never decides who somebody is."""

    update: Waiting
    heard: Heard
    address: Address | None
    _actor: Actor | None = None
    _answers: int = field(default=0)

    @property
    def actor(self) -> Actor:
        assert self._actor is not None, "conversations with strangers never ask who acts"
        return self._actor

    @property
    def here(self) -> Address:
        assert self.address is not None
        return self.address

    def belongs_now(self) -> None:
        """The chat has just been linked: from here on the turn is the member's."""
        self.address = addresses.by_chat(self.heard.channel, self.heard.chat)
        self._actor = fresh.actor_of(self.here.member)

    @property
    def lang(self) -> str:
        return self._actor.lang if self._actor else "vi"

    @property
    def arrived_late(self) -> bool:
        """Whether the message waited somewhere for more than two minutes (bot.md ``qr.offline``)."""
        sent = self.heard.sent_at
        return sent is not None and utc_now() - sent > timedelta(minutes=2)

    def answer(
        self,
        key: str,
        *,
        ask: str = "",
        options: Sequence[Option] = (),
        incident_id: int | None = None,
        report_id: int | None = None,
        **facts: Any,
    ) -> Alert | None:
        """Owe an answer. ``ask``: the kind of the question it puts, with ``options``; without options, words answer it."""
        prompt = None
        if ask:
            prompt = prompts.ask(self.here, ask, options, incident_id=incident_id, quick_report_id=report_id)
            db.session.flush()
            facts["prompt"] = prompt.id
        if (key := self._paced(key)) == "":
            return None
        self._answers += 1
        cause = f"update:{self.update.channel}:{self.update.external_id}:{self._answers}"
        alert = alerts.reply(self.here, cause, {"key": key, **facts}, quick_report_id=report_id)
        alert.incident_id = incident_id
        return alert

    def _paced(self, key: str) -> str:
        """Everything is stored, but nobody needs a thousand answers: the twentieth in a minute says so, then silence."""
        recent = db.session.scalar(
            select(func.count()).where(
                Alert.address_id == self.here.id,
                Alert.kind.in_((AlertKind.reply, AlertKind.quick_report_answer)),
                Alert.created_at > utc_now() - timedelta(minutes=1),
            )
        )
        waiting = recent or 0
        return key if waiting < ANSWERS_A_MINUTE - 1 else "slow" if waiting == ANSWERS_A_MINUTE - 1 else ""

    def answer_stranger(self, key: str, limit: int = STRANGER_ANSWERS) -> None:
        """One neutral line, at most ``limit`` a day in this chat."""
        day = today()
        told = db.session.scalars(
            select(Alert.created_at).where(
                Alert.chat == self.heard.chat,
                Alert.address_id.is_(None),
                Alert.kind == AlertKind.reply,
                Alert.created_at > utc_now() - timedelta(days=1),
            )
        ).all()
        if sum(at.astimezone(ZONE).date() == day for at in told) < limit:
            cause = f"update:{self.update.channel}:{self.update.external_id}"
            alerts.reply_to_stranger(self.heard.channel, self.heard.chat, cause, {"key": key})


Conversation = Callable[[Turn], None]


def carry_out(update: Waiting, heard: Heard, conversation: Conversation, stranger: Conversation) -> None:
    """Have a conversation about one update, exactly once. What a verb refuses becomes the answer.

    A stranger's words are not kept: the update's id stays, its body goes.
    """
    try:
        with transaction():
            turn = _begin(update, heard)
            if turn is None:
                return
            if turn.address is None:
                stranger(turn)
                inbox.ignore(update.id)
            else:
                conversation(turn)
                if heard.is_from_person or heard.is_contact:
                    inbox.forget_body(update.id)
    except Instead as instead:
        _answer_only(update, heard, instead.key, instead.incident_id, instead.report_id, instead.facts)
    except StateSecret:
        _refuse_secret(update, heard)
    except Refusal as refusal:
        lang = _lang_of(heard)
        _answer_only(update, heard, "refused", None, None, {"text": refusal.text(lang)})


def _begin(update: Waiting, heard: Heard) -> Turn | None:
    """Take the update, inside the transaction; None when somebody has done it already."""
    if not inbox.mark_done(update.id):
        return None
    address = addresses.by_chat(heard.channel, heard.chat)
    turn = Turn(update, heard, address, fresh.actor_of(address.member) if address else None)
    if address is not None and address.state == AddressState.broken:
        _welcome_back(turn, address)
    return turn


def _welcome_back(turn: Turn, address: Address) -> None:
    """Whoever writes again is reachable again."""
    missed = select(func.count()).where(
        Alert.member_id == address.member_id,
        Alert.state == AlertState.failed,
        Alert.created_at >= address.changed_at - timedelta(minutes=5),
    )
    count = db.session.scalar(missed) or 0
    addresses.mark_back(address.id)
    turn.answer("link.back", count=count)


def _answer_only(
    update: Waiting,
    heard: Heard,
    key: str,
    incident_id: int | None,
    report_id: int | None,
    facts: dict[str, Any],
) -> None:
    with transaction():
        turn = _begin(update, heard)
        if turn is not None and turn.address is not None:
            turn.answer(key, incident_id=incident_id, report_id=report_id, **facts)


def _refuse_secret(update: Waiting, heard: Heard) -> None:
    """G10: nothing of the text is kept; the sender and the lead are told."""
    with transaction():
        turn = _begin(update, heard)
        if turn is None or turn.address is None:
            return
        inbox.forget_body(update.id)
        turn.answer("secret.no")
        facts = {"key": "secret.told", "name": turn.actor.name, "at": shape.clock_time(utc_now())}
        leads = audience.people((Role.lead,))
        alerts.tell(AlertKind.reply, leads, f"secret:{update.id}", facts=facts, besides=turn.actor)


def _lang_of(heard: Heard) -> str:
    address = addresses.by_chat(heard.channel, heard.chat)
    return address.member.lang if address else "vi"
