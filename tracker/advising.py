"""How likely is this promise to be kept, what could be promised instead, and what speaks against it?

The pure policy answers; this module feeds it from the rows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    bindparam,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from tracker import past
from tracker.duty import Crew, crews, duty_calendars, outside_quiet_hours, team_calendar
from tracker.model import Commitment, Instant, Person, Role, Team, micros
from tracker.past import COMMITMENT, NOW, Group, Seen, plain, seen
from tracker.policy import advice, load
from tracker.policy.advice import ENOUGH, OWNER, OWNER_KIND, TEAM, TEAM_KIND, Cell, Level
from tracker.policy.calendars import BusinessClock, Calendar
from tracker.policy.calendars.spans import moment
from tracker.policy.load import GRID, Closing, Desk, Fact, Pace, Slot, quarter
from tracker.policy.said import Said, say

PLURALS: Mapping[str, Said] = {
    "callback": say("callbacks"),
    "answer": say("answers"),
    "refund": say("refunds"),
    "replacement": say("replacements"),
    "visit": say("visits"),
    "other": say("other promises"),
}

OWN_CLOSED, CLOSED, DUE, OWN = range(4)
LATELY, OWN_LATELY = 1000, 100
"""So many of the last promises closed tell the pace of a team's people, and the owner's own."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What is said of a promise while it is being made.

    `kept`: the chance, 0 to 1, that it is kept by the time asked about; None if none was. `earliest`: for each of 50,
    80, 90 and 95 per cent the earliest time (UTC) kept with that chance; None where the past names none. `why`: where
    that comes from, in one sentence.
    """

    kept: float | None
    earliest: Mapping[int, datetime | None]
    why: str


def advise(
    session: Session,
    *,
    team: Team,
    owner: Person,
    kind: str,
    now: datetime,
    due_at: datetime | None = None,
    reader: Person | None = None,
    hours: Calendar | None = None,
    moving: Commitment | None = None,
    passed: bool = False,
) -> Advice:
    """Advice on a promise that this owner makes now. To its `reader`, if they are the owner, `why` says "your".

    `moving`: the promise that would get another time, if it is not a new one: its age counts, but for a closed one,
    which begins anew. `hours`: the team's calendar, if it is at hand already. `passed`: `now` is known to be a moment
    of the past.
    """
    clock = BusinessClock(hours or team_calendar(session, team), now)
    whose = say("your") if reader is not None and reader.id == owner.id else its(owner.name)
    calibration = team.calibration(now)
    told = advice.advise(
        cells(session, team=team, owner=owner, kind=kind, clock=clock, now=now, whose=whose, passed=passed),
        clock=clock,
        now=now,
        opened_at=_opened(moving) if moving is not None and moving.closed_at is None else None,
        calibration=calibration,
    )
    why = told.why(due_at)
    for more in (calibration.remark(), told.refusal()):
        why = say("%(why)s; %(more)s", why=why, more=more) if more else why
    return Advice(
        kept=None if due_at is None else told.chance_kept(due_at),
        earliest=told.earliest,
        why=why,
    )


def advice_on(
    session: Session, commitment: Commitment, now: datetime, *, hours: Calendar | None = None
) -> advice.Advice:
    """The policy's advice on an open promise, given its age. `hours`: as in `advise`."""
    team, owner = commitment.team, commitment.owner
    clock = BusinessClock(hours or team_calendar(session, team), now)
    whose = its(owner.name)
    alike = cells(session, team=team, owner=owner, kind=commitment.kind, clock=clock, now=now, whose=whose)
    return advice.advise(
        alike, clock=clock, now=now, opened_at=_opened(commitment), calibration=team.calibration(now)
    )


def _opened(commitment: Commitment) -> datetime:
    """Since when it is open."""
    return commitment.reopened_at or commitment.made_at


@dataclass(frozen=True, slots=True)
class Floor:
    """A team at work: who is there and how fast, what it has promised, and what one of them has. Read once, and asked
    what bears on a time and which half hours are full."""

    team: Team
    owner: Person
    now: datetime
    hours: Calendar
    calendars: Mapping[int, Calendar]
    """When each of the team works, and its owner, by their number."""
    own_pace: Pace
    own_promises: Mapping[int, datetime]
    """When each open promise of the owner's is due."""
    crew: Sequence[tuple[Calendar, Pace]]
    dues: Mapping[datetime, int]
    """How many of the team's promises fall due in each quarter of an hour, by its end."""

    def concerns(
        self, due_at: datetime, *, customer_zone: str, moving: Commitment | None = None
    ) -> Sequence[Fact]:
        """What makes it foolish to promise that time, whatever the odds; each with the same better time.

        `moving`: the owner's promise that would be moved there, if it is not a new one: it does not stand in its own
        way.
        """
        desk = Desk(
            owner=self.owner.name,
            team=self.hours,
            own=self.calendars[self.owner.id],
            customer=outside_quiet_hours(customer_zone),
            pace=self.own_pace,
            promises=tuple(
                at for number, at in self.own_promises.items() if moving is None or number != moving.id
            ),
        )
        return load.concerns(due_at, now=self.now, desk=desk)

    def crowded(self, near: datetime, *, moving: Commitment | None = None) -> Said | None:
        """For a due time in a half hour that is full: "16:00 is full, 16:30 is free"; None if there is room.
        `moving`: as in `concerns`."""
        dues = Counter(self.dues)
        if moving is not None and moving.team_id == self.team.id:
            dues[quarter(moving.due_at)] -= 1
        slots = load.forecast(dues, self.crew, now=self.now, zone=self.team.zone)
        return load.full_then(slots, near, zone=self.team.zone)


def floor(session: Session, *, team: Team, owner: Person, now: datetime, crew: Crew | None = None) -> Floor:
    """The team as it is now, and its owner. `crew`: the team's, if it is at hand already. Two queries, or one with
    the `crew`; one more for an owner who works there no longer.

    Of the team count the agents, and whoever else closed one of its last promises.
    """
    crew = crew or crews(session, team.id, now=now)[team.id]
    work = _Work(session.execute(_work(), _given(team, now) | {"owner": owner.id}))
    calendars = {each.id: each.calendar for each in crew.people.values()}
    if owner.id not in calendars:
        calendars |= duty_calendars(session, {owner.id})
    return Floor(
        team=team,
        owner=owner,
        now=now,
        hours=crew.hours,
        calendars=calendars,
        own_pace=work.own_pace,
        own_promises=work.own_promises,
        crew=work.hands(crew),
        dues=work.dues,
    )


def forecast(session: Session, *, team: Team, now: datetime) -> Sequence[Slot]:
    """A team's half hours from the current one to the end of tomorrow by its own clock: how many promises have to be
    kept in each, how many can be worked off in it, and whether it is full. Two queries."""
    crew = crews(session, team.id, now=now)[team.id]
    work = _Work(session.execute(_work_of_team(), _given(team, now)))
    return load.forecast(work.dues, work.hands(crew), now=now, zone=team.zone)


def _given(team: Team, now: datetime) -> dict[str, object]:
    return {"now": now, "team": team.id, "end": now + timedelta(days=3)}


class _Work:
    """What the rows of `_work` say."""

    def __init__(self, rows: Iterable[Row[int, int, int, int, int]]) -> None:
        self.own_promises: dict[int, datetime] = {}
        self.dues: dict[datetime, int] = {}
        own = list[Closing]()
        self._closed = defaultdict[int, list[Closing]](list)
        for part, who, first, begun, due in rows:
            if part == CLOSED:
                self._closed[who].append((first, begun, due))
            elif part == OWN_CLOSED:
                own.append((first, begun, due))
            elif part == DUE:
                self.dues[moment(first)] = who
            else:
                self.own_promises[who] = moment(first)
        self.own_pace = Pace.of(own)

    def hands(self, crew: Crew) -> Sequence[tuple[Calendar, Pace]]:
        """Of these people the agents, and whoever else closed one of the team's last promises."""
        return [
            (each.calendar, Pace.of(self._closed.get(each.id, ())))
            for each in crew.people.values()
            if each.role is Role.AGENT or each.id in self._closed
        ]


@cache
def _work() -> CompoundSelect[int, int, int, int, int]:
    """What the owner closed lately and what of theirs is due, and the work of the team."""
    mine = COMMITMENT.owner_id == bindparam("owner")
    due = select(plain(OWN), COMMITMENT.id, micros(COMMITMENT.due_at), plain(0), plain(0))
    return union_all(
        _closed(OWN_CLOSED, mine, OWN_LATELY),
        *_parts_of_team(),
        due.where(mine, COMMITMENT.closed_at.is_(None)),
    )


@cache
def _work_of_team() -> CompoundSelect[int, int, int, int, int]:
    return union_all(*_parts_of_team())


def _parts_of_team() -> tuple[Select[int, int, int, int, int], ...]:
    """What the team closed lately and who did, and how much of the team's is due in each quarter of an hour, by its
    end."""
    team = COMMITMENT.team_id == bindparam("team")
    length = GRID // timedelta(microseconds=1)
    quarter = (micros(COMMITMENT.due_at) + plain(length - 1)) // plain(length) * plain(length)
    return (
        _closed(CLOSED, team, LATELY),
        select(plain(DUE), func.count(), quarter, plain(0), plain(0))
        .where(team, COMMITMENT.closed_at.is_(None), COMMITMENT.due_at < bindparam("end", type_=Instant()))
        .group_by(quarter),
    )


def _closed(part: int, whose: ColumnElement[bool], most: int) -> Select[int, int, int, int, int]:
    """The last ones closed, from the end of an index."""
    last = (
        select(
            plain(part).label("part"),
            COMMITMENT.owner_id,
            micros(COMMITMENT.closed_at).label("closed"),
            micros(past.BEGUN).label("begun"),
            micros(COMMITMENT.due_at).label("due"),
        )
        .where(whose, COMMITMENT.closed_at <= NOW, past.COUNTS)
        .order_by(COMMITMENT.closed_at.desc())
        .limit(plain(most))
    )
    return select(last.subquery())


def cells(
    session: Session,
    *,
    team: Team,
    owner: Person,
    kind: str,
    clock: BusinessClock,
    now: datetime,
    whose: str,
    passed: bool = False,
) -> list[Cell]:
    """What has been seen lately that resembles a promise of this owner and kind, in the order `advise` wants. One
    query, or two for a kind of which the team has closed few. `passed`: as in `advise`."""

    def of(*groups: Group) -> list[Cell]:
        found = seen(session, groups, now=now, passed=passed)
        return [
            cell(group[0], clock, each, whose=named(group[0], team, whose), kind=kind)
            for group, each in zip(groups, found, strict=True)
        ]

    alike = of((TEAM_KIND, team.id, kind), (OWNER_KIND, owner.id, kind))
    if len(alike[0].closed) >= ENOUGH:
        return alike
    return [*of((TEAM, team.id, None), (OWNER, owner.id, None)), *alike]


def cell(level: Level, clock: BusinessClock, found: Seen, *, whose: str, kind: str) -> Cell:
    """What one group of promises has seen, in the policy's terms."""
    what = plural(kind) if level.same_kind else "promises"
    return Cell.of(
        level,
        clock,
        closed=found.closed,
        open=found.open,
        open_count=found.open_count,
        whose=whose,
        what=what,
    )


def named(level: Level, team: Team, owner: str) -> str:
    """Whose promises a level looks at: the team's, or the owner's, who is named already: "your", "Ana's"."""
    return owner if level in (OWNER, OWNER_KIND) else its(team.name)


def its(name: str) -> Said:
    """Of somebody or something of that name."""
    return say("%(name)s's", name=name)


def plural(kind: str) -> str:
    """Several promises of a kind, as a sentence calls them."""
    return PLURALS.get(kind, say("promises of the kind %(kind)s", kind=kind))
