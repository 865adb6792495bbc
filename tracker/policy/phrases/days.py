"""Which dates can the words for a day mean, seen from today?

Every kind of day answers with `Dates`. Only the calendar is asked, and the time of day only for "tomorrow",
said by those still awake after midnight. Weeks begin on Monday, and on Sunday too where that makes a
difference.
"""

import calendar
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum, auto
from typing import Protocol

from tracker.policy.phrases.pieces import Reason, Refusal

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
SATURDAY, SUNDAY = 5, 6
JUST_PASSED = timedelta(days=90)
"""A date that is over for less than this is more likely a slip than one in the coming year."""


@dataclass(frozen=True, slots=True)
class Dates:
    """The likeliest date, the others that could be meant, and those to take `once_over` it has passed."""

    first: date
    also: tuple[date, ...] = ()
    once_over: tuple[date, ...] = ()

    @property
    def all(self) -> tuple[date, ...]:
        return (self.first, *self.also, *self.once_over)

    def only(self, kept: Iterable[date]) -> "Dates | None":
        """Those of the dates that are among `kept`; None when there are none."""
        left = [day for day in self.all if day in kept]
        return Dates(left[0], tuple(left[1:])) if left else None


class Day(Protocol):
    def dates(self, now: datetime) -> Dates:
        """The dates meant when `now` is the local time. Raises Refusal for one that does not exist or is
        over.
        """


def likeliest(first: date, *also: date) -> Dates:
    """Dates in this order, each once."""
    others = dict.fromkeys(also)
    others.pop(first, None)
    return Dates(first, tuple(others))


def working(day: date) -> bool:
    """Monday to Friday. Public holidays are the calendars' business."""
    return day.weekday() < SATURDAY


def plus_working_days(day: date, count: int) -> date:
    while count:
        day += DAY
        count -= working(day)
    return day


def plus_months(day: date, count: int) -> date:
    """The same day of a later month. Raises Refusal when that month is too short."""
    years, month = divmod(day.month - 1 + count, 12)
    return existing(day.year + years, month + 1, day.day)


def existing(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Refusal(Reason.NO_SUCH_DATE, day=(year, month, day)) from None


@dataclass(frozen=True, slots=True)
class Unnamed:
    """No day was said: today, or the next day on which the time comes round."""

    works: Callable[[date], bool]
    """Is that day worked by those whose hours count?"""
    working: bool
    """A time of the working day: Friday's is followed by Monday's, and Saturday's may be Monday's too."""

    def dates(self, now: datetime) -> Dates:
        today = now.date()
        tomorrow = today + DAY
        next_working = next((day for n in range(1, 8) if self.works(day := today + n * DAY)), tomorrow)
        if self.working and not self.works(today):
            return Dates(today, (next_working,))
        coming = (next_working, tomorrow) if self.working else (tomorrow, next_working)
        return Dates(today, once_over=tuple(dict.fromkeys(coming)))


@dataclass(frozen=True, slots=True)
class Shift:
    """Today, tomorrow, a week tomorrow: so many days from today."""

    days: int

    def dates(self, now: datetime) -> Dates:
        today = now.date()
        awake = self.days == 1 and now.hour < 4
        return likeliest(today + self.days * DAY, *([today] if awake else []))


class Unit(Enum):
    DAY = auto()
    WEEK = auto()
    MONTH = auto()
    WORKING_DAY = auto()


@dataclass(frozen=True, slots=True)
class After:
    """In so many days, weeks, months or working days; at this time of day if no other is said."""

    count: int
    unit: Unit

    def dates(self, now: datetime) -> Dates:
        today = now.date()
        match self.unit:
            case Unit.DAY:
                return Dates(today + self.count * DAY)
            case Unit.WEEK:
                return Dates(today + self.count * WEEK)
            case Unit.MONTH:
                return Dates(plus_months(today, self.count))
            case Unit.WORKING_DAY:
                # On a Saturday some count Monday as the first day, others as the day to count from.
                also = [] if working(today) else [plus_working_days(today, self.count + 1)]
                return likeliest(plus_working_days(today, self.count), *also)


class Which(Enum):
    PLAIN = auto()
    """"Friday": the next one; on a Friday, today or a week later."""
    THIS = auto()
    """"This Friday": the next one, and on a Friday today."""
    NEXT = auto()
    """"Next Friday": next week's to some, the next one to come to others."""
    NEXT_TO_COME = auto()
    """The same, in a language where the next one to come is meant more often."""


@dataclass(frozen=True, slots=True)
class Weekday:
    weekday: int
    """0 is Monday."""
    which: Which = Which.PLAIN
    weeks: int = field(default=0, kw_only=True)
    """So many weeks after the one meant: "a week on Friday"."""

    def dates(self, now: datetime) -> Dates:
        today = now.date()
        ahead = (self.weekday - today.weekday()) % 7
        coming = today + ahead * DAY + self.weeks * WEEK
        if self.which is Which.PLAIN:
            return likeliest(coming, *([] if ahead else [coming + WEEK]))
        if self.which is Which.THIS:
            return Dates(coming)
        to_come = coming if ahead else coming + WEEK
        next_week = OfWeek(self.weekday, 1).dates(now).all
        order = (*next_week, to_come) if self.which is Which.NEXT else (to_come, *next_week)
        return likeliest(*order)


@dataclass(frozen=True, slots=True)
class OfWeek:
    """A weekday of this week or of one so many weeks on."""

    weekday: int
    weeks: int

    def dates(self, now: datetime) -> Dates:
        today = now.date()
        monday = today - today.weekday() * DAY
        sunday = today - (today.weekday() + 1) % 7 * DAY
        later = self.weeks * WEEK
        return likeliest(monday + self.weekday * DAY + later, sunday + (self.weekday + 1) % 7 * DAY + later)


@dataclass(frozen=True, slots=True)
class EndOfWeek:
    """Friday of this week, or of one so many weeks on; at the weekend this week's is over."""

    weeks: int

    def dates(self, now: datetime) -> Dates:
        dates = OfWeek(calendar.FRIDAY, self.weeks).dates(now)
        return Dates(dates.first, dates.also, () if self.weeks else (dates.first + WEEK,))


@dataclass(frozen=True, slots=True)
class EndOfMonth:
    """The last day of this month, or its last working day."""

    def dates(self, now: datetime) -> Dates:
        today = now.date()
        last = today.replace(day=calendar.monthrange(today.year, today.month)[1])
        last_working = last
        while not working(last_working):
            last_working -= DAY
        return likeliest(last, last_working)


@dataclass(frozen=True, slots=True)
class OnDate:
    """A date in the calendar; without a year, the next such date."""

    day: int
    month: int
    year: int | None = None

    def dates(self, now: datetime) -> Dates:
        today = now.date()
        if self.year is not None:
            return Dates(existing(self.year, self.month, self.day))
        if (self.month, self.day) != (2, 29):
            existing(today.year, self.month, self.day)
        if (self.month, self.day) >= (today.month, today.day):
            return Dates(existing(today.year, self.month, self.day))
        if (self.month, self.day) != (2, 29) and today - date(today.year, self.month, self.day) < JUST_PASSED:
            raise Refusal(Reason.PASSED, day=date(today.year, self.month, self.day))
        return Dates(existing(today.year + 1, self.month, self.day))


@dataclass(frozen=True, slots=True)
class InFigures:
    """01/12: in some countries the day comes first, in others the month."""

    orders: tuple[OnDate, ...]

    def dates(self, now: datetime) -> Dates:
        found: list[date] = []
        refused: list[Refusal] = []
        for order in self.orders:
            try:
                found += order.dates(now).all
            except Refusal as refusal:
                refused.append(refusal)
        # Whoever means the date that has just passed must not be given the other one.
        passed = [refusal for refusal in refused if refusal.reason is Reason.PASSED]
        if passed or not found:
            raise (passed or refused)[0]
        return likeliest(*sorted(found, key=lambda day: (day < now.date(), day)))


@dataclass(frozen=True, slots=True)
class OfMonth:
    """The 25th: of this month, or of the next one when this month's is over for a week or more."""

    day: int

    def dates(self, now: datetime) -> Dates:
        today = now.date()
        if self.day >= today.day:
            return Dates(existing(today.year, today.month, self.day))
        if today.day - self.day < 7:
            raise Refusal(Reason.PASSED, day=today.replace(day=self.day))
        years, month = divmod(today.month, 12)
        return Dates(existing(today.year + years, month + 1, self.day))
