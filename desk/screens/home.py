"""The first page: where each role begins its work (screens.md 6)."""

from flask import Blueprint, g, redirect
from werkzeug.wrappers import Response

from desk.guard import policy
from desk.screens import live
from incidents.permissions import Actor, may
from incidents.vocabulary import Role

bp = Blueprint("home", __name__)
bp.app_context_processor(live.quiet)
_BOARD_FIRST = (Role.duty, Role.analyst, Role.lead, Role.deputy, Role.leader, Role.auditor)


@bp.get("/")
@policy("signed_in")
def show() -> Response:
    return redirect(of(g.actor))


def of(actor: Actor) -> str:
    """The address of the page this member begins with."""
    if actor.has(*_BOARD_FIRST):
        return "/incidents"
    if may(actor, "do_step"):
        return "/steps?mine"
    return "/members" if may(actor, "manage_members") else "/members/me"
