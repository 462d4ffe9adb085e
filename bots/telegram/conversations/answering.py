"""Choices by number (bot.md 5): a press, a typed number or word, or the words a question waits for."""

import re
from collections.abc import Callable, Sequence

from bots.telegram.conversations import (
    approving,
    cards,
    commands,
    expecting,
    holding,
    proof,
    quick_report,
    skipping,
    sorting,
)
from bots.turn import Turn
from bots.wording import buttons
from incidents.cases.codes import like_code
from incidents.cases.models import Incident, QuickReport
from incidents.cases.visibility import find
from incidents.db import db, utc_now
from incidents.errors import NotFound
from incidents.people import log
from incidents.telling import prompts
from incidents.telling.models import Prompt
from incidents.text import fold

Action = Callable[[Turn, Prompt, str], None]
_NUMBER = re.compile(r"\s*(\d{1,2})\s*[.)]?\s*")
_CODE_AND_NUMBER = re.compile(r"\s*(\S.*\S|\S)\s+(\d)\s*")


def choose(turn: Turn, prompt: Prompt, argument: str) -> None:
    """The answer to "which one?"; ``argument`` is "prompt:number|label"."""
    prompt.answered_at = utc_now()
    chosen, _, number = argument.split("|", 1)[0].partition(":")
    meant = db.session.get(Prompt, int(chosen))
    if meant is None or meant.address_id != turn.here.id:
        turn.answer("ask.none")
    else:
        _act(turn, meant, number)


ACTIONS: dict[str, Action] = {
    "severity": quick_report.choose_level,
    "kind": quick_report.choose_kind,
    "add_photo": quick_report.ask_more,
    "add_note": quick_report.ask_more,
    "undo": quick_report.undo,
    "open": sorting.open_incident,
    "merge": sorting.merge,
    "into": sorting.into,
    "reply": sorting.ask_answer,
    "ignore": sorting.ask_reason,
    "accept": cards.accept,
    "view": cards.view,
    "tick": proof.finish,
    "submit": proof.finish,
    "settle": proof.chosen,
    "as_it_is": proof.as_it_is,
    "skip": skipping.ask_reason,
    "approve": approving.approve,
    "send_back": approving.ask_reason,
    "still": holding.still,
    "give_back": holding.give_back,
    "note": holding.ask_note,
    "received": holding.received,
    "summary": cards.summary,
    "seen": cards.seen,
    "choose": choose,
}


_DIALOGUE = frozenset({"level", "kind", "into", "which", "received", "work", "proof"})
"""Questions in answer to somebody's own message: as long as nothing newer stands below, a number answers them."""


def _joined(turn: Turn, prompt: Prompt) -> bool:
    quick_report.join(turn, prompt)
    return True


WORDS: dict[str, Callable[[Turn, Prompt], bool]] = {
    "level": quick_report.join_while_asked,
    "kind": quick_report.join_while_asked,
    "more": _joined,
    "into": sorting.into_typed,
    "say_answer": sorting.say_answer,
    "say_reason": sorting.say_reason,
    "proof": proof.given,
    "expect": expecting.said,
    "note": holding.note,
    approving.REASON: approving.send_back,
    skipping.REASON: skipping.skip,
}
"""Questions that words or pictures answer; each says whether it took them."""

_NEEDS_A_REASON = frozenset({approving.REASON, skipping.REASON})


def _kind(prompt: Prompt) -> str:
    """``proof:17:result`` is a question of the kind ``proof``; what follows is its own."""
    return prompt.kind.split(":")[0]


def pressed(turn: Turn) -> None:
    """A button. Its token must be of this chat, its number of its question; anything else is noted and answered alike."""
    token, _, number = turn.heard.press.rpartition(".")
    prompt = prompts.pressed(turn.here, token)
    if prompt is None or prompts.option(prompt, number) is None:
        log.note(turn.actor, "unknown_button", f"update:{turn.update.external_id}")
        turn.answer("old")
    elif prompt.expires_at <= utc_now():
        turn.answer("old", incident_id=prompt.incident_id, report_id=prompt.quick_report_id)
    else:
        _act(turn, prompt, number)


def _act(turn: Turn, prompt: Prompt, number: str) -> None:
    option = prompts.option(prompt, number)
    if option is None:
        turn.answer("ask.range", numbers=", ".join(one[0] for one in prompt.options))
    else:
        ACTIONS[option[0]](turn, prompt, option[1])


def typed(turn: Turn) -> None:
    """A message in words: a command without its slash, a choice, the words a question waits for – or a report."""
    heard = turn.heard
    if heard.origin:
        quick_report.received(turn)
        return
    if not heard.file and (meant := commands.without_slash(heard.text)):
        meant[0](turn, meant[1])
        return
    quoted = prompts.behind_message(turn.here, heard.reply_to) if heard.reply_to else None
    if not heard.file and _chosen(turn, quoted):
        return
    if not _given(turn, quoted):
        quick_report.received(turn)


def _given(turn: Turn, quoted: Prompt | None) -> bool:
    """Words or a picture for a question that waits for them: the one quoted, else the newest of its kind."""
    waiting = [quoted] if quoted is not None else prompts.open_in(turn.here)
    if any(expecting.accepts_with_words(turn, prompt) for prompt in waiting[:1]):
        return True
    asked = [prompt for prompt in waiting if _kind(prompt) in WORDS]
    if (
        quoted is None
    ):  # when somebody is done is said in reply, or by a time alone: other words are for other questions
        is_time = expecting.is_only_a_time(turn.heard.text, utc_now())
        asked = [prompt for prompt in asked if is_time or _kind(prompt) != "expect"]
    newest = asked[0] if asked else None
    if newest is None or (_is_noise(turn) and _kind(newest) not in _NEEDS_A_REASON):
        return False
    return WORDS[_kind(newest)](turn, newest)


def _is_noise(turn: Turn) -> bool:
    return turn.heard.file is None and quick_report.is_noise(turn.heard.text)


def _chosen(turn: Turn, quoted: Prompt | None) -> bool:
    """A number or a word for one; False when the text is neither."""
    text = turn.heard.text
    if coded := _coded(turn, text):
        _act(turn, *coded)
        return True
    number = _NUMBER.fullmatch(text)
    if number is None and fold(text) in buttons.RECEIVED_WORDS:
        return _received(turn, quoted)
    asked = [quoted] if quoted is not None else prompts.open_in(turn.here)
    fitting = [(prompt, n) for prompt in asked if (n := number[1] if number else _by_word(prompt, text)) is not None]
    fitting = [one for one in fitting if one[0].options]
    if not fitting:
        if number is None and fold(text) not in buttons.CHOICE_WORDS:
            return False
        turn.answer("ask.none")
    else:
        _one_of(turn, fitting)
    return True


def _by_word(prompt: Prompt, text: str) -> str | None:
    return next((n for n, action, argument in prompt.options if buttons.means(text, action, argument)), None)


def _one_of(turn: Turn, fitting: Sequence[tuple[Prompt, str]]) -> None:
    """The only question with that choice; of several the person says which."""
    known = [one for one in fitting if prompts.option(*one) is not None]
    just_asked = fitting[0] in known and _kind(fitting[0][0]) in _DIALOGUE
    if len(known) == 1 or not known or just_asked:
        _act(turn, *(known or fitting)[0])
        return
    named = [_name(prompt, turn.lang) for prompt, _ in known[:9]]
    if len(set(named)) < len(named):  # several questions on one incident: the choice tells them apart
        named = [f"{name} · {_label(*one, turn.lang)}" for name, one in zip(named, known, strict=False)]
    options = [
        (str(n), "choose", f"{p.id}:{number}|{name}")
        for n, ((p, number), name) in enumerate(zip(known, named, strict=False), 1)
    ]
    turn.answer("ask.which", ask="which", options=options)


def _label(prompt: Prompt, number: str, lang: str) -> str:
    return buttons.label(*(prompts.option(prompt, number) or ("", "")), lang)


def _name(prompt: Prompt, lang: str) -> str:
    if prompt.incident_id is not None:
        return db.session.get_one(Incident, prompt.incident_id).code
    if prompt.quick_report_id is not None:
        return db.session.get_one(QuickReport, prompt.quick_report_id).number
    return "/viec"


def _coded(turn: Turn, text: str) -> tuple[Prompt, str] | None:
    """ "45 1", "TG-2026-0045 1": the open question of that incident."""
    found = _CODE_AND_NUMBER.fullmatch(text)
    if found is None or not like_code(found[1]):
        return None
    try:
        incident = find(turn.actor, found[1])
    except NotFound:
        return None
    asked = [p for p in prompts.open_in(turn.here) if p.incident_id == incident.id and p.options]
    return (asked[0], found[2]) if asked else None


def _received(turn: Turn, quoted: Prompt | None) -> bool:
    """ "Đã nhận" is by habit a receipt: it is asked back, never taken for "Nhận việc"."""
    asked = [quoted] if quoted is not None else prompts.open_in(turn.here)
    trial = next((p for p in asked if any(action == "received" for _, action, _ in p.options)), None)
    if trial is not None:
        _act(turn, trial, "1")
        return True
    card = next((p for p in asked if any(action == "accept" for _, action, _ in p.options)), None)
    if card is None or card.incident_id is None:
        turn.answer("what")
        return True
    code = db.session.get_one(Incident, card.incident_id).code
    options = [("1", "accept", ""), ("2", "seen", "")]
    turn.answer("ask.received", ask="received", options=options, incident_id=card.incident_id, code=code)
    return True
