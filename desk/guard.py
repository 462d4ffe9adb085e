"""Who comes in: every view names its policy, every request is asked for it, every answer carries the headers (S5, S7–S9).

A policy is ``public``, ``signed_in`` or an action of ``permissions.RIGHTS``, then every role that may do it under some
condition comes in, and the verb decides the case at hand. A view without a policy stops the desk at its first request.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, flash, g, redirect, render_template, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from desk import pending
from desk.language import _
from incidents.errors import StateSecret
from incidents.people import second_factor, sessions
from incidents.people.models import Session
from incidents.permissions import RIGHTS, Actor, require

PUBLIC, SIGNED_IN = "public", "signed_in"
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
TRANSPORT = "max-age=31536000; includeSubDomains"
READING = ("GET", "HEAD", "OPTIONS")
LONGEST_FORM = 2 * 1024 * 1024  # bytes of a form without files

csrf = CSRFProtect()
login_manager = LoginManager()
View = TypeVar("View", bound=Callable[..., Any])


class SignedIn(UserMixin):
    """``current_user``: plain values, read once, so that no transaction makes the page load the person again.

    ``owes`` is "password", "second_factor" or "".
    """

    def __init__(self, token: str, session: Session, actor: Actor) -> None:
        member = session.member
        self.token, self.id, self.session_id = token, member.id, session.id
        self.name, self.theme, self.keys_on = actor.name, member.theme, member.keys_on
        without = member.totp_confirmed_at is None and second_factor.is_required(member)
        self.owes = "password" if member.must_change_password else ("second_factor" if without else "")

    def get_id(self) -> str:
        return self.token


def policy(name: str, *, even_when_owing: bool = False) -> Callable[[View], View]:
    """Mark a view with who may open it. ``even_when_owing``: also before the password is changed, the factor set up."""
    if name not in (PUBLIC, SIGNED_IN) and name not in RIGHTS:
        raise ValueError(f"no such policy: {name}")

    def mark(view: View) -> View:
        view.policy = name  # type: ignore[attr-defined]
        view.even_when_owing = even_when_owing  # type: ignore[attr-defined]
        return view

    return mark


def init_app(app: Flask) -> None:
    """Guard the app. Must come before anything else asks at ``before_request``: an ended session is told before CSRF."""
    app.config.update(
        SESSION_PROTECTION=None,  # the session is a row of ours; a changed browser or network does not end it
        WTF_CSRF_SSL_STRICT=False,  # _is_foreign asks Sec-Fetch-Site and Origin instead of the Referer
    )
    app.before_request(_enter)
    app.after_request(_add_headers)
    app.register_error_handler(CSRFError, _tell_stale_page)
    login_manager.init_app(app)
    csrf.init_app(app)


def unguarded(app: Flask) -> list[str]:
    """Endpoints without a policy; folders of static files need none."""
    return [name for name, view in app.view_functions.items() if not _is_static(name) and not hasattr(view, "policy")]


def enter(token: str, *, keep: tuple[str, ...] = ()) -> None:
    """Give this browser the session of ``token``. What its cookie held before is gone, so nothing can be fixed.

    ``keep``: what the same person may take along when only the token is new.
    """
    kept = {name: session[name] for name in keep if name in session}
    session.clear()
    session.update(kept)
    user = load(token)
    if user is not None:
        login_user(user)


@login_manager.user_loader
def load(token: str) -> SignedIn | None:
    """``current_user`` of a token, with ``g.session`` and ``g.actor``; None also while the second factor is owed."""
    found = sessions.find_with_actor(token)
    if found is None or sessions.is_half(found[0]):
        return None
    g.session, g.actor = found
    return SignedIn(token, *found)


@login_manager.unauthorized_handler
def ask_to_sign_in() -> AnyResponse | tuple[str, int]:
    """Nobody is signed in: a page sends to the sign-in page, a form is answered with it and carried along."""
    if request.method in READING:
        return redirect(url_for("login.show", next=request.full_path.rstrip("?")))
    return render_template("login.html", pending=pending.of_request(), had_files=bool(request.files)), 401


def _enter() -> AnyResponse | tuple[str, int] | None:
    g.session = g.actor = None
    _refuse_unguarded()
    if request.endpoint is not None and _is_static(request.endpoint):
        return None
    if request.method not in READING:
        if _is_foreign():
            abort(403)
        if request.mimetype != "multipart/form-data" and (request.content_length or 0) > LONGEST_FORM:
            abort(413)  # before it is parsed: a large form of small fields costs seconds
    signed_in = current_user.is_authenticated
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or view.policy == PUBLIC:  # type: ignore[attr-defined]
        return None
    if not signed_in:
        return ask_to_sign_in()
    if current_user.owes and not view.even_when_owing:  # type: ignore[attr-defined]
        return _first_things_first()
    if view.policy != SIGNED_IN:  # type: ignore[attr-defined]
        require(g.actor, view.policy)  # type: ignore[attr-defined]
    if not _is_polling():
        sessions.touch(g.session)
    return None


def _first_things_first() -> AnyResponse:
    """Password change or second factor is due: that page, and afterwards where the person wanted to go."""
    if request.method in READING and not _is_polling():
        session["after"] = pending.local_path(request.full_path.rstrip("?"))
    return redirect(url_for("account.show"), 303)


def _tell_stale_page(error: CSRFError) -> Any:
    """The page was opened in an earlier session. Its text is kept, when the browser vouches that it is our page."""
    if request.endpoint == "login.sign_in":
        told = {"": _("Trang đã mở quá lâu. Đăng nhập lại.")}
        return render_template("login.html", pending=pending.of_form(request.form), form_errors=told), 401
    if current_user.is_authenticated and request.headers.get("Sec-Fetch-Site") == "same-origin":
        try:
            target = pending.of_request().keep(current_user.id)
        except StateSecret as refusal:
            return current_app.handle_user_exception(refusal)
        flash(_("Trang mở từ phiên trước nên chưa lưu. Chữ đã nhập vẫn còn, xem lại rồi gửi."), "warning")
        return redirect(target, 303)
    return current_app.handle_http_exception(BadRequest(_("Trang đã mở quá lâu. Tải lại trang rồi gửi lại.")))


def _refuse_unguarded() -> None:
    if not current_app.extensions.get("guarded"):
        if names := unguarded(current_app):
            raise RuntimeError(f"views without a policy: {', '.join(names)}")
        current_app.extensions["guarded"] = True


def _is_static(endpoint: str) -> bool:
    return endpoint.rpartition(".")[2] == "static"


def _is_foreign() -> bool:
    """Another site's page sent this form. Old browsers say it by Origin; where both are missing the CSRF token decides."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def _is_polling() -> bool:
    """The page asks for news by itself: nobody is at work because of that (S5)."""
    return request.method in READING and ("X-Live" in request.headers or "If-None-Match" in request.headers)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)  # a file may come with a narrower policy of its own
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = TRANSPORT
    if request.endpoint is not None and _is_static(request.endpoint):
        if response.status_code < 400:
            response.headers["Cache-Control"] = (
                "public, max-age=31536000, immutable" if request.args.get("v") else "public, max-age=3600"
            )
    else:
        response.headers["Cache-Control"] = "no-store"
    return response
