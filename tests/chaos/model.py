"""What must be true of promises, whatever anybody does and whenever anything fails? In plain Python, without a row.

Written down from what is promised, not from the code: the steps of the usual ladder by their offsets, and what a
verdict may be.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

OFFSETS = tuple(timedelta(minutes=minutes) for minutes in (-15, 0, 15, 15, 60))
"""When the steps of the usual ladder fire, from the due time; after them one a day, for ever."""
DAY = timedelta(days=1)


def fires(step: int, due_at: datetime) -> datetime:
    """When that step is due."""
    last = len(OFFSETS)
    return due_at + (OFFSETS[step] if step < last else DAY * (step - last + 1))


@dataclass
class Promise:
    """One promise as the model knows it."""

    first_due_at: datetime
    due_at: datetime
    made_at: datetime
    version: int = 1
    next_step: int = 0
    closed: bool = False
    reopened: bool = False
    missed: bool = False
    """Was the first promise past before anybody spoke of another time?"""
    tries: list[tuple[datetime, bool]] = field(default_factory=list)
    """When, and whether the customer was reached."""
    climbed: dict[int, list[int]] = field(default_factory=dict)
    """The steps that were taken, by the version of the due time."""

    def __post_init__(self) -> None:
        self._start(self.made_at)

    def _start(self, now: datetime) -> None:
        self.climbed[self.version] = []
        self.next_step = 0
        while fires(self.next_step, self.due_at) <= now:
            self.next_step += 1

    def move(self, due_at: datetime, now: datetime) -> None:
        """Another time is promised: the ladder is climbed anew for it."""
        self.missed = self.missed or (self.version == 1 and now > self.first_due_at)
        self.due_at = due_at
        self.version += 1
        self._start(now)

    def reopen(self, due_at: datetime, now: datetime) -> None:
        """It did not hold."""
        self.closed, self.reopened = False, True
        self.move(due_at, now)

    def tick(self, now: datetime) -> None:
        """Every step that is due is taken, in order; days that were slept through count as one."""
        while not self.closed and fires(self.next_step, self.due_at) <= now:
            self.climbed[self.version].append(self.next_step)
            endless = self.next_step >= len(OFFSETS)
            self.next_step += 1
            while endless and fires(self.next_step, self.due_at) <= now:
                self.next_step += 1

    def may_be_called(self, verdict: str) -> bool:
        """Can that be the worth of a promise that was fulfilled? The first promise is always scored."""
        reached = [at for at, was_reached in self.tries if was_reached]
        in_time = bool(reached) and reached[-1 if self.reopened else 0] <= self.first_due_at
        moved = self.version > 1
        if verdict == "kept on time":
            return in_time
        if moved:
            return verdict in ("attempted on time", "late") or (
                verdict == "kept as renegotiated" and not self.missed
            )
        tried = any(at <= self.first_due_at for at, _ in self.tries)
        return not in_time and verdict == ("attempted on time" if tried else "late")
