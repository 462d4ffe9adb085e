"""What a clock's mark says: soon, overdue, by law – and the update that nobody has given (bot.md 7)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bots.drafts import Draft, Moot, Option, Work, ask, finishing, under
from bots.wording import say, shape
from bots.wording.cards import IncidentFacts
from incidents.cases import rhythm
from incidents.cases.models import Clock
from incidents.db import db
from incidents.permissions import may
from incidents.vocabulary import AlertKind, ClockState, StepState

_LAST_WARNING = timedelta(minutes=30)
_TOLD_FROM = 0.75  # of the clock's time: the 80 % mark is told, the 50 % mark is an edit of the card


def step(work: Work) -> Draft:
    """A clock's mark. The cause is ``clock:<id>:…``; moot when the clock does not run towards that time any more."""
    told: Mapping[str, Any] = work.alert.facts
    clock = db.session.get(Clock, int(work.alert.cause.split(":")[1]))
    if clock is not None and clock.anchor == rhythm.UPDATED:
        return _update(work, clock)
    if clock is None or clock.state != ClockState.running or clock.due_at is None:
        raise Moot("thời hạn đã xong")
    if clock.due_at.isoformat() != told.get("due_at") or (clock.step and clock.step.state != StepState.open):
        raise Moot("thời hạn đã đổi")
    facts = work.facts()
    if not facts.is_visible:
        raise Moot("không còn quyền xem")
    overdue = work.alert.kind == AlertKind.step_overdue
    if not overdue and _is_card_only(clock, str(told.get("at", ""))):
        raise Moot("mốc này chỉ cập nhật thẻ")
    name = clock.name if work.lang == "vi" else clock.name_en or clock.name
    if clock.step is not None:
        name = f"{'bước' if work.lang == 'vi' else 'step'} {clock.step.position}: {name}"
    due = shape.due_time(clock.due_at, work.now)
    law = say("step.law", work.lang) if clock.hard else ""
    text = say(
        "step.late" if overdue else "step.soon", work.lang, code=facts.code, step=name, due=due, law=law,
        left=shape.left(clock.due_at, work.now, work.lang),
    )  # fmt: skip
    if told.get("told_late"):
        true_time = datetime.fromisoformat(told["at"]) if told.get("at") else clock.due_at
        text += "\n" + say("step.told_late", work.lang, true_time=shape.due_time(true_time, work.now))
    return Draft(text, ask(work, "step", _step_options(work, clock, facts)), reply_to=under(work))


def _is_card_only(clock: Clock, mark: str) -> bool:
    """The half-way mark of our own clocks edits the card and makes no sound (bot.md 6); a legal one is always told."""
    if clock.hard or not mark or clock.anchor_at is None or clock.due_at is None:
        return False
    at = datetime.fromisoformat(mark)
    whole, gone = clock.due_at - clock.anchor_at, at - clock.anchor_at
    return clock.due_at - at > _LAST_WARNING and gone < whole * _TOLD_FROM


def _step_options(work: Work, clock: Clock, facts: IncidentFacts) -> list[Option]:
    options: list[Option] = []
    if clock.step is None and facts.may_accept:
        options.append(("1", "accept", ""))
    if clock.step is not None and facts.step is not None and facts.step.key == clock.step.key:
        options.append(("1", *finishing(facts.step)))
    options.append(("2", "view", ""))
    step = clock.step
    hard = step is not None and any(one.hard and one.owner == "own" for one in step.clocks)
    if step is not None and may(work.reader, "skip_step", severity=facts.severity, hard=hard):
        options.append(("3", "skip", f"{step.position}:{step.key}"))
    return options


def _update(work: Work, clock: Clock) -> Draft:
    """Nobody has said how things stand. The clock is missed by then; moot once somebody has spoken since."""
    facts, told = work.facts(), work.alert.facts
    later = select(Clock.id).where(
        Clock.incident_id == clock.incident_id,
        Clock.anchor == rhythm.UPDATED,
        Clock.id > clock.id,
        Clock.state.in_((ClockState.met, ClockState.met_late)),
    )
    if clock.state != ClockState.missed or clock.due_at is None or db.session.scalar(later.limit(1)) is not None:
        raise Moot("đã có cập nhật")
    if not facts.is_visible or facts.has_ended:
        raise Moot("đã kết thúc hoặc không còn quyền xem")
    text = say("update.due", work.lang, code=facts.code, due=shape.due_time(clock.due_at, work.now))
    if told.get("told_late"):
        text += "\n" + say("step.told_late", work.lang, true_time=shape.due_time(clock.due_at, work.now))
    options: list[Option] = [("1", "accept", "")] if facts.may_accept else []
    return Draft(text, ask(work, "step", [*options, ("2", "view", ""), ("3", "note", "")]), reply_to=under(work))
