"""Two who act at the same moment, in the one order of their steps in which they could overwrite one another."""

import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, get_ident
from typing import TypeVar

from sqlalchemy import Connection, Engine, event

T = TypeVar("T")
TAKES_OR_WRITES = re.compile("^(BEGIN IMMEDIATE|INSERT|UPDATE|DELETE)|FOR (NO KEY )?UPDATE")


def overtaken(engine: Engine, first: Callable[[], T], second: Callable[[], T]) -> tuple[T, T]:
    """What both came to. The second begins when the first has only to commit, and the first commits when the second
    has read all that it reads before it takes a lock or writes."""
    this, begun, ready = get_ident(), list[Future[T]](), Event()

    def about_to_commit(connection: Connection) -> None:
        if connection.get_execution_options().get("writes") and not begun:
            begun.append(pool.submit(second))
            begun[0].add_done_callback(lambda _done: ready.set())
            assert ready.wait(20)

    def about_to_send(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if get_ident() != this and TAKES_OR_WRITES.search(statement):
            ready.set()

    event.listen(engine, "commit", about_to_commit)
    event.listen(engine, "before_cursor_execute", about_to_send)
    try:
        with ThreadPoolExecutor(1) as pool:
            return first(), begun[0].result(20)
    finally:
        event.remove(engine, "before_cursor_execute", about_to_send)
        event.remove(engine, "commit", about_to_commit)
