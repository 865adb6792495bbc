"""Of what begins together, which share is done by which age? The product-limit (Kaplan-Meier) estimate, weighted, and
how it goes on where the past ends.

The estimate is silent beyond the oldest that was done. Where much is slow and little of it known, that is too early:
it would name no time for nine promises of ten. So the slower half is looked at as a whole: as fast as it has been
done, it goes on being done, to three times the age of the oldest at most (an exponential tail, after Brown, Hollander
and Korwar, "Nonparametric tests of independence for censored data", 1974, at the rate of events per time watched).
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

Entries = Sequence[tuple[float, float]]
"""The age from which each was watched, and its weight; sorted."""
Ends = Sequence[tuple[float, bool, float]]
"""The age until which each was watched, whether it was still open then, and its weight; sorted."""

_AS_FAR = 3
_RULE_OF_THREE = 3.0  # where three are expected, none comes about in one of twenty cases
_SHARES = (*(percent / 100 for percent in range(1, 100)), 0.995)


@dataclass(frozen=True, slots=True)
class Odds:
    """By which age which share is done: a staircase, `shares[i]` from `ages[i]` (business seconds) on.

    `supposed`: so many of the last stairs were not seen in the past but follow from its pace.
    """

    ages: Sequence[float]
    shares: Sequence[float]
    supposed: int = 0

    def done_by(self, age: float) -> float:
        i = bisect_right(self.ages, age)
        return self.shares[i - 1] if i else 0.0

    def age_at(self, share: float) -> float | None:
        """The first age by which that share is done; None if the past does not say."""
        i = bisect_left(self.shares, share - 1e-9)
        return self.ages[i] if i < len(self.ages) else None


def product_limit(entries: Entries, ends: Ends) -> Odds:
    """At each age, the weight that is done of the weight that is watched then. What was done at an age goes before
    what is open at it."""
    ages: list[float] = []
    shares: list[float] = []
    entered, left, open_share = 0.0, 0.0, 1.0
    i, last = 0, len(entries)
    for age, is_open, weight in ends:
        while i < last and entries[i][0] < age:
            entered += entries[i][1]
            i += 1
        if not is_open:
            watched = entered - left
            open_share *= 1 - weight / watched if watched > weight else 0.0
            ages.append(age)
            shares.append(1 - open_share)
        left += weight
    return Odds(ages, shares)


def continued(seen: Odds, entries: Entries, ends: Ends) -> Odds:
    """The odds that were seen, and how they go on. They do not where less than half was ever done, nor where at that
    pace three more should have been done by now."""
    half = seen.age_at(0.5)
    if half is None or seen.shares[-1] >= _SHARES[-1]:
        return seen
    last, share = seen.ages[-1], seen.shares[-1]
    done = sum(
        weight for _, is_open, weight in ends[bisect_right(ends, (half, True, math.inf)) :] if not is_open
    )
    if not done:
        return seen
    pace = done / _watched_beyond(half, entries, ends)
    if pace * _watched_beyond(last, entries, ends) > _RULE_OF_THREE:
        return seen
    more = [
        (last + math.log((1 - share) / (1 - each)) / pace, each)
        for each in _SHARES[bisect_right(_SHARES, share) :]
    ]
    within = bisect_right(more, (_AS_FAR * ends[-1][0], math.inf))
    ages, shares = zip(*more[:within], strict=True) if within else ((), ())
    return Odds([*seen.ages, *ages], [*seen.shares, *shares], within)


def _watched_beyond(age: float, entries: Entries, ends: Ends) -> float:
    """How long all together were watched beyond that age."""
    watched = sum(
        weight * (end - age) for end, _, weight in ends[bisect_right(ends, (age, True, math.inf)) :]
    )
    late = entries[bisect_right(entries, (age, math.inf)) :]
    return watched - sum(weight * (entry - age) for entry, weight in late)
