"""Giao ca: the note of one shift to the next, signed by both (screens.md 7.10)."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from desk import drafts
from desk.forms import typed
from desk.guard import policy
from desk.language import _, current
from desk.shown import hand_overs as shown
from incidents.cases import handing_over
from incidents.db import utc_now
from incidents.errors import Refusal
from incidents.people.models import HandOver
from incidents.permissions import may
from incidents.reading import roster as reading

bp = Blueprint("hand_overs", __name__)
PATH = "/shifts/handover"
FORM = ("username", "note")


@bp.get(PATH)
@policy("read_planning")
def show() -> str:
    return _page(typed.opened(PATH, dict.fromkeys(FORM, "")))


@bp.post(PATH)
@policy("read_planning")
def write() -> Any:
    form = typed.sent(FORM)
    try:
        made = handing_over.write(g.actor, form["username"], form["note"])
    except Refusal as refusal:
        refused = typed.refused(refusal, PATH, form)
        return _page(typed.Filled(form), refused), refused.status
    drafts.drop(g.actor.id, drafts.key_of(PATH))
    flash(_("Đã ký giao ca. {name} đã được báo để ký nhận.").format(name=made.to_member.name), "success")
    return _see(made.id)


@bp.get(f"{PATH}/<int:note_id>")
@policy("read_planning")
def read(note_id: int) -> str:
    note = handing_over.find(g.actor, note_id)
    mine = note.to_member_id == g.actor.id
    still_held = handing_over.held_by_first(g.actor, note) if mine and handing_over.may_take(g.actor) else []
    return render_template(
        "hand_over.html",
        note=note,
        lists=_lists(note.listed, note.written_at),
        may_sign=mine and note.signed_to_at is None,
        still_held=[incident.code for incident in still_held],
        is_whole=handing_over.fingerprint(note) == note.hash,
    )


@bp.post(f"{PATH}/<int:note_id>/sign")
@policy("read_planning")
def sign(note_id: int) -> Response:
    try:
        handing_over.sign(g.actor, note_id, take_over=request.form.get("take_over") == "1")
    except Refusal as refusal:
        flash(refusal.text(current()), "error")
    else:
        flash(_("Đã ký nhận ca."), "success")
    return _see(note_id)


@bp.post(f"{PATH}/<int:note_id>/take")
@policy("read_planning")
def take(note_id: int) -> Response:
    try:
        count = handing_over.take(g.actor, note_id)
    except Refusal as refusal:
        flash(refusal.text(current()), "error")
    else:
        flash(_("Đã nhận giữ {count} sự việc.").format(count=count), "success")
    return _see(note_id)


def _page(filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    writes = may(g.actor, handing_over.RIGHT)
    agency = reading.own_agency(g.actor)
    others = [one for one in reading.people_of(agency) if one.id != g.actor.id] if writes else []
    return render_template(
        "hand_overs.html",
        writes=writes,
        lists=_lists(handing_over.listed(g.actor), utc_now()) if writes else [],
        people=[("", _("Chọn người"))] + [(one.username, one.name) for one in others],
        notes=[_row(note) for note in reading.hand_overs(g.actor)],
        form=filled.values,
        form_errors=refused.errors if refused else {},
        draft=filled.draft,
        draft_path=PATH,
    )


def _row(note: HandOver) -> dict[str, Any]:
    return shown.row(note) | {"wants_me": note.to_member_id == g.actor.id and note.signed_to_at is None}


def _lists(found: dict[str, Any], at: datetime) -> list[dict[str, Any]]:
    return shown.listed(found, reading.seen_of(g.actor, shown.codes(found)), at)


def _see(note_id: int) -> Response:
    return redirect(f"{PATH}/{note_id}", 303)
