"""Is the database at the version this program needs, and how does it get there?"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

import migrations
from tracker.model import Base


def configuration(connection: Connection | None = None) -> Config:
    """What alembic needs to know, whether we run from a clone or are installed."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["metadata"] = Base.metadata
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest version. Rows stay; two callers at once do no harm."""
    with changing(engine) as connection:
        command.upgrade(configuration(connection), "head")


@contextmanager
def changing(engine: Engine) -> Iterator[Connection]:
    """A connection that alone may change tables, in one transaction.

    SQLite changes a table by writing it anew and dropping the old one, which its foreign keys would refuse; they are
    off meanwhile, and looked over at the end. Raises RuntimeError when a row then points nowhere.
    """
    with engine.execution_options(writes=True).connect() as connection:
        lite = connection.dialect.name == "sqlite"
        if lite:
            _foreign_keys(connection, "off")
        try:
            with connection.begin():
                if not lite:
                    connection.exec_driver_sql("select pg_advisory_xact_lock(7261001)")
                yield connection
                if lite and connection.exec_driver_sql("pragma foreign_key_check").first():
                    raise RuntimeError("Rows point to rows that are not there: nothing was changed.")
        finally:
            if lite:
                _foreign_keys(connection, "on")


def _foreign_keys(connection: Connection, state: str) -> None:
    """Outside any transaction, where alone SQLite heeds this: past SQLAlchemy, which would begin one."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"pragma foreign_keys={state}")


def is_current(engine: Engine) -> bool:
    """Has every migration been applied?"""
    with engine.connect() as connection:
        now = MigrationContext.configure(connection).get_current_revision()
    return now == ScriptDirectory.from_config(configuration()).get_current_head()
