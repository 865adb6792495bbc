"""Why was it missed, what was done for the customer, and what do we change? Reviews of missed promises.

The evidence is gathered for the pure `tracker.policy.causes`, which proposes; a supervisor confirms or corrects. No
function commits; each raises Refused with one sentence, and writes nothing then.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ScalarSelect, Select, String, cast, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from tracker.advising import advise
from tracker.duty import Crew, crews, duty_calendars
from tracker.evidence import gather
from tracker.model import (
    Commitment,
    Direction,
    Event,
    EventKind,
    Message,
    MessageStatus,
    Person,
    Review,
    Team,
    micros,
)
from tracker.past import plain
from tracker.policy import checks
from tracker.policy.calendars import spans
from tracker.policy.causes import CAUSES, Cause, Miss, Named, Recurrence, Reviewed, recurring
from tracker.policy.checks import Conflict, NotFound, Refused
from tracker.policy.outcomes import MISSED
from tracker.policy.said import say
from tracker.queries import one, visible_to

LONGEST = 1000
"""Characters that a review says what was done, and what we change, in."""
USUAL = timedelta(weeks=4)
"""The time before a miss that says what an hour usually brings, and the time in which causes recur."""
HOUR = timedelta(hours=1)
HOURLY = 3_600 * spans.SECOND
ENOUGH = 10
"""With fewer closed before, the advice is a guess, and no evidence."""
NOT_ARRIVED = (MessageStatus.UNDELIVERED, MessageStatus.FAILED, MessageStatus.UNKNOWN)


def waiting(viewer: Person) -> Select[Commitment]:
    """The missed promises that nobody has reviewed, the oldest first."""
    reviewed = exists().where(Review.commitment_id == Commitment.id)
    return (
        select(Commitment)
        .where(Commitment.verdict.in_(MISSED), ~reviewed, visible_to(viewer))
        .order_by(Commitment.closed_at, Commitment.id)
        .options(joinedload(Commitment.customer), joinedload(Commitment.owner), joinedload(Commitment.team))
    )


def how_many_wait(session: Session, viewer: Person) -> int:
    """How long the queue is."""
    return session.scalar(select(_queue_length(viewer))) or 0


def _queue_length(viewer: Person) -> ScalarSelect[int]:
    return waiting(viewer).options().order_by(None).with_only_columns(func.count()).scalar_subquery()


def to_look_at(number: int, viewer: Person) -> Select[Commitment, Review | None, str | None, int]:
    """The commitment of that number, if this person may see it, with its review, the name of who wrote it, and how
    long the queue is."""
    length = _queue_length(viewer)
    return (
        one(number, viewer)
        .outerjoin(Review, Review.commitment_id == Commitment.id)
        .outerjoin(Person, Person.id == Review.by_id)
        .add_columns(Review, Person.name.label("reviewer"), length.label("waiting"))
        .options(joinedload(Commitment.ladder))
    )


def review_of(session: Session, commitment: Commitment) -> tuple[Review, str] | None:
    """Its review and the name of who wrote it, if somebody has."""
    row = session.execute(
        select(Review, Person.name)
        .join(Person, Person.id == Review.by_id)
        .where(Review.commitment_id == commitment.id)
    ).one_or_none()
    return (row.Review, row.name) if row else None


def review(
    session: Session,
    number: int,
    *,
    by: Person,
    cause: Cause,
    done_for_customer: str,
    change: str,
    now: datetime,
) -> Review:
    """A supervisor has looked at a miss. Raises NotFound outside their team, Conflict when somebody has already."""
    commitment = session.scalar(
        select(Commitment)
        .where(Commitment.id == number, visible_to(by))
        .with_for_update(of=Commitment, key_share=True)
    )
    if commitment is None:
        raise NotFound(say("There is no promise number %(number)s in your team.", number=number))
    if commitment.verdict not in MISSED:
        raise Refused(say("Only a promise that was missed is reviewed, and this one is not."))
    if (earlier := review_of(session, commitment)) is not None:
        raise Conflict(
            say(
                "%(name)s reviewed it before you, with the cause %(cause)s: nothing was saved.",
                name=earlier[1],
                cause=CAUSES[earlier[0].cause],
            )
        )
    made = Review(
        commitment_id=commitment.id,
        by_id=by.id,
        at=now,
        cause=cause,
        done_for_customer=_text(
            done_for_customer, "done_for_customer", say("What was done for the customer")
        ),
        change=_text(change, "change", say("What we change")),
    )
    session.add(made)
    session.flush()
    return made


def _text(typed: str, field: str, name: str) -> str:
    return checks.one_line(typed, field, most=LONGEST, name=name)


def evidence(session: Session, commitment: Commitment) -> Miss:
    """What the rows say of why it was missed. Five queries, for one promise at a time; one more each if the team has
    closed few of its kind, if it was taken from its owner afterwards, and if they have left the team since."""
    due_at, made_at = commitment.first_due_at, commitment.made_at
    events = _handed_over_or_climbed(session, commitment)
    owner = _owner_then(session, commitment, events)
    crew = crews(session, commitment.team_id, now=due_at)[commitment.team_id]
    gathered = gather(session, [commitment])[commitment.id]
    in_time = sum(each.at <= due_at for each in gathered.tries)
    counted = session.execute(_counted(commitment)).one()
    chance, usually = None, None
    if counted.closed_before == ENOUGH:
        chance, usually = _advice_then(session, commitment, owner, crew)
    return Miss(
        owner=owner.name,
        kind=commitment.kind,
        time_given=due_at - made_at,
        usual_time=usually - made_at if usually else None,
        chance=chance,
        absent=_was_absent(session, owner, crew, max(made_at, due_at - HOUR), due_at),
        due_that_hour=counted.that_hour,
        usually_due=counted.alike / counted.days if counted.days else None,
        tries=in_time,
        tries_later=len(gathered.tries) - in_time,
        reached=gathered.reached_at is not None,
        text_failed=counted.text_failed,
        slept=_slept(commitment, events),
    )


def _handed_over_or_climbed(session: Session, commitment: Commitment) -> Sequence[Event]:
    return session.scalars(
        select(Event)
        .where(
            Event.commitment_id == commitment.id, Event.kind.in_((EventKind.REASSIGNED, EventKind.CLIMBED))
        )
        .order_by(Event.at, Event.id)
    ).all()


def _owner_then(session: Session, commitment: Commitment, events: Sequence[Event]) -> Person:
    """Who answered for it when it was first due: whoever it was taken from first after that, else its owner."""
    taken = (e for e in events if e.kind is EventKind.REASSIGNED and e.at > commitment.first_due_at)
    first = next(taken, None)
    number = (first.facts or {}).get("from_id") if first else None
    return (session.get(Person, number) if number else None) or commitment.owner


def _advice_then(
    session: Session, commitment: Commitment, owner: Person, crew: Crew
) -> tuple[float | None, datetime | None]:
    """The chance by what was known when it was made, and the time with 80 %. Not corrected: what odds were worth then
    is not kept."""
    advice = advise(
        session,
        team=commitment.team,
        owner=owner,
        kind=commitment.kind,
        now=commitment.made_at,
        due_at=commitment.first_due_at,
        hours=crew.hours,
        passed=True,
    )
    return advice.kept, advice.earliest.get(80)


def _was_absent(session: Session, owner: Person, crew: Crew, since: datetime, until: datetime) -> bool:
    calendar = crew.people[owner.id].calendar if owner.id in crew.people else None
    calendar = calendar or duty_calendars(session, {owner.id})[owner.id]
    return not calendar.between(since, until)


def _counted(commitment: Commitment) -> Select[int, int, int, int, bool]:
    """`that_hour`: how many of the team's promises were due in that clock hour; of the four weeks before, the `days`
    on which any was due, and how many in the same hour of a day: `alike`. `closed_before`: how many the team had
    closed when it was made, counted up to ENOUGH. `text_failed`: had one not arrived by then?"""
    hour = commitment.first_due_at.replace(minute=0, second=0, microsecond=0)
    at, count = Commitment.first_due_at, func.count()
    day, hours = micros(at) // plain(24 * HOURLY), micros(at) // plain(HOURLY)
    days = func.count(func.distinct(day)).filter(at < hour, day != spans.micros(hour) // (24 * HOURLY))
    before = (
        select(Commitment.id)
        .where(Commitment.team_id == commitment.team_id, Commitment.closed_at <= commitment.made_at)
        .limit(ENOUGH)
    )
    failed = exists().where(
        Message.commitment_id == commitment.id,
        Message.direction == Direction.OUT,
        Message.status.in_(NOT_ARRIVED),
        Message.made_at <= commitment.first_due_at,
    )
    return select(
        count.filter(at >= hour).label("that_hour"),
        days.label("days"),
        count.filter(at < hour, hours % plain(24) == hour.hour).label("alike"),
        select(func.count()).select_from(before.subquery()).scalar_subquery().label("closed_before"),
        select(failed).scalar_subquery().label("text_failed"),
    ).where(Commitment.team_id == commitment.team_id, at >= hour - USUAL, at < hour + HOUR)


def _slept(commitment: Commitment, events: Sequence[Event]) -> timedelta:
    """The longest that a step for the time now promised fired after it should have."""
    ladder = commitment.ladder.laid_out
    late = [
        each.at - ladder.at(each.step, commitment.due_at)
        for each in events
        if each.kind is EventKind.CLIMBED
        and each.step is not None
        and each.due_version == commitment.due_version
    ]
    return max(late, default=timedelta())


COMMON: Mapping[str, InstrumentedAttribute[int] | InstrumentedAttribute[str]] = {
    "team": Commitment.team_id,
    "kind": Commitment.kind,
    "owner": Commitment.owner_id,
}
"""What promises with the same cause may have in common, each by its key: people of one name are not one."""


def causes_that_recur(session: Session, viewer: Person, *, now: datetime) -> Sequence[Recurrence]:
    """What the reviews of the last four weeks found more than once in one kind, owner or team."""
    lately = reviewed_lately(viewer, now=now).order_by(None)
    rows = session.execute(
        lately.with_only_columns(
            Review.cause,
            Commitment.team_id,
            Team.name.label("team"),
            Commitment.kind,
            Commitment.owner_id,
            Person.name.label("owner"),
        )
    )
    return recurring(
        Reviewed(
            row.cause,
            Named(str(row.team_id), row.team),
            Named(row.kind, row.kind),
            Named(str(row.owner_id), row.owner),
        )
        for row in rows
    )


def reviewed_lately(viewer: Person, *, now: datetime) -> Select[Commitment]:
    """The promises that were reviewed in the last four weeks, the first due first."""
    return (
        select(Commitment)
        .join(Review, Review.commitment_id == Commitment.id)
        .join(Team, Team.id == Commitment.team_id)
        .join(Person, Person.id == Commitment.owner_id)
        .where(Review.at >= now - USUAL, visible_to(viewer))
        .order_by(Commitment.first_due_at, Commitment.id)
    )


def with_cause(lately: Select[Commitment], cause: Cause, of: str, key: str) -> Select[Commitment]:
    """Those of them that have this cause, and that in common: what a Recurrence counts. `of`: one of COMMON."""
    return lately.where(Review.cause == cause, cast(COMMON[of], String) == key)
