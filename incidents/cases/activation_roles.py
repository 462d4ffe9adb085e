"""What an activation grants: the head leads, deputies and members hold their roles, as rows with dates like any other;
of a restricted incident they are among the readers.

Only what a person does not hold anyhow is added; each added row is remembered in the log by its identity, so that exactly
these end with the activation – unless another activation in force still needs them.
"""

from collections.abc import Collection
from datetime import date, timedelta

from flask import current_app
from sqlalchemy import select

from incidents.cases import timeline
from incidents.cases.models import Activation, Incident, IncidentReader
from incidents.db import db, take_turn
from incidents.people import log
from incidents.people.members import today
from incidents.people.models import LogLine, MemberRole
from incidents.permissions import Actor
from incidents.vocabulary import EntryKind, Role

_ROLE = {"head": Role.lead, "deputy": Role.deputy, "member": Role.member}
_TURN = 7_401
_GRANTED = "grant_activation_role"
_LET_IN, _LET_OUT = "grant_activation_reader", "end_activation_reader"


def wanted(row: Activation) -> set[tuple[int, str]]:
    """(member, role) of everybody who belongs to it now."""
    if row.ends_at is not None:
        return set()
    return {(row.head_id, _ROLE["head"])} | {(m.member_id, _ROLE[m.part]) for m in row.members if m.left_at is None}


def grant(actor: Actor, row: Activation) -> None:
    """Bring the granted rows in line with who belongs to it now. Inside a transaction, after a flush.

    A drill on a working desk grants nothing: what is played there must not decide anything real.
    """
    take_turn(_TURN)  # role rows are shared by activations: two that change at once do so one after the other
    needed = set() if _is_drill(row) else wanted(row)
    withdraw(actor, row, keep=needed)
    for member_id, role in sorted(needed):
        held = select(MemberRole).where(MemberRole.member_id == member_id, MemberRole.role == role)
        rows = list(db.session.scalars(held))
        if any(one.valid_to is None for one in rows):
            continue
        granted = MemberRole(member_id=member_id, role=role, valid_from=_free_day(rows))
        db.session.add(granted)
        db.session.flush()
        log.note(actor, _GRANTED, f"activation:{row.id} member_role:{granted.id}")


def _is_drill(row: Activation) -> bool:
    return row.incident.exercise and not current_app.config.get("REHEARSAL")


def _free_day(rows: Collection[MemberRole]) -> date:
    """Today, or the last day before it on which no row of this role begins: a role that was ended is never reopened."""
    taken, day = {one.valid_from for one in rows}, today()
    while day in taken:
        day -= timedelta(days=1)
    return day


def withdraw(actor: Actor, row: Activation, *, keep: Collection[tuple[int, str]] = ()) -> None:
    """End what was granted and no activation in force needs any more: from this moment, not from tomorrow."""
    take_turn(_TURN)
    needed = set(keep).union(*(wanted(other) for other in _others_in_force(row)))
    yesterday = today() - timedelta(days=1)
    for granted in _granted():
        if (granted.member_id, granted.role) not in needed:
            granted.valid_to = yesterday
            log.note(actor, "end_activation_role", f"activation:{row.id} member_role:{granted.id}")
    db.session.flush()


def _granted() -> list[MemberRole]:
    """The role rows that activations have made and that still hold."""
    subjects = db.session.scalars(select(LogLine.subject).where(LogLine.action == _GRANTED))
    ids = {int(subject.rpartition(":")[2]) for subject in subjects}
    return list(db.session.scalars(select(MemberRole).where(MemberRole.id.in_(ids), MemberRole.valid_to.is_(None))))


def _others_in_force(row: Activation) -> list[Activation]:
    return list(db.session.scalars(select(Activation).where(Activation.ends_at.is_(None), Activation.id != row.id)))


def let_in(actor: Actor, row: Activation) -> None:
    """Bring the readers of a restricted incident in line with who belongs to it now; one entry when anybody comes or goes.

    Whom a person has taken off the list since stays off it. Inside a transaction, after a flush.
    """
    _admit(actor, row.incident, {member_id for member_id, _ in wanted(row)})


def let_out(actor: Actor, incident: Incident) -> None:
    """Whom activations have let in reads it no longer: their work goes on under another code."""
    _admit(actor, incident, set())


def _admit(actor: Actor, incident: Incident, needed: Collection[int]) -> None:
    found = select(IncidentReader).where(IncidentReader.incident_id == incident.id)
    present = {reader.member_id: reader for reader in db.session.scalars(found)}
    granted = _let_in_before(incident)
    come = set(needed) - granted - present.keys() if incident.restricted else set()
    gone = granted - set(needed)
    for member_id in sorted(come):
        db.session.add(IncidentReader(incident_id=incident.id, member_id=member_id))
        log.note(actor, _LET_IN, f"reader:{incident.id}:{member_id}")
    for member_id in sorted(gone):
        if member_id in present:
            db.session.delete(present[member_id])  # a right, not history: the entry below tells it
        log.note(actor, _LET_OUT, f"reader:{incident.id}:{member_id}")
    if incident.restricted and (come or gone & present.keys()):
        count = len((present.keys() | come) - gone)
        timeline.write(actor, incident, EntryKind.restricted, facts={"restricted": True, "readers": count})
    db.session.flush()


def let_in_running(actor: Actor, incident: Incident) -> None:
    """The incident has just been closed while the task force is at work on it: its people go on seeing it."""
    running = select(Activation).where(Activation.incident_id == incident.id, Activation.ends_at.is_(None))
    for row in db.session.scalars(running):
        let_in(actor, row)


def _let_in_before(incident: Incident) -> set[int]:
    """Whom activations have made readers and not yet ended it."""
    lines = select(LogLine.action, LogLine.subject).where(
        LogLine.action.in_((_LET_IN, _LET_OUT)), LogLine.subject.startswith(f"reader:{incident.id}:")
    )
    found: set[int] = set()
    for action, subject in db.session.execute(lines.order_by(LogLine.id)):
        member_id = int(subject.rpartition(":")[2])
        found = found | {member_id} if action == _LET_IN else found - {member_id}
    return found
