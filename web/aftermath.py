"""Something was just done: what does the next page offer because of it?

It waits in the session cookie, and is shown once.
"""

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from flask import Flask, session

from tracker.policy.tries import UNDO_WINDOW
from web.context import watch

KEPT = "aftermath"


@dataclass(frozen=True, slots=True)
class Again:
    """Nobody was reached: the next try of a promise, at the version it then had."""

    number: int
    version: int
    at: datetime | None
    """When to try next; None when the team never works again."""
    due_at: datetime
    tries: int
    enough: bool
    """Were there so many tries that it may be closed as unreachable?"""

    @property
    def too_late(self) -> bool:
        """Does the next try come after the time that was promised?"""
        return self.at is not None and self.at > self.due_at


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a page offers of what was done before it."""

    saved: str
    """The form whose draft the browser may forget."""
    undo: int
    """The promise whose last act may be taken back; 0 when none may."""
    seconds: int
    """For so long; a second that has begun counts, for within it the press is still taken."""
    again: Again | None


def prepare(app: Flask) -> None:
    """Give templates what was just done."""
    app.jinja_env.globals.update(aftermath=_take)


def leave(*, saved: str, undo: int = 0, again: Again | None = None) -> None:
    """For the next page: a form was saved; the last act on the promise `undo` may be taken back."""
    kept: dict[str, Any] = {"saved": saved, "undo": undo, "at": watch("UTC").now}
    if again:
        kept["again"] = [again.number, again.version, again.at, again.due_at, again.tries, again.enough]
    session[KEPT] = kept


def _take() -> Aftermath | None:
    """What was left for this page; None when nothing was."""
    kept = session.pop(KEPT, None)
    if kept is None:
        return None
    left = ceil((kept["at"] + UNDO_WINDOW - watch("UTC").now).total_seconds())
    again = Again(*kept["again"]) if "again" in kept else None
    return Aftermath(kept["saved"], kept["undo"] if left > 0 else 0, left, again)
