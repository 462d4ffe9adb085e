"""Lịch trực: an agency's week, its gaps, and what its keeper does to it (screens.md 7.10)."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, current_app, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from desk import drafts, frame
from desk.forms import times, typed
from desk.guard import policy
from desk.language import _, current
from desk.screens.live import live
from desk.shown import shifts as shown
from incidents.cases import handing_over
from incidents.db import utc_now
from incidents.errors import BadInput, NotFound, Refusal
from incidents.people import agencies, feeds, members, roster, roster_checks
from incidents.people.models import Agency
from incidents.permissions import may
from incidents.reading import roster as reading

bp = Blueprint("shifts", __name__)
ADD = ("agency", "week", "username", "starts_at", "ends_at", "note")
REPEAT = ("agency", "week", "weeks")
_SKIPPED_SHOWN = 8


@bp.get("/shifts")
@policy("read_planning")
@live
def show() -> str:
    filled = typed.opened("/shifts", dict.fromkeys(ADD, ""))
    for name, given in (("starts_at", "start"), ("ends_at", "end")):
        filled.values[name] = filled.values[name] or request.args.get(given, "")[:40]
    asked = request.args
    return page(asked.get("agency") or filled.values["agency"], asked.get("week") or filled.values["week"], filled)


@bp.post("/shifts")
@policy("read_planning")
def add() -> Any:
    form = typed.sent(ADD)
    try:
        starts_at, ends_at = (_required(name, form[name]) for name in ("starts_at", "ends_at"))
        made = roster.add_shift(g.actor, form["agency"], form["username"], starts_at, ends_at, form["note"])
    except Refusal as refusal:
        refused = typed.refused(refusal, "/shifts", form)
        return page(form["agency"], form["week"], typed.Filled(form), refused), refused.status
    words = _("Đã xếp {name} trực {span}.").format(name=made.member.name, span=roster_checks.span(made))
    drafts.drop(g.actor.id, drafts.key_of("/shifts"))
    return done(words, form["agency"], starts_at.date().isoformat())


@bp.post("/shifts/repeat")
@policy("read_planning")
def repeat() -> Any:
    form = typed.sent(REPEAT)
    try:
        weeks = int(form["weeks"]) if form["weeks"].strip().isdecimal() and len(form["weeks"]) < 4 else 0
        made = roster.repeat_week(g.actor, form["agency"], _day(form["week"]), weeks)
    except Refusal as refusal:
        refused = typed.told(refusal)
        return page(form["agency"], form["week"], typed.Filled({}), refused, form["weeks"]), refused.status
    words = _("Đã chép {count} ca.").format(count=made.made)
    for skipped in made.skipped[:_SKIPPED_SHOWN]:
        why = skipped.en if current() == "en" else skipped.vi
        flash(f"{skipped.name} {times.words(skipped.starts_at)}: {_('không chép.')} {why}", "warning")
    if len(made.skipped) > _SKIPPED_SHOWN:
        flash(_("Còn {count} ca khác không chép được.").format(count=len(made.skipped) - _SKIPPED_SHOWN), "warning")
    return done(words, form["agency"], (_day(form["week"]) + roster.WEEK).isoformat())


@bp.post("/shifts/feed")
@policy("read_planning")
def make_feed() -> str:
    """Shows the address, this once: only its hash is kept."""
    token = feeds.make(g.actor)
    base = str(current_app.config.get("BASE_URL") or request.url_root).rstrip("/")
    return page("", "", typed.Filled({}), feed_address=f"{base}/shifts.ics?{urlencode({'key': token})}")


@bp.post("/shifts/feed/end")
@policy("read_planning")
def end_feed() -> Response:
    feeds.end(g.actor)
    flash(_("Đã đóng địa chỉ lịch. Điện thoại không đọc được lịch nữa."), "success")
    return redirect("/shifts#feed", 303)


@bp.get("/shifts.ics")
@policy("public")
def calendar() -> Response:
    """A telephone asks without signing in: the secret in the address is the right, and a wrong one finds nothing."""
    member = feeds.member_of(request.args.get("key", ""))
    if member is None:
        raise NotFound(what="/shifts.ics")
    made = current_app.response_class(feeds.calendar_of(member, request.host), mimetype="text/calendar")
    made.headers["Content-Disposition"] = 'attachment; filename="lich-truc.ics"'
    return made


def page(
    code: str, week: str, filled: typed.Filled, refused: typed.Refused | None = None, weeks: str = "", **more: Any
) -> str:
    """The whole page for one agency and week; ``code`` "" is the actor's own agency, a week nobody can read is this one."""
    agency = _agency(code)
    starts_at = roster.monday(_day(week))
    now, keeps = utc_now(), roster_checks.may_edit(g.actor, agency)
    read = reading.week(agency, starts_at)
    return render_template(
        "shifts.html",
        agency=agency,
        agencies=[(one.code, one.label) for one in reading.agencies_with(g.actor)],
        week=starts_at.date(),
        week_before=(starts_at - roster.WEEK).date(),
        week_after=(starts_at + roster.WEEK).date(),
        sunday=(starts_at + roster.WEEK).date() - date.resolution,
        days=shown.days(read, members.today(), g.actor.id),
        kept=read.is_kept,
        bare=not read.shifts,
        present=shown.present(reading.now_of(agency, now)),
        gaps=shown.gaps(reading.gaps_ahead(agency), agency.code),
        keeps=keeps,
        people=[("", _("Chọn người"))] + [(one.username, one.name) for one in reading.people_of(agency) if keeps],
        form=filled.values,
        weeks=weeks or "1",
        form_errors=refused.errors if refused else {},
        draft=filled.draft,
        draft_path="/shifts",
        **_own(agency),
        **more,
    )


def done(words: str, code: str, week: str) -> Response:
    """Say it, forget who was on duty, and show that week."""
    frame.forget_duty()
    flash(words, "success")
    return redirect("/shifts?" + urlencode({"agency": code, "week": week}), 303)


def _own(agency: Agency) -> dict[str, Any]:
    """What waits for the reader himself."""
    unsigned = [one for one in reading.hand_overs(g.actor) if one.to_member_id == g.actor.id and not one.signed_to_at]
    return {
        "mine": [shown.shift(one) for one in reading.mine(g.actor)],
        "asked_of_me": shown.swaps(reading.swaps_for_me(g.actor)),
        "asked_by_me": shown.swaps(reading.swaps_of_mine(g.actor)),
        "swaps": shown.swaps(reading.swaps_of(g.actor, agency)),
        "unsigned": [(one.id, one.from_member.name, one.written_at) for one in unsigned],
        "may_hand_over": may(g.actor, handing_over.RIGHT),
        "feed_made_at": feeds.made_at(g.actor),
    }


def _agency(code: str) -> Agency:
    found = agencies.by_code(code.strip() or g.actor.agency_code)
    if found is None:
        raise NotFound(what=code)
    return found


def _day(typed_day: str) -> date:
    try:
        day = date.fromisoformat(typed_day.strip())
    except ValueError:
        return members.today()
    return day if 2000 < day.year < 2100 else members.today()


def _required(name: str, text: str) -> datetime:
    at = times.read(name, text, ahead=True)
    if at is None:
        raise BadInput(name, "Ghi giờ và ngày.", "Give the time and the day.")
    return at
