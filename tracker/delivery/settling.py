"""A request came back, or did not: what is now true of the message?"""

import logging
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session, sessionmaker

from tracker.channels import Accepted, NotSent, Rejected, Result, Unknown
from tracker.delivery.claiming import Ready
from tracker.delivery.consequences import after_error, customer_told
from tracker.model import Dispatch, DispatchState, Message, MessageStatus
from tracker.policy.receipts import progress
from tracker.policy.retries import Again, GiveUp, after_not_sent, after_rejection, classify

log = logging.getLogger(__name__)


class Fate(StrEnum):
    """What one dispatch came to, as it is counted."""

    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    DEFERRED = "deferred"


def settle(
    sessions: sessionmaker[Session], answers: Sequence[tuple[Ready, Result]], *, now: datetime
) -> list[Fate]:
    """Write down what became of dispatches, in one transaction; their fates in the same order."""
    if not answers:
        return []
    with sessions.begin() as session:
        ids = [ready.message_id for ready, _ in answers]
        # The message first, as a receipt does that comes at this moment: neither waits for the other in a circle.
        facts = select(Message.id, Message.status, Message.sent_at).where(Message.id.in_(ids))
        held = {row.id: row for row in session.execute(facts.with_for_update(key_share=True))}
        session.execute(update(Dispatch), [_dispatch(ready, result, now) for ready, result in answers])
        settled = [_message(ready, result, held[ready.message_id], now) for ready, result in answers]
        session.execute(update(Message), [values for values, _ in settled])
        _see_to_consequences(session, answers, now)
        return [fate for _, fate in settled]


def _dispatch(ready: Ready, result: Result, now: datetime) -> dict[str, Any]:
    values = {"id": ready.dispatch_id, "settled_at": now, "sid": None, "error_code": None, "detail": None}
    match result:
        case Accepted(sid, code):
            return {**values, "state": DispatchState.ACCEPTED, "sid": sid, "error_code": code}
        case NotSent(detail):
            return {**values, "state": DispatchState.NOT_SENT, "detail": detail}
        case Rejected(code, detail):
            return {**values, "state": DispatchState.REJECTED, "error_code": code, "detail": detail}
        case Unknown(detail):
            return {**values, "state": DispatchState.UNKNOWN, "detail": detail}


def _message(
    ready: Ready, result: Result, held: Row[int, MessageStatus, datetime | None], now: datetime
) -> tuple[dict[str, Any], Fate]:
    """The message's new values. A receipt that overtook the answer is believed; the answer only adds the sid."""
    values: dict[str, Any] = {"id": ready.message_id, "lease_until": None}
    match result:
        case Accepted(sid, None):
            news = MessageStatus(progress(held.status, "accepted"))
            return {**values, "status": news, "sid": sid, "sent_at": held.sent_at or now}, Fate.SENT
        case Accepted(sid, code):
            return _refused(values | {"sid": sid}, code, ready.tries, now)
        case Rejected(code):
            return _refused(values, code, ready.tries, now)
        case NotSent(detail, wait):
            again = after_not_sent(ready.tries, wait)
            return _again(values, again, detail, now), Fate.DEFERRED
        case Unknown(detail):
            if held.status is not MessageStatus.SENDING:  # a receipt has told us more meanwhile
                return {**values, "status": held.status}, Fate.UNKNOWN
            reason = f"it may have been sent or not: {detail}"
            return {**values, "status": MessageStatus.UNKNOWN, "reason": reason}, Fate.UNKNOWN


def _refused(
    values: dict[str, Any], code: int | None, tries: int, now: datetime
) -> tuple[dict[str, Any], Fate]:
    match after_rejection(code, tries):
        case Again() as again:
            return _again(values, again, f"{classify(code)} ({code})", now), Fate.DEFERRED
        case GiveUp(alarm):
            if alarm:
                log.error("message %s: error %s, %s", values["id"], code, classify(code))
            failed = {
                **values,
                "status": MessageStatus.FAILED,
                "error_code": code,
                "reason": f"{classify(code)} ({code})",
            }
            return failed, Fate.FAILED


def _again(values: dict[str, Any], again: Again, reason: str, now: datetime) -> dict[str, Any]:
    later = {"status": MessageStatus.PENDING, "send_after": now + again.after, "sid": None, "sent_at": None}
    return {**values, **later, "reason": reason}


def _see_to_consequences(session: Session, answers: Sequence[tuple[Ready, Result]], now: datetime) -> None:
    customer_told(
        session, [r.message_id for r, a in answers if isinstance(a, Accepted) and a.error_code is None], now
    )
    for ready, answer in answers:
        if isinstance(answer, Rejected):
            after_error(session, ready.message_id, ready.outgoing.to, answer.code, now=now)
        elif isinstance(answer, Accepted) and answer.error_code is not None:
            after_error(session, ready.message_id, ready.outgoing.to, answer.error_code, now=now)
