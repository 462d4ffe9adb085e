"""Agencies with validity dates, members with roles and addresses, and what signing in needs."""

from datetime import date, datetime

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incidents.db import Base, UtcDateTime


class Agency(Base):
    """A body with validity dates (domain 2.1). ``valid_to`` empty: still there."""

    __tablename__ = "agencies"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    short_name: Mapped[str] = mapped_column(String(100), default="")
    type: Mapped[str] = mapped_column(String(30), index=True)
    parent: Mapped[str] = mapped_column(String(60), default="")
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    default_member: Mapped[bool] = mapped_column(Boolean, default=False)
    confidence: Mapped[str] = mapped_column(String(10), default="ok")
    aliases: Mapped[list[str]] = mapped_column(JSON, default=list)
    admin_code: Mapped[str] = mapped_column(String(20), default="")
    in_plan: Mapped[bool] = mapped_column(Boolean, default=False)  # named in the province's Plan of 2023
    public_site: Mapped[str] = mapped_column(String(200), default="")
    former_district: Mapped[str] = mapped_column(String(100), default="")
    folded: Mapped[str] = mapped_column(Text, default="")
    office_phone: Mapped[str] = mapped_column(String(40), default="")
    office_email: Mapped[str] = mapped_column(String(200), default="")

    def is_valid(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def area(self) -> str:
        """A commune as a place: "xã Bảo Nhai" of "Ủy ban nhân dân xã Bảo Nhai"."""
        return self.name.removeprefix("Ủy ban nhân dân ")

    @property
    def label(self) -> str:
        """What lists and rows show."""
        return self.short_name or self.name


class AgencySuccession(Base):
    """Who takes over the work of an agency that ended."""

    __tablename__ = "agency_successions"
    __table_args__ = (UniqueConstraint("agency_id", "successor_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    successor_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    note: Mapped[str] = mapped_column(String(200), default="")


class AgencyFunction(Base):
    """A function given to an agency for a time (domain 2.4): standing agency, platform demand authority …"""

    __tablename__ = "agency_functions"
    __table_args__ = (UniqueConstraint("function", "agency_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    function: Mapped[str] = mapped_column(String(60))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class VerifyingAgency(Base):
    """The default verifying agencies of a category (domain 4.2): an agency code or a selector such as ``@commune``."""

    __tablename__ = "verifying_agencies"

    id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(40), index=True)
    agency_code: Mapped[str] = mapped_column(String(60))
    position: Mapped[int] = mapped_column(Integer, default=0)


class Member(Base):
    """A person with an account, in exactly one agency."""

    __tablename__ = "members"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
    is_head: Mapped[bool] = mapped_column(Boolean, default=False)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    office_phone: Mapped[str] = mapped_column(String(40), default="")
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False)
    password_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totp_last_step: Mapped[int | None] = mapped_column(Integer)
    lang: Mapped[str] = mapped_column(String(2), default="vi")
    theme: Mapped[str] = mapped_column(String(5), default="auto")
    keys_on: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    agency: Mapped[Agency] = relationship()
    roles: Mapped[list["MemberRole"]] = relationship(back_populates="member")
    addresses: Mapped[list["Address"]] = relationship(back_populates="member", order_by="Address.position")


class MemberRole(Base):
    """A role held for a time."""

    __tablename__ = "member_roles"
    __table_args__ = (UniqueConstraint("member_id", "role", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)

    member: Mapped[Member] = relationship(back_populates="roles")

    def is_valid(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class RecoveryCode(Base):
    """One of ten codes that stand in for the second factor once each; only the hash is kept."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInAttempt(Base):
    """One try to sign in, counted per account name and per network address (promises S4)."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index("ix_sign_in_attempts_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120))  # "account:…" or "address:…"
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    succeeded: Mapped[bool] = mapped_column(Boolean, default=False)


class Session(Base):
    """A signed-in browser. The cookie holds the token, this row only its SHA-256 (promises S5)."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    second_factor_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    network_address: Mapped[str] = mapped_column(String(60), default="")
    browser: Mapped[str] = mapped_column(String(200), default="")

    member: Mapped[Member] = relationship()


class SignInLink(Base):
    """A single-use sign-in address of the rehearsal (promises S39); only the hash is kept."""

    __tablename__ = "sign_in_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Address(Base):
    """A member's place on one channel. One chat belongs to one member (unique per channel)."""

    __tablename__ = "addresses"
    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str] = mapped_column(String(100))
    label: Mapped[str] = mapped_column(String(120), default="")
    position: Mapped[int] = mapped_column(Integer, default=0)
    state: Mapped[str] = mapped_column(String(20), default="linked")
    reason: Mapped[str] = mapped_column(String(300), default="")
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    member: Mapped[Member] = relationship(back_populates="addresses")


class LinkCode(Base):
    """A one-time code that binds a chat to a member (promises S13). Six digits and a long start word, both hashed.

    ``needs_confirmation``: made on the web, so the member confirms there who claimed it; a code made at the server's
    command line is vouched for by the operator who hands it over.
    """

    __tablename__ = "link_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    digits_hash: Mapped[str] = mapped_column(String(64), index=True)
    word_hash: Mapped[str] = mapped_column(String(64), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    needs_confirmation: Mapped[bool] = mapped_column(Boolean, default=True)
    claimed_by: Mapped[str] = mapped_column(String(100), default="")
    claimed_label: Mapped[str] = mapped_column(String(120), default="")
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LinkTry(Base):
    """A wrong code typed in a chat; five in ten minutes and the chat waits."""

    __tablename__ = "link_tries"
    __table_args__ = (Index("ix_link_tries_chat_at", "channel", "external_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class LogLine(Base):
    """What happened at the machine: sign-ins, members, links, settings. Append-only, no content of incidents."""

    __tablename__ = "log_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(200), default="")
    network_address: Mapped[str] = mapped_column(String(60), default="")
    source: Mapped[str] = mapped_column(String(20), default="web")
