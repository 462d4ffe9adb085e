"""The note of one shift to the next: what is open, as it stood, signed by both (screens.md 7.10: no silent gap).

The list holds codes and names of steps, no words about an incident: whoever reads it is shown what he may see, the rest
is counted.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, update

from incidents.cases import assignments, timeline
from incidents.cases.checks import checked_text
from incidents.cases.models import Assignment, Clock, Incident, QuickReport
from incidents.cases.visibility import lock, visible
from incidents.db import db, transaction, utc_now
from incidents.errors import AlreadyDone, BadInput, NotAllowed, NotFound, Refusal
from incidents.people import log, roster_checks
from incidents.people.models import Agency, HandOver
from incidents.permissions import Actor, may, require
from incidents.telling import alerts
from incidents.vocabulary import QUICK_REPORT_WAITING, ROLES, AlertKind, ClockState, EntryKind, Role
from playbooks.worktime import ZONE

RIGHT = "acknowledge"  # who takes work hands work over
MOST = 100  # rows of one kind; what lies beyond is counted
_HOLDERS = (Role.duty, Role.deputy, Role.lead)


class NoSuchHandOver(NotFound):
    vi = "Không tìm thấy biên bản giao ca này, hoặc không có quyền xem."
    en = "There is no such hand-over, or you have no right to see it."


class Altered(Refusal):
    vi = "Nội dung biên bản không còn khớp với mã băm đã ký. Báo quản trị, không ký."
    en = "The note no longer matches its signed hash. Tell the administrator and do not sign."


def write(actor: Actor, to_username: str, note: str = "") -> HandOver:
    """Hand over to another active member of the actor's agency: the list is made now, signed by the actor, and the other
    is told that his signature is wanted.

    Raises NotAllowed, StateSecret, BadInput naming the field: username, note.
    """
    require(actor, RIGHT)
    note = checked_text("note", note) if note.strip() else ""
    with transaction():
        agency = db.session.get_one(Agency, actor.agency_id)
        other = roster_checks.member_of(agency, to_username)
        if other.id == actor.id:
            raise BadInput("username", "Chọn người nhận ca.", "Choose who takes over.")
        now = utc_now()
        row = HandOver(
            agency_id=agency.id, from_member_id=actor.id, to_member_id=other.id,
            note=note, listed=listed(actor), written_at=now, signed_from_at=now,
        )  # fmt: skip
        row.hash = fingerprint(row)
        db.session.add(row)
        db.session.flush()
        log.note(actor, "write_hand_over", f"hand_over:{row.id}")
        facts = {"key": "handover.wanted", "who": actor.name, "to": other.name}
        alerts.tell(AlertKind.notice, [other], f"handover:{row.id}", facts=facts, lane=alerts.LANE_DUE)
        return row


def sign(actor: Actor, hand_over_id: int, *, take_over: bool = False) -> HandOver:
    """The other signs; with ``take_over`` the incidents the first still holds become his in the same step.

    Raises NoSuchHandOver (also for anybody else's), AlreadyDone, Altered, NotAllowed (taking over without the right).
    """
    with transaction():
        row = _addressed_to(actor, hand_over_id)
        if row.signed_to_at is not None:
            raise AlreadyDone(who=actor.name, at=f"{row.signed_to_at.astimezone(ZONE):%H:%M %d/%m}")
        if fingerprint(row) != row.hash:
            raise Altered
        row.signed_to_at = utc_now()
        db.session.flush()
        log.note(actor, "sign_hand_over", f"hand_over:{row.id}")
        if take_over:
            take(actor, row.id)
        return row


def take(actor: Actor, hand_over_id: int) -> int:
    """Hold every open incident that the first officer still holds, as far as the actor sees them; an entry in each.

    Returns how many. Raises NoSuchHandOver, NotAllowed, BadInput (not signed yet).
    """
    with transaction():
        row = _addressed_to(actor, hand_over_id)
        if row.signed_to_at is None:
            raise BadInput("", "Ký nhận biên bản trước.", "Sign the note first.")
        _check_holder(actor)
        held = db.session.scalars(_held(actor, row.from_member_id)).all()
        name = row.from_member.name
        for incident in sorted(held, key=lambda one: one.id):  # in one order, or two who do so wait in a ring
            _take_one(actor, incident, row.from_member_id, name)
        return len(held)


def held_by_first(actor: Actor, row: HandOver) -> list[Incident]:
    """The open incidents the first officer holds at this moment, as far as ``actor`` sees them."""
    return list(db.session.scalars(_held(actor, row.from_member_id)))


def may_take(actor: Actor) -> bool:
    """Whether the actor may hold incidents at all."""
    return actor.has(*_HOLDERS)


def find(actor: Actor, hand_over_id: int) -> HandOver:
    """The note, for the two of it, those who keep the agency's roster, and the auditor. Raises NoSuchHandOver."""
    row = db.session.get(HandOver, hand_over_id)
    if row is None or not may_see(actor, row):
        raise NoSuchHandOver
    return row


def may_see(actor: Actor, row: HandOver) -> bool:
    mine = actor.id is not None and actor.id in (row.from_member_id, row.to_member_id)
    return mine or actor.has(Role.auditor) or roster_checks.may_edit(actor, row.agency)


def fingerprint(row: HandOver) -> str:
    """SHA-256 over agency, both people, time, note and list: what both sign."""
    at = row.written_at.astimezone(UTC).isoformat()
    content = [row.agency_id, row.from_member_id, row.to_member_id, at, row.note, row.listed]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def listed(actor: Actor) -> dict[str, Any]:
    """What is open for ``actor`` now: ``clocks``, ``reports``, ``parts``, ``held`` (rows, at most a hundred of each),
    ``more`` (how many lie beyond). What is not his to see is not even counted (G21)."""
    seen = visible(actor)
    wanted = {
        "clocks": _clocks(seen),
        "reports": _reports(actor),
        "parts": _parts(seen),
        "held": _held(actor, actor.id),
    }
    shown: dict[str, Callable[[Any], dict[str, Any]]] = {
        "clocks": _clock,
        "reports": _report,
        "parts": _part,
        "held": _code,
    }
    rows = {name: db.session.scalars(query.limit(MOST)).all() for name, query in wanted.items()}
    counts = {name: _count(query) if len(rows[name]) == MOST else len(rows[name]) for name, query in wanted.items()}
    return {
        **{name: [shown[name](row) for row in found] for name, found in rows.items()},
        "more": {name: counts[name] - len(found) for name, found in rows.items()},
    }


def _count(wanted: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(wanted.order_by(None).subquery())) or 0


def _clocks(seen: ColumnElement[bool]) -> Select[Clock]:
    """Next due first."""
    running = (Clock.state == ClockState.running, Clock.due_at.is_not(None), Incident.is_open.is_(True))
    return select(Clock).join(Clock.incident).where(seen, *running).order_by(Clock.due_at, Clock.id)


def _reports(actor: Actor) -> Select[QuickReport]:
    """Oldest first; of the agency for who does not sort them."""
    wanted = select(QuickReport).where(QuickReport.state.in_(QUICK_REPORT_WAITING)).order_by(QuickReport.id)
    if may(actor, "sort_quick_report"):
        return wanted
    return wanted.where(QuickReport.agency_id == actor.agency_id)


def _parts(seen: ColumnElement[bool]) -> Select[Assignment]:
    """Parts nobody has accepted, oldest first."""
    waiting = (Assignment.accepted_at.is_(None), Assignment.ended_at.is_(None), Incident.is_open.is_(True))
    return select(Assignment).join(Assignment.incident).where(seen, *waiting).order_by(Assignment.id)


def _held(actor: Actor, holder_id: int | None) -> Select[Incident]:
    held = (Incident.holder_id == holder_id, Incident.is_open.is_(True), visible(actor))
    return select(Incident).where(*held).order_by(Incident.severity.desc(), Incident.id)


def _clock(clock: Clock) -> dict[str, Any]:
    at = clock.due_at.isoformat() if clock.due_at else ""
    return {"code": clock.incident.code, "name": clock.name, "name_en": clock.name_en, "due_at": at, "hard": clock.hard}


def _report(report: QuickReport) -> dict[str, Any]:
    return {"id": report.id, "number": report.number, "at": report.arrived_at.isoformat()}


def _part(part: Assignment) -> dict[str, Any]:
    return {"code": part.incident.code, "agency": part.agency.label, "at": part.assigned_at.isoformat()}


def _code(incident: Incident) -> dict[str, Any]:
    return {"code": incident.code, "severity": incident.severity}


def _addressed_to(actor: Actor, hand_over_id: int) -> HandOver:
    """The note whose second signature is the actor's, locked."""
    row = db.session.get(HandOver, hand_over_id)
    if row is None or actor.id is None or row.to_member_id != actor.id:
        raise NoSuchHandOver
    db.session.refresh(row, with_for_update=True)
    return row


def _check_holder(actor: Actor) -> None:
    if not may_take(actor):
        who, who_en = (", ".join(ROLES[role][n] for role in _HOLDERS) for n in (0, 1))
        raise NotAllowed(who=who, who_en=who_en)


def _take_one(actor: Actor, incident: Incident, first_id: int, name: str) -> None:
    lock(incident)
    if incident.holder_id != first_id or incident.has_ended:
        return  # somebody else took it in the meantime
    now = utc_now()
    incident.holder_id, incident.held_at = actor.id, now
    incident.still_at, incident.still_asked_at = now + assignments.SILENCE[incident.severity], None
    own = (Assignment.incident_id == incident.id, Assignment.accepted_by_id == first_id, Assignment.ended_at.is_(None))
    db.session.execute(update(Assignment).where(*own).values(accepted_by_id=actor.id))
    facts = {"agencies": [], "holder": True, "from": name}
    entry = timeline.write(actor, incident, EntryKind.acknowledged, facts=facts)
    db.session.flush()
    alerts.edit_cards(incident_id=incident.id, cause=f"entry:{incident.code}:{entry.number}")
