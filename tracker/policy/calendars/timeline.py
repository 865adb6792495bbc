"""Where are a calendar's open spans, for just the years that were asked about?

Turning wall clock into instants is slow (half a millisecond a year of a calendar), so each year is done
once, when a question first touches it. Tables are replaced, never changed: threads may share a calendar.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from tracker.policy.calendars.spans import Span, Table, joined, micros, moment

FIRST_YEAR, LAST_YEAR = 1970, 2099


def _new_year(year: int) -> int:
    return micros(datetime(year, 1, 1, tzinfo=UTC))


_FLOOR, _CEILING = _new_year(FIRST_YEAR), _new_year(LAST_YEAR + 1)


class Timeline:
    """A table that grows. `spans(low, high)` gives the open spans between two moments, in microseconds."""

    __slots__ = ("_spans", "_table")

    def __init__(self, spans: Callable[[int, int], list[Span]]) -> None:
        self._spans = spans
        self._table: Table | None = None

    def around(self, *moments: int) -> Table:
        """A table that covers these moments, as far as they lie in the years there are."""
        low = min(max(min(moments), _FLOOR), _CEILING - 1)
        high = min(max(max(moments), _FLOOR), _CEILING - 1)
        table = self._table
        if table is None or low < table.low or high >= table.high:
            table = self._reaching(moment(low).year, moment(high).year)
        return table

    def ahead(self, at: int) -> Iterator[Table]:
        """Tables from `at` that look ever further ahead, up to the last year."""
        table = self.around(at)
        yield table
        years = 1
        while table.high < _CEILING:
            year = moment(table.high).year
            table = self._reaching(year, year - 1 + years)
            years *= 2
            yield table

    def behind(self, at: int) -> Iterator[Table]:
        """Tables from `at` that look ever further back, down to the first year."""
        table = self.around(at)
        yield table
        years = 1
        while table.low > _FLOOR:
            year = moment(table.low).year
            table = self._reaching(year - years, year - 1)
            years *= 2
            yield table

    def _reaching(self, first: int, last: int) -> Table:
        """The table so far, stretched over these years as well."""
        low, high = _new_year(max(first, FIRST_YEAR)), _new_year(min(last, LAST_YEAR) + 1)
        known = self._table
        if known is None:
            table = Table.of(low, high, self._spans(low, high))
        else:
            low, high = min(low, known.low), max(high, known.high)
            before = self._spans(low, known.low) if low < known.low else []
            after = self._spans(known.high, high) if high > known.high else []
            table = Table.of(low, high, joined([*before, *known.spans(), *after]))
        self._table = table
        return table
