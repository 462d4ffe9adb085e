"""Alerts that come by themselves, beside cards and steps: escalation, "vẫn giữ?", moved due times, single sentences."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bots.drafts import Draft, Moot, Work, ask, incident_draft, report_draft, under
from bots.wording import Html, say, shape
from incidents.cases import ladder
from incidents.cases.models import Assignment, Clock, Entry
from incidents.db import db
from incidents.text import shorten
from incidents.vocabulary import ANCHORS, QUICK_REPORT_WAITING, ClockState, EntryKind, label

_MOST_NAMES = 4
_PARTS = {"head": ("Tổ trưởng", "head"), "deputy": ("Tổ phó", "deputy"), "member": ("Thành viên", "member")}
_NOT_SAID = {"vi": "không ghi", "en": "not said"}


# Escalation


def escalation(work: Work) -> Draft:
    """The next rung: the sentence, and under it (or as the answer to) the card of this chat. Moot once answered."""
    text = "\n".join(_escalated(work))
    card = work.card_here()
    if work.alert.quick_report is not None:
        drawn = report_draft(work)
        if work.alert.quick_report.state not in QUICK_REPORT_WAITING:
            raise Moot("tin báo đã được phân loại")
    else:
        _check_unanswered(work)
        drawn = incident_draft(work)
    if card is not None:
        return Draft(text, drawn.prompt, url=drawn.url, reply_to=card.message_id)
    return Draft(f"{text}\n{drawn.text}", drawn.prompt, url=drawn.url, is_card=True, seen=drawn.seen)


def _check_unanswered(work: Work) -> None:
    incident, agency = work.incident, work.alert.facts.get("agency")
    if incident.has_ended:
        raise Moot("sự việc đã kết thúc")
    if not agency and incident.holder_id is not None:
        raise Moot("đã có người giữ")
    if agency and not any(row.agency.label == agency for row in _unaccepted(incident.id)):
        raise Moot("cơ quan đã nhận việc")


def _unaccepted(incident_id: int) -> Sequence[Assignment]:
    wanted = select(Assignment).where(Assignment.incident_id == incident_id, Assignment.ended_at.is_(None))
    return db.session.scalars(wanted.where(Assignment.accepted_at.is_(None))).all()


def _escalated(work: Work) -> list[str]:
    told: Mapping[str, Any] = work.alert.facts
    of = "_report" if work.alert.quick_report is not None else "_agency" if told.get("agency") else ""
    facts = {
        "code": work.alert.incident.code if work.alert.incident else "",
        "number": work.alert.quick_report.number if work.alert.quick_report else "",
        "agency": told.get("agency", ""),
        "minutes": told.get("minutes", 0),
        "round": told.get("round", 0),
        "names": _names(told.get("names", ()), work.lang),
    }
    again = told.get("again")
    if told.get("unroutable"):
        first = [f"esc.none{of}"]
    elif again in ("given_back", "reopened"):
        first = ["esc.reopened" if again == "reopened" else f"esc.given_back{of}"]
    elif again == "round":
        first = [f"esc.round{of}"]
    else:  # at the very beginning nobody has been silent yet: only the empty level is news
        first = [f"esc.up{of}"] if facts["minutes"] or not told.get("skipped") else []
    lines = [say(key, work.lang, **facts) for key in first]
    if not told.get("unroutable"):
        for level in told.get("skipped", ()):
            words = label(ladder.TARGETS, level, work.lang)
            lines.append(say("esc.empty", work.lang, level=words, names=facts["names"]))
    return [*lines, say("esc.late", work.lang)] if told.get("told_late") else lines


def _names(names: Sequence[str], lang: str) -> str:
    more = len(names) - _MOST_NAMES
    shown = ", ".join(names[:_MOST_NAMES])
    if more > 0:
        shown += f" và {more} người nữa" if lang == "vi" else f" and {more} more"
    return shown


def ladder_test(work: Work) -> Draft:
    """A trial through a ladder: marked, without an incident, with one button that says it arrived."""
    told = work.alert.facts
    target = label(ladder.TARGETS, str(told["target"]), work.lang)
    text = say("ladder.test", work.lang, severity=told["severity"], level=told["level"], target=target)
    return Draft(text, ask(work, f"ladder_test:{work.alert.id}", [("1", "received", str(work.alert.id))]))


# Still on it?


def still(work: Work) -> Draft:
    """Moot as soon as it was answered, given back, or somebody else holds it."""
    told, incident = work.alert.facts, work.incident
    if incident.has_ended or not _is_asked(work):
        raise Moot("không còn giữ hoặc đã trả lời")
    if work.now >= datetime.fromisoformat(str(told["answer_by"])):
        raise Moot("đã hết giờ trả lời")
    text = say("card.still", work.lang, code=incident.code, minutes=told["minutes"])
    options = [("1", "still", ""), ("2", "give_back", ""), ("3", "note", "")]
    return Draft(text, ask(work, "still", options), reply_to=under(work))


def _is_asked(work: Work) -> bool:
    incident, assignment_id = work.incident, work.alert.facts.get("assignment_id")
    if assignment_id is None:
        return incident.holder_id == work.reader.id and incident.still_asked_at is not None
    row = db.session.get(Assignment, assignment_id)
    return row is not None and row.accepted_by_id == work.reader.id and row.asked_at is not None


# Due times


def clock_moved(work: Work) -> Draft:
    """Old and new due times, and why. Only what still runs towards the new time is told."""
    incident = work.incident
    if incident.has_ended or not work.facts().is_visible:
        raise Moot("đã kết thúc hoặc không còn quyền xem")
    clocks = db.session.scalars(select(Clock).where(Clock.incident_id == incident.id)).all()
    lines = []
    for name, old, new in work.alert.facts.get("moved", ()):
        clock = next((one for one in clocks if one.name == name and _stands(one, new)), None)
        if clock is not None:
            shown = name if work.lang == "vi" else clock.name_en or name
            lines.append(say("clock.moved_line", work.lang, name=shown, old=_due(old, work), new=_due(new, work)))
    if not lines:
        raise Moot("thời hạn đã đổi tiếp")
    text = say("clock.moved", work.lang, code=incident.code, why=_why(work), lines=Html("\n".join(lines)))
    return Draft(text, reply_to=under(work))


def _stands(clock: Clock, due_at: str | None) -> bool:
    if due_at is None:
        return clock.state == ClockState.waiting
    running = clock.state == ClockState.running and clock.due_at is not None
    return running and clock.due_at == datetime.fromisoformat(due_at)


def _due(at: str | None, work: Work) -> str:
    return shape.due_time(datetime.fromisoformat(at), work.now) if at else say("clock.no_time", work.lang)


def _why(work: Work) -> str:
    """From the entry that moved them; the alert's cause names it ("entry:<code>:<number>")."""
    number = work.alert.cause.rsplit(":", 1)[-1]
    wanted = select(Entry).where(Entry.incident_id == work.incident.id)
    entry = db.session.scalar(wanted.where(Entry.number == int(number))) if number.isdecimal() else None
    if entry is None:
        return say("clock.facts_changed", work.lang, who="")
    who, reason = entry.actor_name, shape.masked(shorten(entry.text, 160)) if not work.incident.restricted else ""
    if entry.kind == EntryKind.anchor:
        anchor = label(ANCHORS, str(entry.facts.get("anchor", "")), work.lang)
        words = say("clock.anchor_corrected", work.lang, who=who, anchor=anchor)
    else:
        is_calendar = entry.kind == EntryKind.clocks_moved
        words = say("clock.counted_anew" if is_calendar else "clock.facts_changed", work.lang, who=who)
    words = shape.plain(words)
    return f"{words}: {reason}" if reason else words


# One sentence

# Whoever saw it until then hears that he sees it no more; of a restricted one never.
_PARTING = ("activation_left", "stood_down")


def notice(work: Work) -> Draft:
    """``facts["key"]`` names the sentence, the other facts fill it. An unknown key is a fault, never silence."""
    told: Mapping[str, Any] = work.alert.facts
    key, lang = str(told["key"]), work.lang
    incident = work.alert.incident
    is_parting = incident is not None and not incident.restricted and key in _PARTING
    if incident is not None and not work.facts().is_visible and not is_parting:
        raise Moot("không còn quyền xem")
    facts: dict[str, Any] = {"code": incident.code if incident else "", **told}
    facts.pop("key")
    if lang == "en":
        facts |= {name.removesuffix("_en"): told[name] for name in told if name.endswith("_en") and told[name]}
    if "reason" in facts:
        facts["reason"] = shape.masked(shorten(str(facts["reason"]), 300)).rstrip(".") or _NOT_SAID[lang]
    key, facts = _SPECIAL.get(key, _as_it_is)(key, facts, lang)
    return Draft(say(key, lang, **facts), reply_to=under(work))


_Facts = dict[str, Any]


def _as_it_is(key: str, facts: _Facts, lang: str) -> tuple[str, _Facts]:
    return key, facts


def _activated(key: str, facts: _Facts, lang: str) -> tuple[str, _Facts]:
    part = str(facts["part"])
    head_may = say("activated.head_may", lang) if part == "head" else ""
    return key, facts | {"part": label(_PARTS, part, lang), "head_may": head_may}


def _shift(key: str, facts: _Facts, lang: str) -> tuple[str, _Facts]:
    return ("shift.begun" if facts.get("late") else key), facts


_SPECIAL: Mapping[str, Callable[[str, _Facts, str], tuple[str, _Facts]]] = {
    "activated": _activated,
    "shift.soon": _shift,
}
