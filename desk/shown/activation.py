"""The activated task force as its page shows it: the record, its people, the gaps of its 24/7 duty, what is still to tick."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from desk.forms import times
from desk.shown import choices, steps
from incidents.cases import activation_people, assignments, checklist
from incidents.cases.models import Activation, Incident, Step
from incidents.people import agencies, members, roster
from incidents.people.models import Member
from incidents.vocabulary import Role, StepState

_AHEAD = timedelta(days=7)  # of the gaps in the round-the-clock duty


def record(row: Activation) -> dict[str, Any]:
    """One activation: decision, days, people by part, its end."""
    present = [one for one in row.members if one.left_at is None or (row.ends_at and one.left_at >= row.ends_at)]
    return {
        "id": row.id,
        "decision": row.decision_number,
        "decided_on": row.decided_on,
        "head": row.head.name,
        "deputies": [one.member.name for one in present if one.part == activation_people.DEPUTY],
        "members": [one.member.name for one in present if one.part == activation_people.MEMBER],
        "left": [(one.member.name, one.left_at) for one in row.members if one not in present],
        "round_the_clock": row.round_the_clock,
        "note": row.note,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "end_decision": row.end_decision,
        "end_reason": row.end_reason,
    }


def listed(row: Activation) -> dict[str, Any]:
    """The same as a line of the list of all."""
    return record(row) | {"code": row.incident.code, "title": choices.title(row.incident)}


def initial(incident: Incident, lang: str) -> dict[str, Any]:
    """The form as it opens: the default Tổ of domain 2.4 – a provincial leader at Cấp 4, the deputies, and those who stand
    for the member agencies and the agencies that have a part."""
    active = [member for member in members.all_members() if member.is_active]
    parts = {row.agency_id for row in assignments.open_parts(incident)}
    heads = _holding(active, Role.leader if incident.severity == 4 else Role.lead)
    deputies = _holding(active, Role.deputy)
    others = [
        member.username
        for member in active
        if (member.agency.default_member or member.agency_id in parts)
        and not members.roles_on(member).isdisjoint({Role.member, Role.contact})
    ]
    return {
        "decision": "", "decided_on": "", "head": heads[0] if heads else "", "deputies": deputies, "members": others,
        "starts_at": "", "round_the_clock": "1", "note": "",
    }  # fmt: skip


def current(row: Activation) -> dict[str, Any]:
    """The form that changes who belongs to it, as it stands now."""
    here = [one for one in row.members if one.left_at is None]
    return {
        "head": row.head.username,
        "deputies": [one.member.username for one in here if one.part == activation_people.DEPUTY],
        "members": [one.member.username for one in here if one.part == activation_people.MEMBER],
        "reason": "",
    }


def people() -> list[tuple[str, str]]:
    """(account, "name · agency") of every active member."""
    return [(m.username, f"{m.name} · {m.agency.label}") for m in members.all_members() if m.is_active]


def gaps(row: Activation, now: datetime) -> list[str]:
    """When nobody of the standing agency is on shift in the coming week, while round-the-clock duty is in force."""
    standing = agencies.having("standing_agency", members.today())
    if standing is None or row.ends_at is not None or not row.round_the_clock:
        return []
    return [
        f"{times.words(gap.starts_at)} – {times.words(gap.ends_at)}"
        for gap in roster.gaps(standing.id, now, now + _AHEAD)
    ]


def to_tick(incident: Incident, rows: Sequence[Activation], lang: str) -> list[dict[str, str]]:
    """Open steps that say what is on record now, activated or stood down: offered, never ticked by itself."""
    recorded = ({"activated_at"} if rows else set()) | ({"stood_down_at"} if rows and rows[0].ends_at else set())
    found = checklist.steps_of(incident) if recorded else []
    return [
        {"name": steps.name(step, lang), "href": f"/incidents/{incident.code}#step-{step.key}"}
        for step in found
        if step.state == StepState.open and step.applies is not False and _says(step) in recorded
    ]


def _says(step: Step) -> str:
    """The anchor a step stands for, named by its playbook or known by its key (PB-08)."""
    known = {"activate_task_force": "activated_at", "stand_down": "stood_down_at"}
    return str(step.plan.get("sets") or known.get(step.key, ""))


def _holding(active: Sequence[Member], role: Role) -> list[str]:
    return [member.username for member in active if role in members.roles_on(member)]
