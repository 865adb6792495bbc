"""What became of the texts that nobody told us about? We ask the provider.

A text that may or may not have been sent is looked for in the provider's list, by its reference; one that was taken
is asked for by its sid when no receipt comes. Asking happens outside any transaction; while it lasts the message is
put off, so of several workers one asks, and a crash costs a minute.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Integer, Row, Select, bindparam, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from tracker.channels import Channels
from tracker.delivery.consequences import note
from tracker.delivery.hearing import hear
from tracker.model import Dispatch, Instant, Message, MessageStatus
from tracker.policy.asking import Record, matching, next_look, next_poll
from tracker.policy.receipts import TERMINAL

AT_ONCE = 20
BUSY_FOR = timedelta(minutes=1)
"""Who asks has so long; a provider that cannot be asked is left alone for as long."""
ASKABLE = (MessageStatus.UNKNOWN, MessageStatus.ACCEPTED, MessageStatus.SENT)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Asked:
    """One pass, in messages: found out about, still not known, and those that now wait for a person."""

    found: int = 0
    open: int = 0
    left_to_a_person: int = 0


def ask(sessions: sessionmaker[Session], channels: Channels, *, now: datetime) -> Asked:
    """Ask about every message whose time to be asked about has come."""
    asked = Asked()
    while rows := _claim(sessions, channels, now):
        for row in rows:
            channel = channels[row.channel]
            answer: Sequence[Record] | Record | None
            if row.status is MessageStatus.UNKNOWN:
                answer = channel.records(row.to_address)
            else:
                answer = channel.record(row.sid)
            if answer is None:
                asked.open += 1
                continue
            with sessions.begin() as session:
                _learn(session, row, answer, asked, now)
    return asked


def _claim(sessions: sessionmaker[Session], channels: Channels, now: datetime) -> Sequence[Row[Any]]:
    with sessions.begin() as session:
        rows = session.execute(_askable(frozenset(channels)), {"now": now, "limit": AT_ONCE}).all()
        if rows:
            session.execute(
                update(Message)
                .where(Message.id.in_([row.id for row in rows]))
                .values(ask_at=now + BUSY_FOR)
                .execution_options(synchronize_session=False)
            )
        return rows


@cache
def _askable(channels: frozenset[str]) -> Select[*tuple[Any, ...]]:
    return (
        select(Message.id, Message.status, Message.channel, Message.to_address, Message.sid, Message.asked)
        .where(
            Message.ask_at <= bindparam("now", type_=Instant()),
            Message.status.in_(ASKABLE),
            Message.channel.in_(channels),
        )
        .order_by(Message.ask_at)
        .limit(bindparam("limit", type_=Integer()))
        .with_for_update(skip_locked=True, key_share=True)
    )


def _learn(
    session: Session, row: Row[Any], answer: Sequence[Record] | Record, asked: Asked, now: datetime
) -> None:
    """Take the answer to heart, unless a receipt or another worker was quicker: two that looked at once have looked
    once."""
    message = session.get_one(Message, row.id, with_for_update={"key_share": True})
    if (message.status, message.sid, message.asked) != (row.status, row.sid, row.asked):
        return
    dispatch = session.scalars(
        select(Dispatch).where(Dispatch.message_id == message.id).order_by(Dispatch.id.desc()).limit(1)
    ).one()
    if isinstance(answer, Record):
        _poll(session, message, dispatch, answer, asked, now)
    else:
        _look(session, message, dispatch, answer, asked, now)


def _poll(
    session: Session, message: Message, dispatch: Dispatch, record: Record, asked: Asked, now: datetime
) -> None:
    hear(
        session,
        message,
        dispatch,
        sid=record.sid,
        status=record.status,
        error_code=record.error_code,
        now=now,
    )
    if message.status in TERMINAL or message.status is MessageStatus.PENDING:
        asked.found += 1
        return
    message.asked += 1
    message.ask_at = next_poll(message.asked, message.sent_at or now)
    asked.open += 1


def _look(
    session: Session,
    message: Message,
    dispatch: Dispatch,
    records: Sequence[Record],
    asked: Asked,
    now: datetime,
) -> None:
    sids = [record.sid for record in records]
    taken = set(session.scalars(select(Dispatch.sid).where(Dispatch.sid.in_(sids))))
    since = (
        session.scalar(select(func.min(Dispatch.at)).where(Dispatch.message_id == message.id)) or dispatch.at
    )
    ours = matching(
        records, number=message.id, to=dispatch.to_address, since=since, taken={sid for sid in taken if sid}
    )
    if ours:
        found = ours[0]
        hear(
            session,
            message,
            dispatch,
            sid=found.sid,
            status=found.status,
            error_code=found.error_code,
            now=now,
        )
        asked.found += 1
        if len(ours) > 1:
            log.error("message %s was sent %s times: %s", message.id, len(ours), [each.sid for each in ours])
            _say(session, message, f"this text was sent {len(ours)} times", now)
        return
    message.asked += 1
    assert dispatch.settled_at is not None, "an unknown dispatch is settled"  # noqa: S101
    message.ask_at = next_look(message.asked, dispatch.settled_at, to_customer=message.person_id is None)
    if message.ask_at is not None:
        asked.open += 1
    elif message.person_id is not None:
        message.status, message.send_after = MessageStatus.PENDING, now
        message.reason = "nobody knows whether it was sent: it is sent again"
        asked.found += 1
    else:
        message.reason = "nobody knows whether it was sent: a person decides"
        _say(session, message, "it is not known whether a text reached the customer: decide what to do", now)
        asked.left_to_a_person += 1


def _say(session: Session, message: Message, text: str, now: datetime) -> None:
    if message.commitment_id is not None:
        note(session, message.commitment_id, text, now=now)
