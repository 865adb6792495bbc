"""Which hours of the week are worked, and how is that written down?

As text: `0-4:9-21,5:10-17` is Monday to Friday nine to nine and Saturday ten to five (0 = Monday). Minutes
are allowed (`0:9:30-12`), a lunch break is two items (`0-4:9-12,0-4:13-17`), a night ends on the next day
(`4:22-6`), `0-6:0-24` is always, and the empty text is never.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from tracker.policy.said import say

DAY = 24 * 60
_ITEM = re.compile(r"([0-6])(?:-([0-6]))?:(\d{1,2})(?::(\d{2}))?-(\d{1,2})(?::(\d{2}))?")


class HoursError(ValueError):
    """The text does not describe hours of a week; the `sentence` says how to mend it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """The hours of any week, by local wall clock.

    `shifts` are (weekday 0 = Monday, first minute, last minute), in minutes from that day's midnight. A shift
    that ends after midnight ends beyond 1440; only 0 to 1440 is a whole day. Shifts that overlap count once.
    Always sorted, without doubles. Raises HoursError for a shift that is none.
    """

    shifts: tuple[tuple[int, int, int], ...]

    def __post_init__(self) -> None:
        for weekday, start, end in self.shifts:
            whole_day = (start, end) == (0, DAY)
            part = 0 <= start < min(end, DAY) and end < start + DAY
            if not 0 <= weekday <= 6 or not (part or whole_day):
                raise HoursError(
                    say(
                        "%(shift)s is no shift: 0 to 6, minutes, under a day.",
                        shift=str((weekday, start, end)),
                    )
                )
        object.__setattr__(self, "shifts", tuple(sorted(set(self.shifts))))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form. Raises HoursError with one sentence that names the part that is wrong."""
        items = [item.strip() for item in text.split(",")] if text.strip() else []
        return cls(tuple(shift for item in items for shift in _shifts(item)))

    def __str__(self) -> str:
        """The text form: neighbouring days with the same hours are one item."""
        days_by_hours: dict[tuple[int, int], list[int]] = {}
        for weekday, start, end in self.shifts:
            days_by_hours.setdefault((start, end), []).append(weekday)
        items = [
            (first, start, f"{_days(first, last)}:{_clock(start)}-{_clock(end)}")
            for (start, end), days in days_by_hours.items()
            for first, last in _runs(days)
        ]
        return ",".join(text for _, _, text in sorted(items))

    @property
    def always(self) -> bool:
        """Whether no minute of the week is closed."""
        return self.shifts == ALWAYS.shifts


def _shifts(item: str) -> Iterable[tuple[int, int, int]]:
    found = _ITEM.fullmatch(item)
    if not found:
        raise HoursError(
            say(
                "'%(item)s' is not understood: write days, a colon and hours, as in 0-4:9-17 for Monday to Friday "
                "nine to five.",
                item=item,
            )
        )
    first, last = int(found[1]), int(found[2] or found[1])
    start, end = _minutes(found[3], found[4], item), _minutes(found[5], found[6], item)
    if last < first:
        raise HoursError(
            say("'%(item)s' runs backwards: write the earlier weekday first (0 is Monday).", item=item)
        )
    if start == DAY:
        raise HoursError(say("'%(item)s' opens at 24: write 0 and the next weekday.", item=item))
    if start == end:
        raise HoursError(
            say("'%(item)s' opens and closes at the same minute: write 0-24 for the whole day.", item=item)
        )
    if end < start:
        end += DAY
    return [(weekday, start, end) for weekday in range(first, last + 1)]


def _minutes(hour: str, minute: str | None, item: str) -> int:
    minutes = int(hour) * 60 + int(minute or 0)
    if minutes > DAY or int(minute or 0) > 59:
        raise HoursError(
            say("'%(item)s' has a time that no clock shows: hours go from 0 to 24, minutes to 59.", item=item)
        )
    return minutes


def _runs(days: list[int]) -> Iterable[tuple[int, int]]:
    """Neighbouring days as (first, last): [0, 1, 2, 5] gives (0, 2) and (5, 5)."""
    first = previous = days[0]
    for day in days[1:]:
        if day != previous + 1:
            yield first, previous
            first = day
        previous = day
    yield first, previous


def _days(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes - DAY if minutes > DAY else minutes, 60)
    return f"{hour}:{minute:02}" if minute else str(hour)


ALWAYS = WeeklyHours(tuple((weekday, 0, DAY) for weekday in range(7)))
NEVER = WeeklyHours(())
