"""Whose step it is: the roles and agencies the playbook names; the standing agency's officers record for others."""

from collections.abc import Mapping
from typing import Any

from incidents.errors import NotAllowed
from incidents.permissions import Actor, require
from incidents.vocabulary import ROLES, AgencyType, Role

_RECORDERS = (Role.duty, Role.deputy, Role.lead)
_DECISIONS = {"activated_at": "activate_task_force", "stood_down_at": "activate_task_force"}


def is_for(plan: Mapping[str, Any], actor: Actor) -> bool:
    """Whether the playbook names one of the actor's roles at an agency such as his."""
    if plan.get("police_only") and not actor.is_police:
        return False
    if plan.get("roles") and actor.roles.isdisjoint(plan["roles"]):
        return False
    return any(_names(selector, actor) for selector in plan.get("agencies", ()))


def _names(selector: str, actor: Actor) -> bool:
    match selector:
        case "@standing":
            return actor.is_standing
        case "@commune":
            return actor.agency_type == AgencyType.commune
        case "@police":
            return actor.is_police
        case _:
            return selector.startswith("@") or selector == actor.agency_code


def check(plan: Mapping[str, Any], actor: Actor) -> None:
    """Raise ``NotAllowed`` unless the step is the actor's, or he records for others at the standing agency.

    A decision stays with who may take it (domain 2.8), and what is the police's is recorded by the police (G4).
    """
    check_anchor(str(plan.get("sets", "")), actor)
    if plan.get("police_only"):
        require(actor, "record_demand", own=actor.is_police)
        return
    if is_for(plan, actor) or (actor.is_standing and actor.has(*_RECORDERS)) or actor.id is None:
        return
    named = [role for role in plan.get("roles", ()) if role in ROLES]
    raise NotAllowed(who=", ".join(ROLES[r][0] for r in named), who_en=", ".join(ROLES[r][1] for r in named))


def check_anchor(key: str, actor: Actor) -> None:
    """Anchors that are decisions, or the police's, need their right whichever way they are set."""
    if key in _DECISIONS:
        require(actor, _DECISIONS[key])
    if key == "demanded_at":
        require(actor, "record_demand", own=actor.is_police)
