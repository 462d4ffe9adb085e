"""Bài học: what was learnt from an incident, with owner and date; from here the next version of a playbook takes it."""

from typing import Any

from flask import Blueprint, flash, g, redirect, request

from desk import drafts
from desk.forms import typed
from desk.guard import policy
from desk.language import _
from desk.screens.case_pages import page
from desk.shown import choices, rights, steps
from incidents.cases import assignments, checklist, lessons, visibility
from incidents.errors import Refusal
from incidents.people import members
from incidents.permissions import may
from incidents.planning import content

bp = Blueprint("lessons", __name__)
FIELDS = ("text", "playbook", "step", "owner", "due_on")


@bp.get("/incidents/<code>/lessons")
@policy("signed_in")
def show(code: str) -> str:
    visibility.find(g.actor, code)
    return _page(code, typed.opened(request.path, dict.fromkeys(FIELDS, "")))


@bp.post("/incidents/<code>/lessons")
@policy("signed_in")
def add(code: str) -> Any:
    form = typed.sent(FIELDS)
    visibility.find(g.actor, code)
    try:
        lessons.add(
            g.actor, code, form["text"], playbook=form["playbook"], step=form["step"], owner=form["owner"],
            due_on=content.day_of("due_on", form["due_on"], required=False),
        )  # fmt: skip
    except Refusal as refusal:
        refused = typed.refused(refusal, request.path, form)
        return _page(code, typed.Filled(form), refused), refused.status
    drafts.drop(g.actor.id, drafts.key_of(request.path))
    flash(_("Đã ghi bài học."), "success")
    return redirect(request.path, 303)


def _page(code: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    incident = visibility.find(g.actor, code)
    own = rights.has_part(g.actor, assignments.open_parts(incident))
    rows = checklist.steps_of(incident)
    names = {row.key: steps.name(row, g.actor.lang) for row in rows}
    running = {row["key"]: f"{row['code']} {choices.playbook(row)}" for row in incident.playbooks}
    return page(
        "lessons", incident, filled, refused, lessons=[_row(one, names, running) for one in lessons.of(incident)],
        playbooks=[("", _("không của kịch bản nào")), *running.items()],
        steps=[("", _("cả kịch bản")), *((row.key, f"{row.position}. {names[row.key]}") for row in rows)],
        owners=[("", _("chưa giao")), *_people()],
        may_add=may(g.actor, "add_lesson", severity=incident.severity, own=own),
    )  # fmt: skip


def _row(lesson: Any, names: dict[str, str], running: dict[str, str]) -> dict[str, str]:
    return {
        "text": lesson.text,
        "playbook": running.get(lesson.playbook, lesson.playbook),
        "step": names.get(lesson.step, lesson.step),
        "owner": lesson.owner.name if lesson.owner else "",
        "due_on": f"{lesson.due_on:%d/%m/%Y}" if lesson.due_on else "",
        "taken_into": str(lesson.taken_into or ""),
        "key": lesson.playbook,
    }


def _people() -> list[tuple[str, str]]:
    return [(member.username, member.name) for member in members.all_members() if member.is_active]
