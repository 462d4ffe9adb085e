"""The task force at work: who decided it on what document, who leads it, who belongs to it, from when to when."""

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incidents.cases.models.incident import Incident
from incidents.db import Base, UtcDateTime
from incidents.people.models import Member


class Activation(Base):
    """The task force activated for one crisis (Kế hoạch 2023 II.9.c; domain 1, 2.4). Ended by a second decision."""

    __tablename__ = "activations"
    __table_args__ = (Index("ix_activations_ends_at", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    decision_number: Mapped[str] = mapped_column(String(100))
    decided_on: Mapped[date] = mapped_column(Date)
    head_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    round_the_clock: Mapped[bool] = mapped_column(Boolean, default=True)
    note: Mapped[str] = mapped_column(String(500), default="")
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    end_decision: Mapped[str] = mapped_column(String(100), default="")
    end_reason: Mapped[str] = mapped_column(String(500), default="")

    incident: Mapped[Incident] = relationship()
    head: Mapped[Member] = relationship(foreign_keys=[head_id])
    members: Mapped[list["ActivationMember"]] = relationship(order_by="ActivationMember.id")


class ActivationMember(Base):
    """One person of the activated task force. ``part``: deputy or member; leaving ends the row."""

    __tablename__ = "activation_members"

    id: Mapped[int] = mapped_column(primary_key=True)
    activation_id: Mapped[int] = mapped_column(ForeignKey("activations.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    part: Mapped[str] = mapped_column(String(20), default="member")
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    member: Mapped[Member] = relationship()
