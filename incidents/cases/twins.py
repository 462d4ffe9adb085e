"""A step that several running playbooks have is one duty (domain 6): asked for by any, and gated as the strictest asks.

``Step.plan`` holds what is in force, ``plan["own"]`` what the step's own playbook says where that is another, so that
the plan can be counted anew when a playbook joins or moves to a newer version.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import time
from typing import Any

from playbooks import condition, model

Plan = Mapping[str, Any]

_OWN, _DROPPED = "own", "dropped"
_APPROVALS = (
    "", "authority", "deputy_from_c3", "deputy", "not_drafter", "head", "chain", "lead", "leader_at_c4", "leader",
    "police",
)  # fmt: skip
"""Rising: of two playbooks the later one is asked."""
_EVIDENCE = ("", "words", "any", "link", "file")


def as_plan(planned: model.Step) -> dict[str, Any]:
    """The step as JSON can hold it."""
    return asdict(planned) | {"repeat_at": [hour.isoformat() for hour in planned.repeat_at]}


def planned_step(plan: Plan) -> model.Step:
    """The step as it is in force in the incident."""
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in plan.items()}
    values["repeat_at"] = tuple(time.fromisoformat(hour) for hour in plan["repeat_at"])
    values["deadlines"] = tuple(_deadline(deadline) for deadline in plan["deadlines"])
    gate = plan.get("gate") or {}  # an incident of before there were gates has none
    values["gate"] = model.Gate(**gate | {"settles": tuple(gate.get("settles", ()))})
    return model.Step(**{key: value for key, value in values.items() if key not in (_OWN, _DROPPED)})


def own_step(plan: Plan) -> model.Step:
    """The step as its own playbook has it, whatever others ask besides."""
    return planned_step({**plan, **plan.get(_OWN, {})})


def _deadline(kept: Plan) -> model.Deadline:
    return model.Deadline(**{**kept, "warn": tuple(kept.get("warn", model.WARN))})


def is_dropped(plan: Plan) -> bool:
    """Whether a newer version has the step no more, so that it is hidden."""
    return bool(plan.get(_DROPPED))


def bound(plan: Plan, twins: Sequence[model.Step]) -> dict[str, Any]:
    """The plan with what ``twins`` (the same step in other running playbooks) ask more strictly."""
    own: dict[str, Any] = {**plan, **plan.get(_OWN, {})}
    own.pop(_OWN, None)
    if not twins:
        return own
    strict = _strictest([own_step(plan), *twins])
    kept = {key: own.get(key) for key, value in strict.items() if own.get(key, value) != value}
    return own | strict | ({_OWN: kept} if kept else {})


def _strictest(steps: Sequence[model.Step]) -> dict[str, Any]:
    gates = [step.gate for step in steps]
    return {
        "approval": _approval({step.approval for step in steps}),
        "gate": {
            "evidence": max((gate.evidence for gate in gates), key=_EVIDENCE.index),
            "document": any(gate.document for gate in gates),
            "acknowledgements": max(gate.acknowledgements for gate in gates),
            "settles": list(dict.fromkeys(name for gate in gates for name in gate.settles)),
        },
        "police_only": any(step.police_only for step in steps),
        "mandatory": any(step.mandatory for step in steps),
        "sets": next((step.sets for step in steps if step.sets), ""),
    }


def _approval(asked: set[str]) -> str:
    if {"chain", "lead"} <= asked:
        asked = asked | {"leader_at_c4"}  # the lead where the chain is content with less, the leader where it is not
    return max(asked, key=_APPROVALS.index)


def applies(steps: Iterable[model.Step], facts: condition.Facts) -> bool | None:
    """Whether any of the playbooks asks for it: True, False, or None while the facts do not yet tell."""
    said = {condition.holds(step.when, facts) for step in steps}
    return True if True in said else (None if None in said else False)
