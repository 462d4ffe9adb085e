"""The head of an incident: what it is, its clocks, the one thing to do next, and the ways to everything else."""

from datetime import datetime
from typing import Any

from desk.language import _
from desk.shown import choices, clocks, rights, steps
from incidents.cases import approvals, visibility
from incidents.permissions import Actor, may
from incidents.reading.case import Case
from incidents.vocabulary import ClockState, Status, StepState

_CLOCKS_SHOWN = 6


def incident(case: Case) -> dict[str, Any]:
    """As ``parts/case_head.html`` reads it."""
    row = case.incident
    return {
        "code": row.code,
        "title": choices.title(row),
        "severity": row.severity,
        "proposed": not row.severity_confirmed,
        "status": row.status,
        "status_label": choices.status(row.status),
        "holder": row.holder.name if row.holder else "",
        "restricted": row.restricted,
        "exercise": row.exercise,
        "readers": _readers(case),
        "ledger_head": f"{row.head_hash[:4]} {row.head_hash[4:8]}",
    }


def _readers(case: Case) -> str:
    if not case.incident.restricted:
        return _("Trong Tổ và các cơ quan được phân công")
    count, named = visibility.readers(case.incident)
    return _("{count} người: {names}").format(count=count, names=", ".join(member.name for member in named))


def running_clocks(case: Case, now: datetime, lang: str) -> list[clocks.ShownClock]:
    """The next clocks first, and every running one of the law, which says which law."""
    chosen = [
        clock
        for position, clock in enumerate(case.clocks)
        if position < _CLOCKS_SHOWN or (clock.hard and clock.state == ClockState.running)
    ]
    return [clocks.shown(clock, now, lang, with_force=True) for clock in chosen]


def primary(case: Case, actor: Actor) -> dict[str, Any] | None:
    """The next thing to do: accept, finish the next step, close, or write what happened; None when only reading is left."""
    here = f"/incidents/{case.incident.code}"
    if rights.may_acknowledge(actor, case.incident, case.parts):
        return {"label": _("Nhận việc"), "action": f"{here}/acknowledge", "key": "a"}
    waiting = next((one for one in case.steps if approvals.may_approve(actor, case.incident, one)), None)
    if waiting is not None and waiting.state == StepState.open:
        words = _("Đọc và duyệt bước {number}: {step}")
        words = words.format(number=waiting.position, step=steps.name(waiting, actor.lang))
        return {"label": words, "href": f"#step-{waiting.key}"}
    step = case.next_step
    if step is not None and steps.may_tick(case, step, actor):
        asked = steps.form(step, actor, case.incident.severity)
        name = steps.name(step, actor.lang)
        if asked["plain"] and not asked["needs_approval"]:
            words = _("Xong bước {number}: {step}").format(number=step.position, step=name)
            return {"label": words, "action": f"{here}/steps/{step.key}/tick"}
        words = _("Làm bước {number}: {step}").format(number=step.position, step=name)
        return {"label": words, "href": f"#step-{step.key}"}
    if case.incident.status == Status.monitoring and may(actor, "close", severity=case.incident.severity):
        return {"label": _("Kết thúc sự việc"), "href": f"{here}/move"}
    return {"label": _("Ghi diễn biến"), "href": "#f-text", "key": "c"} if may_write(case, actor) else None


def may_write(case: Case, actor: Actor) -> bool:
    own = rights.has_part(actor, case.parts)
    return may(actor, "add_entry", severity=case.incident.severity, own=own)


def others(case: Case, actor: Actor) -> list[dict[str, str]]:
    """Every other page of the incident this actor may use."""
    severity, is_open = case.incident.severity, case.incident.is_open
    wanted = [
        ("accept", _("Nhận việc kèm lời"), "", rights.may_acknowledge(actor, case.incident, case.parts)),
        ("give-back", _("Trả lại việc"), "", is_open and rights.may_give_back(actor, case.incident, case.parts)),
        ("assign", _("Giao"), "", is_open and may(actor, "assign", severity=severity)),
        ("activation", _("Kích hoạt Tổ"), "", severity >= 3 and may(actor, "propose_activation")),
        ("move", _("Đổi trạng thái"), "s", _may_move(case, actor)),
        ("severity", _("Mức độ"), "", is_open and _may_rate(actor)),
        ("edit", _("Sửa thông tin"), "e", is_open and may(actor, "triage")),
        ("playbook", _("Kịch bản"), "", is_open and may(actor, "start_playbook")),
        ("lessons", _("Bài học"), "", may_write(case, actor)),
        ("anchor", _("Mốc thời gian"), "", is_open and _may_anchor(case, actor)),
        ("restrict", _("Hạn chế người xem"), "", may(actor, "restrict", severity=severity)),
    ]
    here = f"/incidents/{case.incident.code}"
    return [{"label": words, "href": f"{here}/{page}", "key": key} for page, words, key, allowed in wanted if allowed]


def _may_move(case: Case, actor: Actor) -> bool:
    actions = ("reopen",) if case.incident.has_ended else ("move", "transfer", "close", "decline", "merge")
    return any(may(actor, action, severity=case.incident.severity) for action in actions)


def _may_anchor(case: Case, actor: Actor) -> bool:
    return may(actor, "correct_anchor", severity=case.incident.severity) or may_determine(case, actor)


def _may_rate(actor: Actor) -> bool:
    return may(actor, "raise_severity") or may(actor, "lower_severity")


def may_determine(case: Case, actor: Actor) -> bool:
    """Whether the actor may record that the public has been affected (a spokesperson only for the own agency)."""
    own = rights.has_part(actor, case.parts)
    return may(actor, "determine_impact", severity=case.incident.severity, own=own)
