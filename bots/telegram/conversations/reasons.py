"""A reason that has to be typed for a step: for what does not apply, and for what is sent back."""

from bots.telegram.conversations.quick_report import is_noise
from bots.turn import Turn
from incidents.cases.models import Incident, Step
from incidents.cases.visibility import get
from incidents.db import db
from incidents.telling.models import Prompt


def meant(turn: Turn, prompt: Prompt) -> tuple[Incident, Step] | None:
    """The step the prompt asks a reason for; None when the words were too short and are asked for again."""
    step = db.session.get_one(Step, int(prompt.kind.split(":")[1]))
    incident = get(turn.actor, step.incident_id)
    if is_noise(turn.heard.text):
        turn.answer("reason.again", ask=prompt.kind, incident_id=incident.id)
        return None
    return incident, step
