"""The incident, who may see it, its timeline, its assignments, and what somebody is typing."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incidents.db import Base, UtcDateTime
from incidents.files import StoredFile
from incidents.people.models import Agency, Member
from incidents.vocabulary import ENDED, Status

FAR = datetime(9999, 1, 1, tzinfo=UTC)  # sorts an incident without a running clock last


class CodeCounter(Base):
    """The last number given per prefix and year (SK, TG, DT; BN counts on through the years)."""

    __tablename__ = "code_counters"

    key: Mapped[str] = mapped_column(String(20), primary_key=True)
    last: Mapped[int] = mapped_column(Integer, default=0)


class Incident(Base):
    """What the desk handles. ``severity`` is the level alarms run at; unconfirmed it shows as "đề xuất"."""

    __tablename__ = "incidents"
    __table_args__ = (
        Index("ix_incidents_board", "is_open", "due_order", "id"),
        Index("ix_incidents_received", "received_at", "id"),
        Index("ix_incidents_still_at", "still_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(30))
    category: Mapped[str] = mapped_column(String(30), default="")
    severity: Mapped[int] = mapped_column(Integer)
    severity_confirmed: Mapped[bool] = mapped_column(Boolean, default=True)
    title: Mapped[str] = mapped_column(String(300))
    what: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(200), default="")
    commune_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    link: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(20), default=Status.new)
    is_open: Mapped[bool] = mapped_column(Boolean, default=True)
    exercise: Mapped[bool] = mapped_column(Boolean, default=False)
    restricted: Mapped[bool] = mapped_column(Boolean, default=False)
    flags: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    playbooks: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # running: key, code, name, version, at
    harm_class: Mapped[str] = mapped_column(String(1), default="")
    access_class: Mapped[str] = mapped_column(String(1), default="")
    occurred_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    still_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the holder is asked "vẫn giữ?" (bot.md 6)
    still_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hold_round: Mapped[int] = mapped_column(Integer, default=1)  # of the ladder: counts on when it was given back
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    round: Mapped[int] = mapped_column(Integer, default=1)
    source: Mapped[str] = mapped_column(String(20))
    source_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    next_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_order: Mapped[datetime] = mapped_column(
        UtcDateTime, default=FAR
    )  # never empty, what nobody holds at Cấp 4 and 3 first: lists sort by it
    folded: Mapped[str] = mapped_column(Text, default="")
    marked: Mapped[str] = mapped_column(Text, default="")  # lower case with diacritics: exact hits rank first
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entry_count: Mapped[int] = mapped_column(Integer, default=0)
    head_hash: Mapped[str] = mapped_column(String(64), default="")
    version: Mapped[int] = mapped_column(Integer)

    holder: Mapped[Member | None] = relationship(foreign_keys=[holder_id])
    opened_by: Mapped[Member | None] = relationship(foreign_keys=[opened_by_id])
    commune: Mapped[Agency | None] = relationship()
    merged_into: Mapped["Incident | None"] = relationship(remote_side=[id])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - declared so by SQLAlchemy

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED


class IncidentReader(Base):
    """Who may see a restricted incident: named people, whatever their role (G21)."""

    __tablename__ = "incident_readers"
    __table_args__ = (UniqueConstraint("incident_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)


class Entry(Base):
    """One line of the timeline, never changed afterwards; the hash chains it to the one before (G18, promises S26)."""

    __tablename__ = "entries"
    __table_args__ = (UniqueConstraint("incident_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(30))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    actor_name: Mapped[str] = mapped_column(String(120), default="")
    agency_name: Mapped[str] = mapped_column(String(300), default="")  # the name valid on the entry's day
    source: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"))
    source_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    previous_hash: Mapped[str] = mapped_column(String(64), default="")
    hash: Mapped[str] = mapped_column(String(64))

    incident: Mapped[Incident] = relationship()
    files: Mapped[list["EntryFile"]] = relationship(order_by="EntryFile.id")


class EntryFile(Base):
    __tablename__ = "entry_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))

    file: Mapped[StoredFile] = relationship()


class Assignment(Base):
    """An agency's part in an incident. Exactly one open row leads; changing it ends the old row (domain 4.8)."""

    __tablename__ = "assignments"
    __table_args__ = (
        Index("ix_assignments_agency_id_incident_id", "agency_id", "incident_id"),
        Index("ix_assignments_expires_at", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    part: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(300), default="")
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    assigned_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    note: Mapped[str] = mapped_column(String(300), default="")  # said when accepting
    expected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the agency expects to answer
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # then an acceptance without a word counts no more
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when who accepted was asked "vẫn giữ?"
    round: Mapped[int] = mapped_column(Integer, default=1)  # of the agency's own ladder
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str] = mapped_column(String(300), default="")

    incident: Mapped[Incident] = relationship()
    agency: Mapped[Agency] = relationship()
    accepted_by: Mapped[Member | None] = relationship(foreign_keys=[accepted_by_id])


class Draft(Base):
    """What somebody is typing, kept every few seconds (promises C2)."""

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("member_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    key: Mapped[str] = mapped_column(String(100))
    fields: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
