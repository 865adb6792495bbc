"""How much has a promise aged, if nights and weekends hardly count?

Ages of promises compare well only on a clock that nearly stops while nobody works. It does not stop
altogether: some work is done out of hours, and two moments of one night must stay apart. The rate was
measured on four real logs, where such a clock predicted 1 to 5 % better than the wall clock.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.policy.calendars.calendar import Calendar
from tracker.policy.calendars.spans import SECOND, Table, micros, moment

IDLE = 0.05


@dataclass(frozen=True, slots=True)
class BusinessClock:
    """Business seconds since `start`: 1 for each in working hours, else `idle` (above 0, at most 1)."""

    calendar: Calendar
    start: datetime
    idle: float = IDLE

    def at(self, at: datetime) -> float:
        """What the clock shows at that moment; negative before the start."""
        value, start = micros(at), micros(self.start)
        return self._reading(self.calendar.timeline.around(value, start), value, start) / SECOND

    def many(self, values: Sequence[int]) -> list[float]:
        """What it shows at each of these moments, given as `micros`; for hundreds, far faster than one by one."""
        start = micros(self.start)
        table = self.calendar.timeline.around(start, *values)
        idle, busy, worked = self.idle, 1 - self.idle, table.total(start)
        totals = zip(values, table.totals(values), strict=True)
        return [(idle * (value - start) + busy * (total - worked)) / SECOND for value, total in totals]

    def when(self, seconds: float) -> datetime:
        """The moment at which it shows this; the inverse of `at`, in UTC."""
        target, start = seconds * SECOND, micros(self.start)
        timeline = self.calendar.timeline
        for table in timeline.ahead(start) if target >= 0 else timeline.behind(start):
            low = self._reading(table, table.low, start)
            if low <= target <= self._reading(table, table.high, start):
                break
        starts, worked, before = table.starts, table.worked, table.total(start)

        def at_opening(i: int) -> float:
            return self.idle * (starts[i] - start) + (1 - self.idle) * ((worked[i - 1] if i else 0) - before)

        i = bisect_right(range(len(starts)), target, key=at_opening) - 1
        if i < 0:
            return moment(round(table.low + (target - low) / self.idle))
        opening, closing = table.starts[i], table.ends[i]
        into = target - self._reading(table, opening, start)
        overtime = into - (closing - opening)
        return moment(round(opening + into if overtime <= 0 else closing + overtime / self.idle))

    def _reading(self, table: Table, at: int, start: int) -> float:
        worked = table.total(at) - table.total(start)
        return self.idle * (at - start) + (1 - self.idle) * worked
