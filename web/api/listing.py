"""Which promises does a program want to see, and where does the next page begin?"""

from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker import people
from tracker.model import Commitment, Customer, Person, Role, Team
from tracker.policy import checks
from tracker.policy.checks import NotFound, Refused
from tracker.queries import is_open, visible_to
from web.api.access import caller
from web.api.addresses import address
from web.api.given import Wanted
from web.api.shown import CommitmentShown, Page
from web.context import house

CURSOR = "%Y%m%dT%H%M%S%f"


@address("GET", "/commitments", takes=Wanted, gives=Page)
def list_commitments(given: Wanted) -> Page:
    """The promises you may see, page by page: open ones by due time, closed ones the latest first."""
    closed = given.state == "closed"
    moment = Commitment.closed_at if closed else Commitment.due_at
    order = [each.desc() if closed else each for each in (moment, Commitment.id)]
    with house().readers.begin() as session:
        rows = session.scalars(
            select(Commitment)
            .where(visible_to(caller()), ~is_open() if closed else is_open(), *_wanted(session, given))
            .order_by(*order)
            .limit(given.limit + 1)
            .options(
                joinedload(Commitment.customer), joinedload(Commitment.owner), joinedload(Commitment.team)
            )
        ).all()
    shown = [CommitmentShown.model_validate(row) for row in rows[: given.limit]]
    last = shown[-1] if len(rows) > given.limit else None
    at = last and (last.closed_at or last.due_at)
    return Page(commitments=shown, next=f"{at:{CURSOR}}-{last.id}" if last else None)


def _wanted(session: Session, given: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if given.team is not None:
        conditions.append(Commitment.team_id == team_named(session, given.team).id)
    if given.owner is not None:
        asked = select(Person.id).where(Person.email == given.owner.lower())
        conditions.append(Commitment.owner_id == asked.scalar_subquery())
    if given.phone is not None:
        team = caller().team
        phone = checks.phone(given.phone, team.region if team else "US")
        asked = select(Customer.id).where(Customer.phone == phone)
        conditions.append(Commitment.customer_id == asked.scalar_subquery())
    if given.due_after is not None:
        conditions.append(Commitment.due_at >= given.due_after)
    if given.due_before is not None:
        conditions.append(Commitment.due_at < given.due_before)
    if given.cursor is not None:
        conditions.append(_beyond(given.cursor, closed=given.state == "closed"))
    return conditions


def _beyond(cursor: str, *, closed: bool) -> ColumnElement[bool]:
    """What comes after the last one of the page before, spelled so that the index on the moment is used."""
    written, _, last = cursor.partition("-")
    try:
        at, number = datetime.strptime(written, CURSOR).replace(tzinfo=UTC), int(last[:18])
    except ValueError:
        raise Refused("cursor is none of ours: send `next` of the page before, as it is.", "cursor") from None
    if closed:
        moment, later = Commitment.closed_at, or_(Commitment.closed_at < at, Commitment.id < number)
        return and_(moment <= at, later)
    return and_(Commitment.due_at >= at, or_(Commitment.due_at > at, Commitment.id > number))


def team_named(session: Session, name: str) -> Team:
    """The team of that name, if the caller may see it. Raises NotFound."""
    with suppress(NotFound):
        team = people.team_called(session, name)
        if caller().role is Role.ADMIN or team.id == caller().team_id:
            return team
    raise NotFound(f"There is no team called {name!r} that you may see.", "team")
