"""A command as somebody types it: with a home, a folder and an environment of its own, at two o'clock."""

import io
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom

import pytest
import time_machine
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from tests.cast import TWO
from tests.rig.postgres import PostgresServer
from tracker import commands, settings
from tracker.wiring import make_engine

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = ("TRACKER_", "TWILIO_")


def free_port() -> int:
    """A port that nobody listens on, and that the system gives nobody who asks for just any port.

    One of those could be in use again before the command that is given it has started.
    """
    for _ in range(100):
        port = 10_000 + SystemRandom().randrange(20_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise RuntimeError("there is no free port")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home, and a folder to work in, where nobody has left any settings; ours would be in `var` of the clone."""
    home = tmp_path / "home"
    home.mkdir()
    for name in [each for each in os.environ if each.startswith(OURS)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TRACKER_SECRET_KEY", "for tests alone")
    monkeypatch.setattr(settings, "ROOT", tmp_path / "installed")
    monkeypatch.chdir(home)
    return home


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process, at two o'clock, whatever the wall says."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> Said:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        with time_machine.travel(TWO, tick=False):
            code = commands.main([str(each) for each in arguments])
        return Said(code, *capsys.readouterr())

    return run


@pytest.fixture
def database(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A migrated database without rows, which the settings name."""
    monkeypatch.setenv("TRACKER_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    return engine


@pytest.fixture(scope="session")
def bare_postgresql(postgres: PostgresServer) -> str:
    """A PostgreSQL database without a table; nobody may make one there."""
    postgres.create_database("bare")
    return postgres.url("bare")


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A database that was never migrated, which the settings name. Whoever gets it must leave it bare."""
    url = f"sqlite:///{tmp_path / 'bare.sqlite3'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("bare_postgresql")
    monkeypatch.setenv("TRACKER_DATABASE_URL", url)
    engine = make_engine(url)
    yield engine
    engine.dispose()


Count = Callable[[str], int]


@pytest.fixture
def count(sessions: sessionmaker[Session]) -> Count:
    """How many rows a table has."""

    def count(table: str) -> int:
        with sessions() as session:
            return int(session.execute(text(f"select count(*) from {table}")).scalar_one())  # noqa: S608 our names

    return count


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages as an installer lays them down: without a clone around them."""
    site = tmp_path_factory.mktemp("site")
    for package in ("tracker", "web", "jobs", "migrations"):
        shutil.copytree(ROOT / package, site / package, ignore=shutil.ignore_patterns("__pycache__"))
    return site


Process = subprocess.Popen[str]


@dataclass(frozen=True, slots=True)
class Install:
    """An installed Tracker, a home, and a SQLite file in it that is not there yet."""

    site: Path
    home: Path
    started: list[Process] = field(default_factory=list)

    @property
    def database(self) -> Path:
        """The file that its settings name."""
        return self.home / "house" / "tracker.sqlite3"

    @property
    def data(self) -> Path:
        """Where it keeps files of its own."""
        return self.home / ".local" / "share" / "tracker"

    def start(self, *arguments: str | Path, **settings: str) -> Process:
        """A command in a process of its own."""
        return self.python("-m", "tracker", *arguments, **settings)

    def python(self, *arguments: str | Path, **settings: str) -> Process:
        """Its interpreter."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "PYTHONPATH": str(self.site),
            "PYTHONUNBUFFERED": "1",
            "TRACKER_DATABASE_URL": f"sqlite:///{self.database}",
            **settings,
        }
        process = subprocess.Popen(  # noqa: S603 our own interpreter
            [sys.executable, *map(str, arguments)],
            cwd=self.home,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process


@pytest.fixture
def install(installed: Path, at_home: Path) -> Iterator[Install]:
    """An installed Tracker in an empty home. What still runs at the end of the test is ended."""
    install = Install(installed, at_home)
    yield install
    for process in install.started:
        process.kill()
        process.communicate()
