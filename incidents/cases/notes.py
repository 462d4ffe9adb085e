"""What people add to a timeline: a note, a correction of an earlier entry."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from incidents.cases import clocks, holding, rhythm, timeline
from incidents.cases.checks import checked_text, checked_time
from incidents.cases.doing import has_part
from incidents.cases.models import Entry, Incident
from incidents.cases.visibility import find
from incidents.db import db, transaction
from incidents.errors import BadInput, NotFound
from incidents.files import Picture, write_pictures
from incidents.permissions import Actor, require
from incidents.telling import alerts
from incidents.vocabulary import EntryKind


def note(
    actor: Actor,
    code: str,
    text: str,
    *,
    happened_at: datetime | None = None,
    pictures: Sequence[tuple[str, bytes]] = (),
    corrects: int | None = None,
    source_key: str | None = None,
) -> Entry:
    """Add what happened in the writer's words. ``happened_at``: when, not after now; ``pictures``: (name, content).

    ``corrects``: the number of the entry this one corrects; the old one stays (G18). The same ``source_key`` twice is
    one entry. Allowed after the end too: a later fact is still a fact.
    """
    text = checked_text("text", text)
    kept = write_pictures(pictures)
    with transaction():
        incident = find(actor, code)
        require(actor, "add_entry", severity=incident.severity, own=has_part(actor, incident))
        if source_key and (before := _written(incident, source_key)):
            return before
        corrected = _entry(incident, corrects) if corrects else None
        entry = timeline.write(
            actor,
            incident,
            EntryKind.correction if corrected else EntryKind.note,
            text,
            happened_at=checked_time("happened_at", happened_at),
            facts=_facts(corrected, kept),
            corrects_id=corrected.id if corrected else None,
            source_key=source_key,
        )
        rhythm.renew(incident, entry.recorded_at)
        holding.heard(incident, actor.agency_id, entry.recorded_at)
        db.session.flush()
        timeline.attach(entry, kept)
        clocks.point_at_next(incident)
        alerts.edit_cards(incident_id=incident.id, cause=f"entry:{incident.code}:{entry.number}")
        return entry


def _facts(corrected: Entry | None, kept: Sequence[Picture]) -> dict[str, Any]:
    """The pictures' hashes stand in the entry, so that the chain holds them too."""
    facts: dict[str, Any] = {"corrects": corrected.number} if corrected else {}
    return facts | ({"files": [picture.sha256 for picture in kept]} if kept else {})


def _written(incident: Incident, source_key: str) -> Entry | None:
    """The same form sent twice. Of another incident it is no repeat: nothing is called saved that was not."""
    before = db.session.scalar(select(Entry).where(Entry.source_key == source_key))
    if before is not None and before.incident_id != incident.id:
        raise BadInput("nonce", "Trang này đã dùng cho sự việc khác. Tải lại trang.", "This page was used elsewhere.")
    return before


def _entry(incident: Incident, number: int) -> Entry:
    entry = db.session.scalar(select(Entry).where(Entry.incident_id == incident.id, Entry.number == number))
    if entry is None:
        raise NotFound(what=f"{incident.code} #{number}")
    if entry.kind not in (EntryKind.note, EntryKind.correction, EntryKind.quick_report):
        raise BadInput(
            "corrects",
            "Chỉ sửa được diễn biến do người ghi; việc của hệ thống sửa bằng chính thao tác đó.",
            "Only entries written by people are corrected so.",
        )
    return entry
