"""Climbing until somebody answers: the ladder as data, and every next rung as a row with its time."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incidents.cases.models.incident import Assignment, Incident
from incidents.cases.models.quick_report import QuickReport
from incidents.db import Base, UtcDateTime
from incidents.people.models import Agency


class Rung(Base):
    """One sentence of a ladder: after ``minutes`` without an answer at ``severity``, tell ``target``.

    ``track``: "incident" (nobody holds it) or "agency" (an agency has not accepted its part). ``agency_id`` empty: for
    every agency that has no ladder of its own. ``target``: duty, contact, deputy, lead, leader, or head (of the agency).
    Replaced by a new row, never changed: ``ended_at``.
    """

    __tablename__ = "rungs"
    __table_args__ = (Index("ix_rungs_track_agency_id", "track", "agency_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    track: Mapped[str] = mapped_column(String(20))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    severity: Mapped[int] = mapped_column(Integer)
    minutes: Mapped[int] = mapped_column(Integer)
    target: Mapped[str] = mapped_column(String(20))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(300), default="")
    end_reason: Mapped[str] = mapped_column(String(300), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    agency: Mapped[Agency | None] = relationship()


class Escalation(Base):
    """One rung of one running cycle. ``key`` ("incident:12:1:2", "assignment:7:1:1", "quick_report:5:1:1") is unique, so
    that a rung is climbed once however often the time is looked at. ``next_at`` empty: nothing more is due of it.

    ``state``: waiting, told, skipped (nobody there), stopped (somebody answered).
    """

    __tablename__ = "escalations"
    __table_args__ = (Index("ix_escalations_next_at", "next_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"), index=True)
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"), index=True)
    quick_report_id: Mapped[int | None] = mapped_column(ForeignKey("quick_reports.id"), index=True)
    round: Mapped[int] = mapped_column(Integer, default=1)
    level: Mapped[int] = mapped_column(Integer)
    target: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told: Mapped[list[str]] = mapped_column(JSON, default=list)  # names, as they were told

    incident: Mapped[Incident | None] = relationship()
    assignment: Mapped[Assignment | None] = relationship()
    quick_report: Mapped[QuickReport | None] = relationship()


class LadderTest(Base):
    """A marked test sent through a whole ladder ("Gọi thử"). ``levels``: per rung the target and the names told."""

    __tablename__ = "ladder_tests"

    id: Mapped[int] = mapped_column(primary_key=True)
    track: Mapped[str] = mapped_column(String(20))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    severity: Mapped[int] = mapped_column(Integer)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    levels: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)

    agency: Mapped[Agency | None] = relationship()
