"""What an alert becomes at the moment it is sent: fresh facts, its words, its buttons – or nothing, when it is moot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bots import answers, approval, drafts, notices, step_drafts
from bots import facts as fresh
from bots.channel import Button, Message
from bots.drafts import Draft, Moot, Work
from bots.wording import buttons, say, shape
from incidents.db import db, transaction, utc_now
from incidents.telling import outbox
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind

_PER_ROW = {"card": 2, "step": 2, "told": 3, "report": 2, "received": 2, "approval": 2}

WORDED: Mapping[AlertKind, Callable[[Work], Draft]] = {
    AlertKind.incident_new: drafts.incident_new,
    AlertKind.assigned: drafts.assigned,
    AlertKind.card: drafts.card,
    AlertKind.severity_raised: drafts.severity_raised,
    AlertKind.step_soon: step_drafts.step,
    AlertKind.step_overdue: step_drafts.step,
    AlertKind.quick_report_new: drafts.quick_report_new,
    AlertKind.quick_report_answer: answers.draft,
    AlertKind.reply: answers.draft,
    AlertKind.undelivered: drafts.undelivered,
    AlertKind.test: drafts.test_message,
    AlertKind.escalation: notices.escalation,
    AlertKind.ladder_test: notices.ladder_test,
    AlertKind.still: notices.still,
    AlertKind.approval_wanted: approval.wanted,
    AlertKind.clock_moved: notices.clock_moved,
    AlertKind.notice: notices.notice,
}
"""A kind of alert that is not here has no words; a test fails until it is."""


@dataclass(frozen=True)
class Parcel:
    """Plain values, ready to leave. ``edit``: the message to change. ``seen``: the version the words were made from."""

    alert_id: int
    chat: str
    channel: str
    messages: Sequence[Message]
    edit: str = ""
    prompt_id: int | None = None
    is_card: bool = False
    seen: str = ""


def prepare(alert_id: int, worker: str) -> Parcel | None:
    """Renew the lease, read, word. None: another worker has it by now, or it is moot and marked so."""
    with transaction():
        if not outbox.renew(alert_id, worker):
            return None
        alert = db.session.get_one(Alert, alert_id)
        db.session.refresh(alert)
        if not alert.chat:
            return Parcel(alert.id, "", alert.channel, ())
        try:
            work = _work(alert)
            draft = WORDED[AlertKind(alert.kind)](work)
        except Moot as moot:
            outbox.record_superseded(alert, str(moot))
            return None
        db.session.flush()
        return _parcel(work, draft)


def _work(alert: Alert) -> Work:
    address, member = alert.address, alert.address.member if alert.address else None
    if alert.address_id is not None and (member is None or not member.is_active):
        raise Moot("thành viên đã ngừng")
    actor = fresh.actor_of(member) if member else None
    return Work(alert, address, actor, member.lang if member else "vi", utc_now())


def _parcel(work: Work, draft: Draft) -> Parcel:
    texts = shape.split(_headed(work, draft))
    rows, choices = _buttons(draft, work.lang)
    last = Message(texts[-1], rows, choices, draft.reply_to, draft.silent)
    messages = [*(Message(text, reply_to=draft.reply_to, silent=draft.silent) for text in texts[:-1]), last]
    return Parcel(
        alert_id=work.alert.id,
        chat=work.alert.chat,
        channel=work.alert.channel,
        messages=messages if not draft.edit else [replace(last, text=texts[0])],
        edit=draft.edit,
        prompt_id=draft.prompt.id if draft.prompt else draft.asked or None,
        is_card=draft.is_card,
        seen=draft.seen,
    )


def _headed(work: Work, draft: Draft) -> str:
    """A drill says so first; what may have arrived already says that."""
    alert, head = work.alert, []
    if (alert.incident and alert.incident.exercise) or (alert.quick_report and alert.quick_report.exercise):
        head.append(say("exercise", work.lang))
    if alert.is_repeat and not draft.edit:
        head.append(say("again", work.lang))
    return "\n".join(filter(None, [" ".join(head), draft.text]))


def _buttons(draft: Draft, lang: str) -> tuple[list[list[Button]], str]:
    """Rows of buttons, and the same choices in words."""
    if draft.prompt is None:
        return ([[Button(buttons.label("view", "", lang), url=draft.url)]] if draft.url else []), ""
    kind = draft.prompt.kind.split(":")[0]
    row = _PER_ROW.get(kind, 1)
    made, words = [], []
    for number, action, argument in draft.prompt.options:
        text = buttons.label(action, argument, lang)
        words.append(f"{number} {shape.escape(text)}")
        if action == "view" and draft.url:
            made.append(Button(text, url=draft.url))
        else:
            made.append(Button(text if kind in _PER_ROW else f"{number} · {text}", f"{draft.prompt.token}.{number}"))
    return [made[at : at + row] for at in range(0, len(made), row)], " · ".join(words)
