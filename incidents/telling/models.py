"""What is owed to whom (alerts), what came in (inbox), what is being asked (prompts), and the cards in chats."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incidents.db import Base, UtcDateTime
from incidents.people.models import Address, Member


class Alert(Base):
    """One message owed to one address: the outbox row. Holds kind and ids; the words are made when it is sent.

    ``cause`` names the event ("entry:81", "update:12"); unique with address and kind, so that telling twice is once.
    ``address_id`` empty: the member has no address that works, which is itself a fact to be shown.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("cause", "kind", "member_id", "address_id"),
        Index("ix_alerts_open", "state", "lane", "due_at"),
        Index("ix_alerts_incident_id", "incident_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    cause: Mapped[str] = mapped_column(String(100))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    address_id: Mapped[int | None] = mapped_column(ForeignKey("addresses.id"), index=True)
    chat: Mapped[str] = mapped_column(String(100), default="")  # the address's external id; of a stranger: his chat
    channel: Mapped[str] = mapped_column(String(20), default="telegram")
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    quick_report_id: Mapped[int | None] = mapped_column(ForeignKey("quick_reports.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    lane: Mapped[int] = mapped_column(Integer, default=3)
    state: Mapped[str] = mapped_column(String(20), default="queued")
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    worker: Mapped[str] = mapped_column(String(60), default="")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    is_repeat: Mapped[bool] = mapped_column(Boolean, default=False)  # may have arrived already: "(gửi lại)"
    reason: Mapped[str] = mapped_column(String(500), default="")
    message_id: Mapped[str] = mapped_column(String(40), default="")
    sent_text: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pressed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fallback_of: Mapped[int | None] = mapped_column(ForeignKey("alerts.id"))

    member: Mapped[Member | None] = relationship()
    address: Mapped[Address | None] = relationship()
    # By name: this floor lies below the one that owns incidents, a new incident and its alerts share one flush.
    incident: Mapped[Any] = relationship("Incident")
    quick_report: Mapped[Any] = relationship("QuickReport")


class ChatPause(Base):
    """A chat that Telegram asked us to leave alone until a time (RetryAfter); chat "" is the whole bot."""

    __tablename__ = "chat_pauses"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    chat: Mapped[str] = mapped_column(String(100))
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    __table_args__ = (UniqueConstraint("channel", "chat"),)


class Card(Base):
    """The one message of an incident or quick report in one chat, edited in place."""

    __tablename__ = "cards"
    __table_args__ = (UniqueConstraint("incident_id", "address_id"), UniqueConstraint("quick_report_id", "address_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    quick_report_id: Mapped[int | None] = mapped_column(ForeignKey("quick_reports.id"))
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id"))
    message_id: Mapped[str] = mapped_column(String(40))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    address: Mapped[Address] = relationship()


class Update(Base):
    """One update as the channel sent it, stored before the channel may forget it (the inbox)."""

    __tablename__ = "inbox_updates"
    __table_args__ = (UniqueConstraint("channel", "external_id"), Index("ix_inbox_updates_state_id", "state", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str] = mapped_column(String(40))
    chat: Mapped[str] = mapped_column(String(40), default="")
    raw: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(20), default="new")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str] = mapped_column(String(500), default="")
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PollOffset(Base):
    """Where the next getUpdates begins: a stored row, because a larger offset discards what it skips."""

    __tablename__ = "poll_offsets"

    channel: Mapped[str] = mapped_column(String(60), primary_key=True)
    next_offset: Mapped[int] = mapped_column(BigInteger)
    polled_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Prompt(Base):
    """A question put to one member in one chat; buttons carry its opaque token, typed numbers find it (bot.md 5)."""

    __tablename__ = "prompts"
    __table_args__ = (Index("ix_prompts_address_id_asked_at", "address_id", "asked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(30))
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    quick_report_id: Mapped[int | None] = mapped_column(ForeignKey("quick_reports.id"))
    options: Mapped[list[list[str]]] = mapped_column(JSON, default=list)  # [[number, action, argument], …]
    message_id: Mapped[str] = mapped_column(String(40), default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Heartbeat(Base):
    """Signs of life of the worker and of each channel (promises R23, R24)."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(20), default="ok")
    detail: Mapped[str] = mapped_column(String(300), default="")
    since: Mapped[datetime] = mapped_column(UtcDateTime)
