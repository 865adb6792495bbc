"""What is a phrase made of? The pieces that a language turns words into, before anybody asks what time it is.

A phrase is a handful of these: at most one time of day (`Clock` or `Mark`), one `Part` of the day, one
`Place` and one `Length`, and days (`days.py`) that agree with one another.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from itertools import pairwise
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class DayHours:
    """The working hours that "end of day" and "after lunch" refer to, as times in the zone that is spoken
    of.

    They come in this order and within a day of the opening, those after midnight too: raises ValueError otherwise.
    Without a lunch break, `lunch` equals `after_lunch`; where there is no morning, or no afternoon, it is the opening
    or the closing.
    """

    opening: time = time(9)
    lunch: time = time(12)
    after_lunch: time = time(13)
    closing: time = time(17)
    free: bool = field(default=False, kw_only=True)
    """Nobody works on that day: these are the hours that it would have."""

    def __post_init__(self) -> None:
        marks = (self.opening, self.lunch, self.after_lunch, self.closing)
        over_midnight = sum(later < earlier for earlier, later in pairwise(marks))
        if over_midnight > 1 or (over_midnight and self.closing >= self.opening):
            raise ValueError("Working hours must run from opening over lunch to closing within one day.")


HoursOf: TypeAlias = Callable[[date], DayHours]
"""The working hours of any day, and whether it is worked."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A time by the clock, in minutes after midnight: 0 to 1440."""

    minute: int
    twelve: bool = False
    """Said on a dial of twelve hours: `minute` is below 720, and 720 more is just as possible."""
    written: bool = False
    """Written as on a 24-hour clock, "10:00": the other half of the day is thought of only once this one is
    over.
    """
    bare: str = ""
    """The words, when they are only a number, "fri 10": an hour beside the name of a day, or a part of it."""


class Mark(StrEnum):
    """A time of day that depends on the working hours, on the day or on the moment of asking."""

    OPENING = "opening"
    LUNCH = "lunch"
    LUNCHTIME = "lunchtime"
    AFTER_LUNCH = "after lunch"
    CLOSING = "closing"
    MIDNIGHT = "midnight"
    SAME = "the same time"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day: `start` to `end`, both included, in minutes after midnight. 1440 is the midnight
    it ends with.

    Alone it is a promise for its end, `until`, that might be heard as one for its beginning, `since`;
    without those marks it needs a time of day beside it.
    """

    text: str
    start: int
    end: int
    since: Mark | None = None
    until: Mark | None = None


class Whose(StrEnum):
    SPEAKER = "speaker"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Place:
    """The zone a time is meant in: its name, or whose it is.

    `letters` are those of an abbreviation such as EST, which holds for one half of the year only.
    """

    zone: str | Whose
    letters: str = ""


@dataclass(frozen=True, slots=True)
class Length:
    """So many minutes from now."""

    minutes: int


class Reason(StrEnum):
    """Why a phrase is not understood. Each language has one sentence for each."""

    EMPTY = "empty"
    TOO_LONG = "too long"
    LEFTOVER = "leftover"
    CONFLICT = "more than one time"
    CONTRADICTION = "days that contradict one another"
    OUTSIDE_PART = "a time outside the part of the day"
    NO_TIME = "a day without a time"
    NO_DAY = "a part of the day without a day"
    BARE = "only a number"
    SPAN = "a span"
    START = "a beginning"
    VAGUE = "vague"
    BACKWARDS = "back in time"
    PASSED = "passed"
    FAR = "far off"
    NO_SUCH_DATE = "no such date"
    SKIPPED = "skipped by the clocks"
    NO_CUSTOMER_ZONE = "no zone for the customer"
    UNKNOWN_ZONE = "unknown zone"
    SEVERAL_ZONES = "an abbreviation of several zones"
    OUT_OF_SEASON = "an abbreviation of the other half of the year"


@dataclass(frozen=True, slots=True)
class No:
    """Words that are understood, and refused: the reason and the words."""

    reason: Reason
    text: str


class Refusal(Exception):
    """Raised inside this package only; `facts` fill the placeholders of the reason's sentence."""

    def __init__(self, reason: Reason, **facts: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts
