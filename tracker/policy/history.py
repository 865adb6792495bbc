"""Promises seen one after another, as time goes on: what is known at each moment, and what is advised by it."""

import math
from collections import deque
from collections.abc import Hashable
from datetime import datetime, timedelta

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
)
from tracker.policy.calendars import BusinessClock
from tracker.policy.calibration import AS_TOLD, Record, foretold

RECALIBRATED = timedelta(days=1)
"""How often what was foretold is held against what came true."""


class _Group:
    """What one group of promises has seen so far: the memory behind a Cell."""

    def __init__(self, level: Level) -> None:
        self._level = level
        self._closed: deque[tuple[float, float, bool]] = deque()
        self._since = -math.inf
        self._open: dict[int, float] = {}
        self._one_of = 1
        self._sample: dict[int, float] = {}

    def made(self, number: int, at: float) -> None:
        self._open[number] = at
        if in_sample(number, self._one_of):
            self._sample[number] = at

    def close(self, number: int, at: float, done: bool) -> None:
        self._sample.pop(number, None)
        self._closed.append((self._open.pop(number), at, done))
        if len(self._closed) > self._level.window:
            gone = self._closed.popleft()[1]
            if gone < self._closed[0][1]:  # otherwise some of a batch would fall before the window
                self._since = gone

    def cell(self) -> Cell:
        one_of = every(len(self._open))
        if one_of != self._one_of:  # seldom: a team with thousands open is asked thousands of times
            self._one_of = one_of
            self._sample = {number: at for number, at in self._open.items() if in_sample(number, one_of)}
        return Cell(self._level, self._closed, self._since, list(self._sample.values()), len(self._open))


class History:
    """One team's. What happens is told in the order in which it happened.

    `calibration`: what its odds were worth, as of at most a day before the last advice.
    """

    def __init__(self, clock: BusinessClock) -> None:
        self.calibration = AS_TOLD
        self._calibrated_at: datetime | None = None
        self._clock = clock
        self._groups: dict[tuple[Level, Hashable], _Group] = {}
        self._open: dict[int, list[_Group]] = {}
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
        self._record.opened(number, now, foretold(advice.odds))
        self._open[number] = self._of(kind, owner)
        for group in self._open[number]:
            group.made(number, now)
        return advice

    def closed(self, number: int, at: datetime, *, done: bool = True) -> None:
        """That promise was closed."""
        now = self._clock.at(at)
        self._record.closed(number, now, done=done)
        for group in self._open.pop(number):
            group.close(number, now, done)

    def calibrate(self, at: datetime) -> None:
        """Hold what was foretold against what came true by then."""
        self._calibrated_at, self.calibration = at, self._record.calibration(self._clock.at(at))

    def _of(self, kind: Hashable, owner: Hashable | None) -> list[_Group]:
        levels: list[tuple[Level, Hashable]] = [(TEAM, None), (TEAM_KIND, kind)]
        if owner is not None:
            levels = [(TEAM, None), (OWNER, owner), (TEAM_KIND, kind), (OWNER_KIND, (kind, owner))]
        for each in levels:
            if each not in self._groups:
                self._groups[each] = _Group(each[0])
        return [self._groups[each] for each in levels]
