"""How are open stretches joined, cut and measured?

A span is (start, end) in whole microseconds since 1970 UTC, start included, end not. Lists of spans are
sorted and never touch or overlap. Integers, because then working time adds up exactly.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Self

Span = tuple[int, int]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
_MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """Microseconds since 1970 UTC. Raises TypeError for a naive time."""
    return (at - EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """The inverse of `micros`, in UTC."""
    return EPOCH + timedelta(microseconds=value)


def joined(spans: Iterable[Span]) -> list[Span]:
    """Sorted; overlapping and touching ones made one, empty ones dropped."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        elif start < end:
            result.append((start, end))
    return result


def common(left: list[Span], right: list[Span]) -> list[Span]:
    """Where both are open."""
    result: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            result.append((start, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return result


def without(spans: list[Span], holes: list[Span]) -> list[Span]:
    """Where the first is open and the second is not."""
    if not spans or not holes:
        return spans
    ends = [spans[0][0], *(end for _, end in holes)]
    starts = [*(start for start, _ in holes), spans[-1][1]]
    return common(spans, [gap for gap in zip(ends, starts, strict=True) if gap[0] < gap[1]])


@dataclass(frozen=True, slots=True)
class Table:
    """The open spans from `low` to `high`, with running totals: every question is one binary search.

    `worked[i]` is the working time from `low` to `ends[i]`.
    """

    low: int
    high: int
    starts: list[int]
    ends: list[int]
    worked: list[int]

    @classmethod
    def of(cls, low: int, high: int, spans: list[Span]) -> Self:
        worked = list(accumulate(end - start for start, end in spans))
        return cls(low, high, [start for start, _ in spans], [end for _, end in spans], worked)

    def spans(self) -> Iterable[Span]:
        return zip(self.starts, self.ends, strict=True)

    def total(self, at: int) -> int:
        """Working time up to `at`."""
        i = bisect_right(self.starts, at) - 1
        return self.worked[i] - max(0, self.ends[i] - at) if i >= 0 else 0

    def totals(self, moments: Iterable[int]) -> list[int]:
        """The same for each of these moments."""
        starts, ends, worked = self.starts, self.ends, self.worked
        totals = []
        for at in moments:
            i = bisect_right(starts, at) - 1
            left = ends[i] - at
            totals.append(0 if i < 0 else worked[i] - left if left > 0 else worked[i])
        return totals

    def earliest(self, total: int) -> int | None:
        """The first moment by which so much has been worked; None if that is not in the table."""
        i = bisect_left(self.worked, total)
        return self.ends[i] - (self.worked[i] - total) if i < len(self.worked) else None

    def latest(self, total: int) -> int | None:
        """The last moment by which no more than that has been worked; None if that is not in the table."""
        i = bisect_right(self.worked, total)
        return self.ends[i] - (self.worked[i] - total) if total >= 0 and i < len(self.worked) else None

    def index(self, at: int) -> int | None:
        """The open span that holds `at` or else the next one; None if the table has none."""
        i = bisect_right(self.ends, at)
        return i if i < len(self.ends) else None
