"""Is the database at the version this program needs, and how does it get there?"""

from pathlib import Path

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
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("select pg_advisory_xact_lock(7261001)")
        command.upgrade(configuration(connection), "head")


def is_current(engine: Engine) -> bool:
    """Has every migration been applied?"""
    with engine.connect() as connection:
        now = MigrationContext.configure(connection).get_current_revision()
    return now == ScriptDirectory.from_config(configuration()).get_current_head()
