"""May anything leave now? A sender is paused while our account is ill, and is given so many texts a minute.

Claims lock the senders' rows, so what they count holds for all workers together.
"""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.arrays import dialect_of
from tracker.model import Dispatch, DispatchState, Sender
from tracker.policy.pacing import LONGEST, MINUTE, wait_until
from tracker.policy.retries import ACCOUNT_WAIT, ILL_BY_RECEIPT

NEVER_LEFT = (DispatchState.NOT_SENT, DispatchState.REJECTED)
PROBE = 1
"""Texts tried, when a pause is over, to see whether the account works again."""

log = logging.getLogger(__name__)


def lock(session: Session, addresses: Collection[str]) -> Mapping[str, Sender]:
    """The rows of these senders and of every other, locked until the transaction ends."""
    dialect = postgresql if dialect_of(session) == "postgresql" else sqlite
    known = select(Sender).order_by(Sender.id).with_for_update()
    rows = {row.address: row for row in session.scalars(known)}
    if missing := sorted(set(addresses) - set(rows)):
        new = [{"address": address} for address in missing]
        session.execute(dialect.insert(Sender).on_conflict_do_nothing(index_elements=[Sender.address]), new)
        rows = {row.address: row for row in session.scalars(known)}
    return rows


def allowance(session: Session, sender: Sender, per_minute: int, *, now: datetime) -> int:
    """How many texts this sender, locked, may be given now: none while it is paused, one to try when that is over."""
    if sender.paused_until is not None:
        if now < sender.paused_until:
            return 0
        if not _well_again(session, sender, sender.paused_until - ACCOUNT_WAIT):
            sender.paused_until = now + ACCOUNT_WAIT  # nobody else tries at the same time
            return PROBE
        sender.paused_at = sender.paused_until = sender.error_code = None
    left = select(func.count()).where(
        Dispatch.from_address == sender.address, Dispatch.at > now - MINUTE, Dispatch.state.not_in(NEVER_LEFT)
    )
    return max(0, per_minute - (session.scalar(left) or 0))


def _well_again(session: Session, sender: Sender, since: datetime) -> bool:
    """Has nothing bad been heard, for as long as a pause lasts, of a text that was tried since then? Only where
    receipts alone told of the illness: else a text that is taken says so itself."""
    tried = exists().where(
        Dispatch.from_address == sender.address,
        Dispatch.at >= since,
        Dispatch.state == DispatchState.ACCEPTED,
        Dispatch.error_code.is_(None),
    )
    return sender.error_code in ILL_BY_RECEIPT and bool(session.scalar(select(tried)))


def held_back(session: Session, phones: Collection[str], *, now: datetime) -> dict[str, datetime]:
    """The numbers among these that have been given enough texts for now, and until when."""
    asked = select(Dispatch.to_address, Dispatch.at).where(
        Dispatch.to_address.in_(phones), Dispatch.at > now - LONGEST, Dispatch.state.not_in(NEVER_LEFT)
    )
    sent: dict[str, list[datetime]] = {}
    for phone, at in session.execute(asked):
        sent.setdefault(phone, []).append(at)
    waits = ((phone, wait_until(moments, now=now)) for phone, moments in sent.items())
    return {phone: until for phone, until in waits if until is not None}


def pause(session: Session, code: int | None, *, now: datetime) -> None:
    """Our account is ill, so nothing leaves from any sender. One alarm, however many texts meet the error."""
    rows = lock(session, ()).values()
    if not any(row.paused_at for row in rows):
        log.error("sending is paused: the provider answered with error %s, which is about our account", code)
    for row in rows:
        row.paused_at, row.error_code = row.paused_at or now, code
        row.paused_until = now + ACCOUNT_WAIT
    session.flush()


def resume(session: Session) -> None:
    """A text was taken: the account works, unless it is by receipts that we hear how ill it is."""
    by_receipt = Sender.error_code.in_(ILL_BY_RECEIPT)
    session.execute(
        update(Sender)
        .where(Sender.paused_at.is_not(None), Sender.error_code.is_(None) | ~by_receipt)
        .values(paused_at=None, paused_until=None, error_code=None)
    )


def paused(session: Session) -> Sender | None:
    """The sender that has been paused longest, for people to see; None while everything may leave."""
    return session.scalar(
        select(Sender).where(Sender.paused_at.is_not(None)).order_by(Sender.paused_at).limit(1)
    )
