"""Việc của tôi: the open steps that are mine, late first; each can be finished where it stands (screens.md 7.7)."""

from typing import Any

from flask import Blueprint, g, render_template

from desk.guard import policy
from desk.language import _, current
from desk.screens.live import live
from desk.shown import choices, clocks, steps
from incidents.cases.models import Step
from incidents.db import utc_now
from incidents.reading import my_steps

bp = Blueprint("my_steps", __name__)


@bp.get("/steps")
@policy("do_step")
@live
def show() -> str:
    mine = my_steps.read(g.actor)
    groups = (
        ("approve", _("Cần anh/chị duyệt"), mine.to_approve),
        ("late", _("Trễ"), mine.late),
        ("today", _("Hôm nay"), mine.today),
        ("later", _("Sau đó"), mine.later),
    )
    shown = [{"key": key, "label": words, "rows": [_row(s) for s in rows]} for key, words, rows in groups]
    return render_template("my_steps.html", groups=shown)


def _row(step: Step) -> dict[str, Any]:
    incident, lang = step.incident, current()
    clock = clocks.most_pressing(step.clocks)
    asked = steps.form(step, g.actor, incident.severity)
    here = f"/incidents/{incident.code}/steps/{step.key}"
    ticks = step.submitted_at is None and (not step.plan.get("police_only") or g.actor.is_police)
    return asked | {
        "number": step.position,
        "waits_here": step.submitted_at is not None,
        "id": f"{incident.code}-{step.key}",
        "title": steps.name(step, lang),
        "how": step.plan.get("how_en" if lang == "en" else "how", ""),
        "code": incident.code,
        "incident": choices.title(incident),
        "severity": incident.severity,
        "href": f"/incidents/{incident.code}#step-{step.key}",
        "clock": clocks.shown(clock, utc_now(), lang) if clock else None,
        "tick_href": (f"{here}/submit" if asked["needs_approval"] else f"{here}/tick") if ticks else "",
    }
