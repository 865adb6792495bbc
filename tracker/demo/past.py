"""What did the demonstration's team promise in the weeks before, and what became of it?

Written in bulk and without a text to anybody, as from another system. Nothing of it claims more than it shows:
verdicts are drawn from the evidence by the same rule as everybody's, and so are the causes that reviews name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from tracker import customers, people, reviewing
from tracker.duty import team_calendar
from tracker.model import Attempt, Commitment, Customer, Event, EventKind, Person, Revision, Team
from tracker.policy.calendars import Calendar
from tracker.policy.causes import findings
from tracker.policy.outcomes import KEPT, MISSED, Change, Disposition, Evidence, Outcome, Try, verdict

SPAN = timedelta(weeks=6)
PROMISES = 180
HOUR = 3600.0
SPREAD = 0.7
"""Standard deviation of the logarithm of the time that a promise takes."""


@dataclass(frozen=True, slots=True)
class Sort:
    """Promises of one kind: the working hours that are given, those usually taken, and what they are about."""

    kind: str
    given: float
    taken: float
    topics: tuple[str, ...]


SORTS = (
    Sort("callback", 3, 1.1, ("the missing parcel", "the appointment next week", "the noise in the left speaker",
         "changing the address", "the password that does not work", "the second reminder")),
    Sort("callback", 2, 0.7, ("which plan fits better", "the coupon that was not accepted",
         "the delivery that nobody was home for")),
    Sort("answer", 5, 1.8, ("how long the warranty lasts", "whether the part fits the old model",
         "why the bill is higher this month")),
    Sort("refund", 18, 6, ("the returned jacket", "the cancelled order", "the deposit for the crate")),
    Sort("replacement", 27, 10, ("the cracked lid", "the cable that was missing")),
)  # fmt: skip
NAMES = (
    "Aisha Bello", "Alan Reyes", "Beth Novak", "Carlos Mendes", "Dana White", "Emil Larsen", "Fatima Zahra",
    "Greg Olson", "Helen Park", "Ivan Horvat", "Julia Stein", "Kofi Mensah", "Laura Conti", "Marcus Hill",
    "Nadia Aziz", "Oscar Lind", "Paula Gomez", "Quinn Murphy", "Rita Desai", "Samir Khan", "Tina Vogel", "Umar Sadiq",
    "Vera Kos", "Walter Braun", "Ximena Ortiz", "Yuki Tanaka", "Zoe Clarke",
)  # fmt: skip
PHONES = {f"+14155550{150 + number}": name for number, name in enumerate(NAMES)}
"""The customers of the past, by their numbers."""


@dataclass(frozen=True, slots=True)
class Course:
    """How one promise went, from the moment it was made to its end."""

    sort: Sort
    made_at: datetime
    evidence: Evidence
    outcome: Outcome
    closed_at: datetime

    @property
    def due_at(self) -> datetime:
        """The time promised last."""
        changes = self.evidence.changes
        return changes[-1].due_at if changes else self.evidence.first_due_at


def write(
    session: Session, team: Team, crew: Sequence[Person], supervisor: Person, *, until: datetime
) -> None:
    """Fill the weeks before `until`, at which everything in them has ended, been reviewed and been judged."""
    chance = Random(1042)  # noqa: S311 the same past at every start: nothing here is a secret
    calendar = team_calendar(session, team)
    known = [
        people.find_or_add_customer(
            session, phone=phone, name=name, team=team, zone=team.zone, now=until - SPAN
        )
        for phone, name in PHONES.items()
    ]
    courses = [course for course in _courses(chance, calendar, until) if course.closed_at < until]
    written = [_commitment(course, team, chance.choice(crew), chance.choice(known)) for course in courses]
    session.add_all(written)
    session.flush()
    for course, commitment in zip(courses, written, strict=True):
        session.add_all(_story(course, commitment))
    session.flush()
    for commitment in written:
        _afterwards(session, commitment, supervisor, calendar, chance, until)


def _courses(chance: Random, calendar: Calendar, until: datetime) -> Iterator[Course]:
    begin = until - SPAN
    worked = calendar.between(begin, until)
    for number in range(PROMISES):
        made_at = _later(calendar, begin, worked * (number + chance.random()) / PROMISES)
        sort = chance.choice(SORTS)
        given, taken = sort.given * HOUR, sort.taken * HOUR * chance.lognormvariate(0, SPREAD)
        due_at, done_at = _later(calendar, made_at, given), _later(calendar, made_at, taken)
        reached = Try(done_at, Disposition.REACHED)
        match chance.random():
            case few if few < 0.04:
                tries = [
                    Try(_later(calendar, made_at, given * share), Disposition.NO_ANSWER)
                    for share in (0.3, 0.6, 0.9)
                ]
                yield Course(sort, made_at, Evidence(due_at, [], tries), Outcome.UNREACHABLE, tries[-1].at)
            case few if few < 0.07:
                yield Course(sort, made_at, Evidence(due_at, [], [reached]), Outcome.CANCELLED, done_at)
            case often if done_at > due_at and often < 0.6:
                moved_at = _later(calendar, made_at, given * 0.8)
                change = Change(moved_at, _later(calendar, done_at, HOUR), moved_at)
                yield Course(sort, made_at, Evidence(due_at, [change], [reached]), Outcome.FULFILLED, done_at)
            case _:
                yield Course(sort, made_at, Evidence(due_at, [], [reached]), Outcome.FULFILLED, done_at)


def _later(calendar: Calendar, at: datetime, seconds: float) -> datetime:
    """After so much more work, to the full minute."""
    then = calendar.add(at, seconds) or at
    return then.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _commitment(course: Course, team: Team, owner: Person, customer: Customer) -> Commitment:
    return Commitment(
        team=team,
        customer=customer,
        owner=owner,
        made_by_id=owner.id,
        kind=course.sort.kind,
        topic=course.sort.topics[customer.id % len(course.sort.topics)],
        made_at=course.made_at,
        first_due_at=course.evidence.first_due_at,
        due_at=course.due_at,
        due_version=1 + len(course.evidence.changes),
        ladder=team.ladder,
        closed_at=course.closed_at,
        outcome=course.outcome,
        verdict=verdict(course.evidence, course.outcome, course.closed_at),
    )


def _story(course: Course, commitment: Commitment) -> Iterator[Attempt | Revision | Event]:
    """The rows that bear the verdict out, and the lines of history that tell it."""

    def told(kind: EventKind, at: datetime, version: int = commitment.due_version, **facts: object) -> Event:
        return Event(
            commitment_id=commitment.id,
            at=at,
            kind=kind,
            person_id=commitment.owner_id,
            due_version=version,
            facts=facts,
        )

    first_due_at = course.evidence.first_due_at
    yield told(
        EventKind.MADE, course.made_at, 1, due_at=first_due_at.isoformat(), owner=commitment.owner.name
    )
    for change in course.evidence.changes:
        reason = "it takes longer than we thought"
        yield Revision(
            commitment_id=commitment.id,
            due_version=commitment.due_version,
            was_due_at=first_due_at,
            due_at=change.due_at,
            reason=reason,
            by_id=commitment.owner_id,
            made_at=change.made_at,
            told_at=change.told_at,
        )
        yield told(
            EventKind.REVISED,
            change.made_at,
            was=first_due_at.isoformat(),
            due_at=change.due_at.isoformat(),
            reason=reason,
            told=True,
        )
    for each in course.evidence.tries:
        yield Attempt(
            commitment_id=commitment.id, by_id=commitment.owner_id, at=each.at, disposition=each.disposition
        )
        yield told(EventKind.ATTEMPTED, each.at, disposition=each.disposition)
    yield told(EventKind.CLOSED, course.closed_at, outcome=course.outcome, verdict=commitment.verdict)


def _afterwards(
    session: Session,
    commitment: Commitment,
    supervisor: Person,
    calendar: Calendar,
    chance: Random,
    until: datetime,
) -> None:
    """What was missed was reviewed, and some of the customers said how it went."""
    closed_at = commitment.closed_at or until
    if commitment.verdict in MISSED:
        reviewing.review(
            session,
            commitment.id,
            by=supervisor,
            cause=findings(reviewing.evidence(session, commitment))[0].cause,
            done_for_customer=f"{commitment.owner.name.split()[0]} called, said sorry and saw to it at once",
            change="a try an hour before it is due, whatever else there is",
            now=min(_later(calendar, closed_at, 4 * HOUR), until),
        )
    elif commitment.verdict in KEPT and chance.random() < 0.3:
        score = chance.choice((4, 5, 5))
        customers.judge(
            session, commitment, kept=True, score=score, now=min(closed_at + timedelta(minutes=20), until)
        )
