"""Signing in and out: account and password, then the code; in the rehearsal a link that lets one choose a role."""

from ipaddress import ip_address
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from desk import guard, language
from desk.guard import policy
from desk.language import _
from desk.pending import Pending, local_path, of_form
from incidents.errors import Refusal, StateSecret, TooManyTries
from incidents.people import members, second_factor, sessions, signing_in
from incidents.people.models import Member, Session
from incidents.vocabulary import ROLES, label

bp = Blueprint("login", __name__)
_HALF = "half"  # in the cookie: the token of a session that still owes its second factor


@bp.get("/login")
@policy("public")
def show() -> Any:
    target = local_path(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(target or "/")
    return render_template("login_code.html" if _half() else "login.html", next_href=target)


@bp.post("/login")
@policy("public")
def sign_in() -> Any:
    """Fields username and password; then code, when the member has a second factor."""
    if "again" in request.form:  # another account, after all
        return render_template(
            "login.html", pending=of_form(request.form), next_href=local_path(request.form.get("next"))
        )
    try:
        return _second_step() if "code" in request.form and _half() else _first_step()
    except Refusal as refusal:
        return _again(refusal)


@bp.post("/logout")
@policy("signed_in", even_when_owing=True)
def sign_out() -> Response:
    sessions.end(current_user.token)
    session.clear()
    response = redirect(url_for("login.show"), 303)
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


@bp.get("/login/once/<token>")
@policy("public")
def choose_role(token: str) -> Any:
    """The rehearsal's first page: a single-use link, looked at as often as one likes, used up by the first press."""
    _rehearsal_only()
    if not sessions.is_once_link_good(token):
        return render_template("choose_role.html", people=(), token=""), 410
    people = [_role(member) for member in members.all_members() if member.is_active]
    return render_template("choose_role.html", people=people, token=token)


@bp.post("/login/once/<token>")
@policy("public")
def play_role(token: str) -> Any:
    _rehearsal_only()
    member = members.by_username(request.form.get("username", ""))
    if not member.is_active or not sessions.use_once_link(token):
        return render_template("choose_role.html", people=(), token=""), 410
    member = members.by_id(member.id)
    _leave()
    guard.enter(sessions.start(member, _network_address(), _browser(), second_factor=True))
    return redirect("/", 303)


def _first_step() -> Any:
    form = request.form
    member = signing_in.sign_in(form.get("username", ""), form.get("password", ""), _network_address())
    asks_code = member.totp_confirmed_at is not None
    _leave()
    token = sessions.start(member, _network_address(), _browser(), second_factor=False)
    if not asks_code:
        return _land(token)
    session.clear()
    session[_HALF] = token
    return render_template("login_code.html", pending=of_form(form), next_href=local_path(form.get("next")))


def _second_step() -> Any:
    half = _half()
    token = sessions.confirm_second_factor(half, request.form["code"], _network_address()) if half else None
    if token is None:
        raise second_factor.wrong_code()
    return _land(token)


def _land(token: str) -> Response:
    """Where the person wanted to go: to the form that was lost, or the page that was asked for, or home."""
    kept, target = of_form(request.form), local_path(request.form.get("next")) or "/"
    guard.enter(token)
    if kept is not None:
        target = _keep(kept)
    if current_user.owes:
        session["after"] = target
        target = url_for("account.show")
    return redirect(target, 303)


def _keep(kept: Pending) -> str:
    """The lost form as a draft; a text with a secrecy stamp is told of and kept nowhere (G10)."""
    try:
        return kept.keep(current_user.id)
    except StateSecret as refusal:
        flash(refusal.text(language.current()), "error")
        return kept.page


def _again(refusal: Refusal) -> Any:
    """The same step again, with the sentence, and with everything that was carried along."""
    seconds = refusal.facts.get("seconds") if isinstance(refusal, TooManyTries) else None
    sentence = _("Còn chờ {seconds} giây.").format(seconds=seconds) if seconds else refusal.text(language.current())
    half = _half() is not None and "code" in request.form
    kept: Pending | None = of_form(request.form)
    page = render_template(
        "login_code.html" if half else "login.html",
        pending=kept,
        next_href=local_path(request.form.get("next")),
        username=request.form.get("username", ""),
        form_errors={"code" if half else "": sentence},
    )
    return page, 429 if seconds else 401, {"Retry-After": str(seconds)} if seconds else {}


def _role(member: Member) -> dict[str, str]:
    held, lang = members.roles_on(member), language.current()
    words = ", ".join(label(ROLES, role, lang) for role in ROLES if role in held)
    return {"username": member.username, "name": member.name, "roles": words, "agency": member.agency.label}


def _half() -> Session | None:
    """The session of this browser whose second factor is still owed."""
    found = sessions.find(session[_HALF]) if session.get(_HALF) else None
    return found if found is not None and sessions.is_half(found) else None


def _leave() -> None:
    """Who signs in again leaves the session before."""
    for token in filter(None, (session.get(_HALF), getattr(current_user, "token", None))):
        sessions.end(token)


def _rehearsal_only() -> None:
    if not current_app.config["REHEARSAL"] or not ip_address(_network_address() or "0.0.0.0").is_loopback:  # noqa: S104
        abort(404)


def _network_address() -> str:
    return request.remote_addr or ""


def _browser() -> str:
    return request.headers.get("User-Agent", "")
