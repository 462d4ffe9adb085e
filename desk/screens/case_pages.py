"""What changes an incident on a page of its own: assign, move, level, playbook, anchors. One shape for all of them.

A refused form comes back with the sentence and with what was typed; its text is kept as a draft as well.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, g, render_template, request
from werkzeug.wrappers import Response

from desk import drafts
from desk.forms import times, typed
from desk.guard import policy
from desk.language import _, current
from desk.screens.case import see
from desk.shown import agencies, choices, head
from incidents.cases import assignments, checklist, clocks, doing, moves, triage, visibility
from incidents.cases.models import Incident
from incidents.errors import BadInput, Refusal, StaleVersion
from incidents.permissions import Actor, may, require
from incidents.planning import shelf
from incidents.reading import case as reading
from incidents.vocabulary import ANCHORS, ENDED, NOT_ACCEPTED_REASONS, PARTS, STATUSES, Part, Status, label

bp = Blueprint("case_pages", __name__)
Form = dict[str, Any]


def page(name: str, incident: Incident, filled: typed.Filled, refused: typed.Refused | None = None, **more: Any) -> str:
    """One of the forms of an incident."""
    return render_template(
        f"incident_{name}.html",
        code=incident.code,
        incident_title=choices.title(incident),
        form=filled.values,
        form_errors=refused.errors if refused else {},
        draft=filled.draft,
        draft_path=request.path,
        **more,
    )


def saved(code: str, sentence: str) -> Response:
    drafts.drop(g.actor.id, drafts.key_of(request.path))
    flash(sentence, "success")
    return see(code)


def attempt(code: str, form: Form, do: Callable[[], str], again: Callable[[typed.Filled, typed.Refused], str]) -> Any:
    """Do it, say so and go back to the incident; or the same page again with the sentence and what was typed."""
    visibility.find(g.actor, code)
    try:
        sentence = do()
    except Refusal as refusal:
        refused = typed.refused(refusal, request.path, form)
        return again(typed.Filled(form), refused), refused.status
    return saved(code, sentence)


# --- Giao


ASSIGN = ("agency", "part", "purpose", "due_at")


@bp.get("/incidents/<code>/assign")
@policy("signed_in")
def assign(code: str) -> str:
    incident = visibility.find(g.actor, code)
    require(g.actor, "assign", severity=incident.severity)
    return _assign_page(code, typed.opened(request.path, dict.fromkeys(ASSIGN, "") | {"part": Part.support}))


@bp.post("/incidents/<code>/assign")
@policy("signed_in")
def save_assignment(code: str) -> Any:
    form = typed.sent(ASSIGN)

    def do() -> str:
        if not form["agency"].strip():
            raise BadInput("agency", "Chọn cơ quan.", "Choose an agency.")
        row = assignments.assign(
            g.actor, code, form["agency"], form["part"], purpose=form["purpose"],
            due_at=times.read("due_at", form["due_at"], ahead=True),
        )  # fmt: skip
        return _("Đã giao {agency}.").format(agency=row.agency.label)

    return attempt(code, form, do, lambda filled, refused: _assign_page(code, filled, refused))


def _assign_page(code: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    incident = visibility.find(g.actor, code)
    present = [f"{row.agency.label} – {label(PARTS, row.part, current())}" for row in assignments.open_parts(incident)]
    return page(
        "assign",
        incident,
        filled,
        refused,
        groups=agencies.grouped(incident.category),
        parts=choices.of(PARTS),
        present=present,
    )


# --- Đổi trạng thái


MOVE = ("to", "reason", "declined", "receiver", "document", "into", "version", "was_status")
_ACTIONS = {"transferred": "transfer", "closed": "close", "not_accepted": "decline", "merged": "merge"}


@bp.get("/incidents/<code>/move")
@policy("signed_in")
def move(code: str) -> str:
    incident = visibility.find(g.actor, code)
    initial = dict.fromkeys(MOVE, "") | {"version": str(incident.version), "was_status": incident.status}
    return _move_page(code, typed.opened(request.path, initial))


@bp.post("/incidents/<code>/move")
@policy("signed_in")
def save_move(code: str) -> Any:
    form = typed.sent(MOVE)

    def do() -> str:
        if not form["to"]:
            raise BadInput("to", "Chọn trạng thái mới.", "Choose the new status.")
        reason = form["declined"] if form["to"] == Status.not_accepted else form["reason"]
        incident = moves.move(
            g.actor, code, form["to"], reason=reason, into=form["into"].strip(), receiver=form["receiver"],
            document=form["document"], version=_version(code, form, "was_status", lambda row: row.status),
        )  # fmt: skip
        return _("Đã chuyển sang “{status}”.").format(status=choices.status(incident.status))

    return attempt(code, form, do, lambda filled, refused: _move_page(code, filled, refused))


def _move_page(code: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    incident = visibility.find(g.actor, code)
    if refused and refused.status == 409:
        filled.values.update(version=str(incident.version), was_status=incident.status)
    targets = [
        (status.value, label(STATUSES, status, current()))
        for status in moves.possible(incident)
        if may(g.actor, _action_of(incident, status), severity=incident.severity)
    ]
    if not targets and refused is None:
        require(g.actor, "reopen" if incident.status in ENDED else "move", severity=incident.severity)
    declined = choices.of(NOT_ACCEPTED_REASONS, _("Chọn lý do"))
    now_at = choices.status(incident.status)
    return page("move", incident, filled, refused, targets=targets, declined=declined, now_at=now_at)


def _action_of(incident: Incident, to: Status) -> str:
    return "reopen" if incident.status in ENDED else _ACTIONS.get(to, "move")


# --- Mức độ


SEVERITY = ("severity", "reason", "version", "was_severity")


@bp.get("/incidents/<code>/severity")
@policy("signed_in")
def severity(code: str) -> str:
    incident = visibility.find(g.actor, code)
    require(g.actor, "raise_severity")
    level = str(incident.severity)
    initial = {"severity": level, "reason": "", "version": str(incident.version), "was_severity": level}
    return _severity_page(code, typed.opened(request.path, initial))


@bp.post("/incidents/<code>/severity")
@policy("signed_in")
def save_severity(code: str) -> Any:
    form = typed.sent(SEVERITY)

    def do() -> str:
        level = int(form["severity"]) if form["severity"] in {"1", "2", "3", "4"} else 0
        version = _version(code, form, "was_severity", lambda row: str(row.severity))
        incident = triage.set_severity(g.actor, code, level, form["reason"], version=version)
        words = _("Đã đặt {level}.") if incident.severity_confirmed else _("Đã đề xuất {level}, chờ xác nhận.")
        return words.format(level=choices.level(incident.severity))

    return attempt(code, form, do, lambda filled, refused: _severity_page(code, filled, refused))


def _severity_page(code: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    incident = visibility.find(g.actor, code)
    if refused and refused.status == 409:
        filled.values.update(version=str(incident.version), was_severity=str(incident.severity))
    return page(
        "severity", incident, filled, refused, levels=choices.levels(), now_at=choices.level(incident.severity),
        proposed=not incident.severity_confirmed,
    )  # fmt: skip


def _version(code: str, form: Form, was: str, of: Callable[[Incident], str]) -> int | None:
    """What the form saw. A change of something else (a note, a tick) does not make it stale."""
    incident = visibility.find(g.actor, code)
    if not form["version"].isdecimal() or len(form["version"]) > 9 or int(form["version"]) == incident.version:
        return None
    if form[was] != of(incident):
        raise StaleVersion
    return None


# --- Kịch bản


@bp.get("/incidents/<code>/playbook")
@policy("signed_in")
def playbook(code: str) -> str:
    require(g.actor, "start_playbook", severity=visibility.find(g.actor, code).severity)
    return _playbook_page(code, typed.Filled({"key": ""}))


@bp.post("/incidents/<code>/playbook")
@policy("signed_in")
def start_playbook(code: str) -> Any:
    form = typed.sent(("key",))

    def do() -> str:
        checklist.start_playbook(g.actor, code, form["key"])
        return _("Đã áp dụng kịch bản.")

    return attempt(code, form, do, lambda filled, refused: _playbook_page(code, filled, refused))


def _playbook_page(code: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    found = reading.read(g.actor, code, entries=1)
    fitting = {one.key for one in found.proposed}
    english = current() == "en"
    offered = [
        {"key": one.key, "code": one.code, "version": one.version, "fits": one.key in fitting, "steps": len(one.steps),
         "name": one.name_en if english else one.name, "summary": one.summary_en if english else one.summary,
         "runs": checklist.is_running(found.incident, one.key),
         "here": next((row["version"] for row in found.incident.playbooks if row["key"] == one.key), 0)}
        for one in shelf.in_force()
    ]  # fmt: skip
    offered.sort(key=lambda one: (one["runs"], not one["fits"]))
    known = {one["key"] for one in offered}
    retired = [row | {"name": choices.playbook(row)} for row in found.incident.playbooks if row["key"] not in known]
    return page("playbook", found.incident, filled, refused, playbooks=offered, retired=retired)


# --- Mốc thời gian


ANCHOR = ("anchor", "at", "reason")


@bp.get("/incidents/<code>/anchor")
@policy("signed_in")
def anchor(code: str) -> str:
    visibility.find(g.actor, code)
    wanted = {"anchor": request.args.get("anchor", ""), "at": "", "reason": ""}
    return _anchor_page(code, typed.opened(request.path, wanted))


@bp.post("/incidents/<code>/anchor")
@policy("signed_in")
def save_anchor(code: str) -> Any:
    form = typed.sent(ANCHOR)

    def do() -> str:
        at = times.read("at", form["at"])
        if at is None:
            raise BadInput("at", "Ghi giờ của mốc.", "Give the time.")
        doing.set_anchor(g.actor, code, form["anchor"], at, form["reason"])
        return _("Đã ghi mốc “{anchor}”.").format(anchor=label(ANCHORS, form["anchor"], current()))

    return attempt(code, form, do, lambda filled, refused: _anchor_page(code, filled, refused))


def _anchor_page(code: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    found = reading.read(g.actor, code, entries=1)
    is_set = {key: at for key, at in clocks.anchors_of(found.incident).items() if at is not None}
    present = [(label(ANCHORS, key, current()), times.words(at)) for key, at in is_set.items() if key in ANCHORS]
    offered = [(key, words) for key, words in choices.of(ANCHORS, _("Chọn mốc")) if not key or _may_set(found, key)]
    awaited = sorted({clock.anchor for clock in found.clocks if clock.anchor_at is None and clock.anchor in ANCHORS})
    waiting = [label(ANCHORS, key, current()) for key in awaited]
    return page("anchor", found.incident, filled, refused, anchors=offered, present=present, waiting=waiting)


def _may_set(found: reading.Case, key: str) -> bool:
    actor: Actor = g.actor
    severity = found.incident.severity
    if may(actor, "correct_anchor", severity=severity):
        return True
    return key == "impact_determined_at" and head.may_determine(found, actor)
