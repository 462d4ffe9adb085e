"""Language and theme from any page, and the drafts every form keeps while it is being typed."""

from typing import Any

from flask import Blueprint, abort, current_app, g, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from desk import drafts
from desk.guard import policy
from desk.pending import LONGEST, local_path
from incidents.people import members

bp = Blueprint("preferences", __name__)
_MOST_FIELDS = 60
_YEAR = 31_536_000


@bp.post("/preferences")
@policy("public")
def save() -> Response:
    """Of a member: kept with the account. Of a visitor of the sign-in page: the language in a cookie."""
    lang, theme = request.form.get("lang"), request.form.get("theme")
    response = redirect(_target(request.form.get("next")), 303)
    if g.actor is not None:
        members.set_preferences(g.actor, lang=lang, theme=theme)
    elif lang in ("vi", "en"):
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        response.set_cookie("lang", lang, max_age=_YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


def _target(address: str | None) -> str:
    if g.actor is None and address and address.partition("?")[0] == "/login" and address.isprintable():
        return address
    return local_path(address) or "/"


@bp.post("/drafts/drop")
@policy("signed_in")
def drop_draft() -> Response:
    drafts.drop(g.actor.id, drafts.key_of(request.form.get("key", "")))
    return redirect(local_path(request.form.get("next")) or "/", 303)


@bp.post("/drafts/<path:form_path>")
@policy("signed_in")
def keep_draft(form_path: str) -> tuple[str, int]:
    """What is being typed into the form that is sent to ``/form_path``."""
    path = f"/{form_path}"
    fields = _fields()
    if not _is_form(path):
        abort(404)
    flat: dict[str, Any] = {name: texts[0] if len(texts) == 1 else texts for name, texts in fields.items()}
    drafts.keep(g.actor.id, drafts.key_of(path), flat)
    return "", 204


def _fields() -> dict[str, list[str]]:
    fields = {name: request.form.getlist(name) for name in request.form if name != "csrf_token"}
    if len(fields) > _MOST_FIELDS or sum(len(text) for texts in fields.values() for text in texts) > LONGEST:
        abort(413)
    return {name: texts for name, texts in fields.items() if "password" not in name and name not in ("old", "code")}


def _is_form(path: str) -> bool:
    try:
        current_app.create_url_adapter(request).match(path, method="POST")  # type: ignore[union-attr]
    except HTTPException:
        return False
    return True
