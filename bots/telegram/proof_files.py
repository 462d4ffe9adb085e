"""Pictures sent for a step: fetched after they were recorded; with the last one the step is done.

One that comes too late, or that the step cannot take any more, becomes a quick report: nothing that was sent is lost.
"""

import hashlib
import logging

from telegram.error import TelegramError

from bots import facts as fresh
from bots import proofs
from bots.bridge import Bridge
from bots.proofs import WantedPicture
from bots.telegram.client import Telegram
from bots.telegram.conversations import proof
from bots.telegram.errors import Class, row_of
from incidents.cases import quick_reports
from incidents.cases.models import Draft, Step
from incidents.db import db, transaction, utc_now
from incidents.errors import BadFile, Refusal
from incidents.files import write_picture
from incidents.people.models import Member
from incidents.permissions import Actor
from incidents.telling import alerts, prompts
from incidents.telling.alerts import first_working

log = logging.getLogger(__name__)


def due() -> list[WantedPicture]:
    return proofs.due(utc_now())


async def fetch(bridge: Bridge, channel: Telegram, wanted: WantedPicture) -> None:
    """Fetch one picture; whatever goes wrong is written down and tried again."""
    try:
        file = await channel.bot.get_file(wanted.remote_id)
        content = bytes(await file.download_as_bytearray())
    except TelegramError as fault:
        row = row_of(fault)
        await bridge.call(_failed, wanted, row.shown, final=row.verdict is Class.alert)
        return
    try:
        await bridge.call(_keep, wanted, content)
    except Exception as fault:  # one picture must never end the loop that fetches everybody's
        log.exception("a picture of draft %s cannot be kept", wanted.draft_id)
        await bridge.call(_failed, wanted, f"lỗi: {type(fault).__name__}", final=False)


def _keep(wanted: WantedPicture, content: bytes) -> None:
    try:
        picture = write_picture(content)
    except BadFile as bad:
        _failed(wanted, str(bad.facts["why"]), final=True)
        return
    with transaction():
        draft = proofs.by_id(wanted.draft_id)
        if draft is None or not proofs.is_wanted(draft, wanted.remote_id):
            return
        proofs.fetched(draft, wanted.remote_id, picture.sha256)
        if not proofs.is_fetching(draft):
            _go_on(draft)


def _failed(wanted: WantedPicture, reason: str, *, final: bool) -> None:
    with transaction():
        draft = proofs.by_id(wanted.draft_id)
        if draft is None or not proofs.is_wanted(draft, wanted.remote_id):
            return
        step, member = proofs.step_of(draft), db.session.get_one(Member, draft.member_id)
        tries = proofs.failed_once_more(draft, wanted.remote_id)
        if not final and tries <= len(proofs.AGAIN_AFTER):
            if tries == 1:
                _tell(member, step, f"proof:{_mark(wanted)}:wait", proof.Said("step.file_wait", _named(step)))
            return
        proofs.drop_picture(draft, wanted.remote_id)
        facts = _named(step) | {"why": reason or "không tải được từ Telegram"}
        _tell(member, step, f"proof:{_mark(wanted)}:bad", proof.Said("step.file_bad", facts))
        if not proofs.is_fetching(draft):
            _go_on(draft)


def _go_on(draft: Draft) -> None:
    """Every picture is here: the step goes on, or what was sent goes to duty as a quick report."""
    step, member = proofs.step_of(draft), db.session.get_one(Member, draft.member_id)
    cause = f"proof:{draft.id}:{utc_now():%Y%m%dT%H%M%S%f}"
    if step is None or not member.is_active:
        proofs.end(draft)
        return
    actor = fresh.actor_of(member)
    try:
        said = proof.go_on(actor, step.incident, step, draft)
    except Refusal as refusal:
        _tell(member, step, cause, proof.refused(actor, step, refusal))
        _become_report(actor, member, step, draft, cause)
        return
    _tell(member, step, cause, said)


def _become_report(actor: Actor, member: Member, step: Step, draft: Draft, cause: str) -> None:
    pieces, key = proofs.given(draft), proofs.first_message(draft)
    proofs.end(draft)
    if not pieces.pictures:
        return
    report, _ = quick_reports.send(actor, pieces.result, key or cause, pictures=pieces.pictures, ask=False)
    _tell(member, step, f"{cause}:report", proof.Said("step.file_kept", {"number": report.number}))


def _tell(member: Member, step: Step | None, cause: str, said: proof.Said) -> None:
    """Owe the answer where the member is reached now, with its question when it puts one."""
    address = first_working(member)
    if address is None:
        return
    facts = {"key": said.key, **said.facts}
    if said.ask:
        asked = prompts.ask(address, said.ask, said.options, incident_id=step.incident_id if step else None)
        db.session.flush()
        facts["prompt"] = asked.id
    alert = alerts.reply(address, cause[:100], facts)
    alert.incident_id = step.incident_id if step else None


def _named(step: Step | None) -> dict[str, object]:
    return {"code": step.incident.code, "position": step.position} if step else {"code": "", "position": ""}


def _mark(wanted: WantedPicture) -> str:
    return f"{wanted.draft_id}:{hashlib.sha256(wanted.remote_id.encode()).hexdigest()[:12]}"
