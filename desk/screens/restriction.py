"""Hạn chế người xem: from now on only the people named see the incident (G21)."""

from typing import Any

from flask import Blueprint, g, request

from desk.forms import typed
from desk.guard import policy
from desk.language import _
from desk.screens.case_pages import attempt, page
from incidents.cases import triage, visibility
from incidents.errors import BadInput
from incidents.people import members
from incidents.permissions import require

bp = Blueprint("restriction", __name__)


@bp.get("/incidents/<code>/restrict")
@policy("signed_in")
def show(code: str) -> str:
    incident = visibility.find(g.actor, code)
    require(g.actor, "restrict", severity=incident.severity)
    named = [str(member.id) for member in visibility.readers(incident)[1]]
    return _page(code, typed.opened(request.path, {"readers": named, "open": ""}))


@bp.post("/incidents/<code>/restrict")
@policy("signed_in")
def save(code: str) -> Any:
    form = typed.sent(("open",), lists=("readers",))

    def do() -> str:
        chosen = set() if form["open"] == "1" else _chosen(form["readers"])
        incident = triage.restrict(g.actor, code, chosen)
        if not incident.restricted:
            return _("Đã bỏ hạn chế người xem.")
        return _("Chỉ {count} người được chọn còn xem được.").format(count=len(chosen | {g.actor.id}))

    return attempt(code, form, do, lambda filled, refused: _page(code, filled, refused))


def _chosen(ids: list[str]) -> set[int]:
    known = {str(member.id): member.id for member in members.all_members() if member.is_active}
    if not ids or any(one not in known for one in ids):
        raise BadInput("readers", "Chọn ít nhất một người trong danh sách.", "Choose at least one person of the list.")
    return {known[one] for one in ids}


def _page(code: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    incident = visibility.find(g.actor, code)
    people = [(str(m.id), m.name, m.agency.label) for m in members.all_members() if m.is_active]
    return page("restrict", incident, filled, refused, people=people, restricted=incident.restricted)
