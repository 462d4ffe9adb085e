"""Quick reports and their parts."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incidents.cases.models.incident import Incident
from incidents.db import Base, UtcDateTime
from incidents.files import StoredFile
from incidents.people.models import Agency, Member
from incidents.vocabulary import QuickReportState


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
    remote_size: Mapped[int | None] = mapped_column(BigInteger)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))
    fetch_state: Mapped[str] = mapped_column(String(20), default="")  # "", waiting, stored, refused
    fetch_attempts: Mapped[int] = mapped_column(Integer, default=0)
    fetch_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(300), default="")
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime)

    report: Mapped[QuickReport] = relationship(back_populates="parts")
    file: Mapped[StoredFile | None] = relationship()
