"""Which open promises have become unlikely to be kept, while they can still be saved, and what is the way out?

Every promise that is not yet due is weighed again as the day goes on, with its age: the odds of what is still open
after three hours are not those of what has just been made. A team is looked at with a few queries, weighed outside
any transaction, and written in batches. Any number of workers may do so at once: a row that another one holds is left
for the next pass, and what was closed, moved or warned of meanwhile stays as it is.

The weighing does not count as a change of the promise: whoever has its page open may go on.
"""

import logging
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Float, Integer, Row, Select, Update, bindparam, exists, insert, select, update
from sqlalchemy.orm import Session, sessionmaker

from tracker.advising import advice_on, cell, floor, its, named
from tracker.arrays import Rows, dialect_of
from tracker.duty import Colleague, Crew, outside_quiet_hours, team_calendar
from tracker.model import Commitment, Event, EventKind, Id, Instant, Person, Role, Team, micros, table_of
from tracker.past import BEGUN, Group, Seen, closed
from tracker.policy import advice
from tracker.policy.advice import (
    AT_RISK,
    ENOUGH,
    OWNER,
    OWNER_KIND,
    TEAM,
    TEAM_KIND,
    Cell,
    Past,
)
from tracker.policy.calendars import BusinessClock
from tracker.policy.calendars.spans import moment
from tracker.policy.load import quarter
from tracker.queries import is_open

SAFE = 0.6
"""A promise at risk is so no longer from this chance on: a little above where it began, or it would flutter."""
NOTICED = 0.01
"""A chance that moved by less is not written."""
BATCH = 500
AT_ONCE = 25
"""So many groups of closed promises are looked up with one query."""

COMMITMENT, EVENT = table_of(Commitment), table_of(Event)
WEIGHED = Rows(id=Id, due_version=Integer(), chance=Float(), at_risk_at=Instant())

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rescored:
    """One pass: promises weighed, newly at risk, and at risk no longer."""

    weighed: int = 0
    warned: int = 0
    eased: int = 0


@dataclass(frozen=True, slots=True)
class WaysOut:
    """What can be done about a promise at risk.

    `call_now`: whether its owner is at work and the customer may be rung. `better`: the earliest time (UTC) that is
    kept with 80 per cent and that nothing speaks against, to offer to the customer; None if none can be named.
    `chance`: how likely that one is to be kept. `colleague`: who of the team is at work and owns the fewest promises,
    if that is fewer than its owner, or its owner is not at work.
    """

    call_now: bool
    better: datetime | None
    chance: float | None
    colleague: Colleague | None


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A promise with the chance that it is kept by now; `why` if that makes it newly at risk."""

    id: int
    due_version: int
    chance: float
    at_risk_at: datetime | None
    news: bool
    why: str | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """A team's open promises, and what those not yet due are weighed by."""

    team: Team
    clock: BusinessClock
    owners: Mapping[int, str]
    ahead: Mapping[tuple[int, str], list[Row[Any]]]
    """By owner and kind."""
    past: Mapping[Group, list[Past]]
    open: Mapping[Group, Sequence[Row[Any]]]

    def cell(self, group: Group) -> Cell:
        """What a group has seen."""
        level, number, kind = group
        waiting = self.open[group]
        one_of = advice.every(len(waiting))
        sample = [row.begun for row in waiting if advice.in_sample(row.id, one_of)]
        found = Seen(self.past.get(group, []), sample, len(waiting))
        whose = named(level, self.team, its(self.owners.get(number) or "?"))
        return cell(level, self.clock, found, whose=whose, kind=kind or "")


def rescore(sessions: sessionmaker[Session], *, now: datetime) -> Rescored:
    """Weigh every open promise that is not yet due. A team for which that fails holds up no other."""
    ahead = exists().where(Commitment.team_id == Team.id, is_open(), Commitment.due_at > now)
    with sessions() as session:
        teams = session.scalars(select(Team).where(ahead).order_by(Team.id)).all()
    total = Rescored()
    for team in teams:
        try:
            weighed = list(_weigh(_look(sessions, team, now), now))
        except ValueError:
            log.exception("the promises of team %s could not be weighed", team.id)
            continue
        news = [each for each in weighed if each.news]
        for first in range(0, len(news), BATCH):
            warned, eased = _write(sessions, news[first : first + BATCH], now)
            total = replace(total, warned=total.warned + warned, eased=total.eased + eased)
        total = replace(total, weighed=total.weighed + len(weighed))
    return total


def _look(sessions: sessionmaker[Session], team: Team, now: datetime) -> _Seen:
    with sessions() as session:
        ahead: dict[tuple[int, str], list[Row[Any]]] = defaultdict(list)
        waiting: dict[Group, list[Row[Any]]] = defaultdict(list)
        for row in session.execute(_open_promises(), {"team": team.id}):
            for group in _groups(team.id, row.owner_id, row.kind):
                waiting[group].append(row)
            if row.due_at > now:
                ahead[row.owner_id, row.kind].append(row)
        owners = select(Person.id, Person.name).where(Person.id.in_({owner for owner, _ in ahead}))
        return _Seen(
            team,
            BusinessClock(team_calendar(session, team), now),
            {row.id: row.name for row in session.execute(owners)},
            ahead,
            _past(session, team, list(ahead), now),
            waiting,
        )


def _groups(team: int, owner: int, kind: str) -> tuple[Group, Group, Group, Group]:
    """From the widest to the most alike."""
    return (TEAM, team, None), (OWNER, owner, None), (TEAM_KIND, team, kind), (OWNER_KIND, owner, kind)


def _past(
    session: Session, team: Team, pairs: Sequence[tuple[int, str]], now: datetime
) -> Mapping[Group, list[Past]]:
    past: dict[Group, list[Past]] = {}

    def look_up(groups: Sequence[Group]) -> None:
        for first in range(0, len(groups), AT_ONCE):
            some = groups[first : first + AT_ONCE]
            past.update(closed(session, some, now=now))

    kinds = sorted({kind for _, kind in pairs})
    look_up([(TEAM_KIND, team.id, kind) for kind in kinds] + [(OWNER_KIND, *pair) for pair in pairs])
    new = [kind for kind in kinds if len(past[TEAM_KIND, team.id, kind]) <= ENOUGH]
    if new:
        look_up([(TEAM, team.id, None)])
    for owner in sorted({owner for owner, kind in pairs if kind in new}):
        look_up([(OWNER, owner, None)])
    return past


def _weigh(seen: _Seen, now: datetime) -> Iterator[_Weighed]:
    cells = cache(seen.cell)
    for (owner, kind), promises in seen.ahead.items():
        groups = _groups(seen.team.id, owner, kind)
        alike = [cells(group) for group in groups[2:]]
        if len(alike[0].closed) < ENOUGH:
            alike = [*(cells(group) for group in groups[:2]), *alike]
        told = advice.advise(alike, clock=seen.clock, now=now, calibration=seen.team.calibration(now))
        for promise in promises:
            aged = replace(told, opened_at=moment(promise.begun))
            chance = aged.chance_kept(promise.due_at)
            was = promise.at_risk_at
            at_risk = chance < (AT_RISK if was is None else SAFE)
            yield _Weighed(
                promise.id,
                promise.due_version,
                chance,
                at_risk_at=(was or now) if at_risk else None,
                news=at_risk != (was is not None)
                or promise.chance is None
                or abs(chance - promise.chance) >= NOTICED,
                why=aged.why(promise.due_at) if at_risk and was is None else None,
            )


def _write(sessions: sessionmaker[Session], weighed: Sequence[_Weighed], now: datetime) -> tuple[int, int]:
    """What is news becomes true in the rows; how many were warned of, how many eased. A promise is warned of in its
    history once for each due time."""
    with sessions.begin() as session:
        dialect = dialect_of(session)
        given = [(each.id, each.due_version, each.chance, each.at_risk_at) for each in weighed]
        held = {row.id: row for row in session.execute(_claiming(dialect), WEIGHED.given(dialect, given))}
        mine = [each for each in weighed if each.id in held]
        warned = [each for each in mine if each.why and held[each.id].at_risk_at is None]
        eased = [each for each in mine if each.at_risk_at is None and held[each.id].at_risk_at is not None]
        if mine:
            given = [(each.id, each.due_version, each.chance, each.at_risk_at) for each in mine]
            session.execute(_weighing(dialect), WEIGHED.given(dialect, given))
        _record(session, warned, now)
        return len(warned), len(eased)


def _record(session: Session, warned: Sequence[_Weighed], now: datetime) -> None:
    before = select(Event.commitment_id, Event.due_version).where(
        Event.commitment_id.in_([each.id for each in warned]), Event.kind == EventKind.WARNED
    )
    known = {(row.commitment_id, row.due_version) for row in session.execute(before)} if warned else set()
    lines = [
        {
            "commitment_id": each.id,
            "at": now,
            "kind": EventKind.WARNED,
            "due_version": each.due_version,
            "facts": {"chance": round(each.chance, 2), "text": each.why},
        }
        for each in warned
        if (each.id, each.due_version) not in known
    ]
    if lines:
        session.execute(insert(EVENT), lines)


@cache
def _open_promises() -> Select[Any]:
    return select(
        COMMITMENT.c.id,
        COMMITMENT.c.owner_id,
        COMMITMENT.c.kind,
        micros(BEGUN).label("begun"),
        COMMITMENT.c.due_at,
        COMMITMENT.c.due_version,
        COMMITMENT.c.chance,
        COMMITMENT.c.at_risk_at,
    ).where(COMMITMENT.c.team_id == bindparam("team"), COMMITMENT.c.closed_at.is_(None))


@cache
def _claiming(dialect: str) -> Select[Any]:
    given = WEIGHED.table(dialect)
    return (
        select(COMMITMENT.c.id, COMMITMENT.c.at_risk_at)
        .join(given, given.c.id == COMMITMENT.c.id)
        .where(COMMITMENT.c.closed_at.is_(None), COMMITMENT.c.due_version == given.c.due_version)
        .order_by(COMMITMENT.c.id)
        .with_for_update(of=COMMITMENT, skip_locked=True, key_share=True)
    )


@cache
def _weighing(dialect: str) -> Update:
    given = WEIGHED.table(dialect)
    return (
        update(COMMITMENT)
        .where(COMMITMENT.c.id == given.c.id)
        .values(chance=given.c.chance, at_risk_at=given.c.at_risk_at)
    )


def ways_out(session: Session, commitment: Commitment, now: datetime, *, crew: Crew) -> WaysOut:
    """What can be done about this open promise, by its team's `crew`. Two queries, or three for a kind of which the
    team has closed few: for a page about one promise, not for a list."""
    team, owner, zone = commitment.team, commitment.owner, commitment.customer.zone
    told = advice_on(session, commitment, now, hours=crew.hours)
    there = floor(session, team=team, owner=owner, now=now, crew=crew)
    better = told.earliest[80]
    if better is not None:
        better = quarter(max(better, now))
        facts = there.concerns(better, customer_zone=zone, moving=commitment)
        better = facts[0].better if facts else better
    return WaysOut(
        call_now=there.calendars[owner.id].is_open(now) and outside_quiet_hours(zone).is_open(now),
        better=better,
        chance=told.chance_kept(better) if better is not None else None,
        colleague=_colleague(owner.id, crew, now),
    )


def _colleague(owner_id: int, crew: Crew, now: datetime) -> Colleague | None:
    at_work = [crew.people[number] for number in crew.at_work(now)]
    here = [each for each in at_work if each.role is not Role.ADMIN]
    mine = next((each.open for each in here if each.id == owner_id), math.inf)
    fewer = [each for each in here if each.open < mine and each.id != owner_id]
    return min(fewer, key=lambda each: (each.role is not Role.AGENT, each.open, each.id), default=None)
