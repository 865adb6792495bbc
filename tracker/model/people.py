"""Teams, the people in them, and the customers they promise something to."""

from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.model.base import Base
from tracker.model.words import Role
from tracker.policy.calibration import AS_TOLD, Calibration
from tracker.policy.ladder import Ladder, from_json


class Team(Base):
    """People with one calendar, one ladder and one sender."""

    __tablename__ = "team"
    name: Mapped[str] = mapped_column(String(80), unique=True)
    zone: Mapped[str] = mapped_column(String(64))
    region: Mapped[str] = mapped_column(String(2))
    """ISO 3166 country: how a phone number without + is read."""
    language: Mapped[str] = mapped_column(String(8))
    hours: Mapped[str] = mapped_column(String(400))
    """Weekly hours in the team's zone, as `tracker.policy.calendars` spells them: `0-4:9-18`."""
    kinds: Mapped[list[Any]] = mapped_column(default=list)
    """Kinds of commitment of this team's own, beside the built-in ones."""
    tries: Mapped[int] = mapped_column(default=3)
    """Attempts before a commitment may be closed as unreachable."""
    holidays: Mapped[str | None] = mapped_column(String(20))
    """Whose public holidays it keeps: an ISO 3166 country, perhaps with a subdivision, `US` or `US-NY`."""
    sender: Mapped[str | None] = mapped_column(String(64))
    """The number or messaging service its texts leave from; null: the one of the settings."""
    ladder_id: Mapped[int] = mapped_column(ForeignKey("ladder.id"))
    """The ladder that new commitments are made under."""
    odds_worth: Mapped[str | None] = mapped_column(String(40))
    """What its odds are worth, as `Calibration` spells it; null until that was reckoned."""
    calibrated_at: Mapped[datetime | None]
    """When that was last begun."""
    ladder: Mapped["LadderRow"] = relationship()
    __table_args__ = (CheckConstraint("tries between 1 and 20", "tries"),)

    def calibration(self, now: datetime) -> Calibration:
        """What its odds are worth, as policy sees it. Of a moment before that was reckoned nothing is known: they are
        taken as told."""
        if self.odds_worth is None or self.calibrated_at is None or self.calibrated_at > now:
            return AS_TOLD
        return Calibration.parse(self.odds_worth)


class LadderRow(Base):
    """A ladder as it was at some time. Never changed: a team that changes its ladder gets a new row, and
    commitments keep theirs."""

    __tablename__ = "ladder"
    steps: Mapped[list[Any]]
    made_at: Mapped[datetime]

    @cached_property
    def laid_out(self) -> Ladder:
        """The ladder as policy sees it."""
        return from_json(self.steps)


class Person(Base):
    """Someone who works here. An admin may belong to no team; everybody else belongs to one."""

    __tablename__ = "person"
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    role: Mapped[Role]
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """In lower case: one person, one log-in."""
    phone: Mapped[str | None] = mapped_column(String(16))
    zone: Mapped[str] = mapped_column(String(64))
    shifts: Mapped[str | None] = mapped_column(String(400))
    """Weekly hours at work in the team's zone, spelled as the team's; null: whenever the team works."""
    language: Mapped[str] = mapped_column(String(8), default="en")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    session_key: Mapped[str] = mapped_column(String(32))
    """Part of every log-in; a new one ends all log-ins of this person."""
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    active: Mapped[bool] = mapped_column(default=True)
    team: Mapped[Team | None] = relationship()
    __table_args__ = (
        CheckConstraint("role = 'admin' or team_id is not null", "team"),
        CheckConstraint("email = lower(email)", "email"),
    )


class Closure(Base):
    """A time during which a whole team does not work, beside its public holidays."""

    __tablename__ = "closure"
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(120))
    __table_args__ = (CheckConstraint("ends_at > starts_at", "span"),)


class Wording(Base):
    """A team's own words for a kind of text in a language; without one the built-in words are used."""

    __tablename__ = "wording"
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    kind: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(8))
    template: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("team_id", "kind", "language"),)


class Digest(Base):
    """A weekly digest that was mailed to a supervisor: one a week, however many workers there are."""

    __tablename__ = "digest"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    week: Mapped[str] = mapped_column(String(8))
    """ISO week, as `2026-W47`."""
    sent_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("person_id", "week"),)


class Absence(Base):
    """A time during which a person is not here; without an end until they say they are back."""

    __tablename__ = "absence"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    __table_args__ = (CheckConstraint("ends_at is null or ends_at > starts_at", "span"),)


class Customer(Base):
    """Someone we promised something to; known by their phone number."""

    __tablename__ = "customer"
    name: Mapped[str] = mapped_column(String(120), index=True)
    given_name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str] = mapped_column(String(16), unique=True)
    """E.164."""
    zone: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    made_at: Mapped[datetime]
