"""What each kind of alert says now: a draft from fresh facts, with the question its buttons ask – or that it is moot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bots import facts as fresh
from bots.wording import Html, say, shape
from bots.wording.cards import IncidentFacts, StepFacts, incident_card, report_card, severity_words, task, title
from incidents.cases.models import Incident
from incidents.db import db
from incidents.people.models import Address
from incidents.permissions import Actor
from incidents.telling import prompts
from incidents.telling.models import Alert, Card, Prompt
from incidents.vocabulary import AlertKind, AlertState

Option = tuple[str, str, str]


class Moot(Exception):  # noqa: N818 - names state the fact
    """Nobody needs this alert any more; the text says why."""


@dataclass(frozen=True)
class Draft:
    """A message in the making. ``is_card``: it becomes (or is) the one card of its subject in this chat."""

    text: str
    prompt: Prompt | None = None
    url: str = ""  # [Xem] opens it
    edit: str = ""
    is_card: bool = False
    reply_to: str = ""
    silent: bool = False
    seen: str = ""
    asked: int = 0  # the question that is answered by words alone, so that a quoted reply finds it


@dataclass(frozen=True)
class Work:
    """One alert with what its words need."""

    alert: Alert
    address: Address | None
    actor: Actor | None
    lang: str
    now: datetime

    @property
    def incident(self) -> Incident:
        incident: Incident | None = self.alert.incident
        if incident is None:
            raise Moot("không còn sự việc")
        return incident

    @property
    def reader(self) -> Actor:
        if self.actor is None or self.address is None:
            raise Moot("không còn người nhận")
        return self.actor

    def facts(self) -> IncidentFacts:
        return fresh.of_incident(self.incident, self.reader)

    def card_here(self) -> Card | None:
        """The card of this alert's subject in this chat, if there is one."""
        alert = self.alert
        wanted = select(Card).where(Card.address_id == alert.address_id)
        if alert.incident_id is not None:
            return db.session.scalar(wanted.where(Card.incident_id == alert.incident_id))
        if alert.quick_report_id is not None:
            return db.session.scalar(wanted.where(Card.quick_report_id == alert.quick_report_id))
        return None


def ask(work: Work, kind: str, options: Sequence[Option]) -> Prompt | None:
    """The question behind the buttons: the one that stands there already when its choices are the same."""
    if work.address is None:
        return None
    alert = work.alert
    before = db.session.scalar(
        select(Prompt)
        .where(
            Prompt.address_id == work.address.id,
            Prompt.kind == kind,
            Prompt.incident_id.is_not_distinct_from(alert.incident_id),
            Prompt.quick_report_id.is_not_distinct_from(alert.quick_report_id),
            Prompt.answered_at.is_(None),
        )
        .order_by(Prompt.id.desc())
        .limit(1)
    )
    if before is not None:
        if before.options == [list(option) for option in options] and before.expires_at > work.now:
            return before
        before.answered_at = work.now
    if not options:
        return None
    return prompts.ask(
        work.address, kind, options, incident_id=alert.incident_id, quick_report_id=alert.quick_report_id
    )


# Incidents


def card_options(facts: IncidentFacts) -> list[Option]:
    """Numbers never change their meaning on a card: 1 accept, 2 view, 3 tick."""
    if not facts.is_visible or facts.has_ended:
        return []
    options = [("1", "accept", "")] if facts.may_accept else []
    options.append(("2", "view", ""))
    if facts.step is not None and not facts.may_accept:
        options.append(("3", *finishing(facts.step)))
    return options


def finishing(step: StepFacts) -> tuple[str, str]:
    """Action and argument that end a step: ticked, or submitted where another person must approve."""
    return "submit" if step.needs_approval else "tick", f"{step.position}:{step.key}"


def incident_draft(work: Work, *, edit: str = "") -> Draft:
    """The card as it must look now."""
    facts = work.facts()
    if not facts.is_visible and not edit:
        raise Moot("không còn quyền xem")
    page = fresh.page_of(facts.code) if facts.is_visible and not facts.has_ended else ""
    as_button = fresh.links_are_buttons()
    text = incident_card(facts, work.lang, work.now, "" if as_button else page)
    if edit and _was_called(work, facts):
        text += "\n" + say("esc.stop", work.lang)
    return Draft(
        text=text,
        prompt=ask(work, "card", card_options(facts)),
        url=page if as_button else "",
        edit=edit,
        is_card=True,
        silent=facts.severity <= 2,
        seen=str(facts.version),
    )


def _was_called(work: Work, facts: IncidentFacts) -> bool:
    """An escalation called this member, somebody else has taken it since, and nothing of it is his."""
    if not facts.holder or facts.holder == work.reader.name or facts.part or facts.step or not facts.is_visible:
        return False
    told = select(Alert.id).where(
        Alert.kind == AlertKind.escalation,
        Alert.incident_id == facts.id,
        Alert.address_id == work.alert.address_id,
        Alert.state == AlertState.sent,
    )
    return db.session.scalar(told.limit(1)) is not None


def incident_new(work: Work) -> Draft:
    card = work.card_here()
    return incident_draft(work, edit=card.message_id if card else "")


def assigned(work: Work) -> Draft:
    """The first word of an incident in a chat is its card; later ones stand under it."""
    card = work.card_here()
    if card is None:
        return incident_draft(work)
    facts = work.facts()
    part = facts.part
    if part is None or not facts.is_visible:
        raise Moot("phân công đã thay đổi")
    due = ""
    if part.due_at is not None:
        before = " trước" if work.lang == "vi" else ", before"
        due = f"{before} {shape.due_time(part.due_at, work.now)} {shape.left(part.due_at, work.now, work.lang)}"
    text = say(
        "card.task", work.lang, code=facts.code, severity=severity_words(facts.severity, work.lang),
        title=title(facts, work.lang), agency=part.agency, task=Html(task(part, work.lang)), due=due,
    )  # fmt: skip
    return Draft(text, reply_to=card.message_id)


def severity_raised(work: Work) -> Draft:
    """An edit makes no sound, a higher level must: one short message under the card, which is edited by its own alert."""
    card = work.card_here()
    if card is None:
        return incident_draft(work)
    facts = work.facts()
    if not facts.is_visible:
        raise Moot("không còn quyền xem")
    text = say("card.raised", work.lang, code=facts.code, severity=severity_words(facts.severity, work.lang))
    return Draft(text, reply_to=card.message_id)


def card(work: Work) -> Draft:
    card = work.card_here()
    if card is None:
        raise Moot("chưa có thẻ trong chat này")
    if work.alert.incident_id is not None:
        return incident_draft(work, edit=card.message_id)
    return report_draft(work, edit=card.message_id)


def under(work: Work) -> str:
    """The message that an alert of the same subject stands under."""
    card = work.card_here()
    return card.message_id if card else ""


# Quick reports

_SORTING: list[Option] = [("1", "open", ""), ("2", "merge", ""), ("3", "reply", ""), ("4", "ignore", "")]


def report_draft(work: Work, *, edit: str = "") -> Draft:
    facts = fresh.of_report(work.alert.quick_report)
    return Draft(
        text=report_card(facts, work.lang),
        prompt=ask(work, "report", _SORTING if facts.is_waiting else ()),
        edit=edit,
        is_card=True,
        seen=f"{facts.state} {facts.severity} {facts.kind}",
    )


def quick_report_new(work: Work) -> Draft:
    draft = report_draft(work)
    if draft.prompt is None:
        raise Moot("tin báo đã được phân loại")
    return draft


def undelivered(work: Work) -> Draft:
    told: Mapping[str, Any] = work.alert.facts
    subject = told.get("subject") or say("subject.none", work.lang)
    return Draft(say("undelivered", work.lang, **{**told, "subject": subject}))


def test_message(work: Work) -> Draft:
    return Draft(say("test", work.lang, at=shape.clock_time(work.now)))
