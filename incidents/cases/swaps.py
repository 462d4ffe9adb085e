"""Swaps: a member asks another of his agency to take his shift; when that one accepts, the roster is changed.

Stands here and not beside the roster because people are told, and telling lies above the people.
"""

from sqlalchemy import select

from incidents.cases import audience
from incidents.db import db, transaction, utc_now
from incidents.errors import AlreadyDone, BadInput, NotAllowed, NotFound
from incidents.people import log, members, roster, roster_checks
from incidents.people.models import Agency, Member, Shift, ShiftSwap
from incidents.permissions import Actor
from incidents.telling import alerts
from incidents.vocabulary import AlertKind, Role
from playbooks.worktime import ZONE

ASKED, ACCEPTED, DECLINED, WITHDRAWN = "asked", "accepted", "declined", "withdrawn"


class NoSuchSwap(NotFound):
    vi = "Không tìm thấy đề nghị đổi ca này."
    en = "There is no such request to swap."


def ask(actor: Actor, shift_id: int, to_username: str, reason: str = "") -> ShiftSwap:
    """Ask another active member of the agency to take the actor's own shift; he is told.

    Raises NotAllowed, NoSuchShift, AlreadyDone (withdrawn), BadInput naming the field: username, reason, "" (over, or
    somebody is being asked already), starts_at (the other has a shift then).
    """
    reason = roster_checks.words("reason", reason, 300)
    with transaction():
        shift = roster.taken(shift_id)
        _check_own(actor, shift)
        roster.check_open(shift)
        other = _other(actor, shift, to_username)
        _check_unasked(shift)
        swap = ShiftSwap(
            shift_id=shift.id, asked_by_id=shift.member_id, to_member_id=other.id,
            reason=reason, asked_at=utc_now(), state=ASKED,
        )  # fmt: skip
        db.session.add(swap)
        db.session.flush()
        log.note(actor, "ask_swap", f"shift:{shift.id}")
        _tell(swap, "asked", [other], actor, who=shift.member.name, to=other.name, shift=roster_checks.span(shift))
        return swap


def accept(actor: Actor, swap_id: int) -> Shift:
    """Take the shift that was asked of the actor. The old shift is withdrawn with the reason, the new one returned.

    Of a shift that runs already the hours that were served stay with who served them. Raises NoSuchSwap, AlreadyDone,
    BadInput (the shift is over, or overlaps another of the actor's).
    """
    with transaction():
        swap, shift = _asked_of(actor, swap_id)
        roster.check_open(shift)
        acting = members.by_id(actor.id)
        if unfit := roster_checks.unfit(shift.agency, acting):
            raise unfit
        now = utc_now()
        starts_at = max(shift.starts_at, now)
        roster_checks.free(acting, starts_at, shift.ends_at, besides=shift.id)
        span = roster_checks.span(shift)
        _answer(swap, ACCEPTED)
        roster.end(actor, shift, f"Đổi ca cho {acting.name}")
        if now > shift.starts_at:
            roster.insert(actor, shift.agency_id, shift.member_id, shift.starts_at, now, shift.note)
        made = roster.insert(actor, shift.agency_id, acting.id, starts_at, shift.ends_at, shift.note)
        people = {member.id: member for member in (shift.member, *_leads(shift.agency))}
        _tell(swap, "accepted", list(people.values()), actor, who=shift.member.name, to=acting.name, shift=span)
        return made


def decline(actor: Actor, swap_id: int, reason: str = "") -> ShiftSwap:
    """Leave the shift with who asked; he is told why. Raises NoSuchSwap, AlreadyDone, BadInput (reason)."""
    reason = roster_checks.words("reason", reason, 300)
    with transaction():
        swap, shift = _asked_of(actor, swap_id)
        _answer(swap, DECLINED, reason)
        log.note(actor, "decline_swap", f"shift:{shift.id}")
        facts = {
            "who": shift.member.name,
            "to": actor.name,
            "shift": roster_checks.span(shift),
            "reason": reason or "–",
        }
        _tell(swap, "declined", [shift.member], actor, **facts)
        return swap


def withdraw(actor: Actor, swap_id: int) -> ShiftSwap:
    """Take an unanswered request back. Raises NoSuchSwap, NotAllowed, AlreadyDone."""
    with transaction():
        swap, shift = _locked(swap_id)
        _check_own(actor, shift)
        _check_open(swap)
        _answer(swap, WITHDRAWN)
        log.note(actor, "withdraw_swap", f"shift:{shift.id}")
        return swap


def _check_own(actor: Actor, shift: Shift) -> None:
    if actor.id is None or shift.member_id != actor.id:
        raise NotAllowed(who=f"người có ca trực này ({shift.member.name})", who_en=f"its member, {shift.member.name}")


def _other(actor: Actor, shift: Shift, username: str) -> Member:
    if not username.strip():
        raise BadInput("username", "Chọn người nhận ca.", "Choose who is asked.")
    other = roster_checks.member_of(shift.agency, username)
    if other.id == actor.id:
        raise BadInput("username", "Chọn người khác để đổi ca.", "Choose somebody else.")
    roster_checks.free(other, max(shift.starts_at, utc_now()), shift.ends_at)
    return other


def _check_unasked(shift: Shift) -> None:
    wanted = select(ShiftSwap).where(ShiftSwap.shift_id == shift.id, ShiftSwap.state == ASKED)
    waiting = db.session.scalars(wanted.limit(1)).first()
    if waiting is not None:
        name = waiting.to_member.name
        raise BadInput("", f"Ca này đang chờ {name} trả lời.", f"{name} is being asked already.")


def _asked_of(actor: Actor, swap_id: int) -> tuple[ShiftSwap, Shift]:
    swap, shift = _locked(swap_id)
    if actor.id is None or swap.to_member_id != actor.id:
        raise NoSuchSwap
    _check_open(swap)
    return swap, shift


def _locked(swap_id: int) -> tuple[ShiftSwap, Shift]:
    swap = db.session.get(ShiftSwap, swap_id)
    if swap is None:
        raise NoSuchSwap
    shift = roster.taken(swap.shift_id)
    db.session.refresh(swap)
    return swap, shift


def _check_open(swap: ShiftSwap) -> None:
    if swap.state != ASKED:
        who = (swap.asked_by if swap.state == WITHDRAWN else swap.to_member).name
        raise AlreadyDone(who=who, at=f"{(swap.answered_at or swap.asked_at).astimezone(ZONE):%H:%M %d/%m}")


def _answer(swap: ShiftSwap, state: str, words: str = "") -> None:
    swap.state, swap.answered_at, swap.answer = state, utc_now(), words
    db.session.flush()


def _leads(agency: Agency) -> list[Member]:
    """Who keeps the standing agency's roster in view; another agency looks after its own."""
    return audience.people((Role.lead, Role.deputy)) if roster_checks.agency_is_standing(agency) else []


def _tell(swap: ShiftSwap, what: str, people: list[Member], actor: Actor, **facts: str) -> None:
    said = {"key": f"swap.{what}", **facts}
    alerts.tell(AlertKind.notice, people, f"swap:{swap.id}:{what}", facts=said, besides=actor)
