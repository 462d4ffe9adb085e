"""Quick reports: stored before anything is asked, told to duty, sorted by a person (house 7, bot.md 4).

A quick report never depends on finishing a dialogue: what its sender does not answer, time answers.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from incidents.cases import audience, escalation, holding, timeline
from incidents.cases.checks import MAX_LINK, checked_link, checked_place, checked_text
from incidents.cases.codes import new_receipt
from incidents.cases.models import QuickReport, QuickReportPart
from incidents.cases.visibility import is_visible, lock
from incidents.cases.waiting import TOLD_AS, Waiting
from incidents.db import db, transaction, utc_now
from incidents.errors import BadInput, NotAllowed, NotFound, Refusal
from incidents.files import Picture, keep, write_pictures
from incidents.people.models import Member
from incidents.permissions import Actor, may, require, who_may
from incidents.telling import alerts
from incidents.telling.models import Alert
from incidents.text import first_link
from incidents.vocabulary import KINDS, QUICK_REPORT_WAITING, AlertKind, EntryKind, QuickReportState

ASK_FOR = timedelta(minutes=3)  # then duty is told without the answers
UNDO_WITHIN = timedelta(minutes=2)


class TooLate(Refusal):
    vi = "Đã quá 2 phút. Trả lời tin này kèm lý do, trực ban sẽ xử lý."
    en = "Two minutes are over. Reply with the reason, the officer on duty will handle it."


def send(
    actor: Actor,
    text: str,
    source_key: str,
    *,
    link: str = "",
    origin: str = "",
    sent_at: datetime | None = None,
    severity: int | None = None,
    kind: str = "",
    place: str = "",
    ask: bool = True,
    pictures: Sequence[tuple[str, bytes]] = (),
) -> tuple[QuickReport, bool]:
    """Store what a member sent. Returns the report and whether it is new: the same ``source_key`` is the same report.

    ``ask``: its sender is being asked for level and kind; after three minutes duty is told all the same. Text may be
    empty when a file follows; ``pictures``: those that came with it, (name, content) each.
    Raises ``StateSecret`` (nothing is stored), ``BadInput``, ``BadFile``, ``NotAllowed``.
    """
    _check_sender(actor)
    words = _checked(text, link, place, kind) | {"origin": origin, "severity": severity}
    kept = write_pictures(pictures)
    try:
        with transaction():
            before = sent_before(source_key)
            if before is not None:
                _fill_in(before, words["text"], words["link"])
                return before, False
            report = _new(actor, source_key, words, sent_at)
            _keep_pictures(report, kept)
            if not ask:
                tell_duty(actor, report)
            return report, True
    except IntegrityError:
        before = sent_before(source_key)
        if before is None:
            raise
        return before, False


def _checked(text: str, link: str, place: str, kind: str) -> dict[str, Any]:
    text = checked_text("what", text) if text.strip() else ""
    if kind and kind not in KINDS:
        raise BadInput("kind", f"Không có loại sự việc “{kind}”.", f"There is no kind “{kind}”.")
    return {"text": text, "link": checked_link(link) or _first_link(text), "place": checked_place(place), "kind": kind}


def _check_sender(actor: Actor) -> None:
    require(actor, "quick_report")
    if actor.id is None:
        who, who_en = who_may("quick_report")
        raise NotAllowed(who=who, who_en=who_en)


def _new(actor: Actor, source_key: str, words: Mapping[str, Any], sent_at: datetime | None) -> QuickReport:
    now = utc_now()
    report = QuickReport(
        **words,
        number=new_receipt(),
        member_id=actor.id,
        agency_id=actor.agency_id,
        source=actor.source,
        source_key=source_key,
        sent_at=min(sent_at or now, now),
        arrived_at=now,
        state=QuickReportState.asked,
        ask_until=now + ASK_FOR,
        exercise=bool(current_app.config.get("REHEARSAL")),
    )
    db.session.add(report)
    db.session.flush()
    return report


def _fill_in(report: QuickReport, text: str, link: str) -> None:
    """An album's caption on a later picture, or a message that came after its own edit."""
    if text and not report.text and report.incident_id is None:
        report.text, report.link = text, report.link or link


def _first_link(text: str) -> str:
    """A link found in the text is a help, never a reason to refuse what somebody sends."""
    found = first_link(text)
    return found if len(found) <= MAX_LINK else ""


def _keep_pictures(report: QuickReport, pictures: Sequence[Picture]) -> None:
    for position, picture in enumerate(pictures, start=1):
        part = QuickReportPart(
            report=report,
            source_key=f"{report.source_key}:{position}",
            kind="photo",
            file=keep(picture),
            fetch_state="stored",
            arrived_at=report.arrived_at,
        )
        db.session.add(part)


def sent_before(source_key: str) -> QuickReport | None:
    return db.session.scalar(select(QuickReport).where(QuickReport.source_key == source_key))


def by_number(actor: Actor, number: str) -> QuickReport:
    """A report the actor may see: his own, his agency's, or any when he may sort them."""
    report = db.session.scalar(select(QuickReport).where(QuickReport.number == number.strip().upper()))
    if report is None or not may_see(actor, report):
        raise NotFound(what=number)
    return report


def get(actor: Actor, report_id: int) -> QuickReport:
    report = db.session.get(QuickReport, report_id)
    if report is None or not may_see(actor, report):
        raise NotFound(what=f"BN #{report_id}")
    return report


def may_see(actor: Actor, report: QuickReport) -> bool:
    """Of a report that is part of an incident the right follows the incident (S10); its sender keeps seeing it."""
    if not may(actor, "quick_report") and "auditor" not in actor.roles:
        return False  # an administrator or a press account of the same agency
    if report.incident_id is not None and report.member_id != actor.id and not is_visible(actor, report.incident_id):
        return False
    own = report.member_id == actor.id or (report.agency_id is not None and report.agency_id == actor.agency_id)
    return own or may(actor, "sort_quick_report") or not actor.roles.isdisjoint({"lead", "leader", "auditor"})


def add_part(
    actor: Actor,
    report_id: int,
    source_key: str,
    *,
    kind: str,
    text: str = "",
    remote_id: str = "",
    remote_size: int | None = None,
    refused: str = "",
) -> tuple[QuickReportPart, bool]:
    """More text, a later version of it, or a photo. Part of an opened report goes to the incident's timeline too."""
    text = checked_text("what", text) if text.strip() else ""
    with transaction():
        report = get(actor, report_id)
        before = db.session.scalar(select(QuickReportPart).where(QuickReportPart.source_key == source_key))
        if before is not None:
            return before, False
        waiting = bool(remote_id) and not refused
        part = QuickReportPart(
            report=report,
            source_key=source_key,
            kind=kind,
            text=text,
            remote_id=remote_id,
            remote_size=remote_size,
            fetch_state="waiting" if waiting else "refused" if refused else "",
            fetch_at=utc_now() if waiting else None,
            reason=refused,
            arrived_at=utc_now(),
        )
        db.session.add(part)
        if report.incident is not None and text:
            lock(report.incident)
            facts = {"report": report.number, "edited": kind == "edit"}
            entry = timeline.write(actor, report.incident, EntryKind.quick_report, text, facts=facts)
            holding.heard(report.incident, actor.agency_id, entry.recorded_at)
            alerts.edit_cards(incident_id=report.incident.id, cause=f"part:{source_key}")
        db.session.flush()
        return part, True


def propose(actor: Actor, report_id: int, *, severity: int | None = None, kind: str | None = None) -> QuickReport:
    """The sender's answers. Level and kind are proposals; with both, duty is told at once."""
    if kind and kind not in KINDS:
        raise BadInput("kind", f"Không có loại sự việc “{kind}”.", f"There is no kind “{kind}”.")
    with transaction():
        report = get(actor, report_id)
        db.session.refresh(report, with_for_update=True)
        if report.state not in QUICK_REPORT_WAITING:
            return report
        before = report.severity or TOLD_AS
        report.severity = severity if severity is not None else report.severity
        report.kind = kind if kind is not None else report.kind
        if report.state == QuickReportState.told:
            if (report.severity or TOLD_AS) > before:
                _tell_higher(actor, report)
            alerts.edit_cards(quick_report_id=report.id, cause=f"proposed:{report.number}")
        elif kind is not None:
            tell_duty(actor, report)
        return report


def _tell_higher(actor: Actor, report: QuickReport) -> None:
    """The sender's level came after duty was told: those whom the higher level concerns are told now, once."""
    told = set(db.session.scalars(select(Alert.member_id).where(Alert.cause == _cause(report))))
    people = audience.told(actor, report.severity or TOLD_AS)
    _tell(actor, report, [member for member in people if member.id not in told])
    escalation.restart(actor, Waiting(report=report))


def tell_duty(actor: Actor, report: QuickReport) -> None:
    """The first level gets the report with its buttons; it climbs until somebody sorts it. Inside a transaction."""
    if report.state != QuickReportState.asked:
        return
    report.state, report.told_at, report.ask_until = QuickReportState.told, utc_now(), None
    db.session.flush()
    escalation.begin(actor, Waiting(report=report), partial(_tell, actor, report))


def _tell(actor: Actor, report: QuickReport, people: Sequence[Member]) -> None:
    alerts.tell(
        AlertKind.quick_report_new,
        people,
        _cause(report),
        quick_report=report,
        lane=alerts.LANE_URGENT if report.severity == 4 else alerts.LANE_OTHER,
        besides=actor,
    )


def _cause(report: QuickReport) -> str:
    return f"quick_report:{report.number}"


def withdraw(actor: Actor, report_id: int) -> QuickReport:
    """The sender takes it back within two minutes: alerts not yet sent are dropped, the content stays stored."""
    with transaction():
        report = get(actor, report_id)
        db.session.refresh(report, with_for_update=True)
        if report.member_id != actor.id or report.state not in QUICK_REPORT_WAITING:
            raise TooLate
        if utc_now() - report.arrived_at > UNDO_WITHIN:
            raise TooLate
        report.state, report.ask_until = QuickReportState.withdrawn, None
        escalation.stop(Waiting(report=report))
        alerts.withdraw(quick_report_id=report.id)
        alerts.edit_cards(quick_report_id=report.id, cause=f"withdrawn:{report.number}")
        return report
