"""Tin treo: what came in and could not be worked through; tried again, or dropped for a reason (screens.md 7.17)."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from desk.forms import typed
from desk.guard import policy
from desk.language import _
from desk.shown import deliveries
from incidents.errors import Refusal
from incidents.reading import parked

bp = Blueprint("updates", __name__)


@bp.get("/updates")
@policy("handle_parked")
def show() -> str:
    return _page()


@bp.post("/updates/<int:update_id>/retry")
@policy("handle_parked")
def retry(update_id: int) -> Response:
    parked.retry(g.actor, update_id)
    flash(_("Đã đưa vào xử lý lại."), "success")
    return redirect("/updates", 303)


@bp.post("/updates/<int:update_id>/drop")
@policy("handle_parked")
def drop(update_id: int) -> Any:
    reason = request.form.get("reason", "")
    try:
        parked.drop(g.actor, update_id, reason)
    except Refusal as refusal:
        refused = typed.told(refusal)
        return _page(refused, update_id, reason), refused.status
    flash(_("Đã bỏ tin."), "success")
    return redirect("/updates", 303)


def _page(refused: typed.Refused | None = None, update_id: int = 0, reason: str = "") -> str:
    """The body of an update is not shown: it is somebody's words, and the administrator reads no incident."""
    dropped = request.args.get("state") == "dropped"
    found = parked.dropped(g.actor) if dropped else parked.waiting(g.actor)
    rows = [
        {
            "id": row.id,
            "channel": deliveries.channel(row.channel),
            "number": row.external_id,
            "at": row.received_at,
            "attempts": row.attempts,
            "error": row.error,
        }
        for row in found
    ]
    errors = refused.errors if refused else {}
    return render_template(
        "updates.html", rows=rows, dropped=dropped, form_errors=errors, refused_id=update_id, reason=reason
    )
