"""Which rows? Named questions to the database, as Select builders and conditions; nobody else spells them."""

from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, exists, func, or_, select, true
from sqlalchemy.orm import aliased, joinedload

from tracker.model import Absence, Commitment, Customer, Instant, Message, MessageStatus, Person, Role


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


def present(now: datetime) -> ColumnElement[bool]:
    """Works here and is not away."""
    return and_(Person.active, ~absent(now))


def is_open() -> ColumnElement[bool]:
    """Still to be kept."""
    return Commitment.closed_at.is_(None)


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


def of_customer(customer: Customer, viewer: Person) -> Select[Commitment]:
    """What was promised to a customer, the newest first, as far as this person may see it."""
    return (
        select(Commitment)
        .where(Commitment.customer_id == customer.id, visible_to(viewer))
        .order_by(Commitment.made_at.desc(), Commitment.id.desc())
        .options(joinedload(Commitment.owner))
    )


@cache
def due_now() -> Select[int, int, int | None, datetime]:
    """Commitments whose next step has come by `:now`, at most `:limit`, locked against other workers: id, ladder,
    number, due time. Ordered as the partial index is, so an idle look costs the same however long the history."""
    return (
        select(Commitment.id, Commitment.ladder_id, Commitment.next_step, Commitment.due_at)
        .where(Commitment.next_step_at <= bindparam("now", type_=Instant()))
        .order_by(Commitment.next_step_at)
        .limit(bindparam("limit", type_=Integer()))
        .with_for_update(skip_locked=True)
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
        .with_for_update(skip_locked=True)
    )


def least_loaded(team_id: int, now: datetime) -> Select[int, str, int]:
    """The people of a team who are here: id, name and `load`, the open commitments they own; fewest first."""
    owned = aliased(Commitment)
    load = (
        select(func.count()).where(owned.owner_id == Person.id, owned.closed_at.is_(None)).scalar_subquery()
    ).label("load")
    return (
        select(Person.id, Person.name, load)
        .where(Person.team_id == team_id, Person.role != Role.ADMIN, present(now))
        .order_by(load, Person.id)
    )
