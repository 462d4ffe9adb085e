"""What a step still needs, asked one thing at a time: a line, a picture, a link, a number, a choice (bot.md ``step.proof``).

Each piece is a row before the next is asked for (``bots.proofs``); with the last one the step is ticked, or submitted
when another person must approve it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bots import facts as fresh
from bots import proofs
from bots.telegram.conversations.quick_report import MAX_FILE
from bots.turn import Instead, Turn
from bots.wording import say, shape
from incidents.cases import approvals, approving, doing, gates
from incidents.cases.models import Draft, Incident, Step
from incidents.cases.visibility import get
from incidents.db import db, utc_now
from incidents.errors import AlreadyDone, NotAllowed, NotFound, NotOpen, Refusal
from incidents.permissions import Actor
from incidents.telling.models import Prompt
from incidents.vocabulary import ROLES, Role, StepState
from playbooks.facts import FACTS

_AS_IT_IS = [("1", "as_it_is", "")]
_FIRST_ASKED = (Role.deputy, Role.lead, Role.leader)


@dataclass(frozen=True)
class Said:
    """What there is to say, and the question it puts (``Turn.answer``)."""

    key: str
    facts: dict[str, Any]
    ask: str = ""
    options: Sequence[tuple[str, str, str]] = field(default=())


def finish(turn: Turn, prompt: Prompt, argument: str) -> None:
    """ "Xong bước n", "Trình duyệt bước n"; ``argument`` is "n:key"."""
    position, _, key = argument.partition(":")
    incident = get(turn.actor, prompt.incident_id or 0)
    try:
        _, step = doing.open_step(turn.actor, incident.code, key)
    except AlreadyDone as done:
        facts: dict[str, Any] = {"who": done.facts.get("who", ""), "at": done.facts.get("at", "")}
        raise Instead("step.same", incident_id=incident.id, code=incident.code, position=position, **facts) from done
    draft = proofs.of(turn.here.member_id, step)
    _say(turn, incident, _begin(turn.actor, incident, step, draft))


def _begin(actor: Actor, incident: Incident, step: Step, draft: Draft) -> Said:
    """The first press: what waits for approval is only said; what was sent back is not submitted again unchanged."""
    if step.submitted_at is not None:
        return Said("step.submitted", _named(incident, step) | {"who": _approvers(actor, incident, step)})
    pieces = [piece for piece in gates.asks(step) if piece in ("result", "document")]
    if pieces and not draft.fields and (step.result or step.document or step.file_count):
        proofs.close_questions(draft)
        return Said("step.again", _named(incident, step), f"{proofs.PREFIX}{draft.id}:{pieces[0]}", _AS_IT_IS)
    return go_on(actor, incident, step, draft, is_first=True)


def as_it_is(turn: Turn, prompt: Prompt, argument: str) -> None:
    """What was given before is given again."""
    draft, step = _meant(prompt)
    if draft is None or step is None:
        turn.answer("old", incident_id=prompt.incident_id)
        return
    incident = get(turn.actor, step.incident_id)
    _say(turn, incident, go_on(turn.actor, incident, step, draft))


def given(turn: Turn, prompt: Prompt) -> bool:
    """Words or a picture for a step that waits for them. False: it is a report of its own, nothing is lost."""
    draft, step = _meant(prompt)
    if draft is None or step is None:
        return False
    try:
        incident = get(turn.actor, step.incident_id)
        if step.state != StepState.open:
            raise _done(step)
        if not _take(turn, draft, prompt.kind.split(":")[2]):
            return False
        if not proofs.is_fetching(draft):
            _say(turn, incident, go_on(turn.actor, incident, step, draft))
        return True
    except (AlreadyDone, NotAllowed, NotFound, NotOpen) as refusal:  # before anything was written
        proofs.end(draft)
        _say(turn, step.incident, refused(turn.actor, step, refusal))
        return False


def _take(turn: Turn, draft: Draft, piece: str) -> bool:
    """Keep what came. False for a file that is no picture, and for words where a number is to be chosen."""
    heard = turn.heard
    if heard.origin or (heard.file is None and piece not in ("result", "document")):
        return False
    if heard.file is not None:
        if not heard.file.is_picture or (heard.file.size or 0) > MAX_FILE:
            return False
        proofs.add_picture(draft, heard.file.remote_id, heard.key, in_album=bool(heard.album))
    if heard.text.strip():
        proofs.add_words(draft, piece if piece == "document" else "result", heard.text)
    return True


def chosen(turn: Turn, prompt: Prompt, argument: str) -> None:
    """A verdict, or another fact the step settles; ``argument`` is "fact=value|label"."""
    draft, step = _meant(prompt)
    if draft is None or step is None:
        turn.answer("old", incident_id=prompt.incident_id)
        return
    incident = get(turn.actor, step.incident_id)
    if step.state != StepState.open:
        proofs.end(draft)
        _say(turn, incident, refused(turn.actor, step, _done(step)))
        return
    name, _, value = argument.split("|", 1)[0].partition("=")
    proofs.add_settled(draft, name, value)
    if not proofs.is_fetching(draft):
        _say(turn, incident, go_on(turn.actor, incident, step, draft))


def _meant(prompt: Prompt) -> tuple[Draft | None, Step | None]:
    """The pieces a question is about, and their step; the kind of the question names them ("proof:17:result")."""
    draft = proofs.by_id(int(prompt.kind.split(":")[1]))
    is_own = draft is not None and draft.member_id == prompt.member_id
    return (draft, proofs.step_of(draft)) if draft is not None and is_own else (None, None)


def go_on(actor: Actor, incident: Incident, step: Step, draft: Draft, *, is_first: bool = False) -> Said:
    """Tick or submit the step with everything so far, or ask for what is missing. Inside a transaction.

    Raises what the verbs raise; they refuse before they write, so a refusal undoes nothing but its own.
    """
    pieces = proofs.given(draft)
    proofs.close_questions(draft)
    words: dict[str, Any] = {"result": pieces.result, "document": pieces.document, "settled": pieces.settled}
    try:
        doing.tick(actor, incident.code, step.key, **words, pictures=pieces.pictures)
    except gates.GateNotMet as missing:
        if [lack.field for lack in missing.lacks] != ["approval"]:
            return _missing(actor, incident, step, draft, missing, is_first)
        if not (pieces.has_anything or step.result or step.file_count or step.document):
            asked = f"{proofs.PREFIX}{draft.id}:result"  # who approves must have something to read
            return Said("step.submit_what", _named(incident, step), asked)
        approvals.submit(actor, incident.code, step.key, **words, pictures=pieces.pictures)
        proofs.end(draft)
        who = _approvers(actor, incident, step)
        return Said("step.submitted", _named(incident, step) | {"who": who})
    proofs.end(draft)
    now = utc_now()
    done = {"at": shape.clock_time(now), "next": next_words(actor, incident)}
    return Said("step.done", _named(incident, step) | done)


def _missing(
    actor: Actor, incident: Incident, step: Step, draft: Draft, missing: gates.GateNotMet, is_first: bool
) -> Said:
    lack, named = missing.lacks[0], _named(incident, step)
    what = lack.vi if actor.lang == "vi" else lack.en
    if lack.field in ("waits", "agencies"):
        told = "; ".join(one.vi if actor.lang == "vi" else one.en for one in missing.lacks if one.field == lack.field)
        return Said("step.waits" if lack.field == "waits" else "step.agencies", named | {"what": told})
    if lack.field.startswith("settled:"):
        options = _choices(lack.field.partition(":")[2], actor.lang)
        return Said("step.choose", named | {"what": what}, f"{proofs.PREFIX}{draft.id}:settled", options)
    key = "step.proof" if is_first and not draft.fields else "step.proof_more"
    return Said(key, named | {"what": what}, f"{proofs.PREFIX}{draft.id}:{lack.field}")


def _choices(name: str, lang: str) -> list[tuple[str, str, str]]:
    labels = {value: words[0 if lang == "vi" else 1] for value, words in FACTS[name].choices.items()}
    return [(str(n), "settle", f"{name}={value}|{label}") for n, (value, label) in enumerate(labels.items(), start=1)]


def _approvers(actor: Actor, incident: Incident, step: Step) -> str:
    """ "Tổ phó Lò Văn Sơn": the nearest one or two who may approve and are told, else their roles."""
    index = 0 if actor.lang == "vi" else 1
    allowed = approving.roles(step.plan, incident.severity)
    people = [m for m in approvals.approvers(incident, step, actor.agency_id) if m.id != actor.id]
    named: list[tuple[int, str]] = []
    for member in people:
        held = fresh.actor_of(member).roles & allowed
        role = next((one for one in _FIRST_ASKED if one in held), None)
        label = ROLES[role][index] if role else ""
        named.append((_FIRST_ASKED.index(role) if role else len(_FIRST_ASKED), f"{label} {member.name}".strip()))
    nearest = min((rank for rank, _ in named), default=0)
    names = [name for rank, name in named if rank == nearest][:2]
    return (" hoặc " if index == 0 else " or ").join(names) or approving.words(step.plan, incident.severity)[index]


def _named(incident: Incident, step: Step) -> dict[str, Any]:
    return {"code": incident.code, "position": step.position}


def _done(step: Step) -> AlreadyDone:
    who = step.done_by.name if step.done_by else ""
    return AlreadyDone(who=who, at=shape.clock_time(step.done_at) if step.done_at else "")


def refused(actor: Actor, step: Step, refusal: Refusal) -> Said:
    """Why the step cannot take what was sent: who was first, or the verb's own sentence."""
    if isinstance(refusal, AlreadyDone):
        return Said("step.same", _named(step.incident, step) | refusal.facts)
    return Said("refused", {"text": refusal.text(actor.lang)})


def _say(turn: Turn, incident: Incident, said: Said) -> None:
    turn.answer(said.key, ask=said.ask, options=said.options, incident_id=incident.id, **said.facts)


def next_words(actor: Actor, incident: Incident) -> str:
    """`` Tiếp theo: bước 3, hạn 03:14.``, or nothing."""
    db.session.flush()
    step, now = fresh.next_step(incident, actor), utc_now()
    if step is None:
        return ""
    due = f", {'hạn' if actor.lang == 'vi' else 'due'} {shape.due_time(step.due_at, now)}" if step.due_at else ""
    return say("step.next", actor.lang, position=step.position, due=due)
