"""Is a change in a rate news, or chance? Control limits, quantiles, and how many are enough to compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, sqrt

FEWEST = 20
"""With fewer, the interval of a share is wider than most differences between people: they are not ranked."""
SIGMAS = 3.0
FEWEST_POINTS = 5
"""With fewer, the mean of the points says too little to hold any of them against it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a share lies as long as nothing but chance moves it; all between 0 and 1."""

    centre: float
    low: float
    high: float


def control_limits(counts: Sequence[tuple[int, int]]) -> list[Limits | None]:
    """Limits of a p-chart for (hits, total) of each period; None for a period without any, and for all when there
    are fewer than FEWEST_POINTS with some.

    The centre is the share over all periods, the limits lie three standard errors from it by each period's own
    total: NIST/SEMATECH e-Handbook of Statistical Methods, section 6.3.3.2, after Shewhart (1931).
    """
    hits, total = sum(hit for hit, _ in counts), sum(each for _, each in counts)
    if sum(each > 0 for _, each in counts) < FEWEST_POINTS:
        return [None] * len(counts)
    centre = hits / total
    return [_limits(centre, each) if each else None for _, each in counts]


def _limits(centre: float, total: int) -> Limits:
    reach = SIGMAS * sqrt(centre * (1 - centre) / total)
    return Limits(centre, max(0.0, centre - reach), min(1.0, centre + reach))


def unusually_many(count: int, usual: float) -> bool:
    """Is a count above the upper limit of a c-chart, `usual` + 3 √`usual`? (e-Handbook, section 6.3.3.1.)"""
    return count > usual + SIGMAS * sqrt(usual)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value that a share (0 to 1) of the values does not exceed, between neighbours by a straight line.

    Definition 7 of Hyndman and Fan (1996), "Sample quantiles in statistical packages"; `ordered` ascends. Raises
    ValueError when it is empty or the share is none.
    """
    if not ordered or not 0 <= share <= 1:
        raise ValueError(f"There is no {share} quantile of {len(ordered)} values.")
    place = (len(ordered) - 1) * share
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
