"""The checklist as its page shows it: who, by when, by which rule and basis, and what may be done with each step."""

from datetime import date, datetime
from typing import Any

from desk.forms import times
from desk.language import _
from desk.shown import agencies, clocks, rights
from incidents.cases.audience import today
from incidents.cases.clocks import regime_day
from incidents.cases.models import Step
from incidents.permissions import Actor, may
from incidents.reading.case import Case
from incidents.vocabulary import StepState
from playbooks import law


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
        "evidence": ", ".join(step.plan.get("evidence", [])),
        "result": _result(step),
        "waits": step.applies is None and step.state == StepState.open,
        **_doors(case, step, actor),
    }


def _doors(case: Case, step: Step, actor: Actor) -> dict[str, str]:
    """The addresses of what this actor may do with the step now."""
    here = f"/incidents/{case.incident.code}/steps/{step.key}"
    severity, own = case.incident.severity, rights.has_part(actor, case.parts)
    hard = any(clock.hard and clock.owner == "own" for clock in step.clocks)
    if not case.incident.is_open:
        return {}
    if step.state == StepState.open:
        made = {"tick_href": f"{here}/tick"} if may_tick(case, step, actor) else {}
        skips = may(actor, "skip_step", severity=severity, hard=hard)
        return made | ({"skip_href": f"{here}/skip"} if skips else {})
    action = "skip_step" if step.state == StepState.skipped else "do_step"
    return {"reopen_href": f"{here}/reopen"} if may(actor, action, severity=severity, own=own) else {}


def _result(step: Step) -> str:
    who = step.done_by.name if step.done_by else ""
    return " · ".join(filter(None, (who, times.words(step.done_at), step.result)))


def basis_words(step: Step, regime: date) -> tuple[str, bool]:
    """The legal bases of the step under the law of the incident's day, each with its validity; True: one has ended."""
    lines, expired = [], False
    for key in step.plan.get("bases", []):
        row = law.in_force(key, regime)
        if row is None:
            lines.append(f"{law.citation(law.basis(key))} ({_('chưa có hiệu lực ngày tiếp nhận')})")
            continue
        expired = expired or not row.is_valid_on(today())
        lines.append(f"{law.citation(row)} ({_validity(row)})")
    return "; ".join(lines), expired


def _validity(row: law.LegalBasis) -> str:
    start = _("từ {day}").format(day=f"{row.valid_from:%d/%m/%Y}") if row.valid_from else ""
    end = _("đến {day}").format(day=f"{row.valid_to:%d/%m/%Y}") if row.valid_to else ""
    return _("hiệu lực") + " " + (" ".join(filter(None, (start, end))) or _("không ghi thời hạn"))
