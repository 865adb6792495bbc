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
    cast,
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
            arrays = [
                cast(bindparam(f"given_{name}", type_=String()), ARRAY(kind))
                for name, kind in self.types.items()
            ]
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
            columns = zip(*rows, strict=True) if rows else [()] * len(self.types)
            return {
                f"given_{name}": "{" + ",".join(map(_in_array, column)) + "}"
                for name, column in zip(self.types, columns, strict=True)
            }
        return {"given_rows": json.dumps(rows, default=_in_json)}


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


def _in_array(value: Any) -> str:
    """A value as PostgreSQL reads it within the text of an array. The driver's own way through lists costs five times
    as much, which was a tenth of a climb."""
    if value is None:
        return "NULL"
    if isinstance(value, int):  # bool is one, and reads as such
        return str(value)
    text = json.dumps(value) if isinstance(value, Mapping) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _in_json(value: datetime) -> str:
    """A moment as SQLite keeps it."""
    return value.astimezone(UTC).isoformat(" ", "microseconds")[:26]
