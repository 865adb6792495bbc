"""How likely is a promise to be kept, and what could be promised instead?

The odds come from how long promises have taken lately, finished ones and open ones alike: an open one
says "not yet". Ages are measured on the business clock, which nearly stops while nobody works. Four
groups of promises count; the more a group resembles the promise in question, the more it weighs:

- the last 40 of this owner and kind count in full;
- the team's last 200 of this kind count together as 60;
- the owner's last 100 of any kind as 5 and the team's last 100 of any kind as 5, but only as far as there are not
  yet a dozen of this kind (with six a quarter of it): what other kinds take says little once there is something
  better, and to mix it in makes every time later than it need be;
- ten made-up promises of a quarter of an hour to four weeks count half each, so that the first day has
  odds too; a fifth each once 40 real ones have been done, or they would make every team look slower than it is.

Of each group, what was closed more than 100 hours ago (two or three weeks of work) is left out as long as
enough remains, so that a busy team's odds follow a change of pace within days.

This is a Kaplan-Meier estimate over a window of calendar time (a promise made before the window enters it
at the age that it had then), with weights in place of counts. Looking at finished promises alone would be
far too hopeful, because the slow ones are still open. What comes out is held against what came true: `calibration`.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter
from typing import Self

from tracker.policy.calendars import BusinessClock
from tracker.policy.calibration import AS_TOLD, LEVELS, Calibration
from tracker.policy.said import Said, say
from tracker.policy.survival import Odds, continued, product_limit

AT_RISK = 0.5
"""An open promise that is not yet due is at risk below this chance."""
LEAST, MOST = 0.005, 0.995  # nothing about people is surer than this

_HOUR = 3600.0
_MADE_UP = tuple(hours * _HOUR for hours in (0.25, 0.5, 1, 2, 4, 8, 16, 40, 80, 160))
_MADE_UP_WEIGHT, _LEAST_MADE_UP_WEIGHT = 0.5, 0.2
ENOUGH = 40  # so many of this kind, and TEAM and OWNER say nothing more and need not be looked up
_FAMILIAR = 12  # so many of this kind, and TEAM and OWNER weigh nothing
_LONG_AGO = 100 * _HOUR
_ENOUGH_TO_CITE = 10
OPEN_SAMPLE = 100
CIRCLE, GOLDEN_STEP = 2**31, 1_327_217_885
Past = tuple[int, int, bool]
"""When a promise began and when it was closed, in microseconds since 1970, and whether it was then done."""
_INSTANT = 1.0  # a promise takes a second at least: one that took no time must still count as done


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """How much the past of a group of promises counts.

    `window`: so many of the last closed ones are looked at, and no fewer than `least` for being long ago.
    `mass`: together they count as so many at most.
    """

    window: int
    least: int
    mass: float
    same_kind: bool


TEAM = Level(window=100, least=60, mass=5, same_kind=False)
OWNER = Level(window=100, least=60, mass=5, same_kind=False)
TEAM_KIND = Level(window=200, least=60, mass=60, same_kind=True)
OWNER_KIND = Level(window=40, least=20, mass=40, same_kind=True)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one group of promises has seen lately; times in seconds on one business clock.

    `closed`: (made, closed, whether it was done) of the last closed ones, `level.window` of them at most, in
    any order; one that was withdrawn was not done. `since`: when the last one before those was closed, at
    another moment than any of them; -inf if there is none. `open`: when the open ones were made, or those
    `in_sample` if they are many; `open_count`: how many they are. `whose` and `what` name the group in a
    sentence: "your", "refunds".
    """

    level: Level
    closed: Sequence[tuple[float, float, bool]]
    since: float
    open: Sequence[float]
    open_count: int
    whose: str = say("the team's")
    what: str = say("promises")

    @classmethod
    def of(
        cls,
        level: Level,
        clock: BusinessClock,
        *,
        closed: Iterable[Past],
        open: Sequence[int],
        open_count: int,
        whose: str,
        what: str,
    ) -> Self:
        """The same from moments in microseconds since 1970, as a database has them.

        `closed`: the last `level.window` + 1 closed ones, or all if they are fewer; the one too many shows
        how far back the others reach.
        """
        rows = sorted(closed, key=itemgetter(1))
        made = clock.many([begun for begun, _, _ in rows])
        ended = clock.many([closed_at for _, closed_at, _ in rows])
        times = list(zip(made, ended, (done for _, _, done in rows), strict=True))
        since = times[-level.window - 1][1] if len(times) > level.window else -math.inf
        within = [row for row in times if row[1] > since]
        return cls(
            level=level,
            closed=within or times,  # all of one moment: a batch larger than the window
            since=since if within else -math.inf,
            open=clock.many(open),
            open_count=open_count,
            whose=whose,
            what=what,
        )


def every(open_count: int) -> int:
    """Look at one open promise of so many: about a hundred tell as much as thousands."""
    return max(1, math.ceil(open_count / OPEN_SAMPLE))


def in_sample(number: int, one_of: int) -> bool:
    """Whether the promise of that number is looked at when one of so many is.

    Needs no sorting, only the number. It goes round a circle in steps of the golden section, which spreads
    any row of numbers evenly, also one that counts in twos or in hundreds.
    """
    return place(number) * one_of < CIRCLE


def place(number: int) -> int:
    """Where on that circle a promise is: of one of so many, those in the first of so many parts are looked at."""
    return number % CIRCLE * GOLDEN_STEP % CIRCLE


def odds(cells: Sequence[Cell], *, now: float) -> Odds:
    """The odds that these cells give, with `now` on their clock."""
    cells = [_lately(cell, now) for cell in cells]
    seen = max((sum(done for _, _, done in cell.closed) for cell in cells), default=0)
    made_up = max(_LEAST_MADE_UP_WEIGHT, _MADE_UP_WEIGHT * (1 - seen / ENOUGH))
    ends = [(age, False, made_up) for age in _MADE_UP]
    entries = [(0.0, made_up)] * len(_MADE_UP)
    known = max((len(cell.closed) for cell in cells if cell.level.same_kind), default=0)
    fading = max(0.0, 1 - known / _FAMILIAR) ** 2
    for cell in cells:
        mass = cell.level.mass if cell.level.same_kind else cell.level.mass * fading
        weight = min(1.0, mass / max(1, len(cell.closed)))
        if weight > 0:
            for entry, end, is_open, count in _watched(cell, now):
                entries.append((entry, weight * count))
                ends.append((end, is_open, weight * count))
    entries.sort()
    ends.sort()
    return continued(product_limit(entries, ends), entries, ends)


def _lately(cell: Cell, now: float) -> Cell:
    """The cell without what was closed long ago, as far as it can spare that."""
    closed = sorted(cell.closed, key=itemgetter(1))
    times = [at for _, at, _ in closed]
    spared = min(bisect_left(times, now - _LONG_AGO), len(closed) - cell.level.least)
    if spared <= 0:
        return cell
    first = bisect_left(times, times[spared])  # what was closed at one moment stays together
    return replace(cell, closed=closed[first:], since=times[first - 1] if first else cell.since)


def _watched(cell: Cell, now: float) -> Iterator[tuple[float, float, bool, float]]:
    """From which age to which each promise was watched, whether it was still open then, for how many it stands."""
    since = cell.since
    for made, closed, done in cell.closed:
        entry = since - made if since > made else 0.0
        end = closed - made
        yield entry, end if end > entry + _INSTANT else entry + _INSTANT, not done, 1.0
    if cell.open:
        count = cell.open_count / len(cell.open)
        for made in cell.open:
            entry = since - made if since > made else 0.0
            if now - made > entry:
                yield entry, now - made, True, count


@dataclass(frozen=True, slots=True)
class Advice:
    """The odds of one promise, made at `opened_at` and open at `now`; the same moment if it is being made.

    `odds`: what the past of promises like it says. `calibration`: what that is worth.
    """

    odds: Odds
    calibration: Calibration
    cells: Sequence[Cell]
    clock: BusinessClock
    now: datetime
    opened_at: datetime

    def chance_kept(self, due_at: datetime) -> float:
        """The chance that it is done by then, given its age; between 0.005 and 0.995."""
        before = self._done_before()
        by_then = self._done_by(self._age(due_at))
        chance = (by_then - before) / (1 - before) if before < 1 else 0.0
        return min(MOST, max(LEAST, chance))

    @property
    def earliest(self) -> dict[int, datetime | None]:
        """For each of LEVELS the earliest time that is kept with such a chance; None if none can be named."""
        made = self.clock.at(self.opened_at)
        return {
            level: None if age is None else self.clock.when(made + age) for level, age in self.ages.items()
        }

    @property
    def still_open(self) -> tuple[float, float]:
        """The share of promises like this that stays open as far as the past shows; how far that is (s)."""
        before = self._done_before()
        last = self.odds.ages[-1 - self.odds.supposed]
        return ((1 - self._done_by(last)) / (1 - before) if before < 1 else 1.0), last

    def refusal(self) -> Said | None:
        """One sentence on why some level has no time; None if all have one."""
        if None not in self.ages.values():
            return None
        share, seconds = self.still_open
        return say(
            "%(share)s %% are still open after %(time)s",
            share=round(share * 100),
            time=self._spell(seconds),
        )

    def why(self, due_at: datetime | None = None) -> Said:
        """One sentence on where the odds come from, for that time or else for the one with 80 %."""
        took = [[closed - made for made, closed, done in cell.closed if done] for cell in self.cells]
        cited = [i for i, ages in enumerate(took) if len(ages) >= _ENOUGH_TO_CITE]
        if not cited:
            seen = max((len(ages) for ages in took), default=0)
            return say("only %(seen)s done so far: these odds are mostly what is usual elsewhere", seen=seen)
        cell, ages = self.cells[cited[-1]], took[cited[-1]]
        within = self.ages[80] if due_at is None else self._age(due_at)
        if within is None:
            within = self.still_open[1]
        return say(
            "%(done)s of %(whose)s last %(count)s %(what)s done within %(time)s; %(open)s open",
            done=sum(age <= within for age in ages),
            whose=cell.whose,
            count=len(ages),
            what=cell.what,
            time=self._spell(within),
            open=cell.open_count,
        )

    @property
    def ages(self) -> dict[int, float | None]:
        """For each of LEVELS the age (business seconds) by which it is done with such a chance; None if the past does
        not say."""
        before = self._done_before()
        return {
            level: None if before >= 1 else self._age_at(before + level / 100 * (1 - before))
            for level in LEVELS
        }

    def _age(self, at: datetime) -> float:
        return self.clock.at(at) - self.clock.at(self.opened_at)

    def _done_before(self) -> float:
        """The share of promises like this that would be done by now; those cannot be this one."""
        return self._done_by(self._age(self.now)) if self.now > self.opened_at else 0.0

    def _done_by(self, age: float) -> float:
        return self.calibration.share(self.odds.done_by(age))

    def _age_at(self, share: float) -> float | None:
        return self.odds.age_at(self.calibration.told_for(share))

    def _spell(self, seconds: float) -> Said:
        if seconds < 1.5 * _HOUR:
            length = say("%(minutes)s min", minutes=max(1, round(seconds / 60)))
        else:
            hours = round(seconds / _HOUR, 1 if seconds < 10 * _HOUR else None)
            length = say("%(hours)s h", hours=int(hours) if hours == int(hours) else hours)
        return (
            length if self.clock.calendar.hours.always else say("%(length)s of working time", length=length)
        )


def advise(
    cells: Sequence[Cell],
    *,
    clock: BusinessClock,
    now: datetime,
    opened_at: datetime | None = None,
    calibration: Calibration = AS_TOLD,
) -> Advice:
    """Advice on a promise that is being made now, or on an open one that was made at `opened_at`.

    `cells` run from the widest to the most alike: TEAM, OWNER, TEAM_KIND, OWNER_KIND; without an owner, TEAM
    and TEAM_KIND. All times in them are on `clock`. `calibration`: what such odds have been worth in this team. For
    another promise of the same cells and moment, `dataclasses.replace` the answer's `opened_at`: the odds stay.
    """
    return Advice(odds(cells, now=clock.at(now)), calibration, cells, clock, now, opened_at or now)
