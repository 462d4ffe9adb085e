"""The right column of an incident: what is known of it, who has which part, who was told."""

from datetime import datetime
from typing import Any

from markupsafe import Markup

from desk.forms import times
from desk.language import _
from desk.shown import choices, clocks
from incidents.cases.models import Assignment
from incidents.permissions import Actor
from incidents.reading.case import Case
from incidents.vocabulary import ACCESS_CLASSES, CATEGORIES, HARM_CLASSES, KINDS, PARTS, ClockState, label


def facts(case: Case, lang: str) -> list[tuple[str, str]]:
    """(name, value) of what is known; what is not is left out."""
    row = case.incident
    known = [flag for flag, value in row.flags.items() if value is True]
    words = choices.flags()
    rows = [
        (_("Nội dung"), row.what),
        (_("Loại"), label(KINDS, row.kind, lang)),
        (_("Lĩnh vực"), label(CATEGORIES, row.category, lang) if row.category else ""),
        (_("Nơi"), row.place),
        (_("Nguồn"), _link(row.link)),
        (_("Xảy ra"), times.words(row.occurred_at)),
        (_("Tiếp nhận"), times.words(row.received_at)),
        (_("Mở lúc"), times.words(row.opened_at) + (f" – {row.opened_by.name}" if row.opened_by else "")),
        (_("Kết thúc lúc"), times.words(row.closed_at)),
        (_("Độ nguy hại"), label(HARM_CLASSES, row.harm_class, lang) if row.harm_class else ""),
        (_("Nhóm tiếp cận"), label(ACCESS_CLASSES, row.access_class, lang) if row.access_class else ""),
        (_("Đặc điểm"), "; ".join(words[flag] for flag in known if flag in words)),
        (_("Kịch bản"), "; ".join(_playbook(running) for running in row.playbooks)),
    ]
    return [(name, value) for name, value in rows if value]


def _link(address: str) -> str:
    if not address:
        return ""
    shown = address if len(address) <= 80 else address[:79] + "…"
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>').format(address, shown)


def _playbook(running: dict[str, Any]) -> str:
    return f"{running['code']} {choices.playbook(running)}, {_('bản')} {running['version']}"


def assignments(case: Case, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    return [_part(case, row, actor, now) for row in case.parts]


def _part(case: Case, row: Assignment, actor: Actor, now: datetime) -> dict[str, Any]:
    clock = next((c for c in case.clocks if c.assignment_id == row.id and c.state == ClockState.running), None)
    details = [label(PARTS, row.part, actor.lang).lower(), row.purpose]
    if row.due_at:
        details.append(_("hạn {at}").format(at=times.words(row.due_at)))
    is_mine = row.agency_id == actor.agency_id and row.accepted_at is None and case.incident.is_open
    return {
        "agency": row.agency.label,
        "part": " · ".join(filter(None, details)),
        "state": _accepted(row),
        "tone": "done" if row.accepted_at else "late" if clock and clock.due_at and clock.due_at < now else "soon",
        "clock": clocks.shown(clock, now, actor.lang) if clock else None,
        "accept_href": f"/incidents/{case.incident.code}/acknowledge" if is_mine else "",
    }


def _accepted(row: Assignment) -> str:
    if row.accepted_at is None:
        return _("chưa nhận việc")
    who = row.accepted_by.name if row.accepted_by else ""
    return _("đã nhận việc {at}").format(at=" – ".join(filter(None, (times.words(row.accepted_at), who))))
