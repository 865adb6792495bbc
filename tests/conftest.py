"""What every test stands on, and the costly things, each started when a test first asks for it."""

import gc
import os
import shutil
import signal
import time
from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from zlib import crc32

import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import settings
from jinja2.bccache import Bucket, BytecodeCache
from playwright.sync_api import Browser
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from tests.cast import Cast, KeptCast
from tests.chaos.table import tables
from tests.rig.chromium import running_chromium
from tests.rig.network import forbid_network
from tests.rig.postgres import PostgresServer, running_postgres
from tracker import people
from tracker.migrating import upgrade
from tracker.model import Base
from tracker.wiring import make_engine, make_sessions

# Nearly a day away from New York, and by three quarters of an hour off: a time taken from the wall shows.
os.environ["TZ"] = "Pacific/Chatham"
os.environ["TZDIR"] = str(
    files("tzdata") / "zoneinfo"
)  # small systems have no zones, and would silently say UTC
time.tzset()

# So that fixtures are taken down, and the servers with them, when the run is told to end.
signal.signal(signal.SIGTERM, signal.default_int_handler)

forbid_network()

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


DATABASES = ["postgresql", "sqlite"]
TAKING_TURNS = {"web", "journeys"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of pages and of the API, and whole stories, take turns: each runs on one of the two databases, by its
    name, and each page on both.

    The operations beneath them are tested on both; to do all twice took a minute and found nothing more.
    """
    alike = defaultdict[str, dict[str, pytest.Item]](dict)
    for item in items:
        if item.path.parent.name in TAKING_TURNS and not item.path.name.startswith("test_statements_"):
            params = getattr(item, "callspec", None)
            database = str(params.params.get("engine")) if params else ""
            if database in DATABASES:
                alike[item.nodeid.replace(database, "")][database] = item
    spared = [both[DATABASES[crc32(name.encode()) % 2]] for name, both in alike.items() if len(both) == 2]
    left_out = set(spared)
    config.hook.pytest_deselected(items=spared)
    items[:] = [item for item in items if item not in left_out]


def pytest_sessionfinish() -> None:
    """pytest looks through all that is left five times over, for what could not be raised: seconds in every process.
    Once finds what there is to be found; what is frozen then is not looked at again."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the crash tests have counted stands at the end of the run."""
    reports = (report for how in ("passed", "failed") for report in terminalreporter.getreports(how))
    for line in tables(reports):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this process's own; whoever stops or kills it starts it again."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium that reaches this machine only."""
    with running_chromium() as browser:
        yield browser


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


@pytest.fixture(scope="session")
def migrated_postgresql(postgres: PostgresServer) -> str:
    """The URL of a PostgreSQL database with every table; whoever gets it empties it first."""
    postgres.create_database("migrated")
    url = postgres.url("migrated")
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    return url


TABLES = [table.name for table in Base.metadata.sorted_tables]
EMPTY_POSTGRESQL = "; ".join(
    [
        *(f'delete from "{name}"' for name in reversed(TABLES)),  # noqa: S608 names of our own tables
        *(f"select setval('{name}_id_seq', 1, false)" for name in TABLES),
    ]
)
"""For the few rows of a test: truncating writes every table and index anew, a hundred times the work."""
TRUNCATE_POSTGRESQL = f"truncate {', '.join(TABLES)} restart identity"
"""For many: each row that is deleted is looked for in all tables that may point at it, some without an index."""
MANY = 300


def emptied(engine: Engine) -> None:
    """Take every row out of a database, so that numbers begin at 1 again."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            made = connection.exec_driver_sql("select last_value from commitment_id_seq").scalar_one()
            connection.exec_driver_sql(EMPTY_POSTGRESQL if made < MANY else TRUNCATE_POSTGRESQL)
            return
        connection.exec_driver_sql("pragma defer_foreign_keys=on")  # two tables may point at one another
        for table in Base.metadata.tables.values():
            connection.execute(table.delete())


@pytest.fixture(scope="session")
def engines() -> Iterator[dict[str, Engine]]:
    """One engine for each kind of database: it knows every statement that it has compiled before, and compiling them
    anew for every test took a third of the time."""
    made: dict[str, Engine] = {}
    yield made
    for engine in made.values():
        engine.dispose()


@pytest.fixture(params=DATABASES)
def engine(
    request: pytest.FixtureRequest, engines: dict[str, Engine], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A migrated database without rows: every test that asks for it runs on both kinds. What listens to it does so
    for this test alone."""
    kind = request.param
    if kind not in engines:
        url = f"sqlite:///{tmp_path_factory.mktemp('lived-in') / 'tracker.sqlite3'}"
        engines[kind] = make_engine(
            url if kind == "sqlite" else request.getfixturevalue("migrated_postgresql")
        )
    made = engines[kind]
    if kind == "sqlite":
        file = Path(str(made.url.database))
        for left in file.parent.iterdir():
            left.unlink()
        shutil.copy(request.getfixturevalue("migrated_sqlite"), file)
    else:
        emptied(made)
    yield made.execution_options()
    if kind == "sqlite":
        made.dispose()  # the next test has another file


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions that write."""
    return make_sessions(engine)


class _Compiled(BytecodeCache):
    """Templates that some application of this process has compiled before."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(autouse=True, scope="session")
def templates_compiled_once() -> None:
    """Nearly every test of a page makes an application of its own; compiling took most of its time."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Compiled()}


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords() -> None:
    """Passwords hashed at the least cost: what they protect here is made up."""
    people.PASSWORDS = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def casts() -> dict[str, KeptCast]:
    """The cast as it was entered into each kind of database: to enter it anew took a sixth of a test's time."""
    return {}


@pytest.fixture
def cast(engine: Engine, sessions: sessionmaker[Session], casts: dict[str, KeptCast]) -> Cast:
    """The small cast of people that stories are told with."""
    kind = engine.dialect.name
    if kind not in casts:
        cast = Cast.enter(sessions)
        casts[kind] = KeptCast.of(cast, engine)
        return cast
    return casts[kind].enter(engine, sessions)
