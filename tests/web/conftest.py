"""A house with two teams in it, its pages, and people who use them as a browser would."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from tracker import commitments, people
from tracker.migrating import upgrade
from tracker.model import Customer, Person, Role, Team
from tracker.settings import Settings
from tracker.wiring import House, make_engine, make_readers, make_sessions
from web import create_app

TWO = datetime(2026, 11, 19, 14, 0, tzinfo=UTC)
"""Two o'clock on a Thursday in London, where the team works."""
PASSWORD = "keep-our-word"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""What it protects is made up; verifying takes the cost from the hash."""


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

    @classmethod
    def enter(cls, sessions: sessionmaker[Session]) -> "Cast":
        """Write them into an empty database."""
        with sessions.begin() as session:
            care = people.add_team(session, name="Care", zone="Europe/London", region="GB", now=TWO)
            sales = people.add_team(session, name="Sales", zone="Europe/London", region="GB", now=TWO)

            def person(name: str, role: Role, team: Team | None, phone: str) -> Person:
                email = f"{name.split()[0].lower()}@example.org"
                made = people.add_person(session, role=role, name=name, email=email, team=team, phone=phone)
                made.password_hash = CHEAP
                return made

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

    def promised(
        self,
        *,
        minutes: float = 60,
        owner: Person | None = None,
        kind: str = "callback",
        topic: str = "the refund for order 1042",
        customer: Customer | None = None,
    ) -> int:
        """A promise to Maria, Ana's unless another owner is named; its number."""
        owner = owner or self.ana
        with self.sessions.begin() as session:
            by = session.get_one(Person, owner.id)
            return commitments.make(
                session,
                by=by,
                team=session.get_one(Team, by.team_id),
                customer=session.get_one(Customer, (customer or self.maria).id),
                owner=by,
                kind=kind,
                topic=topic,
                due_at=self.clock.now + timedelta(minutes=minutes),
                now=self.clock.now,
            ).id


class Visitor:
    """Somebody at a browser: it keeps cookies, and sends the hidden fields of a form back as it got them."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = ""

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open a page."""
        return self.client.get(
            path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    def post(self, path: str, **fields: object) -> TestResponse:
        """Send a form, with the token that this log-in's forms carry."""
        if not self.token:
            self.token = hidden(self.client.get("/login", follow_redirects=True).text, "csrf_token")
        return self.client.post(path, data={"csrf_token": self.token, **fields})

    def log_in(self, email: str, password: str = PASSWORD, path: str = "/login") -> TestResponse:
        """Fill in the log-in page."""
        answer = self.post(path, email=email, password=password)
        self.token = ""  # a log-in starts a session of its own
        return answer

    def act(self, number: int, act: str, **fields: object) -> TestResponse:
        """Open a promise's page and send one of its forms."""
        page = self.get(f"/commitments/{number}").text
        seen = {name: hidden(page, name) for name in ("version", "event")}
        return self.post(f"/commitments/{number}/{act}", **{**seen, **fields})


def hidden(page: str, name: str) -> str:
    """The value of a hidden field; empty when there is none."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return unescape(found[1]) if found else ""


def words(response: TestResponse) -> str:
    """What a page says, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table and no rows, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "tracker.sqlite3"
    engine = make_engine(f"sqlite:///{file}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    engine.dispose()
    return file


@pytest.fixture
def engine(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Engine]:
    """A migrated database without rows."""
    file = tmp_path / "tracker.sqlite3"
    shutil.copy(migrated_sqlite, file)
    made = make_engine(f"sqlite:///{file}")
    yield made
    made.dispose()


@pytest.fixture
def cast(engine: Engine) -> Cast:
    """The small cast of people that stories are told with."""
    return Cast.enter(make_sessions(engine))


def a_house(engine: Engine, clock: Callable[[], datetime], **settings: str) -> House:
    """A house over that database, set up as the environment would."""
    given = {"TRACKER_SECRET_KEY": "for tests alone", **settings}
    return House(
        Settings(_env_file=None, **given),  # type: ignore[arg-type]  # named by their aliases
        engine,
        make_sessions(engine),
        make_readers(engine),
        {},
        clock,
    )


@pytest.fixture
def house(engine: Engine, cast: Cast) -> House:
    """The house that the pages are made over."""
    return a_house(engine, cast.clock)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates as compiled by the first test that needed them."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(house: House, compiled: FileSystemBytecodeCache) -> Flask:
    """Its pages."""
    made = create_app(house)
    made.jinja_env.bytecode_cache = compiled
    return made


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody who has not logged in."""
    return Visitor(app.test_client())


@pytest.fixture
def enter(app: Flask) -> Callable[[Person], Visitor]:
    """Logs somebody in at a browser of their own."""

    def logged_in(person: Person) -> Visitor:
        visitor = Visitor(app.test_client())
        assert visitor.log_in(person.email).status_code == 302
        return visitor

    return logged_in


@pytest.fixture
def ana(enter: Callable[[Person], Visitor], cast: Cast) -> Visitor:
    """Ana at her browser."""
    return enter(cast.ana)


@pytest.fixture
def sue(enter: Callable[[Person], Visitor], cast: Cast) -> Visitor:
    """Sue, her supervisor."""
    return enter(cast.sue)


@pytest.fixture
def ada(enter: Callable[[Person], Visitor], cast: Cast) -> Visitor:
    """Ada, who runs the place."""
    return enter(cast.ada)


@pytest.fixture
def count_queries(engine: Engine) -> Callable[[], object]:
    """A block that counts the statements sent to the database, but for BEGIN and the like."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        sent: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
            if not statement.lower().startswith(("begin", "pragma", "commit")):
                sent.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        yield sent
        event.remove(engine, "before_cursor_execute", note)

    return counting
