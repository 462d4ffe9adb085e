"""Chạy thử: a playbook on any start and with any facts, as real dates and a picture. Nothing is stored."""

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request

from desk import language
from desk.forms import times
from desk.guard import policy
from desk.language import _
from desk.screens.playbooks import newest, numbers, of_version, working_morning
from desk.shown import choices, gantt
from desk.shown import playbooks as shown
from incidents.errors import BadInput
from incidents.people.members import today
from incidents.planning import bases, calendar, shelf, version_rows
from incidents.vocabulary import CATEGORIES, KINDS
from playbooks.facts import FACTS
from playbooks.model import Playbook
from playbooks.tryrun import try_run
from playbooks.worktime import ZONE, Calendar, vietnam

bp = Blueprint("playbook_trying", __name__)


@bp.get("/playbooks/<key>/try")
@policy("read_planning")
def show(key: str) -> tuple[str, int]:
    """``version``: a number; ``start``: a time as typed; one value per fact that the playbook asks for."""
    playbook = _playbook(key)
    asked = shown.facts_asked(playbook)
    form = {name: request.args.get(name, "")[:100] for name in ("start", *asked)}
    errors: dict[str, str] = {}
    start = working_morning()
    try:
        start = times.read("start", form["start"]) or start
    except BadInput as refusal:
        errors = {refusal.field: refusal.text(language.current())}
    on = start.astimezone(ZONE).date()
    facts = {name: value for name in asked if (value := _value(name, form[name])) is not None}
    bars = () if errors else try_run(playbook, start, facts, _calendar(on), on, catalogue=bases.catalogue())
    page = render_template(
        "playbook_try.html",
        key=key,
        title=shown.title(playbook),
        tried_version=playbook.version,
        is_draft=_is_draft(key, playbook.version),
        form=form | {"start": form["start"] or times.words(start)},
        form_errors=errors,
        facts=[_fact(name) for name in asked],
        gantt=gantt.shown(bars, start, numbers(playbook)),
        start=start,
        hidden=_hidden(playbook, {bar.key for bar in bars}) if not errors else [],
    )
    return page, 400 if errors else 200


def _playbook(key: str) -> Playbook:
    typed = request.args.get("version", "")
    if typed.isdecimal() and len(typed) < 6:
        return of_version(key, int(typed))
    return next((one for one in shelf.in_force() if one.key == key), None) or newest(key)


def _is_draft(key: str, number: int) -> bool:
    row = version_rows.row_of(key, number)
    return row is not None and row.state == "draft"


def _calendar(on: date) -> Calendar:
    """The province's calendar; for a start outside its years the national one of that time."""
    if abs(on.year - today().year) <= 2:
        return calendar.calendar()
    return vietnam(range(on.year - 1, on.year + 3))


def _options(name: str) -> choices.Choices:
    unknown = ("", _("Chưa rõ"))
    tables: dict[str, Any] = {"kind": KINDS, "category": CATEGORIES}
    if name in tables:
        return [unknown, *choices.of(tables[name])]
    if FACTS[name].choices:
        return [unknown, *((str(value), shown.words(said)) for value, said in FACTS[name].choices.items())]
    return [unknown, ("1", _("có")), ("0", _("không"))]


def _fact(name: str) -> dict[str, Any]:
    words = shown.words(FACTS[name].words)
    return {"name": name, "words": words[:1].upper() + words[1:], "options": _options(name)}


def _value(name: str, typed: str) -> object:
    """What was chosen, as conditions weigh it; None for unknown or what is not offered."""
    if name in ("kind", "category"):
        return typed if typed in dict(_options(name)) and typed else None
    if known := FACTS[name].choices:
        return next((value for value in known if str(value) == typed), None)
    return {"1": True, "0": False}.get(typed)


def _hidden(playbook: Playbook, present: set[str]) -> list[str]:
    """Steps that do not apply with these facts."""
    return [f"{n}. {shown.name(step)}" for n, step in enumerate(playbook.steps, 1) if step.key not in present]
