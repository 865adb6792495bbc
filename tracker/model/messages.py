"""The outbox, what came in, and what the provider said."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.model.base import Base
from tracker.model.people import Customer, Person
from tracker.model.words import Direction, DispatchState, MessageStatus, OptOutReason


class Message(Base):
    """One text in or out. An outgoing one is kind and facts until it is claimed: the words are chosen when
    it is sent, with the freshest name, zone, language and consent."""

    __tablename__ = "message"
    commitment_id: Mapped[int | None] = mapped_column(ForeignKey("commitment.id"))
    direction: Mapped[Direction]
    channel: Mapped[str] = mapped_column(String(20))
    recipient: Mapped[str | None] = mapped_column(String(30))
    """`customer` or `person:<id>`: who it is for; null for one that came in."""
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(40))
    facts: Mapped[Mapping[str, Any] | None]
    due_version: Mapped[int | None]
    step: Mapped[int | None]
    status: Mapped[MessageStatus]
    reason: Mapped[str | None] = mapped_column(String(200))
    """Why it was suppressed, put off or failed, in words for a person."""
    priority: Mapped[int] = mapped_column(default=5)
    """Smaller goes first: 1 customers, 3 the owner now, 5 supervisors, 7 what can wait."""
    made_at: Mapped[datetime]
    send_after: Mapped[datetime | None]
    """Null unless pending: when it may next be claimed."""
    expires_at: Mapped[datetime | None]
    """After this it would tell nobody anything; it is suppressed."""
    lease_until: Mapped[datetime | None]
    ask_at: Mapped[datetime | None]
    """When to ask the provider next what became of it; null when there is nothing to ask."""
    asked: Mapped[int] = mapped_column(default=0)
    """How often it was asked about what is not known now."""
    tries: Mapped[int] = mapped_column(default=0)
    sid: Mapped[str | None] = mapped_column(String(64))
    from_address: Mapped[str | None] = mapped_column(String(254))
    to_address: Mapped[str | None] = mapped_column(String(254))
    body: Mapped[str | None] = mapped_column(Text)
    segments: Mapped[int | None]
    error_code: Mapped[int | None]
    sent_at: Mapped[datetime | None]
    customer: Mapped[Customer | None] = relationship()
    person: Mapped[Person | None] = relationship()
    __table_args__ = (
        CheckConstraint("(direction = 'in') = (status = 'received')", "in_is_received"),
        CheckConstraint("direction = 'in' or (commitment_id is not null and recipient is not null)", "out"),
        CheckConstraint("(status = 'pending') = (send_after is not null)", "pending_has_time"),
        CheckConstraint("(status = 'sending') = (lease_until is not null)", "sending_has_lease"),
        CheckConstraint("step is null or due_version is not null", "step_has_due_version"),
        UniqueConstraint("sid"),
        Index(
            "ix_message_once",
            "commitment_id",
            "due_version",
            "step",
            "recipient",
            unique=True,
            postgresql_where=text("step is not null"),
            sqlite_where=text("step is not null"),
        ),
        Index("ix_message_commitment_id", "commitment_id"),
        Index(
            "ix_message_pending",
            "priority",
            "send_after",
            postgresql_where=text("status = 'pending'"),
            sqlite_where=text("status = 'pending'"),
        ),
        Index(
            "ix_message_sending",
            "lease_until",
            postgresql_where=text("status = 'sending'"),
            sqlite_where=text("status = 'sending'"),
        ),
        Index(
            "ix_message_ask_at",
            "ask_at",
            postgresql_where=text("ask_at is not null"),
            sqlite_where=text("ask_at is not null"),
        ),
        Index("ix_message_person_id", "person_id"),
    )


class Dispatch(Base):
    """One try to hand a message to the provider, committed before the request leaves. Its token is in the
    address that receipts are sent to: a receipt finds its message even before the answer was stored."""

    __tablename__ = "dispatch"
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    at: Mapped[datetime]
    state: Mapped[DispatchState]
    body: Mapped[str] = mapped_column(Text)
    from_address: Mapped[str] = mapped_column(String(254))
    to_address: Mapped[str] = mapped_column(String(254))
    sid: Mapped[str | None] = mapped_column(String(64))
    error_code: Mapped[int | None]
    detail: Mapped[str | None] = mapped_column(String(200))
    settled_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("(state = 'open') = (settled_at is null)", "open_is_unsettled"),
        Index("ix_dispatch_sid", "sid", unique=True),
        Index("ix_dispatch_to_address", "to_address", "at"),
        Index("ix_dispatch_from_address", "from_address", "at"),
    )


class Receipt(Base):
    """What the provider said became of a dispatch. The same news twice is one row."""

    __tablename__ = "receipt"
    dispatch_id: Mapped[int] = mapped_column(ForeignKey("dispatch.id"))
    status: Mapped[str] = mapped_column(String(40))
    error_code: Mapped[int | None]
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("dispatch_id", "status"),)


class OptOut(Base):
    """A number that gets no texts: its holder said STOP, or it is dead. Ends texts, never the call-back."""

    __tablename__ = "opt_out"
    phone: Mapped[str] = mapped_column(String(16))
    sender: Mapped[str] = mapped_column(String(64), default="")
    """Holds for texts from this sender of ours; empty: from any."""
    reason: Mapped[OptOutReason]
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("phone", "sender"),)


class Sender(Base):
    """A number or messaging service that our texts leave from, and whether it may be used now. Claims lock its row,
    so what is counted while claiming holds for all workers together."""

    __tablename__ = "sender"
    address: Mapped[str] = mapped_column(String(64), unique=True)
    paused_at: Mapped[datetime | None]
    """Since when nothing leaves, because the account is ill; null while it works."""
    paused_until: Mapped[datetime | None]
    """When one text is tried again."""
    error_code: Mapped[int | None]
    """The error that paused it."""
    __table_args__ = (CheckConstraint("(paused_at is null) = (paused_until is null)", "pause"),)
