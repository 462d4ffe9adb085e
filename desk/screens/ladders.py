"""Báo lên cấp trên: the ladders as sentences, changed in place, tested through the real path (screens.md 7.10)."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from desk import drafts
from desk.forms import typed
from desk.guard import policy
from desk.language import _, current
from desk.screens.live import live
from desk.shown import agencies as offered
from desk.shown import ladders as shown
from incidents.cases import audience, ladder, ladder_tests
from incidents.errors import BadInput, Refusal, StaleVersion
from incidents.people import agencies
from incidents.people.models import Agency
from incidents.permissions import may
from incidents.reading import escalations as reading
from incidents.vocabulary import SEVERITIES, label

bp = Blueprint("ladders", __name__)
PATH = "/escalations"
WORDS, LISTS = ("track", "agency", "severity", "reason", "seen"), ("minutes", "target")


@bp.get("/escalations")
@policy("read_planning")
@live
def show() -> str:
    filled = typed.opened(PATH, dict.fromkeys(WORDS, "") | {name: [] for name in LISTS})
    return _page(request.args.get("agency", "") or filled.values["agency"], filled)


@bp.post("/escalations")
@policy("edit_ladder")
def save() -> Any:
    form = typed.sent(WORDS, LISTS)
    try:
        rungs = [] if request.form.get("reset") == "1" else _read(form["minutes"], form["target"])
        seen = _parsed(form["seen"]) if form["seen"] else None
        ladder.set_rungs(g.actor, form["track"], form["agency"], _level(form), rungs, form["reason"], seen=seen)
    except Refusal as refusal:
        refused = typed.refused(refusal, PATH, form)
        if isinstance(refusal, StaleVersion):
            words = _(
                "Thang này vừa được người khác đổi. Thang mới nhất hiện ở dưới, phần đã nhập vẫn còn trong biểu mẫu."
            )
            refused = typed.Refused({"": words}, refused.status)
        return _page(form["agency"], typed.Filled(form), refused), refused.status
    drafts.drop(g.actor.id, drafts.key_of(PATH))
    flash(_("Đã đổi thang báo Cấp {level}.").format(level=form["severity"]), "success")
    return _back(form["agency"])


@bp.post("/escalations/test")
@policy("test_ladder")
def test() -> Any:
    form = typed.sent(("track", "agency", "severity"))
    try:
        made = ladder_tests.send(g.actor, form["track"], form["agency"], _level(form))
    except Refusal as refusal:
        flash(refusal.text(current()), "error")
        return _back(form["agency"])
    flash(_("Đã gọi thử mọi cấp. Thông báo mang chữ THỬ."), "success")
    return redirect(f"{PATH}/tests/{made.id}", 303)


@bp.get("/escalations/tests/<int:test_id>")
@policy("test_ladder")
@live
def show_test(test_id: int) -> str:
    made, alerts = ladder_tests.get(g.actor, test_id)
    return render_template(
        "ladder_test.html", title=shown.test_title(made), levels=shown.test_levels(made, alerts), made_at=made.made_at
    )


def _back(agency: str) -> Response:
    return redirect(f"{PATH}?agency={agency}" if agencies.by_code(agency.strip()) else PATH, 303)


def _level(form: dict[str, Any]) -> int:
    return int(form["severity"]) if form["severity"] in {"1", "2", "3", "4"} else 0


def _read(minutes: list[str], targets: list[str]) -> list[tuple[int, str]]:
    """The rows of the form that name somebody. Raises ``BadInput`` for minutes that are no number."""
    rungs = []
    for count, target in zip(minutes, targets, strict=False):
        if not target:
            continue
        if not count.strip().isdecimal() or len(count.strip()) > 6:
            raise BadInput("rungs", "Ghi số phút bằng chữ số.", "Give the minutes as a number.")
        rungs.append((int(count), target))
    return rungs


def _written(rungs: ladder.Ladder) -> str:
    return ",".join(f"{rung.minutes}:{rung.target}" for rung in rungs)


def _parsed(written: str) -> list[tuple[int, str]]:
    parts = [part.partition(":") for part in written.split(",")]
    return [(int(minutes), target) for minutes, _colon, target in parts if minutes.isdecimal() and len(minutes) < 7]


def _page(code: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    agency = agencies.by_code(code.strip()) if code.strip() else None
    ladders = ladder.read()
    reach = audience.reach((agency.id,) if agency else ())
    return render_template(
        "escalations.html",
        tracks=[_track(track, agency, ladders, reach, filled, refused) for track in ladder.TRACKS],
        agency=agency.code if agency else "",
        groups=offered.grouped(""),
        running=shown.running(reading.running(g.actor)),
        tests=_tests(),
        form_errors=refused.errors if refused else {},
        draft=filled.draft,
        draft_path=PATH,
        edits=may(g.actor, "edit_ladder"),
        calls=may(g.actor, "test_ladder"),
    )


def _tests() -> list[dict[str, Any]]:
    if not may(g.actor, "test_ladder"):
        return []
    return [{"id": one.id, "title": shown.test_title(one), "at": one.made_at} for one in ladder_tests.latest(g.actor)]


def _track(
    track: str,
    agency: Agency | None,
    ladders: ladder.Ladders,
    reach: audience.Reach,
    filled: typed.Filled,
    refused: typed.Refused | None,
) -> dict[str, Any]:
    own = agency if track == ladder.AGENCY else None
    levels = [
        _ladder(track, severity, own, ladders, reach, filled, refused) for severity in sorted(SEVERITIES, reverse=True)
    ]
    return {
        "key": track,
        "label": label(ladder.TRACKS, track, current()),
        "agency": own.label if own else "",
        "code": own.code if own else "",
        "per_agency": track == ladder.AGENCY,
        "levels": levels,
        "targets": shown.targets(track),
    }


def _ladder(
    track: str,
    severity: int,
    agency: Agency | None,
    ladders: ladder.Ladders,
    reach: audience.Reach,
    filled: typed.Filled,
    refused: typed.Refused | None,
) -> dict[str, Any]:
    """One ladder: its sentences, and its form with what was typed when it is this one that was refused."""
    agency_id = agency.id if agency else None
    rungs = ladders.of(track, severity, agency_id)
    is_typed = filled.values["track"] == track and filled.values["severity"] == str(severity)
    rows = [(str(rung.minutes), rung.target) for rung in rungs]
    if is_typed:
        rows = list(zip(filled.values["minutes"], filled.values["target"], strict=False))
    rows += [("", "")] * (ladder.MOST_RUNGS - len(rows))
    return {
        "severity": severity,
        "sentences": shown.sentences(track, severity, rungs, reach, agency_id),
        "closing": shown.closing(rungs),
        "is_own": bool(ladders.own(track, severity, agency_id)),
        "rows": rows[: ladder.MOST_RUNGS],
        "seen": _written(rungs),
        "reason": filled.values["reason"] if is_typed else "",
        "open": is_typed,
        "wrong": refused.errors if refused and is_typed else {},
    }
