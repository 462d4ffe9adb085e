"""The checklist as its page shows it: who, by when, by which rule and basis, and what may be done with each step."""

from datetime import date, datetime
from typing import Any

from desk.forms import times
from desk.language import _
from desk.shown import agencies, choices, clocks, rights
from incidents.cases import approvals, approving, gates
from incidents.cases.audience import today
from incidents.cases.clocks import regime_day
from incidents.cases.models import Step
from incidents.permissions import Actor, may
from incidents.planning import bases
from incidents.reading.case import Case
from incidents.vocabulary import StepState
from playbooks import law
from playbooks.facts import FACTS


def shown(case: Case, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """As ``parts/step.html`` reads them."""
    return [_one(case, step, actor, now) for step in case.steps]


def name(step: Step, lang: str) -> str:
    return (step.name_en or step.name) if lang == "en" else step.name


def may_tick(case: Case, step: Step, actor: Actor) -> bool:
    own = rights.has_part(actor, case.parts)
    if not case.incident.is_open or not may(actor, "do_step", severity=case.incident.severity, own=own):
        return False
    return not step.plan.get("police_only") or may(actor, "record_demand", own=actor.is_police)


def _one(case: Case, step: Step, actor: Actor, now: datetime) -> dict[str, Any]:
    clock = clocks.most_pressing(step.clocks)
    basis, basis_expired = basis_words(step, regime_day(case.incident))
    return {
        "number": step.position,
        "id": step.key,
        "title": name(step, actor.lang),
        "state": "current" if step is case.next_step else step.state,
        "who": agencies.doers(step.plan.get("roles", []), step.plan.get("agencies", [])),
        "how": step.plan.get("how_en" if actor.lang == "en" else "how", ""),
        "clock": clocks.shown(clock, now, actor.lang) if clock else None,
        "rule": clocks.rule(clock, actor.lang) if clock else "",
        "basis": basis,
        "basis_expired": basis_expired,
        "clocks": [clocks.door(one, case.incident.code, now, actor.lang) for one in step.clocks],
        "evidence": ", ".join(step.plan.get("evidence", [])),
        "result": _result(step),
        "waits": step.applies is None and step.state == StepState.open,
        "waits_for": ", ".join(f"{one.position}. {name(one, actor.lang)}" for one in held_by(case, step)),
        "submitted": _submitted(step, case.incident.severity, actor.lang),
        **form(step, actor, case.incident.severity),
        **_doors(case, step, actor),
    }


def held_by(case: Case, step: Step) -> list[Step]:
    """The earlier steps that must be done first."""
    return gates.waiting_for(step, case.steps) if step.state == StepState.open else []


def form(step: Step, actor: Actor, severity: int) -> dict[str, Any]:
    """What the step's form asks (``parts/step_form.html``): fields, pictures, and whether another person approves it."""
    gate = step.plan.get("gate") or {}
    kind = str(gate.get("evidence", ""))
    asked = [_settled_field(fact) for fact in gate.get("settles", ())]
    if gate.get("document"):
        words = _("Số, ngày văn bản")
        asked.append({"name": "document", "label": words, "required": True, "options": (), "value": step.document})
    return {
        "asks": asked,
        "proof": _proof_label(kind),
        "proof_needed": bool(kind) and step.phase != "intake",
        "pictures": kind in ("file", "any"),
        "given": step.result if step.state == StepState.open else "",
        "needs_approval": approving.is_needed(step.plan, severity, actor),
        "approver": approving.words(step.plan, severity)[actor.lang == "en"],
        "plain": not asked and (not kind or gates.brings_proof(step)),
    }


def _settled_field(fact: str) -> dict[str, Any]:
    options = (("", _("Chọn")), *((str(key), choices.fact_value(fact, key)) for key in FACTS[fact].choices))
    label = choices.fact(fact)
    return {"name": fact, "label": label[:1].upper() + label[1:], "required": True, "options": options, "value": ""}


def _proof_label(kind: str) -> str:
    words = {
        "": _("Kết quả"),
        "words": _("Kết quả, một dòng"),
        "link": _("Kết quả kèm đường dẫn"),
        "file": _("Kết quả"),
        "any": _("Kết quả, đường dẫn hoặc ảnh"),
    }
    return words[kind]


def _submitted(step: Step, severity: int, lang: str) -> str:
    """ "Nguyễn An trình 02:14: … Chờ duyệt: Tổ phó." """
    if step.submitted_at is None or step.state != StepState.open:
        return ""
    who = step.submitted_by.name if step.submitted_by else ""
    approver = approving.words(step.plan, severity)[lang == "en"]
    words = _("{who} trình {at}. Chờ duyệt: {approver}.").format(
        who=who, at=times.words(step.submitted_at), approver=approver
    )
    settled = "; ".join(f"{choices.fact(key)}: {choices.fact_value(key, to)}" for key, to in step.settled.items())
    return "\n".join(filter(None, (words, step.result, step.document, settled)))


def _doors(case: Case, step: Step, actor: Actor) -> dict[str, str]:
    """The addresses of what this actor may do with the step now."""
    here = f"/incidents/{case.incident.code}/steps/{step.key}"
    severity, own = case.incident.severity, rights.has_part(actor, case.parts)
    hard = gates.is_hard(case.incident, step)
    if not case.incident.is_open:
        return {}
    if step.state == StepState.open:
        made = {}
        if may_tick(case, step, actor) and step.applies is True and not held_by(case, step):
            needed = approving.is_needed(step.plan, severity, actor)
            made = {"tick_href": f"{here}/submit" if needed else f"{here}/tick"}
        if approvals.may_approve(actor, case.incident, step):
            seen = approvals.version_of(step)
            made |= {"approve_href": f"{here}/approve", "return_href": f"{here}/return", "seen": seen}
        skips = may(actor, "skip_step", severity=severity, hard=hard)
        return made | ({"skip_href": f"{here}/skip"} if skips else {})
    action = "skip_step" if step.state == StepState.skipped else "do_step"
    return {"reopen_href": f"{here}/reopen"} if may(actor, action, severity=severity, own=own) else {}


def _result(step: Step) -> str:
    who = step.done_by.name if step.done_by else ""
    approved = _("duyệt: {who}").format(who=step.approved_by.name) if step.approved_by else ""
    return " · ".join(filter(None, (who, times.words(step.done_at), step.result, step.document, approved)))


def basis_words(step: Step, regime: date) -> tuple[str, bool]:
    """The legal bases of the step under the law of the incident's day, each with its validity; True: one has ended."""
    lines, expired = [], False
    known = bases.catalogue(step.incident.opened_at)
    for key in step.plan.get("bases", []):
        row = known.in_force(key, regime)
        if row is None:
            lines.append(f"{law.citation(known.basis(key))} ({_('chưa có hiệu lực ngày tiếp nhận')})")
            continue
        expired = expired or not row.is_valid_on(today())
        lines.append(f"{law.citation(row)} ({_validity(row)})")
    return "; ".join(lines), expired


def _validity(row: law.LegalBasis) -> str:
    start = _("từ {day}").format(day=f"{row.valid_from:%d/%m/%Y}") if row.valid_from else ""
    end = _("đến {day}").format(day=f"{row.valid_to:%d/%m/%Y}") if row.valid_to else ""
    return _("hiệu lực") + " " + (" ".join(filter(None, (start, end))) or _("không ghi thời hạn"))
