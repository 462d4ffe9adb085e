"""Vì sao là giờ này?: anchor, amount, legal basis and the way from day to day to the due time of one clock."""

from typing import Any

from flask import Blueprint, g, render_template

from desk.forms import times
from desk.guard import policy
from desk.language import _, current
from desk.shown import choices, clocks, planning, spans
from incidents.cases import clocks as running
from incidents.cases.models import Clock, Incident
from incidents.cases.recount import COUNTED
from incidents.db import utc_now
from incidents.people.members import today
from incidents.permissions import may
from incidents.reading import planning as reading
from incidents.vocabulary import ANCHORS, CLOCK_STATES, ClockState, label
from playbooks.worktime import UNITS, after

bp = Blueprint("clock_why", __name__)


@bp.get("/incidents/<code>/clocks/<int:clock_id>")
@policy("signed_in")
def show(code: str, clock_id: int) -> str:
    incident, clock = reading.clock(g.actor, code, clock_id)
    lang = current()
    return render_template(
        "clock_why.html",
        code=incident.code,
        incident_title=choices.title(incident),
        name=(clock.name_en or clock.name) if lang == "en" else clock.name,
        clock=clocks.shown(clock, utc_now(), lang),
        rule=clocks.rule(clock, lang),
        force=clocks.force(clock),
        state=label(CLOCK_STATES, clock.state, lang),
        first_result=label(CLOCK_STATES, clock.first_result, lang) if clock.first_result else "",
        met_at=times.words(clock.met_at),
        note=clock.note,
        anchor=label(ANCHORS, clock.anchor, lang),
        anchor_at=spans.moment(clock.anchor_at) if clock.anchor_at else "",
        anchors=_anchors(incident, clock),
        told=_told(clock),
        differs=_differs(clock),
        basis=_basis(incident, clock),
        received=f"{running.regime_day(incident):%d/%m/%Y}",
        warnings=_warnings(clock),
        waive_href=_waive_href(incident, clock),
    )


def _waive_href(incident: Incident, clock: Clock) -> str:
    hard = clock.hard and clock.owner == "own"
    alive = clock.state in (ClockState.running, ClockState.waiting)
    allowed = incident.is_open and alive and may(g.actor, "skip_step", severity=incident.severity, hard=hard)
    return f"/incidents/{incident.code}/clocks/{clock.id}/waive" if allowed else ""


def _told(clock: Clock) -> spans.Told | None:
    if clock.anchor_at is None or clock.unit not in UNITS:
        return None
    return spans.told(clock.anchor_at, clock.amount, clock.unit, running.calendar())


def _differs(clock: Clock) -> bool:
    """The calendar was changed after this clock had ended: it keeps its due time, and the page says so."""
    if clock.anchor_at is None or clock.due_at is None or clock.unit not in COUNTED:
        return False
    return after(clock.anchor_at, clock.amount, clock.unit, running.calendar()) != clock.due_at


def _anchors(incident: Incident, clock: Clock) -> list[dict[str, str]]:
    """When the anchor was recorded and corrected, by rows that are never overwritten (G17)."""
    return [
        {"at": times.words(row.at), "recorded_at": times.words(row.recorded_at), "reason": row.reason}
        for row in reading.anchor_rows(incident, clock.anchor)
    ]


def _basis(incident: Incident, clock: Clock) -> dict[str, Any] | None:
    """The rule of the incident's own day, and which rows were looked at for the basis the step names."""
    catalogue = running.catalogue(incident)
    if clock.basis not in catalogue.rows:
        return None
    on = running.regime_day(incident)
    cited = [deadline.get("law") for deadline in (clock.step.plan.get("deadlines", []) if clock.step else [])]
    reached = [key for key in cited if key in catalogue.rows and _leads_to(catalogue.in_force(key, on), clock.basis)]
    looked_at = {
        row["key"]: row for key in reached or [clock.basis] for row in planning.considered(catalogue.explain(key, on))
    }
    return planning.basis(catalogue.basis(clock.basis), today()) | {"considered": list(looked_at.values())}


def _leads_to(row: Any, key: str) -> bool:
    return row is not None and row.key == key


def _warnings(clock: Clock) -> list[dict[str, str]]:
    """Each warning and the due time itself: when, and when people were told of it."""
    marks = {mark.threshold: mark.told_at for mark in reading.marks([clock.id])}
    rows = [("warn", at) for at in running.warnings(clock)] + ([("due", clock.due_at)] if clock.due_at else [])
    return [
        {
            "kind": _("Nhắc") if kind == "warn" else _("Đến hạn"),
            "at": times.words(at),
            "told": times.words(marks.get(f"{kind}:{at:%Y%m%dT%H%M%S}")),
        }
        for kind, at in rows
    ]
