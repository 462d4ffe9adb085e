"""The buttons of a card: accept, view, step done. The right is the presser's at this moment, checked in the verb."""

from typing import Any

from bots import facts as fresh
from bots.turn import Instead, Turn
from bots.wording import say, shape
from incidents.cases import assignments, doing
from incidents.cases.models import Incident
from incidents.cases.visibility import find, get
from incidents.db import utc_now
from incidents.errors import AlreadyDone
from incidents.telling.models import Prompt


def accept(turn: Turn, prompt: Prompt, argument: str) -> None:
    """ "Nhận việc" on a card."""
    _accept(turn, get(turn.actor, prompt.incident_id or 0))


def accept_code(turn: Turn, code: str) -> None:
    """``/nhan`` with a code."""
    _accept(turn, find(turn.actor, code))


def _accept(turn: Turn, incident: Incident) -> None:
    try:
        assignments.acknowledge(turn.actor, incident.code)
    except AlreadyDone as done:
        raise Instead("card.second", incident_id=incident.id, code=incident.code, **_first(done)) from done
    turn.answer("card.accepted", incident_id=incident.id, code=incident.code, at=shape.clock_time(utc_now()))


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


def tick(turn: Turn, prompt: Prompt, argument: str) -> None:
    """ "Xong bước n"; ``argument`` is "n:key"."""
    position, _, key = argument.partition(":")
    incident = get(turn.actor, prompt.incident_id or 0)
    try:
        doing.tick(turn.actor, incident.code, key)
    except AlreadyDone as done:
        raise Instead(
            "step.same", incident_id=incident.id, code=incident.code, position=position, **_first(done)
        ) from done
    now = utc_now()
    turn.answer(
        "step.done",
        incident_id=incident.id,
        code=incident.code,
        position=position,
        at=shape.clock_time(now),
        next=_next(turn, incident),
    )


def _next(turn: Turn, incident: Incident) -> str:
    step, now = fresh.next_step(incident, turn.actor), utc_now()
    if step is None:
        return ""
    due = f", {'hạn' if turn.lang == 'vi' else 'due'} {shape.due_time(step.due_at, now)}" if step.due_at else ""
    return say("step.next", turn.lang, position=step.position, due=due)
