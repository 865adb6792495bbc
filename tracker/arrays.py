"""How do a few hundred values reach the database in one statement? As rows of one array parameter.

A statement a row costs more than the work it does; this costs one statement a batch on both databases.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ARRAY, Subquery, bindparam, column, func, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine


def rows(session: Session, types: Mapping[str, TypeEngine[Any]], values: Sequence[Sequence[Any]]) -> Subquery:
    """The values as a table named `given` with those columns, for INSERT … SELECT and UPDATE … FROM."""
    if session.get_bind().dialect.name == "postgresql":
        arrays = [
            bindparam(None, [row[n] for row in values], type_=ARRAY(kind), unique=True)
            for n, kind in enumerate(types.values())
        ]
        given = func.unnest(*arrays).table_valued(*(column(name, kind) for name, kind in types.items()))
        return select(*given.c).subquery("given")
    table = json.dumps([[_stored(value) for value in row] for row in values])
    each = func.json_each(table).table_valued("value")
    fields = (
        type_coerce(func.json_extract(each.c.value, f"$[{n}]"), kind).label(name)
        for n, (name, kind) in enumerate(types.items())
    )
    return select(*fields).subquery("given")


def _stored(value: Any) -> Any:
    """A value as SQLite keeps it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value
