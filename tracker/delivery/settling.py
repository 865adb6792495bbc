"""A request came back, or did not: what is now true of the message?"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session, sessionmaker

from tracker.arrays import update_each
from tracker.channels import Accepted, NotSent, Rejected, Result, Unknown
from tracker.delivery import senders
from tracker.delivery.claiming import Ready
from tracker.delivery.consequences import after_error, customer_told, said_by
from tracker.model import Dispatch, DispatchState, Message, MessageStatus, table_of
from tracker.policy.asking import next_look, next_poll
from tracker.policy.receipts import FAILURES, TERMINAL, progress
from tracker.policy.retries import Again, ErrorClass, GiveUp, after_not_sent, after_rejection, classify
from tracker.policy.wording import TextKind

DISPATCH, MESSAGE = table_of(Dispatch), table_of(Message)
IN_DOUBT = (MessageStatus.SENDING, MessageStatus.UNKNOWN)
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
        held = _held(session, [ready for ready, _ in answers])
        dispatches = [
            _dispatch(ready, result, now)
            for ready, result in answers
            if not isinstance(result, Unknown) or held[ready.message_id].status is MessageStatus.SENDING
        ]  # where we heard nothing, a receipt may have told us more meanwhile
        update_each(session, DISPATCH, dispatches, key="token")
        settled = [_message(ready, result, held[ready.message_id], now) for ready, result in answers]
        update_each(session, MESSAGE, [values for values, _ in settled if values])
        for (ready, _), (values, fate) in zip(answers, settled, strict=True):
            if ready.speaks_for:
                _release(session, ready, fate, values.get("send_after") or now)
        _see_to_consequences(session, answers, held, now)
        return [fate for _, fate in settled]


Held = Row[int, MessageStatus, datetime | None, int, int | None]


def _held(session: Session, settling: Sequence[Ready]) -> dict[int, Held]:
    """What is known by now of these messages, by number, and by which error their dispatch has `failed` already.

    Locked in order of their numbers, and before the dispatches, as receipts do: nobody waits in a circle.
    """
    facts = (
        select(
            Message.id, Message.status, Message.sent_at, Message.tries, Dispatch.error_code.label("failed")
        )
        .join(Dispatch, Dispatch.message_id == Message.id)
        .where(Dispatch.token.in_([ready.outgoing.token for ready in settling]))
        .order_by(Message.id)
    )
    return {row.id: row for row in session.execute(facts.with_for_update(of=Message, key_share=True))}


def _release(session: Session, ready: Ready, fate: Fate, again_at: datetime) -> None:
    """One message was to speak for others as well: if it has left they need not; else they are looked at again with
    it."""
    if fate is Fate.SENT:
        said_by(session, ready.speaks_for, ready.message_id)
        return
    session.execute(
        update(Message)
        .where(Message.id.in_(ready.speaks_for), Message.status == MessageStatus.PENDING)
        .values(send_after=again_at)
        .execution_options(synchronize_session=False)
    )


def _dispatch(ready: Ready, result: Result, now: datetime) -> dict[str, Any]:
    values = {"of": ready.outgoing.token, "settled_at": now, "detail": None}
    match result:
        case Accepted(sid, None):  # a receipt that was quicker may have written down an error
            return {**values, "state": DispatchState.ACCEPTED, "sid": sid}
        case Accepted(sid, code):
            return {**values, "state": DispatchState.ACCEPTED, "sid": sid, "error_code": code}
        case NotSent(detail):
            return {**values, "state": DispatchState.NOT_SENT, "detail": detail}
        case Rejected(code, detail):
            return {**values, "state": DispatchState.REJECTED, "error_code": code, "detail": detail}
        case Unknown(detail):
            return {**values, "state": DispatchState.UNKNOWN, "detail": detail}


def _message(ready: Ready, result: Result, held: Held, now: datetime) -> tuple[dict[str, Any], Fate]:
    """The message's new values, none when it has gone further than this try. A receipt that overtook the answer is
    believed; the answer only adds the sid."""
    if held.tries != ready.tries or held.failed is not None:
        return {}, _fate(result)
    values: dict[str, Any] = {"of": ready.message_id, "lease_until": None, "send_after": None}
    match result:
        case Accepted(sid, None):
            known = "unknown" if held.status is MessageStatus.PENDING else held.status
            news = MessageStatus(progress(known, "accepted"))
            left_at = held.sent_at or now
            asked_at = next_poll(0, left_at) if ready.reports and news not in TERMINAL else None
            accepted = {"status": news, "sid": sid, "sent_at": left_at, "ask_at": asked_at, "asked": 0}
            return {**values, **accepted}, Fate.SENT
        case Accepted(sid, code):
            return _refused(values | {"sid": sid}, code, ready.tries, now)
        case Rejected(code):
            return _refused(values, code, ready.tries, now)
        case NotSent(detail, wait) if held.status in IN_DOUBT:
            again = after_not_sent(ready.tries, wait)
            return _again(values, again, detail, now), Fate.DEFERRED
        case Unknown(detail) if held.status is MessageStatus.SENDING:
            doubt = {"status": MessageStatus.UNKNOWN, "reason": f"it may have been sent or not: {detail}"}
            look_at = next_look(0, now, to_customer=ready.to_customer)
            return {**values, **doubt, "ask_at": look_at, "asked": 0}, Fate.UNKNOWN
        case _:  # somebody knows more meanwhile
            return {}, _fate(result)


def _fate(result: Result) -> Fate:
    """What the try came to, where that says nothing of the message any more."""
    match result:
        case Accepted(_, None):
            return Fate.SENT
        case Accepted() | Rejected():
            return Fate.FAILED
        case NotSent():
            return Fate.DEFERRED
        case Unknown():
            return Fate.UNKNOWN


def _refused(
    values: dict[str, Any], code: int | None, tries: int, now: datetime
) -> tuple[dict[str, Any], Fate]:
    match after_rejection(code, tries):
        case Again() as again:
            return _again(values, again, f"{classify(code)} ({code})", now), Fate.DEFERRED
        case GiveUp(alarm):
            if alarm:
                log.error("message %s: error %s, %s", values["of"], code, classify(code))
            failed = {
                **values,
                "status": MessageStatus.FAILED,
                "error_code": code,
                "reason": f"{classify(code)} ({code})",
            }
            return failed, Fate.FAILED


def _again(values: dict[str, Any], again: Again, reason: str, now: datetime) -> dict[str, Any]:
    later = {"status": MessageStatus.PENDING, "send_after": now + again.after, "sid": None, "sent_at": None}
    later["ask_at"] = None
    return {**values, **later, "reason": reason}


def _see_to_consequences(
    session: Session, answers: Sequence[tuple[Ready, Result]], held: Mapping[int, Held], now: datetime
) -> None:
    taken = [ready for ready, answer in answers if isinstance(answer, Accepted) and answer.error_code is None]
    told = [each for each in taken if each.kind == TextKind.RENEGOTIATED and not _came_to_nothing(each, held)]
    customer_told(session, [ready.message_id for ready in told], now)
    if any(ready.probes for ready in taken):
        senders.resume(session)
    for ready, answer in answers:
        match answer:
            case Rejected(code) | Accepted(_, int(code)):
                after_error(session, ready.message_id, ready.outgoing.to, code, now=now)
                if classify(code) is ErrorClass.ACCOUNT:
                    senders.pause(session, code, now=now)


def _came_to_nothing(ready: Ready, held: Mapping[int, Held]) -> bool:
    """Has a receipt said, before the answer was heard, that it did not arrive?"""
    known = held[ready.message_id]
    return known.failed is not None or known.status in FAILURES
