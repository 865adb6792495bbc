"""Do the odds come true? Each time that was named for a chance, against whether it was kept.

The odds look at how long promises took lately. Where that says too little, because work is slowing down, because
there are many kinds with a few promises each, because everything waits in one queue, they are wrong in one direction
for weeks. So an account is kept for each chance that a time is named for. When that time has come, the promise was
kept or it was not: a miss moves what is told next towards a later time, a promise kept towards an earlier one, and
for 80 % a miss moves it four times as far. So the account is even when 80 of 100 are kept, whatever the odds
underneath say and however work changes: what was named too early for a while is made up for.

The steps are small, for most of what they follow is chance, and the smaller the more promises wait for their time at
once: what is learnt comes late then, and large steps would be taken again and again before their effect is seen. They
never grow, and therefore, on any past, fewer are missing from those that should have been kept than have to be missed
in a row, at the last and smallest steps, to lead from the lowest chance told to the highest; however long that past.

Three things are not in that account. What is missed while the highest is told is not made up for: the past knows no
later time, and the debt would be paid with absurd ones. A promise for which no time could be named counts as one kept
as long as more than its chance is told, or none might be named ever again. And where the lowest is told, or the
account of a lower chance pushes that of a higher one before it, more are kept than was said.

This is adaptive conformal inference (Gibbs and Candes, "Adaptive Conformal Inference Under Distribution Shift", 2021)
on log odds, with steps as in Angelopoulos, Barber and Bates, "Online conformal prediction with decaying step sizes",
2024.
"""

import heapq
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from tracker.policy.said import Said, say

LEVELS = (50, 80, 90, 95)
"""The chances, in per cent, for which a time is offered."""
HIGHEST = 0.995
"""What is told for a chance at most: beyond that the past says nothing."""
LOWERED = 3.0
"""In log odds, how much less is told for a chance than itself, at most: 17 % for 80 %. Where all promises take
equally long every time is kept, and what is told would fall so far that it took weeks to come back."""
APART = 0.001
"""For a higher chance so much more is told than for the one before it, at least: also where that is at HIGHEST."""
STEPS = 200
"""Near even, so many promises have to be missed for what is told to move by its own share, and more once many wait at
once."""
_OF_THOSE_WAITING = 0.7
_REMARKED = 80  # most promises are made by the time of this chance
_WORTH_A_REMARK = 5  # points
_EXACTLY = 10_000


def _log_odds(share: float) -> float:
    return math.log(share / (1 - share))


def _share(log_odds: float) -> float:
    return (1 + math.tanh(log_odds / 2)) / 2  # where exp would overflow as well


_NAMED = [_log_odds(level / 100) for level in LEVELS]
_HIGHEST = _log_odds(HIGHEST)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What odds are worth. For each of LEVELS to come true, what has to be told: a share between 0 and 1, more for a
    higher one. Between and beyond them it is as on a straight line of log odds."""

    told: Sequence[float]

    @classmethod
    def parse(cls, text: str) -> Self:
        """From what `str` wrote."""
        return cls([int(word) / _EXACTLY for word in text.split()])

    def __str__(self) -> str:
        """In ten-thousandths."""
        return " ".join(str(round(share * _EXACTLY)) for share in self.told)

    def share(self, told: float) -> float:
        """The share that comes true of what is told that share, 0 to 1."""
        return _along(told, [_log_odds(share) for share in self.told], _NAMED)

    def told_for(self, share: float) -> float:
        """What has to be told for that share to come true, 0 to 1."""
        return _along(share, _NAMED, [_log_odds(each) for each in self.told])

    def remark(self) -> Said | None:
        """One sentence on what is corrected; None while little is."""
        taken = round(self.share(_REMARKED / 100) * 100)
        if abs(taken - _REMARKED) < _WORTH_A_REMARK:
            return None
        if taken < _REMARKED:
            return say(
                "lately fewer were kept than foretold; these odds allow for that: %(told)s %% became %(taken)s %%",
                told=_REMARKED,
                taken=taken,
            )
        return say(
            "lately more were kept than foretold; these odds allow for that: %(told)s %% became %(taken)s %%",
            told=_REMARKED,
            taken=taken,
        )


AS_TOLD = Calibration([level / 100 for level in LEVELS])


def _along(share: float, these: Sequence[float], those: Sequence[float]) -> float:
    """Where a share is among those if it is there among these, all but the shares in log odds."""
    if share <= 0 or share >= 1:
        return share
    at = _log_odds(share)
    i = bisect_right(these, at)
    if i == 0:
        return _share(at + those[0] - these[0])
    if i == len(these):
        return _share(at + those[-1] - these[-1])
    part = (at - these[i - 1]) / (these[i] - these[i - 1])
    return _share(those[i - 1] + part * (those[i] - those[i - 1]))


@dataclass(slots=True)
class _Promise:
    closed_at: float = math.inf
    done: bool = False


class _Account:
    """Of the times named for one chance: how many are kept, against how many should be."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._even = self._told = _log_odds(share)
        self._waiting: list[tuple[float, int, _Promise]] = []
        self._steps: float = STEPS

    @property
    def told(self) -> float:
        return _share(self._told)

    def named(self, due: float | None, number: int, promise: _Promise) -> None:
        if due is not None:
            heapq.heappush(self._waiting, (due, number, promise))
            self._steps = max(self._steps, _OF_THOSE_WAITING * len(self._waiting))
        elif self._told > self._even:  # no time is left to name, so no miss will ever tell
            self._told = max(self._even, self._told - self._step(1 - self._share))

    def settle(self, now: float, lowest: float) -> None:
        """Count those whose time has come. What was withdrawn before it says nothing. `lowest`: told at least."""
        least = max(_log_odds(lowest), self._even - LOWERED)
        self._told = max(least, self._told)
        while self._waiting and self._waiting[0][0] < now:
            due, _, promise = heapq.heappop(self._waiting)
            in_time = promise.closed_at <= due
            if promise.done or not in_time:
                self._told = max(least, min(_HIGHEST, self._told + self._step(self._share - in_time)))

    def _step(self, missing: float) -> float:
        """In log odds. As long as what is told is about the share that it is told for, it moves by what is missing in
        so many steps; in more of them near nothing and near all, in fewer half way between."""
        return missing / (self._steps * self._share * (1 - self._share))


class Record:
    """What was named for a team's promises and what came of it, as time goes on. Times on one business clock."""

    def __init__(self) -> None:
        self._accounts = [_Account(level / 100) for level in LEVELS]
        self._open: dict[int, _Promise] = {}

    def opened(self, number: int, at: float, ages: Sequence[float | None]) -> None:
        """A promise was made. `ages`: those named for LEVELS; None where none could be."""
        promise = self._open[number] = _Promise()
        for account, age in zip(self._accounts, ages, strict=True):
            account.named(None if age is None else at + age, number, promise)

    def closed(self, number: int, at: float, *, done: bool) -> None:
        """It was done, or else withdrawn. One that was not told of is none of this record's."""
        if promise := self._open.pop(number, None):
            promise.closed_at, promise.done = at, done

    def calibration(self, now: float) -> Calibration:
        """What the odds are worth by now."""
        lowest = APART
        for account in self._accounts:
            account.settle(now, lowest)
            lowest = account.told + APART
        return Calibration([account.told for account in self._accounts])
