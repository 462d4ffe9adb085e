"""What is to be done and by when: steps copied from playbooks, clocks, the marks told, the anchors."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incidents.cases.models.incident import Assignment, Incident
from incidents.db import Base, UtcDateTime
from incidents.people.models import Member
from incidents.vocabulary import StepState


class Step(Base):
    """A step copied into the incident. ``plan`` is the playbook's step as data, so that a later version changes nothing.

    ``applies``: True, False (hidden) or None (what decides it is not known yet).
    """

    __tablename__ = "steps"
    __table_args__ = (UniqueConstraint("incident_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    playbook: Mapped[str] = mapped_column(String(60))
    playbook_version: Mapped[int] = mapped_column(Integer)
    key: Mapped[str] = mapped_column(String(60))
    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(300))
    name_en: Mapped[str] = mapped_column(String(300), default="")
    phase: Mapped[str] = mapped_column(String(20))
    plan: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    applies: Mapped[bool | None] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(20), default=StepState.open)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    result: Mapped[str] = mapped_column(Text, default="")  # one line of proof, or why it was skipped
    document: Mapped[str] = mapped_column(String(200), default="")  # number and date, where the step asks for one
    file_count: Mapped[int] = mapped_column(Integer, default=0)  # files given as proof; they hang on their entries
    settled: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict
    )  # facts given with the tick, such as the verdict
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # waits for another person's approval since
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))

    incident: Mapped[Incident] = relationship()
    clocks: Mapped[list["Clock"]] = relationship(order_by="Clock.id", back_populates="step")
    done_by: Mapped[Member | None] = relationship(foreign_keys=[done_by_id])
    submitted_by: Mapped[Member | None] = relationship(foreign_keys=[submitted_by_id])
    approved_by: Mapped[Member | None] = relationship(foreign_keys=[approved_by_id])


class Clock(Base):
    """A running deadline: anchor + amount + legal basis. Never pauses; the first result stays beside a corrected one."""

    __tablename__ = "clocks"
    __table_args__ = (Index("ix_clocks_next_mark_at", "next_mark_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    step_id: Mapped[int | None] = mapped_column(ForeignKey("steps.id"), index=True)
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"))
    name: Mapped[str] = mapped_column(String(300))
    name_en: Mapped[str] = mapped_column(String(300), default="")
    anchor: Mapped[str] = mapped_column(String(40))
    anchor_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    amount: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str] = mapped_column(String(20))
    hard: Mapped[bool] = mapped_column(Boolean, default=False)
    owner: Mapped[str] = mapped_column(String(10), default="own")
    basis: Mapped[str] = mapped_column(String(40), default="")
    citation: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(String(300), default="")
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    warn_at: Mapped[list[str]] = mapped_column(JSON, default=list)  # when people are warned, ISO times in UTC, rising
    next_mark_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(20))
    met_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_result: Mapped[str] = mapped_column(String(20), default="")
    reason: Mapped[str] = mapped_column(String(500), default="")  # why it was waived

    incident: Mapped[Incident] = relationship()
    step: Mapped[Step | None] = relationship(back_populates="clocks")
    assignment: Mapped[Assignment | None] = relationship()


class ClockMark(Base):
    """A threshold of a clock that has been told: unique, so that any number of ticks tells once."""

    __tablename__ = "clock_marks"
    __table_args__ = (UniqueConstraint("clock_id", "threshold"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("clocks.id"))
    threshold: Mapped[str] = mapped_column(String(20))  # "warn:" or "due:" and its time: a moved clock tells anew
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Anchor(Base):
    """A point from which clocks run, other than the incident's own two. Corrected by a new row, never overwritten (G17)."""

    __tablename__ = "anchors"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    key: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    reason: Mapped[str] = mapped_column(String(500), default="")

    incident: Mapped[Incident] = relationship()
