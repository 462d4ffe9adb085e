"""Doing a step with everything its playbook asks for: proof, document, facts, a second person's approval."""

from typing import Any

from incidents.cases import approvals, checklist, doing, gates
from incidents.cases.models import Incident, Step
from incidents.cases.visibility import find
from incidents.errors import NotAllowed
from tests import cast

LINK = "https://laocai.gov.vn/tin/1"
_APPROVERS = ("son", "binh", "ha", "cuong", "giang")


def step_of(incident: Incident, key: str) -> Step:
    return next(step for step in checklist.steps_of(incident) if step.key == key)


def given(step: Step, **known: Any) -> dict[str, Any]:
    """What the gate asks, with plausible answers where the test has none of its own."""
    gate = step.plan.get("gate") or {}
    made: dict[str, Any] = {"result": LINK} if gate.get("evidence") else {}
    if gate.get("document"):
        made["document"] = "12/SVHTTDL-BC ngày 23/11/2026"
    if gate.get("settles"):
        made["settled"] = dict.fromkeys(gate["settles"], "false")
    return made | known


def free(code: str, key: str) -> None:
    """Earlier steps that hold this one up are set aside by the lead, with a reason."""
    binh = cast.actor("binh")
    incident = find(binh, code)
    for before in gates.waiting_for(step_of(incident, key), checklist.steps_of(incident)):
        free(code, before.key)
        doing.skip(binh, code, before.key, "không cần cho phép thử này")


def do(username: str, code: str, key: str, **known: Any) -> Step:
    """The step is done by ``username``; what needs a second person is approved by the first of the cast who may."""
    actor = cast.actor(username)
    free(code, key)
    step = step_of(find(actor, code), key)
    words = given(step, **known)
    try:
        return doing.tick(actor, code, key, **words)
    except gates.GateNotMet as refused:
        if {lack.field for lack in refused.lacks} != {"approval"}:
            raise
    at, reason = words.pop("at", None), words.pop("reason", "")
    approvals.submit(actor, code, key, **words)
    for name in _APPROVERS:
        try:
            return approvals.approve(cast.actor(name), code, key, at=at, reason=reason)
        except (NotAllowed, approvals.OwnWork):
            continue
    raise AssertionError(f"nobody of the cast may approve {key}")
