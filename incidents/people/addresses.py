"""Where members are reached: a chat is bound by a one-time code, breaks, comes back, is unlinked (bot.md 2).

Names decide nothing: only the channel's own identity of the chat does.
"""

from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from incidents.db import db, transaction, utc_now
from incidents.errors import NotFound, Refusal
from incidents.people import link_codes, log
from incidents.people.link_codes import NewCode, make_code, waiting_claim
from incidents.people.models import Address, LinkCode, Member
from incidents.permissions import Actor, may
from incidents.text import clean
from incidents.vocabulary import AddressState

__all__ = ["AlreadyLinked", "Claim", "NewCode", "NothingWaiting", "by_chat", "claim", "confirm", "make_code"]
__all__ += ["mark_back", "mark_broken", "of_member", "refuse", "unlink", "waiting_claim"]


class Claim(StrEnum):
    """What became of a code that a chat brought."""

    linked = "linked"  # done at once: a code from the command line
    claimed = "claimed"  # waits for “Đúng là tôi” on the web
    bad = "bad"  # unknown, expired, used – or no code at all
    wait = "wait"  # five wrong ones in ten minutes
    taken = "taken"  # the chat belongs to another member
    already = "already"  # the chat is the member's own; a broken address works again


class NothingWaiting(NotFound):
    vi = "Không có yêu cầu liên kết nào đang chờ. Lấy mã mới."
    en = "No chat is waiting to be linked. Get a new code."


class AlreadyLinked(Refusal):
    vi = "Tài khoản nhắn tin này đã liên kết với một thành viên khác."
    en = "This chat is linked to another member already."


class NoSuchAddress(NotFound):
    vi = "Không tìm thấy địa chỉ nhận này."
    en = "There is no such address."


def claim(channel: str, external_id: str, label: str, text: str) -> Claim:
    """A private chat brought ``text``: "481 205", "/start <word>" or "<word>". ``label``: what the chat calls itself.

    The same update told twice gives the same answer. Text without a code counts as no try.
    """
    typed = link_codes.typed_code(text)
    with transaction():
        address = _of_chat(channel, external_id)
        if address is None and link_codes.must_wait(channel, external_id):
            return Claim.wait
        code = link_codes.find(channel, typed, external_id)
        if code is None:
            return _without_code(address, channel, external_id, typed)
        if address is not None:
            return _come_back(address, code) if address.member_id == code.member_id else Claim.taken
        label = " ".join(clean(label).split())[:120]
        if not code.needs_confirmation:
            _link(code, external_id, label)
            return Claim.linked
        code.claimed_by, code.claimed_label, code.claimed_at = external_id, label, code.claimed_at or utc_now()
        return Claim.claimed


def confirm(actor: Actor, code_id: int | None = None) -> Address:
    """“Đúng là tôi”: bind the chat that brought the acting member's code. ``code_id``: the claim that was shown.

    Raises NothingWaiting, AlreadyLinked.
    """
    with transaction():
        code = _waiting(actor, code_id)
        address = _of_chat(code.channel, code.claimed_by)
        if address is not None and address.member_id != actor.id:
            raise AlreadyLinked
        address = _link(code, code.claimed_by, code.claimed_label)
        log.note(actor, "link_address", f"address:{address.id}")
    return address


def refuse(actor: Actor, code_id: int | None = None) -> None:
    """“Không phải”: the claim and its code are dead. Raises NothingWaiting."""
    with transaction():
        code = _waiting(actor, code_id)
        code.ended_at = utc_now()
        log.note(actor, "refuse_address", f"member:{actor.id}")


def unlink(actor: Actor, address_id: int) -> None:
    """Nothing goes to this address any more; one's own, or any for the administrator. Raises NoSuchAddress."""
    with transaction():
        address = db.session.get(Address, address_id)
        if address is None or (address.member_id != actor.id and not may(actor, "manage_members")):
            raise NoSuchAddress
        _set(address, AddressState.off)
        log.note(actor, "unlink_address", f"address:{address_id}")


def mark_broken(address_id: int, reason: str) -> None:
    """The channel refused for good: blocked, deactivated. An unlinked address stays unlinked. Raises NoSuchAddress."""
    _mark(address_id, AddressState.broken, reason)


def mark_back(address_id: int) -> None:
    """The person wrote again: the address works. An unlinked address stays unlinked. Raises NoSuchAddress."""
    _mark(address_id, AddressState.linked)


def by_chat(channel: str, external_id: str) -> Address | None:
    """The address of a chat that is linked (or broken, then it comes back) and whose member is active.

    One statement, with the member, the agency and the roles.
    """
    wanted = (
        select(Address)
        .join(Address.member)
        .where(
            Address.channel == channel,
            Address.external_id == external_id,
            Address.state != AddressState.off,
            Member.is_active,
        )
        .options(contains_eager(Address.member).options(joinedload(Member.agency), joinedload(Member.roles)))
    )
    return db.session.scalars(wanted).unique().one_or_none()


def of_member(member_id: int) -> list[Address]:
    """The member's addresses that are not unlinked, in the order in which they are tried."""
    wanted = select(Address).where(Address.member_id == member_id, Address.state != AddressState.off)
    return list(db.session.scalars(wanted.order_by(Address.position, Address.id)))


def _without_code(address: Address | None, channel: str, external_id: str, typed: str) -> Claim:
    if address is not None:
        _bring_back(address)
        return Claim.already
    if typed:
        link_codes.count_try(channel, external_id)
    return Claim.bad


def _come_back(address: Address, code: LinkCode) -> Claim:
    code.ended_at = utc_now()
    _bring_back(address)
    return Claim.already


def _bring_back(address: Address) -> None:
    if address.state == AddressState.broken:
        _set(address, AddressState.linked)


def _link(code: LinkCode, external_id: str, label: str) -> Address:
    """A row of the chat that was unlinked before is used again: a chat has one row for ever."""
    now = utc_now()
    code.claimed_by, code.claimed_label, code.claimed_at, code.ended_at = external_id, label, now, now
    address = db.session.scalar(_row_of(code.channel, external_id))
    if address is None:
        address = Address(channel=code.channel, external_id=external_id)
        db.session.add(address)
    last = db.session.scalar(select(func.max(Address.position)).where(Address.member_id == code.member_id))
    address.member_id, address.label, address.linked_at = code.member_id, label, now
    address.position = 0 if last is None else last + 1
    _set(address, AddressState.linked)
    db.session.flush()
    return address


def _of_chat(channel: str, external_id: str) -> Address | None:
    """The address that holds this chat: not when it is unlinked or its member is disabled."""
    return db.session.scalar(
        _row_of(channel, external_id).join(Address.member).where(Address.state != AddressState.off, Member.is_active)
    )


def _row_of(channel: str, external_id: str) -> Select[Address]:
    return select(Address).where(Address.channel == channel, Address.external_id == external_id)


def _waiting(actor: Actor, code_id: int | None) -> LinkCode:
    code = link_codes.waiting_claim_of(actor.id, code_id)
    if code is None:
        raise NothingWaiting
    return code


def _mark(address_id: int, state: AddressState, reason: str = "") -> None:
    with transaction():
        address = db.session.get(Address, address_id)
        if address is None:
            raise NoSuchAddress
        if address.state != AddressState.off:
            _set(address, state, reason)


def _set(address: Address, state: AddressState, reason: str = "") -> None:
    address.state, address.reason, address.changed_at = state, reason[:300], utc_now()
