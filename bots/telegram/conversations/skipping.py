""" "Không áp dụng": a step does not apply, for a reason that has to be said (bot.md ``step.skip``)."""

from typing import Any

from bots.telegram.conversations import reasons
from bots.turn import Instead, Turn
from bots.wording import shape
from incidents.cases import doing, gates
from incidents.cases.models import Incident
from incidents.cases.visibility import get
from incidents.db import utc_now
from incidents.errors import AlreadyDone
from incidents.permissions import require
from incidents.telling.models import Prompt
from incidents.text import clean, shorten

REASON = "skip"


def ask_reason(turn: Turn, prompt: Prompt, argument: str) -> None:
    """``argument`` is "n:key". The right is asked for before somebody types a reason in vain; the verb asks again."""
    position, _, key = argument.partition(":")
    incident = get(turn.actor, prompt.incident_id or 0)
    try:
        _, step = doing.open_step(turn.actor, incident.code, key)
    except AlreadyDone as done:
        raise _same(incident, int(position), done) from done
    require(turn.actor, "skip_step", severity=incident.severity, hard=gates.is_hard(incident, step))
    turn.answer(
        "step.skip", ask=f"{REASON}:{step.id}", incident_id=incident.id, code=incident.code, position=step.position
    )


def skip(turn: Turn, prompt: Prompt) -> bool:
    """The reason was typed; too short a one is asked for again. False for a picture."""
    heard = turn.heard
    if heard.file is not None:
        return False
    found = reasons.meant(turn, prompt)
    if found is None:
        return True
    incident, step = found
    try:
        doing.skip(turn.actor, incident.code, step.key, heard.text)
    except AlreadyDone as done:
        raise _same(incident, step.position, done) from done
    prompt.answered_at = utc_now()
    reason = shape.masked(shorten(clean(heard.text), 160))
    turn.answer("step.skipped", incident_id=incident.id, code=incident.code, position=step.position, reason=reason)
    return True


def _same(incident: Incident, position: int, done: AlreadyDone) -> Instead:
    facts: dict[str, Any] = {"who": done.facts["who"], "at": done.facts["at"]}
    return Instead("step.same", incident_id=incident.id, code=incident.code, position=position, **facts)
