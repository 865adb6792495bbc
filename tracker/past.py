"""What became lately of promises that resemble one, and which of them are open? The rows behind the advice.

A few hundred at most, from the ends of indexes, so that a question costs the same after ten thousand promises and
after a million. Their moments come as whole microseconds since 1970, which the policy reckons in. The past may be
asked as well: what was closed after `now` was open then.

What counts as done is what was fulfilled. What was cancelled, withdrawn or given up as unreachable was not done when
it was closed, and says no more; a duplicate is left out, for the promise that it doubles is there already. A promise
that was reopened began anew then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, reduce
from operator import add, itemgetter

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    and_,
    bindparam,
    false,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from tracker.caselog import Case
from tracker.model import Commitment, Instant, micros, table_of
from tracker.policy import advice
from tracker.policy.advice import OWNER, OWNER_KIND, Level, Past
from tracker.policy.calendars import spans
from tracker.policy.outcomes import Outcome

Group = tuple[Level, int, str | None]
"""Promises that count together: those of a team or of an owner, by number, of one kind or, with None, of any."""

TABLE = table_of(Commitment)
COMMITMENT = TABLE.c
BEGUN = func.coalesce(COMMITMENT.reopened_at, COMMITMENT.made_at, type_=Instant())
IS_DONE = COMMITMENT.outcome == literal_column(f"'{Outcome.FULFILLED}'", String())
COUNTS = COMMITMENT.outcome != literal_column(f"'{Outcome.DUPLICATE}'", String())
NOW = bindparam("now", type_=Instant())


@dataclass(slots=True)
class Seen:
    """What has been seen of a group: the last ones closed, one more than its level's window; when those open began,
    a sample if they are many; how many these are."""

    closed: list[Past] = field(default_factory=list)
    open: list[int] = field(default_factory=list)
    open_count: int = 0

    @property
    def latest(self) -> int:
        """When the last of it happened."""
        return max(max(map(itemgetter(1), self.closed), default=0), max(self.open, default=0))


def cases(session: Session, team_id: int) -> list[Case]:
    """All promises of a team as a log of cases, in the order in which they began; the owner is the present one."""
    columns = (COMMITMENT.id, COMMITMENT.owner_id, COMMITMENT.kind, BEGUN, COMMITMENT.closed_at, IS_DONE)
    counts = or_(COMMITMENT.closed_at.is_(None), COUNTS)
    rows = session.execute(
        select(*columns).where(COMMITMENT.team_id == team_id, counts).order_by(BEGUN, COMMITMENT.id)
    )
    log = []
    for number, owner_id, kind, begun, closed_at, is_done in rows:
        ended = closed_at and max(begun, closed_at)  # two machines' clocks may differ
        done_at, withdrawn_at = (ended, None) if is_done else (None, ended)
        case = Case(begun, done_at, str(owner_id), kind, "", case_id=str(number), withdrawn_at=withdrawn_at)
        log.append(case)
    return log


def closed(session: Session, groups: Sequence[Group], *, now: datetime) -> Mapping[Group, list[Past]]:
    """Of each group the last ones closed by `now`, one more than its level's window. One query."""
    found: list[list[Past]] = [[] for _ in groups]
    statement = _closed(tuple(level for level, _, _ in groups))
    for n, begun, closed_at, is_done in session.execute(statement, given(groups, now)).all():
        found[n].append((begun, closed_at, is_done))
    return dict(zip(groups, found, strict=True))


def seen(session: Session, groups: Sequence[Group], *, now: datetime, passed: bool = False) -> list[Seen]:
    """What each group has seen by `now`. One query; two about a `now` that has passed, for what happened since was
    not known then, unless the caller says that it has."""
    found = _read(session, groups, now, passed=passed)
    latest = max((each.latest for each in found), default=0)
    return found if latest <= spans.micros(now) else _read(session, groups, now, passed=True)


def _read(session: Session, groups: Sequence[Group], now: datetime, *, passed: bool) -> list[Seen]:
    found = [Seen() for _ in groups]
    statement = _seen(tuple(level for level, _, _ in groups), passed=passed)
    for n, begun, closed_at, is_done, open_count in session.execute(statement, given(groups, now)).all():
        if closed_at is not None:
            found[n].closed.append((begun, closed_at, is_done))
        else:
            found[n].open.append(begun)
            found[n].open_count = open_count
    return found


def given(groups: Sequence[Group], now: datetime) -> dict[str, object]:
    """The parameters that stand for these groups in a statement."""
    values: dict[str, object] = {"now": now}
    for n, (_, whose, kind) in enumerate(groups):
        values |= {f"whose{n}": whose, f"kind{n}": kind}
    return values


def _of(n: int, level: Level) -> ColumnElement[bool]:
    who = COMMITMENT.owner_id if level in (OWNER, OWNER_KIND) else COMMITMENT.team_id
    theirs = who == bindparam(f"whose{n}")
    if not level.same_kind:
        return theirs
    # a question of its own: who knows that a kind is rare plans anew at each call, as with a guess in `plain`
    kind = select(bindparam(f"kind{n}", type_=String())).scalar_subquery()
    return and_(theirs, COMMITMENT.kind == kind)


def plain(number: int) -> ColumnElement[int]:
    """In the statement itself: where PostgreSQL has to guess one, it plans anew at each call, for a millisecond."""
    return literal_column(str(number), BigInteger())


@cache
def _closed(levels: tuple[Level, ...]) -> Select[int, int, int, bool]:
    rows = union_all(
        *(last(n, level, COMMITMENT.closed_at <= NOW) for n, level in enumerate(levels))
    ).subquery()
    return select(rows.c.n, micros(rows.c.begun), micros(rows.c.closed_at), rows.c.is_done)


@cache
def _seen(levels: tuple[Level, ...], *, passed: bool) -> Select[int, int, int | None, bool, int]:
    by_then = COMMITMENT.closed_at <= NOW if passed else COMMITMENT.closed_at.is_not(None)
    ends = (
        last(n, level, by_then).add_columns(plain(0).label("open_count")) for n, level in enumerate(levels)
    )
    counts = (_count(n, level, passed).label(f"open{n}") for n, level in enumerate(levels))
    counted = select(*counts).cte("counted")
    samples = (
        look
        for n, level in enumerate(levels)
        for look in _sample(n, level, passed, select(counted.c[f"open{n}"]).scalar_subquery())
    )
    rows = union_all(*ends, *samples).subquery()
    return select(rows.c.n, micros(rows.c.begun), micros(rows.c.closed_at), rows.c.is_done, rows.c.open_count)


def last(n: int, level: Level, by_then: ColumnElement[bool]) -> Select[int, datetime, datetime, bool]:
    """The last ones closed of the n-th group, one more than its window: from the end of an index."""
    end = (
        select(plain(n).label("n"), BEGUN.label("begun"), COMMITMENT.closed_at, IS_DONE.label("is_done"))
        .where(_of(n, level), by_then, COUNTS)
        .order_by(COMMITMENT.closed_at.desc())
        .limit(plain(level.window + 1))
    )
    return select(end.subquery())


def _sample(
    n: int, level: Level, passed: bool, open_count: ScalarSelect[int]
) -> list[Select[int, datetime, datetime, bool, int]]:
    """Those `advice.in_sample`."""
    one_of = (open_count + plain(advice.OPEN_SAMPLE - 1)) // plain(advice.OPEN_SAMPLE)
    circle = plain(advice.CIRCLE)
    place = COMMITMENT.id % circle * plain(advice.GOLDEN_STEP) % circle
    return [
        look.add_columns(
            plain(n).label("n"),
            BEGUN.label("begun"),
            null().label("closed_at"),
            false().label("is_done"),
            open_count.label("open_count"),
        ).where(place * one_of < circle)
        for look in _looks(n, level, passed)
    ]


def _count(n: int, level: Level, passed: bool) -> ColumnElement[int]:
    looks = [look.add_columns(func.count()).scalar_subquery() for look in _looks(n, level, passed)]
    return reduce(add, looks)


def _looks(n: int, level: Level, passed: bool) -> list[Select[()]]:
    """At what is still open, and if `now` has passed also at what was closed later. Only then may one have been made
    after `now`."""
    look = select().select_from(TABLE).where(_of(n, level))
    still = look.where(COMMITMENT.closed_at.is_(None))
    if not passed:
        return [still]
    return [still.where(BEGUN <= NOW), look.where(BEGUN <= NOW, COMMITMENT.closed_at > NOW)]
