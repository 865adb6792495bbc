"""What makes a promise foolish whatever its odds, and which half hours are full?"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import reduce
from itertools import accumulate, pairwise
from typing import Self

from tracker.policy.calendars import Calendar, Closed, ClosedBy
from tracker.policy.calendars.days import zone_named
from tracker.policy.calendars.spans import SECOND
from tracker.policy.checks import Refused
from tracker.policy.said import Said, both, say

APART = timedelta(minutes=10)  # two promises closer than this cannot both be kept to the minute
GRID = timedelta(minutes=15)  # better times are offered on the quarter hour
HALF_HOUR = timedelta(minutes=30)

Closing = tuple[int, int, int]
"""When a promise was closed, when it was made or reopened, and when it was due; microseconds since 1970."""

_HOUR = 3600 * SECOND
_EARLY = _HOUR // 2  # what is closed so long before it is due was not kept for its time
_FASTEST = 4.0  # promises an hour
_BEFORE = 10  # promises: what somebody new is taken for weighs as much as so many of their own
_ROUNDING = 1e-6  # of a promise: calendars count in microseconds
_TRIES = 500  # a better time that takes longer to find is weeks away and no offer


class Concern(StrEnum):
    """A fact that makes a promise foolish."""

    OWNER_OFF = "owner off"
    TEAM_CLOSED = "team closed"
    HOLIDAY = "holiday"
    CUSTOMER_NIGHT = "customer's night"
    COLLISION = "collision"
    OVERLOAD = "overload"


@dataclass(frozen=True, slots=True)
class Fact:
    """One such fact in a sentence, and one time (UTC) to which none applies; None if none is near."""

    concern: Concern
    sentence: Said
    better: datetime | None


NOBODY_THERE = frozenset({Concern.TEAM_CLOSED, Concern.HOLIDAY})
"""No promise is made for such a time: nobody would keep it."""
DOUBTFUL = frozenset({Concern.OWNER_OFF, Concern.CUSTOMER_NIGHT})
"""Such a time is promised only if it is meant: the owner comes in for it, the customer asked for it."""


class OutOfHours(Refused):
    """A due time outside somebody's hours. `better` (UTC): the next one that suits everybody; None if none is near.

    `confirmable`: it can be promised all the same, by saying that it is meant.
    """

    def __init__(self, sentence: str, better: datetime | None, *, confirmable: bool) -> None:
        super().__init__(sentence, "due_at")
        self.better = better
        self.confirmable = confirmable


def mind_hours(facts: Iterable[Fact], *, zone: str, confirmed: bool) -> None:
    """Refuse a due time outside the hours of the team, the owner or the customer, given what speaks against it.

    Outside the team's hours always: nobody would be there. Outside the owner's or the customer's unless it is
    `confirmed`: a refusal must not make anybody write down another time than the one they said. Too much work is a
    matter of advice and never refused. The sentence offers a better time by the clock of `zone`. Raises OutOfHours.

    Whoever takes a new time from a person asks this first: the pages and the API. `commitments.make` and `revise` do
    not, for what is imported or replayed was promised elsewhere, at whatever hour.
    """
    outside = [fact for fact in facts if fact.concern in NOBODY_THERE | DOUBTFUL]
    refused = [fact for fact in outside if not confirmed or fact.concern in NOBODY_THERE]
    if not refused:
        return
    confirmable = not any(fact.concern in NOBODY_THERE for fact in refused)
    better = refused[0].better
    said = [fact.sentence for fact in refused]
    if better is None:
        said.append(
            say("Offer another time, or confirm that this one is meant.")
            if confirmable
            else say("Offer another time.")
        )
    else:
        local = better.astimezone(zone_named(zone))
        offer: dict[str, object] = {"day": local.date(), "time": f"{local:%H:%M}"}
        said.append(
            say("Offer %(day)s, %(time)s by the team's clock, or confirm that this time is meant.", **offer)
            if confirmable
            else say("Offer %(day)s, %(time)s by the team's clock.", **offer)
        )
    raise OutOfHours(reduce(both, said), better, confirmable=confirmable)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast somebody works promises off, in promises an hour of work; more than 1, and 4 at most."""

    per_hour: float

    @classmethod
    def of(cls, closed: Iterable[Closing]) -> Self:
        """From what they closed lately: how soon after one promise they closed the next while that one was waiting.

        It was waiting if it was overdue already when the one before was closed, or if it had been promised already,
        and was done within the hour and well before its time. Any other says nothing: it came later, was kept for its
        time or left for another hour, and who has one thing to do an hour, and does it, may be able to do four.
        Nobody is taken to need less than a quarter of an hour for each, and everybody to have needed just that for
        ten before.
        """
        took = list[int]()
        for (before, _, _), (at, begun, due) in pairwise(sorted(closed)):
            went_on = begun <= before and at - before <= _HOUR and due - at >= _EARLY
            if due <= before or went_on:
                took.append(min(at - before, _HOUR))  # a night may lie between
        return cls(min(_FASTEST, (len(took) + _BEFORE) / (sum(took) / _HOUR + _BEFORE / _FASTEST)))

    @property
    def seconds_each(self) -> float:
        return 3600 / self.per_hour


@dataclass(frozen=True, slots=True)
class Desk:
    """What bears on a promise of one owner to one customer.

    `own` holds the owner's shifts and absences, `customer` the hours in which the customer may be rung;
    `promises` are the due times of the owner's open promises.
    """

    owner: str
    team: Calendar
    own: Calendar
    customer: Calendar
    pace: Pace
    promises: tuple[datetime, ...] = ()

    @property
    def working(self) -> Calendar:
        return self.team & self.own


def concerns(due_at: datetime, *, now: datetime, desk: Desk) -> tuple[Fact, ...]:
    """Every fact that speaks against promising `due_at`, all with the same better time; often none."""
    found = list(_found(due_at, now, desk))
    better = _better(due_at, now, desk) if found else None
    return tuple(Fact(concern, sentence, better) for concern, sentence in found)


def _found(due_at: datetime, now: datetime, desk: Desk) -> Iterator[tuple[Concern, Said]]:
    yield from _closed(due_at, desk)
    if _why_closed(desk.customer, due_at):
        local = due_at.astimezone(zone_named(desk.customer.zone))
        yield Concern.CUSTOMER_NIGHT, say("It is %(time)s for the customer then.", time=f"{local:%H:%M}")
    clash = _clash(due_at, desk)
    if clash is not None:
        local = clash.astimezone(zone_named(desk.team.zone))
        yield (
            Concern.COLLISION,
            say("%(name)s has another promise at %(time)s.", name=desk.owner, time=f"{local:%H:%M}"),
        )
    before = sum(promise <= due_at for promise in desk.promises)
    room = _room(due_at, now, desk)
    if before + 1 > room:
        yield Concern.OVERLOAD, _overload(desk.owner, before, room)
    elif tight := _tight(due_at, now, desk):
        yield Concern.OVERLOAD, _overload_later(desk, tight[0])


def _room(until: datetime, now: datetime, desk: Desk) -> int:
    """So many promises can the owner work off by then."""
    return int(desk.working.between(now, until) / desk.pace.seconds_each + _ROUNDING)


def _tight(due_at: datetime, now: datetime, desk: Desk) -> Sequence[datetime]:
    """When those promises are due that come after that time, and one of which would be late with one more before."""
    later = sorted(promise for promise in desk.promises if promise > due_at)
    one_more = len(desk.promises) - len(later) + 1
    return [due for n, due in enumerate(later, 1) if one_more + n > _room(due, now, desk)]


def _overload(name: str, others: int, room: int) -> Said:
    if room < 1:
        return say("%(name)s has no time for a promise before then.", name=name)
    if others == 1:
        return say("%(name)s already has another promise due by then, and time for only one.", name=name)
    return say(
        "%(name)s already has %(others)s promises due by then, and time for only %(room)s.",
        name=name,
        others=others,
        room=room,
    )


def _overload_later(desk: Desk, due: datetime) -> Said:
    local = due.astimezone(zone_named(desk.team.zone))
    told: dict[str, object] = {"name": desk.owner, "day": local.date(), "time": f"{local:%H:%M}"}
    others = sum(promise <= due for promise in desk.promises)
    if others == 1:
        return say(
            "%(name)s has a promise due by %(day)s, %(time)s, and no time for one more before then.", **told
        )
    return say(
        "%(name)s has %(others)s promises due by %(day)s, %(time)s, and no time for one more before then.",
        others=others,
        **told,
    )


def _closed(due_at: datetime, desk: Desk) -> Iterator[tuple[Concern, Said]]:
    team, own = _why_closed(desk.team, due_at), _why_closed(desk.own, due_at)
    for reason in (team, own):
        if reason and reason.by is ClosedBy.HOLIDAY:
            yield Concern.HOLIDAY, say("It is a public holiday then: %(name)s.", name=reason.label)
            return
    if team:
        yield (
            Concern.TEAM_CLOSED,
            say("The team is closed then: %(why)s.", why=team.label)
            if team.label
            else say("The team is closed then."),
        )
    elif own:
        yield (
            Concern.OWNER_OFF,
            say("%(name)s is not at work then: %(why)s.", name=desk.owner, why=own.label)
            if own.label
            else say("%(name)s is not at work then.", name=desk.owner),
        )


def _why_closed(calendar: Calendar, due_at: datetime) -> Closed | None:
    """A promise for the very moment of closing is for the end of that day, when people are still there."""
    if calendar.is_open(due_at.astimezone(UTC) - timedelta(microseconds=1)):
        return None
    return calendar.why_closed(due_at)


def _clash(due_at: datetime, desk: Desk) -> datetime | None:
    return next((promise for promise in sorted(desk.promises) if abs(promise - due_at) < APART), None)


def _better(due_at: datetime, now: datetime, desk: Desk) -> datetime | None:
    """The first quarter hour from then on to which no concern applies."""
    working = desk.working
    reachable = working & desk.customer
    tight = _tight(max(due_at, now), now, desk)
    # what is due after the last of those leaves them as they are
    at: datetime | None = quarter(tight[-1] + timedelta.resolution if tight else max(due_at, now))
    for _ in range(_TRIES):
        opening = at and reachable.next_open(at)
        if at is None or opening is None:
            return None
        clash = _clash(at, desk)
        before = sum(promise <= at for promise in desk.promises)
        worked_off = working.add(now, (before + 1) * desk.pace.seconds_each)
        if opening > at:
            at = quarter(opening)
        elif clash is not None:
            at = quarter(clash + APART)
        elif worked_off is None or worked_off > at:
            at = worked_off and quarter(worked_off)
        else:
            return at
    return None


def quarter(at: datetime) -> datetime:
    """That moment or else the next quarter of an hour, in UTC: every zone in use is a multiple of it away."""
    at = at.astimezone(UTC)  # in any other zone, adding would follow the wall clock over its jumps
    return at + (datetime.min.replace(tzinfo=UTC) - at) % GRID


@dataclass(frozen=True, slots=True)
class Slot:
    """A half hour: how many promises have to be kept by its end, how many can be worked off in it, what that leaves.

    Those promised are due after `start`, in the first half hour of a forecast also before, and not after `until`.
    That is the end of the half hour or else of the time after it in which nobody works: what is due then has to be
    kept while somebody is still there. All are worked off in the order in which they are due, what is too much for
    one half hour in those before it. `room`: so many more could be promised for then without making any promise late.
    `over`: so many of those promised cannot be kept by then.
    """

    start: datetime
    until: datetime
    promised: int
    capacity: float
    room: int
    over: int

    @property
    def end(self) -> datetime:
        return self.start + HALF_HOUR

    @property
    def full(self) -> bool:
        """Whether one more would make some promise late: itself, or one that is due after it."""
        return not self.room

    def clock(self, zone: str) -> str:
        """The time by which all that has to be kept: "16:00", with the name of the zone in the hour that is there
        twice when the clocks go back, and "24:00" at midnight."""
        local = self.end.astimezone(zone_named(zone))
        if not (local.hour or local.minute):
            return "24:00"
        twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
        return f"{local:%H:%M %Z}" if twice else f"{local:%H:%M}"


def forecast(
    dues: Mapping[datetime, int], people: Sequence[tuple[Calendar, Pace]], *, now: datetime, zone: str
) -> tuple[Slot, ...]:
    """A team's load by half hours from the current one to the end of tomorrow, by the wall clock of `zone`.

    `dues`: how many of the team's open promises are due in the quarter of an hour that ends then; the overdue ones
    fall to the current half hour, of which only what is left counts. `people`: the working hours and the pace of each
    member, who are taken to work as one, at their joint pace, first on what is due first.
    """
    local = now.astimezone(zone_named(zone))
    first = now.astimezone(UTC) - timedelta(
        minutes=local.minute % 30, seconds=local.second, microseconds=local.microsecond
    )
    last_day = local.date() + timedelta(days=1)
    starts = [first]
    while (start := starts[-1] + HALF_HOUR).astimezone(zone_named(zone)).date() <= last_day:
        starts.append(start)
    ends = [start + HALF_HOUR for start in starts]
    capacities = [
        sum(calendar.between(max(start, now), end) / pace.seconds_each for calendar, pace in people)
        for start, end in zip(starts, ends, strict=True)
    ]
    kept_in = _kept_in(capacities)
    until = dict(zip(kept_in, ends, strict=True))  # of several half hours the end of the last
    promised = [0] * len(starts)
    for due, count in dues.items():
        if due <= ends[-1]:
            promised[kept_in[max(0, bisect_left(starts, due) - 1)]] += count
    spare = [
        int(can + _ROUNDING) - must
        for can, must in zip(accumulate(capacities), accumulate(promised), strict=True)
    ]
    # one more takes its time from all that are due after it
    room = list(accumulate(reversed(spare), min))[::-1]
    return tuple(
        Slot(
            start,
            until.get(i, ends[i]),
            promised[i],
            capacities[i],
            room=max(0, room[i]),
            over=min(promised[i], max(0, -spare[i])),
        )
        for i, start in enumerate(starts)
    )


def _kept_in(capacities: Sequence[float]) -> list[int]:
    """In which half hour has to be kept what is due in each? In the same, or the last before it in which anybody
    works."""
    found = list[int]()
    for i, capacity in enumerate(capacities):
        nobody_there = capacity == 0 and i > 0 and capacities[found[-1]] > 0
        found.append(found[-1] if nobody_there else i)
    return found


def full_then(slots: Sequence[Slot], due_at: datetime, *, zone: str) -> Said | None:
    """For a due time in a full half hour: "16:00 is full, 16:30 is free"; None if there is room."""
    i = bisect_left([slot.start for slot in slots], due_at) - 1
    if i < 0 or due_at > slots[i].end or not slots[i].full:
        return None
    free = next((slot for slot in slots[i:] if slot.room and slot.capacity), None)
    if free is None:
        return say("%(full)s is full, and so is all the rest of tomorrow", full=slots[i].clock(zone))
    told = {"full": slots[i].clock(zone), "free": free.clock(zone)}
    day, free_day = (each.start.astimezone(zone_named(zone)).date() for each in (slots[i], free))
    if free_day == day:
        return say("%(full)s is full, %(free)s is free", **told)
    return say("%(full)s is full, %(free)s tomorrow is free", **told)
