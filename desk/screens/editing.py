"""Sửa thông tin: kind, category, place, classes and flags; two who edit different fields are both kept (promises C3)."""

from typing import Any

from flask import Blueprint, g, request

from desk.forms import typed
from desk.guard import policy
from desk.language import _
from desk.screens.case_pages import attempt, page
from desk.shown import choices
from desk.shown.sentences import field_names, value_words
from incidents.cases import triage, visibility
from incidents.cases.models import Incident
from incidents.errors import StaleVersion
from incidents.permissions import require
from incidents.vocabulary import ACCESS_CLASSES, HARM_CLASSES

bp = Blueprint("editing", __name__)
WORDS = ("kind", "category", "place", "harm_class", "access_class")
FACTS = ("accuracy", "press_kind")
FIELDS = (*WORDS, *FACTS, *triage.FLAGS)
Form = dict[str, Any]


@bp.get("/incidents/<code>/edit")
@policy("signed_in")
def show(code: str) -> str:
    incident = visibility.find(g.actor, code)
    require(g.actor, "triage", severity=incident.severity)
    return _page(code, typed.opened(request.path, _of(incident) | _seen(incident)))


@bp.post("/incidents/<code>/edit")
@policy("signed_in")
def save(code: str) -> Any:
    form = typed.sent((*FIELDS, *(f"was_{name}" for name in FIELDS), "version"))

    def do() -> str:
        _apply(code, form)
        return _("Đã lưu thông tin.")

    return attempt(code, form, do, lambda filled, refused: _page(code, filled, refused))


def _apply(code: str, form: Form) -> None:
    """Write what was changed on the form; if the incident has moved on, only where nobody touched the same field."""
    version = int(form["version"]) if form["version"].isdecimal() and len(form["version"]) < 10 else None
    changes = {name: form[name] for name in FIELDS if form[name] != form[f"was_{name}"]}
    incident = visibility.find(g.actor, code)
    if version is not None and version != incident.version:
        if conflicts(incident, form):
            raise StaleVersion
        version = incident.version
    values = {name: value == "1" if name in triage.FLAGS else value for name, value in changes.items()}
    triage.edit(g.actor, code, values, version=version)


def conflicts(incident: Incident, form: Form) -> list[typed.Conflict]:
    """Fields changed on the form and, to something else, by somebody else."""
    latest, names = _of(incident), field_names()
    return [
        typed.Conflict(
            names[name], _words(name, form[f"was_{name}"]), _words(name, form[name]), _words(name, latest[name])
        )
        for name in FIELDS
        if form[name] != form[f"was_{name}"] and latest[name] not in (form[f"was_{name}"], form[name])
    ]


def _of(incident: Incident) -> Form:
    """The incident's fields as the form shows them."""
    said = {name: incident.flags.get(name, "") for name in FACTS}
    return (
        {name: getattr(incident, name) for name in WORDS}
        | said
        | {flag: "1" if incident.flags.get(flag) is True else "" for flag in triage.FLAGS}
    )


def _seen(incident: Incident) -> Form:
    return {f"was_{name}": value for name, value in _of(incident).items()} | {"version": str(incident.version)}


def _words(name: str, value: str) -> str:
    return value_words(name, value == "1" if name in triage.FLAGS else value)


def _page(code: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    incident = visibility.find(g.actor, code)
    differing: list[typed.Conflict] = []
    if refused and refused.status == 409:
        differing = conflicts(incident, filled.values)
        filled.values.update(_seen(incident))  # what is pressed next is pressed knowing the latest
    return page(
        "edit", incident, filled, refused, conflicts=differing, kinds=choices.kinds(), flags=choices.flags(),
        categories=choices.categories(_("Chưa rõ")), harm_classes=choices.of(HARM_CLASSES, _("Chưa rõ")),
        access_classes=choices.of(ACCESS_CLASSES, _("Chưa rõ")), facts=choices.fact_choices(), was={f: filled.values[f"was_{f}"] for f in FIELDS},
    )  # fmt: skip
