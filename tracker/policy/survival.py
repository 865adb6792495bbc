"""Of what begins together, which share is done by which age? The product-limit (Kaplan-Meier) estimate, weighted."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Odds:
    """By which age which share is done: a staircase, `shares[i]` from `ages[i]` (business seconds) on."""

    ages: Sequence[float]
    shares: Sequence[float]

    def done_by(self, age: float) -> float:
        i = bisect_right(self.ages, age)
        return self.shares[i - 1] if i else 0.0

    def age_at(self, share: float) -> float | None:
        """The first age by which that share is done; None if the past does not say."""
        i = bisect_left(self.shares, share - 1e-9)
        return self.ages[i] if i < len(self.ages) else None


def product_limit(entries: Sequence[tuple[float, float]], ends: Sequence[tuple[float, bool, float]]) -> Odds:
    """At each age, the weight that is done of the weight that is watched then.

    `entries`: (the age from which it was watched, its weight). `ends`: (the age until which it was watched, whether
    it was still open then, its weight). Both sorted; what was done at an age goes before what is open at it.
    """
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
