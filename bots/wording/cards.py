"""Cards: the one message of an incident, or of a quick report, in a chat – pure, from facts read a moment before."""

from dataclasses import dataclass
from datetime import datetime

from bots.wording.buttons import ASKED_KINDS
from bots.wording.sentences import Html, say
from bots.wording.shape import clock_time, day_and_time, due_time, escape, left, masked
from incidents.text import shorten
from incidents.vocabulary import (
    ENDED,
    KINDS,
    NEUTRAL_TITLES,
    PARTS,
    QUICK_REPORT_STATES,
    SEVERITIES,
    SEVERITY_SIGNS,
    STATUSES,
    label,
)
from playbooks.worktime import ZONE


@dataclass(frozen=True)
class ClockFacts:
    """The next thing that is due."""

    name: str
    name_en: str
    due_at: datetime


@dataclass(frozen=True)
class StepFacts:
    """The next step somebody may tick, or must have approved."""

    position: int
    key: str
    name: str
    name_en: str
    due_at: datetime | None
    needs_approval: bool = False


@dataclass(frozen=True)
class PartFacts:
    """What the member's own agency is asked to do, and who of it has accepted (``accepted`` empty: nobody yet)."""

    agency: str
    part: str
    purpose: str
    due_at: datetime | None
    accepted: str
    accepted_at: datetime | None


@dataclass(frozen=True)
class IncidentFacts:
    """What a card of an incident shows to one member at this moment. ``version`` tells whether it has changed since.

    ``may_accept``: nobody of the member's agency has accepted, or nobody holds the incident and he may.
    """

    id: int
    code: str
    version: int
    kind: str
    title: str
    severity: int
    is_confirmed: bool
    status: str
    received_at: datetime
    closed_at: datetime | None
    holder: str
    exercise: bool
    restricted: bool
    is_visible: bool
    clock: ClockFacts | None
    part: PartFacts | None
    may_accept: bool
    step: StepFacts | None
    done: int
    steps: int

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED


@dataclass(frozen=True)
class ReportFacts:
    """What the card of a quick report shows: who and what kind, never what was said (G9, G22)."""

    id: int
    number: str
    agency: str
    severity: int | None
    kind: str
    arrived_at: datetime
    state: str
    code: str
    incident_severity: int
    reason: str
    pictures: int
    exercise: bool
    is_waiting: bool


def severity_words(severity: int, lang: str) -> str:
    """``🛑 Cấp 4 · Khủng hoảng``."""
    level = "Cấp" if lang == "vi" else "Level"
    return f"{SEVERITY_SIGNS[severity]} {level} {severity} · {label(SEVERITIES, severity, lang)}"


def title(facts: IncidentFacts, lang: str) -> str:
    """The neutral title; in English its first words are translated, the place stays."""
    neutral = NEUTRAL_TITLES[facts.kind]
    text = facts.title
    if lang != "vi" and text.startswith(neutral[0]):
        text = neutral[1] + text[len(neutral[0]) :]
    return masked(text)


def incident_card(facts: IncidentFacts, lang: str, now: datetime, link: str) -> str:
    """The card of bot.md section 6. ``link`` is written out when it cannot be a button, else ``""``."""
    if not facts.is_visible:
        return say("card.bare", lang, code=facts.code)
    if facts.has_ended:
        at = (facts.closed_at or now).astimezone(ZONE).strftime("%d/%m %H:%M")
        return say("card.closed", lang, code=facts.code, status=label(STATUSES, facts.status, lang), at=at)
    if facts.restricted:
        lines = [say("card.private", lang, code=facts.code, severity=facts.severity)]
        return "\n".join([*lines, *_link(link, lang)])
    proposed = "" if facts.is_confirmed else " (đề xuất)" if lang == "vi" else " (proposed)"
    recorded = "Ghi nhận" if lang == "vi" else "Recorded"
    holder = "Người giữ" if lang == "vi" else "Held by"
    nobody = "chưa ai nhận" if lang == "vi" else "nobody yet"
    lines = [
        f"<b>{escape(severity_words(facts.severity, lang))}</b>{proposed}",
        f"<b>{facts.code}</b> · {escape(title(facts, lang))}",
        f"{recorded} {day_and_time(facts.received_at)}",
        *_clock(facts.clock, lang, now),
        f"{holder}: {escape(facts.holder or nobody)}",
        *_part(facts.part, lang, now),
    ]
    return "\n".join([*lines, *_link(link, lang)])


def _part(part: PartFacts | None, lang: str, now: datetime) -> list[str]:
    """``UBND xã Bảo Nhai: phối hợp – xác minh tại chỗ · hạn 04:14 (còn 2 giờ) · chưa nhận``."""
    if part is None:
        return []
    pieces = [f"{escape(part.agency)}: {task(part, lang)}"]
    if part.due_at is not None:
        pieces.append(f"{'hạn' if lang == 'vi' else 'due'} {due_time(part.due_at, now)} {left(part.due_at, now, lang)}")
    if part.accepted_at is None:
        pieces.append("chưa nhận" if lang == "vi" else "not accepted yet")
    else:
        verb = "nhận" if lang == "vi" else "accepted"
        pieces.append(f"{escape(part.accepted)} {verb} {clock_time(part.accepted_at)}")
    return [" · ".join(pieces)]


def task(part: PartFacts, lang: str) -> str:
    """``phối hợp – xác minh tại chỗ``, escaped."""
    words = label(PARTS, part.part, lang).lower()
    return escape(f"{words} – {shorten(masked(part.purpose), 160)}" if part.purpose else words)


def summary(facts: IncidentFacts, lang: str, now: datetime, link: str) -> str:
    """``/sk``: at most five lines and the link."""
    if facts.has_ended or not facts.is_visible:
        return incident_card(facts, lang, now, link)
    status, held, steps = ("Trạng thái", "Người giữ", "Bước") if lang == "vi" else ("Status", "Held by", "Steps")
    nobody = "chưa ai nhận" if lang == "vi" else "nobody yet"
    lines = [
        f"<b>{facts.code}</b> · {escape(severity_words(facts.severity, lang))} · {escape(title(facts, lang))}",
        f"{status}: {label(STATUSES, facts.status, lang)} · {held}: {escape(facts.holder or nobody)}",
        *_clock(facts.clock, lang, now),
        f"{steps}: {facts.done}/{facts.steps}",
    ]
    return "\n".join([*lines, *_link(link, lang)])


def _clock(clock: ClockFacts | None, lang: str, now: datetime) -> list[str]:
    if clock is None:
        return []
    name = clock.name if lang == "vi" else clock.name_en or clock.name
    return [f"⏱ {escape(name)}: {due_time(clock.due_at, now)} {left(clock.due_at, now, lang)}"]


def _link(link: str, lang: str) -> list[str]:
    return [say("see", lang, link=link)] if link else []


def report_card(facts: ReportFacts, lang: str) -> str:
    """What duty gets of a new quick report, or what became of it."""
    if not facts.is_waiting:
        return say("qr.closed", lang, number=facts.number, agency=facts.agency, state=report_state(facts, lang))
    if facts.severity is None:
        severity = "chưa rõ cấp" if lang == "vi" else "level not known"
    else:
        severity = f"đề xuất {SEVERITY_SIGNS[facts.severity]} Cấp {facts.severity}"
        if lang != "vi":
            severity = f"proposed {SEVERITY_SIGNS[facts.severity]} level {facts.severity}"
    unknown = ("chưa rõ loại", "kind not known")
    kind = (
        label({**KINDS, **ASKED_KINDS}, facts.kind, lang).lower() if facts.kind else unknown[0 if lang == "vi" else 1]
    )
    files = f" {facts.pictures} ảnh." if lang == "vi" else f" {facts.pictures} pictures."
    return say(
        "qr.new",
        lang,
        number=facts.number,
        agency=facts.agency,
        severity=Html(severity),
        kind=kind,
        at=clock_time(facts.arrived_at),
        files=files if facts.pictures else "",
    )


def report_state(facts: ReportFacts, lang: str) -> str:
    """``đã mở sự việc TG-2026-0045``."""
    words = label(QUICK_REPORT_STATES, facts.state, lang)
    words = words[:1].lower() + words[1:]
    return f"{words} {facts.code}".strip()
