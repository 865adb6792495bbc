"""A commitment, and the evidence of what became of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.model.base import Base
from tracker.model.people import Customer, LadderRow, Person, Team
from tracker.model.words import EventKind
from tracker.policy.causes import Cause
from tracker.policy.outcomes import Disposition, Outcome, Verdict

READ_BY_ADVICE = ("made_at", "reopened_at", "outcome", "id")
READ_OF_OPEN = ("made_at", "reopened_at", "closed_at", "id")
"""All that the advice reads of hundreds of promises stands in indexes: the rows themselves are not looked up. None of
it changes but when a promise is closed or reopened. Of an open one `closed_at` is in the index only because SQLite
would look it up in the row, though the index is of open ones alone."""


class Commitment(Base):
    """One promise made to one customer: what, to whom, by when, by whom."""

    __tablename__ = "commitment"
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(40))
    topic: Mapped[str] = mapped_column(String(200))
    """One sentence that the customer would recognise."""
    made_at: Mapped[datetime]
    first_due_at: Mapped[datetime]
    due_at: Mapped[datetime]
    due_version: Mapped[int] = mapped_column(default=1)
    ladder_id: Mapped[int] = mapped_column(ForeignKey("ladder.id"))
    next_step: Mapped[int | None]
    """Number of the rung that fires at next_step_at."""
    next_step_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    """When supervisors were first told for the current due_at; null while they need not know."""
    chance: Mapped[float | None]
    """By the latest advice: the chance that it is done by due_at, 0 to 1; null before it was first asked."""
    at_risk_at: Mapped[datetime | None]
    """Since when it is unlikely to be done by the current due_at; null while it is likely, and once closed."""
    reopened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]
    verdict: Mapped[Verdict | None]
    reference: Mapped[str | None] = mapped_column(String(200))
    """Proof beside the attempts: the number of a refund or a parcel, or how the customer told us."""
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("commitment.id"))
    external_ref: Mapped[str | None] = mapped_column(String(120))
    form_key: Mapped[str | None] = mapped_column(String(43))
    """Given to each blank form, so that one sent twice makes one promise."""
    version: Mapped[int] = mapped_column()
    """Counts changes that a person must have seen before they make another."""

    team: Mapped[Team] = relationship()
    customer: Mapped[Customer] = relationship()
    owner: Mapped[Person] = relationship(foreign_keys=[owner_id])
    ladder: Mapped[LadderRow] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 SQLAlchemy reads this attribute by its exact form
    __table_args__ = (
        CheckConstraint("(closed_at is null) = (outcome is null)", "closed_has_outcome"),
        CheckConstraint("(closed_at is null) = (verdict is null)", "closed_has_verdict"),
        CheckConstraint("(closed_at is null) = (next_step_at is not null)", "open_has_next_step"),
        CheckConstraint("(next_step_at is null) = (next_step is null)", "next_step_has_time"),
        CheckConstraint(
            "(outcome is not null and outcome = 'duplicate') = (duplicate_of_id is not null)", "duplicate"
        ),
        CheckConstraint("duplicate_of_id <> id", "own_duplicate"),
        CheckConstraint("first_due_at > made_at", "due_after_made"),
        CheckConstraint("due_version > 1 or due_at = first_due_at", "first_due"),
        CheckConstraint("due_version >= 1", "due_version"),
        CheckConstraint("topic <> ''", "topic"),
        CheckConstraint("chance between 0 and 1", "chance"),
        CheckConstraint("at_risk_at is null or closed_at is null", "open_at_risk"),
        UniqueConstraint("team_id", "external_ref"),
        Index(
            "ix_commitment_next_step_at",
            "next_step_at",
            postgresql_where=text("next_step_at is not null"),
            sqlite_where=text("next_step_at is not null"),
        ),
        Index(
            "ix_commitment_open",
            "team_id",
            "due_at",
            *READ_OF_OPEN,
            postgresql_where=text("closed_at is null"),
            sqlite_where=text("closed_at is null"),
        ),
        Index(
            "ix_commitment_closed",
            "team_id",
            "closed_at",
            postgresql_where=text("closed_at is not null"),
            sqlite_where=text("closed_at is not null"),
        ),
        Index("ix_commitment_form_key", "form_key", unique=True),
        Index("ix_commitment_team_kind", "team_id", "kind", "closed_at", *READ_BY_ADVICE),
        Index("ix_commitment_owner_kind", "owner_id", "kind", "closed_at", *READ_BY_ADVICE),
        Index(
            "ix_commitment_owner_closed",
            "owner_id",
            "closed_at",
            postgresql_where=text("closed_at is not null"),
            sqlite_where=text("closed_at is not null"),
        ),
        Index(
            "ix_commitment_owner_open",
            "owner_id",
            "due_at",
            *READ_OF_OPEN,
            postgresql_where=text("closed_at is null"),
            sqlite_where=text("closed_at is null"),
        ),
    )


class Revision(Base):
    """One open change of due_at. Never changed, but for the moment the customer is told of it."""

    __tablename__ = "revision"
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"))
    due_version: Mapped[int]
    """The due version that it made; the first is 2."""
    was_due_at: Mapped[datetime]
    due_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("commitment_id", "due_version"),
        CheckConstraint("due_version >= 2", "due_version"),
        CheckConstraint("reason <> ''", "reason"),
        CheckConstraint("due_at > made_at", "due_after_made"),
    )


class Attempt(Base):
    """One try to reach the customer. Stamped by the clock, never by hand."""

    __tablename__ = "attempt"
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    disposition: Mapped[Disposition]
    note: Mapped[str | None] = mapped_column(Text)
    undone_at: Mapped[datetime | None]
    """Taken back within seconds by whoever logged it: no evidence."""


class Event(Base):
    """One line of a commitment's append-only history. `person_id` null: it happened by itself."""

    __tablename__ = "event"
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"))
    at: Mapped[datetime]
    kind: Mapped[EventKind]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    due_version: Mapped[int]
    step: Mapped[int | None]
    facts: Mapped[Mapping[str, Any] | None]
    __table_args__ = (
        CheckConstraint("(kind = 'climbed') = (step is not null)", "climbed_has_step"),
        Index("ix_event_commitment_id", "commitment_id"),
        Index(
            "ix_event_once",
            "commitment_id",
            "due_version",
            "step",
            unique=True,
            postgresql_where=text("step is not null"),
            sqlite_where=text("step is not null"),
        ),
    )


class Review(Base):
    """A supervisor's look at a missed commitment."""

    __tablename__ = "review"
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"), unique=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    cause: Mapped[Cause]
    done_for_customer: Mapped[str] = mapped_column(Text)
    change: Mapped[str] = mapped_column(Text)


class Feedback(Base):
    """What the customer said of a closed commitment."""

    __tablename__ = "feedback"
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"), index=True)
    at: Mapped[datetime]
    kept: Mapped[bool | None]
    score: Mapped[int | None]
    comment: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("score between 1 and 5", "score"),
        CheckConstraint("kept is not null or score is not null or comment is not null", "says_something"),
    )
