"""Approval in chat (G2, G28): exactly the version that was shown, by another person; statements of Cấp 3–4 on the web."""

from typing import Any

from bots.approval import may_in_chat
from bots.telegram.conversations import reasons
from bots.turn import Instead, Turn
from bots.wording import shape
from incidents.cases import approvals, approving, doing
from incidents.cases.models import Incident, Step
from incidents.cases.visibility import get
from incidents.db import db, utc_now
from incidents.errors import AlreadyDone, NotAllowed
from incidents.telling.models import Prompt

REASON = "back"


def approve(turn: Turn, prompt: Prompt, argument: str) -> None:
    """ "Duyệt"; ``argument`` is "step id:version". What has changed since it was shown is shown anew, not approved."""
    incident, step, version = _meant(turn, prompt, argument)
    facts = _named(incident, step)
    if step.submitted_at is None:
        turn.answer("approve.gone", incident_id=incident.id, **facts)
    elif not may_in_chat(incident, step) or (
        version != approvals.version_of(step) and step.submitted_by_id != turn.actor.id
    ):
        turn.answer(
            "approval", incident_id=incident.id, step_key=step.key, changed=version != approvals.version_of(step)
        )
    else:
        approvals.approve(turn.actor, incident.code, step.key, seen=version)
        prompt.answered_at = utc_now()
        turn.answer("approve.done", incident_id=incident.id, at=shape.clock_time(utc_now()), **facts)


def ask_reason(turn: Turn, prompt: Prompt, argument: str) -> None:
    """ "Trả lại": the reason comes with the next message."""
    incident, step, _ = _meant(turn, prompt, argument)
    facts = _named(incident, step)
    if step.submitted_at is None:
        turn.answer("approve.gone", incident_id=incident.id, **facts)
        return
    _check_right(turn, incident, step)
    by = step.submitted_by.name if step.submitted_by else ""
    turn.answer("approve.reason", ask=f"{REASON}:{step.id}", incident_id=incident.id, by=by, **facts)


def send_back(turn: Turn, prompt: Prompt) -> bool:
    """The reason was typed; too short a one is asked for again. False for a picture."""
    heard = turn.heard
    if heard.file is not None:
        return False
    found = reasons.meant(turn, prompt)
    if found is None:
        return True
    incident, step = found
    by = step.submitted_by.name if step.submitted_by else ""
    approvals.send_back(turn.actor, incident.code, step.key, heard.text)
    prompt.answered_at = utc_now()
    turn.answer("approve.back", incident_id=incident.id, by=by, **_named(incident, step))
    return True


def _named(incident: Incident, step: Step) -> dict[str, Any]:
    return {"code": incident.code, "position": step.position}


def _check_right(turn: Turn, incident: Incident, step: Step) -> None:
    """Said before somebody types a reason in vain; the verb asks again."""
    who, who_en = approving.words(step.plan, incident.severity)
    if step.submitted_by_id == turn.actor.id:
        raise approvals.OwnWork(who=who, who_en=who_en)
    if not approvals.may_approve(turn.actor, incident, step):
        raise NotAllowed(who=who, who_en=who_en)


def _meant(turn: Turn, prompt: Prompt, argument: str) -> tuple[Incident, Step, str]:
    """The step as it is now, locked. When it was done meanwhile, who did it is said instead."""
    number, _, version = argument.partition(":")
    step = db.session.get_one(Step, int(number))
    incident = get(turn.actor, step.incident_id)
    try:
        doing.open_step(turn.actor, incident.code, step.key)
    except AlreadyDone as done:
        facts = _named(incident, step) | {"who": done.facts["who"], "at": done.facts["at"]}
        raise Instead("step.same", incident_id=incident.id, **facts) from done
    db.session.refresh(step)
    return incident, step, version
