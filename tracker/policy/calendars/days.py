"""When does the wall clock of a zone show a given day and minute?

In the spring gap it never shows some minutes: they are taken as the moment of the jump. In autumn it shows
some twice: the first time counts, as in RFC 5545, 3.3.5. So later by the wall clock is never earlier in fact.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import chain
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tracker.policy.calendars.spans import SECOND, micros, moment

MINUTES = 24 * 60
_MINUTE = 60 * SECOND
_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises ValueError if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"'{name}' is no time zone: give a name such as Europe/Amsterdam.") from None


def instant(zone: ZoneInfo, day: date, minute: int = 0) -> int:
    """The moment, in microseconds, at which the clock shows that minute, counted from the day's midnight."""
    wall = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minute)
    local = wall.replace(tzinfo=zone)
    before, after = local.utcoffset(), local.replace(fold=1).utcoffset()
    assert before is not None  # noqa: S101 - a ZoneInfo knows the offset of every datetime, which mypy cannot
    assert after is not None  # noqa: S101 - the same
    if after <= before:
        return micros(wall - before)
    gap = int((after - before).total_seconds())
    jump = bisect_left(
        range(gap),
        True,
        key=lambda second: (wall - after + timedelta(seconds=second)).astimezone(zone).utcoffset() != before,
    )
    return micros(wall - after) + jump * SECOND


@lru_cache(maxsize=1024)
def _midnights(zone: ZoneInfo, year: int) -> list[int]:
    """When each day of that year begins; kept, because all the calendars of a zone share them."""
    first, begins = datetime(year, 1, 1, tzinfo=zone), micros(datetime(year, 1, 1, tzinfo=UTC))
    midnights = []
    for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days):
        local = first + n * _DAY
        offset = local.utcoffset()
        if offset is not None and offset == local.replace(fold=1).utcoffset():  # shown once, as nearly always
            midnights.append(begins + n * MINUTES * _MINUTE - offset // _MICROSECOND)
        else:
            midnights.append(instant(zone, local.date()))
    return midnights


class LocalDays:
    """The days of a zone that touch a range of time, and the three around them that shifts may reach into.

    On all but two days of a year a minute is found by adding, ten times as fast as by asking the zone.
    """

    def __init__(self, zone: ZoneInfo, low: int, high: int) -> None:
        first, last = moment(low).date() - 2 * _DAY, moment(high).date() + _DAY
        self._zone = zone
        self.days = [first + n * _DAY for n in range((last - first).days + 1)]
        years = range(first.year, (last + 2 * _DAY).year + 1)
        skipped = first.timetuple().tm_yday - 1
        self._midnights = list(chain.from_iterable(_midnights(zone, year) for year in years))[skipped:]

    def at(self, index: int, minute: int) -> int:
        """The moment at which the clock of `days[index]` shows that minute, 0 to 2880."""
        midnight = self._midnights[index + minute // MINUTES]
        minute_of_day = minute % MINUTES
        if self._midnights[index + minute // MINUTES + 1] - midnight == MINUTES * _MINUTE:
            return midnight + minute_of_day * _MINUTE
        return instant(self._zone, self.days[index], minute)
