"""Where can a process die? At named points of the protocol, found without a word in the product's own code.

The points hang on what any process of ours must do: execute statements, commit, and call the provider. What a
transaction is about is seen from the tables it has written. `Reaper` counts how often each point is passed and kills
this very process, with SIGKILL, at the one that was ordered.
"""

import os
import re
import signal
import threading
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Engine, event
from urllib3.connection import HTTPConnection

WRITES = re.compile(r"\s*(?:insert into|update|delete from)\s+\"?(\w+)", re.IGNORECASE)
ABOUT = (
    ("insert dispatch", "claim"),
    ("update dispatch", "settle"),
    ("insert receipt", "receipt"),
    ("insert commitment", "promise"),
    ("update commitment", "climb"),
    ("insert heartbeat", "beat"),
    ("update heartbeat", "beat"),
)
"""What a transaction is called, by the first of these that it has done."""

WORKER = (
    "in the middle of a climb",
    "before the commit of a climb",
    "after the commit of a climb",
    "in the middle of a claim",
    "before the commit of a claim",
    "after the commit of a claim",
    "before the request",
    "during the request",
    "after the answer",
    "in the middle of a settle",
    "before the commit of a settle",
    "after the commit of a settle",
)
"""The points of the protocol that a worker passes in every pass that has something to do."""
ASKING = ("before the question", "during the question", "after the reply")
"""The points of asking the provider what became of a text."""
WEB = (
    "before the commit of a receipt",
    "after the commit of a receipt",
    "before the commit of a promise",
    "after the commit of a promise",
)
"""The points that a web process passes when it hears of a text, or takes in a promise."""


@dataclass(frozen=True, slots=True)
class Death:
    """At which point, and the how manieth time that it is passed (from 1)."""

    point: str
    nth: int = 1


class Reaper:
    """Kills this process at the ordered point; with none ordered it lets it live."""

    def __init__(self, death: Death | None) -> None:
        self._death = death
        self._left = death.nth if death else 0
        self._thread = threading.local()

    def pass_by(self, point: str) -> None:
        """This process has come to that point."""
        if self._death is None or self._death.point != point:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, engine: Engine) -> None:
        """Be there at every statement and every commit of this engine, and at every request of this process."""
        event.listen(engine, "begin", self._began)
        event.listen(engine, "after_cursor_execute", self._executed)
        engine.dialect.do_commit = partial(self._commit, engine.dialect.do_commit)  # type: ignore[method-assign]  # there is no event for what follows a commit
        HTTPConnection.request = _around_request(self, HTTPConnection.request)  # type: ignore[method-assign]  # nor for what goes over the line
        HTTPConnection.getresponse = _around_answer(self, HTTPConnection.getresponse)  # type: ignore[method-assign]

    def _began(self, _: object) -> None:
        self._thread.done = []

    def _executed(self, _: object, __: object, statement: str, *___: object) -> None:
        if found := WRITES.match(statement):
            verb = statement.split(None, 1)[0].lower()
            self._thread.done.append(f"{verb} {found[1].lower()}")
            self.pass_by(f"in the middle of a {self._about()}")

    def _about(self) -> str:
        done = getattr(self._thread, "done", [])
        return next((name for sign, name in ABOUT if sign in done), "rest")

    def _commit(self, commit: Any, connection: Any) -> None:
        about = self._about()
        self.pass_by(f"before the commit of a {about}")
        commit(connection)
        self.pass_by(f"after the commit of a {about}")


def _around_request(reaper: Reaper, request: Any) -> Any:
    def asked(self: HTTPConnection, method: str, *rest: Any, **more: Any) -> Any:
        self.about = ("request", "answer") if method == "POST" else ("question", "reply")  # type: ignore[attr-defined]  # our own note
        reaper.pass_by(f"before the {self.about[0]}")  # type: ignore[attr-defined]
        return request(self, method, *rest, **more)

    return asked


def _around_answer(reaper: Reaper, answer: Any) -> Any:
    def answered(self: HTTPConnection) -> Any:
        reaper.pass_by(f"during the {self.about[0]}")  # type: ignore[attr-defined]
        response = answer(self)
        reaper.pass_by(f"after the {self.about[1]}")  # type: ignore[attr-defined]
        return response

    return answered
