"""One incident: what to do, what happened, who has which part; and what is done on that page itself (screens.md 7.3)."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from desk import drafts
from desk.forms import pictures, times, typed
from desk.guard import policy
from desk.language import _, current
from desk.pending import local_path
from desk.screens.live import live
from desk.shown import deliveries, entries, file, head, ladders, questions, steps
from incidents.cases import assignments, notes, visibility
from incidents.cases.models import Draft
from incidents.db import utc_now
from incidents.errors import AlreadyDone, BadInput, NotFound, Refusal
from incidents.reading import case as reading
from incidents.vocabulary import PROTECTED_KINDS
from playbooks import facts

bp = Blueprint("case", __name__)
SETTLED = tuple(sorted(name for name in facts.SETTLED))
NOTE = ("text", "happened_at", "corrects", "nonce")
TICK = ("result", "document", "at", "reason", *SETTLED)
Form = dict[str, Any]


@bp.get("/incidents/<code>")
@policy("signed_in")
@live
def show(code: str) -> Any:
    return _page(code)


@bp.post("/incidents/<code>/acknowledge")
@policy("signed_in")
def acknowledge(code: str) -> Any:
    try:
        incident = assignments.acknowledge(g.actor, code)
    except NotFound:
        raise
    except Refusal as refusal:
        return refused_step(code, refusal)
    flash(_("Đã nhận việc {code}.").format(code=incident.code), "success")
    return redirect(came_from() or f"/incidents/{incident.code}", 303)


@bp.post("/incidents/<code>/note")
@policy("signed_in")
def note(code: str) -> Any:
    """What happened, in the writer's words; ``corrects``: the number of the entry that this one corrects."""
    form, path = typed.sent(NOTE), request.path
    visibility.find(g.actor, code)
    try:
        entry = notes.note(
            g.actor, code, form["text"], happened_at=times.read("happened_at", form["happened_at"]),
            pictures=pictures.read(request.files.getlist("photos")), corrects=_number("corrects", form["corrects"]),
            source_key=typed.source_key(form["nonce"]),
        )  # fmt: skip
    except Refusal as refusal:
        refused = typed.refused(refusal, path, form)
        return _page(code, note=form, refused=refused), refused.status
    number, at = entry.number, times.words(entry.recorded_at).partition(" ")[0]
    drafts.drop(g.actor.id, drafts.key_of(path))
    flash(_("Đã ghi diễn biến lúc {at}.").format(at=at), "success")
    return redirect(f"/incidents/{code}#entry-{number}", 303)


def refused_step(code: str, refusal: Refusal, step: Form | None = None) -> Any:
    refused = typed.told(refusal)
    words = "; ".join(refused.errors.values())
    if step is not None and isinstance(refusal, AlreadyDone):
        words = _("Bước này {who} vừa xong lúc {at}.").format(**refusal.facts)
    refused = typed.Refused({"": words}, refused.status)
    return _page(code, step=step, refused=refused), refused.status


def _page(
    code: str, *, note: Form | None = None, step: Form | None = None, refused: typed.Refused | None = None
) -> str:
    chosen, before = request.args.get("entries", ""), request.args.get("before", type=int)
    found = reading.read(g.actor, code, kinds=entries.GROUPS.get(chosen, ()), before=before)
    if request.args.get("draft") == "1" and note is None and step is None:
        note, step = _drafted(found)
    is_protected = found.incident.kind in PROTECTED_KINDS
    return render_template(
        "incident.html",
        form_errors=refused.errors if refused else {},
        typed_step=step,
        note=note or dict.fromkeys(NOTE, "") | {"nonce": typed.new_nonce()},
        note_href=f"/incidents/{found.incident.code}/note" if head.may_write(found, g.actor) else None,
        draft=found.draft if note is None else None,
        protected=is_protected,
        into=_target(found),
        **_columns(found, chosen),
    )


def _columns(found: reading.Case, chosen: str) -> dict[str, Any]:
    """What ``parts/case.html`` reads."""
    now, lang, code = utc_now(), current(), found.incident.code
    older = f"/incidents/{code}?entries={chosen}&before={found.entries[-1].number}" if found.has_older else None
    return {
        "incident": head.incident(found),
        "clocks": head.running_clocks(found, now, lang),
        "primary": head.primary(found, g.actor),
        "others": head.others(found, g.actor),
        "steps": steps.shown(found, g.actor, now),
        "steps_done": found.done,
        "climbing": ladders.next_line(found.incident, now),
        "questions": questions.shown(found, g.actor),
        "no_steps": _no_steps(found, lang),
        "proposed": [_name(playbook, lang) for playbook in found.proposed] if found.steps else [],
        "entries": entries.shown(found.entries, lang),
        "filters": entries.filters(code, chosen),
        "older_href": older,
        "facts": file.facts(found, lang),
        "assignments": file.assignments(found, g.actor, now),
        "alerts": deliveries.shown(found.alerts),
        "sections": [],
    }


def _no_steps(found: reading.Case, lang: str) -> dict[str, str]:
    words = _("Chưa có kịch bản.")
    if found.proposed:
        words += " " + _("Gợi ý: {playbook}.").format(playbook=_name(found.proposed[0], lang))
    return {"text": words, "href": f"/incidents/{found.incident.code}/playbook", "label": _("Chọn kịch bản")}


def _name(playbook: Any, lang: str) -> str:
    return str(playbook.name_en if lang == "en" else playbook.name)


def _target(found: reading.Case) -> str:
    """The code of the incident this one was merged into, for those who may see it."""
    target = found.incident.merged_into
    return target.code if target is not None and visibility.is_visible(g.actor, target.id) else ""


def _drafted(found: reading.Case) -> tuple[Form | None, Form | None]:
    """What was typed here before: the note, or the newest of what was being said about a step."""
    prefix = f"/incidents/{found.incident.code}/steps/"
    kept: Draft | None = drafts.newest_under(g.actor.id, prefix)
    if kept is not None and (found.draft is None or kept.saved_at > found.draft.saved_at):
        fields = {name: str(kept.fields.get(name, "")) for name in TICK}
        return None, {"key": kept.key.removeprefix(prefix).partition("/")[0], **fields}
    if found.draft is None:
        return None, None
    fields = {name: str(found.draft.fields.get(name, "")) for name in NOTE}
    return fields | {"nonce": typed.new_nonce()}, None


def came_from() -> str:
    """The list on which the button stood, such as the board or "Việc của tôi"."""
    referrer = request.referrer or ""
    path = local_path(referrer.removeprefix(request.host_url.rstrip("/"))) if referrer else ""
    return path if path.partition("?")[0] in ("/incidents", "/steps") else ""


def _number(field: str, text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise BadInput(field, "Ghi số của diễn biến, ví dụ 3.", "Give the number of the entry, such as 3.")
    return int(text)


def see(code: str) -> Response:
    """Back to the page of the incident, after something was done on another one."""
    return redirect(f"/incidents/{code}", 303)
