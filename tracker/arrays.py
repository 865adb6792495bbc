"""How do a few hundred values reach the database in one statement? As rows of array parameters.

A statement a row costs more than the work it does; this costs one statement a batch on both databases. The table is
the same object at every call, so statements made from it are built once and stay in SQLAlchemy's cache.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    String,
    Subquery,
    Table,
    Update,
    bindparam,
    column,
    func,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine


class Rows:
    """Rows of named, typed columns that are given when a statement is executed."""

    def __init__(self, **types: TypeEngine[Any]) -> None:
        self.types = types
        self.table = cache(self._table)

    def _table(self, dialect: str) -> Subquery:
        if dialect == "postgresql":
            arrays = [bindparam(f"given_{name}", type_=ARRAY(kind)) for name, kind in self.types.items()]
            columns = (column(name, kind) for name, kind in self.types.items())
            given = func.unnest(*arrays).table_valued(*columns).render_derived()
            return select(*given.c).subquery("given")
        each = func.json_each(bindparam("given_rows", type_=String())).table_valued("value")
        fields = (
            type_coerce(func.json_extract(each.c.value, f"$[{n}]"), kind).label(name)
            for n, (name, kind) in enumerate(self.types.items())
        )
        return select(*fields).subquery("given")

    def given(self, dialect: str, rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
        """The parameters that make `table` hold these rows, each in the order of the columns."""
        if dialect == "postgresql":
            return {f"given_{name}": [row[n] for row in rows] for n, name in enumerate(self.types)}
        return {"given_rows": json.dumps([[_stored(value) for value in row] for row in rows])}


def update_each(session: Session, table: Table, rows: Sequence[Mapping[str, Any]], key: str = "id") -> None:
    """Give each row, found by `of` in the column `key`, its new values; one statement for those alike in form."""
    alike: dict[frozenset[str], list[Mapping[str, Any]]] = {}
    for row in rows:
        alike.setdefault(frozenset(row), []).append(row)
    for group in alike.values():
        session.connection().execute(_updating(table, key), group)


@cache
def _updating(table: Table, key: str) -> Update:
    return update(table).where(table.c[key] == bindparam("of"))


def dialect_of(session: Session) -> str:
    """Which database this is: `sqlite` or `postgresql`."""
    return session.get_bind().dialect.name


def _stored(value: Any) -> Any:
    """A value as SQLite keeps it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value
