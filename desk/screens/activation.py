"""Kích hoạt Tổ công tác: the decision as a record, its people, its end (Kế hoạch II.9.c, PB-08)."""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request

from desk import drafts
from desk.forms import times, typed
from desk.guard import policy
from desk.language import _, current
from desk.shown import activation as shown
from desk.shown import choices
from incidents.cases import activation, visibility
from incidents.db import utc_now
from incidents.errors import BadInput, Refusal
from incidents.permissions import may, who_may

bp = Blueprint("activation", __name__)
START = ("decision", "decided_on", "head", "starts_at", "round_the_clock", "note")
CHANGE = ("head", "reason")
PEOPLE = ("deputies", "members")
END = ("decision", "reason")


@bp.get("/activations")
@policy("read_planning")
def show_all() -> str:
    rows = [shown.listed(row) for row in activation.all_visible(g.actor)]
    return render_template("activations.html", rows=rows)


@bp.get("/incidents/<code>/activation")
@policy("signed_in")
def show(code: str) -> str:
    return _page(code)


@bp.post("/incidents/<code>/activation")
@policy("activate_task_force")
def start(code: str) -> Any:
    form = typed.sent(START, PEOPLE)

    def do() -> str:
        activation.activate(
            g.actor, code, decision=form["decision"], decided_on=_day(form["decided_on"]), head=form["head"],
            deputies=form["deputies"], members=form["members"], starts_at=times.read("starts_at", form["starts_at"]),
            round_the_clock=form["round_the_clock"] == "1", note=form["note"],
        )  # fmt: skip
        return _("Đã kích hoạt Tổ công tác và báo từng người.")

    return _attempt(code, form, "start", do)


@bp.post("/incidents/<code>/activation/members")
@policy("activate_task_force")
def change(code: str) -> Any:
    form = typed.sent(CHANGE, PEOPLE)

    def do() -> str:
        activation.change_members(
            g.actor, code, head=form["head"], deputies=form["deputies"], members=form["members"], reason=form["reason"]
        )
        return _("Đã đổi thành viên và báo những người liên quan.")

    return _attempt(code, form, "change", do)


@bp.post("/incidents/<code>/activation/end")
@policy("activate_task_force")
def end(code: str) -> Any:
    form = typed.sent(END)

    def do() -> str:
        activation.stand_down(g.actor, code, form["decision"], form["reason"])
        return _("Đã kết thúc hoạt động của Tổ công tác và báo từng người.")

    return _attempt(code, form, "end", do)


def _attempt(code: str, form: dict[str, Any], which: str, do: Any) -> Any:
    """Do it and show the record; or the same page with the sentence and what was typed in that form."""
    visibility.find(g.actor, code)
    try:
        sentence = do()
    except Refusal as refusal:
        refused = typed.refused(refusal, request.path, form)
        return _page(code, which, typed.Filled(form), refused), refused.status
    drafts.drop(g.actor.id, drafts.key_of(request.path))
    flash(sentence, "success")
    return redirect(f"/incidents/{code}/activation", 303)


def _day(text: str) -> date | None:
    """ "23/11/2026" or a browser's own. Raises ``BadInput``."""
    text = text.strip()
    for shape in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, shape).date() if text else None  # noqa: DTZ007 - a day, no time
        except ValueError:
            continue
    raise BadInput("decided_on", "Ghi ngày như 23/11/2026.", "Write the day as 23/11/2026.")


def _page(code: str, which: str = "", filled: typed.Filled | None = None, refused: typed.Refused | None = None) -> str:
    """``which``: the form that was refused (start, change, end); the others open as they stand."""
    incident = visibility.find(g.actor, code)
    rows = activation.of(incident)
    running = next((row for row in rows if row.ends_at is None), None)
    forms = {
        "start": shown.initial(incident, current()) if running is None else {},
        "change": shown.current(running) if running is not None else {},
        "end": dict.fromkeys(END, ""),
    }
    here = request.path if which else f"/incidents/{incident.code}/activation"
    opened = typed.opened(here, forms["start"]) if not which and running is None else filled
    if opened is not None:
        forms[which or "start"] = opened.values
    decides = may(g.actor, "activate_task_force")
    return render_template(
        "incident_activation.html",
        code=incident.code,
        incident_title=choices.title(incident),
        is_open=incident.is_open,
        records=[shown.record(row) for row in rows],
        running=running is not None,
        gaps=shown.gaps(running, utc_now()) if running is not None else [],
        ticks=shown.to_tick(incident, rows, current()),
        people=shown.people() if decides else [],
        forms=forms,
        which=which or ("start" if running is None else ""),
        form_errors=refused.errors if refused else {},
        draft=opened.draft if opened is not None else None,
        draft_path=here,
        decides=decides,
        who=who_may("activate_task_force")[0 if current() == "vi" else 1],
    )
