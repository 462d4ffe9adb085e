"""Căn cứ pháp lý: every basis with its dates, what rests on it, and proposals to change it (domain 3, G27)."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from desk import drafts
from desk.forms import typed
from desk.guard import policy
from desk.language import _, current
from desk.shown import choices, clocks, planning
from incidents.cases.models import Clock
from incidents.db import utc_now
from incidents.errors import NotFound, Refusal
from incidents.people.members import today
from incidents.permissions import may
from incidents.planning import amendments, bases, shelf
from incidents.reading import planning as reading
from incidents.text import fold
from playbooks import law
from playbooks.vocabulary import ANCHORS, DUTY_ANCHORS

bp = Blueprint("law", __name__)
NEW = (
    "key", "document", "article", "requires", "anchor", "amount", "unit", "force", "owner", "valid_from", "valid_to",
    "confidence", "link", "replaces", "reason", "document_no",
)  # fmt: skip
CHANGES = {"end": ("valid_to", "superseded_by", "reason", "document_no"), "checked": ("link", "reason", "document_no")}


@bp.get("/law")
@policy("read_planning")
def show() -> str:
    """``q``: words; ``group``: a file of bases; ``state``: in force, ended, to come, to be checked, with a clock."""
    asked = {name: request.args.get(name, "").strip()[:200] for name in ("q", "group", "state")}
    rows = bases.catalogue().all_bases()
    found = [row for row in rows if _fits(row, asked)]
    counts = reading.clock_counts(g.actor)
    grouped = [
        {"key": key, "label": words, "rows": [planning.basis(row, today()) | {"clocks": counts.get(row.key, 0)} for row in of]}
        for key, words in planning.groups().items()
        if (of := [row for row in found if _group_of(row.key) == key]) and asked["group"] in ("", key)
    ]  # fmt: skip
    return render_template(
        "law.html",
        groups=grouped,
        asked=asked,
        all_groups=[("", _("Tất cả")), *planning.groups().items()],
        states=list(planning.states().items()),
        total=len(rows),
        found=sum(len(group["rows"]) for group in grouped),
        to_check=sum(row.confidence == "check" for row in rows),
        narrow=not any(asked.values()),
        proposals=planning.proposals(amendments.waiting("law"), g.actor, bases.catalogue()),
        may_propose=may(g.actor, "propose_planning"),
    )


def _fits(row: law.LegalBasis, asked: dict[str, str]) -> bool:
    text = fold(f"{row.key} {row.document} {row.article} {row.requires}")
    if any(word not in text for word in fold(asked["q"]).split()):
        return False
    match asked["state"]:
        case "check":
            return row.confidence == "check"
        case "clock":
            return row.unit != "none"
        case "now" | "ended" | "coming":
            return planning.state_of(row, today()) == asked["state"]
    return True


def _group_of(key: str) -> str:
    return next((name for name, keys in law.groups().items() if key in keys), "added")


@bp.get("/law/<key>")
@policy("read_planning")
def one(key: str) -> str:
    catalogue, row = bases.catalogue(), _row(key)
    return render_template(
        "law_row.html",
        row=planning.basis(row, today()),
        chain=planning.chain(catalogue, key, today()),
        steps=_citing(key),
        clocks=[_clock(clock) for clock in reading.clocks_on(g.actor, key)],
        proposals=planning.proposals(amendments.history("law", key=key), g.actor, catalogue),
        may_propose=may(g.actor, "propose_planning"),
    )


def _row(key: str) -> law.LegalBasis:
    try:
        return bases.catalogue().basis(key)
    except law.UnknownBasis as unknown:
        raise NotFound(what=key) from unknown


def _citing(key: str) -> list[dict[str, Any]]:
    """The steps of the newest playbooks that name the basis, or what came after it: those follow it for older cases."""
    english, newer = current() == "en", _successors(key)
    found = []
    for playbook in shelf.in_force():
        for step in playbook.steps:
            limits = [deadline.law for deadline in step.deadlines]
            named = [one for one in newer if one in step.bases or one in limits]
            if not named:
                continue
            row = {"playbook": f"{playbook.code} {playbook.name_en if english else playbook.name}"}
            row |= {"version": playbook.version, "step": step.name_en if english else step.name}
            found.append(row | {"clock": named[0] in limits, "via": "" if named[0] == key else named[0]})
    return found


def _successors(key: str) -> list[str]:
    """The basis itself, then everything that leads on from it."""
    catalogue, keys = bases.catalogue(), [key]
    for one in keys:
        keys += [newer for newer in catalogue.basis(one).superseded_by if newer not in keys]
    return keys


def _clock(clock: Clock) -> dict[str, Any]:
    return {
        "code": clock.incident.code,
        "title": choices.title(clock.incident),
        "href": f"/incidents/{clock.incident.code}/clocks/{clock.id}",
        "due": clocks.shown(clock, utc_now(), current()),
    }


@bp.get("/law/new")
@policy("propose_planning")
def new() -> str:
    return _form_page("new", "", typed.opened(request.path, dict.fromkeys(NEW, "") | {"confidence": "check"}))


@bp.post("/law/new")
@policy("propose_planning")
def propose_new() -> Any:
    form = typed.sent(NEW)
    row = {name: value for name, value in form.items() if name not in ("key", "replaces", "reason", "document_no")}
    change = {"action": "add", "row": row, "replaces": form["replaces"].strip()}
    return _propose("new", form["key"], change, form)


@bp.get("/law/<key>/propose/<what>")
@policy("propose_planning")
def change(key: str, what: str) -> str:
    return _form_page(what, key, typed.opened(request.path, dict.fromkeys(_names(what), "")))


@bp.post("/law/<key>/propose/<what>")
@policy("propose_planning")
def propose_change(key: str, what: str) -> Any:
    form = typed.sent(_names(what))
    asked = {name: form[name] for name in form if name not in ("reason", "document_no")}
    return _propose(what, key, {"action": what, **asked}, form)


def _names(what: str) -> tuple[str, ...]:
    if what not in CHANGES:
        raise NotFound(what=what)
    return CHANGES[what]


def _propose(what: str, key: str, wanted: dict[str, Any], form: dict[str, Any]) -> Any:
    try:
        amendments.propose(g.actor, "law", key, wanted, form["reason"], form["document_no"])
    except Refusal as refusal:
        refused = typed.refused(refusal, request.path, form)
        return _form_page(what, key, typed.Filled(form), refused), refused.status
    drafts.drop(g.actor.id, drafts.key_of(request.path))
    flash(_("Đã gửi đề nghị, chờ người khác duyệt."), "success")
    return redirect("/law" if what == "new" else f"/law/{key}", 303)


def _form_page(what: str, key: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    row = _row(key) if what != "new" else None
    anchors = [("", _("Không có mốc"))] + [(one, planning.anchor_words(one)) for one in {**ANCHORS, **DUTY_ANCHORS}]
    return render_template(
        "law_form.html",
        what=what,
        row=planning.basis(row, today()) if row else None,
        form=filled.values,
        form_errors=refused.errors if refused else {},
        draft=filled.draft,
        draft_path=request.path,
        anchors=anchors,
        units=planning.units(),
        forces=planning.forces(),
        owners=planning.owners(),
        confidences=planning.confidences(),
        keys=[row.key for row in bases.catalogue().all_bases()],
    )


@bp.post("/law/amendments/<int:amendment_id>")
@policy("approve_planning")
def decide(amendment_id: int) -> Response:
    try:
        row = amendments.decide(g.actor, amendment_id, request.form.get("approve") == "1", request.form.get("note", ""))
    except Refusal as refusal:
        flash(refusal.text(current()), "error")
        return redirect("/law", 303)
    flash(_("Đã duyệt.") if row.state == "approved" else _("Đã ghi không duyệt."), "success")
    return redirect(f"/law/{row.key}" if row.key in bases.catalogue().rows else "/law", 303)
