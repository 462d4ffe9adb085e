"""The handling axis (domain 4.4): allowed moves stand in the vocabulary, their guards here."""

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from incidents.cases import (
    activation,
    assignments,
    checklist,
    clocks,
    escalation,
    holding,
    lessons,
    rhythm,
    timeline,
    triage,
)
from incidents.cases.checks import checked_words
from incidents.cases.codes import like_code
from incidents.cases.models import Assignment, Entry, Incident, QuickReport, Step
from incidents.cases.visibility import find, in_turn, lock, visible
from incidents.db import db, transaction, utc_now
from incidents.errors import BadInput, GuardNotMet, IllegalMove, StaleVersion
from incidents.permissions import Actor, require
from incidents.planning import shelf
from incidents.telling import alerts
from incidents.vocabulary import (
    ENDED,
    MOVES,
    NOT_ACCEPTED_REASONS,
    STATUSES,
    ClockState,
    EntryKind,
    Kind,
    Part,
    Status,
    StepState,
)

_ACTION = {
    Status.transferred: "transfer",
    Status.closed: "close",
    Status.not_accepted: "decline",
    Status.merged: "merge",
}
MONITOR_FOR = {1: timedelta(hours=24)}  # other levels 48 hours (domain 4.9.10)

Missing = list[tuple[str, str]]


def move(
    actor: Actor,
    code: str,
    to: str,
    *,
    reason: str = "",
    into: str = "",
    receiver: str = "",
    document: str = "",
    version: int | None = None,
) -> Incident:
    """Move an incident to another status.

    ``into``: the code it is merged into. ``receiver`` and ``document``: of a transfer. ``version``: what the actor saw;
    an older one raises ``StaleVersion``. Raises ``IllegalMove``, or ``GuardNotMet`` naming what is missing.
    """
    reason, receiver = checked_words("reason", reason), checked_words("receiver", receiver, 300)
    document = checked_words("document", document, 300)
    with transaction():
        if into:
            _lock_both(actor, code, into)
        incident = find(actor, code)
        if version is not None and version != incident.version:
            raise StaleVersion
        old, new = Status(incident.status), _allowed(incident, to)
        require(actor, "reopen" if old in ENDED else _ACTION.get(new, "move"), severity=incident.severity)
        _check_guards(_missing(incident, new, reason, receiver, document))
        facts = {"from": old, "to": new, "receiver": receiver, "document": document}
        if new == Status.merged:
            target = _merge(actor, incident, find(actor, into) if into else None)
            facts["into"] = target.code if incident.restricted or not target.restricted else ""  # G21
        _set_status(actor, incident, old, new)
        entry = timeline.write(actor, incident, EntryKind.moved, reason, facts=facts)
        db.session.flush()
        if incident.is_open:
            checklist.reconsider(actor, incident)
        else:
            clocks.point_at_next(incident)  # what has ended owes nothing
        alerts.edit_cards(incident_id=incident.id, cause=f"entry:{incident.code}:{entry.number}")
        return incident


def _check_guards(missing: Missing) -> None:
    if missing:
        raise GuardNotMet(missing="; ".join(m[0] for m in missing), missing_en="; ".join(m[1] for m in missing))


def _lock_both(actor: Actor, code: str, into: str) -> None:
    """Both rows in the order of their ids: two who merge each into the other take turns instead of waiting in a ring."""
    patterns = (*like_code(code), *like_code(into))
    if patterns:
        wanted = select(Incident).where(or_(*(Incident.code.like(p) for p in patterns)), visible(actor))
        db.session.scalars(in_turn(wanted.order_by(Incident.id))).all()


def possible(incident: Incident) -> tuple[Status, ...]:
    """Where the incident may go from here."""
    return MOVES[Status(incident.status)]


def _allowed(incident: Incident, to: str) -> Status:
    if to not in Status.__members__:
        raise BadInput("to", f"Không có trạng thái “{to}”.", f"There is no status “{to}”.")
    new = Status(to)
    if new not in possible(incident):
        old = STATUSES[incident.status]
        raise IllegalMove(old=old[0], new=STATUSES[new][0], old_en=old[1], new_en=STATUSES[new][1])
    return new


def _missing(incident: Incident, new: Status, reason: str, receiver: str, document: str) -> Missing:
    """What the guards g1–g6 and the closing conditions still ask for."""
    if incident.status in ENDED and not reason:
        return [("lý do mở lại", "why it is reopened")]
    match new:
        case Status.verifying:
            return _triaged(incident)
        case Status.responding:
            from_start = _triaged(incident) if incident.status == Status.triage else []
            return from_start + _answered_before_verdict(incident, reason)
        case Status.monitoring:
            return _first_statement(incident)
        case Status.transferred:
            return [
                m
                for m in (("cơ quan nhận", "receiving agency"), ("số, ngày văn bản", "document number and date"))
                if not (receiver if m[1].startswith("rec") else document)
            ]
        case Status.not_accepted:
            known = reason in NOT_ACCEPTED_REASONS
            return [] if known else [("lý do không thuộc phạm vi, chọn trong danh sách", "a reason from the list")]
        case Status.closed:
            return _closing(incident)
    return []


def _triaged(incident: Incident) -> Missing:
    """g1 (domain 4.4): kind and severity are always there."""
    checks = [
        (bool(incident.category), ("lĩnh vực", "category")),
        (bool(incident.place), ("nơi xảy ra", "place")),
        (_has_lead(incident), ("cơ quan chủ trì", "leading agency")),
    ]
    if incident.kind == Kind.suspected_false:
        checks += [
            (bool(incident.harm_class), ("độ nguy hại (a, b)", "harm class")),
            (bool(incident.access_class), ("nhóm tiếp cận (a, b, c)", "access class")),
            (bool(incident.flags.get("exclusion_checked")), ("kiểm tra loại trừ (NĐ 328 Đ.5.5)", "exclusion check")),
        ]
    return [words for present, words in checks if not present]


def _has_lead(incident: Incident) -> bool:
    return any(row.part == Part.lead_agency for row in assignments.open_parts(incident))


def _answered_before_verdict(incident: Incident, reason: str) -> Missing:
    """g2: a verdict, or why the answer starts before it."""
    if incident.kind != Kind.suspected_false or clocks.anchors_of(incident).get("concluded_at") or reason:
        return []
    return [("kết luận, hoặc lý do ứng phó trước khi kết luận", "a verdict, or why the answer starts before it")]


def _first_statement(incident: Incident) -> Missing:
    """g3: the first statement is out, or its step was skipped with a reason."""
    step = db.session.scalar(select(Step).where(Step.incident_id == incident.id, Step.key == "first_statement"))
    if step is None or step.applies is False or step.state != StepState.open:
        return []
    return [("phát ngôn đầu tiên (hoặc lý do không áp dụng)", "the first statement (or why it does not apply)")]


def _closing(incident: Incident) -> Missing:
    """Domain 4.9, as far as its facts are kept: steps, 24 or 48 quiet hours, stand-down of a Cấp 4."""
    missing: Missing = []
    open_steps = [s for s in checklist.steps_of(incident) if s.state == StepState.open and s.applies is True]
    mandatory = [s for s in open_steps if s.plan.get("mandatory", True)]
    if mandatory:
        names = ", ".join(step.name for step in mandatory[:3])
        missing.append((f"{len(mandatory)} bước chưa xong ({names})", f"{len(mandatory)} steps still open"))
    if incident.severity >= 3 and not lessons.of(incident):
        missing.append(("ít nhất một bài học", "at least one lesson"))  # 4.9.7, G14
    quiet_from = _quiet_from(incident)
    needed = MONITOR_FOR.get(incident.severity, timedelta(hours=48))
    if quiet_from is None or utc_now() - quiet_from < needed:
        hours = int(needed.total_seconds() // 3600)
        missing.append((f"{hours} giờ theo dõi không có diễn biến mới", f"{hours} quiet hours of monitoring"))
    if activation.in_force(incident) is not None:
        missing.append(("kết thúc kích hoạt Tổ công tác", "stand-down of the task force"))
    return missing


def _quiet_from(incident: Incident) -> datetime | None:
    """Since when nothing new has come in: monitoring began, or the last words of people after it."""
    began = clocks.anchors_of(incident).get("measures_done_at")
    last = db.session.scalar(
        select(func.max(Entry.recorded_at)).where(
            Entry.incident_id == incident.id, Entry.kind.in_((EntryKind.note, EntryKind.quick_report))
        )
    )
    return max(began, last) if began and last else began


def _set_status(actor: Actor, incident: Incident, old: Status, new: Status) -> None:
    now = utc_now()
    incident.status, incident.is_open = new, new not in ENDED
    if new == Status.monitoring:
        clocks.record_anchor(actor, incident, "measures_done_at", now)
    if new in ENDED:
        incident.closed_at = now
        state = ClockState.transferred if new == Status.transferred else ClockState.cancelled
        clocks.end_all(incident, state)
        escalation.stop_all(incident)
    elif old in ENDED:
        incident.closed_at, incident.round = None, incident.round + 1
        clocks.record_anchor(actor, incident, "reopened_at", now)
        rhythm.begin(incident, now)
        checklist.restart_rhythms(incident, now)
        holding.reopened(actor, incident)


def _take_over_duties(actor: Actor, incident: Incident, target: Incident) -> None:
    """What the law asks of either is owed by the target: the earlier times, the playbooks, the higher level."""
    if incident.received_at < target.received_at:
        facts = {
            "anchor": "received_at",
            "old": target.received_at.isoformat(),
            "new": incident.received_at.isoformat(),
        }
        timeline.write(actor, target, EntryKind.anchor, incident.code, happened_at=incident.received_at, facts=facts)
        target.received_at = incident.received_at
    earlier = [at for at in (target.occurred_at, incident.occurred_at) if at is not None]
    target.occurred_at = min(earlier, default=None)
    known = clocks.anchors_of(target)
    for key, at in clocks.anchors_of(incident).items():
        if at is not None and not known.get(key) and key != "reopened_at":
            clocks.record_anchor(actor, target, key, at, incident.code)
    db.session.flush()
    for row in incident.playbooks:
        if not checklist.is_running(target, row["key"]):
            playbook = shelf.get(row["key"], row["version"])
            present, anchors = checklist.steps_of(target), clocks.anchors_of(target)
            checklist.begin(actor, target, playbook, present=present, anchors=anchors)
            db.session.flush()
    if incident.severity > target.severity:
        triage.raise_to(actor, target, incident.severity, incident.code)


def _merge(actor: Actor, incident: Incident, target: Incident | None) -> Incident:
    """g5, domain 4.8: quick reports and agencies go over, the target takes the earlier times; the old code stays."""
    if target is None or target.id == incident.id:
        raise BadInput("into", "Cần mã sự việc nhận gộp, khác sự việc này.", "Give another incident's code.")
    if target.has_ended:
        raise GuardNotMet(missing=f"{target.code} đã kết thúc", missing_en=f"{target.code} has ended")
    if incident.restricted and not target.restricted:
        missing = "sự việc hạn chế người xem chỉ gộp vào sự việc cũng hạn chế"
        raise GuardNotMet(missing=missing, missing_en="a restricted incident joins a restricted one only")
    lock(target)
    incident.merged_into = target
    for report in db.session.scalars(select(QuickReport).where(QuickReport.incident_id == incident.id)):
        report.incident = target
    present = {row.agency_id for row in assignments.open_parts(target)}
    for row in db.session.scalars(
        select(Assignment).where(Assignment.incident_id == incident.id, Assignment.ended_at.is_(None))
    ):
        if row.agency_id not in present:
            ahead = row.due_at if row.due_at and row.due_at > utc_now() else None
            assignments.give_part(actor, target, row.agency, Part.support, purpose=row.purpose, due_at=ahead)
        row.ended_at, row.end_reason = utc_now(), f"gộp vào {target.code}"
    timeline.write(
        actor,
        target,
        EntryKind.merged,
        facts={"from": incident.code, "what": "" if incident.restricted else incident.what},
    )
    told = {name: True for name, value in incident.flags.items() if value is True and not target.flags.get(name)}
    target.flags = {**target.flags, **told}  # that people are in danger stays true whichever code it goes by
    _take_over_duties(actor, incident, target)
    activation.go_along(actor, incident, target)
    checklist.reconsider(actor, target)
    alerts.edit_cards(incident_id=target.id, cause=f"merged:{incident.code}")
    return target
