"""The timeline as its page shows it, and its filters."""

from collections.abc import Sequence
from typing import Any

from desk.language import _
from desk.shown import sentences
from incidents.cases.models import Entry
from incidents.vocabulary import SOURCES, EntryKind, Source, label

NEWS = (EntryKind.opened, EntryKind.quick_report, EntryKind.note, EntryKind.correction)
WORK = (
    EntryKind.assigned,
    EntryKind.assignment_ended,
    EntryKind.acknowledged,
    EntryKind.playbook_started,
    EntryKind.step_done,
    EntryKind.step_skipped,
    EntryKind.step_reopened,
)
SYSTEM = tuple(kind for kind in EntryKind if kind not in (*NEWS, *WORK))
GROUPS: dict[str, tuple[EntryKind, ...]] = {"work": WORK, "news": NEWS, "system": SYSTEM}
_ALARMS = (EntryKind.clock_soon, EntryKind.clock_overdue, EntryKind.undelivered)


def shown(entries: Sequence[Entry], lang: str) -> list[dict[str, Any]]:
    """As ``ui.entry`` reads them; an entry that was corrected says how often."""
    corrections = [entry.corrects_id for entry in entries if entry.corrects_id is not None]
    return [_one(entry, corrections.count(entry.id), lang) for entry in entries]


def _one(entry: Entry, corrected: int, lang: str) -> dict[str, Any]:
    return {
        "id": entry.number,
        "number": entry.number,
        "happened_at": entry.happened_at,
        "recorded_at": entry.recorded_at,
        "who": _who(entry),
        "source": "" if entry.source in (Source.web, Source.time) else label(SOURCES, entry.source, lang),
        "text": sentences.text(entry),
        "kind": _look(entry.kind),
        "corrected": corrected,
        "files": [
            {"href": f"/files/{kept.file.sha256}", "label": kept.file.name or _("Ảnh {n}").format(n=n)}
            for n, kept in enumerate(entry.files, start=1)
        ],
    }


def _who(entry: Entry) -> str:
    if entry.source == Source.time:
        return _("Hệ thống")
    return " – ".join(filter(None, (entry.actor_name, entry.agency_name)))


def _look(kind: str) -> str:
    if kind in NEWS:
        return "note"
    if kind in _ALARMS:
        return "alert"
    return "step" if kind in WORK else "system"


def filters(code: str, chosen: str) -> list[dict[str, Any]]:
    words = {"": _("tất cả"), "work": _("việc"), "news": _("tin"), "system": _("hệ thống")}
    return [
        {
            "label": text,
            "href": f"/incidents/{code}{f'?entries={key}' if key else ''}#timeline-title",
            "current": key == chosen,
        }
        for key, text in words.items()
    ]
