"""The forms of a draft: one step, the head. Two who edit different fields are both kept (C3)."""

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request

from desk import drafts
from desk.forms import playbook_steps, typed
from desk.guard import policy
from desk.language import _, current
from desk.screens.playbook_editing import draft, revision, to_draft
from desk.shown import playbooks as shown
from desk.shown import step_choices
from incidents.errors import BadInput, NotFound, Refusal
from incidents.planning import content, drafting, version_rows, versions
from incidents.planning.models import PlaybookVersion
from incidents.planning.refusals import BrokenPlaybook, StaleDraft
from playbooks.model import Step

bp = Blueprint("playbook_forms", __name__)
Form = dict[str, Any]
SEEN = ("revision", "was")
STEP = (*playbook_steps.NAMES, *SEEN)


def _seen(row: PlaybookVersion, fields: Form) -> Form:
    """What the form began with travels with it."""
    return {"revision": str(row.revision), "was": json.dumps(fields, ensure_ascii=False)}


def _sent(names: tuple[str, ...], lists: tuple[str, ...] = ()) -> Form:
    """The form, with the line ends that the server keeps."""
    form = typed.sent(names, lists)
    return {name: v.replace("\r\n", "\n") if isinstance(v, str) else v for name, v in form.items()}


def _was(form: Form) -> Form:
    """What the form says it began with; nothing of it is trusted."""
    try:
        kept = json.loads(form["was"])
    except (ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _mine(form: Form, was: Form, latest: Form) -> Form:
    """The latest fields with what was changed on this form over them."""
    return latest | {name: value for name, value in form.items() if name in latest and value != was.get(name, value)}


def _conflicts(form: Form, was: Form, latest: Form) -> list[typed.Conflict]:
    changed = [
        name for name in latest if name in form and form[name] != was.get(name) and latest[name] != was.get(name)
    ]
    found = [name for name in changed if form[name] != latest[name]]
    said = ((name, was.get(name, ""), form[name], latest[name]) for name in found)
    return [
        typed.Conflict(step_choices.field_name(name), *(_words(value) for value in values)) for name, *values in said
    ]


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _save(form: Form, latest: Callable[[], tuple[PlaybookVersion, Form]], write: Callable[[int, Form], object]) -> str:
    """Write the form; over somebody else's save only what differs from his. Raises ``StaleDraft`` on the same field."""
    try:
        write(revision(form), form)
    except StaleDraft as stale:
        row, fields = latest()
        was = _was(form)
        if _conflicts(form, was, fields):
            raise
        write(row.revision, _mine(form, was, fields))
        return _("Đã lưu. {who} cũng vừa sửa, cả hai phần đều được giữ.").format(who=stale.facts["who"])
    return _("Đã lưu.")


def _refused(refusal: Refusal, form: Form, step: str = "") -> typed.Refused:
    """The sentence at the field that the loader means."""
    refused = typed.refused(refusal, request.path, form)
    if isinstance(refusal, BrokenPlaybook):
        fault = refusal.fault
        field = playbook_steps.field_of(fault.where, step)
        return typed.Refused({field: fault.what if field else f"{fault.where}: {fault.what}"}, refused.status)
    return refused


def gone(key: str, refusal: Refusal) -> Any:
    """The draft was approved or discarded meanwhile: what was typed is kept, and offered on the same form again."""
    if version_rows.draft_of(key) is not None:
        return None
    flash(f"{refusal.text(current())} {_('Chữ đã nhập vẫn được giữ, mở bản thảo mới để dùng lại.')}", "error")
    return redirect(f"/playbooks/{key}", 303)


def saved(key: str, sentence: str, anchor: str = "") -> Any:
    drafts.drop(g.actor.id, drafts.key_of(request.path))
    flash(sentence, "success")
    return to_draft(key, anchor)


# --- One step


@bp.get("/playbooks/<key>/draft/steps/<step>")
@policy("edit_playbook")
def step(key: str, step: str) -> str:
    row, fields = _step_now(key, step)
    return _step_page(key, step, typed.opened(request.path, fields | _seen(row, fields)))


@bp.post("/playbooks/<key>/draft/steps/<step>")
@policy("edit_playbook")
def save_step(key: str, step: str) -> Any:
    form = _sent(STEP, playbook_steps.LISTS)
    form = playbook_steps.tidy(form, _was(form))

    def write(number: int, fields: Form) -> object:
        return drafting.change_step(g.actor, key, number, step, playbook_steps.read(fields))

    try:
        sentence = _save(form, lambda: _step_now(key, step), write)
    except Refusal as refusal:
        refused = _refused(refusal, form, step)
        return gone(key, refusal) or (_step_page(key, step, typed.Filled(form), refused), refused.status)
    return saved(key, sentence, f"step-{step}")


def _step_now(key: str, step: str) -> tuple[PlaybookVersion, Form]:
    row = draft(key)
    found = next((one for one in versions.playbook_of(row).steps if one.key == step), None)
    if found is None:
        raise NotFound(what=step)
    return row, playbook_steps.of(found)


def _step_page(key: str, step: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    conflicts: list[typed.Conflict] = []
    if refused and refused.status == 409 and step:
        row, latest = _step_now(key, step)
        conflicts = _conflicts(filled.values, _was(filled.values), latest)
        filled.values.update(_seen(row, latest))  # what is pressed next is pressed knowing the latest
    playbook = versions.playbook_of(draft(key))
    others = [(one.key, f"{n}. {shown.name(one)}") for n, one in enumerate(playbook.steps, 1) if one.key != step]
    return render_template(
        "playbook_step.html",
        key=key,
        step=step,
        title=shown.title(playbook),
        name=filled.values.get("name") or _("Thêm bước"),
        form=filled.values,
        rows=playbook_steps.rows(filled.values),
        form_errors=refused.errors if refused else {},
        draft=filled.draft,
        draft_path=request.path,
        conflicts=conflicts,
        others=others,
        **step_choices.all_of(),
    )


# --- A new step


NEW = (*STEP, "key", "position")


@bp.get("/playbooks/<key>/draft/new-step")
@policy("edit_playbook")
def new_step(key: str) -> str:
    row = draft(key)
    blank = Step("", "", "", "intake", ("duty",), ("@standing",), "", "")
    fields = playbook_steps.of(blank) | {"key": "", "position": str(len(versions.playbook_of(row).steps) + 1)}
    return _step_page(key, "", typed.opened(request.path, fields | _seen(row, fields)))


@bp.post("/playbooks/<key>/draft/new-step")
@policy("edit_playbook")
def add_step(key: str) -> Any:
    form = playbook_steps.tidy(_sent(NEW, playbook_steps.LISTS), {})
    name = form["key"].strip()
    try:
        if not name:
            raise BadInput("key", "Đặt khóa cho bước, ví dụ goi_truc_ban.", "Give the step a key such as call_duty.")
        made = Step(key=name, **playbook_steps.read(form))
        position = int(form["position"]) if form["position"].isdecimal() and len(form["position"]) < 4 else None
        drafting.add_step(g.actor, key, _latest(key, form), made, position)
    except Refusal as refusal:
        refused = _refused(refusal, form, name)
        return gone(key, refusal) or (_step_page(key, "", typed.Filled(form), refused), refused.status)
    return saved(key, _("Đã thêm bước."), f"step-{name}")


def _latest(key: str, form: Form) -> int:
    """A new step takes nothing from anybody: it is added to the draft as it is now."""
    return draft(key).revision if revision(form) > 0 else -1


# --- The head


@bp.get("/playbooks/<key>/draft/head")
@policy("edit_playbook")
def head(key: str) -> str:
    row, fields = _head_now(key)
    return _head_page(key, typed.opened(request.path, fields | _seen(row, fields)))


@bp.post("/playbooks/<key>/draft/head")
@policy("edit_playbook")
def save_head(key: str) -> Any:
    form = _sent((*playbook_steps.HEAD, *SEEN))

    def write(number: int, fields: Form) -> object:
        valid_to = content.day_of("valid_to", fields["valid_to"], required=False)
        return drafting.change_playbook(g.actor, key, number, playbook_steps.read_head(fields, valid_to))

    try:
        sentence = _save(form, lambda: _head_now(key), write)
    except Refusal as refusal:
        refused = _refused(refusal, form)
        return gone(key, refusal) or (_head_page(key, typed.Filled(form), refused), refused.status)
    return saved(key, sentence)


def _head_now(key: str) -> tuple[PlaybookVersion, Form]:
    row = draft(key)
    return row, playbook_steps.head(versions.playbook_of(row))


def _head_page(key: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    conflicts: list[typed.Conflict] = []
    if refused and refused.status == 409:
        row, latest = _head_now(key)
        conflicts = _conflicts(filled.values, _was(filled.values), latest)
        filled.values.update(_seen(row, latest))
    return render_template(
        "playbook_head.html",
        key=key,
        title=shown.title(versions.playbook_of(draft(key))),
        form=filled.values,
        form_errors=refused.errors if refused else {},
        draft=filled.draft,
        draft_path=request.path,
        conflicts=conflicts,
        known_facts=shown.known_facts(),
    )
