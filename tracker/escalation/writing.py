"""How is a batch of steps written? One statement a kind of row, with the values as array parameters.

What every step changes of its commitment is one update: on PostgreSQL a further one would write the row, and its
entry in most indexes, anew. Only a hand-over is another.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Insert,
    Integer,
    Select,
    String,
    Update,
    and_,
    bindparam,
    case,
    cast,
    exists,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from tracker.arrays import Rows, dialect_of
from tracker.escalation.deciding import Climb, Whom
from tracker.model import (
    Commitment,
    Direction,
    Event,
    EventKind,
    Id,
    Instant,
    Json,
    Message,
    MessageStatus,
    Person,
    Role,
    table_of,
)
from tracker.outbox import PRIORITY
from tracker.queries import absent
from tracker.takeover import Here, Somebody

COMMITMENT, EVENT, MESSAGE, PERSON = map(table_of, (Commitment, Event, Message, Person))
ADVANCED = Rows(id=Id, next_step=Integer(), next_step_at=Instant(), escalated=Boolean())
OWNED = Rows(id=Id, owner_id=Id)
HAPPENED = Rows(id=Id, kind=String(), step=Integer(), facts=Json)
TEXTED = Rows(id=Id, step=Integer(), kind=String(), priority=Integer(), expires_at=Instant())
REASON = "still open, too late"


def write(session: Session, climbs: Sequence[Climb], here: Here) -> None:
    """Move each on to its step ahead, note what happened, and queue its texts."""
    dialect, now = dialect_of(session), here.now
    advanced = [
        (each.id, each.next_step, each.next_step_at, each.whom is Whom.SUPERVISORS) for each in climbs
    ]
    session.execute(_advancing(dialect), {**ADVANCED.given(dialect, advanced), "now": now})
    happened = [
        (each.id, EventKind.CLIMBED, each.rung.number, {"effect": each.rung.step.effect}) for each in climbs
    ]
    if moved := [(each, each.to) for each in climbs if each.to]:
        happened += _hand_over(session, moved)
    session.execute(_recording(dialect), {**HAPPENED.given(dialect, happened), "now": now})
    for whom in Whom:
        texted = [
            (each.id, each.rung.number, each.text.value, PRIORITY[each.text], each.expires_at)
            for each in climbs
            if each.whom is whom
        ]
        if texted:
            values = {**TEXTED.given(dialect, texted), "now": now}
            if whom is Whom.SUPERVISORS:
                teams = {each.team_id for each in climbs if each.whom is whom}
                values["resting"] = here.resting_supervisors(session, teams)
            session.execute(_queueing(dialect, whom), values)


def _hand_over(session: Session, moved: Sequence[tuple[Climb, Somebody]]) -> list[tuple[Any, ...]]:
    """Each has another owner now; what is to be noted of it."""
    dialect = dialect_of(session)
    session.execute(_owning(dialect), OWNED.given(dialect, [(each.id, to.id) for each, to in moved]))
    ids = {each.owner_id for each, _ in moved}
    names = {row.id: row.name for row in session.execute(_names(), {"ids": ids})}
    return [
        (
            each.id,
            EventKind.REASSIGNED,
            None,
            {"from": names[each.owner_id], "from_id": each.owner_id, "to": to.name, "reason": REASON},
        )
        for each, to in moved
    ]


@cache
def _names() -> Select[int, str]:
    return select(Person.id, Person.name).where(Person.id.in_(bindparam("ids", expanding=True)))


@cache
def _advancing(dialect: str) -> Update:
    given = ADVANCED.table(dialect)
    now = bindparam("now", type_=Instant())
    first_told = and_(given.c.escalated, COMMITMENT.c.escalated_at.is_(None))
    return (
        update(COMMITMENT)
        .where(COMMITMENT.c.id == given.c.id)
        .values(
            next_step=given.c.next_step,
            next_step_at=given.c.next_step_at,
            escalated_at=case((first_told, now), else_=COMMITMENT.c.escalated_at),
        )
    )


@cache
def _owning(dialect: str) -> Update:
    given = OWNED.table(dialect)
    return (
        update(COMMITMENT)
        .where(COMMITMENT.c.id == given.c.id)
        .values(owner_id=given.c.owner_id, version=COMMITMENT.c.version + 1)
    )


@cache
def _recording(dialect: str) -> Insert:
    given = HAPPENED.table(dialect)
    written = {
        "commitment_id": COMMITMENT.c.id,
        "at": bindparam("now", type_=Instant()),
        "kind": given.c.kind,
        "due_version": COMMITMENT.c.due_version,
        "step": given.c.step,
        "facts": given.c.facts,
    }
    source = select(*written.values()).join_from(given, COMMITMENT, COMMITMENT.c.id == given.c.id)
    return insert(EVENT).from_select(list(written), source)


@cache
def _queueing(dialect: str, whom: Whom) -> Insert:
    given = TEXTED.table(dialect)
    now = bindparam("now", type_=Instant())
    to_customer = whom is Whom.CUSTOMER
    written: dict[str, ColumnElement[Any]] = {
        "commitment_id": COMMITMENT.c.id,
        "direction": literal(Direction.OUT, Message.direction.type),
        "channel": literal("sms"),
        "recipient": literal("customer") if to_customer else "person:" + cast(PERSON.c.id, String()),
        "customer_id": COMMITMENT.c.customer_id if to_customer else null(),
        "person_id": null() if to_customer else PERSON.c.id,
        "kind": given.c.kind,
        "due_version": COMMITMENT.c.due_version,
        "step": given.c.step,
        "status": literal(MessageStatus.PENDING, Message.status.type),
        "priority": given.c.priority,
        "made_at": now,
        "send_after": now,
        "expires_at": given.c.expires_at,
        "tries": literal(0),
    }
    source = select(*(value.label(name) for name, value in written.items())).join_from(
        given, COMMITMENT, COMMITMENT.c.id == given.c.id
    )
    if whom is Whom.OWNER:
        source = source.join(PERSON, PERSON.c.id == COMMITMENT.c.owner_id)
    if whom is Whom.SUPERVISORS:
        source = source.join(PERSON, _should_know(now))
    if not to_customer:
        source = source.where(PERSON.c.active, PERSON.c.phone.is_not(None))
    return insert(MESSAGE).from_select(list(written), source)


def _should_know(now: ColumnElement[datetime]) -> ColumnElement[bool]:
    """The supervisors who are here and not `:resting`; all of them when none is here, for somebody has to know."""
    here = aliased(Person)
    anybody = exists().where(
        here.team_id == COMMITMENT.c.team_id,
        here.role == Role.SUPERVISOR,
        here.active,
        ~absent(now, here.id.expression),
    )
    return and_(
        PERSON.c.team_id == COMMITMENT.c.team_id,
        PERSON.c.role == Role.SUPERVISOR,
        PERSON.c.id.not_in(bindparam("resting", expanding=True)),
        or_(~absent(now, PERSON.c.id), ~anybody.correlate(COMMITMENT)),
    )
