"""What an activation grants: the head leads, deputies and members hold their roles, as rows with dates like any other.

Only what a person does not hold anyhow is added; each added row is remembered in the log by its identity, so that exactly
these end with the activation – unless another activation in force still needs them.
"""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select

from incidents.cases.models import Activation
from incidents.db import db
from incidents.people import log
from incidents.people.members import today
from incidents.people.models import LogLine, MemberRole
from incidents.permissions import Actor
from incidents.vocabulary import Role

_ROLE = {"head": Role.lead, "deputy": Role.deputy, "member": Role.member}
_GRANTED = "grant_activation_role"


def wanted(row: Activation) -> set[tuple[int, str]]:
    """(member, role) of everybody who belongs to it now."""
    if row.ends_at is not None:
        return set()
    return {(row.head_id, _ROLE["head"])} | {(m.member_id, _ROLE[m.part]) for m in row.members if m.left_at is None}


def grant(actor: Actor, row: Activation) -> None:
    """Bring the granted rows in line with who belongs to it now. Inside a transaction, after a flush."""
    needed = wanted(row)
    withdraw(actor, row, keep=needed)
    day = today()
    for member_id, role in sorted(needed):
        held = select(MemberRole).where(MemberRole.member_id == member_id, MemberRole.role == role)
        rows = list(db.session.scalars(held))
        if any(one.is_valid(day) for one in rows):
            continue
        granted = next((one for one in rows if one.valid_from == day), None)
        if granted is None:
            granted = MemberRole(member_id=member_id, role=role, valid_from=day)
            db.session.add(granted)
        granted.valid_to = None
        db.session.flush()
        log.note(actor, _GRANTED, f"activation:{row.id} member_role:{granted.id}")


def withdraw(actor: Actor, row: Activation, *, keep: Collection[tuple[int, str]] = ()) -> None:
    """End what was granted and no activation in force needs any more: from this moment, not from tomorrow."""
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
