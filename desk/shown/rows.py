"""The rows and counters of the duty board."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import current_app

from desk.language import _
from desk.shown import choices, clocks
from desk.shown.rights import may_acknowledge
from incidents.permissions import Actor, may
from incidents.reading.board import Filters, Row
from incidents.reading.frame import Frame
from incidents.text import shorten
from incidents.vocabulary import Kind


def row(found: Row, actor: Actor, now: datetime) -> dict[str, Any]:
    """One incident as ``parts/board_row.html`` reads it."""
    incident = found.incident
    others = [part.agency.label for part in found.agencies if part.agency_id != incident.commune_id][:2]
    return {
        "code": incident.code,
        "href": f"/incidents/{incident.code}",
        "title": choices.title(incident),
        # G22: what is harmful is repeated nowhere; of all else a tired officer must know at a glance which one it is.
        "gist": "" if incident.kind == Kind.harmful_content else shorten(incident.what, 90),
        "severity": incident.severity,
        "proposed": not incident.severity_confirmed,
        "status": incident.status,
        "status_label": choices.status(incident.status),
        "owners": " · ".join([incident.holder.name, *others]) if incident.holder else "",
        "clock": clocks.shown(found.clock, now, actor.lang) if found.clock else None,
        "age": clocks.span(now - incident.received_at),
        "restricted": incident.restricted,
        "exercise": incident.exercise and not current_app.config["REHEARSAL"],  # there the band says it for all
        "acknowledge_href": f"/incidents/{incident.code}/acknowledge"
        if may_acknowledge(actor, incident, found.agencies)
        else "",
    }


def failures(rows: list[Row]) -> list[dict[str, str]]:
    """Who could not be reached, of the incidents on the page: "Không gửi được cho …: lý do"."""
    return [
        {"code": found.incident.code, "name": failure.name or _("mọi cấp"), "reason": failure.reason}
        for found in rows
        for failure in found.failures
    ]


def address(filters: Filters, **changes: Any) -> str:
    """The address of the board with these filters; what is not chosen is left out."""
    values = {
        "q": filters.q,
        "state": "" if filters.state == "open" else filters.state,
        "severity": filters.severity,
        "kind": filters.kind,
        "category": filters.category,
        "agency": filters.agency,
        "due": filters.due,
    } | changes
    query = urlencode([(name, value) for name, value in values.items() if value], doseq=True)
    return f"/incidents?{query}" if query else "/incidents"


def counters(state: Frame, filters: Filters, actor: Actor) -> list[dict[str, Any]]:
    """The figures over the board; each is the address of what it counts."""
    by_due = [
        (_("Đang mở"), state.open, "", ""),
        (_("Quá hạn"), state.late, "late", "late"),
        (_("Dưới 1 giờ"), state.hour, "hour", "soon"),
        (_("Chưa nhận"), state.unaccepted, "unaccepted", "soon"),
    ]
    nothing_else = filters == Filters(due=filters.due, after=filters.after)
    made: list[dict[str, Any]] = [
        {"label": words, "count": count, "href": address(Filters(due=due)), "tone": tone,
         "current": nothing_else and filters.due == due}
        for words, count, due, tone in by_due
    ]  # fmt: skip
    if may(actor, "see_deliveries"):
        made.append({"label": _("Gửi lỗi"), "count": state.failed, "href": "/alerts", "tone": "soon"})
    if may(actor, "quick_report"):
        made.append({"label": _("Chờ phân loại"), "count": state.waiting, "href": "/quick-reports", "tone": "soon"})
    return made
