"""Do the odds come true? What was foretold of a team's last promises, against what became of them.

The odds look at how long promises took lately. Where that says too little, because work is slowing down, because
there are many kinds with a few promises each, because everything waits in one queue, they are wrong in one direction
for weeks. So they are held against what came true: if only 74 % were done by the time that was given 80 %, then 74 %
is what such a time is worth, and that is said of the next one; for 80 % a later time is named.

When a promise is made, its odds name an age by which 1 % of its like are done, one for 2 %, and so on: a hundred
steps. Where the odds are right, the hundredth part of all promises ends in each. Counted are the team's promises
closed within the last 200 hours of work, 500 at least and 3,000 at most, and its open ones, which say "not yet", as
in the odds themselves; a promise made before the first of these was closed is watched only from the step that it had
reached by then. Two hundred made-up ones that came out as foretold keep a young team's odds from following chance.

This recalibrates a forecast as Kuleshov, Fenner and Ermon do ("Accurate Uncertainties for Deep Learning Using
Calibrated Regression", 2018), with an actuary's life table in place of their count, for much of what was promised
this week is still open.
"""

import math
from array import array
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from tracker.policy.said import Said, say
from tracker.policy.survival import Odds

STEPS = 100
LEAST, MOST = 500, 3000
_LONG_AGO = 200 * 3600.0
_MADE_UP = 200.0
_REMARKED = 0.8  # most promises are made by the time of this chance
_WORTH_A_REMARK = 5  # points
_EXACTLY = 10_000
_GOLDEN = 0.6180339887  # its multiples are spread evenly between whole numbers

Foretold = Sequence[float]
"""The ages (business seconds) by which 1, 2, ... 99 per cent were to be done; infinite where none could be named."""
Came = tuple[int, int, bool]
"""From which step to which a promise was watched, 0 to 99, and whether it was done then."""


def foretold(odds: Odds) -> Foretold:
    """What these odds say of the promise that they are told of, in steps."""
    ages = (odds.age_at(step / STEPS) for step in range(1, STEPS))
    return array("d", (math.inf if age is None else age for age in ages))


@dataclass(frozen=True, slots=True)
class Calibration:
    """What odds are worth: of what was told 0, 1, ... 100 per cent, which share (0 to 1) came true."""

    worth: Sequence[float]

    @classmethod
    def parse(cls, text: str) -> Self:
        """From what `str` wrote."""
        return cls([int(word) / _EXACTLY for word in text.split()])

    def __str__(self) -> str:
        """In ten-thousandths."""
        return " ".join(str(round(share * _EXACTLY)) for share in self.worth)

    def share(self, told: float) -> float:
        """The share that comes true of what is told that share, 0 to 1."""
        step = min(STEPS - 1, int(told * STEPS))
        below, above = self.worth[step], self.worth[step + 1]
        return below + (above - below) * (told * STEPS - step)

    def told(self, share: float) -> float:
        """What has to be told for that share to come true, which is more than 0 and at most 1."""
        step = max(1, bisect_left(self.worth, share))
        below, above = self.worth[step - 1], self.worth[step]
        return (step - 1 + (share - below) / (above - below)) / STEPS

    def remark(self) -> Said | None:
        """One sentence on what is corrected; None while little is."""
        worth = round(self.share(_REMARKED) * 100)
        if abs(worth - _REMARKED * 100) < _WORTH_A_REMARK:
            return None
        return say(
            "lately %(worth)s of 100 were done by the time that was given %(told)s %%; these odds allow for that",
            worth=worth,
            told=round(_REMARKED * 100),
        )


AS_TOLD = Calibration([step / STEPS for step in range(STEPS + 1)])


def calibration(came: Iterable[Came]) -> Calibration:
    """What the odds of these promises were worth.

    By the actuary's rule: who comes under watch in a step, or is lost from it, was watched for half of it.
    """
    entered, done, left = ([0.0] * STEPS for _ in range(3))
    for first, last, was_done in came:
        entered[first] += 1
        left[last] += 1
        done[last] += was_done
    worth, watched, open_share = [0.0], entered[0], 1.0
    entered[0] = 0.0  # from the first moment on
    for step in range(STEPS - 1):
        lost = left[step] - done[step]
        at_risk = watched + (entered[step] - lost) / 2 + _MADE_UP * (1 - step / STEPS)
        open_share *= max(0.0, 1 - (done[step] + _MADE_UP / STEPS) / at_risk)
        watched += entered[step] - left[step]
        worth.append(1 - open_share)
    return Calibration([*worth, 1.0])


class Record:
    """What was foretold of a team's promises and what came of it, as time goes on. Times on one business clock.

    `since`: what was closed until then is not known, so that of what was made before it nothing could be foretold.
    """

    def __init__(self, since: float = -math.inf) -> None:
        self._open: dict[int, tuple[float, Foretold]] = {}
        self._closed = deque[tuple[float, Foretold, float, bool]]()
        self._known = self._since = since

    def opened(self, number: int, at: float, told: Foretold) -> None:
        if at > self._known:
            self._open[number] = at, told

    def closed(self, number: int, at: float, *, done: bool) -> None:
        if number not in self._open:
            return
        self._closed.append((*self._open.pop(number), at, done))
        while len(self._closed) > (LEAST if self._closed[0][2] < at - _LONG_AGO else MOST):
            gone = self._closed.popleft()[2]
            if gone < self._closed[0][2]:  # otherwise some of a batch would fall before the window
                self._since = gone

    def calibration(self, now: float) -> Calibration:
        """What the odds were worth by now."""
        ended = [(made, told, at, done) for made, told, at, done in self._closed]
        waiting = [(made, told, now, False) for made, told in self._open.values()]
        return calibration(
            _came(told, self._since - made, at - made, done=done, turn=number * _GOLDEN % 1)
            for number, (made, told, at, done) in enumerate(ended + waiting)
        )


def _came(told: Foretold, entry: float, age: float, *, done: bool, turn: float) -> Came:
    """What ended by the very age that was named ended in time. An age that is named for many chances may have been
    any of them: whose `turn` it is, 0 to 1, says which.

    What was done after the last age that could be named was open until then: at which chance beyond, nobody said.
    """
    first, last = bisect_left(told, entry), bisect_left(told, age)
    done = done and (last == len(told) or told[last] < math.inf)
    alike = bisect_right(told, age) - last
    return first, last + int(alike * turn), done
