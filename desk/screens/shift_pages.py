"""One shift on a page of its own: withdrawn by its keeper, offered to a colleague by its member; and swaps answered."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from desk import frame
from desk.forms import typed
from desk.guard import policy
from desk.language import _, current
from desk.screens.shifts import done
from desk.shown import shifts as shown
from incidents.cases import swaps
from incidents.db import utc_now
from incidents.errors import Refusal
from incidents.people import members, roster, roster_checks
from incidents.people.models import Shift
from incidents.reading import roster as reading
from playbooks.worktime import ZONE

bp = Blueprint("shift_pages", __name__)


@bp.get("/shifts/<int:shift_id>")
@policy("read_planning")
def show(shift_id: int) -> str:
    return _page(reading.get(shift_id))


@bp.post("/shifts/<int:shift_id>/withdraw")
@policy("read_planning")
def withdraw(shift_id: int) -> Any:
    form = typed.sent(("reason",))
    try:
        gone = roster.withdraw_shift(g.actor, shift_id, form["reason"])
    except Refusal as refusal:
        refused = typed.told(refusal)
        return _page(reading.get(shift_id), form, refused, "withdraw"), refused.status
    words = _("Đã rút ca trực {span} của {name}.").format(span=roster_checks.span(gone), name=gone.member.name)
    return done(words, gone.agency.code, gone.starts_at.astimezone(ZONE).date().isoformat())


@bp.post("/shifts/<int:shift_id>/swap")
@policy("read_planning")
def ask(shift_id: int) -> Any:
    form = typed.sent(("username", "reason"))
    try:
        swap = swaps.ask(g.actor, shift_id, form["username"], form["reason"])
    except Refusal as refusal:
        refused = typed.told(refusal)
        return _page(reading.get(shift_id), form, refused, "swap"), refused.status
    flash(_("Đã gửi {name} đề nghị đổi ca.").format(name=swap.to_member.name), "success")
    return redirect(f"/shifts/{shift_id}", 303)


@bp.post("/shifts/swaps/<int:swap_id>/accept")
@policy("read_planning")
def accept(swap_id: int) -> Response:
    return _answer(lambda: swaps.accept(g.actor, swap_id), _("Đã nhận ca trực."))


@bp.post("/shifts/swaps/<int:swap_id>/decline")
@policy("read_planning")
def decline(swap_id: int) -> Response:
    return _answer(lambda: swaps.decline(g.actor, swap_id, request.form.get("reason", "")), _("Đã trả lời không đổi."))


@bp.post("/shifts/swaps/<int:swap_id>/withdraw")
@policy("read_planning")
def take_back(swap_id: int) -> Response:
    return _answer(lambda: swaps.withdraw(g.actor, swap_id), _("Đã rút đề nghị đổi ca."))


def _answer(do: Callable[[], object], words: str) -> Response:
    try:
        do()
    except Refusal as refusal:
        flash(refusal.text(current()), "error")
    else:
        frame.forget_duty()
        flash(words, "success")
    return redirect("/shifts", 303)


def _page(
    shift: Shift, form: dict[str, Any] | None = None, refused: typed.Refused | None = None, which: str = ""
) -> str:
    is_open = shift.withdrawn_at is None and shift.ends_at > utc_now()
    own = shift.member_id == g.actor.id
    asked = reading.swap_waiting(shift) if is_open else None
    others = [one for one in reading.people_of(shift.agency) if one.id != g.actor.id] if own and is_open else []
    return render_template(
        "shift.html",
        shift=shift,
        span=roster_checks.span(shift),
        made_by=members.by_id(shift.made_by_id).name if shift.made_by_id else "",
        week=shift.starts_at.astimezone(ZONE).date(),
        may_withdraw=is_open and roster_checks.may_edit(g.actor, shift.agency),
        may_ask=own and is_open and asked is None,
        asked=shown.swaps([asked])[0] if asked else None,
        own=own,
        people=[("", _("Chọn người"))] + [(one.username, one.name) for one in others],
        form=form or {},
        form_errors=refused.errors if refused else {},
        which=which,
    )
