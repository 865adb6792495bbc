"""What happens by itself? Every commitment whose next_step_at has come takes its next step, exactly once.

In batches: claim rows that no other worker holds, decide in pure code, write with one statement a kind of row,
commit. The messages a step causes are rows of the same transaction; delivery finds them there. What must happen
once is a unique index (commitment, due version, step), so even a bug could not climb a step twice.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Insert,
    Integer,
    Row,
    String,
    Update,
    and_,
    bindparam,
    cast,
    exists,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, aliased, sessionmaker

from tracker.arrays import Rows, dialect_of
from tracker.duty import calendars_of, resting
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
from tracker.policy.calendars import Calendar
from tracker.policy.ladder import Effect, Ladder, Rung
from tracker.policy.wording import TextKind
from tracker.queries import absent, due_now, ladders, owners
from tracker.takeover import Present

BATCH = 500
"""Larger batches held locks longer and were up to half as fast."""
PUT_OFF = timedelta(minutes=15)
"""A row that fails is looked at again after this; meanwhile it holds up nobody."""

COMMITMENT, EVENT, MESSAGE, PERSON = map(table_of, (Commitment, Event, Message, Person))
ADVANCED = Rows(id=Id, next_step=Integer(), next_step_at=Instant())
CLIMBED = Rows(id=Id, step=Integer())
TEXTED = Rows(id=Id, step=Integer(), kind=String(), priority=Integer(), expires_at=Instant())
ESCALATED = Rows(id=Id)
OWNED = Rows(id=Id, owner_id=Id)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Climbed:
    """One pass: steps climbed, and commitments whose step failed and was put off."""

    steps: int = 0
    put_off: int = 0


@dataclass(frozen=True, slots=True)
class Climb:
    """One commitment taking one step."""

    id: int
    team_id: int
    rung: Rung
    next_step: int
    next_step_at: datetime
    expires_at: datetime | None
    text: TextKind


def climb(sessions: sessionmaker[Session], *, now: datetime) -> Climbed:
    """Take every step that is due. Any number of workers may do so at once: each row is claimed by one.

    A commitment far behind climbs one rung a round until it has caught up.
    """
    steps = put_off = 0
    more = True
    while more:
        try:
            climbs = _batch(sessions, now)
        except OperationalError:
            raise  # the database is in trouble, not a row: nothing was written, the next pass finds it all
        except Exception:
            log.exception("a batch of steps failed; its commitments are now climbed one by one")
            alone = _one_by_one(sessions, now)
            steps, put_off = steps + alone.steps, put_off + alone.put_off
            more = alone.steps > 0
        else:
            steps += len(climbs)
            more = len(climbs) == BATCH or any(each.next_step_at <= now for each in climbs)
    return Climbed(steps, put_off)


def _batch(sessions: sessionmaker[Session], now: datetime, only: int | None = None) -> list[Climb]:
    when = {"now": now, "limit": BATCH}
    with sessions.begin() as session:
        claimed = session.execute(
            due_now() if only is None else due_now().where(Commitment.id == only), when
        ).all()
        if not claimed:
            return []
        laid_out = {
            n: row.laid_out for n, row in ladders(session, {row.ladder_id for row in claimed}).items()
        }
        working = {n for n, ladder in laid_out.items() if ladder.working}
        calendars = calendars_of(session, [row.id for row in claimed if row.ladder_id in working])
        climbs = [_decide(row, laid_out[row.ladder_id], calendars.get(row.id), now) for row in claimed]
        _advance(session, climbs)
        for effect, act in EFFECTS.items():
            if group := [each for each in climbs if each.rung.step.effect is effect]:
                _record(session, group, effect, now)
                act(session, group, now)
        return climbs


def _one_by_one(sessions: sessionmaker[Session], now: datetime) -> Climbed:
    with sessions.begin() as session:
        ids = [row.id for row in session.execute(due_now(), {"now": now, "limit": BATCH})]
    steps = put_off = 0
    for number in ids:
        try:
            steps += len(_batch(sessions, now, only=number))
        except OperationalError:
            raise
        except Exception:
            log.exception("commitment %s could not take its step; it is tried again later", number)
            _put_off(sessions, number, now)
            put_off += 1
    return Climbed(steps, put_off)


def _put_off(sessions: sessionmaker[Session], number: int, now: datetime) -> None:
    with sessions.begin() as session:
        session.execute(
            update(Commitment)
            .where(Commitment.id == number, Commitment.next_step_at <= now)
            .values(next_step_at=now + PUT_OFF)
        )
        version = select(Commitment.due_version).where(Commitment.id == number).scalar_subquery()
        session.execute(
            insert(Event).values(
                commitment_id=number,
                at=now,
                kind=EventKind.NOTED,
                due_version=version,
                facts={"problem": "its step failed and is tried again in 15 minutes"},
            )
        )


def _decide(row: Row[*tuple[Any, ...]], ladder: Ladder, calendar: Calendar | None, now: datetime) -> Climb:
    step, due_at = row.next_step, row.due_at
    rung = ladder.rung(step)
    following = ladder.after(step, due_at, now=now, calendar=calendar)
    next_step_at = ladder.at(following, due_at, calendar)
    if rung.step.endless:
        expires_at: datetime | None = next_step_at  # the next repetition says it again
    else:
        expires_at = ladder.stale_at(step, due_at, calendar)
    return Climb(
        id=row.id,
        team_id=row.team_id,
        rung=rung,
        next_step=following,
        next_step_at=next_step_at,
        expires_at=expires_at,
        text=_text(rung),
    )


def _text(rung: Rung) -> TextKind:
    match rung.step.effect:
        case Effect.REMIND_OWNER:
            return TextKind.REMINDER if rung.offset < timedelta() else TextKind.DUE
        case Effect.TELL_SUPERVISORS:
            return TextKind.STILL_OPEN if rung.step.endless else TextKind.ESCALATION
        case Effect.TEXT_CUSTOMER:
            return TextKind.APOLOGY
        case Effect.HAND_OVER:
            return TextKind.YOURS_NOW


def _advance(session: Session, climbs: Sequence[Climb]) -> None:
    dialect = dialect_of(session)
    values = [(each.id, each.next_step, each.next_step_at) for each in climbs]
    session.execute(_advancing(dialect), ADVANCED.given(dialect, values))


@cache
def _advancing(dialect: str) -> Update:
    given = ADVANCED.table(dialect)
    return (
        update(COMMITMENT)
        .where(COMMITMENT.c.id == given.c.id)
        .values(next_step=given.c.next_step, next_step_at=given.c.next_step_at)
    )


def _record(session: Session, climbs: Sequence[Climb], effect: Effect, now: datetime) -> None:
    dialect = dialect_of(session)
    values = [(each.id, each.rung.number) for each in climbs]
    session.execute(
        _recording(dialect), {**CLIMBED.given(dialect, values), "now": now, "facts": {"effect": effect}}
    )


@cache
def _recording(dialect: str) -> Insert:
    given = CLIMBED.table(dialect)
    written = {
        "commitment_id": COMMITMENT.c.id,
        "at": bindparam("now", type_=Instant()),
        "kind": literal(EventKind.CLIMBED, Event.kind.type),
        "due_version": COMMITMENT.c.due_version,
        "step": given.c.step,
        "facts": bindparam("facts", type_=Json),
    }
    source = select(*written.values()).join_from(given, COMMITMENT, COMMITMENT.c.id == given.c.id)
    return insert(EVENT).from_select(list(written), source)


class Whom(StrEnum):
    """Who a step's text is for."""

    CUSTOMER = "customer"
    OWNER = "owner"
    SUPERVISORS = "supervisors"


def _queue(session: Session, climbs: Sequence[Climb], now: datetime, whom: Whom, **more: Any) -> None:
    """Queue a text for each climb: to the customer, the owner, or each supervisor who should know."""
    dialect = dialect_of(session)
    values = [
        (each.id, each.rung.number, each.text.value, PRIORITY[each.text], each.expires_at) for each in climbs
    ]
    session.execute(_queueing(dialect, whom), {**TEXTED.given(dialect, values), "now": now, **more})


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


def _remind_owner(session: Session, climbs: Sequence[Climb], now: datetime) -> None:
    _queue(session, climbs, now, Whom.OWNER)


def _tell_supervisors(session: Session, climbs: Sequence[Climb], now: datetime) -> None:
    off = resting(session, {each.team_id for each in climbs}, now, role=Role.SUPERVISOR)
    _queue(session, climbs, now, Whom.SUPERVISORS, resting=list(off))
    dialect = dialect_of(session)
    values = [(each.id,) for each in climbs]
    session.execute(_escalating(dialect), {**ESCALATED.given(dialect, values), "now": now})


@cache
def _escalating(dialect: str) -> Update:
    return (
        update(COMMITMENT)
        .where(COMMITMENT.c.id == ESCALATED.table(dialect).c.id, COMMITMENT.c.escalated_at.is_(None))
        .values(escalated_at=bindparam("now", type_=Instant()))
    )


def _text_customer(session: Session, climbs: Sequence[Climb], now: datetime) -> None:
    _queue(session, climbs, now, Whom.CUSTOMER)


def _hand_over(session: Session, climbs: Sequence[Climb], now: datetime) -> None:
    """Each goes to whoever of the team is on duty and owns least; with nobody else there the supervisors hear
    of it."""
    owned = {row.id: row for row in session.execute(owners(), {"ids": [each.id for each in climbs]})}
    here = {team: Present(session, team, now) for team in {row.team_id for row in owned.values()}}
    moves = [(each, here[owned[each.id].team_id].take(owned[each.id].owner_id)) for each in climbs]
    moved = [(each, to) for each, to in moves if to is not None]
    stuck = [each for each, to in moves if to is None]
    if stuck:
        _tell_supervisors(session, [replace(each, text=TextKind.ESCALATION) for each in stuck], now)
    if not moved:
        return
    dialect = dialect_of(session)
    session.execute(_owning(dialect), OWNED.given(dialect, [(each.id, to.id) for each, to in moved]))
    session.execute(
        insert(Event),
        [
            {
                "commitment_id": each.id,
                "at": now,
                "kind": EventKind.REASSIGNED,
                "due_version": owned[each.id].due_version,
                "facts": {"from": owned[each.id].name, "to": to.name, "reason": "still open, too late"},
            }
            for each, to in moved
        ],
    )
    _queue(session, [each for each, _ in moved], now, Whom.OWNER)


@cache
def _owning(dialect: str) -> Update:
    given = OWNED.table(dialect)
    return (
        update(COMMITMENT)
        .where(COMMITMENT.c.id == given.c.id)
        .values(owner_id=given.c.owner_id, version=COMMITMENT.c.version + 1)
    )


EFFECTS: Mapping[Effect, Callable[[Session, Sequence[Climb], datetime], None]] = {
    Effect.REMIND_OWNER: _remind_owner,
    Effect.TELL_SUPERVISORS: _tell_supervisors,
    Effect.TEXT_CUSTOMER: _text_customer,
    Effect.HAND_OVER: _hand_over,
}
"""What each effect does to a batch of commitments that take such a step. A new effect is added here."""
