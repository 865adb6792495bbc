"""Who is at work, and when? The calendars of teams, people and customers, made from their rows.

A calendar made twice of the same rows is the same value, kept with what it has worked out: asking for it again
costs the queries and no arithmetic.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from tracker.model import Absence, Closure, Commitment, Instant, Person, Role, Team
from tracker.policy.calendars import ALWAYS, Calendar, PublicHolidays, Stretch, WeeklyHours
from tracker.policy.consent import DEFAULT_QUIET
from tracker.queries import absent

FOREVER = datetime(2100, 1, 1, tzinfo=UTC)
"""When an absence ends that has no end: calendars reach no further."""


def team_calendar(session: Session, team: Team) -> Calendar:
    """When the team works: its hours by its own clock, less its public holidays and its closures. One query."""
    return team_calendars(session, [team])[team.id]


def team_calendars(session: Session, teams: Collection[Team]) -> dict[int, Calendar]:
    """When each of these teams works, by its number. One query."""
    closures = _closures(session, {team.id for team in teams})
    return {team.id: _kept(team.hours, team.zone, team.holidays, tuple(closures[team.id])) for team in teams}


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


def duty_calendars(session: Session, people_ids: Collection[int]) -> dict[int, Calendar]:
    """When each of these people is at work: their shifts, or else the team's hours, by the team's clock; less the
    team's public holidays and closures and their own absences. Shifts may lie outside the team's hours.

    Somebody who has left is never at work; an admin without a team and without shifts always is, but for absences.
    Numbers of nobody are left out. Three queries, however many people.
    """
    return _duty(session, Person.id.in_(people_ids)) if people_ids else {}


def crew_calendars(session: Session, team: Team, hours: Calendar) -> dict[int, tuple[Role, Calendar]]:
    """Who works in the team, in which role, and when: by their number. `hours`: the team's calendar. One query."""
    rows = session.execute(
        select(Person.id, Person.role, Person.shifts, Absence.starts_at, Absence.ends_at)
        .outerjoin(Absence, Absence.person_id == Person.id)
        .where(Person.team_id == team.id, Person.active)
        .order_by(Absence.starts_at)
    ).all()
    absences = defaultdict[int, list[Stretch]](list)
    for row in rows:
        if row.starts_at is not None:
            absences[row.id].append(Stretch(row.starts_at, row.ends_at or FOREVER))
    return {
        row.id: (
            row.role,
            _kept(
                row.shifts if row.shifts is not None else team.hours,
                team.zone,
                team.holidays,
                (*hours.closures, *absences[row.id]),
            ),
        )
        for row in rows
    }


def on_duty(session: Session, team_id: int, now: datetime) -> frozenset[int]:
    """The people of the team who are at work at that moment, whatever their role. Three queries."""
    calendars = _duty(session, and_(Person.team_id == team_id, Person.active))
    return frozenset(number for number, calendar in calendars.items() if calendar.is_open(now))


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


def _duty(session: Session, wanted: ColumnElement[bool]) -> dict[int, Calendar]:
    people = session.execute(
        select(Person.id, Person.active, Person.shifts, Person.zone, Person.team_id)
        .add_columns(Team.zone.label("team_zone"), Team.hours, Team.holidays)
        .outerjoin(Team, Team.id == Person.team_id)
        .where(wanted)
    ).all()
    closures = _closures(session, {person.team_id for person in people if person.team_id})
    absences = defaultdict[int, list[Stretch]](list)
    for absence in session.execute(
        select(Absence.person_id, Absence.starts_at, Absence.ends_at)
        .join(Person, Person.id == Absence.person_id)
        .where(wanted)
        .order_by(Absence.starts_at)
    ):
        absences[absence.person_id].append(Stretch(absence.starts_at, absence.ends_at or FOREVER))
    return {
        person.id: _kept(
            (person.shifts if person.shifts is not None else person.hours) if person.active else "",
            person.team_zone or person.zone,
            person.holidays,
            (*closures[person.team_id], *absences[person.id]),
        )
        for person in people
    }


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
