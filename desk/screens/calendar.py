"""Lịch làm việc: days off and swapped, working hours, proposals by one person approved by another, and a calculator."""

from calendar import Calendar as Weeks
from datetime import date
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from desk import drafts
from desk.forms import times, typed
from desk.guard import policy
from desk.language import _, current
from desk.shown import choices, planning, spans
from incidents.cases import recount
from incidents.db import utc_now
from incidents.errors import BadInput, NotFound, Refusal
from incidents.people.members import today
from incidents.permissions import may
from incidents.planning import amendments, bases, content
from incidents.planning.calendar import amended, calendar, is_confirmed
from incidents.vocabulary import UNITS
from playbooks.worktime import Calendar, Hours

bp = Blueprint("calendar", __name__)
FORMS = {
    "day": ("key", "day", "name", "reason", "document_no"),
    "hours": ("key", "hours", "reason", "document_no"),
    "year": ("key", "reason", "document_no"),
}
_MOST = 500  # of the calculator, in any unit


@bp.get("/calendar")
@policy("read_planning")
def show() -> str:
    year = _year(request.args.get("year", ""))
    working, changed = calendar(), amended()
    asked = {name: request.args.get(name, "").strip()[:40] for name in ("at", "amount", "unit")}
    told, errors = _calculate(asked, working)
    first, last = _years()
    return render_template(
        "calendar.html",
        year=year,
        years=range(first, last + 1),
        months=[_month(year, month, working, set(changed)) for month in range(1, 13)],
        weekdays=spans.short_weekdays(),
        hours=_periods(working),
        unconfirmed=[one for one in (today().year, today().year + 1) if not is_confirmed(one)],
        next_year=today().year + 1,
        proposals=planning.proposals(amendments.waiting("calendar", "hours"), g.actor, bases.catalogue()),
        decided=planning.proposals(_decided(), g.actor, bases.catalogue()),
        may_propose=may(g.actor, "propose_planning"),
        asked=asked,
        told=told,
        form_errors=errors,
        units=choices.of(UNITS),
    )


def _years() -> tuple[int, int]:
    return today().year - content.YEARS_AROUND, today().year + content.YEARS_AROUND


def _year(typed_year: str) -> int:
    first, last = _years()
    year = int(typed_year) if typed_year.isdecimal() and len(typed_year) == 4 else today().year
    return min(max(year, first), last)


def _decided() -> list[Any]:
    return [row for row in amendments.history("calendar", "hours", limit=20) if row.state != "proposed"]


def _month(year: int, month: int, working: Calendar, changed: set[date]) -> dict[str, Any]:
    """Weeks of days (0: outside the month) and the named days of the month."""
    english = current() == "en"
    weeks = [
        [_cell(date(year, month, number), working, changed) if number else None for number in week]
        for week in Weeks().monthdayscalendar(year, month)
    ]
    days = [cell for week in weeks for cell in week if cell]
    named = [
        {"day": f"{cell['date']:%d/%m}", "kind": cell["kind"], "changed": cell["changed"],
         "name": working.names.get(cell["date"], ("", ""))[1 if english else 0]}
        for cell in days if cell["kind"] in ("off", "swapped")
    ]  # fmt: skip
    return {"number": month, "weeks": weeks, "named": named}


def _cell(day: date, working: Calendar, changed: set[date]) -> dict[str, Any]:
    kind = {"holiday": "off", "swapped": "swapped", "weekend": "weekend", "": ""}[working.reason(day)]
    return {"date": day, "number": day.day, "kind": kind, "changed": day in changed, "today": day == today()}


def _periods(working: Calendar) -> list[dict[str, Any]]:
    """Working hours, the newest period first; ``current``: in force today."""
    rows: list[tuple[date | None, Hours]] = [(None, working.hours), *working.periods]
    present = working.hours_on(today())
    return [
        {
            "from": f"{starts:%d/%m/%Y}" if starts else "",
            "hours": ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in hours),
            "current": hours is present,
        }
        for starts, hours in reversed(rows)
    ]


def _calculate(asked: dict[str, str], working: Calendar) -> tuple[spans.Told | None, dict[str, str]]:
    if not asked["amount"] and not asked["at"]:
        return None, {}
    try:
        at = times.read("at", asked["at"]) or utc_now()
        if not asked["amount"].isdecimal() or int(asked["amount"]) > _MOST:
            vi, en = f"Ghi số từ 0 đến {_MOST}.", f"Write a number from 0 to {_MOST}."
            raise BadInput("amount", vi, en)
        if asked["unit"] not in UNITS:
            raise BadInput("unit", "Chọn đơn vị.", "Choose the unit.")
    except BadInput as refusal:
        return None, {refusal.field: refusal.text(current())}
    return spans.told(at, int(asked["amount"]), asked["unit"], working), {}


@bp.get("/calendar/propose/<what>")
@policy("propose_planning")
def change(what: str) -> str:
    initial = dict.fromkeys(_names(what), "") | {"key": request.args.get("key", "")[:10]}
    return _form_page(what, typed.opened(request.path, initial))


@bp.post("/calendar/propose/<what>")
@policy("propose_planning")
def propose(what: str) -> Any:
    form = typed.sent(_names(what))
    subject = "hours" if what == "hours" else "calendar"
    try:
        amendments.propose(g.actor, subject, form["key"], _change(what, form), form["reason"], form["document_no"])
    except Refusal as refusal:
        refused = typed.refused(refusal, request.path, form)
        return _form_page(what, typed.Filled(form), refused), refused.status
    drafts.drop(g.actor.id, drafts.key_of(request.path))
    flash(_("Đã gửi đề nghị, chờ người khác duyệt."), "success")
    return redirect("/calendar", 303)


def _names(what: str) -> tuple[str, ...]:
    if what not in FORMS:
        raise NotFound(what=what)
    return FORMS[what]


def _change(what: str, form: dict[str, str]) -> dict[str, Any]:
    if what == "hours":
        pieces = form["hours"].replace("–", "-").replace(";", ",").split(",")
        return {"hours": [piece.split("-") for piece in pieces if piece.strip()]}
    return {"day": "confirmed"} if what == "year" else {"day": form["day"], "name": form["name"]}


def _form_page(what: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    return render_template(
        "calendar_form.html",
        what=what,
        form=filled.values,
        form_errors=refused.errors if refused else {},
        draft=filled.draft,
        draft_path=request.path,
        days=[("", _("Chọn")), ("off", _("Nghỉ")), ("working", _("Làm việc (làm bù)")), ("computed", _("Theo lịch tính sẵn"))],
        years=[(str(year), str(year)) for year in range(today().year, _years()[1] + 1)],
    )  # fmt: skip


@bp.post("/calendar/amendments/<int:amendment_id>")
@policy("approve_planning")
def decide(amendment_id: int) -> Response:
    """Running clocks that the day or the hours concern are counted anew in the same transaction."""
    try:
        row = recount.decide_calendar(
            g.actor, amendment_id, request.form.get("approve") == "1", request.form.get("note", "")
        )
    except Refusal as refusal:
        flash(refusal.text(current()), "error")
    else:
        approved = _("Đã duyệt. Thời hạn đang chạy đã tính lại.")
        flash(approved if row.state == "approved" else _("Đã ghi không duyệt."), "success")
    return redirect("/calendar", 303)
