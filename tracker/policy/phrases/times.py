"""Which times of day can the words for one mean, given the working hours?

Some are marks, such as the closing time: which minute that is depends on the day (`minute_on`).
"""

from dataclasses import dataclass
from datetime import datetime, time

from tracker.policy.phrases.days import After, Day, Unit, Unnamed
from tracker.policy.phrases.pieces import Clock, DayHours, Mark, Part, Reason, Refusal

HALF_A_DAY, MIDNIGHT = 720, 1440
ONE, SEVEN = 60, 420


@dataclass(frozen=True, slots=True)
class Times:
    """Times of day, marks or minutes after midnight, the likeliest first.

    `sure`: the first is meant even if it has to wait for another day. `asked`: the others are worth asking
    about; otherwise they are only once the first has passed.
    """

    likely: tuple[int | Mark, ...]
    sure: bool = True
    asked: bool = True


def times(said: Clock | Mark | None, part: Part | None, day: Day, *, now: datetime, hours: DayHours) -> Times:
    """What a time of day, a part of the day, or neither can mean on `day`; `now` is the local time.

    Raises Refusal when they do not go together, or when there is nothing to tell the time from.
    """
    if said is not None:
        found = _of_clock(said, day, hours) if isinstance(said, Clock) else _of_mark(said, day, now)
        return found if part is None else _within(part, said, found, day, hours)
    if part is not None and part.since and part.until:
        if isinstance(day, Unnamed):
            raise Refusal(Reason.NO_DAY)
        # "Tomorrow morning" is kept by noon; who hears it may expect it from the start.
        return Times((part.until, part.since))
    if part is None and isinstance(day, After):
        return _as_now(day, now)
    if isinstance(day, Unnamed):
        raise Refusal(Reason.EMPTY if part is None else Reason.NO_DAY)
    raise Refusal(Reason.NO_TIME, day=day.dates(now).first)


def _of_clock(clock: Clock, day: Day, hours: DayHours) -> Times:
    if not clock.twelve:
        return _midnight(0, MIDNIGHT, day) if clock.minute == 0 else Times((clock.minute,))
    early, late = clock.minute, clock.minute + HALF_A_DAY
    # From 7 to 11 the morning is thought of first, from 12 to 6 the afternoon.
    by_day, by_night = (early, late) if early >= SEVEN else (late, early)
    if clock.written:
        return Times((by_day, by_night), asked=_inside(by_night, hours))
    inside = [minute for minute in (by_day, by_night) if _inside(minute, hours)]
    if len(inside) == 1:
        outside = by_night if inside == [by_day] else by_day
        return Times((inside[0], outside), asked=not ONE <= early < SEVEN)
    nearest_first = sorted((by_day, by_night), key=lambda minute: _away(minute, hours))
    return Times(tuple(nearest_first), sure=False)


def _of_mark(mark: Mark, day: Day, now: datetime) -> Times:
    if mark is Mark.MIDNIGHT:
        return _midnight(MIDNIGHT, 0, day)
    if mark is Mark.SAME:
        return Times((_minute(now.time()),))
    if mark is Mark.LUNCHTIME:
        return Times((Mark.LUNCH, Mark.AFTER_LUNCH))
    return Times((mark,))


def _midnight(likely: int, unlikely: int, day: Day) -> Times:
    """Midnight is the next one, but a day has one at either end."""
    return Times((MIDNIGHT,)) if isinstance(day, Unnamed) else Times((likely, unlikely), sure=False)


def _within(part: Part, said: Clock | Mark, found: Times, day: Day, hours: DayHours) -> Times:
    possible = found.likely
    if isinstance(said, Clock):
        halves = (said.minute, said.minute + HALF_A_DAY) if said.twelve else (said.minute,)
        possible = (*halves, MIDNIGHT) if said.minute == 0 else halves
    left = tuple(each for each in possible if part.start <= minute_on(each, hours) <= part.end)
    if not left:
        minute = said.minute if isinstance(said, Clock) else minute_on(found.likely[0], hours)
        raise Refusal(Reason.OUTSIDE_PART, time=minute, part=part.text)
    return _midnight(MIDNIGHT, 0, day) if left == (MIDNIGHT,) else Times(left)


def _as_now(day: After, now: datetime) -> Times:
    """At this time of day; or, since working days are counted, by the end of the last one."""
    minute = _minute(now.time())
    return Times((minute, Mark.CLOSING) if day.unit is Unit.WORKING_DAY else (minute,))


def minute_on(time_of_day: int | Mark, hours: DayHours) -> int:
    """Which minute after midnight it is on a day with those hours; beyond 1440 when that is on the next one."""
    if not isinstance(time_of_day, Mark):
        return time_of_day
    at = {
        Mark.OPENING: hours.opening,
        Mark.LUNCH: hours.lunch,
        Mark.AFTER_LUNCH: hours.after_lunch,
        Mark.CLOSING: hours.closing,
    }[time_of_day]
    return _minute(at) + (MIDNIGHT if at < hours.opening else 0)


def _minute(at: time) -> int:
    """Minutes after midnight, begun ones counted as whole."""
    return at.hour * 60 + at.minute + bool(at.second or at.microsecond)


def _inside(minute: int, hours: DayHours) -> bool:
    return _away(minute, hours) == 0


def _away(minute: int, hours: DayHours) -> int:
    """Minutes by which a time of day misses the working hours."""
    opening, closing = minute_on(Mark.OPENING, hours), minute_on(Mark.CLOSING, hours)
    shown = (minute, minute + MIDNIGHT) if closing > MIDNIGHT else (minute,)
    return min(max(opening - each, each - closing, 0) for each in shown)
