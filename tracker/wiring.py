"""How is it put together? Settings become an engine, sessions and channels. Only this module reads the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from tracker.channels import Channels
from tracker.channels.sms import Sms
from tracker.policy.consent import Scope
from tracker.settings import Settings, SettingsError

BUSY_MILLISECONDS = 15_000
"""How long a SQLite writer waits for another; past it the caller gets an error instead of hanging."""


@dataclass(frozen=True)
class House:
    """Everything an entry point needs, put together once."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    """Sessions that write."""
    readers: sessionmaker[Session]
    """Sessions that only read."""
    channels: Channels
    clock: Callable[[], datetime]


def utc_now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 the one place that reads the clock


def build(
    settings: Settings, *, channels: Channels | None = None, clock: Callable[[], datetime] = utc_now
) -> House:
    """The house by its settings. Without channels of the caller's own: texts, if an account is configured."""
    engine = make_engine(settings.engine_url)
    if channels is None:
        channels = {"sms": Sms(settings)} if settings.has_twilio else {}
    sessions = make_sessions(engine, settings.opt_out_scope)
    return House(settings, engine, sessions, make_readers(engine), channels, clock)


def make_engine(url: str) -> Engine:
    """An engine for SQLite (WAL, foreign keys on, a writer takes its lock at BEGIN) or PostgreSQL.

    Raises SettingsError for any other URL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise SettingsError(f"TRACKER_DATABASE_URL is not a database URL: {url!r}.") from error
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise SettingsError("TRACKER_DATABASE_URL must name a SQLite file or a PostgreSQL database.")
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def check_answers(engine: Engine) -> None:
    """Raises SettingsError with one sentence when the database cannot be reached."""
    try:
        engine.connect().close()
    except OperationalError as error:
        reason = " ".join(str(error.orig).split())[:300]
        raise SettingsError(
            f"The database does not answer; check TRACKER_DATABASE_URL. It said: {reason}"
        ) from error


def make_sessions(engine: Engine, scope: Scope = Scope.EVERYWHERE) -> sessionmaker[Session]:
    """Sessions that write. On SQLite they take the one writer's lock at once, so no transaction fails half way.

    `scope`: what an opt-out that is written down in them holds for.
    """
    writing = engine.execution_options(writes=True)
    return sessionmaker(writing, expire_on_commit=False, info={"opt_out_scope": scope})


def make_readers(engine: Engine) -> sessionmaker[Session]:
    """Sessions that only read: on SQLite they wait for no writer."""
    return sessionmaker(engine, expire_on_commit=False)


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late to protect what was read before
    for pragma in (
        "journal_mode=wal",
        "synchronous=normal",
        "foreign_keys=on",
        f"busy_timeout={BUSY_MILLISECONDS}",
    ):
        connection.execute(f"pragma {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
