"""When is this team or person at work? One value that adds, subtracts and measures working time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Self

from tracker.policy.calendars.days import MINUTES, LocalDays, zone_named
from tracker.policy.calendars.hours import WeeklyHours
from tracker.policy.calendars.public import PublicHolidays
from tracker.policy.calendars.spans import SECOND, Span, common, joined, micros, moment, without
from tracker.policy.calendars.timeline import Timeline


class ClosedBy(StrEnum):
    """What keeps a calendar closed at some moment."""

    HOURS = "hours"
    HOLIDAY = "holiday"
    CLOSURE = "closure"


@dataclass(frozen=True, slots=True)
class Closed:
    """Why nobody is at work at some moment; `label` names the holiday or the closure, if it has a name."""

    by: ClosedBy
    label: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of time, `start` included, `end` not; both aware. An absence, a closure, an extra shift."""

    start: datetime
    end: datetime
    label: str = ""

    def __post_init__(self) -> None:
        if not micros(self.start) < micros(self.end):
            raise ValueError(f"The stretch from {self.start} to {self.end} is empty: end it after its start.")


@dataclass(frozen=True, slots=True)
class Calendar:
    """Weekly hours in a zone, less public holidays and closures, and any number of calendars that must agree.

    `extra` stretches (one-off shifts) are open whatever hours and holidays say; closures win over everything.
    A night shift loses the part that falls on a holiday, by the local date. Moments are aware datetimes,
    answers are in UTC. Outside the years 1970 to 2099 every calendar is closed, so that each search ends.
    Raises ValueError for an unknown zone.
    """

    hours: WeeklyHours
    zone: str = "UTC"
    holidays: PublicHolidays | None = None
    closures: tuple[Stretch, ...] = ()
    extra: tuple[Stretch, ...] = ()
    also: tuple["Calendar", ...] = ()
    timeline: Timeline = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        zone_named(self.zone)
        object.__setattr__(self, "timeline", timeline_of(self))

    def __and__(self, other: "Calendar") -> "Calendar":
        """Open only when both are: a team's hours and a person's shifts."""
        return replace(self, also=(*self.also, other))

    def is_open(self, at: datetime) -> bool:
        value = micros(at)
        table = self.timeline.around(value)
        i = table.index(value)
        return i is not None and table.starts[i] <= value

    def next_open(self, at: datetime) -> datetime | None:
        """`at` itself if that is open, else the next moment that is; None if there is none."""
        value = micros(at)
        for table in self.timeline.ahead(value):
            i = table.index(value)
            if i is not None:
                return moment(max(value, table.starts[i]))
        return None

    def closing_after(self, at: datetime) -> datetime | None:
        """The end of the open stretch that holds `at` or else of the next one; None if never."""
        value = micros(at)
        for table in self.timeline.ahead(value):
            i = table.index(value)
            if i is not None and table.ends[i] < table.high:
                return moment(table.ends[i])
        return None

    def add(self, at: datetime, seconds: float) -> datetime | None:
        """The earliest moment by which so much has been worked after `at`; `at` itself for nothing.

        A negative amount counts back, as `subtract` does. None if the calendar never has that much.
        """
        amount = round(seconds * SECOND)
        if amount < 0:
            return self.subtract(at, -seconds)
        value = micros(at)
        if not amount:
            return moment(value)
        for table in self.timeline.ahead(value):
            found = table.earliest(table.total(value) + amount)
            if found is not None:
                return moment(found)
        return None

    def subtract(self, at: datetime, seconds: float) -> datetime | None:
        """The latest moment after which so much is worked before `at`; the counterpart of `add`."""
        amount = round(seconds * SECOND)
        if amount < 0:
            return self.add(at, -seconds)
        value = micros(at)
        if not amount:
            return moment(value)
        for table in self.timeline.behind(value):
            found = table.latest(table.total(value) - amount)
            if found is not None:
                return moment(found)
        return None

    def between(self, start: datetime, end: datetime) -> float:
        """Working seconds from one moment to another; negative if they are the other way round."""
        first, last = micros(start), micros(end)
        table = self.timeline.around(first, last)
        return (table.total(last) - table.total(first)) / SECOND

    def why_closed(self, at: datetime) -> Closed | None:
        """What keeps it closed at that moment; None when it is open."""
        if self.is_open(at):
            return None
        for closure in self.closures:
            if closure.start <= at < closure.end:
                return Closed(ClosedBy.CLOSURE, closure.label)
        name = self.holidays and self.holidays.name(at.astimezone(zone_named(self.zone)).date())
        if name and not any(stretch.start <= at < stretch.end for stretch in self.extra):
            return Closed(ClosedBy.HOLIDAY, name)
        reasons = [reason for other in self.also if (reason := other.why_closed(at))]
        return next((r for r in reasons if r.by is not ClosedBy.HOURS), Closed(ClosedBy.HOURS))

    def as_dict(self) -> dict[str, Any]:
        """For storage as JSON; `from_dict` reads it back."""
        return {
            "hours": str(self.hours),
            "zone": self.zone,
            "holidays": self.holidays and [self.holidays.country, self.holidays.subdivision],
            "closures": [_stretch_as_list(stretch) for stretch in self.closures],
            "extra": [_stretch_as_list(stretch) for stretch in self.extra],
            "also": [other.as_dict() for other in self.also],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """The calendar that `as_dict` described. Raises KeyError or ValueError for anything else."""
        return cls(
            hours=WeeklyHours.parse(stored["hours"]),
            zone=stored["zone"],
            holidays=PublicHolidays(*stored["holidays"]) if stored["holidays"] else None,
            closures=tuple(_stretch_from_list(*parts) for parts in stored["closures"]),
            extra=tuple(_stretch_from_list(*parts) for parts in stored["extra"]),
            also=tuple(Calendar.from_dict(other) for other in stored["also"]),
        )

    def _spans(self, low: int, high: int) -> list[Span]:
        """The open spans in a range; closures come first, so that years of absence cost nothing."""
        allowed = without([(low, high)], joined((micros(s.start), micros(s.end)) for s in self.closures))
        if not allowed:
            return []
        low, high = allowed[0][0], allowed[-1][1]
        spans = [(low, high)] if self.hours.always else []
        if self.holidays or (self.hours.shifts and not spans):
            days = LocalDays(zone_named(self.zone), low, high)
            spans = spans or joined(self._shifts(days))
            spans = without(spans, joined(self._public_holidays(days)))
        if self.extra:
            spans = joined([*spans, *((micros(s.start), micros(s.end)) for s in self.extra)])
        spans = common(spans, allowed)
        for other in self.also:
            spans = common(spans, other._spans(low, high))
        return spans

    def _shifts(self, days: LocalDays) -> Iterator[Span]:
        by_weekday: list[list[tuple[int, int]]] = [[] for _ in range(7)]
        for weekday, start, end in self.hours.shifts:
            by_weekday[weekday].append((start, end))
        for index, day in enumerate(days.days):
            for start, end in by_weekday[day.weekday()]:
                yield days.at(index, start), days.at(index, end)

    def _public_holidays(self, days: LocalDays) -> Iterator[Span]:
        if self.holidays:
            for index, day in enumerate(days.days):
                if self.holidays.name(day):
                    yield days.at(index, 0), days.at(index, MINUTES)


@lru_cache(maxsize=256)
def timeline_of(calendar: Calendar) -> Timeline:
    """Shared by calendars that are equal: every page makes its teams' and people's anew, and to lay out their year
    took longer than all else that was asked of them."""
    return Timeline(calendar._spans)


def _stretch_as_list(stretch: Stretch) -> list[str]:
    return [stretch.start.isoformat(), stretch.end.isoformat(), stretch.label]


def _stretch_from_list(start: str, end: str, label: str) -> Stretch:
    return Stretch(datetime.fromisoformat(start), datetime.fromisoformat(end), label)
