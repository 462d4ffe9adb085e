"""What people judged: the answers behind a severity, and what was learnt from a closed incident."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incidents.cases.models.incident import Incident
from incidents.db import Base, UtcDateTime
from incidents.people.models import Member


class Assessment(Base):
    """Seven answers 0-3, the level they give with its floors, and what the person chose (domain 4.3)."""

    __tablename__ = "assessments"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    score: Mapped[int] = mapped_column(Integer)
    level: Mapped[int] = mapped_column(Integer)
    floors: Mapped[list[str]] = mapped_column(JSON, default=list)
    chosen: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(500), default="")
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    incident: Mapped[Incident] = relationship()
    member: Mapped[Member | None] = relationship()


class Lesson(Base):
    """What the next version of a playbook should do better, with its owner and date."""

    __tablename__ = "lessons"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    playbook: Mapped[str] = mapped_column(String(60), default="")
    step: Mapped[str] = mapped_column(String(60), default="")
    text: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    due_on: Mapped[date | None] = mapped_column(Date)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_into: Mapped[int | None] = mapped_column(Integer)  # the playbook version whose draft took it up

    incident: Mapped[Incident] = relationship()
    owner: Mapped[Member | None] = relationship(foreign_keys=[owner_id])
