"""The own account: how the desk looks, password, second factor, sessions, and where one is reached (screens.md 7.15)."""

from datetime import datetime
from typing import Any

import segno
from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from desk import guard, language
from desk.guard import policy
from desk.language import _
from desk.pending import local_path
from incidents.db import transaction, utc_now
from incidents.errors import BadInput, Refusal
from incidents.people import addresses, link_codes, members, passwords, second_factor, sessions
from incidents.people.models import Member
from incidents.reading import frame
from incidents.telling import alerts

bp = Blueprint("account", __name__)
_QR_WIDTH = 280  # pixels: a card on the narrowest telephone
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"))
_SHOWN = "link_code"  # in the cookie: the code on the member's own screen, for ten minutes; the table has only its hash


@bp.get("/members/me")
@policy("signed_in", even_when_owing=True)
def show() -> Any:
    return _page()


@bp.post("/members/me")
@policy("signed_in", even_when_owing=True)
def save_preferences() -> Response:
    form = request.form
    members.set_preferences(g.actor, lang=form.get("lang"), theme=form.get("theme"), keys_on=form.get("keys_on") == "1")
    return _done(_("Đã lưu lựa chọn."))


@bp.post("/members/me/password")
@policy("signed_in", even_when_owing=True)
def change_password() -> Any:
    """The other sessions end; this one goes on under a new token."""
    form = request.form
    try:
        if form.get("password", "") != form.get("password_again", ""):
            raise BadInput("password_again", "Hai lần nhập chưa giống nhau.", "The two entries differ.")
        passwords.change(g.actor, form.get("old", ""), form.get("password", ""), _network_address())
    except Refusal as refusal:
        return _wrong(refusal)
    _start_again()
    return _done(_("Đã đổi mật khẩu. Các phiên khác đã kết thúc."))


@bp.post("/members/me/second-factor")
@policy("signed_in", even_when_owing=True)
def begin_second_factor() -> Any:
    try:
        second_factor.begin(g.actor)
    except Refusal as refusal:
        return _wrong(refusal)
    return redirect(url_for("account.show", _anchor="second-factor"), 303)


@bp.post("/members/me/second-factor/confirm")
@policy("signed_in", even_when_owing=True)
def confirm_second_factor() -> Any:
    """Shows the ten recovery codes, this once; the session goes on under a new token."""
    try:
        codes = second_factor.confirm(g.actor, request.form.get("code", ""), _network_address())
    except Refusal as refusal:
        return _wrong(refusal)
    guard.enter(sessions.renew(g.session, second_factor=True), keep=("after", _SHOWN))
    return _page(recovery_codes=codes, after=session.pop("after", ""))


@bp.post("/members/me/second-factor/remove")
@policy("signed_in")
def remove_second_factor() -> Any:
    try:
        second_factor.remove(g.actor, request.form.get("code", ""), _network_address())
    except Refusal as refusal:
        return _wrong(refusal)
    return _done(_("Đã tắt xác thực hai lớp."))


@bp.post("/members/me/sessions/<int:session_id>/end")
@policy("signed_in")
def end_session(session_id: int) -> Response:
    sessions.end_one(g.actor, session_id)
    return _done(_("Đã kết thúc phiên."))


@bp.post("/members/me/link")
@policy("signed_in")
def make_link_code() -> Response:
    code = addresses.make_code(g.actor, members.by_id(g.actor.id))
    session[_SHOWN] = {"digits": code.digits, "word": code.word, "until": code.expires_at.isoformat()}
    return redirect(url_for("account.show", _anchor="addresses"), 303)


@bp.post("/members/me/link/confirm")
@policy("signed_in")
def confirm_link() -> Any:
    try:
        with transaction():
            address = addresses.confirm(g.actor, _claim_shown())
            alerts.reply(address, f"linked:{address.id}:{address.linked_at.isoformat()}", {"key": "link.done"})
    except Refusal as refusal:
        return _wrong(refusal)
    session.pop(_SHOWN, None)
    return _done(_("Đã liên kết: {label}.").format(label=address.label or address.channel), "addresses")


@bp.post("/members/me/link/refuse")
@policy("signed_in")
def refuse_link() -> Any:
    try:
        addresses.refuse(g.actor, _claim_shown())
    except Refusal as refusal:
        return _wrong(refusal)
    session.pop(_SHOWN, None)
    return _done(_("Đã từ chối, không liên kết. Mã đã hủy."), "addresses")


@bp.post("/members/me/addresses/<int:address_id>/unlink")
@policy("signed_in")
def unlink(address_id: int) -> Response:
    addresses.unlink(g.actor, address_id)
    return _done(_("Đã ngừng liên kết. Thông báo không còn đi tới địa chỉ này."), "addresses")


@bp.post("/members/me/test")
@policy("signed_in")
def send_test() -> Response:
    count = alerts.tell_test(g.actor)
    if not count:
        flash(_("Chưa có địa chỉ nhận nào đang hoạt động nên chưa gửi."), "warning")
        return redirect(url_for("account.show", _anchor="addresses"), 303)
    return _done(_("Đã xếp hàng {count} thông báo thử.").format(count=count), "addresses")


def _page(form_errors: dict[str, str] | None = None, **more: Any) -> str:
    member = members.by_id(g.actor.id)
    setup = second_factor.pending(member)
    claim = addresses.waiting_claim(member)
    return render_template(
        "account.html",
        member=member,
        form_errors=form_errors or {},
        owes=current_user.owes,
        setup=setup,
        setup_qr=_qr(setup.uri) if setup else "",
        factor_on=member.totp_confirmed_at is not None,
        factor_required=second_factor.is_required(member),
        sessions=sessions.running(member.id),
        this_session=current_user.session_id,
        browser_words=_browser_words,
        addresses=addresses.of_member(member.id),
        claim=claim,
        link=_link_shown(member) if claim is None else None,
        **more,
    )


def _link_shown(member: Member) -> dict[str, Any] | None:
    """The link code on this screen while it can still be brought: digits, word, QR and what is left of its time."""
    shown, until = session.get(_SHOWN), link_codes.open_until(member.id)
    if not shown or until is None or datetime.fromisoformat(shown["until"]) != until:
        return None
    left = max(0, int((until - utc_now()).total_seconds()))
    bot = frame.bot_name()
    return {
        "digits": f"{shown['digits'][:3]} {shown['digits'][3:]}",
        "word": shown["word"],
        "href": f"https://t.me/{bot}?start={shown['word']}" if bot else "",
        "qr": _qr(f"https://t.me/{bot}?start={shown['word']}") if bot else "",
        "left": f"{left // 60}:{left % 60:02d}",
    }


def _qr(text: str) -> Markup:
    """Drawn with attributes only: the content policy allows no styles. Always dark on light, or cameras fail."""
    code = segno.make(text, error="m")
    scale = max(3, _QR_WIDTH // code.symbol_size(border=4)[0])
    drawing = code.svg_inline(scale=scale, border=4, dark="#000", light="#fff", svgclass="qr")
    return Markup(drawing)  # noqa: S704 - segno writes squares, none of the text


def _browser_words(agent: str) -> str:
    """“Firefox, Windows” of what the browser says of itself; its own words when they are none we know."""
    pairs = (_BROWSERS, (*_SYSTEMS, ("Linux", "Linux")))
    found = [next((name for sign, name in known if sign in agent), "") for known in pairs]
    return ", ".join(filter(None, found)) or agent[:60]


def _wrong(refusal: Refusal) -> tuple[str, int]:
    field = refusal.field if isinstance(refusal, BadInput) else ""
    return _page({field: refusal.text(language.current())}), 400


def _start_again() -> None:
    """End every session of the member and go on in a new one, with the second factor it had."""
    had_factor = g.session.second_factor_at is not None
    member = members.by_id(g.actor.id)
    sessions.end_all(member.id)
    browser = request.headers.get("User-Agent", "")
    token = sessions.start(members.by_id(g.actor.id), _network_address(), browser, second_factor=had_factor)
    guard.enter(token, keep=("after", _SHOWN))


def _done(sentence: str, anchor: str | None = None) -> Response:
    """Back to the account – or on to where the person wanted to go, once nothing is owed any more."""
    flash(sentence, "success")
    target = local_path(session.pop("after", None)) if not current_user.owes else ""
    return redirect(target or url_for("account.show", _anchor=anchor), 303)


def _claim_shown() -> int | None:
    return request.form.get("claim", type=int)


def _network_address() -> str:
    return request.remote_addr or ""
