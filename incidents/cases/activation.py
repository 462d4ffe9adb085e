"""The task force activated for one crisis: who decided it on what document, who belongs to it, from when to when.

Kế hoạch 2023 II.9.c; domain 1, 2.4, PB-08. While it is in force its people see the incident, hear what those who work on
it hear, and hold the roles of their parts; what was granted for it ends with it.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from incidents.cases import activation_people, activation_roles, activation_steps, checklist, clocks, timeline
from incidents.cases.activation_people import DEPUTY
from incidents.cases.checks import checked_time, checked_words
from incidents.cases.models import Activation, ActivationMember, Incident
from incidents.cases.visibility import find, visible
from incidents.db import db, transaction, utc_now
from incidents.errors import AlreadyDone, BadInput, NotOpen, Refusal
from incidents.people.members import today
from incidents.people.models import Member
from incidents.permissions import Actor, require
from incidents.telling import alerts
from incidents.vocabulary import AlertKind, EntryKind
from playbooks.worktime import ZONE


class NotActivated(Refusal):
    vi = "Tổ công tác chưa được kích hoạt cho sự việc {code}."
    en = "The task force is not activated for {code}."


def activate(
    actor: Actor,
    code: str,
    *,
    decision: str,
    decided_on: date | None,
    head: str,
    deputies: Collection[str] = (),
    members: Collection[str] = (),
    starts_at: datetime | None = None,
    round_the_clock: bool = True,
    note: str = "",
) -> Activation:
    """Record the decision and put it in force. People by their account names; one person has one part.

    ``starts_at``: now when not given. Raises ``NotAllowed``, ``NotOpen``, ``AlreadyDone``, or ``BadInput`` naming the
    field: decision, decided_on, head, deputies, members, starts_at, note.
    """
    require(actor, "activate_task_force")
    decision, note = _checked_decision(decision), checked_words("note", note)
    if decided_on is None or decided_on > today():
        raise BadInput("decided_on", "Ngày quyết định phải có, không sau hôm nay.", "The day must be given, not ahead.")
    starts = checked_time("starts_at", starts_at) or utc_now()
    with transaction():
        incident = find(actor, code)
        if incident.has_ended:
            raise NotOpen(code=incident.code)
        _refuse_second(incident)
        chief = activation_people.chief(head)
        others = [(member, part) for member, part in activation_people.others(deputies, members) if member is not chief]
        row = Activation(
            incident=incident, decision_number=decision, decided_on=decided_on, head=chief, note=note,
            round_the_clock=round_the_clock, starts_at=starts, made_by_id=actor.id, made_at=utc_now(),
            members=[ActivationMember(member=member, part=part, joined_at=starts) for member, part in others],
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        _put_in_force(actor, row)
        return row


def _put_in_force(actor: Actor, row: Activation) -> None:
    """The entry, the roles, the anchor with its step, and everybody told."""
    incident = row.incident
    ended_before = clocks.anchors_of(incident).get(activation_steps.STOOD_DOWN) is not None
    facts = {
        "decision": row.decision_number,
        "decided_on": row.decided_on.isoformat(),
        "head": row.head.name,
        "members": [one.member.name for one in row.members if one.left_at is None],
        "round_the_clock": row.round_the_clock,
    }
    entry = timeline.write(actor, incident, EntryKind.activated, row.note, happened_at=row.starts_at, facts=facts)
    _grant(actor, row)
    activation_steps.record(actor, incident, activation_steps.ACTIVATED, row.starts_at, row.decision_number)
    if ended_before:
        activation_steps.begin_anew(actor, incident, row.decision_number)
    _after(actor, incident, entry.number)
    _tell(actor, row, "activated", people_of(row), f"{incident.code}:{entry.number}")


def _grant(actor: Actor, row: Activation) -> None:
    activation_roles.grant(actor, row)
    activation_roles.let_in(actor, row)


def change_members(
    actor: Actor, code: str, *, head: str, deputies: Collection[str], members: Collection[str], reason: str
) -> Activation:
    """Who belongs to it from now on; whoever leaves keeps his row with its end. Only what differs is written.

    Raises as ``activate``, ``NotActivated``, and ``BadInput`` without a reason.
    """
    require(actor, "activate_task_force")
    reason = checked_words("reason", reason)
    if not reason:
        raise BadInput("reason", "Cần ghi lý do thay đổi thành viên.", "A reason for the change is needed.")
    with transaction():
        incident = find(actor, code)
        row = _in_force(incident)
        before = {member.id for member in people_of(row)}
        chief, others = activation_people.chief(head), activation_people.others(deputies, members)
        if not _apply(row, chief, {m: part for m, part in others if m is not chief}):
            return row
        _put_change_in_force(actor, row, before, reason)
        return row


def _put_change_in_force(actor: Actor, row: Activation, before: Collection[int], reason: str) -> None:
    """The entry, the roles, and those told who were not among ``before`` or are no longer."""
    incident = row.incident
    db.session.flush()
    facts = {
        "decision": row.decision_number,
        "head": row.head.name,
        "members": [one.member.name for one in row.members if one.left_at is None],
        "changed": True,
    }
    entry = timeline.write(actor, incident, EntryKind.activated, reason, facts=facts)
    _grant(actor, row)
    activation_steps.catch_up(actor, incident)
    _after(actor, incident, entry.number)
    present, event = people_of(row), f"{incident.code}:{entry.number}"
    _tell(actor, row, "activated", [m for m in present if m.id not in before], event)
    gone = set(before) - {member.id for member in present}
    _tell(actor, row, "activation_left", activation_people.by_ids(gone), event)


def _apply(row: Activation, chief: Member, wanted: dict[Member, str]) -> bool:
    """Bring the rows in line with what is wanted; whether anything differs."""
    now, present = utc_now(), {one.member: one for one in row.members if one.left_at is None}
    changed = row.head is not chief
    row.head = chief
    for member, one in present.items():
        if wanted.get(member) != one.part:
            one.left_at, changed = now, True
    for member, part in wanted.items():
        if member not in present or present[member].part != part:
            row.members.append(ActivationMember(member=member, part=part, joined_at=now))
            changed = True
    return changed


def stand_down(actor: Actor, code: str, decision: str, reason: str) -> Activation:
    """End it by a second decision: what it granted ends, its people are told. The incident goes on without it."""
    require(actor, "activate_task_force")
    decision, reason = _checked_decision(decision), checked_words("reason", reason)
    if not reason:
        raise BadInput("reason", "Cần ghi lý do kết thúc.", "A reason for the end is needed.")
    with transaction():
        incident = find(actor, code)
        row = _in_force(incident)
        activation_steps.catch_up(actor, incident)
        now, present = utc_now(), people_of(row)
        row.ends_at, row.ended_by_id, row.end_decision, row.end_reason = now, actor.id, decision, reason
        db.session.flush()
        activation_roles.withdraw(actor, row)
        activation_roles.let_in(actor, row)
        entry = timeline.write(actor, incident, EntryKind.stood_down, reason, facts={"decision": decision})
        activation_steps.record(actor, incident, activation_steps.STOOD_DOWN, now, decision)
        _after(actor, incident, entry.number)
        _tell(actor, row, "stood_down", present, f"{incident.code}:{entry.number}")
        return row


def go_along(actor: Actor, incident: Incident, target: Incident) -> None:
    """A merge takes what is in force over to ``target``; where that has a task force of its own, its people join it.

    Inside the merge's transaction, after the target has taken over anchors and playbooks.
    """
    row, own = in_force(incident), in_force(target)
    if row is None:
        activation_steps.catch_up(actor, target)
        return
    activation_roles.let_out(actor, incident)
    if own is None:
        row.incident = target
        db.session.flush()
        _put_in_force(actor, row)
        return
    before = {member.id for member in people_of(own)}
    for member in people_of(row):
        if member.id not in before:
            own.members.append(ActivationMember(member=member, part=_part_of(row, member), joined_at=utc_now()))
    row.ends_at, row.ended_by_id = utc_now(), actor.id
    row.end_decision, row.end_reason = own.decision_number, "gộp sự việc"
    _put_change_in_force(actor, own, before, incident.code)


def _part_of(row: Activation, member: Member) -> str:
    """The part he takes along; a task force has one head, so the other becomes its deputy."""
    return DEPUTY if member is row.head else next(one.part for one in row.members if one.member is member)


def of(incident: Incident) -> list[Activation]:
    """Every activation of the incident, newest first, with its people."""
    return list(db.session.scalars(_loaded().where(Activation.incident_id == incident.id)))


def in_force(incident: Incident) -> Activation | None:
    """The activation that runs now."""
    return db.session.scalar(_loaded().where(Activation.incident_id == incident.id, Activation.ends_at.is_(None)))


def all_visible(actor: Actor) -> Sequence[Activation]:
    """Every activation of incidents the actor may see, running ones first, then the newest."""
    seen = _loaded().join(Activation.incident).where(visible(actor)).options(joinedload(Activation.incident))
    return db.session.scalars(seen.order_by(None).order_by(Activation.ends_at.is_not(None), Activation.id.desc())).all()


def people_of(row: Activation) -> list[Member]:
    """The head first, then those who have not left."""
    return [row.head, *(one.member for one in row.members if one.left_at is None)]


def _loaded() -> Select[Activation]:
    people = selectinload(Activation.members).joinedload(ActivationMember.member)
    return select(Activation).options(joinedload(Activation.head), people).order_by(Activation.id.desc())


def _in_force(incident: Incident) -> Activation:
    row = in_force(incident)
    if row is None:
        raise NotActivated(code=incident.code)
    return row


def _refuse_second(incident: Incident) -> None:
    row = in_force(incident)
    if row is not None:
        at = row.starts_at.astimezone(ZONE).strftime("%H:%M %d/%m")
        raise AlreadyDone(who=row.decision_number, at=at)


def _checked_decision(decision: str) -> str:
    decision = checked_words("decision", decision, 100)
    if not decision:
        raise BadInput("decision", "Cần số quyết định.", "The number of the decision is needed.")
    return decision


def _after(actor: Actor, incident: Incident, entry_number: int) -> None:
    checklist.reconsider(actor, incident)
    alerts.edit_cards(incident_id=incident.id, cause=f"entry:{incident.code}:{entry_number}")


def _tell(actor: Actor, row: Activation, key: str, people: Sequence[Member], event: str) -> None:
    """Each hears of his own part. The decision is told to all, also to whoever recorded it for himself."""
    parts = {one.member_id: one.part for one in row.members if one.left_at is None} | {row.head_id: "head"}
    decision = row.end_decision or row.decision_number
    for member in people:
        facts = {
            "key": key, "decision": decision, "head": row.head.name, "part": parts.get(member.id, ""),
            "round_the_clock": row.round_the_clock,
        }  # fmt: skip
        alerts.tell(
            AlertKind.notice, [member], f"{key}:{row.id}:{event}", incident=row.incident, facts=facts,
            lane=alerts.LANE_URGENT, besides=actor,
        )  # fmt: skip
