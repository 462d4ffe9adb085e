"""Pictures of quick reports are fetched after they were recorded: five tries in an hour, then refused with a reason.

Those sent for a step are fetched by the same loop (``proof_files``).
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from telegram.error import TelegramError

from bots.bridge import Bridge
from bots.telegram import proof_files
from bots.telegram.client import Telegram
from bots.telegram.errors import Class, row_of
from incidents.cases.models import QuickReport, QuickReportPart
from incidents.db import db, transaction, utc_now
from incidents.errors import BadFile
from incidents.files import keep, write_picture
from incidents.telling import alerts
from incidents.vocabulary import AddressState

log = logging.getLogger(__name__)

IDLE = 0.5  # seconds
_AT_ONCE = 4
_AGAIN_AFTER = (30, 120, 600, 1500)  # seconds: five tries within the hour


@dataclass(frozen=True)
class Wanted:
    """A part that waits for its file."""

    part_id: int
    remote_id: str


async def run(bridge: Bridge, channel: Telegram, stop: asyncio.Event) -> None:
    """Fetch until ``stop``."""
    while not stop.is_set():
        try:
            fetched = await once(bridge, channel)
        except SQLAlchemyError:
            log.exception("files cannot be looked up")
            fetched = 0
        if not fetched:
            await asyncio.sleep(IDLE)


async def once(bridge: Bridge, channel: Telegram) -> int:
    """One round; returns how many were tried."""
    wanted, proofs = await bridge.call(_due), await bridge.call(proof_files.due)
    parts = (_fetch(bridge, channel, one) for one in wanted)
    await asyncio.gather(*parts, *(proof_files.fetch(bridge, channel, one) for one in proofs))
    return len(wanted) + len(proofs)


def _due() -> list[Wanted]:
    rows = db.session.scalars(
        select(QuickReportPart)
        .where(QuickReportPart.fetch_state == "waiting", QuickReportPart.fetch_at <= utc_now())
        .order_by(QuickReportPart.fetch_at)
        .limit(_AT_ONCE)
    )
    return [Wanted(row.id, row.remote_id) for row in rows]


async def _fetch(bridge: Bridge, channel: Telegram, wanted: Wanted) -> None:
    try:
        file = await channel.bot.get_file(wanted.remote_id)
        content = bytes(await file.download_as_bytearray())
    except TelegramError as fault:
        row = row_of(fault)
        await bridge.call(_failed, wanted.part_id, row.shown, final=row.verdict is Class.alert)
        return
    try:
        await bridge.call(_keep, wanted.part_id, content)
    except Exception as fault:  # one file must never end the loop that fetches everybody's
        log.exception("part %s cannot be kept", wanted.part_id)
        await bridge.call(_failed, wanted.part_id, f"lỗi: {type(fault).__name__}", final=False)


def _keep(part_id: int, content: bytes) -> None:
    """Check and keep it; a file that is no picture is refused and its sender told."""
    try:
        picture = write_picture(content)
        with transaction():
            part = _waiting(part_id)
            if part is not None:
                part.file, part.fetch_state, part.fetch_at = keep(picture), "stored", None
                db.session.flush()
                alerts.edit_cards(quick_report_id=part.report_id, cause=f"file:{part_id}")
    except BadFile as bad:
        with transaction():
            part = _waiting(part_id)
            if part is not None:
                _refuse(part, str(bad.facts["why"]))


def _failed(part_id: int, reason: str, *, final: bool) -> None:
    with transaction():
        part = _waiting(part_id)
        if part is None:
            return
        part.fetch_attempts += 1
        if final or part.fetch_attempts > len(_AGAIN_AFTER):
            _refuse(part, reason or "không tải được từ Telegram")
            return
        part.fetch_at, part.reason = utc_now() + timedelta(seconds=_AGAIN_AFTER[part.fetch_attempts - 1]), reason
        if part.fetch_attempts == 1:
            _tell(part, "file.wait")


def _refuse(part: QuickReportPart, why: str) -> None:
    part.fetch_state, part.fetch_at, part.reason = "refused", None, why[:300]
    _tell(part, "file.bad", why=why)


def _tell(part: QuickReportPart, key: str, **facts: str) -> None:
    report: QuickReport = part.report
    address = next((a for a in report.member.addresses if a.state == AddressState.linked), None)
    if address is not None:
        alerts.reply(address, f"{key}:{part.id}", {"key": key, **facts}, quick_report_id=report.id)


def _waiting(part_id: int) -> QuickReportPart | None:
    part = db.session.get(QuickReportPart, part_id, with_for_update=True)
    return part if part is not None and part.fetch_state == "waiting" else None
