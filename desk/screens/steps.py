"""What is done with one step: done, submitted, approved, sent back, skipped, opened again; a clock waived; a fact told."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, g, redirect, request

from desk import drafts
from desk.forms import pictures, times, typed
from desk.guard import policy
from desk.language import _
from desk.screens.case import SETTLED, TICK, came_from, refused_step
from incidents.cases import approvals, doing, triage, visibility, waiving
from incidents.errors import BadInput, Refusal
from playbooks.facts import FACTS

bp = Blueprint("steps", __name__)
Form = dict[str, Any]


@bp.post("/incidents/<code>/steps/<key>/tick")
@policy("signed_in")
def tick(code: str, key: str) -> Any:
    """``result``: proof in a line; ``document``: number and date; ``photos``; facts the step settles under their names;
    ``at``: when it was done, if not now; ``reason``: of a time before the anchor."""
    form = typed.sent(TICK)

    def do() -> str:
        given = _given(form)
        doing.tick(g.actor, code, key, at=times.read("at", form["at"]), reason=form["reason"], **given)
        return _("Đã ghi xong bước.")

    return _on_step(code, key, form, do)


@bp.post("/incidents/<code>/steps/<key>/submit")
@policy("signed_in")
def submit(code: str, key: str) -> Any:
    """The same fields; another person has to approve."""
    form = typed.sent(TICK)

    def do() -> str:
        approvals.submit(g.actor, code, key, **_given(form))
        return _("Đã trình duyệt. Người có quyền duyệt đang được báo.")

    return _on_step(code, key, form, do)


def _given(form: Form) -> dict[str, Any]:
    return {
        "result": form["result"].strip(),
        "document": form["document"].strip(),
        "settled": {name: form[name] for name in SETTLED if form[name]},
        "pictures": pictures.read(request.files.getlist("photos")),
    }


@bp.post("/incidents/<code>/steps/<key>/approve")
@policy("signed_in")
def approve(code: str, key: str) -> Any:
    form = typed.sent(("reason", "seen"))

    def do() -> str:
        approvals.approve(g.actor, code, key, reason=form["reason"], seen=form["seen"] or None)
        return _("Đã duyệt, bước đã xong.")

    return _on_step(code, key, form, do)


@bp.post("/incidents/<code>/steps/<key>/return")
@policy("signed_in")
def send_back(code: str, key: str) -> Any:
    form = typed.sent(("reason",))

    def do() -> str:
        approvals.send_back(g.actor, code, key, form["reason"])
        return _("Đã trả lại, người trình đang được báo.")

    return _on_step(code, key, form, do)


@bp.post("/incidents/<code>/steps/<key>/skip")
@policy("signed_in")
def skip(code: str, key: str) -> Any:
    form = typed.sent(("reason",))

    def do() -> str:
        doing.skip(g.actor, code, key, form["reason"])
        return _("Đã ghi bước không áp dụng.")

    return _on_step(code, key, form, do)


@bp.post("/incidents/<code>/steps/<key>/reopen")
@policy("signed_in")
def reopen(code: str, key: str) -> Any:
    form = typed.sent(("reason",))

    def do() -> str:
        doing.reopen(g.actor, code, key, form["reason"])
        return _("Đã mở lại bước.")

    return _on_step(code, key, form, do)


@bp.post("/incidents/<code>/clocks/<int:clock_id>/waive")
@policy("signed_in")
def waive(code: str, clock_id: int) -> Any:
    """A clock is waived for a reason; its step stays open, and a legal one stays counted late."""
    form = typed.sent(("reason",))

    def do() -> str:
        waiving.waive(g.actor, code, clock_id, form["reason"])
        return _("Đã miễn thời hạn.")

    return _on_step(code, "", form, do)


@bp.post("/incidents/<code>/facts/<name>")
@policy("signed_in")
def tell_fact(code: str, name: str) -> Any:
    """A fact that decides whether steps apply, answered with one press; ``value``: 1, 0 or one of its choices."""
    form = typed.sent(("value",))

    def do() -> str:
        if name not in FACTS or not FACTS[name].asked:
            raise BadInput(name, "Không có mục này.", "There is no such item.")
        is_yes_or_no = not FACTS[name].choices
        if is_yes_or_no and form["value"] not in ("1", "0"):
            raise BadInput(name, "Chọn có hoặc không.", "Choose yes or no.")
        triage.edit(g.actor, code, {name: form["value"] == "1" if is_yes_or_no else form["value"]})
        return _("Đã lưu thông tin.")

    return _on_step(code, "", form, do)


def _on_step(code: str, key: str, form: Form, do: Callable[[], str]) -> Any:
    """Do it and go back to where the button was; refused, the incident's page says why and holds what was typed."""
    visibility.find(g.actor, code)
    path = request.path
    try:
        done = do()
    except Refusal as refusal:
        return refused_step(code, refusal, {"key": key.rsplit(".", 1)[-1], **form})
    drafts.drop(g.actor.id, drafts.key_of(path))
    flash(done, "success")
    return redirect(came_from() or f"/incidents/{code}", 303)
