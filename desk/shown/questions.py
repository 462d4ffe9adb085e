"""What is not known yet and decides whether a step applies: asked on the incident's page, answered with one press."""

from typing import Any

from desk.shown import choices
from incidents.permissions import Actor, may
from incidents.reading.case import Case
from incidents.vocabulary import StepState
from playbooks import condition
from playbooks.facts import FACTS


def shown(case: Case, actor: Actor) -> list[dict[str, Any]]:
    """One row per unknown fact: its words, the values to press, and the steps that wait for the answer."""
    if not case.incident.is_open or not may(actor, "triage"):
        return []
    waiting: dict[str, list[str]] = {}
    for step in case.steps:
        if step.applies is None and step.state == StepState.open:
            for name in condition.names(step.plan.get("when", "")):
                if FACTS[name].asked and _is_unknown(case, name):
                    waiting.setdefault(name, []).append(str(step.position))
    return [_row(case, name, steps) for name, steps in sorted(waiting.items(), key=lambda one: (-len(one[1]), one[0]))]


def _is_unknown(case: Case, name: str) -> bool:
    own = {"harm_class": case.incident.harm_class, "access_class": case.incident.access_class}
    return own.get(name, case.incident.flags.get(name)) in (None, "")


def _row(case: Case, name: str, steps: list[str]) -> dict[str, Any]:
    values = [str(key) for key in FACTS[name].choices] or ["1", "0"]
    words = {"1": True, "0": False}
    return {
        "name": name,
        "label": choices.fact(name)[:1].upper() + choices.fact(name)[1:],
        "href": f"/incidents/{case.incident.code}/facts/{name}",
        "values": [(v, choices.fact_value(name, v if FACTS[name].choices else words[v])) for v in values],
        "steps": ", ".join(steps),
    }
