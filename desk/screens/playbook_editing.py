"""The draft of a playbook: begun, its steps put in order, taken from a file, laid before the approver, thrown away."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from desk import drafts, language
from desk.forms import typed
from desk.guard import policy
from desk.language import _
from desk.shown import playbooks as shown
from incidents.cases import lessons
from incidents.errors import BadInput, NotAllowed, NotFound, Refusal
from incidents.permissions import may, who_may
from incidents.planning import content, drafting, shelf, version_rows, versions
from incidents.planning.models import PlaybookVersion
from incidents.planning.refusals import DraftExists
from incidents.reading.figures import late_steps

bp = Blueprint("playbook_editing", __name__)
Form = dict[str, Any]
LARGEST_FILE = 400_000  # bytes


def draft(key: str) -> PlaybookVersion:
    """The draft of ``key`` for whoever may edit or approve. Raises ``NotFound``, ``NotAllowed``."""
    if not (may(g.actor, "edit_playbook") or may(g.actor, "approve_playbook")):
        who, who_en = who_may("edit_playbook")
        raise NotAllowed(who=who, who_en=who_en)
    row = version_rows.draft_of(key)
    if row is None:
        raise NotFound(what=key)
    return row


def to_draft(key: str, anchor: str = "") -> Response:
    return redirect(f"/playbooks/{key}/draft" + (f"#{anchor}" if anchor else ""), 303)


def done_or_told(key: str, do: Callable[[], object], sentence: str, anchor: str = "") -> Response:
    """A button pressed: done and said, or the refusal said; nothing typed can be lost."""
    try:
        do()
    except Refusal as refusal:
        flash(refusal.text(language.current()), "error")
    else:
        flash(sentence, "success")
    return to_draft(key, anchor) if version_rows.draft_of(key) else redirect(f"/playbooks/{key}", 303)


def revision(form: Form) -> int:
    """The revision a form saw; what is no number is never the latest."""
    number = form.get("revision", "")
    return int(number) if number.isdecimal() and len(number) < 10 else -1


@bp.get("/playbooks/<key>/draft")
@policy("read_planning")
def show(key: str) -> str:
    row = draft(key)
    playbook = versions.playbook_of(row)
    based = row.based_on or playbook.version
    return render_template(
        "playbook_draft.html",
        key=key,
        row=row,
        title=shown.title(playbook),
        playbook=playbook,
        steps=shown.steps(playbook),
        wrong=shown.wrong_bases(playbook),
        based_on=row.based_on,
        figures=shown.times(late_steps.of_steps(g.actor, key, based)),
        step_names={step.key: shown.name(step) for step in playbook.steps},
        lessons=lessons.readable(g.actor, row.lessons),
        waiting_lessons=len(lessons.waiting(g.actor, key)),
        may_edit=may(g.actor, "edit_playbook"),
        may_approve=may(g.actor, "approve_playbook"),
        is_editor=g.actor.id in row.editors,
    )


@bp.post("/playbooks/<key>/draft/new")
@policy("edit_playbook")
def begin(key: str) -> Response:
    number = request.form.get("version", "")
    try:
        versions.new_draft(g.actor, key, int(number) if number.isdecimal() and len(number) < 6 else None)
    except DraftExists as refusal:
        flash(refusal.text(language.current()), "warning")
    return to_draft(key)


@bp.post("/playbooks/<key>/draft/move")
@policy("edit_playbook")
def move(key: str) -> Response:
    """The arrows name the step in ``up`` or ``down``; dragging names ``step`` and the place ``to``."""
    form = typed.sent(("up", "down", "step", "to", "revision"))
    step = form["up"] or form["down"] or form["step"]
    to = "up" if form["up"] else "down" if form["down"] else form["to"]
    try:
        drafting.move_step(g.actor, key, revision(form), step, to)
    except Refusal as refusal:
        flash(refusal.text(language.current()), "error")
    return to_draft(key, f"step-{step}")


@bp.post("/playbooks/<key>/draft/steps/<step>/remove")
@policy("edit_playbook")
def remove(key: str, step: str) -> Response:
    form = typed.sent(("revision",))
    return done_or_told(key, lambda: drafting.remove_step(g.actor, key, revision(form), step), _("Đã bỏ bước."))


@bp.post("/playbooks/<key>/draft/discard")
@policy("edit_playbook")
def discard(key: str) -> Response:
    form = typed.sent(("revision",))
    back = done_or_told(key, lambda: versions.discard(g.actor, key, revision(form)), _("Đã bỏ bản thảo."))
    known = any(held.key == key for held in shelf.all_versions())
    return back if known or version_rows.draft_of(key) else redirect("/playbooks", 303)


@bp.post("/playbooks/<key>/draft/lessons")
@policy("edit_playbook")
def take_lessons(key: str) -> Response:
    return done_or_told(key, lambda: lessons.take(g.actor, key), _("Đã đưa bài học vào bản thảo."), "lessons")


# --- Approve and retire


APPROVAL = ("document", "in_force_from", "revision")


@bp.get("/playbooks/<key>/draft/approve")
@policy("approve_playbook")
def approval(key: str) -> str:
    row = draft(key)
    initial = dict.fromkeys(APPROVAL, "") | {"revision": str(row.revision)}
    return _approval_page(key, typed.opened(request.path, initial))


@bp.post("/playbooks/<key>/draft/approve")
@policy("approve_playbook")
def approve(key: str) -> Any:
    form = typed.sent(APPROVAL)
    draft(key)
    try:
        day = content.day_of("in_force_from", form["in_force_from"])
        row = versions.approve(g.actor, key, form["document"], day, revision=revision(form))
    except Refusal as refusal:
        refused = typed.refused(refusal, request.path, form)
        return _approval_page(key, typed.Filled(form), refused), refused.status
    drafts.drop(g.actor.id, drafts.key_of(request.path))
    words = _("Đã duyệt bản {number}, có hiệu lực từ {day}.")
    flash(words.format(number=row.version, day=form["in_force_from"]), "success")
    return redirect(f"/playbooks/{key}", 303)


def _approval_page(key: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    row = draft(key)
    playbook = versions.playbook_of(row)
    if refused and refused.status == 409:
        filled.values["revision"] = str(row.revision)  # what is pressed next is pressed knowing the latest
    before = next((held.playbook for held in _approved_of(key, row.based_on) if held.playbook), None)
    return render_template(
        "playbook_approve.html",
        key=key,
        row=row,
        title=shown.title(playbook),
        changes=shown.changes(before, playbook) if before else None,
        wrong=shown.wrong_bases(playbook),
        is_editor=g.actor.id in row.editors,
        form=filled.values,
        form_errors=refused.errors if refused else {},
        draft=filled.draft,
        draft_path=request.path,
    )


def _approved_of(key: str, version: int) -> list[shelf.Held]:
    """The version the draft was begun from."""
    return [held for held in shelf.all_versions() if (held.key, held.version) == (key, version)]


@bp.post("/playbooks/<key>/versions/<int:number>/retire")
@policy("approve_playbook")
def retire(key: str, number: int) -> Response:
    try:
        versions.retire(g.actor, key, number, request.form.get("reason", ""))
    except BadInput as refusal:
        flash(refusal.text(language.current()), "error")
    else:
        flash(_("Đã ngừng dùng bản {number}.").format(number=number), "success")
    return redirect(f"/playbooks/{key}/versions/{number}", 303)


# --- Files


IMPORTED = ("toml", "name")


@bp.get("/playbooks/import")
@policy("edit_playbook")
def importing() -> str:
    return _import_page(typed.opened(request.path, dict.fromkeys(IMPORTED, "")))


@bp.post("/playbooks/import")
@policy("edit_playbook")
def take_file() -> Any:
    form = typed.sent(IMPORTED)
    try:
        _read_file(form)
        row = versions.import_toml(g.actor, form["toml"], form["name"])
    except Refusal as refusal:
        refused = typed.refused(refusal, request.path, form)
        errors = {"toml": " ".join(refused.errors.values())}
        return _import_page(typed.Filled(form), typed.Refused(errors, refused.status)), refused.status
    drafts.drop(g.actor.id, drafts.key_of(request.path))
    flash(_("Đã nhập thành bản thảo số {number}.").format(number=row.version), "success")
    return to_draft(row.key)


def _read_file(form: Form) -> None:
    """A chosen file takes the place of the text; raises ``BadInput`` when it is empty, too large or not UTF-8."""
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        raw = upload.read(LARGEST_FILE + 1)
        if len(raw) > LARGEST_FILE:
            raise BadInput("toml", "Tệp quá lớn, tối đa 400 kB.", "The file is too large, at most 400 kB.")
        form["name"] = upload.filename
        try:
            form["toml"] = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            vi = f"Tệp {upload.filename}, dòng {line}: hãy lưu tệp theo mã UTF-8."
            raise BadInput("toml", vi, f"File {upload.filename}, line {line}: save it as UTF-8.") from error
    if not form["toml"].strip():
        raise BadInput("toml", "Chọn tệp hoặc dán nội dung.", "Choose a file or paste its text.")


def _import_page(filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    return render_template(
        "playbook_import.html",
        form=filled.values,
        form_errors=refused.errors if refused else {},
        draft=filled.draft,
        draft_path=request.path,
    )
