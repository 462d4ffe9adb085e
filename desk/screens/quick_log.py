"""Ghi nhanh: one form, for some an incident, for the others a quick report (screens.md 7.1)."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from desk import drafts
from desk.forms import pictures, times, typed
from desk.guard import policy
from desk.language import _
from desk.shown import choices, deliveries
from incidents.cases import intake, quick_reports
from incidents.cases.checks import checked_text, checked_time
from incidents.cases.models import Incident
from incidents.errors import AlreadyDone, Refusal
from incidents.people.models import Member
from incidents.permissions import may
from incidents.reading import deliveries as reading
from incidents.telling.alerts import first_working
from incidents.text import clean

bp = Blueprint("quick_log", __name__)
PATH = "/incidents/new"
FIELDS = ("what", "severity", "kind", "category", "place", "link", "happened_at", "nonce")
Form = dict[str, Any]


@bp.get(PATH)
@policy("quick_report")
def show() -> str:
    blank = dict.fromkeys(FIELDS, "") | {"nonce": typed.new_nonce()}
    return _page(typed.opened(PATH, blank))


@bp.post(PATH)
@policy("quick_report")
def save() -> Any:
    form = typed.sent(FIELDS)
    try:
        photos = pictures.read(request.files.getlist("photos"))
        return _log(form, photos) if may(g.actor, "open_incident") else _send(form, photos)
    except Refusal as refusal:
        refused = typed.refused(refusal, PATH, form)
    return _page(typed.Filled(form), refused), refused.status


@bp.get(f"{PATH}/receivers")
@policy("quick_report")
def receivers() -> str:
    """The fragment that says, before saving, who will be told."""
    return render_template(
        "receivers.html", **_preview(request.args.get("severity", ""), request.args.get("place", ""))
    )


def _log(form: Form, photos: list[tuple[str, bytes]]) -> Response:
    key = typed.source_key(form["nonce"])
    happened_at = times.read("happened_at", form["happened_at"])
    if key and (before := intake.logged_before(key)) is not None:
        _check_same(before, form)
    incident = before if key and before else intake.log(
        g.actor, form["what"], form["severity"], kind=form["kind"], category=form["category"], place=form["place"],
        link=form["link"], happened_at=happened_at, pictures=photos, tell_now=request.form.get("tell") != "0",
        source_key=key,
    )  # fmt: skip
    drafts.drop(g.actor.id, drafts.key_of(PATH))
    flash(_saved_sentence(incident), "success")
    return redirect(f"/incidents/{incident.code}?saved=1", 303)


def _check_same(before: Incident, form: Form) -> None:
    """A form sent twice is one incident; the same page filled with other words must not be taken for it."""
    if clean(form["what"]) != before.what:
        form["nonce"] = typed.new_nonce()
        raise SavedBefore(who=before.code, at=times.words(before.opened_at))


class SavedBefore(AlreadyDone):
    vi = "Trang này đã lưu {who} lúc {at}. Chữ mới chưa lưu: bấm lại để lưu thành sự việc mới."
    en = "This page was saved as {who} at {at}. The new text is not saved: press again to save it as a new incident."


def _saved_sentence(incident: Incident) -> str:
    on_the_way, without_address = reading.told(incident)
    at = times.words(incident.opened_at).partition(" ")[0]
    words = _("Đã lưu {code} lúc {at}.").format(code=incident.code, at=at) + " "
    if on_the_way:
        words += _("Đang báo {count} người.").format(count=on_the_way)
    elif without_address:
        words += _("Chưa có người nhận. Sẽ báo Tổ trưởng.")
    else:
        words += _("Chưa báo ai.")
    if on_the_way and without_address:
        words += " " + _("{count} người chưa có địa chỉ nhận.").format(count=without_address)
    return words


def _send(form: Form, photos: list[tuple[str, bytes]]) -> Response:
    """Who may not open incidents sends the same form as a quick report; level and kind are proposals."""
    if not photos:
        checked_text("what", form["what"])
    report, _new = quick_reports.send(
        g.actor, form["what"], typed.source_key(form["nonce"]) or f"web:{g.actor.id}:{typed.new_nonce()}",
        link=form["link"].strip(), sent_at=checked_time("happened_at", times.read("happened_at", form["happened_at"])),
        severity=int(form["severity"]) if form["severity"] in {"1", "2", "3", "4"} else None, kind=form["kind"],
        place=form["place"], ask=False, pictures=photos,
    )  # fmt: skip
    drafts.drop(g.actor.id, drafts.key_of(PATH))
    at = times.words(report.arrived_at).partition(" ")[0]
    flash(_("Đã ghi nhận {number} lúc {at}. Đã báo trực ban.").format(number=report.number, at=at), "success")
    return redirect(f"/quick-reports/{report.id}", 303)


def _page(filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    form, errors = filled.values, refused.errors if refused else {}
    had_files = any(upload.filename for upload in request.files.getlist("photos"))
    return render_template(
        "quick_log.html",
        form=form,
        form_errors=errors,
        only_level=set(errors) == {"severity"},
        had_files=bool(errors) and had_files,
        draft=filled.draft,
        draft_path=PATH,
        opens=may(g.actor, "open_incident"),
        levels=choices.levels(),
        kinds=choices.kinds(),
        categories=choices.categories(_("Chưa rõ")),
        photos=True,
        **_preview(form["severity"], form["place"]),
    )


def _preview(severity: str, place: str) -> dict[str, Any]:
    """The same people ``log`` would tell; nothing while the level is not chosen."""
    if severity not in {"1", "2", "3", "4"}:
        return {"receivers": [], "alike": [], "nobody": ""}
    where = place[:200] if may(g.actor, "open_incident") else ""
    people = [_receiver(member) for member in intake.who_will_be_told(g.actor, int(severity), where)]
    return {"receivers": people, "alike": [], "nobody": _("Chưa có ai để báo. Gọi điện cho Tổ trưởng.")}


def _receiver(member: Member) -> dict[str, str]:
    address = first_working(member)
    return {
        "name": member.name,
        "channel": deliveries.channel(address.channel) if address else _("chưa có địa chỉ nhận"),
    }
