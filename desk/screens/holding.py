"""Taking an incident with a word and an expected time, saying that one still holds it, giving it back (bot.md 6)."""

from typing import Any

from flask import Blueprint, g, request

from desk.forms import times, typed
from desk.guard import policy
from desk.language import _
from desk.screens.case_pages import attempt, page
from incidents.cases import assignments, holding, visibility

bp = Blueprint("holding", __name__)
ACCEPT = ("note", "expected_at")


@bp.get("/incidents/<code>/accept")
@policy("signed_in")
def accept(code: str) -> str:
    return _accept_page(code, typed.opened(request.path, dict.fromkeys(ACCEPT, "")))


@bp.post("/incidents/<code>/accept")
@policy("signed_in")
def save_acceptance(code: str) -> Any:
    form = typed.sent(ACCEPT)

    def do() -> str:
        at = times.read("expected_at", form["expected_at"], ahead=True)
        incident = assignments.acknowledge(g.actor, code, note=form["note"], expected_at=at)
        return _("Đã nhận việc {code}.").format(code=incident.code)

    return attempt(code, form, do, lambda filled, refused: _accept_page(code, filled, refused))


def _accept_page(code: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    return page("accept", visibility.find(g.actor, code), filled, refused)


@bp.get("/incidents/<code>/give-back")
@policy("signed_in")
def give_back(code: str) -> str:
    return _give_back_page(code, typed.opened(request.path, {"reason": ""}))


@bp.post("/incidents/<code>/give-back")
@policy("signed_in")
def save_return(code: str) -> Any:
    form = typed.sent(("reason",))

    def do() -> str:
        holding.give_back(g.actor, code, form["reason"])
        return _("Đã trả về hàng chờ và báo lại theo thang.")

    return attempt(code, form, do, lambda filled, refused: _give_back_page(code, filled, refused))


def _give_back_page(code: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    return page("give_back", visibility.find(g.actor, code), filled, refused)


@bp.post("/incidents/<code>/still")
@policy("signed_in")
def still(code: str) -> Any:
    """Its own page when it is refused, so that the sentence says why."""
    form: dict[str, Any] = {"reason": ""}

    def do() -> str:
        incident = holding.still_here(g.actor, code)
        return _("Đã ghi: vẫn giữ {code}.").format(code=incident.code)

    return attempt(code, form, do, lambda filled, refused: _give_back_page(code, filled, refused))
