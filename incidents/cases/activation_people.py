"""Who may belong to an activated task force: active members, named by their accounts, each with one part."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from incidents.db import db
from incidents.errors import BadInput
from incidents.people.members import works
from incidents.people.models import Member

DEPUTY, MEMBER = "deputy", "member"


def chief(username: str) -> Member:
    found = _people("head", [username] if username.strip() else [])
    if not found:
        raise BadInput("head", "Chọn Tổ trưởng.", "Choose the head.")
    return found[0]


def others(deputies: Collection[str], members: Collection[str]) -> list[tuple[Member, str]]:
    """Deputies first; who is named twice keeps the first part."""
    parts: dict[Member, str] = {}
    for field, part, names in (("deputies", DEPUTY, deputies), ("members", MEMBER, members)):
        for member in _people(field, names):
            parts.setdefault(member, part)
    return list(parts.items())


def _people(field: str, usernames: Collection[str]) -> list[Member]:
    wanted = {name.strip().lower() for name in usernames if name.strip()}
    rows = select(Member).where(Member.username.in_(wanted), Member.is_active.is_(True)).order_by(Member.name)
    found = list(db.session.scalars(rows.options(selectinload(Member.addresses), joinedload(Member.agency))))
    if unknown := wanted - {member.username for member in found}:
        names = ", ".join(sorted(unknown))[:200]
        raise BadInput(field, f"Không có tài khoản đang hoạt động: {names}.", f"No active account: {names}.")
    if outside := [member.name for member in found if not works(member)]:
        names = ", ".join(outside)
        words = f"{names}: kiểm tra, quản trị hoặc báo chí không vào Tổ công tác."
        raise BadInput(field, words, f"{names}: auditors, administrators and press do not join the task force.")
    return found


def by_ids(member_ids: Collection[int]) -> list[Member]:
    """These members with their addresses."""
    wanted = select(Member).where(Member.id.in_(member_ids)).options(selectinload(Member.addresses))
    return list(db.session.scalars(wanted))
