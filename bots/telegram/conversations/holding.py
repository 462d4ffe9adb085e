""" "Vẫn giữ?": still on it, given back, or a line for the timeline (bot.md ``card.still``); and the trial of a ladder."""

from bots.turn import Turn
from incidents.cases import holding, ladder_tests, notes
from incidents.cases.visibility import get
from incidents.db import utc_now
from incidents.telling.models import Prompt

_BY_PRESS = "trả lại qua tin nhắn"


def still(turn: Turn, prompt: Prompt, argument: str) -> None:
    code = get(turn.actor, prompt.incident_id or 0).code
    holding.still_here(turn.actor, code)
    prompt.answered_at = utc_now()
    turn.answer("card.kept", incident_id=prompt.incident_id, code=code)


def give_back(turn: Turn, prompt: Prompt, argument: str) -> None:
    code = get(turn.actor, prompt.incident_id or 0).code
    holding.give_back(turn.actor, code, _BY_PRESS)
    prompt.answered_at = utc_now()
    turn.answer("card.returned", incident_id=prompt.incident_id, code=code)


def ask_note(turn: Turn, prompt: Prompt, argument: str) -> None:
    """ "Ghi diễn biến": the words come with the next message."""
    incident = get(turn.actor, prompt.incident_id or 0)
    turn.answer("note.ask", ask="note", incident_id=incident.id, code=incident.code)


def note(turn: Turn, prompt: Prompt) -> bool:
    """The line was typed. A picture is no line: False, it becomes a report of its own."""
    heard = turn.heard
    if heard.file is not None or not heard.text.strip():
        return False
    code = get(turn.actor, prompt.incident_id or 0).code
    notes.note(turn.actor, code, heard.text, source_key=f"{heard.key}:note")
    prompt.answered_at = utc_now()
    turn.answer("note.done", incident_id=prompt.incident_id, code=code)
    return True


def received(turn: Turn, prompt: Prompt, argument: str) -> None:
    """ "Đã nhận" under a trial; ``argument`` is the alert's id."""
    ladder_tests.received(int(argument), utc_now())
    prompt.answered_at = utc_now()
    turn.answer("ladder.received")
