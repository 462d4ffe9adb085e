"""Incidents and what belongs to one: entries, assignments, running playbooks, steps, clocks, quick reports."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incidents.db import Base, UtcDateTime
from incidents.files import StoredFile
from incidents.people.models import Agency, Member
from incidents.vocabulary import ENDED, QuickReportState, Status, StepState


class CodeCounter(Base):
    """The last number given per prefix and year (SK, TG, DT; BN counts on through the years)."""

    __tablename__ = "code_counters"

    key: Mapped[str] = mapped_column(String(20), primary_key=True)
    last: Mapped[int] = mapped_column(Integer, default=0)


class Incident(Base):
    """What the desk handles. ``severity`` is the level alarms run at; unconfirmed it shows as "đề xuất"."""

    __tablename__ = "incidents"
    __table_args__ = (
        Index("ix_incidents_board", "is_open", "next_due_at", "id"),
        Index("ix_incidents_received", "received_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(30))
    category: Mapped[str] = mapped_column(String(30), default="")
    severity: Mapped[int] = mapped_column(Integer)
    severity_confirmed: Mapped[bool] = mapped_column(Boolean, default=True)
    title: Mapped[str] = mapped_column(String(200))
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
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    round: Mapped[int] = mapped_column(Integer, default=1)
    source: Mapped[str] = mapped_column(String(20))
    source_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    next_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
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


class EntryFile(Base):
    __tablename__ = "entry_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))

    file: Mapped[StoredFile] = relationship()


class Assignment(Base):
    """An agency's part in an incident. Exactly one open row leads; changing it ends the old row (domain 4.8)."""

    __tablename__ = "assignments"
    __table_args__ = (Index("ix_assignments_agency_id_incident_id", "agency_id", "incident_id"),)

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
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str] = mapped_column(String(300), default="")

    incident: Mapped[Incident] = relationship()
    agency: Mapped[Agency] = relationship()
    accepted_by: Mapped[Member | None] = relationship(foreign_keys=[accepted_by_id])


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
    result: Mapped[str] = mapped_column(Text, default="")  # proof, document number, or why it was skipped

    incident: Mapped[Incident] = relationship()
    clocks: Mapped[list["Clock"]] = relationship(order_by="Clock.id", back_populates="step")
    done_by: Mapped[Member | None] = relationship()


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
    soon_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_mark_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(20))
    met_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_result: Mapped[str] = mapped_column(String(20), default="")

    incident: Mapped[Incident] = relationship()
    step: Mapped[Step | None] = relationship(back_populates="clocks")
    assignment: Mapped[Assignment | None] = relationship()


class ClockMark(Base):
    """A threshold of a clock that has been told: unique, so that any number of ticks tells once."""

    __tablename__ = "clock_marks"
    __table_args__ = (UniqueConstraint("clock_id", "threshold"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("clocks.id"))
    threshold: Mapped[str] = mapped_column(String(20))  # "soon" or "due", with the due time: a moved clock tells anew
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


class QuickReport(Base):
    """What a member sent in; receipt BN-0412 until it is part of an incident. Stored first, asked afterwards."""

    __tablename__ = "quick_reports"
    __table_args__ = (Index("ix_quick_reports_state_id", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    source: Mapped[str] = mapped_column(String(20))
    source_key: Mapped[str] = mapped_column(String(120), unique=True)
    text: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str] = mapped_column(Text, default="")
    origin: Mapped[str] = mapped_column(String(300), default="")  # of a forward: public channel, or only its kind (S28)
    severity: Mapped[int | None] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(30), default="")
    place: Mapped[str] = mapped_column(String(200), default="")
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(20), default=QuickReportState.asked)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ask_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"), index=True)
    reason: Mapped[str] = mapped_column(String(500), default="")
    sorted_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    sorted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    exercise: Mapped[bool] = mapped_column(Boolean, default=False)

    member: Mapped[Member] = relationship(foreign_keys=[member_id])
    agency: Mapped[Agency | None] = relationship()
    incident: Mapped[Incident | None] = relationship()
    parts: Mapped[list["QuickReportPart"]] = relationship(order_by="QuickReportPart.id", back_populates="report")


class QuickReportPart(Base):
    """What came later or as a file: more text, an edited text, a photo (fetched when ``file_id`` is set)."""

    __tablename__ = "quick_report_parts"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("quick_reports.id"), index=True)
    source_key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(20))  # text, edit, photo
    text: Mapped[str] = mapped_column(Text, default="")
    remote_id: Mapped[str] = mapped_column(String(300), default="")  # the channel's name of the file
    remote_size: Mapped[int | None] = mapped_column(Integer)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))
    fetch_state: Mapped[str] = mapped_column(String(20), default="")  # "", waiting, stored, refused
    fetch_attempts: Mapped[int] = mapped_column(Integer, default=0)
    fetch_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(300), default="")
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime)

    report: Mapped[QuickReport] = relationship(back_populates="parts")
    file: Mapped[StoredFile | None] = relationship()


class Draft(Base):
    """What somebody is typing, kept every few seconds (promises C2)."""

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("member_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    key: Mapped[str] = mapped_column(String(100))
    fields: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
