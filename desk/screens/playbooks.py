"""Kịch bản: the list, a version with its steps and figures, what changed between two, files out (screens.md 7.9)."""

from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, g, render_template, request

from desk.guard import policy
from desk.language import _
from desk.shown import gantt
from desk.shown import playbooks as shown
from incidents.cases import lessons
from incidents.errors import NotFound
from incidents.people.members import today
from incidents.permissions import may
from incidents.planning import bases, calendar, shelf, version_rows, versions
from incidents.planning.models import PlaybookVersion
from incidents.reading import playbooks as reading
from incidents.reading.figures import late_steps
from playbooks import phrases
from playbooks.model import Playbook
from playbooks.tryrun import try_run
from playbooks.worktime import ZONE

bp = Blueprint("playbooks", __name__)
_MOST_LISTED = 50


@bp.get("/playbooks")
@policy("read_planning")
def show() -> str:
    now, drafts, running = shelf.in_force(), version_rows.drafts(), reading.running(g.actor)
    figures = late_steps.by_version(g.actor)
    rows = [_row(one, drafts.get(one.key), len(running.get(one.key, ())), figures) for one in now]
    offered = {one.key for one in now}
    return render_template(
        "playbooks.html",
        rows=rows,
        absent=_absent(offered, drafts),
        may_edit=may(g.actor, "edit_playbook"),
    )


def _row(playbook: Playbook, draft: PlaybookVersion | None, open_ones: int, figures: Any) -> dict[str, Any]:
    held = next(one for one in shelf.all_versions() if (one.key, one.version) == (playbook.key, playbook.version))
    return {
        "key": playbook.key,
        "code": playbook.code,
        "name": shown.name(playbook),
        "version": playbook.version,
        "from": f"{held.in_force_from:%d/%m/%Y}",
        "shipped": held.shipped,
        "steps": len(playbook.steps),
        "draft": draft.version if draft else 0,
        "wrong": shown.wrong_bases(playbook),
        "open": open_ones,
        "rate": shown.rate(figures.get((playbook.key, playbook.version))),
    }


def _absent(offered: set[str], drafts: Any) -> list[dict[str, Any]]:
    """Playbooks of which nothing is in force today: retired, for a later day, or only drafted yet."""
    found = {one.key: one for one in shelf.all_versions() if one.key not in offered}
    rows = [
        {"key": key, "title": shown.title(held.playbook) if held.playbook else key, "version": held.version}
        for key, held in found.items()
    ]
    for key, row in drafts.items():
        if key not in offered and key not in found:
            rows.append({"key": key, "title": shown.title(versions.playbook_of(row)), "version": row.version})
    return rows


@bp.get("/playbooks/<key>")
@policy("read_planning")
def one(key: str) -> str:
    """The version in force, or the newest there is when none is."""
    in_force = next((one for one in shelf.in_force() if one.key == key), None)
    return _page(key, in_force or newest(key), in_force)


@bp.get("/playbooks/<key>/versions/<int:number>")
@policy("read_planning")
def version(key: str, number: int) -> str:
    in_force = next((one for one in shelf.in_force() if one.key == key), None)
    return _page(key, of_version(key, number), in_force)


def newest(key: str) -> Playbook:
    """The newest version of any kind. Raises ``NotFound``."""
    held = [one.version for one in shelf.all_versions() if one.key == key and one.playbook]
    if held:
        return versions.found(key, max(held))
    row = version_rows.draft_of(key)
    if row is None:
        raise NotFound(what=key)
    return versions.playbook_of(row)


def of_version(key: str, number: int) -> Playbook:
    """An approved version, or the draft with this number. Raises ``NotFound``."""
    row = version_rows.row_of(key, number) if number < 10_000 else None
    return versions.playbook_of(row) if row else versions.found(key, number)


def _page(key: str, playbook: Playbook, in_force: Playbook | None) -> str:
    history = version_rows.history(key)
    held = [one for one in shelf.all_versions() if one.key == key]
    rows = shown.versions(held, history, in_force.version if in_force else None)
    draft = next((row for row in history if row.state == "draft"), None)
    running = reading.running(g.actor).get(key, [])
    start = working_morning()
    on = start.astimezone(ZONE).date()
    bars = try_run(playbook, start, {}, calendar.calendar(), on, catalogue=bases.catalogue())
    which, step = request.args.get("show", ""), request.args.get("step", "")[:60]
    return render_template(
        "playbook.html",
        playbook=playbook,
        name=shown.name(playbook),
        summary=shown.words((playbook.summary, playbook.summary_en)),
        offered_when=[shown.words(phrases.in_words(text)) if text else "" for text in (playbook.fits, playbook.beside)],
        key=key,
        this=next((row for row in rows if row["number"] == playbook.version), None),
        versions=rows,
        draft=draft,
        steps=shown.steps(playbook),
        wrong=shown.wrong_bases(playbook),
        gantt=gantt.shown(bars, start, numbers(playbook)),
        running=running[:_MOST_LISTED],
        running_count=len(running),
        figures=_figures(key, playbook.version),
        listed=late_steps.listed(g.actor, key, playbook.version, which, step) if which in late_steps.WHICH else None,
        which=which,
        waiting_lessons=len(lessons.waiting(g.actor, key)),
        may_edit=may(g.actor, "edit_playbook"),
        may_approve=may(g.actor, "approve_playbook"),
        form_errors={},
    )


def numbers(playbook: Playbook) -> dict[str, int]:
    return {step.key: number for number, step in enumerate(playbook.steps, 1)}


def _figures(key: str, number: int) -> dict[str, Any]:
    total = late_steps.by_version(g.actor)
    rows = shown.times(late_steps.of_steps(g.actor, key, number))
    compared = [
        {"version": one, "rate": shown.rate(counts), "share": counts.late_share, "counts": counts}
        for (found, one), counts in sorted(total.items())
        if found == key
    ]
    return {"steps": rows, "versions": compared}


def working_morning() -> datetime:
    """08:00 of the next working day: the start that is shown when nobody asked for another."""
    day = today() + timedelta(days=1)
    while not calendar.calendar().is_working_day(day):
        day += timedelta(days=1)
    return datetime.combine(day, time(8), ZONE)


# --- What changed, and files


@bp.get("/playbooks/<key>/compare")
@policy("read_planning")
def compare(key: str) -> str:
    numbers_of = _numbers(key)
    if not numbers_of:
        raise NotFound(what=key)
    new = _chosen("new", numbers_of, numbers_of[-1])
    old = _chosen("old", numbers_of, max([one for one in numbers_of if one < new], default=new))
    before, after = of_version(key, old), of_version(key, new)
    return render_template(
        "playbook_compare.html",
        key=key,
        title=shown.title(after),
        old=old,
        new=new,
        choices=[(one, _("bản {number}").format(number=one)) for one in numbers_of],
        changes=shown.changes(before, after),
    )


def _numbers(key: str) -> list[int]:
    made = {row.version for row in version_rows.history(key)}
    return sorted(made | {one.version for one in shelf.all_versions() if one.key == key})


def _chosen(name: str, known: list[int], otherwise: int) -> int:
    typed = request.args.get(name, "")
    number = int(typed) if typed.isdecimal() and len(typed) < 6 else otherwise
    if number not in known:
        raise NotFound(what=typed)
    return number


@bp.get("/playbooks/<key>/versions/<int:number>.toml")
@policy("read_planning")
def export(key: str, number: int) -> Response:
    name, text = versions.export(g.actor, key, number)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, mimetype="application/toml", headers=headers)
