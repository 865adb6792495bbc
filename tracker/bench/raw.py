"""What is the least that climbing costs? The same steps, written by hand for each driver, without SQLAlchemy.

The same rows are claimed in the same batches, and the same rows written in as many transactions; on PostgreSQL that
takes one statement a batch. The ladder stands in the statement, so what the climb decides in Python costs nothing
here. A hand-over chooses among the same people by the same rule. A test compares what both leave behind.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy import Engine

from tracker.bench.sql import LITE, POSTGRES, Sql

BATCH = 500
Row = tuple[Any, ...]


class Raw:
    """A driver's own connection to that database."""

    def __init__(self, engine: Engine) -> None:
        self.lite = engine.dialect.name == "sqlite"
        self.sql: Sql = LITE if self.lite else POSTGRES
        if self.lite:
            self.connection: Any = sqlite3.connect(str(engine.url.database), isolation_level=None)
            for pragma in ("synchronous=normal", "foreign_keys=on"):
                self.connection.execute(f"pragma {pragma}")
        else:
            url = engine.url.set(drivername="postgresql")
            self.connection = psycopg.connect(url.render_as_string(hide_password=False))

    def climb(self, now: datetime) -> int:
        """Take every step that is due; how many."""
        at = now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") if self.lite else now
        here = Here(self, at)
        steps = 0
        more = True
        while more:
            taken = self._batch(at, here)
            steps += len(taken)
            more = len(taken) == BATCH or any(ahead <= at for *_, ahead in taken)
        return steps

    def close(self) -> None:
        """Give it back."""
        self.connection.close()

    def rows(self, statement: str, **given: Any) -> Sequence[Row]:
        """What a statement answers; the rows of a list are given as arrays, or as JSON."""
        return list(self.connection.execute(statement, given))

    def _batch(self, at: Any, here: "Here") -> Sequence[Row]:
        if self.lite:
            self.connection.execute("begin immediate")
        taken = self.rows(self.sql.claim, now=at)
        ids = json.dumps([row[0] for row in taken]) if self.sql.write else ""
        for statement in self.sql.write:
            self.connection.execute(statement, {"now": at, "ids": ids})
        moves = [
            (number, here.take(team, owner))
            for number, team, owner, effect, _ in taken
            if effect == "hand over"
        ]
        if moves:
            for statement in self.sql.hand_over:
                self.connection.execute(statement, {"now": at, **self._moves(moves)})
        self.connection.execute("commit")
        return taken

    def _moves(self, moves: Sequence[tuple[int, int]]) -> Mapping[str, Any]:
        if self.lite:
            return {"moves": json.dumps(moves)}
        return {"ids": [number for number, _ in moves], "to": [to for _, to in moves]}


class Here:
    """Who of each team is here, and how much each owns."""

    def __init__(self, raw: Raw, at: Any) -> None:
        self.raw, self.at = raw, at
        self.teams: dict[int, list[list[Any]]] = {}

    def take(self, team: int, owner: int) -> int:
        """The agent, else supervisor, who is not the owner and has least."""
        if team not in self.teams:
            found = self.raw.rows(self.raw.sql.here, team=team, now=self.at)
            self.teams[team] = [list(row) for row in found]
        chosen = min(each for each in self.teams[team] if each[2] != owner)
        chosen[1] += 1
        return int(chosen[2])
