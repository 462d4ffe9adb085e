"""The duty roster: who is on shift when, for each agency; entered, copied on, withdrawn (screens.md 7.10).

The roster knows no working time: a shift may lie at any hour of any day (domain 9.1). Nothing is deleted.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import contains_eager, joinedload

from incidents.db import db, take_turn, transaction, utc_now
from incidents.errors import AlreadyDone, BadInput, NotFound
from incidents.people import log, members, roster_checks
from incidents.people.models import Agency, Member, Shift, ShiftSwap
from incidents.permissions import Actor
from playbooks.worktime import ZONE

MOST_WEEKS = 12
WEEK = timedelta(days=7)
_TURN = 7_300_000  # advisory lock of one agency's roster: this and its identity


class NoSuchShift(NotFound):
    vi = "Không tìm thấy ca trực này."
    en = "There is no such shift."


@dataclass(frozen=True)
class Gap:
    """Nobody is on shift from ``starts_at`` until ``ends_at``, aware UTC."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Skipped:
    """A shift that was not copied: whose, from when, and why, in both languages."""

    name: str
    starts_at: datetime
    vi: str
    en: str


@dataclass
class Repeated:
    """What ``repeat_week`` did."""

    made: int = 0
    skipped: list[Skipped] = field(default_factory=list)


def on_duty(at: datetime, agency_ids: Collection[int] | None = None) -> dict[int, list[int]]:
    """Agency → the active members on shift at that moment, in the order of their shifts; agencies without any are left
    out. One statement."""
    wanted = (
        select(Shift.agency_id, Shift.member_id)
        .join(Shift.member)
        .where(Shift.withdrawn_at.is_(None), Shift.starts_at <= at, Shift.ends_at > at)
        .where(Member.is_active.is_(True), Member.agency_id == Shift.agency_id)
        .order_by(Shift.starts_at, Shift.id)
    )
    if agency_ids is not None:
        wanted = wanted.where(Shift.agency_id.in_(list(agency_ids)))
    found: dict[int, list[int]] = {}
    for agency_id, member_id in db.session.execute(wanted):
        known = found.setdefault(agency_id, [])
        if member_id not in known:
            known.append(member_id)
    return found


def next_after(at: datetime, agency_id: int) -> Shift | None:
    """The agency's first shift that begins after ``at``, with its member."""
    later = in_force(agency_id).where(Shift.starts_at > at).order_by(Shift.starts_at, Shift.id)
    return db.session.scalars(later.limit(1)).first()


def between(agency_id: int, start: datetime, end: datetime) -> list[Shift]:
    """The agency's shifts that touch the span, with their members, in order."""
    touching = in_force(agency_id).where(Shift.ends_at > start, Shift.starts_at < end)
    return list(db.session.scalars(touching.order_by(Shift.starts_at, Shift.id)))


def gaps(agency_id: int, start: datetime, end: datetime) -> list[Gap]:
    """The times in ``[start, end)`` at which nobody of the agency is on shift, in order. One statement."""
    return gaps_among(between(agency_id, start, end), start, end)


def gaps_among(shifts: Iterable[Shift], start: datetime, end: datetime) -> list[Gap]:
    """The same of shifts that have been read already, sorted by their beginning."""
    found, covered = [], start
    for shift in shifts:
        if shift.starts_at > covered:
            found.append(Gap(covered, min(shift.starts_at, end)))
        covered = max(covered, shift.ends_at)
    return found + ([Gap(covered, end)] if covered < end else [])


def in_force(agency_id: int) -> Select[Shift]:
    """The agency's shifts that count: not withdrawn, of members who are still active there; members are loaded."""
    return (
        select(Shift)
        .join(Shift.member)
        .where(Shift.agency_id == agency_id, Shift.withdrawn_at.is_(None))
        .where(Member.is_active.is_(True), Member.agency_id == Shift.agency_id)
        .options(contains_eager(Shift.member))
    )


def add_shift(
    actor: Actor, agency_code: str, username: str, starts_at: datetime, ends_at: datetime, note: str = ""
) -> Shift:
    """Put a member on his agency's roster, both times aware.

    Raises NotAllowed, or BadInput naming the field: agency, username, starts_at, ends_at, note.
    """
    note = roster_checks.words("note", note, 200)
    with transaction():
        agency = _edited(actor, agency_code)
        roster_checks.times(agency, starts_at, ends_at)
        member = roster_checks.member_of(agency, username)
        roster_checks.free(member, starts_at, ends_at)
        return insert(actor, agency.id, member.id, starts_at, ends_at, note)


def repeat_week(actor: Actor, agency_code: str, from_monday: date, weeks: int = 1) -> Repeated:
    """Copy the shifts that begin in the week of ``from_monday`` onto each of the ``weeks`` (1–12) after it.

    What would overlap, lies in the past or belongs to somebody who has left is skipped and said. Raises NotAllowed,
    BadInput (agency, from_monday, weeks).
    """
    if not 1 <= weeks <= MOST_WEEKS:
        raise BadInput("weeks", f"Chép tiếp 1–{MOST_WEEKS} tuần.", f"Copy onward 1 to {MOST_WEEKS} weeks.")
    start = monday(from_monday)
    with transaction():
        agency = _edited(actor, agency_code)
        copied = _beginning(agency.id, start, start + WEEK)
        if not copied:
            raise BadInput("from_monday", "Tuần này chưa xếp ca nào để chép.", "This week has no shift to copy.")
        done = Repeated()
        for week in range(1, weeks + 1):
            for shift in copied:
                _copy(actor, agency, shift, week * WEEK, done)
        return done


def withdraw_shift(actor: Actor, shift_id: int, reason: str) -> Shift:
    """Take a shift off the roster; it stays stored with who and why. Raises NotAllowed, NoSuchShift, AlreadyDone,
    BadInput (reason, or "" for a shift that is over)."""
    reason = roster_checks.words("reason", reason, 300)
    if not reason:
        raise BadInput("reason", "Ghi lý do rút ca trực.", "Say why the shift is withdrawn.")
    with transaction():
        shift = taken(shift_id)
        roster_checks.edited(actor, shift.agency)
        check_open(shift)
        end(actor, shift, reason)
        db.session.execute(
            update(ShiftSwap)
            .where(ShiftSwap.shift_id == shift.id, ShiftSwap.state == "asked")
            .values(state="withdrawn", answered_at=utc_now(), answer=reason)
        )
        return shift


def taken(shift_id: int) -> Shift:
    """The shift as it is now; nobody else changes its roster until the transaction ends. Raises NoSuchShift."""
    shift = db.session.get(Shift, shift_id)
    if shift is None:
        raise NoSuchShift
    take_turn(_TURN + shift.agency_id)
    db.session.refresh(shift)
    return shift


def check_open(shift: Shift) -> None:
    """Raises AlreadyDone for a shift that was withdrawn, BadInput for one that is over."""
    if shift.withdrawn_at is not None:
        who = members.by_id(shift.withdrawn_by_id).name if shift.withdrawn_by_id else ""
        raise AlreadyDone(who=who, at=f"{shift.withdrawn_at.astimezone(ZONE):%H:%M}")
    if shift.ends_at <= utc_now():
        raise BadInput("", "Ca trực này đã qua, không đổi được nữa.", "This shift is over and stays as it was.")


def insert(actor: Actor, agency_id: int, member_id: int, starts_at: datetime, ends_at: datetime, note: str) -> Shift:
    """The row and its line in the log. Call inside a transaction, after the checks."""
    shift = Shift(
        agency_id=agency_id, member_id=member_id, starts_at=starts_at, ends_at=ends_at,
        note=note, made_by_id=actor.id, made_at=utc_now(),
    )  # fmt: skip
    db.session.add(shift)
    db.session.flush()
    log.note(actor, "add_shift", f"shift:{shift.id}")
    return shift


def end(actor: Actor, shift: Shift, reason: str) -> None:
    """Withdraw the row, with its line in the log. Call inside a transaction."""
    shift.withdrawn_at, shift.withdrawn_by_id, shift.withdraw_reason = utc_now(), actor.id, reason
    db.session.flush()
    log.note(actor, "withdraw_shift", f"shift:{shift.id}")


def monday(day: date) -> datetime:
    """Midnight in Viet Nam at which the week of ``day`` begins."""
    return datetime.combine(day - timedelta(days=day.weekday()), time(), ZONE)


def _beginning(agency_id: int, start: datetime, end: datetime) -> list[Shift]:
    """Also of members who have left: that their shifts are not copied is said."""
    wanted = (
        select(Shift)
        .where(Shift.agency_id == agency_id, Shift.withdrawn_at.is_(None))
        .where(Shift.starts_at >= start, Shift.starts_at < end)
        .options(joinedload(Shift.member))
    )
    return list(db.session.scalars(wanted.order_by(Shift.starts_at, Shift.id)))


def _copy(actor: Actor, agency: Agency, shift: Shift, later: timedelta, done: Repeated) -> None:
    starts_at, ends_at = shift.starts_at + later, shift.ends_at + later
    try:
        if unfit := roster_checks.unfit(agency, shift.member):
            raise unfit
        roster_checks.times(agency, starts_at, ends_at)
        roster_checks.free(shift.member, starts_at, ends_at)
    except BadInput as wrong:
        done.skipped.append(Skipped(shift.member.name, starts_at, wrong.text("vi"), wrong.text("en")))
    else:
        insert(actor, agency.id, shift.member_id, starts_at, ends_at, shift.note)
        done.made += 1


def _edited(actor: Actor, code: str) -> Agency:
    """The agency whose roster ``actor`` is about to change; nobody else changes it until the transaction ends."""
    agency = roster_checks.agency_of(code)
    roster_checks.edited(actor, agency)
    take_turn(_TURN + agency.id)
    return agency
