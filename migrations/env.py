"""Run by alembic. Knows nothing of the program: the caller hands over a connection and, for comparing, the tables.

`tracker db upgrade` is the usual caller; plain `alembic` works too, with TRACKER_DATABASE_URL in the environment.
"""

import os
from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine


def run(connection: Connection) -> None:
    """Migrate over this connection. SQLite changes a table by copying it: batch mode."""
    options: dict[str, Any] = {
        "render_as_batch": connection.dialect.name == "sqlite",
        **context.config.attributes.get("options", {}),
    }
    context.configure(
        connection=connection, target_metadata=context.config.attributes.get("metadata"), **options
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = create_engine(os.environ["TRACKER_DATABASE_URL"])
    with engine.begin() as connection:
        run(connection)
