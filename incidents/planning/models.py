"""What the province itself says about law, calendar and playbooks, each approved by a second person."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incidents.db import Base, UtcDateTime
from incidents.people.models import Member


class Amendment(Base):
    """A change of a legal basis, a day or the working hours: proposed by one, decided by another, never deleted.

    ``subject``: law, calendar, hours. ``key``: the basis, or the ISO day. ``content``: the row as it shall be.
    ``state``: proposed, approved, refused.
    """

    __tablename__ = "amendments"
    __table_args__ = (Index("ix_amendments_subject_state", "subject", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(60))
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reason: Mapped[str] = mapped_column(String(500), default="")
    document: Mapped[str] = mapped_column(String(200), default="")
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(20), default="proposed")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(String(500), default="")

    proposed_by: Mapped[Member | None] = relationship(foreign_keys=[proposed_by_id])
    decided_by: Mapped[Member | None] = relationship(foreign_keys=[decided_by_id])


class PlaybookVersion(Base):
    """A version of a playbook made here; the shipped library is version 1. ``toml`` is the whole playbook as written.

    ``state``: draft, active, retired, discarded. An active one is never changed: a new version is made. ``revision`` counts the
    saves of a draft, so that the second of two editors is told. ``lessons``: texts from closed incidents, with codes.
    """

    __tablename__ = "playbook_versions"
    __table_args__ = (UniqueConstraint("key", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    version: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20), default="draft")
    toml: Mapped[str] = mapped_column(Text)
    based_on: Mapped[int] = mapped_column(Integer, default=0)
    note: Mapped[str] = mapped_column(String(500), default="")
    lessons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    editors: Mapped[list[int]] = mapped_column(JSON, default=list)  # everybody who saved it: none of them approves it
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    document: Mapped[str] = mapped_column(String(200), default="")
    in_force_from: Mapped[date | None] = mapped_column(Date)
    retired_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    retire_reason: Mapped[str] = mapped_column(String(500), default="")
    revision: Mapped[int] = mapped_column(Integer)

    created_by: Mapped[Member | None] = relationship(foreign_keys=[created_by_id])
    changed_by: Mapped[Member | None] = relationship(foreign_keys=[changed_by_id])
    approved_by: Mapped[Member | None] = relationship(foreign_keys=[approved_by_id])
    retired_by: Mapped[Member | None] = relationship(foreign_keys=[retired_by_id])

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - declared so by SQLAlchemy
