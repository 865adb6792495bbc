"""A team's past, written into the database at once: as many promises as a story needs, of which only what the advice
reads is true to life."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from tests.cast import TWO, Cast
from tracker.model import Commitment, Customer, Person, table_of
from tracker.policy.outcomes import Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise of the past; closed_at is None while it is open."""

    owner: Person
    kind: str
    made_at: datetime
    closed_at: datetime | None
    due_at: datetime | None = None
    outcome: Outcome = Outcome.FULFILLED


def write(session: Session, customer: Customer, promises: Iterable[Promise]) -> None:
    """Write them down, in thousands, by ids in their order."""
    rows = (_row(customer, promise) for promise in promises)
    while batch := list(islice(rows, 5000)):
        session.execute(insert(table_of(Commitment)), batch)


def remember(cast: Cast, *promises: Promise) -> None:
    """Write down what Care has promised."""
    with cast.sessions.begin() as session:
        write(session, cast.maria, promises)


def later(hours: float) -> datetime:
    """So many hours after two o'clock."""
    return TWO + timedelta(hours=hours)


def kept(
    owner: Person, hours: float, count: int, kind: str = "callback", **changes: Outcome
) -> list[Promise]:
    """So many promises that took so long each, the last of them closed a minute ago."""
    ends = (TWO - timedelta(minutes=n + 1) for n in range(count))
    return [Promise(owner, kind, end - timedelta(hours=hours), end) for end in ends]


def sixty_callbacks(cast: Cast) -> None:
    """Care has kept sixty callbacks, each in five minutes to five hours; each of the three took part."""
    owners = [cast.ana, cast.ben, cast.sue]
    past = [
        Promise(owners[n % 3], "callback", end - timedelta(minutes=5 * (n + 1)), end)
        for n in range(60)
        for end in [TWO - timedelta(days=1, minutes=n)]
    ]
    with cast.sessions.begin() as session:
        write(session, cast.maria, past)


def at_random(
    owners: list[Person], count: int, *, seed: int, until: datetime = TWO, hours: float = 24 * 60
) -> Iterator[Promise]:
    """Promises made at random moments of the last so many hours, most of them callbacks, each closed hours or days
    later if that was before `until`. No two moments are the same."""
    rng = Random(seed)
    begin = until - timedelta(hours=hours)
    for number in range(count):
        made_at = begin + (until - begin) * (number + 0.9 * rng.random()) / count
        closed_at = made_at + timedelta(hours=rng.lognormvariate(2, 1.5))
        kind = rng.choices(("callback", "refund", "visit"), (70, 25, 5))[0]
        yield Promise(rng.choice(owners), kind, made_at, closed_at if closed_at < until else None)


def _row(customer: Customer, promise: Promise) -> dict[str, Any]:
    due_at = promise.due_at or promise.made_at + timedelta(days=30)
    is_open = promise.closed_at is None
    return {
        "team_id": promise.owner.team_id,
        "customer_id": customer.id,
        "owner_id": promise.owner.id,
        "kind": promise.kind,
        "topic": "what was promised",
        "made_at": promise.made_at,
        "first_due_at": due_at,
        "due_at": due_at,
        "ladder_id": promise.owner.team.ladder_id if promise.owner.team else None,
        "next_step": 0 if is_open else None,
        "next_step_at": due_at if is_open else None,
        "closed_at": promise.closed_at,
        "outcome": None if is_open else promise.outcome,
        "verdict": None if is_open else Verdict.KEPT_ON_TIME,
        "version": 1,
    }
