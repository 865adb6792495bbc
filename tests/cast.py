"""The small cast of people that stories are told with, and a clock that moves when the story says so."""

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from tracker import commitments, people
from tracker.channels import Accepted, Outgoing, Result
from tracker.delivery import deliver
from tracker.escalation import climb
from tracker.model import Base, Commitment, Customer, Direction, Message, Person, Role, Team
from tracker.policy.asking import Record
from tracker.policy.links import Links

TWO = datetime(2026, 11, 19, 14, 0, tzinfo=UTC)
"""Two o'clock on a Thursday in London, where the team works."""
PASSWORD = "keep-our-word"


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = TWO

    def __call__(self) -> datetime:
        return self.now

    def forward(self, minutes: float) -> datetime:
        """Move on by so many minutes; the new time."""
        self.now += timedelta(minutes=minutes)
        return self.now


@dataclass
class Wire:
    """A channel at whose end somebody writes down what arrives. `answers` are given first, then all is accepted."""

    name: str = "sms"
    sender: str = "+15005550006"
    own_numbers: frozenset[str] = frozenset({"+15005550006"})
    seconds: float = 10
    batch: int = 1
    reports: bool = True
    per_minute: int | None = None
    links: Links | None = None
    answers: list[Result] = field(default_factory=list)
    sent: list[Outgoing] = field(default_factory=list)

    def send(self, outgoing: Outgoing) -> Result:
        """Take it down, and answer."""
        self.sent.append(outgoing)
        return self.answers.pop(0) if self.answers else Accepted(f"SM{len(self.sent):032x}")

    def records(self, to: str) -> Sequence[Record] | None:  # noqa: ARG002 what the protocol gives
        """This end keeps no list that could be asked for."""
        return None

    def record(self, sid: str) -> None:
        """Nor does it say more than it has said."""


@dataclass
class Cast:
    """Two teams. Care: Ana and Ben, agents; Sue, supervisor. Sales: Zoe, agent. Ada runs the place. Maria called."""

    sessions: sessionmaker[Session]
    care: Team
    sales: Team
    ana: Person
    ben: Person
    sue: Person
    zoe: Person
    ada: Person
    maria: Customer
    clock: Clock = field(default_factory=Clock)
    wire: Wire = field(default_factory=Wire)

    @classmethod
    def enter(cls, sessions: sessionmaker[Session]) -> "Cast":
        """Write them into an empty database."""
        with sessions.begin() as session:
            care = people.add_team(session, name="Care", zone="Europe/London", region="GB", now=TWO)
            sales = people.add_team(session, name="Sales", zone="Europe/London", region="GB", now=TWO)

            def person(name: str, role: Role, team: Team | None, phone: str) -> Person:
                email = f"{name.split()[0].lower()}@example.org"
                return people.add_person(
                    session,
                    role=role,
                    name=name,
                    email=email,
                    team=team,
                    phone=phone,
                    password=PASSWORD,
                )

            return cls(
                sessions,
                care,
                sales,
                ana=person("Ana Ruiz", Role.AGENT, care, "+447700900001"),
                ben=person("Ben Ito", Role.AGENT, care, "+447700900002"),
                sue=person("Sue May", Role.SUPERVISOR, care, "+447700900003"),
                zoe=person("Zoe Fox", Role.AGENT, sales, "+447700900004"),
                ada=person("Ada Lund", Role.ADMIN, None, ""),
                maria=people.find_or_add_customer(
                    session, phone="07700 900100", name="Maria Lopez", team=care, now=TWO
                ),
            )

    def promise(self, session: Session, *, minutes: float = 60, **changes: Any) -> Commitment:
        """Ana, or another owner, promises Maria a call in so many minutes."""
        owner: Person = changes.get("owner", self.ana)
        given = {
            "by": owner,
            "team": self.care if owner.team_id == self.care.id else self.sales,
            "customer": self.maria,
            "owner": owner,
            "kind": "callback",
            "topic": "the refund for order 1042",
            "due_at": self.clock.now + timedelta(minutes=minutes),
            "now": self.clock.now,
            **changes,
        }
        for name in ("by", "team", "customer", "owner"):
            given[name] = session.merge(given[name], load=False)
        return commitments.make(session, **given)

    def promised(self, **changes: Any) -> int:
        """A promise in a transaction of its own; its number."""
        with self.sessions.begin() as session:
            return self.promise(session, **changes).id

    def tick(self, minutes: float = 0) -> None:
        """Fast-forward, and let the jobs run once."""
        self.clock.forward(minutes)
        climb(self.sessions, now=self.clock.now)
        deliver(self.sessions, {"sms": self.wire}, now=self.clock.now)

    def texts(self) -> list[str]:
        """Every text that left: kind and whom it was for, in order."""
        with self.sessions() as session:
            left = (
                select(Message)
                .where(Message.direction == Direction.OUT, Message.sid.is_not(None))
                .order_by(Message.sent_at, Message.id)
            )
            names = {f"person:{each.id}": each.name.split()[0] for each in session.scalars(select(Person))}
            return [
                f"{message.kind} to {names.get(message.recipient or '', 'Maria')}"
                for message in session.scalars(left)
            ]


@dataclass(frozen=True)
class KeptCast:
    """A cast and all that was written when it entered, to be put into an empty database again: a file as a whole, a
    server's rows by one statement. To insert them anew took most of the time between two tests."""

    people: bytes
    file: bytes = b""
    rows: str = ""

    @classmethod
    def of(cls, cast: Cast, engine: Engine) -> Self:
        """Before the story begins."""
        people = pickle.dumps(
            {name: vars(cast)[name] for name in ("care", "sales", "ana", "ben", "sue", "zoe", "ada", "maria")}
        )
        if engine.dialect.name == "sqlite":
            engine.dispose()  # whoever leaves last puts all into the one file
            return cls(people, file=Path(str(engine.url.database)).read_bytes())
        with engine.begin() as connection:
            every = (table.name for table in Base.metadata.sorted_tables)
            written = [
                name
                for name in every
                if connection.exec_driver_sql(f'select exists (table "{name}")').scalar()
            ]
            connection.exec_driver_sql("create schema kept")
            for name in written:
                connection.exec_driver_sql(f'create table kept."{name}" as table "{name}"')
        return cls(
            people,
            rows="; ".join(
                f'insert into "{name}" table kept."{name}"; '  # noqa: S608 names of our own tables
                f"select setval('{name}_id_seq', (select max(id) from kept.\"{name}\"))"
                for name in written
            ),
        )

    def enter(self, engine: Engine, sessions: sessionmaker[Session]) -> Cast:
        """The same people, with nothing behind them."""
        if self.file:
            engine.dispose()
            Path(str(engine.url.database)).write_bytes(self.file)
        else:
            with engine.begin() as connection:
                connection.exec_driver_sql(self.rows)
        return Cast(sessions, **pickle.loads(self.people))  # noqa: S301 pickled above
