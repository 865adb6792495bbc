"""How likely is this promise to be kept, what could be promised instead, and what speaks against it?

The pure policy answers; this module feeds it from the rows.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.duty import duty_calendars, outside_quiet_hours, team_calendar
from tracker.model import Commitment, Person, Role, Team
from tracker.past import Group, Seen, closed, seen
from tracker.policy import advice, load
from tracker.policy.advice import ENOUGH, OWNER, OWNER_KIND, TEAM, TEAM_KIND, Cell, Level
from tracker.policy.calendars import BusinessClock, Calendar
from tracker.policy.calendars.spans import moment
from tracker.policy.kinds import choices
from tracker.policy.load import Desk, Fact, Pace, Slot
from tracker.policy.said import Said, say

PLURALS: Mapping[str, Said] = {
    "callback": say("callbacks"),
    "answer": say("answers"),
    "refund": say("refunds"),
    "replacement": say("replacements"),
    "visit": say("visits"),
    "other": say("other promises"),
}

LATELY = 1000
"""So many of a team's last closed promises tell the pace of its people."""


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
) -> Advice:
    """Advice on a promise that this owner makes now. To its `reader`, if they are the owner, `why` says "your".

    `hours`: the team's calendar, if it is at hand already.
    """
    clock = BusinessClock(hours or team_calendar(session, team), now)
    whose = say("your") if reader is not None and reader.id == owner.id else its(owner.name)
    told = advice.advise(
        cells(session, team=team, owner=owner, kind=kind, clock=clock, now=now, whose=whose),
        clock=clock,
        now=now,
    )
    why, refusal = told.why(due_at), told.refusal()
    return Advice(
        kept=None if due_at is None else told.chance_kept(due_at),
        earliest=told.earliest,
        why=say("%(why)s; %(refusal)s", why=why, refusal=refusal) if refusal else why,
    )


def advice_on(session: Session, commitment: Commitment, now: datetime) -> advice.Advice:
    """The policy's advice on an open promise, given its age."""
    team, owner = commitment.team, commitment.owner
    clock = BusinessClock(team_calendar(session, team), now)
    whose = its(owner.name)
    alike = cells(session, team=team, owner=owner, kind=commitment.kind, clock=clock, now=now, whose=whose)
    begun = commitment.reopened_at or commitment.made_at
    return advice.advise(alike, clock=clock, now=now, opened_at=begun)


def concerns(
    session: Session,
    *,
    team: Team,
    owner: Person,
    customer_zone: str,
    due_at: datetime,
    now: datetime,
    moving: Commitment | None = None,
    hours: Calendar | None = None,
) -> list[Fact]:
    """What makes it foolish to promise that time, whatever the odds; each with the same better time.

    `moving`: the owner's promise that would be moved there, if it is not a new one: it does not stand in its own way.
    `hours`: the team's calendar, if it is at hand already.
    """
    desk = desk_of(
        session, team=team, owner=owner, customer_zone=customer_zone, now=now, moving=moving, hours=hours
    )
    return list(load.concerns(due_at, now=now, desk=desk))


def desk_of(
    session: Session,
    *,
    team: Team,
    owner: Person,
    customer_zone: str,
    now: datetime,
    moving: Commitment | None,
    hours: Calendar | None,
) -> Desk:
    """What bears on a promise of this owner to a customer of that zone. Six queries, or five with the `hours`."""
    promised = select(Commitment.due_at).where(
        Commitment.owner_id == owner.id, Commitment.closed_at.is_(None)
    )
    if moving is not None:
        promised = promised.where(Commitment.id != moving.id)
    (lately,) = closed(session, [(OWNER, owner.id, None)], kinds=choices(team.kinds), now=now).values()
    return Desk(
        owner=owner.name,
        team=hours or team_calendar(session, team),
        own=duty_calendars(session, {owner.id})[owner.id],
        customer=outside_quiet_hours(customer_zone),
        pace=Pace.of([moment(closed_at) for _, closed_at, _ in lately], ()),
        promises=tuple(session.scalars(promised)),
    )


def forecast(session: Session, *, team: Team, now: datetime) -> Sequence[Slot]:
    """The team's half hours from the current one to the end of tomorrow by its own clock: how many promises fall due
    in each, how many can be worked off in it, and whether it is full. Six queries.

    Counted in are the agents who work here, and whoever else of the team closed one of its last promises.
    """
    end = now + timedelta(days=3)
    due = (Commitment.team_id == team.id, Commitment.closed_at.is_(None), Commitment.due_at < end)
    lately = (
        select(Commitment.owner_id, Commitment.closed_at)
        .where(Commitment.team_id == team.id, Commitment.closed_at <= now)
        .order_by(Commitment.closed_at.desc())
        .limit(LATELY)
    )
    worked: dict[int, list[datetime]] = defaultdict(list)
    for row in session.execute(lately):
        worked[row.owner_id].append(row.closed_at)
    members = session.execute(select(Person.id, Person.role).where(Person.team_id == team.id, Person.active))
    hands = [each.id for each in members if each.role is Role.AGENT or each.id in worked]
    calendars = duty_calendars(session, hands)
    return load.forecast(
        session.scalars(select(Commitment.due_at).where(*due)).all(),
        [(calendars[number], Pace.of(worked[number], ())) for number in hands],
        now=now,
        zone=team.zone,
    )


def crowded(session: Session, *, team: Team, near: datetime, now: datetime) -> Said | None:
    """For a due time in a half hour that is full: "16:00 is full, 16:30 is free"; None if there is room."""
    return load.full_then(forecast(session, team=team, now=now), near, zone=team.zone)


def cells(
    session: Session, *, team: Team, owner: Person, kind: str, clock: BusinessClock, now: datetime, whose: str
) -> list[Cell]:
    """What has been seen lately that resembles a promise of this owner and kind, in the order `advise` wants. One
    query, or two for a kind of which the team has closed few."""

    def of(*groups: Group) -> list[Cell]:
        found = seen(session, groups, kinds=choices(team.kinds), now=now)
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
