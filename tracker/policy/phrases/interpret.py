"""Which instant do the pieces of a phrase mean, and which others could they?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from tracker.policy.phrases import times as times_of_day
from tracker.policy.phrases.days import DAY, After, Dates, Day, OfWeek, Shift, Unnamed, Weekday
from tracker.policy.phrases.grammar import Piece
from tracker.policy.phrases.local import about, instants, to_the_minute, wall
from tracker.policy.phrases.pieces import (
    Clock,
    HoursOf,
    Length,
    Mark,
    No,
    Part,
    Place,
    Reason,
    Refusal,
    Whose,
)
from tracker.policy.phrases.unlisted import Supposed

FARTHEST = timedelta(days=400)
OF_THE_WORKING_DAY = {Mark.OPENING, Mark.LUNCH, Mark.LUNCHTIME, Mark.AFTER_LUNCH, Mark.CLOSING}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asking:
    """Everything about the moment of asking that a phrase may depend on; `now` is in UTC."""

    now: datetime
    speaker_zone: str
    customer_zone: str | None
    hours: HoursOf


@dataclass(frozen=True, slots=True)
class Reading:
    """The instant that is meant, in UTC, the zone it was meant in, and what else it could be.

    An instant among the `others` that equals `at` is to be confirmed: it came round before, and has passed.
    """

    at: datetime
    zone: str
    others: tuple[datetime, ...] = ()
    supposed: bool = False
    """Is it to be asked about in any case?"""


def interpret(pieces: Sequence[Piece], asking: Asking) -> Reading:
    """Raises Refusal when the pieces do not make one time to come."""
    for piece in pieces:
        if isinstance(piece, No):
            raise Refusal(piece.reason, text=piece.text)
    place = _only(Place, pieces)
    length, part = _only(Length, pieces), _only(Part, pieces)
    clock, mark = _only(Clock, pieces), _only(Mark, pieces)
    days = [piece for piece in pieces if not isinstance(piece, Length | Clock | Mark | Part | Place | No)]
    if (clock and mark) or (length and (clock or mark or part or days)):
        raise Refusal(Reason.CONFLICT)
    clocks = _Clocks.of(place, asking)
    if length:
        reading = Reading(to_the_minute(asking.now + timedelta(minutes=length.minutes)), clocks.zone.key)
    else:
        reading = _by_the_calendar(days, clock or mark, part, clocks, asking)
    if reading.at > asking.now + FARTHEST:
        raise Refusal(Reason.FAR, day=reading.at.astimezone(clocks.zone).date())
    return replace(reading, supposed=any(isinstance(piece, Supposed) for piece in pieces))


def _only(kind: type[T], pieces: Sequence[Piece]) -> T | None:
    found = {piece for piece in pieces if isinstance(piece, kind)}
    if len(found) > 1:
        raise Refusal(Reason.CONFLICT)
    return next(iter(found), None)


@dataclass(frozen=True, slots=True)
class _Clocks:
    """The clocks of the zone a phrase speaks of, and the working hours there."""

    zone: ZoneInfo
    letters: str
    now: datetime
    hours: HoursOf

    @classmethod
    def of(cls, place: Place | None, asking: Asking) -> "_Clocks":
        zone = place.zone if place else Whose.SPEAKER
        if zone is Whose.CUSTOMER and asking.customer_zone is None:
            raise Refusal(Reason.NO_CUSTOMER_ZONE)
        owned = {Whose.SPEAKER: asking.speaker_zone, Whose.CUSTOMER: asking.customer_zone or ""}
        key = owned[zone] if isinstance(zone, Whose) else zone
        return cls(ZoneInfo(key), place.letters if place else "", asking.now, asking.hours)

    def counted_from(self, by_the_hours: bool) -> datetime:
        """The local time from whose date days are counted. A time that goes by the working hours belongs to a working
        day, and that to the date on which it began: in the small hours it may be yesterday's that is going on.
        """
        now = self.now.astimezone(self.zone)
        before = now.date() - DAY
        goes_on = self.works(before) and self.shown(before, Mark.CLOSING) > now.replace(tzinfo=None)
        return now - DAY if by_the_hours and goes_on else now

    def works(self, day: date) -> bool:
        """Is that day worked?"""
        return not self.hours(day).free

    def shown(self, day: date, time_of_day: int | Mark) -> datetime:
        """What the clocks show then."""
        return wall(day, times_of_day.minute_on(time_of_day, self.hours(day)))

    def to_come(self, day: date, time_of_day: int | Mark) -> tuple[datetime, ...]:
        """The instants after now at which these clocks show the time: none once it has passed.

        Raises Refusal when it never comes, or comes in the other half of the year than the abbreviation's.
        """
        shown = self.shown(day, time_of_day)
        at = instants(shown, self.zone)
        if not at and about(shown, self.zone) > self.now:
            raise Refusal(
                Reason.SKIPPED, time=shown.hour * 60 + shown.minute, day=shown.date(), place=self.zone.key
            )
        coming = tuple(instant for instant in at if instant > self.now)
        if not self.letters or not coming:
            return coming
        in_season = tuple(i for i in coming if i.astimezone(self.zone).tzname() == self.letters)
        if not in_season:
            raise Refusal(Reason.OUT_OF_SEASON, letters=self.letters, day=day, place=self.zone.key)
        return in_season


def _by_the_calendar(
    days: list[Day], said: Clock | Mark | None, part: Part | None, clocks: _Clocks, asking: Asking
) -> Reading:
    by_the_hours = said in OF_THE_WORKING_DAY if said else part is not None
    now = clocks.counted_from(by_the_hours)
    day = _telling(days) if days else Unnamed(clocks.works, working=said in OF_THE_WORKING_DAY)
    dates = _agreed(day, days, now)
    if isinstance(said, Clock) and said.bare and part is None:
        _beside_a_weekday(said, day, dates)
    times = times_of_day.times(said, part, day, now=now, hours=asking.hours(dates.first))
    if days:
        here = _Clocks.of(None, asking).counted_from(by_the_hours)
        dates = _and_the_speakers(dates, day, days, here)
    return _choose(times, dates, clocks, sooner=isinstance(day, Unnamed) and not times.sure)


def _telling(days: list[Day]) -> Day:
    """Of several words for a day the one that tells most: "Friday" only confirms "20 November"."""
    if len(days) > 1 and any(isinstance(day, After) for day in days):
        raise Refusal(Reason.CONFLICT)
    return next((day for day in days if not isinstance(day, Weekday)), days[0])


def _agreed(telling: Day, days: list[Day], now: datetime) -> Dates:
    """The dates that all words for the day allow. Raises Refusal when they contradict one another."""
    dates: Dates | None = telling.dates(now)
    for day in days:
        if dates is None or day is telling:
            continue
        if isinstance(day, Weekday) and not isinstance(telling, Weekday):
            dates = dates.only([date_ for date_ in dates.all if date_.weekday() == day.weekday])
        else:
            dates = dates.only(day.dates(now).all)
    if dates is None:
        raise Refusal(Reason.CONTRADICTION)
    return dates


def _and_the_speakers(dates: Dates, telling: Day, days: list[Day], here: datetime) -> Dates:
    """Where it is another date over there, "tomorrow" may be meant as the speaker's."""
    try:
        theirs = _agreed(telling, days, here).all
    except Refusal:
        return dates
    others = tuple(one for one in theirs if one not in dates.all)
    return Dates(dates.first, (*dates.also, *others), dates.once_over)


def _beside_a_weekday(clock: Clock, day: Day, dates: Dates) -> None:
    """ "Fri 10" is ten o'clock, unless that Friday is the 10th; alone or beside a date it may be anything."""
    number = clock.minute // 60 or 12
    by_weekday = isinstance(day, Weekday | OfWeek) and number not in {date_.day for date_ in dates.all}
    if not by_weekday and not isinstance(day, Shift | After):
        raise Refusal(Reason.BARE, text=clock.bare)


def _choose(times: times_of_day.Times, dates: Dates, clocks: _Clocks, *, sooner: bool) -> Reading:
    """The likeliest time to come, and those worth asking about. `sooner`: of equal ones, one of today's."""
    # A reading that never comes refuses the phrase even if a likelier one does come: it may be what is meant.
    coming = {one: _first_to_come(one, dates, clocks) for one in times.likely}
    found = {minute: there for minute, there in coming.items() if there}
    if not found or (times.sure and times.likely[0] not in found):
        raise Refusal(Reason.PASSED, day=clocks.shown(dates.first, times.likely[0]))
    today = [one for one, (day, _) in found.items() if day == dates.first]
    chosen = (today if sooner and today else list(found))[0]
    day, (at, *others) = found[chosen]
    over = day != dates.first
    for date_ in (*dates.also, *(dates.once_over if over else ())):
        others += clocks.to_come(date_, chosen) if date_ != day else ()
    if times.asked or over:
        others += [first[0] for one, (_, first) in found.items() if one != chosen and first[0] != at]
    if over and not others:
        others = [at]
    return Reading(at, clocks.zone.key, tuple(dict.fromkeys(others)))


def _first_to_come(
    time_of_day: int | Mark, dates: Dates, clocks: _Clocks
) -> tuple[date, tuple[datetime, ...]] | None:
    """The first of the dates on which the time is still to come, with its instants there."""
    return next(((day, at) for day in dates.all if (at := clocks.to_come(day, time_of_day))), None)
