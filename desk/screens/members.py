"""Members for the administrator: who there is, add, disable (screens.md 7.17)."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from desk import language
from desk.guard import policy
from desk.language import _
from incidents.errors import BadInput, Refusal
from incidents.people import agencies, members
from incidents.people.models import Member
from incidents.vocabulary import ROLES, Role, label

bp = Blueprint("members", __name__)


@bp.get("/members")
@policy("manage_members")
def show() -> str:
    return _page()


@bp.post("/members")
@policy("manage_members")
def add() -> Any:
    """Shows the one-time password, this once."""
    form = request.form
    try:
        member, once = members.add(
            g.actor, form.get("username", ""), form.get("name", ""), form.get("agency", ""), form.getlist("roles")
        )
    except BadInput as refusal:
        return _page({refusal.field: refusal.text(language.current())}), 400
    return _page(added=members.by_id(member.id), once=once)


@bp.post("/members/<username>/disable")
@policy("manage_members")
def disable(username: str) -> Response:
    try:
        members.disable(g.actor, username)
    except Refusal as refusal:
        flash(refusal.text(language.current()), "error")
    else:
        flash(_("Đã ngừng tài khoản {username}. Phiên và liên kết đã kết thúc.").format(username=username), "success")
    return redirect(url_for("members.show"), 303)


def _page(form_errors: dict[str, str] | None = None, **more: Any) -> str:
    lang = language.current()
    return render_template(
        "members.html",
        people=[_row(member, lang) for member in members.all_members()],
        agencies=[(agency.code, agency.name) for agency in agencies.choosable(members.today())],
        roles=[(role.value, label(ROLES, role, lang)) for role in Role],
        form=request.form if form_errors else {},
        ticked=request.form.getlist("roles") if form_errors else [],
        form_errors=form_errors or {},
        **more,
    )


def _row(member: Member, lang: str) -> dict[str, Any]:
    held = members.roles_on(member)
    return {
        "username": member.username,
        "name": member.name,
        "agency": member.agency.label,
        "roles": ", ".join(label(ROLES, role, lang) for role in Role if role in held),
        "is_active": member.is_active,
        "has_factor": member.totp_confirmed_at is not None,
        "is_me": member.id == g.actor.id,
    }
