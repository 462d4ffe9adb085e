"""An agency's part in an incident: assigned, accepted, ended (domain 4.8)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from incidents.cases import clocks, escalation, timeline
from incidents.cases.checks import checked_words
from incidents.cases.models import Assignment, Clock, Incident
from incidents.cases.visibility import find
from incidents.cases.waiting import Waiting
from incidents.db import db, transaction, utc_now
from incidents.errors import AlreadyDone, BadInput, NotAllowed, NotOpen
from incidents.people import agencies
from incidents.people.members import today
from incidents.people.models import Agency, Member
from incidents.permissions import CLOCKWORK, Actor, may, require, who_may
from incidents.telling import alerts
from incidents.vocabulary import OUTSIDE_AGENCY_TYPES, PARTS, AlertKind, ClockState, EntryKind, Part, Role
from playbooks.worktime import ZONE

# Minutes an agency has to accept, and minutes until somebody holds the incident (bot.md 11).
ACCEPT_MINUTES = {1: 480, 2: 120, 3: 15, 4: 15}
HOLD_MINUTES = {2: 30, 3: 10, 4: 5}
# An acceptance without a word for so long is asked about, then counts no more (bot.md 6).
SILENCE = {1: timedelta(hours=24), 2: timedelta(hours=4), 3: timedelta(minutes=60), 4: timedelta(minutes=30)}
LONGEST_WAIT = timedelta(days=30)
_HOLDERS = (Role.duty, Role.deputy, Role.lead)


def assign(
    actor: Actor,
    code: str,
    agency_code: str,
    part: Part = Part.support,
    *,
    purpose: str = "",
    due_at: datetime | None = None,
) -> Assignment:
    """Give an agency a part. A new lead agency ends the old one's row; the same part twice is one row.

    Raises ``BadInput`` naming the successors of an agency that has ended, or for a due time in the past.
    """
    purpose = checked_words("purpose", purpose, 300)
    if part not in PARTS:
        raise BadInput("part", "Chọn chủ trì hoặc phối hợp.", "Choose whether it leads or coordinates.")
    with transaction():
        incident = find(actor, code)
        require(actor, "assign", severity=incident.severity)
        if incident.has_ended:
            raise NotOpen(code=incident.code)
        agency = _choosable(agency_code, today())
        if due_at is not None and due_at <= utc_now():
            raise BadInput("due_at", "Hạn phải ở sau thời điểm này.", "The due time must lie ahead.")
        row = give_part(actor, incident, agency, part, purpose=purpose, due_at=due_at)
        db.session.flush()
        clocks.point_at_next(incident)
        alerts.edit_cards(incident_id=incident.id, cause=f"assignment:{row.id}")
        return row


def give_part(
    actor: Actor,
    incident: Incident,
    agency: Agency,
    part: Part,
    *,
    purpose: str = "",
    due_at: datetime | None = None,
) -> Assignment:
    """The assignment, its entry, its acknowledgement clock and the agency's alerts. Call inside a transaction."""
    open_rows = open_parts(incident)
    same = next((row for row in open_rows if row.agency_id == agency.id and row.part == part), None)
    if same is not None and same.purpose == purpose and same.due_at == due_at:
        return same
    for row in open_rows:
        if row.agency_id == agency.id or (part == Part.lead_agency and row.part == Part.lead_agency):
            end_part(row, f"thay bằng {agency.label} – {part}")
    row, _ = new_part(actor, incident, agency, part, purpose=purpose, due_at=due_at)
    db.session.flush()
    escalation.begin(actor, Waiting(incident, row), partial(tell_agency, actor, row))
    return row


def new_part(
    actor: Actor,
    incident: Incident,
    agency: Agency,
    part: Part,
    *,
    purpose: str = "",
    due_at: datetime | None = None,
    accept: bool = True,
) -> tuple[Assignment, list[Clock]]:
    """The row, its entry and, when ``accept``, the clock until the agency accepts; not yet flushed."""
    row = Assignment(
        incident=incident,
        agency=agency,
        part=part,
        purpose=purpose,
        due_at=due_at,
        assigned_at=utc_now(),
        assigned_by_id=actor.id,
    )
    db.session.add(row)
    facts = {"agency": agency.label, "part": part, "due_at": due_at.isoformat() if due_at else None}
    timeline.write(actor, incident, EntryKind.assigned, purpose, facts=facts)
    if not accept:
        return row, []
    minutes = ACCEPT_MINUTES[incident.severity]
    name, name_en = f"Nhận việc: {agency.label}", f"Acknowledge: {agency.label}"
    return row, [clocks.add_acknowledgement(incident, row, minutes, name, name_en)]


def tell_agency(actor: Actor, row: Assignment, members: list[Member]) -> None:
    """The agency's focal points get a card with what is asked of them."""
    incident = row.incident
    alerts.tell(
        AlertKind.assigned,
        members,
        f"entry:{incident.code}:{incident.entry_count}:{row.agency.code}",
        incident=incident,
        facts={"agency": row.agency.label, "part": row.part, "purpose": row.purpose},
        lane=alerts.LANE_URGENT if incident.severity == 4 else alerts.LANE_OTHER,
        besides=actor,
    )


def open_parts(incident: Incident) -> list[Assignment]:
    """The assignments in force, leading agency first."""
    wanted = select(Assignment).where(Assignment.incident_id == incident.id, Assignment.ended_at.is_(None))
    rows = db.session.scalars(wanted.options(joinedload(Assignment.agency)).order_by(Assignment.id))
    return sorted(rows, key=lambda row: row.part != Part.lead_agency)


def end_part(row: Assignment, reason: str) -> None:
    """End an assignment; its acknowledgement clock and its ladder end with it."""
    row.ended_at, row.end_reason, row.expires_at = utc_now(), reason, None
    escalation.stop(Waiting(row.incident, row))
    for clock in running_of(row):
        clocks.cancel(clock)


def running_of(row: Assignment) -> list[Clock]:
    """The clock until the agency accepts its part, in a list."""
    wanted = select(Clock).where(Clock.assignment_id == row.id, Clock.state == ClockState.running)
    return list(db.session.scalars(wanted))


def acknowledge(actor: Actor, code: str, *, note: str = "", expected_at: datetime | None = None) -> Incident:
    """ "Nhận việc": the agency's part is accepted, and the incident gets its holder if it has none.

    ``note`` (300 characters) and ``expected_at``, when an answer is expected, stand in the entry. A conditional change
    under the incident's lock: of many who press at once one is first, the others get ``AlreadyDone`` with who it was
    (promises R14). Raises ``BadInput`` naming the field.
    """
    note, expected_at = checked_words("note", note, 300), checked_expected(expected_at)
    with transaction():
        incident = find(actor, code)
        if incident.has_ended:
            raise NotOpen(code=incident.code)
        mine = [row for row in open_parts(incident) if row.agency_id == actor.agency_id]
        _check_right(actor, incident, mine)
        accepted = [row for row in mine if row.accepted_at is None]
        takes_hold = incident.holder_id is None and actor.has(*_HOLDERS)
        if not accepted and not takes_hold:
            raise _already(actor, incident, mine)
        _accept(actor, incident, accepted, takes_hold, note, expected_at)
        return incident


def checked_expected(at: datetime | None) -> datetime | None:
    """The time as given when it lies ahead, within 30 days; else ``BadInput``."""
    now = utc_now()
    if at is not None and not now < at <= now + LONGEST_WAIT:
        raise BadInput(
            "expected_at",
            "Giờ dự kiến phải ở sau thời điểm này, trong 30 ngày.",
            "The expected time must lie ahead, within 30 days.",
        )
    return at


def _check_right(actor: Actor, incident: Incident, mine: list[Assignment]) -> None:
    own = bool(mine) or actor.has(*_HOLDERS)
    if not may(actor, "acknowledge", severity=incident.severity, own=own):
        who, who_en = who_may("acknowledge")
        raise NotAllowed(who=who, who_en=who_en)


def _accept(
    actor: Actor,
    incident: Incident,
    accepted: Sequence[Assignment],
    takes_hold: bool,
    note: str,
    expected_at: datetime | None,
) -> None:
    now = utc_now()
    until = expected_at or now + SILENCE[incident.severity]
    for row in accepted:
        row.accepted_at, row.accepted_by_id, row.note, row.expected_at = now, actor.id, note, expected_at
        row.expires_at, row.asked_at = None if takes_hold else until, None  # the holder is asked once, as the holder
        escalation.stop(Waiting(incident, row))
    if takes_hold:
        incident.holder_id, incident.held_at = actor.id, now
        incident.still_at, incident.still_asked_at = until, None
        escalation.stop(Waiting(incident))
    ids = [row.id for row in accepted]
    running = db.session.scalars(select(Clock).where(Clock.incident_id == incident.id)).all()
    answered = [c for c in running if c.assignment_id in ids or (takes_hold and _is_hold_clock(c))]
    clocks.meet(answered, now)
    facts = {
        "agencies": [row.agency.label for row in accepted],
        "holder": takes_hold,
        "expected_at": expected_at.isoformat() if expected_at else None,
    }
    entry = timeline.write(actor, incident, EntryKind.acknowledged, note, facts=facts)
    db.session.flush()
    clocks.point_at_next(incident, running)
    alerts.edit_cards(incident_id=incident.id, cause=f"entry:{incident.code}:{entry.number}")


def _is_hold_clock(clock: Clock) -> bool:
    return clock.assignment_id is None and clock.step_id is None and clock.anchor == "opened_at"


def start_hold_clock(incident: Incident, *, actor: Actor = CLOCKWORK, again: str = "") -> None:
    """Somebody must hold the incident, counted from now: another level while nobody did, or ``again`` given_back, reopened.

    Its ladder begins anew with the clock. Inside a transaction.
    """
    if incident.holder_id is not None:
        return
    incident.still_at = incident.still_asked_at = None
    for clock in db.session.scalars(select(Clock).where(Clock.incident_id == incident.id)):
        if _is_hold_clock(clock) and clock.state == ClockState.running:
            clocks.cancel(clock)
    if minutes := HOLD_MINUTES.get(incident.severity):
        clocks.add_acknowledgement(incident, None, minutes, "Nhận việc", "Acknowledge", since=utc_now())
    db.session.flush()
    escalation.restart(actor, Waiting(incident), again)


def start_part_clock(row: Assignment) -> None:
    """The agency must accept again, counted from now; the ladder is the caller's. Inside a transaction."""
    minutes, now = ACCEPT_MINUTES[row.incident.severity], utc_now()
    name, name_en = f"Nhận việc: {row.agency.label}", f"Acknowledge: {row.agency.label}"
    clock = clocks.add_acknowledgement(row.incident, row, minutes, name, name_en)
    clocks.run(clock, now, now + timedelta(minutes=minutes))


def must_accept(row: Assignment) -> bool:
    """Whether the agency was asked to accept; the standing agency's own part of a new incident is nobody's to accept."""
    return db.session.scalar(select(Clock.id).where(Clock.assignment_id == row.id).limit(1)) is not None


def _already(actor: Actor, incident: Incident, mine: list[Assignment]) -> AlreadyDone:
    row = next((row for row in mine if row.accepted_at), None)
    if row is not None and row.accepted_at is not None:
        who, at = (row.accepted_by.name if row.accepted_by else ""), row.accepted_at
    else:
        who, at = (incident.holder.name if incident.holder else ""), incident.held_at or incident.changed_at
    return AlreadyDone(who=who, at=at.astimezone(ZONE).strftime("%H:%M"))


def _choosable(code: str, day: date) -> Agency:
    agency = agencies.by_code(code.strip())
    if agency is None:
        raise BadInput("agency", f"Không có cơ quan “{code}”.", f"There is no agency “{code}”.")
    if not agency.is_valid(day):
        heirs = ", ".join(f"{heir.name} ({heir.code})" for heir in agencies.successors(agency)) or "–"
        raise BadInput(
            "agency",
            f"{agency.name} không còn hoạt động. Cơ quan kế thừa: {heirs}.",
            f"{agency.name} no longer exists. Successors: {heirs}.",
        )
    if agency.type in OUTSIDE_AGENCY_TYPES:
        raise BadInput(
            "agency",
            f"{agency.name} ở ngoài Tổ công tác, chỉ nhận đề nghị, không nhận phân công.",
            f"{agency.name} is outside the task force: it gets requests, not assignments.",
        )
    return agency
