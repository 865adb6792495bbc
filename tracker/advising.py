"""How likely is this promise to be kept, what could be promised instead, and what speaks against it?

The pure policy answers; this module feeds it from the rows. Each question reads a few hundred rows at most from the
ends of indexes, so it costs the same after ten thousand promises and after a million. The past may be asked as well:
what was closed after `now` was open then.

What counts as done is what was fulfilled. What was cancelled, withdrawn or given up as unreachable was not done when
it was closed, and says no more; a duplicate is left out, for the promise that it doubles is there already. A promise
that was reopened began anew then.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from operator import itemgetter

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Label,
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
from tracker.model import Commitment, Instant, Person, Role, Team, table_of
from tracker.policy import advice, load
from tracker.policy.advice import ENOUGH, OWNER, OWNER_KIND, TEAM, TEAM_KIND, Cell, Level
from tracker.policy.calendars import BusinessClock, Calendar
from tracker.policy.kinds import choices
from tracker.policy.load import Desk, Fact, Pace, Slot
from tracker.policy.outcomes import Outcome
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

Past = tuple[datetime, datetime, bool]
"""When a promise began, when it was closed, whether it was then done."""
Arm = tuple[int, str | None]
"""Whose promises and of which kind, as one index has them together: a team's or an owner's number, and a kind (None:
of all kinds)."""
Group = tuple[Level, Arm]
"""Promises that count together."""

TABLE = table_of(Commitment)
COMMITMENT = TABLE.c
BEGUN = func.coalesce(COMMITMENT.reopened_at, COMMITMENT.made_at, type_=Instant())
IS_DONE = COMMITMENT.outcome == Outcome.FULFILLED
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
    lately = closed(session, every_kind(owner.id, team), now=now).values()
    return Desk(
        owner=owner.name,
        team=hours or team_calendar(session, team),
        own=duty_calendars(session, {owner.id})[owner.id],
        customer=outside_quiet_hours(customer_zone),
        pace=Pace.of([closed_at for rows in lately for _, closed_at, _ in rows], ()),
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
    """What has been seen lately that resembles a promise of this owner and kind, in the order `advise` wants."""

    def seen(groups: Sequence[Group]) -> list[Cell]:
        levels = tuple(dict.fromkeys(level for level, _ in groups))
        past = closed(session, groups, now=now)
        waiting = _open(session, levels, team=team, owner=owner, kind=kind, now=now)
        return [
            cell(
                level,
                clock,
                [row for group in groups if group[0] is level for row in past[group]],
                *waiting[level],
                whose=named(level, team, whose),
                kind=kind,
            )
            for level in levels
        ]

    alike = seen([(TEAM_KIND, (team.id, kind)), (OWNER_KIND, (owner.id, kind))])
    if len(alike[0].closed) >= ENOUGH:
        return alike
    return [*seen([(TEAM, (team.id, None))]), *seen(every_kind(owner.id, team)), *alike]


def cell(
    level: Level,
    clock: BusinessClock,
    past: Iterable[Past],
    open_: Iterable[datetime],
    open_count: int,
    *,
    whose: str,
    kind: str,
) -> Cell:
    """What one group of promises has seen, in the policy's terms."""
    last = sorted(past, key=itemgetter(1))[-level.window - 1 :]
    what = plural(kind) if level.same_kind else "promises"
    return Cell.of(level, clock, closed=last, open=open_, open_count=open_count, whose=whose, what=what)


def named(level: Level, team: Team, owner: str) -> str:
    """Whose promises a level looks at: the team's, or the owner's, who is named already: "your", "Ana's"."""
    return owner if level in (OWNER, OWNER_KIND) else its(team.name)


def its(name: str) -> Said:
    """Of somebody or something of that name."""
    return say("%(name)s's", name=name)


def every_kind(owner_id: int, team: Team) -> list[Group]:
    """An owner's promises of any kind: the index has them kind by kind."""
    return [(OWNER, (owner_id, kind)) for kind in choices(team.kinds)]


def plural(kind: str) -> str:
    """Several promises of a kind, as a sentence calls them."""
    return PLURALS.get(kind, say("promises of the kind %(kind)s", kind=kind))


def closed(session: Session, groups: Sequence[Group], *, now: datetime) -> Mapping[Group, list[Past]]:
    """Of each group the last ones closed by `now`, one more than its level's window; one query.

    Groups of the level OWNER are given alone, those of one owner together: the last ones are those of all kinds.
    """
    found: list[list[Past]] = [[] for _ in groups]
    statement = _closed(tuple(level for level, _ in groups))
    for n, begun, closed_at, is_done in session.execute(statement, _given(groups, now)):
        found[n].append((begun, closed_at, is_done))
    return dict(zip(groups, found, strict=True))


def _open(
    session: Session, levels: tuple[Level, ...], *, team: Team, owner: Person, kind: str, now: datetime
) -> Mapping[Level, tuple[list[datetime], int]]:
    """For each level when the promises open at `now` began, a sample if they are many, and how many they are; one
    query."""
    waiting: list[list[datetime]] = [[] for _ in levels]
    counts = [0] * len(levels)
    given = {"team": team.id, "owner": owner.id, "kind": [kind], "kinds": choices(team.kinds), "now": now}
    for n, begun, open_count in session.execute(_sample(levels), given):
        waiting[n].append(begun)
        counts[n] = open_count
    return dict(zip(levels, zip(waiting, counts, strict=True), strict=True))


def _given(groups: Sequence[Group], now: datetime) -> dict[str, object]:
    given: dict[str, object] = {"now": now}
    for n, (level, (whose, kind)) in enumerate(groups):
        given[f"whose{n}"] = whose
        if level is not TEAM:
            given[f"kind{n}"] = kind
    return given


def _group(level: Level, n: int) -> ColumnElement[bool]:
    owned = level in (OWNER, OWNER_KIND)
    whose = (COMMITMENT.owner_id if owned else COMMITMENT.team_id) == bindparam(f"whose{n}")
    return whose if level is TEAM else and_(whose, COMMITMENT.kind == bindparam(f"kind{n}"))


def _number(n: int) -> Label[int]:
    return literal_column(str(n), Integer()).label("n")


@cache
def _closed(levels: tuple[Level, ...]) -> Select[int, datetime, datetime, bool]:
    ends = (
        select(_number(n), BEGUN.label("begun"), COMMITMENT.closed_at, IS_DONE.label("is_done"))
        .where(_group(level, n), COMMITMENT.closed_at <= NOW, COMMITMENT.outcome != Outcome.DUPLICATE)
        .order_by(COMMITMENT.closed_at.desc())
        .limit(level.window + 1)
        .subquery()
        for n, level in enumerate(levels)
    )
    last = union_all(*(select(end) for end in ends)).subquery()
    if levels[0] is not OWNER:
        return select(last)
    return select(last).order_by(last.c.closed_at.desc()).limit(OWNER.window + 1)


@cache
def _sample(levels: tuple[Level, ...]) -> Select[int, datetime, int]:
    """Those `advice.in_sample`. Two look-ups for each level: what is open, and what was open at a `now` that has
    passed."""
    counted = union_all(*(select(_number(n), _count(level)) for n, level in enumerate(levels))).cte()
    one_of = (counted.c.open_count + (advice.OPEN_SAMPLE - 1)) // advice.OPEN_SAMPLE
    place = COMMITMENT.id % advice.CIRCLE * advice.GOLDEN_STEP % advice.CIRCLE
    looks = (
        look.join(counted, counted.c.n == n)
        .add_columns(_number(n), BEGUN.label("begun"), counted.c.open_count)
        .where(place * one_of < advice.CIRCLE)
        for n, level in enumerate(levels)
        for look in _looks(level)
    )
    return select(union_all(*looks).subquery())


def _count(level: Level) -> Label[int]:
    still, later = (look.add_columns(func.count()).scalar_subquery() for look in _looks(level))
    return (still + later).label("open_count")


def _looks(level: Level) -> tuple[Select[()], Select[()]]:
    """At what is still open, and at what was closed later than `now`. The kinds are named even where all of them
    count: the indexes have them kind by kind."""
    owned = level in (OWNER, OWNER_KIND)
    theirs = COMMITMENT.owner_id == bindparam("owner") if owned else COMMITMENT.team_id == bindparam("team")
    kinds: BindParameter[str] = bindparam("kind" if level.same_kind else "kinds", expanding=True)
    look = select().select_from(TABLE).where(theirs, COMMITMENT.kind.in_(kinds), BEGUN <= NOW)
    return look.where(COMMITMENT.closed_at.is_(None)), look.where(COMMITMENT.closed_at > NOW)
