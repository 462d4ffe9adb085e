"""Who is on duty when: shifts per agency, swaps asked for, the hand-over of a shift, and calendar feeds."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incidents.db import Base, UtcDateTime
from incidents.people.models.accounts import Agency, Member


class Shift(Base):
    """One member's time on duty for his agency. Withdrawn, never deleted; a swap withdraws it and makes another."""

    __tablename__ = "shifts"
    __table_args__ = (Index("ix_shifts_agency_id_ends_at", "agency_id", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(String(200), default="")
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    withdraw_reason: Mapped[str] = mapped_column(String(300), default="")

    agency: Mapped[Agency] = relationship()
    member: Mapped[Member] = relationship(foreign_keys=[member_id])


class ShiftSwap(Base):
    """A member asks another of his agency to take a shift. ``state``: asked, accepted, declined, withdrawn."""

    __tablename__ = "shift_swaps"

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id"), index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    to_member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    reason: Mapped[str] = mapped_column(String(300), default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(20), default="asked")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(String(300), default="")

    shift: Mapped[Shift] = relationship()
    asked_by: Mapped[Member] = relationship(foreign_keys=[asked_by_id])
    to_member: Mapped[Member] = relationship(foreign_keys=[to_member_id])


class HandOver(Base):
    """The note of one shift to the next. ``listed``: open clocks, quick reports waiting, work nobody has accepted, as it
    stood when it was written; ``hash``: SHA-256 of note and list, which both sign."""

    __tablename__ = "hand_overs"

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
    from_member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    to_member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    listed: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    hash: Mapped[str] = mapped_column(String(64))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed_from_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_to_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    agency: Mapped[Agency] = relationship()
    from_member: Mapped[Member] = relationship(foreign_keys=[from_member_id])
    to_member: Mapped[Member] = relationship(foreign_keys=[to_member_id])


class FeedKey(Base):
    """The secret part of a member's calendar address; only its SHA-256 is kept. A new one ends the old."""

    __tablename__ = "feed_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    member: Mapped[Member] = relationship()
