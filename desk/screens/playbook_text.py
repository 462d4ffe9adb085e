"""The draft of a playbook as one TOML text, and conditions looked at while they are typed."""

from typing import Any

from flask import Blueprint, g, render_template, request

from desk.forms import typed
from desk.guard import policy
from desk.language import _
from desk.screens.playbook_editing import draft, revision
from desk.screens.playbook_forms import gone, saved
from desk.shown import playbooks as shown
from incidents.errors import Refusal
from incidents.planning import versions
from playbooks import condition, phrases
from playbooks.facts import FACTS

bp = Blueprint("playbook_text", __name__)


@bp.get("/playbooks/<key>/draft/toml")
@policy("edit_playbook")
def toml(key: str) -> str:
    row = draft(key)
    return _toml_page(key, typed.opened(request.path, {"toml": row.toml, "revision": str(row.revision)}))


@bp.post("/playbooks/<key>/draft/toml")
@policy("edit_playbook")
def save_toml(key: str) -> Any:
    form = typed.sent(("toml", "revision"))
    try:
        versions.save(g.actor, key, revision(form), form["toml"])
    except Refusal as refusal:
        refused = typed.refused(refusal, request.path, form)
        errors = dict.fromkeys(["toml" if refused.status == 400 else ""], " ".join(refused.errors.values()))
        again = typed.Refused(errors, refused.status)
        return gone(key, refusal) or (_toml_page(key, typed.Filled(form), again), refused.status)
    return saved(key, _("Đã lưu."))


def _toml_page(key: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    row = draft(key)
    latest = ""
    if refused and refused.status == 409:
        filled.values["revision"], latest = str(row.revision), row.toml
    return render_template(
        "playbook_toml.html",
        key=key,
        title=shown.title(versions.playbook_of(row)),
        form=filled.values,
        form_errors=refused.errors if refused else {},
        draft=filled.draft,
        draft_path=request.path,
        latest=latest,
    )


@bp.get("/playbooks/conditions")
@policy("edit_playbook")
def conditions() -> str:
    """A line for each condition typed so far: what it asks for, or what is wrong with it."""
    typed_texts = [text for name in ("when", "deadline_when", "fits", "beside") for text in request.args.getlist(name)]
    return render_template("parts/conditions.html", lines=[_looked_at(text) for text in typed_texts if text.strip()])


def _looked_at(text: str) -> dict[str, str]:
    try:
        asked = condition.names(text)
    except condition.BadCondition as fault:
        return {"text": text, "wrong": fault.why, "says": ""}
    if unknown := sorted(asked - set(FACTS)):
        words = _("không có dữ kiện: {names}").format(names=", ".join(unknown))
        return {"text": text, "wrong": words, "says": ""}
    return {"text": text, "wrong": "", "says": shown.words(phrases.in_words(text))}
