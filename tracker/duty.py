"""Who is at work, and when? The calendars of teams, people and customers, made from their rows.

A calendar made twice of the same rows is the same value, kept with what it has worked out: asking for it again
costs the queries and no arithmetic.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, Self

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from tracker.model import Absence, Closure, Commitment, Id, Instant, Person, Role, Team
from tracker.policy.calendars import ALWAYS, Calendar, PublicHolidays, Stretch, WeeklyHours
from tracker.policy.consent import DEFAULT_QUIET
from tracker.queries import absent, is_open

FOREVER = datetime(2100, 1, 1, tzinfo=UTC)
"""When an absence ends that has no end: calendars reach no further."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works in a team: when they are at work, whether an absence keeps them `away` now, and how many
    promises of theirs are `open`, and `late` among these."""

    id: int
    name: str
    role: Role
    phone: str | None
    calendar: Calendar
    away: bool
    open: int
    late: int


@dataclass(frozen=True, slots=True)
class Crew:
    """When a team works, and its people but for those who have left: by number, in the order of their names."""

    team: str
    hours: Calendar
    people: Mapping[int, Colleague]

    def at_work(self, now: datetime) -> frozenset[int]:
        """Who is at work at that moment, whatever their role."""
        return frozenset(each.id for each in self.people.values() if each.calendar.is_open(now))


def team_calendar(session: Session, team: Team) -> Calendar:
    """When the team works: its hours by its own clock, less its public holidays and its closures. One query."""
    closures = _closures(session, {team.id})
    return _kept(team.hours, team.zone, team.holidays, tuple(closures[team.id]))


def calendars_of(session: Session, commitments: Collection[int]) -> dict[int, Calendar]:
    """The calendar of the team of each of these commitments, by the commitment's number. Two queries, or none."""
    if not commitments:
        return {}
    teams = session.execute(
        select(Commitment.id, Team.id.label("team_id"), Team.hours, Team.zone, Team.holidays)
        .join(Team, Team.id == Commitment.team_id)
        .where(Commitment.id.in_(commitments))
    ).all()
    closures = _closures(session, {row.team_id for row in teams})
    return {row.id: _kept(row.hours, row.zone, row.holidays, tuple(closures[row.team_id])) for row in teams}


def crews(session: Session, team_id: int | None = None, *, now: datetime) -> Mapping[int, Crew]:
    """The crew of that team, or of every team, by the team's number: what they have in hand now, and when they are
    at work. One query.

    Somebody is at work in their shifts, or else in the team's hours, by the team's clock; less the team's public
    holidays and closures and their own absences. Shifts may lie outside the team's hours.
    """
    one = team_id is not None
    return _Duty.read(session, _crews(one), {"now": now} | ({"team": team_id} if one else {})).crews(now)


def duty_calendars(session: Session, people_ids: Collection[int]) -> dict[int, Calendar]:
    """When each of these people, of whatever team, is at work. One query, however many people.

    Somebody who has left is never at work; an admin without a team and without shifts always is, but for absences.
    Numbers of nobody are left out.
    """
    if not people_ids:
        return {}
    given = {"people": people_ids, "now": FOREVER}  # how much is late is not asked here
    duty = _Duty.read(session, _some(), given)
    return {number: duty.calendar(number) for number in duty.people}


def on_duty(session: Session, team_id: int, now: datetime) -> frozenset[int]:
    """The people of the team who are at work at that moment, whatever their role. One query."""
    return crews(session, team_id, now=now)[team_id].at_work(now)


def resting(
    session: Session, teams: Collection[int], now: datetime, *, role: Role | None = None
) -> frozenset[int]:
    """The people of these teams who are off duty while a colleague is on duty: they are left in peace.

    Of a team in which nobody is on duty, nobody is resting: somebody has to be asked. `role`: only people of that
    role are looked at. One query, however many teams.
    """
    works = defaultdict[int | None, dict[int, bool]](dict)
    for row in session.execute(_at_this_moment(role), {"teams": teams, "now": now}):
        hours = row.hours if row.shifts is None else row.shifts
        there = not row.kept_away and _kept(hours, row.zone, row.holidays, ()).is_open(now)
        works[row.team_id][row.id] = there
    return frozenset(
        number for crew in works.values() if any(crew.values()) for number, there in crew.items() if not there
    )


@cache
def _at_this_moment(role: Role | None) -> Select[*tuple[Any, ...]]:
    now = bindparam("now", type_=Instant())
    closed = exists().where(Closure.team_id == Team.id, Closure.starts_at <= now, Closure.ends_at > now)
    return (
        select(Person.id, Person.team_id, Person.shifts, Team.hours, Team.zone, Team.holidays)
        .add_columns(or_(closed, absent(now)).label("kept_away"))
        .join(Team, Team.id == Person.team_id)
        .where(
            Person.team_id.in_(bindparam("teams", expanding=True)),
            Person.active,
            Person.role != Role.ADMIN if role is None else Person.role == role,
        )
    )


@cache
def outside_quiet_hours(zone: str) -> Calendar:
    """When a customer who lives in that zone may be rung: all but the quiet hours. No query."""
    day_starts, day_ends = DEFAULT_QUIET.end, DEFAULT_QUIET.start
    return Calendar(WeeklyHours.parse(f"0-6:{day_starts:%H:%M}-{day_ends:%H:%M}"), zone)


class _Duty:
    """What there is to know of teams and people: a row of each, and their stretches off, the first first."""

    def __init__(self) -> None:
        self.teams: dict[int, Row[Any]] = {}
        self.people: dict[int, Row[Any]] = {}
        self.closures = defaultdict[int | None, list[Stretch]](list)
        self.absences = defaultdict[int, list[Stretch]](list)

    @classmethod
    def read(cls, session: Session, statement: CompoundSelect[*tuple[Any, ...]], given: Any) -> Self:
        found = cls()
        for row in session.execute(statement, given):
            if row.id is None:
                found.teams[row.team_id] = row
                off = found.closures[row.team_id]
            else:
                found.people[row.id] = row
                off = found.absences[row.id]
            if row.starts_at is not None:
                off.append(Stretch(row.starts_at, row.ends_at or FOREVER, row.reason or ""))
        return found

    def calendar(self, number: int) -> Calendar:
        person = self.people[number]
        team = self.teams.get(person.team_id)
        return _kept(
            (person.hours if person.hours is not None or team is None else team.hours)
            if person.active
            else "",
            team.zone if team else person.zone,
            team.holidays if team else None,
            (*self.closures[person.team_id], *self.absences[number]),
        )

    def crews(self, now: datetime) -> Mapping[int, Crew]:
        people: dict[int, dict[int, Colleague]] = {number: {} for number in self.teams}
        for number, each in self.people.items():
            away = any(absence.start <= now < absence.end for absence in self.absences[number])
            people[each.team_id][number] = Colleague(
                number,
                each.name,
                each.role,
                each.phone,
                calendar=self.calendar(number),
                away=away,
                open=each.open,
                late=each.late,
            )
        return {
            number: Crew(
                team.name,
                _kept(team.hours, team.zone, team.holidays, tuple(self.closures[number])),
                people[number],
            )
            for number, team in self.teams.items()
        }


@cache
def _crews(one: bool) -> CompoundSelect[*tuple[Any, ...]]:
    if not one:
        return _rows(and_(Person.active, Person.team_id.is_not(None)), true())
    team = bindparam("team", type_=Id)
    return _rows(and_(Person.active, Person.team_id == team), Team.id == team)


@cache
def _some() -> CompoundSelect[*tuple[Any, ...]]:
    these = Person.id.in_(bindparam("people", expanding=True))
    return _rows(these, Team.id.in_(select(Person.team_id).where(these)))


def _rows(whose: ColumnElement[bool], which: ColumnElement[bool]) -> CompoundSelect[*tuple[Any, ...]]:
    """These people and what they have in hand, a row for each absence of theirs, and these teams, one for each
    closure; without any, one."""
    count, nothing = func.count(), null()
    late = count.filter(Commitment.due_at <= bindparam("now", type_=Instant()))
    owned = (
        select(Commitment.owner_id, count.label("open"), late.label("late"))
        .where(is_open(), Commitment.owner_id.in_(select(Person.id).where(whose)))
        .group_by(Commitment.owner_id)
        .subquery()
    )
    people = (
        select(Person.id, Person.team_id, Person.name, Person.role, Person.phone, Person.active)
        .add_columns(Person.shifts.label("hours"), Person.zone, nothing.label("holidays"))
        .add_columns(
            func.coalesce(owned.c.open, 0).label("open"), func.coalesce(owned.c.late, 0).label("late")
        )
        .add_columns(Absence.starts_at, Absence.ends_at, nothing.label("reason"))
        .outerjoin(owned, owned.c.owner_id == Person.id)
        .outerjoin(Absence, Absence.person_id == Person.id)
        .where(whose)
    )
    teams = (
        select(nothing, Team.id, Team.name, nothing, nothing, true(), Team.hours, Team.zone, Team.holidays)
        .add_columns(literal_column("0"), literal_column("0"))
        .add_columns(Closure.starts_at, Closure.ends_at, Closure.reason)
        .outerjoin(Closure, Closure.team_id == Team.id)
        .where(which)
    )
    return union_all(people, teams).order_by("name", "starts_at")


def _closures(session: Session, teams: Collection[int]) -> Mapping[int | None, list[Stretch]]:
    found = defaultdict[int | None, list[Stretch]](list)
    rows = (
        select(Closure.team_id, Closure.starts_at, Closure.ends_at, Closure.reason)
        .where(Closure.team_id.in_(teams))
        .order_by(Closure.starts_at)
    )
    for team, starts_at, ends_at, reason in session.execute(rows) if teams else ():
        found[team].append(Stretch(starts_at, ends_at, reason))
    return found


@lru_cache(maxsize=1024)
def _kept(hours: str | None, zone: str, holidays: str | None, closures: tuple[Stretch, ...]) -> Calendar:
    worked = ALWAYS if hours is None else WeeklyHours.parse(hours)
    return Calendar(worked, zone, PublicHolidays.of(holidays) if holidays else None, closures)
