"""Who may approve a step, and when the doing of it is itself the decision (domain 5.6, 6, G2: drafter ≠ approver)."""

from collections.abc import Mapping
from typing import Any

from incidents.permissions import Actor
from incidents.vocabulary import ROLES, Role

Plan = Mapping[str, Any]

# Of each approval the roles that may give it; what depends on the agency or the level stands in ``may``.
_ROLES: Mapping[str, frozenset[Role]] = {
    "deputy": frozenset({Role.deputy, Role.lead}),
    "deputy_from_c3": frozenset({Role.deputy, Role.lead}),
    "lead": frozenset({Role.lead, Role.leader}),
    "leader_at_c4": frozenset({Role.lead, Role.leader}),
    "leader": frozenset({Role.leader}),
}
_CHAIN: Mapping[int, frozenset[Role]] = {
    1: frozenset({Role.spokesperson, Role.deputy, Role.lead}),
    2: frozenset({Role.deputy, Role.lead}),
    3: frozenset({Role.lead, Role.leader}),
    4: frozenset({Role.leader}),
}
_VERDICT_ROLES: Mapping[bool, frozenset[Role]] = {
    True: frozenset({Role.deputy, Role.lead, Role.leader}),  # Cấp 1–2
    False: frozenset({Role.lead, Role.leader}),
}


def is_needed(plan: Plan, severity: int, actor: Actor) -> bool:
    """Whether somebody else must approve before the step is done when ``actor`` does it.

    The police's own act needs no second body; a decision taken by exactly those who may approve it is its own approval.
    """
    key = str(plan.get("approval", ""))
    if key in ("", "authority") or (key == "deputy_from_c3" and severity < 3):
        return False
    if key == "police":
        return not actor.is_police
    if key in ("chain", "not_drafter"):
        return True
    return not (_is_decision(plan, severity) and may(plan, severity, actor, actor.agency_id))


def _is_decision(plan: Plan, severity: int) -> bool:
    """The playbook names as doers only those who may approve."""
    named = set(plan.get("roles", ()))
    if plan.get("approval") == "head":
        return named == {"head"}
    return bool(named) and named <= set(_approvers(plan, severity))


def _approvers(plan: Plan, severity: int) -> frozenset[Role]:
    key = str(plan.get("approval", ""))
    if key == "chain":
        return _CHAIN[severity]
    if key == "leader_at_c4" and severity == 4:
        return _ROLES["leader"]
    if key in ("head", "not_drafter"):
        return _VERDICT_ROLES[severity <= 2]
    return _ROLES.get(key, frozenset())


def may(plan: Plan, severity: int, actor: Actor, agency_id: int | None) -> bool:
    """Whether the actor may approve what somebody of ``agency_id`` submitted. Nobody approves his own (the caller asks).

    The head of an agency approves what his agency submits; ``not_drafter``: a second person of the doers' roles too.
    """
    key = str(plan.get("approval", ""))
    if key == "police":
        return actor.is_police
    if actor.has(*_approvers(plan, severity)):
        return True
    of_agency = actor.agency_id == agency_id
    if key in ("head", "not_drafter") and actor.is_head and of_agency:
        return True
    return key == "not_drafter" and of_agency and not actor.roles.isdisjoint(plan.get("roles", ()))


def words(plan: Plan, severity: int) -> tuple[str, str]:
    """Who may approve, in words, Vietnamese and English."""
    key = str(plan.get("approval", ""))
    if key == "police":
        return "Công an", "the police"
    roles = sorted(_approvers(plan, severity))
    vi = [ROLES[role][0] for role in roles]
    en = [ROLES[role][1] for role in roles]
    if key in ("head", "not_drafter"):
        vi, en = ["thủ trưởng cơ quan thực hiện", *vi], ["the head of the agency that did it", *en]
    return " hoặc ".join(vi), " or ".join(en)


def roles(plan: Plan, severity: int) -> frozenset[Role]:
    """The roles whose holders are told that an approval is wanted."""
    return _approvers(plan, severity)
