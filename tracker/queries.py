"""Which rows? Named questions to the database, as Select builders and conditions; nobody else spells them."""

from collections.abc import Collection
from datetime import datetime
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased, joinedload

from tracker.model import (
    Absence,
    Commitment,
    Customer,
    Dispatch,
    Event,
    Instant,
    LadderRow,
    Message,
    MessageStatus,
    Person,
    Receipt,
    Role,
    Team,
)

FEWEST_DIGITS = 3
"""Fewer digits say nothing about a phone number."""
_OWNED = aliased(Commitment)
"""Once for all: to make it takes as long as a query."""


def visible_to(person: Person) -> ColumnElement[bool]:
    """The commitments a person may see: an admin all, everybody else their team's. The one place that says so."""
    return true() if person.role is Role.ADMIN else Commitment.team_id == person.team_id


def colleagues(person: Person) -> Select[Person]:
    """The active people a person works with, by name: an admin everybody, everybody else their own team."""
    theirs = true() if person.role is Role.ADMIN else Person.team_id == person.team_id
    return select(Person).where(Person.active, theirs).order_by(Person.name)


def absent(
    now: datetime | ColumnElement[datetime], person_id: ColumnElement[int] | None = None
) -> ColumnElement[bool]:
    """Is that person away at that moment?"""
    return exists().where(
        Absence.person_id == (Person.id if person_id is None else person_id),
        Absence.starts_at <= now,
        or_(Absence.ends_at.is_(None), Absence.ends_at > now),
    )


def present(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Works here and is not away."""
    return and_(Person.active, ~absent(now))


def is_open() -> ColumnElement[bool]:
    """Still to be kept."""
    return Commitment.closed_at.is_(None)


def at_risk(now: datetime) -> ColumnElement[bool]:
    """Open, not yet due, and unlikely to be kept."""
    return and_(is_open(), Commitment.due_at > now, Commitment.at_risk_at.is_not(None))


def owned_by(person: Person) -> ColumnElement[bool]:
    """The commitments that a person answers for."""
    return Commitment.owner_id == person.id


def board(viewer: Person) -> Select[Commitment]:
    """The open commitments a person may see, the most pressing first, with what a line of the board shows."""
    return (
        select(Commitment)
        .where(is_open(), visible_to(viewer))
        .order_by(Commitment.due_at, Commitment.id)
        .options(joinedload(Commitment.customer), joinedload(Commitment.owner))
    )


def closed_since(viewer: Person, since: datetime) -> Select[Commitment]:
    """What was closed from that moment on, the latest first."""
    return (
        select(Commitment)
        .where(Commitment.closed_at >= since, visible_to(viewer))
        .order_by(Commitment.closed_at.desc(), Commitment.id.desc())
        .options(joinedload(Commitment.customer), joinedload(Commitment.owner))
    )


def of_customers(ids: Collection[int], viewer: Person) -> Select[Commitment]:
    """What was promised to these customers, the newest first, as far as this person may see it."""
    return (
        select(Commitment)
        .where(Commitment.customer_id.in_(ids), visible_to(viewer))
        .order_by(Commitment.made_at.desc(), Commitment.id.desc())
        .options(joinedload(Commitment.owner))
    )


def one(number: int, viewer: Person) -> Select[Commitment]:
    """The commitment of that number to look at, if this person may, with what its page shows."""
    return (
        select(Commitment)
        .where(Commitment.id == number, visible_to(viewer))
        .options(joinedload(Commitment.customer), joinedload(Commitment.owner), joinedload(Commitment.team))
    )


def one_and_others(number: int, viewer: Person, others: int) -> Select[Commitment]:
    """The same, and after it the newest `others` that were promised to its customer, as far as this person may see
    them. Nothing, if they may not see the one."""
    customer = select(Commitment.customer_id).where(Commitment.id == number, visible_to(viewer))
    return (
        select(Commitment)
        .where(Commitment.customer_id == customer.scalar_subquery(), visible_to(viewer))
        .order_by(Commitment.id != number, Commitment.made_at.desc(), Commitment.id.desc())
        .limit(others + 1)
        .options(joinedload(Commitment.customer), joinedload(Commitment.owner), joinedload(Commitment.team))
    )


def history(commitment: Commitment) -> Select[Event, str | None]:
    """Its events in order, each with the name of who did it; None: it happened by itself."""
    return (
        select(Event, Person.name)
        .outerjoin(Person, Person.id == Event.person_id)
        .where(Event.commitment_id == commitment.id)
        .order_by(Event.at, Event.id)
    )


def texts(commitment: Commitment) -> Select[Message]:
    """The texts about it, in and out, in the order they were written."""
    return (
        select(Message)
        .where(Message.commitment_id == commitment.id)
        .order_by(Message.made_at, Message.id)
        .options(joinedload(Message.person))
    )


def texts_and_receipts(commitment: Commitment) -> Select[Message, Receipt | None]:
    """The same, each as often as the provider said something of it, in the order that was heard."""
    return (
        texts(commitment)
        .outerjoin(Dispatch, Dispatch.message_id == Message.id)
        .outerjoin(Receipt, Receipt.dispatch_id == Dispatch.id)
        .add_columns(Receipt)
        .order_by(Receipt.at, Receipt.id)
    )


def texts_gone_wrong(viewer: Person, since: datetime) -> Select[Message, Commitment]:
    """Texts written since that did not arrive, or may not have, with what they are about; the latest first."""
    wrong = (MessageStatus.FAILED, MessageStatus.UNDELIVERED, MessageStatus.UNKNOWN)
    return (
        select(Message, Commitment)
        .join(Commitment, Commitment.id == Message.commitment_id)
        .where(Message.status.in_(wrong), Message.made_at >= since, visible_to(viewer))
        .order_by(Message.made_at.desc(), Message.id.desc())
        .options(joinedload(Message.person), joinedload(Commitment.customer), joinedload(Commitment.owner))
    )


def customers_like(typed: str, viewer: Person, limit: int) -> Select[Customer]:
    """Customers whose name or number contains what was typed: those that this person may see a promise to."""
    digits = "".join(letter for letter in typed if letter in "0123456789").lstrip("0")
    alike = Customer.name.icontains(typed.strip(), autoescape=True)
    if len(digits) >= FEWEST_DIGITS:
        alike = or_(alike, Customer.phone.contains(digits))
    promised = exists().where(Commitment.customer_id == Customer.id, visible_to(viewer))
    return select(Customer).where(alike, promised).order_by(Customer.name, Customer.id).limit(limit)


def customer_with(phone: str, viewer: Person) -> Select[Customer]:
    """The customer with that number (E.164), if this person may see a promise to them."""
    promised = exists().where(Commitment.customer_id == Customer.id, visible_to(viewer))
    return select(Customer).where(Customer.phone == phone, promised)


def crew(viewer: Person, now: datetime) -> Select[Person, bool, int, int]:
    """The people a person works with: each with `away`, and how many promises they own that are `open` and `late`."""
    late, ahead = _in_hand(now)
    return (
        colleagues(viewer)
        .add_columns(absent(now).label("away"), (late + ahead).label("open"), late.label("late"))
        .options(joinedload(Person.team))
    )


def _in_hand(now: datetime | ColumnElement[datetime]) -> tuple[ScalarSelect[int], ScalarSelect[int]]:
    """How many open promises of a person are late, and how many are not: two stretches of the index of what is open.
    Asked for all in one, SQLite may count along an index that has all the person ever closed."""
    theirs = select(func.count()).where(_OWNED.owner_id == Person.id, _OWNED.closed_at.is_(None))
    late, ahead = theirs.where(_OWNED.due_at <= now), theirs.where(_OWNED.due_at > now)
    return late.scalar_subquery(), ahead.scalar_subquery()


def away_until(viewer: Person, now: datetime) -> Select[int, datetime | None]:
    """Who is away now, and until when; None: until they say they are back."""
    return (
        select(Absence.person_id, Absence.ends_at)
        .join(Person, Person.id == Absence.person_id)
        .where(
            Absence.starts_at <= now,
            or_(Absence.ends_at.is_(None), Absence.ends_at > now),
            true() if viewer.role is Role.ADMIN else Person.team_id == viewer.team_id,
        )
    )


@cache
def due_now() -> Select[int, int, int, int, int | None, datetime]:
    """Commitments whose next step has come by `:now`, at most `:limit`, locked against other workers: id, team,
    owner, ladder, number, due time. Ordered as the partial index is, so an idle look costs the same however long
    the history."""
    return (
        select(
            Commitment.id,
            Commitment.team_id,
            Commitment.owner_id,
            Commitment.ladder_id,
            Commitment.next_step,
            Commitment.due_at,
        )
        .where(Commitment.next_step_at <= bindparam("now", type_=Instant()))
        .order_by(Commitment.next_step_at)
        .limit(bindparam("limit", type_=Integer()))
        .with_for_update(skip_locked=True, key_share=True)
    )


@cache
def sendable(channels: frozenset[str]) -> Select[int]:
    """Messages for one of these channels that may be claimed by `:now`, at most `:limit`, the urgent first, locked
    against other workers. A message for a channel that is not configured waits until there is one."""
    return (
        select(Message.id)
        .where(
            Message.status == MessageStatus.PENDING,
            Message.send_after <= bindparam("now", type_=Instant()),
            Message.channel.in_(channels),
        )
        .order_by(Message.priority, Message.send_after)
        .limit(bindparam("limit", type_=Integer()))
        .with_for_update(of=Message, skip_locked=True, key_share=True)
    )


@cache
def sendable_from_others(channels: frozenset[str]) -> Select[int]:
    """The same, but for those that leave from the senders `:spent`; a team without one of its own uses
    `:usual_sender`. It walks past all that wait for these."""
    sender = func.coalesce(func.nullif(Team.sender, ""), bindparam("usual_sender"))
    return (
        sendable(channels)
        .join(Commitment, Commitment.id == Message.commitment_id)
        .join(Team, Team.id == Commitment.team_id)
        .where(sender.not_in(bindparam("spent", expanding=True)))
    )


@cache
def here_with_load() -> Select[int, str, Role, int]:
    """The people of `:team` who are here at `:now`: id, name, role and `load`, the open commitments they own."""
    now = bindparam("now", type_=Instant())
    late, ahead = _in_hand(now)
    return (
        select(Person.id, Person.name, Person.role, (late + ahead).label("load"))
        .where(Person.team_id == bindparam("team"), Person.role != Role.ADMIN, present(now))
        .order_by(Person.id)
    )


def ladders(session: Session, ids: Collection[int]) -> dict[int, LadderRow]:
    """The ladders of these numbers."""
    return {row.id: row for row in session.scalars(_ladders(), {"ids": ids})} if ids else {}


@cache
def _ladders() -> Select[LadderRow]:
    return select(LadderRow).where(LadderRow.id.in_(bindparam("ids", expanding=True)))
