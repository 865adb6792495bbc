"""Who takes over when somebody is away? No promise is due in a shift without its owner or a deputy.

Functions take the caller's session and never commit. The number of queries is the same however many promises there
are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, Select, insert, select, union
from sqlalchemy.orm import Session

from tracker import outbox
from tracker.arrays import update_each
from tracker.duty import Colleague, Crew, crews
from tracker.model import Attempt, Commitment, Customer, Event, EventKind, Person, Role, Team, table_of
from tracker.outbox import Text
from tracker.policy.deputies import Deputy, Due, needed_at, share_out
from tracker.policy.said import Said, say
from tracker.policy.wording import TextKind
from tracker.queries import is_open


@dataclass(frozen=True, slots=True)
class Entry:
    """An open promise whose owner is not at work when it needs somebody. `deputy`: who else is then, by name; None:
    nobody of the team."""

    commitment_id: int
    customer: str
    due_at: datetime
    owner: str
    deputy: str | None


@dataclass(frozen=True, slots=True)
class Covered:
    """What was done about a change of the roster: promises handed over, each to its `deputy`, and those that nobody
    is on duty for, which keep their owner."""

    moved: tuple[Entry, ...] = ()
    uncovered: tuple[Entry, ...] = ()

    @property
    def takers(self) -> Mapping[str, int]:
        """Who took over how many, the most first."""
        return dict(Counter(entry.deputy or "" for entry in self.moved).most_common())


@dataclass(frozen=True, slots=True)
class Roster:
    """How a team stands: its people, and its open promises that need somebody when their owner is not at work, the
    first due first. Each of those with a deputy to whom it can be handed over when the time comes, or None: those
    want a supervisor now."""

    crew: Crew
    uncovered: tuple[Entry, ...]


def cover(session: Session, person: Person, *, by: Person | None, now: datetime) -> Covered:
    """After a change of when somebody is at work (an absence, other shifts, they left): each open promise of theirs
    that needs somebody when they are not there is handed over to somebody of their team who is.

    The customer is told who calls now, the new owner that it is theirs, and history says why. A promise that nobody
    is on duty for stays where it is; the supervisors are told, in one text for all of them.
    """
    if person.team is None:
        return Covered()
    # One change of a team's roster at a time: else two colleagues who leave at once could be given each other's.
    session.execute(select(Team.id).where(Team.id == person.team_id).with_for_update(key_share=True))
    crew = crews(session, person.team.id, now=now)[person.team.id]
    theirs = session.execute(
        _promises(Commitment.owner_id == person.id).with_for_update(of=Commitment, key_share=True)
    )
    needing = list(_needing(crew, theirs, now))
    if not needing:
        return Covered()
    taken = _shared(crew, needing, _knowing(session, person))
    to = {number: crew.people[deputy] for number, deputy in taken.items() if deputy is not None}
    moved = [promise for promise, _ in needing if promise.id in to]
    left = [promise for promise, _ in needing if promise.id not in to]
    why = f"{person.name} is away then" if person.active else f"{person.name} has left"
    if moved:
        _hand_over(session, moved, to, why=why, by=by, now=now)
    if left:
        _tell(session, crew, left, why=why, by=by, now=now)
    return Covered(
        tuple(_entry(crew, promise, taken[promise.id]) for promise in moved),
        tuple(_entry(crew, promise, None) for promise in left),
    )


def rosters(session: Session, team_id: int | None = None, *, now: datetime) -> Mapping[int, Roster]:
    """How that team stands, or every team: by the team's number. Two queries, however many teams."""
    every = crews(session, team_id, now=now)
    entries: dict[int, list[Entry]] = defaultdict(list)
    theirs = _promises(Commitment.team_id.in_(list(every))).order_by(None)
    by_team = theirs.order_by(Commitment.team_id, Commitment.due_at, Commitment.id)
    promises = session.execute(by_team.execution_options(yield_per=500))
    for number, promised in groupby(promises, key=attrgetter("team_id")):
        needing = list(_needing(every[number], promised, now))
        taken = _shared(every[number], needing, {})
        entries[number] = [_entry(every[number], promise, taken[promise.id]) for promise, _ in needing]
    return {number: Roster(crew, tuple(entries[number])) for number, crew in every.items()}


def owner_or_deputy(session: Session, now: datetime) -> Iterator[tuple[int | None, Said]]:
    """For the audit: promises that need somebody when neither their owner nor anybody else of the team is at work."""
    for _, roster in sorted(rosters(session, now=now).items()):
        for entry in roster.uncovered:
            if entry.deputy is None:
                yield (
                    entry.commitment_id,
                    say(
                        "nobody of %(team)s is on duty when it is due: %(at)s",
                        team=roster.crew.team,
                        at=entry.due_at.isoformat(),
                    ),
                )


def _needing(crew: Crew, promises: Iterable[Row[Any]], now: datetime) -> Iterator[tuple[Row[Any], datetime]]:
    """Those whose owner is not at work when they need somebody, each with that moment."""
    calendars = {each.id: each.calendar for each in crew.people.values()}
    moments: dict[datetime, datetime] = {}  # many are due at the same quarter hour, or overdue
    for promise in promises:
        at, own = max(promise.due_at, now), calendars.get(promise.owner_id)
        if own is not None and own.is_open(at):
            continue
        if at not in moments:
            moments[at] = needed_at(at, now=now, team=crew.hours, crew=calendars.values())
        if own is None or not own.is_open(moments[at]):
            yield promise, moments[at]


def _deputies(crew: Crew, knowing: Mapping[int, set[int]]) -> list[Deputy]:
    return [
        Deputy(
            each.id,
            each.calendar,
            agent=each.role is Role.AGENT,
            load=each.open,
            knows=frozenset(knowing.get(each.id, ())),
        )
        for each in crew.people.values()
        if each.role is not Role.ADMIN
    ]


def _told(crew: Crew, by: Person | None, now: datetime) -> list[int]:
    """The supervisors with a phone who should know: those on duty, or else all; but for who did it, who knows."""
    supervisors = [each for each in crew.people.values() if each.role is Role.SUPERVISOR]
    here = [each for each in supervisors if each.calendar.is_open(now)]
    return [each.id for each in here or supervisors if each.phone and (by is None or each.id != by.id)]


def _promises(which: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Commitment.id,
            Commitment.customer_id,
            Commitment.owner_id,
            Commitment.due_at,
            Commitment.team_id,
        )
        .add_columns(
            Commitment.due_version,
            Commitment.version,
            Customer.name.label("customer"),
            Person.name.label("owner"),
        )
        .join(Customer, Customer.id == Commitment.customer_id)
        .join(Person, Person.id == Commitment.owner_id)
        .where(which, is_open())
        .order_by(Commitment.due_at, Commitment.id)
    )


def _knowing(session: Session, person: Person) -> Mapping[int, set[int]]:
    """Who knows which customers of this person's open promises, having promised them something or tried them."""
    theirs = select(Commitment.customer_id).where(Commitment.owner_id == person.id, is_open())
    owned = select(Commitment.owner_id, Commitment.customer_id).where(Commitment.customer_id.in_(theirs))
    tried = (
        select(Attempt.by_id, Commitment.customer_id)
        .join(Commitment, Commitment.id == Attempt.commitment_id)
        .where(Commitment.customer_id.in_(theirs))
    )
    knowing: dict[int, set[int]] = defaultdict(set)
    for who, customer in session.execute(union(owned, tried)):
        knowing[who].add(customer)
    return knowing


def _shared(
    crew: Crew, needing: Sequence[tuple[Row[Any], datetime]], knowing: Mapping[int, set[int]]
) -> Mapping[int, int | None]:
    dues = [(Due(promise.id, promise.customer_id, promise.due_at), at) for promise, at in needing]
    return share_out(dues, _deputies(crew, knowing))


def _hand_over(
    session: Session,
    moved: Sequence[Row[Any]],
    to: Mapping[int, Colleague],
    *,
    why: str,
    by: Person | None,
    now: datetime,
) -> None:
    update_each(
        session,
        table_of(Commitment),
        [{"of": each.id, "owner_id": to[each.id].id, "version": each.version + 1} for each in moved],
    )
    _record(
        session,
        EventKind.REASSIGNED,
        [
            (
                each,
                {"from": each.owner, "from_id": each.owner_id, "to": to[each.id].name, "reason": why},
            )
            for each in moved
        ],
        by,
        now,
    )
    outbox.stop_all(session, [each.id for each in moved], TextKind.HANDED_OVER, "somebody else calls now")
    outbox.queue(session, [Text(each, TextKind.HANDED_OVER) for each in moved], now=now)
    told = [Text(each, TextKind.YOURS_NOW, to[each.id].id) for each in moved if to[each.id].phone]
    outbox.queue(session, told, now=now)


def _tell(
    session: Session, crew: Crew, left: Sequence[Row[Any]], *, why: str, by: Person | None, now: datetime
) -> None:
    problem = {"problem": f"{why}, and nobody else is on duty"}
    _record(session, EventKind.NOTED, [(each, problem) for each in left], by, now)
    facts = {"count": len(left)}
    texts = [Text(left[0], TextKind.UNCOVERED, number, facts) for number in _told(crew, by, now)]
    outbox.queue(session, texts, now=now)


def _record(
    session: Session,
    kind: EventKind,
    lines: Sequence[tuple[Row[Any], Mapping[str, Any]]],
    by: Person | None,
    now: datetime,
) -> None:
    written = [
        {
            "commitment_id": promise.id,
            "at": now,
            "kind": kind,
            "person_id": by.id if by else None,
            "due_version": promise.due_version,
            "facts": facts,
        }
        for promise, facts in lines
    ]
    session.execute(insert(table_of(Event)), written)


def _entry(crew: Crew, promise: Row[Any], deputy: int | None) -> Entry:
    return Entry(
        promise.id,
        promise.customer,
        promise.due_at,
        promise.owner,
        crew.people[deputy].name if deputy is not None else None,
    )
