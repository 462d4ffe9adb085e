"""Seven questions that give a level and say why; a person decides (domain 4.3)."""

from typing import Any

from flask import Blueprint, g, request

from desk.forms import typed
from desk.guard import policy
from desk.language import _, current
from desk.screens.case_pages import attempt, page
from desk.shown import choices
from incidents.cases import clocks, severity, triage, visibility
from incidents.cases.models import Assessment, Incident
from incidents.db import db
from incidents.errors import BadInput
from incidents.permissions import require
from incidents.vocabulary import label

bp = Blueprint("assessing", __name__)
FIELDS = (*severity.QUESTIONS, "chosen", "reason")
Form = dict[str, Any]


@bp.get("/incidents/<code>/assess")
@policy("signed_in")
def show(code: str) -> str:
    """With answers in the query ("Tính thử") the result is shown and nothing is saved."""
    incident = visibility.find(g.actor, code)
    require(g.actor, "triage", severity=incident.severity)
    asked = {name: request.args.get(name, "") for name in FIELDS}
    if any(asked.values()):
        return _page(code, typed.Filled(asked), _checked(asked))
    return _page(code, typed.opened(request.path, _last(incident)))


@bp.post("/incidents/<code>/assess")
@policy("signed_in")
def save(code: str) -> Any:
    form = typed.sent(FIELDS)

    def do() -> str:
        incident = triage.assess(g.actor, code, form, form["chosen"] or _result_level(code, form), form["reason"])
        words = _("Đã đặt {level}.") if incident.severity_confirmed else _("Đã đề xuất {level}, chờ xác nhận.")
        return words.format(level=choices.level(incident.severity))

    return attempt(code, form, do, lambda filled, refused: _page(code, filled, refused))


def _result_level(code: str, form: Form) -> int:
    """Nothing chosen: the level the answers give."""
    return _assess(visibility.find(g.actor, code), form).level


def _assess(incident: Incident, form: Form) -> severity.Result:
    facts = clocks.facts_of(incident, clocks.anchors_of(incident))
    return severity.assess(severity.checked(form), facts)


def _checked(form: Form) -> typed.Refused | None:
    try:
        severity.checked(form)
    except BadInput as refusal:
        return typed.told(refusal)
    return None


def _last(incident: Incident) -> Form:
    """The answers given last, so that only what has changed is answered anew."""
    row = db.session.query(Assessment).filter_by(incident_id=incident.id).order_by(Assessment.id.desc()).first()
    answers = row.answers if row else {}
    return {name: str(answers.get(name, "")) for name in FIELDS}


def _page(code: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    incident = visibility.find(g.actor, code)
    lang, index = current(), int(current() == "en")
    questions = [
        {"name": name, "words": words[index], "answers": [(str(n), one[index]) for n, one in enumerate(answers)]}
        for name, (words, answers) in severity.QUESTIONS.items()
    ]
    found = None
    if all(str(filled.values.get(name, "")) in ("0", "1", "2", "3") for name in severity.QUESTIONS):
        result = _assess(incident, filled.values)
        found = {
            "score": result.score,
            "by_score": choices.level(result.by_score),
            "level": result.level,
            "words": choices.level(result.level),
            "floors": [label(severity.FLOORS, key, lang) for key in result.floors],
        }
    return page(
        "assess", incident, filled, refused, questions=questions, found=found, levels=choices.levels(),
        now_at=choices.level(incident.severity),
    )  # fmt: skip
