"""Duty sorts a quick report by its four buttons: open, join, answer, ignore (bot.md ``qr.new``)."""

from sqlalchemy import select

from bots.telegram.conversations.quick_report import content
from bots.turn import Instead, Turn
from incidents.cases import quick_reports, sorting
from incidents.cases.codes import like_code
from incidents.cases.models import Incident, QuickReport
from incidents.cases.visibility import visible
from incidents.db import db, utc_now
from incidents.errors import AlreadyDone
from incidents.permissions import require
from incidents.telling.models import Prompt
from incidents.vocabulary import QUICK_REPORT_WAITING

_SHOWN = 3


def open_incident(turn: Turn, prompt: Prompt, argument: str) -> None:
    """ "Mở sự việc": the answer is the incident's card, with its next choices."""
    report = _waiting(turn, prompt)
    try:
        incident = sorting.open_incident(turn.actor, report.id, what=content(report))
    except AlreadyDone as done:
        raise Instead("sort.done", report_id=report.id) from done
    turn.answer("card", incident_id=incident.id)


def merge(turn: Turn, prompt: Prompt, argument: str) -> None:
    """ "Gộp": the three newest open incidents to choose from, or a code."""
    report = _waiting(turn, prompt)
    newest = (
        select(Incident)
        .where(Incident.is_open, visible(turn.actor))
        .order_by(Incident.received_at.desc(), Incident.id.desc())
        .limit(_SHOWN)
    )
    options = [
        (str(number), "into", f"{incident.code}|{incident.code} · {incident.title}")
        for number, incident in enumerate(db.session.scalars(newest), start=1)
    ]
    turn.answer("sort.into", ask="into", options=options, report_id=report.id)


def into(turn: Turn, prompt: Prompt, argument: str) -> None:
    """The incident was chosen."""
    report = _waiting(turn, prompt)
    try:
        sorting.link(turn.actor, report.id, argument.split("|", 1)[0])
    except AlreadyDone as done:
        raise Instead("sort.done", report_id=report.id) from done
    prompt.answered_at = utc_now()
    turn.answer("sort.done", report_id=report.id)


def into_typed(turn: Turn, prompt: Prompt) -> bool:
    """A code was typed instead of a number. False: something else was meant."""
    if not like_code(turn.heard.text):
        return False
    into(turn, prompt, turn.heard.text)
    return True


def ask_answer(turn: Turn, prompt: Prompt, argument: str) -> None:
    """ "Trả lời": the words come with the next message."""
    turn.answer("sort.reply", ask="say_answer", report_id=_waiting(turn, prompt).id)


def ask_reason(turn: Turn, prompt: Prompt, argument: str) -> None:
    """ "Bỏ qua": the reason comes with the next message."""
    turn.answer("sort.reason", ask="say_reason", report_id=_waiting(turn, prompt).id)


def say_answer(turn: Turn, prompt: Prompt) -> bool:
    return _end(turn, prompt, is_answer=True)


def say_reason(turn: Turn, prompt: Prompt) -> bool:
    return _end(turn, prompt, is_answer=False)


def _end(turn: Turn, prompt: Prompt, *, is_answer: bool) -> bool:
    """The words were typed. Pictures and forwards are no words: False, they are reports of their own."""
    heard = turn.heard
    if heard.file is not None or heard.origin or not heard.text.strip():
        return False
    report_id = prompt.quick_report_id or 0
    try:
        (sorting.answer if is_answer else sorting.ignore)(turn.actor, report_id, heard.text)
    except AlreadyDone as done:
        raise Instead("sort.done", report_id=report_id) from done
    prompt.answered_at = utc_now()
    turn.answer("sort.answered" if is_answer else "sort.ignored", report_id=report_id)
    return True


def _waiting(turn: Turn, prompt: Prompt) -> QuickReport:
    report = quick_reports.get(turn.actor, prompt.quick_report_id or 0)
    require(turn.actor, "sort_quick_report")
    if report.state not in QUICK_REPORT_WAITING:
        raise Instead("sort.done", report_id=report.id)
    return report
