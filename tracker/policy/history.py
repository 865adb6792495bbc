"""Promises seen one after another, as time goes on: what is known at each moment, and what is advised by it."""

import math
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Hashable
from datetime import datetime, timedelta
from itertools import takewhile

from tracker.policy.advice import (
    OWNER,
    OWNER_KIND,
    TEAM,
    TEAM_KIND,
    Advice,
    Cell,
    Level,
    advise,
    every,
    in_sample,
    place,
)
from tracker.policy.calendars import BusinessClock
from tracker.policy.calibration import AS_TOLD, Record

RECALIBRATED = timedelta(days=1)
"""How often what was named is held against what came of it."""


class _Group:
    """What one group of promises has seen so far: the memory behind a Cell."""

    def __init__(self, level: Level, since: float) -> None:
        self.level = level
        self.closed: deque[tuple[float, float, bool]] = deque()
        self.since = since
        self.open: list[tuple[int, int, float]] = []
        """Place, number and when it was made; by place, so that a sample is where the list begins."""

    def make(self, number: int, at: float) -> None:
        insort(self.open, (place(number), number, at))

    def close(self, number: int, at: float, done: bool) -> None:
        _, _, made = self.open.pop(bisect_left(self.open, (place(number), number)))
        self.closed.append((made, at, done))
        if len(self.closed) > self.level.window:
            gone = self.closed.popleft()[1]
            if gone < self.closed[0][1]:  # otherwise some of a batch would fall before the window
                self.since = gone

    def cell(self) -> Cell:
        one_of = every(len(self.open))
        sample = [made for _, _, made in takewhile(lambda each: in_sample(each[1], one_of), self.open)]
        return Cell(self.level, self.closed, self.since, sample, len(self.open))


class History:
    """One team's. What happens is told in the order in which it happened.

    `since`: what was closed until then is not known, so that no times could be named for what was made before it;
    None if all is known. `calibration`: what its odds are worth, as of a day before the last advice at most.
    """

    def __init__(self, clock: BusinessClock, since: datetime | None = None) -> None:
        self.calibration = AS_TOLD
        self._calibrated_at: datetime | None = None
        self._clock = clock
        self._groups: dict[tuple[Level, Hashable], _Group] = {}
        self._open: dict[int, list[_Group]] = {}
        self._since = -math.inf if since is None else clock.at(since)
        self._record = Record()

    def advise(self, *, kind: Hashable, owner: Hashable | None, at: datetime) -> Advice:
        """The advice on a promise made now. `owner`: None if nobody knows whose it is."""
        if self._calibrated_at is None or at >= self._calibrated_at + RECALIBRATED:
            self.calibrate(at)
        cells = [group.cell() for group in self._of(kind, owner)]
        return advise(cells, clock=self._clock, now=at, calibration=self.calibration)

    def made(self, number: int, *, kind: Hashable, owner: Hashable | None, at: datetime) -> Advice:
        """A promise is made; the advice on it."""
        advice, now = self.advise(kind=kind, owner=owner, at=at), self._clock.at(at)
        if now > self._since:
            self._record.opened(number, now, list(advice.ages.values()))
        self._open[number] = self._of(kind, owner)
        for group in self._open[number]:
            group.make(number, now)
        return advice

    def closed(self, number: int, at: datetime, *, done: bool = True) -> None:
        """That promise was closed."""
        now = self._clock.at(at)
        self._record.closed(number, now, done=done)
        for group in self._open.pop(number):
            group.close(number, now, done)

    def calibrate(self, at: datetime) -> None:
        """Hold what was named against what came of it by then."""
        self._calibrated_at, self.calibration = at, self._record.calibration(self._clock.at(at))

    def _of(self, kind: Hashable, owner: Hashable | None) -> list[_Group]:
        levels: list[tuple[Level, Hashable]] = [(TEAM, None), (TEAM_KIND, kind)]
        if owner is not None:
            levels = [(TEAM, None), (OWNER, owner), (TEAM_KIND, kind), (OWNER_KIND, (kind, owner))]
        for each in levels:
            if each not in self._groups:
                self._groups[each] = _Group(each[0], self._since)
        return [self._groups[each] for each in levels]
