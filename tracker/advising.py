"""How likely is this promise to be kept, what could be promised instead, and what speaks against it?

The pure policy answers; this module feeds it from the rows. Each question reads a few hundred rows at most from the
ends of indexes, so it costs the same after ten thousand promises and after a million. The past may be asked as well:
what was closed after `now` was open then.

What counts as done is what was fulfilled. What was cancelled, withdrawn or given up as unreachable was not done when
it was closed, and says no more; a duplicate is left out, for the promise that it doubles is there already. A promise
that was reopened began anew then.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from tracker.duty import duty_calendars, outside_quiet_hours, team_calendar
from tracker.model import Commitment, Instant, Person, Role, Team
from tracker.policy import advice, load
from tracker.policy.advice import ENOUGH_OF_THIS_KIND, OWNER, OWNER_KIND, TEAM, TEAM_KIND, Cell, Level
from tracker.policy.calendars import BusinessClock
from tracker.policy.kinds import choices
from tracker.policy.load import Desk, Fact, Pace, Slot
from tracker.policy.outcomes import Outcome

PLURALS: Mapping[str, str] = {
    "callback": "callbacks",
    "answer": "answers",
    "refund": "refunds",
    "replacement": "replacements",
    "visit": "visits",
    "other": "other promises",
}

LATELY = 1000
"""So many of a team's last closed promises tell the pace of its people."""

Past = tuple[datetime, datetime, bool]
"""When a promise began, when it was closed, whether it was then done."""
Arm = tuple[int, str | None]
"""Whose promises and of which kind, as one index has them together: a team's or an owner's number, and a kind (None:
of all kinds)."""

BEGUN = func.coalesce(Commitment.reopened_at, Commitment.made_at, type_=Instant())
NOW = bindparam("now", type_=Instant())


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
) -> Advice:
    """Advice on a promise that this owner makes now. To its `reader`, if they are the owner, `why` says "your"."""
    clock = BusinessClock(team_calendar(session, team), now)
    whose = "your" if reader is not None and reader.id == owner.id else f"{owner.name}'s"
    told = advice.advise(
        cells(session, team=team, owner=owner, kind=kind, clock=clock, now=now, whose=whose),
        clock=clock,
        now=now,
    )
    sentences = [told.why(due_at), told.refusal()]
    return Advice(
        kept=None if due_at is None else told.chance_kept(due_at),
        earliest=told.earliest,
        why="; ".join(sentence for sentence in sentences if sentence),
    )


def concerns(
    session: Session,
    *,
    team: Team,
    owner: Person,
    customer_zone: str,
    due_at: datetime,
    now: datetime,
    moving: Commitment | None = None,
) -> list[Fact]:
    """What makes it foolish to promise that time, whatever the odds; each with the same better time.

    `moving`: the owner's promise that would be moved there, if it is not a new one: it does not stand in its own way.
    """
    desk = desk_of(session, team=team, owner=owner, customer_zone=customer_zone, now=now, moving=moving)
    return list(load.concerns(due_at, now=now, desk=desk))


def desk_of(
    session: Session,
    *,
    team: Team,
    owner: Person,
    customer_zone: str,
    now: datetime,
    moving: Commitment | None,
) -> Desk:
    """What bears on a promise of this owner to a customer of that zone. Six queries."""
    promised = select(Commitment.due_at).where(
        Commitment.owner_id == owner.id, Commitment.closed_at.is_(None)
    )
    if moving is not None:
        promised = promised.where(Commitment.id != moving.id)
    past = closed(session, OWNER, every_kind(owner.id, team), now=now)
    lately = last((row for rows in past.values() for row in rows), OWNER)
    return Desk(
        owner=owner.name,
        team=team_calendar(session, team),
        own=duty_calendars(session, {owner.id})[owner.id],
        customer=outside_quiet_hours(customer_zone),
        pace=Pace.of([closed_at for _, closed_at, _ in lately], ()),
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


def crowded(session: Session, *, team: Team, near: datetime, now: datetime) -> str | None:
    """For a due time in a half hour that is full: "16:00 is full, 16:30 is free"; None if there is room."""
    return load.full_then(forecast(session, team=team, now=now), near, zone=team.zone)


def cells(
    session: Session, *, team: Team, owner: Person, kind: str, clock: BusinessClock, now: datetime, whose: str
) -> list[Cell]:
    """What has been seen lately that resembles a promise of this owner and kind, in the order `advise` wants."""

    def cell(level: Level, arms: Sequence[Arm]) -> Cell:
        past = closed(session, level, arms, now=now)
        open_, open_count = _open(session, level, arms, now=now)
        return Cell.of(
            level,
            clock,
            closed=last((row for arm in arms for row in past[arm]), level),
            open=open_,
            open_count=open_count,
            whose=whose if level in (OWNER, OWNER_KIND) else f"{team.name}'s",
            what=plural(kind) if level.same_kind else "promises",
        )

    alike = [cell(TEAM_KIND, [(team.id, kind)]), cell(OWNER_KIND, [(owner.id, kind)])]
    if len(alike[0].closed) >= ENOUGH_OF_THIS_KIND:
        return alike
    return [cell(TEAM, [(team.id, None)]), cell(OWNER, every_kind(owner.id, team)), *alike]


def every_kind(owner_id: int, team: Team) -> list[Arm]:
    """An owner's promises of any kind: the index has them kind by kind."""
    return [(owner_id, kind) for kind in choices(team.kinds)]


def plural(kind: str) -> str:
    """Several promises of a kind, as a sentence calls them."""
    return PLURALS.get(kind, f"promises of the kind {kind}")


def last(past: Iterable[Past], level: Level) -> list[Past]:
    """The last closed ones that a level looks at, and the one before them."""
    return sorted(past, key=lambda row: row[1])[-level.window - 1 :]


def closed(session: Session, level: Level, arms: Sequence[Arm], *, now: datetime) -> Mapping[Arm, list[Past]]:
    """Of each arm the last ones closed by `now`, one more than the level's window; one query."""
    found: dict[Arm, list[Past]] = defaultdict(list)
    for row in session.execute(_closed(level, len(arms)), _given(arms, now)):
        found[arms[row.arm]].append((row.begun, row.closed_at, row.outcome is Outcome.FULFILLED))
    return found


def _open(
    session: Session, level: Level, arms: Sequence[Arm], *, now: datetime
) -> tuple[Collection[datetime], int]:
    """When the promises open at `now` began, every k-th if they are many, and how many they are; one query."""
    rows = session.execute(_sample(level, len(arms)), _given(arms, now)).all()
    return [row.begun for row in rows], rows[0].open_count if rows else 0


def _given(arms: Sequence[Arm], now: datetime) -> dict[str, object]:
    whose = {f"whose{n}": number for n, (number, _) in enumerate(arms)}
    return {"now": now, **whose, **{f"kind{n}": kind for n, (_, kind) in enumerate(arms) if kind is not None}}


def _arm(level: Level, n: int) -> ColumnElement[bool]:
    owned = level in (OWNER, OWNER_KIND)
    whose = (Commitment.owner_id if owned else Commitment.team_id) == bindparam(f"whose{n}")
    return whose if level is TEAM else and_(whose, Commitment.kind == bindparam(f"kind{n}"))


@cache
def _closed(level: Level, arms: int) -> CompoundSelect[int, datetime, datetime, Outcome]:
    return union_all(
        *(
            select(
                select(literal_column(str(n), Integer()).label("arm"))
                .add_columns(BEGUN.label("begun"), Commitment.closed_at, Commitment.outcome)
                .where(_arm(level, n), Commitment.closed_at <= NOW, Commitment.outcome != Outcome.DUPLICATE)
                .order_by(Commitment.closed_at.desc())
                .limit(level.window + 1)
                .subquery()
            )
            for n in range(arms)
        )
    )


@cache
def _sample(level: Level, arms: int) -> Select[datetime, int]:
    """Every k-th as `advice.every` has it, in the order in which they began. Two look-ups for each arm: what is open,
    and what was open at a `now` that has passed."""
    waiting = union_all(
        *(
            select(BEGUN.label("begun")).where(_arm(level, n), still, BEGUN <= NOW)
            for n in range(arms)
            for still in (Commitment.closed_at.is_(None), Commitment.closed_at > NOW)
        )
    ).subquery()
    ranked = select(
        waiting.c.begun,
        (func.row_number().over(order_by=waiting.c.begun) - 1).label("place"),
        func.count().over().label("open_count"),
    ).subquery()
    every = (ranked.c.open_count + (advice.OPEN_SAMPLE - 1)) // advice.OPEN_SAMPLE
    return (
        select(ranked.c.begun, ranked.c.open_count)
        .where(ranked.c.place % every == 0)
        .order_by(ranked.c.place)
    )
