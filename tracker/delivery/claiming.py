"""Which messages may leave now? Each is claimed by one worker, checked against what is true at this moment, given
its words, and written down as a dispatch before any request leaves."""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, func, insert, select, update
from sqlalchemy.orm import Session, aliased, sessionmaker

from tracker.arrays import update_each
from tracker.channels import Channels, Outgoing
from tracker.model import (
    Commitment,
    Customer,
    Dispatch,
    DispatchState,
    Instant,
    LadderRow,
    Message,
    MessageStatus,
    OptOut,
    OptOutReason,
    Person,
    Team,
    table_of,
)
from tracker.policy import segments
from tracker.policy.consent import DEFAULT_QUIET
from tracker.policy.ladder import Effect
from tracker.policy.sending import Drop, Go, Situation, Wait, decide
from tracker.policy.wording import Facts, TextKind, render
from tracker.queries import ladders, sendable

FEWEST = 20
"""Claimed at once for a channel over a network: few, so that a lease covers the slowest answers to all of them."""
SPARE = timedelta(seconds=60)
PUT_OFF = timedelta(minutes=15)
"""A message whose words cannot be found is looked at again after this."""
MESSAGE = table_of(Message)
_NOT_PENDING = {"send_after": None}
WHY_NOT = {
    OptOutReason.STOP: "the customer opted out of texts: call",
    OptOutReason.DEAD: "this number takes no texts: call",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed message with its words, about to leave."""

    message_id: int
    kind: str
    channel: str
    tries: int
    outgoing: Outgoing


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one claim came to. `full`: there may be more to claim."""

    ready: Sequence[Ready]
    full: bool
    deferred: int
    suppressed: int


def claim(sessions: sessionmaker[Session], channels: Channels, *, now: datetime) -> Claimed:
    """Claim a batch: each message is sent, put off or suppressed by what holds at `now`."""
    limit = max((FEWEST, *(channel.batch for channel in channels.values())))
    lease_until = now + SPARE + timedelta(seconds=sum(c.seconds for c in channels.values()) * limit)
    with sessions.begin() as session:
        ids = session.scalars(sendable(frozenset(channels)), {"now": now, "limit": limit}).all()
        if not ids:
            return Claimed((), False, 0, 0)
        leaving: list[tuple[Row[Any], Outgoing]] = []
        waits: list[dict[str, Any]] = []
        drops: list[dict[str, Any]] = []
        rows = session.execute(_facts(), {"ids": ids}).all()
        under = ladders(session, {row.ladder_id for row in rows if row.kind == TextKind.APOLOGY})
        for row in rows:
            match _consider(row, under.get(row.ladder_id), channels, now):
                case Outgoing() as outgoing:
                    leaving.append((row, outgoing))
                case Wait(until, reason):
                    waits.append({"of": row.id, "send_after": until, "reason": reason})
                case Drop(reason):
                    drops.append(
                        {**_NOT_PENDING, "of": row.id, "status": MessageStatus.SUPPRESSED, "reason": reason}
                    )
        update_each(session, MESSAGE, [*waits, *drops])
        ready = _dispatch(session, channels, leaving, now, lease_until) if leaving else []
    return Claimed(ready, len(ids) == limit, len(waits), len(drops))


def expire_leases(sessions: sessionmaker[Session], *, now: datetime) -> int:
    """Messages whose worker went silent: it may or may not have sent them, so they are unknown. How many."""
    with sessions.begin() as session:
        ids = session.scalars(_expired(), {"now": now}).all()
        if not ids:
            return 0
        session.execute(
            update(Dispatch)
            .where(Dispatch.message_id.in_(ids), Dispatch.state == DispatchState.OPEN)
            .values(state=DispatchState.UNKNOWN, settled_at=now, detail="the worker went silent")
            .execution_options(synchronize_session=False)
        )
        session.execute(
            update(Message)
            .where(Message.id.in_(ids))
            .values(status=MessageStatus.UNKNOWN, lease_until=None, reason="it may have been sent or not")
            .execution_options(synchronize_session=False)
        )
        return len(ids)


@cache
def _expired() -> Select[int]:
    return (
        select(Message.id)
        .where(
            Message.status == MessageStatus.SENDING,
            Message.lease_until <= bindparam("now", type_=Instant()),
        )
        .with_for_update(skip_locked=True, key_share=True)
    )


_owner = aliased(Person)


@cache
def _facts() -> Select[*tuple[Any, ...]]:
    # Not coalesce: what is meant for a colleague without a phone must not go to the customer.
    phone = case((Message.person_id.is_(None), Customer.phone), else_=Person.phone)
    return (
        select(
            Message.id,
            Message.channel,
            Message.kind,
            Message.due_version,
            Message.step,
            Message.tries,
            Message.expires_at,
            Message.person_id,
            Message.facts,
            phone.label("phone"),
            func.coalesce(Person.zone, Customer.zone).label("zone"),
            func.coalesce(Person.language, Customer.language).label("language"),
            Customer.given_name,
            Customer.name.label("customer_name"),
            Customer.phone.label("customer_phone"),
            Commitment.topic,
            Commitment.kind.label("commitment_kind"),
            Commitment.due_at,
            Commitment.first_due_at,
            Commitment.closed_at,
            Commitment.due_version.label("current_version"),
            Commitment.owner_id,
            _owner.name.label("owner_name"),
            Team.name.label("team"),
            OptOut.reason.label("opted_out"),
            Commitment.ladder_id,
        )
        .join(Commitment, Commitment.id == Message.commitment_id)
        .join(Customer, Customer.id == Commitment.customer_id)
        .join(_owner, _owner.id == Commitment.owner_id)
        .join(Team, Team.id == Commitment.team_id)
        .outerjoin(Person, Person.id == Message.person_id)
        .outerjoin(OptOut, OptOut.phone == phone)
        .where(Message.id.in_(bindparam("ids", expanding=True)))
        .order_by(Message.priority, Message.send_after, Message.id)
    )


def _consider(
    row: Row[Any], ladder: LadderRow | None, channels: Channels, now: datetime
) -> Outgoing | Drop | Wait:
    """What leaves, or why not. A row that cannot be worked out is put off: it holds up nobody."""
    try:
        decision = _decide(row, channels, now)
        return _words(row, ladder, now) if isinstance(decision, Go) else decision
    except Exception:
        log.exception("message %s could not be written; it is tried again later", row.id)
        return Wait(now + PUT_OFF, "it could not be written: somebody who runs the system has to look")


def _decide(row: Row[Any], channels: Channels, now: datetime) -> Go | Drop | Wait:
    return decide(
        Situation(
            kind=TextKind(row.kind),
            phone=row.phone,
            own_numbers=channels[row.channel].own_numbers,
            opted_out=WHY_NOT[row.opted_out] if row.opted_out else None,
            closed=row.closed_at is not None,
            superseded=row.due_version != row.current_version,
            still_owner=row.person_id == row.owner_id,
            expires_at=row.expires_at,
            zone=row.zone,
            quiet=DEFAULT_QUIET,
        ),
        now=now,
    )


def _words(row: Row[Any], ladder: LadderRow | None, now: datetime) -> Outgoing:
    body = render(
        TextKind(row.kind),
        Facts(
            given_name=row.given_name,
            customer_name=row.customer_name,
            customer_phone=row.customer_phone,
            topic=row.topic,
            commitment_kind=row.commitment_kind,
            owner_given_name=row.owner_name.split()[0],
            team=row.team,
            due_at=row.due_at,
            first_due_at=row.first_due_at,
            zone=row.zone,
            next_at=_hand_over_at(row, ladder),
            late_count=(row.facts or {}).get("count", 1),
        ),
        language=row.language,
        now=now,
    )
    useful_for = None if row.expires_at is None else row.expires_at - now
    return Outgoing(secrets.token_urlsafe(24), row.phone, body, useful_for)


def _hand_over_at(row: Row[Any], ladder: LadderRow | None) -> datetime | None:
    """When a colleague takes over, by the ladder the commitment was made under: what happens next."""
    if ladder is None or row.step is None:
        return None
    offset = ladder.laid_out.next_offset(Effect.HAND_OVER, row.step)
    return None if offset is None else row.due_at + offset


def _dispatch(
    session: Session,
    channels: Channels,
    leaving: Sequence[tuple[Row[Any], Outgoing]],
    now: datetime,
    lease_until: datetime,
) -> list[Ready]:
    update_each(
        session,
        MESSAGE,
        [
            {
                **_NOT_PENDING,
                "of": row.id,
                "status": MessageStatus.SENDING,
                "lease_until": lease_until,
                "tries": row.tries + 1,
                "reason": None,
                "body": outgoing.body,
                "segments": segments.count(outgoing.body).count,
                "from_address": channels[row.channel].sender,
                "to_address": outgoing.to,
            }
            for row, outgoing in leaving
        ],
    )
    session.connection().execute(
        insert(table_of(Dispatch)),
        [
            {
                "message_id": row.id,
                "token": outgoing.token,
                "at": now,
                "state": DispatchState.OPEN,
                "body": outgoing.body,
                "from_address": channels[row.channel].sender,
                "to_address": outgoing.to,
            }
            for row, outgoing in leaving
        ],
    )
    return [Ready(row.id, row.kind, row.channel, row.tries + 1, outgoing) for row, outgoing in leaving]
