"""The buttons of a card: accept, view. The right is the presser's at this moment, checked in the verb."""

from datetime import datetime
from typing import Any

from bots.turn import Instead, Turn
from bots.wording import say, shape
from incidents.cases import assignments
from incidents.cases.models import Incident
from incidents.cases.visibility import find, get
from incidents.db import utc_now
from incidents.errors import AlreadyDone
from incidents.telling.models import Prompt


def accept(turn: Turn, prompt: Prompt, argument: str) -> None:
    """ "Nhận việc" on a card."""
    accept_with(turn, get(turn.actor, prompt.incident_id or 0))


def accept_code(turn: Turn, code: str) -> None:
    """``/nhan`` with a code."""
    accept_with(turn, find(turn.actor, code))


def accept_with(turn: Turn, incident: Incident, *, note: str = "", expected_at: datetime | None = None) -> None:
    """Accept; when no time was said with it, it may be said in reply to the answer."""
    try:
        assignments.acknowledge(turn.actor, incident.code, note=note, expected_at=expected_at)
    except AlreadyDone as done:
        raise Instead("card.second", incident_id=incident.id, code=incident.code, **_first(done)) from done
    facts: dict[str, Any] = {"code": incident.code, "at": shape.clock_time(utc_now())}
    if expected_at is not None:
        by = say("accept.by", turn.lang, at=shape.due_time(expected_at, utc_now()))
        turn.answer("card.accepted", incident_id=incident.id, also=["accept.noted"], what=by, **facts)
    else:
        turn.answer("card.accepted", incident_id=incident.id, ask="expect", also=["accept.expect"], **facts)


def _first(done: AlreadyDone) -> dict[str, Any]:
    """Who was first, and when."""
    return {"who": done.facts.get("who", ""), "at": done.facts.get("at", "")}


def view(turn: Turn, prompt: Prompt, argument: str) -> None:
    """ "Xem": the state in five lines; a channel that draws links opens the page instead."""
    turn.answer("summary", incident_id=get(turn.actor, prompt.incident_id or 0).id)


def summary(turn: Turn, prompt: Prompt, argument: str) -> None:
    """A code chosen from a list."""
    show_code(turn, argument.split("|", 1)[0])


def show_code(turn: Turn, code: str) -> None:
    turn.answer("summary", incident_id=find(turn.actor, code).id)


def seen(turn: Turn, prompt: Prompt, argument: str) -> None:
    """Only a receipt: nothing is accepted."""
    prompt.answered_at = utc_now()
    turn.answer("ask.seen", incident_id=prompt.incident_id, code=get(turn.actor, prompt.incident_id or 0).code)
