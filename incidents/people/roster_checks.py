"""What stands before a shift is written: its agency, its member, its hours, what overlaps – each refusal with its reason."""

from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import select

from incidents.db import db, utc_now
from incidents.errors import BadInput, NotAllowed, StateSecret
from incidents.people import agencies, members
from incidents.people.models import Agency, Member, Shift
from incidents.permissions import Actor, may, who_may
from incidents.text import clean, has_secrecy_stamp
from incidents.vocabulary import OUTSIDE_AGENCY_TYPES, Role
from playbooks.worktime import ZONE

LONGEST = timedelta(hours=24)
OLDEST = timedelta(days=1)  # a shift that began yesterday may still be entered
FURTHEST = timedelta(days=400)  # further ahead somebody has mistyped the year


def may_edit(actor: Actor, agency: Agency) -> bool:
    """Whether ``actor`` keeps this roster: who may edit rosters, and the focal point or head of another agency its own.

    Not the standing agency's: a shift there gives the rights of duty, so nobody takes one without the right.
    """
    own = actor.agency_id == agency.id and not actor.is_standing
    return may(actor, "edit_roster") or (own and (actor.is_head or actor.has(Role.contact)))


def agency_of(code: str) -> Agency:
    """The agency whose roster is meant, ended or not. Raises BadInput (agency)."""
    agency = agencies.by_code(code.strip())
    if agency is None:
        shown = clean(code)[:60]
        raise BadInput("agency", f"Không có cơ quan “{shown}”.", f"There is no agency “{shown}”.")
    return agency


def edited(actor: Actor, agency: Agency) -> None:
    """Raises NotAllowed unless ``actor`` keeps this roster."""
    if not may_edit(actor, agency):
        who, who_en = who_may("edit_roster")
        if not agency_is_standing(agency):
            who, who_en = f"{who}, Đầu mối hoặc thủ trưởng của cơ quan", f"{who_en}, its focal point or head"
        raise NotAllowed(who=who, who_en=who_en)


def agency_is_standing(agency: Agency) -> bool:
    return bool(db.session.scalar(select(members.standing_on(members.today(), agency.id))))


def times(agency: Agency, starts_at: datetime, ends_at: datetime) -> None:
    """Raises BadInput for hours no shift of this agency can have."""
    now = utc_now()
    if ends_at <= starts_at:
        raise BadInput("ends_at", "Giờ hết ca phải sau giờ vào ca.", "The shift must end after it begins.")
    if ends_at - starts_at > LONGEST:
        raise BadInput("ends_at", "Một ca trực dài nhất 24 giờ.", "A shift lasts 24 hours at most.")
    if starts_at < now - OLDEST:
        raise BadInput("starts_at", "Ca trực đã bắt đầu hơn một ngày trước.", "The shift began more than a day ago.")
    if starts_at > now + FURTHEST:
        raise BadInput("starts_at", "Ca trực ở xa quá 400 ngày. Xem lại năm.", "That is over 400 days ahead.")
    exists(agency, starts_at)


def exists(agency: Agency, at: datetime) -> None:
    """Raises BadInput naming the successors when the agency has ended on that day, or takes no part in the work."""
    if agency.type in OUTSIDE_AGENCY_TYPES:
        raise BadInput(
            "agency",
            f"{agency.name} ở ngoài Tổ công tác, không có lịch trực.",
            f"{agency.name} is outside the task force and has no roster.",
        )
    if not agency.is_valid(at.astimezone(ZONE).date()):
        heirs = ", ".join(f"{heir.name} ({heir.code})" for heir in agencies.successors(agency)) or "–"
        raise BadInput(
            "agency",
            f"{agency.name} không hoạt động vào ngày này. Cơ quan kế thừa: {heirs}.",
            f"{agency.name} does not exist on that day. Successors: {heirs}.",
        )


def member_of(agency: Agency, username: str) -> Member:
    """The active member of this agency. Raises BadInput (username)."""
    shown = clean(username)[:60]
    member = db.session.scalars(select(Member).where(Member.username == shown.lower())).one_or_none()
    if member is None:
        raise BadInput("username", f"Không có tài khoản “{shown}”.", f"There is no account “{shown}”.")
    refusal = unfit(agency, member)
    if refusal is not None:
        raise refusal
    return member


def unfit(agency: Agency, member: Member) -> BadInput | None:
    """Why this member cannot be on this agency's roster, if so."""
    if not member.is_active:
        return BadInput(
            "username", f"Tài khoản của {member.name} đã ngừng.", f"The account of {member.name} is disabled."
        )
    if member.agency_id != agency.id:
        other = member.agency.label
        return BadInput(
            "username",
            f"{member.name} thuộc {other}, không xếp được vào lịch trực của {agency.label}.",
            f"{member.name} belongs to {other} and cannot be on the roster of {agency.label}.",
        )
    if not members.works(member):
        return BadInput(
            "username",
            f"{member.name} không giữ vai trò xử lý sự việc nào, không trực và không nhận bàn giao được.",
            f"{member.name} holds no role that works on incidents: no shift, no hand-over.",
        )
    return None


def free(member: Member, starts_at: datetime, ends_at: datetime, *, besides: int = 0) -> None:
    """Raises BadInput naming the shift of the same member that overlaps; ``besides``: a shift that does not count."""
    touching = (
        select(Shift)
        .where(Shift.member_id == member.id, Shift.withdrawn_at.is_(None), Shift.id != besides)
        .where(Shift.starts_at < ends_at, Shift.ends_at > starts_at)
    )
    other = db.session.scalars(touching.order_by(Shift.starts_at).limit(1)).first()
    if other is not None:
        raise BadInput(
            "starts_at",
            f"Trùng với ca trực {span(other)} của {member.name}.",
            f"Overlaps the shift {span(other)} of {member.name}.",
        )


class Lasting(Protocol):
    """A shift, or a gap."""

    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...


def span(lasting: Lasting) -> str:
    """ "22:00 23/11 – 06:00 24/11", "06:00–14:00 23/11" within a day."""
    start, end = lasting.starts_at.astimezone(ZONE), lasting.ends_at.astimezone(ZONE)
    if start.date() == end.date():
        return f"{start:%H:%M}–{end:%H:%M %d/%m}"
    return f"{start:%H:%M %d/%m} – {end:%H:%M %d/%m}"


def words(field: str, text: str, most: int) -> str:
    """One cleaned line. Raises BadInput when it is too long, StateSecret when it bears a stamp (G10)."""
    if has_secrecy_stamp(text):
        raise StateSecret
    line = " ".join(clean(text).split())
    if len(line) > most:
        raise BadInput(field, f"Tối đa {most} ký tự.", f"At most {most} characters.")
    return line
