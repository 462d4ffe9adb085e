"""Members: who works at the desk, for which agency, with which roles – and the actor each is on a given day."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, update
from sqlalchemy.orm import joinedload, selectinload

from incidents.db import db, transaction, utc_now
from incidents.errors import BadInput, NotFound
from incidents.people import log, passwords
from incidents.people.models import Address, Agency, AgencyFunction, LinkCode, Member, MemberRole, Session, Shift
from incidents.permissions import SEES_ALL, SEES_OWN_AGENCY, Actor, require
from incidents.text import clean
from incidents.vocabulary import AddressState, Role, Source
from playbooks.worktime import ZONE

OPERATOR = Actor(None, "Quản trị máy chủ", source=Source.cli, roles=frozenset({Role.admin}))
"""Whoever has the shell of the server; only the command line acts as it."""

WORKS = (SEES_ALL | SEES_OWN_AGENCY) - {Role.auditor}
"""Who works on incidents. A shift makes nobody an officer on duty who holds none of these: an administrator or an auditor."""

ONE_TIME_PASSWORD = timedelta(hours=24)
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,59}")
_TAKEN_BY_ADDRESSES = frozenset({"me"})  # /members/me is the own account


class NoSuchMember(NotFound):
    vi = "Không tìm thấy thành viên này."
    en = "There is no such member."


def today() -> date:
    """The day it is in Viet Nam: roles and functions begin and end with it."""
    return utc_now().astimezone(ZONE).date()


def add(
    actor: Actor, username: str, name: str, agency_code: str, roles: Iterable[str], password: str | None = None
) -> tuple[Member, str]:
    """A new member, and the one-time password when none was given (else ``""``): to be changed, dead after 24 hours.

    Raises NotAllowed, or BadInput naming the field: username, name, agency, roles, password.
    """
    require(actor, "manage_members")
    username, name = _checked_names(username, name)
    wanted = _checked_roles(roles)
    if password is not None:
        passwords.check(password, username, name, agency_code)
    once = passwords.make_one_time() if password is None else ""
    hashed = passwords.hash_of(password or once)
    with transaction():
        agency = _agency(agency_code)
        if db.session.scalar(select(exists().where(Member.username == username))):
            raise BadInput(
                "username", f"Đã có tài khoản “{username}”. Chọn tên khác.", f"“{username}” is taken; choose another."
            )
        now = utc_now()
        member = Member(
            username=username,
            name=name,
            agency=agency,
            password_hash=hashed,
            must_change_password=bool(once),
            password_expires_at=now + ONE_TIME_PASSWORD if once else None,
            created_at=now,
            roles=[MemberRole(role=role, valid_from=today()) for role in wanted],
        )
        db.session.add(member)
        db.session.flush()
        log.note(actor, "add_member", f"member:{member.id}")
    return member, once


def disable(actor: Actor, username: str) -> None:
    """End the account now, with its sessions, chats and link codes. Raises NotAllowed, NoSuchMember, BadInput."""
    require(actor, "manage_members")
    with transaction():
        member = by_username(username)
        if member.id == actor.id:
            raise BadInput(
                "username", "Không tự ngừng tài khoản của chính mình.", "One's own account cannot be disabled."
            )
        now = utc_now()
        member.is_active = False
        for table in (Session, LinkCode):
            running = (table.member_id == member.id, table.ended_at.is_(None))
            db.session.execute(update(table).where(*running).values(ended_at=now))
        db.session.execute(
            update(Address)
            .where(Address.member_id == member.id, Address.state != AddressState.off)
            .values(state=AddressState.off, changed_at=now)
        )
        log.note(actor, "disable_member", f"member:{member.id}")


def set_preferences(
    actor: Actor, *, lang: str | None = None, theme: str | None = None, keys_on: bool | None = None
) -> None:
    """How the desk looks to the acting member; ``None`` leaves a choice as it is. Raises BadInput, NotFound."""
    if lang not in (None, "vi", "en"):
        raise BadInput("lang", "Chọn tiếng Việt hoặc tiếng Anh.", "Choose Vietnamese or English.")
    if theme not in (None, "auto", "light", "dark"):
        raise BadInput("theme", "Chọn nền theo máy, sáng hoặc tối.", "Choose the theme: auto, light or dark.")
    with transaction():
        member = by_id(actor.id)
        member.lang = lang or member.lang
        member.theme = theme or member.theme
        member.keys_on = member.keys_on if keys_on is None else keys_on


def by_username(username: str) -> Member:
    """The member, active or not, with agency and roles. Raises NotFound."""
    return _one(Member.username == username.strip().lower())


def by_id(member_id: int | None) -> Member:
    """The member, active or not, with agency and roles. Raises NotFound."""
    return _one(Member.id == member_id)


def actor_of(
    member: Member, source: Source, *, day: date | None = None, read: tuple[bool, bool] | None = None
) -> Actor:
    """What the member may act as on ``day`` (default: today in Viet Nam, with the shift that runs at this moment).

    A running shift at the standing agency gives who ``WORKS`` the role ``duty`` (domain 2.7); at another agency it only
    decides who is told, for ``duty`` sees every incident. ``read``: ``at_work_on`` of the member, when the caller has it.
    """
    is_standing, on_shift = read or _at_work(member, day)
    day = day or today()
    own = roles_on(member, day)
    return Actor(
        id=member.id,
        name=member.name,
        agency_id=member.agency_id,
        agency_code=member.agency.code,
        agency_name=member.agency.name,
        agency_type=member.agency.type,
        is_standing=is_standing,
        is_head=member.is_head,
        roles=own | ({Role.duty} if is_standing and on_shift and not own.isdisjoint(WORKS) else frozenset()),
        source=source,
        lang=member.lang,
    )


def roles_on(member: Member, day: date | None = None) -> frozenset[str]:
    """The roles the member holds on ``day`` (default: today), without what a shift gives for its hours."""
    day = day or today()
    return frozenset(role.role for role in member.roles if role.is_valid(day))


def works(member: Member) -> bool:
    """Whether the member works on incidents, today or from a later day on."""
    return any(row.role in WORKS and (row.valid_to is None or row.valid_to >= today()) for row in member.roles)


def all_members() -> list[Member]:
    """Every member, the active ones first, then by agency and name; agency and roles are loaded."""
    wanted = select(Member).join(Member.agency).order_by(Member.is_active.desc(), Agency.name, Member.name)
    return list(db.session.scalars(wanted.options(*_whole())).unique())


def holding(
    *roles: str, agency_ids: Iterable[int] | None = None, standing_only: bool = False, day: date | None = None
) -> list[Member]:
    """Active members who hold one of ``roles`` on ``day``, each once, with their addresses loaded.

    ``agency_ids``: only of these agencies; ``standing_only``: only of the agency that is the standing one that day.
    """
    day = day or today()
    held = exists().where(MemberRole.member_id == Member.id, MemberRole.role.in_(roles), valid(MemberRole, day))
    wanted = select(Member).where(Member.is_active, held).order_by(Member.id)
    if agency_ids is not None:
        wanted = wanted.where(Member.agency_id.in_(list(agency_ids)))
    if standing_only:
        wanted = wanted.where(standing_on(day, Member.agency_id))
    return list(db.session.scalars(wanted.options(selectinload(Member.addresses))))


def standing_on(day: date, agency_id: object) -> ColumnElement[bool]:
    """SQL: the agency (a column or an identity) holds the function of standing agency on ``day`` (domain 2.4)."""
    return exists().where(
        AgencyFunction.function == "standing_agency",
        AgencyFunction.agency_id == agency_id,
        valid(AgencyFunction, day),
    )


def on_shift(at: datetime, member_id: object, agency_id: object) -> ColumnElement[bool]:
    """SQL: the member (columns or identities) is on the roster of his agency at this moment."""
    running = (Shift.withdrawn_at.is_(None), Shift.starts_at <= at, Shift.ends_at > at)
    return exists().where(Shift.member_id == member_id, Shift.agency_id == agency_id, *running)


def at_work_on(day: date, at: datetime | None, agency_id: object, member_id: object) -> tuple[ColumnElement[bool], ...]:
    """SQL, two columns: whether the agency is the standing one that day, and whether a shift runs (``at`` None: no)."""
    return standing_on(day, agency_id), on_shift(at, member_id, agency_id) if at else false()


def valid(dated: type[MemberRole] | type[AgencyFunction] | type[Agency], day: date) -> ColumnElement[bool]:
    """Rows in force on the local ``day``."""
    return and_(dated.valid_from <= day, or_(dated.valid_to.is_(None), dated.valid_to >= day))


def _at_work(member: Member, day: date | None) -> tuple[bool, bool]:
    """On another day than today no shift counts: a day is no moment."""
    at = utc_now() if day is None or day == today() else None
    row = db.session.execute(select(*at_work_on(day or today(), at, member.agency_id, member.id))).one()
    return bool(row[0]), bool(row[1])


def _whole() -> tuple:  # type: ignore[type-arg]
    return joinedload(Member.agency), joinedload(Member.roles)


def _one(condition: ColumnElement[bool]) -> Member:
    member = db.session.scalars(select(Member).where(condition).options(*_whole())).unique().one_or_none()
    if member is None:
        raise NoSuchMember
    return member


def _checked_names(username: str, name: str) -> tuple[str, str]:
    username, name = username.strip().lower(), clean(name)
    if not _USERNAME.fullmatch(username) or username in _TAKEN_BY_ADDRESSES:
        raise BadInput(
            "username",
            "Tài khoản gồm 2–60 chữ cái không dấu, chữ số, dấu chấm, gạch; bắt đầu bằng chữ cái.",
            "An account has 2–60 plain letters, digits, dots or dashes and begins with a letter.",
        )
    if not 2 <= len(name) <= 120 or "\n" in name:
        raise BadInput("name", "Họ tên có từ 2 đến 120 ký tự.", "A name has 2 to 120 characters.")
    return username, name


def _checked_roles(roles: Iterable[str]) -> list[str]:
    wanted = sorted(set(roles))
    unknown = [role for role in wanted if role not in Role.__members__]
    if unknown or not wanted:
        known = ", ".join(Role)
        raise BadInput("roles", f"Chọn ít nhất một vai trò trong: {known}.", f"Choose at least one role of: {known}.")
    return wanted


def _agency(code: str) -> Agency:
    agency = db.session.scalar(select(Agency).where(Agency.code == code.strip()))
    if agency is None or not agency.is_valid(today()):
        raise BadInput(
            "agency",
            f"Không có cơ quan “{clean(code)[:60]}” đang hoạt động.",
            f"No agency “{clean(code)[:60]}” exists today.",
        )
    return agency
