"""Quick reports (bot.md 4): stored before the first question, complete without an answer to any."""

import hashlib
from typing import Any

from sqlalchemy import func, select

from bots import facts as fresh
from bots.turn import Heard, Instead, Turn
from bots.wording import buttons, shape
from incidents.cases import audience, quick_reports, sorting
from incidents.cases.models import QuickReport, QuickReportPart
from incidents.cases.quick_reports import TooLate
from incidents.db import db, utc_now
from incidents.errors import AlreadyDone
from incidents.permissions import may
from incidents.telling import alerts, prompts
from incidents.telling.models import Prompt, Update
from incidents.text import clean, fold, has_private_number
from incidents.vocabulary import QUICK_REPORT_WAITING, InboxState, QuickReportState, Role

MAX_FILE = 20 * 1024 * 1024  # what Telegram hands to a bot
_LEVELS = [(str(n), "severity", str(n)) for n in (1, 2, 3, 4)] + [("0", "severity", "0")]
_KINDS = [(str(n), "kind", str(kind)) for n, kind in enumerate(buttons.ASKED_KINDS, start=1)]
_TOLD = [("1", "add_photo", ""), ("2", "add_note", ""), ("3", "undo", "")]
_ALBUM_SECONDS = 2.0
_NOISE = frozenset({"ok", "oke", "okay", "okie", "vang"})


def received(turn: Turn) -> None:
    """Anything that is neither a command nor an answer: a quick report, or more of the one being asked about."""
    heard = turn.heard
    if heard.is_contact:
        turn.answer("contact.no")
    elif heard.file is None and is_noise(heard.text):
        turn.answer("what")
    else:
        store(turn, heard.text)


def is_noise(text: str) -> bool:
    """Too little to be a report: nothing, fewer than three characters, an "ok"."""
    return len(clean(text)) < 3 or fold(text) in _NOISE


def ask_for_one(turn: Turn) -> None:
    """``/baocao`` alone: whatever comes next is the report."""
    turn.answer("qr.ask")


def store(turn: Turn, text: str) -> None:
    """Keep it as a quick report, then ask for the level."""
    heard = turn.heard
    report, is_new = quick_reports.send(
        turn.actor,
        text,
        heard.key,
        link=heard.origin_link,
        origin=heard.origin,
        sent_at=heard.sent_at,
        place=fresh.place_of(turn.here.member.agency),
    )
    also, facts = _keep_file(turn, report, text)
    if is_new:
        ask_level(turn, report, also, facts)
    elif heard.album and heard.sent_at and (heard.sent_at - report.sent_at).total_seconds() > _ALBUM_SECONDS:
        turn.answer("qr.added", report_id=report.id, what=_what(turn))


def ask_level(turn: Turn, report: QuickReport, also: list[str], facts: dict[str, Any]) -> None:
    """``qr.stored``: the receipt, what has to be said about it, and the first question."""
    if turn.heard.sent_at is not None and turn.arrived_late:
        also = [*also, "qr.offline"]
        facts |= {"sent": shape.clock_time(turn.heard.sent_at)}
    turn.answer("qr.stored", ask="level", options=_LEVELS, report_id=report.id, also=also, **facts)


def _keep_file(turn: Turn, report: QuickReport, text: str) -> tuple[list[str], dict[str, Any]]:
    """The file becomes a part, to be fetched soon or refused at once. Returns what there is to say about it."""
    heard = turn.heard
    also: list[str] = []
    facts: dict[str, Any] = {}
    if has_private_number(text):
        also.append("name.warn")
    if heard.file is None:
        return also, facts
    refused = ""
    if heard.file.size is not None and heard.file.size > MAX_FILE:
        refused, facts = "tệp lớn hơn 20 MB", {"link": fresh.base_url()}
        also.append("file.big")
    elif not heard.file.is_picture:
        refused = facts["why"] = heard.file.what
        also.append("file.bad")
    own_words = clean(text)
    quick_reports.add_part(
        turn.actor,
        report.id,
        heard.part_key,
        kind="photo",
        text="" if own_words == report.text else own_words,
        remote_id=heard.file.remote_id,
        remote_size=heard.file.size,
        refused=refused,
    )
    return also, facts


# The sender's answers


def choose_level(turn: Turn, prompt: Prompt, argument: str) -> None:
    report = _asked(turn, prompt)
    if argument != "0":
        quick_reports.propose(turn.actor, report.id, severity=int(argument))
    prompt.answered_at = utc_now()
    if report.kind:
        level = buttons.label("severity", argument, turn.lang)
        turn.answer("qr.level", report_id=report.id, level=level)
    else:
        turn.answer("qr.kind", ask="kind", options=_KINDS, report_id=report.id)


def choose_kind(turn: Turn, prompt: Prompt, argument: str) -> None:
    """The last answer: duty is told, or, for who may open incidents himself, the incident is opened at once."""
    report = _asked(turn, prompt)
    prompt.answered_at = utc_now()
    if not may(turn.actor, "open_incident"):
        quick_reports.propose(turn.actor, report.id, kind=argument)
        told(turn, report)
        return
    try:
        incident = sorting.open_incident(turn.actor, report.id, kind=argument, what=content(report))
    except AlreadyDone as done:
        raise Instead("sort.done", report_id=report.id) from done
    turn.answer("card", incident_id=incident.id)


def _asked(turn: Turn, prompt: Prompt) -> QuickReport:
    report = quick_reports.get(turn.actor, prompt.quick_report_id or 0)
    if report.state not in QUICK_REPORT_WAITING:
        raise Instead("sort.done", report_id=report.id)
    return report


def content(report: QuickReport) -> str:
    """The report's own words: its text, else what came as parts."""
    return report.text or "\n".join(part.text for part in report.parts if part.text)


def told(turn: Turn, report: QuickReport) -> None:
    """``qr.told``: who is being told – only those who can be reached – and what can still be done."""
    duty = [m.name for m in audience.reach().on(Role.duty) if m.id != turn.actor.id and alerts.first_working(m)]
    key = "qr.told" if duty else "qr.told_nobody"
    turn.answer(key, ask="told", options=_TOLD, report_id=report.id, duty=", ".join(duty[:2]))


def ask_more(turn: Turn, prompt: Prompt, argument: str) -> None:
    turn.answer("qr.more", ask="more", report_id=prompt.quick_report_id)


def undo(turn: Turn, prompt: Prompt, argument: str) -> None:
    """Within two minutes; later the reason goes to the report, and with it to the incident."""
    report_id = prompt.quick_report_id or 0
    try:
        quick_reports.withdraw(turn.actor, report_id)
    except TooLate as late:  # raised before anything was written
        turn.answer("refused", ask="more", report_id=report_id, text=late.text(turn.lang))
        return
    close_questions(turn, report_id)
    turn.answer("qr.undone", report_id=report_id)


def close_questions(turn: Turn, report_id: int | None = None) -> list[int]:
    """Nothing is asked any more, of one report or of all; returns the reports concerned."""
    closed = [p for p in prompts.open_in(turn.here) if report_id in (None, p.quick_report_id)]
    for prompt in closed:
        prompt.answered_at = utc_now()
    return sorted({p.quick_report_id for p in closed if p.quick_report_id and p.kind in ("level", "kind")})


# More of the same


def join_while_asked(turn: Turn, prompt: Prompt) -> bool:
    """While its questions are open, further text or pictures are part of the report. False: make a new one."""
    report = quick_reports.get(turn.actor, prompt.quick_report_id or 0)
    if report.state != QuickReportState.asked or report.source_key == turn.heard.key:
        return False
    join(turn, prompt)
    return True


def join(turn: Turn, prompt: Prompt) -> None:
    """Add a message to the report behind a question."""
    heard, report = turn.heard, quick_reports.get(turn.actor, prompt.quick_report_id or 0)
    also, facts = _keep_file(turn, report, heard.text)
    if heard.file is None:
        quick_reports.add_part(turn.actor, report.id, heard.part_key, kind="text", text=heard.text)
        if prompt.kind == "more":
            prompt.answered_at = utc_now()
    if _is_first_of_album(heard):
        turn.answer("qr.added", report_id=report.id, what=_what(turn), also=also, **facts)


def _is_first_of_album(heard: Heard) -> bool:
    """An album of seven pictures gets one answer."""
    if not heard.album:
        return True
    parts = select(func.count()).where(QuickReportPart.source_key.startswith(heard.part_prefix, autoescape=True))
    return (db.session.scalar(parts) or 0) <= 1


def _what(turn: Turn) -> str:
    picture, note = ("1 ảnh", "ghi chú") if turn.lang == "vi" else ("a picture", "a note")
    return picture if turn.heard.file else note


# Edited messages


def edited(turn: Turn) -> None:
    """A new version beside the old one. An edit that comes before its message begins the report."""
    heard = turn.heard
    report = quick_reports.sent_before(heard.key) or _report_of_part(heard)
    if report is None:
        if _was_heard(heard) or (heard.file is None and is_noise(heard.text)):
            return  # an answer, a command: nothing was stored that could change
        report, _ = quick_reports.send(turn.actor, "", heard.key, origin=heard.origin, sent_at=heard.sent_at)
        ask_level(turn, report, [], {})
    at = int(heard.edited_at.timestamp()) if heard.edited_at else 0
    digest = hashlib.sha256(heard.text.encode()).hexdigest()[:8]
    if not heard.text.strip() or heard.text == report.text:
        return
    key = f"{heard.part_key}:edit:{at}:{digest}"
    _, is_new = quick_reports.add_part(turn.actor, report.id, key, kind="edit", text=heard.text)
    if is_new:
        also = ["name.warn"] if has_private_number(heard.text) else []
        turn.answer("edit.done", report_id=report.id, also=also)


def _report_of_part(heard: Heard) -> QuickReport | None:
    part = db.session.scalar(select(QuickReportPart).where(QuickReportPart.source_key == heard.part_key))
    return part.report if part else None


def _was_heard(heard: Heard) -> bool:
    """Whether the message itself has been worked through already."""
    wanted = select(Update.id).where(
        Update.channel == heard.channel,
        Update.chat == heard.chat,
        Update.state.in_((InboxState.done, InboxState.ignored)),
        Update.raw.contains(f'"message_id": {heard.message_id},'),
        Update.raw.contains('"message": {'),
        ~Update.raw.contains('"edited_message": {'),
    )
    return db.session.scalar(wanted.limit(1)) is not None
