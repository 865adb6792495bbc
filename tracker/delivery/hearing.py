"""The provider says what became of a message: what is now true of it, and what follows?

News comes as a receipt, as the answer to a question of ours, or as a record found in the provider's list; late,
twice, out of order. Whoever calls has locked the message.
"""

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.delivery import senders
from tracker.delivery.consequences import after_error, customer_not_told, customer_told, not_said
from tracker.model import Dispatch, DispatchState, Message, MessageStatus, Receipt
from tracker.policy.asking import next_poll
from tracker.policy.receipts import FAILURES, TERMINAL, progress
from tracker.policy.retries import Again, ErrorClass, GiveUp, after_failure, classify

NOT_AGAIN_YET = (MessageStatus.PENDING, MessageStatus.SUPPRESSED)
"""Where a text that failed is until it is tried again, if it ever is."""

log = logging.getLogger(__name__)


def take_receipt(
    session: Session, token: str, *, sid: str, status: str, error_code: int | None, now: datetime
) -> bool:
    """News of a message. The token says which, even before we stored the provider's answer to our request.

    False when no dispatch has that token: somebody else's, or gone. The same news twice is taken once.
    """
    dispatch = session.scalar(select(Dispatch).where(Dispatch.token == token))
    if dispatch is None:
        log.warning("a receipt for a dispatch that nobody here knows: status %s, sid %s", status, sid)
        return False
    message = session.get_one(
        Message, dispatch.message_id, with_for_update={"key_share": True}, populate_existing=True
    )
    session.refresh(dispatch)  # its answer may have been written down while we waited for the message
    hear(session, message, dispatch, sid=sid, status=status, error_code=error_code, now=now)
    return True


def hear(
    session: Session,
    message: Message,
    dispatch: Dispatch,
    *,
    sid: str,
    status: str,
    error_code: int | None,
    now: datetime,
) -> None:
    """Write down the news, once; it moves the message if it is about its latest try."""
    known = select(Receipt).where(Receipt.dispatch_id == dispatch.id, Receipt.status == status)
    if session.scalar(known) is not None:
        return
    session.add(Receipt(dispatch_id=dispatch.id, status=status, error_code=error_code, at=now))
    if dispatch.sid is None:
        dispatch.sid = sid
    if dispatch.state in (DispatchState.OPEN, DispatchState.UNKNOWN):
        dispatch.state, dispatch.settled_at = DispatchState.ACCEPTED, now
    if not _is_latest(session, dispatch):
        return  # an old try does not speak of the new one
    if dispatch.error_code is None:
        _move(session, message, dispatch, status, error_code, now)
    elif status == "delivered" and message.status in NOT_AGAIN_YET:  # it failed, and arrived after all
        message.status, message.send_after, message.reason = MessageStatus.DELIVERED, None, None
        message.sid, message.sent_at, message.error_code = dispatch.sid, now, None


def _move(
    session: Session,
    message: Message,
    dispatch: Dispatch,
    status: str,
    error_code: int | None,
    now: datetime,
) -> None:
    first = message.sid is None
    guessed = first and message.status is MessageStatus.FAILED  # by a person: the provider knows better
    news = MessageStatus(progress("unknown" if guessed else message.status, status))
    if first:
        message.sid, message.sent_at, message.reason = dispatch.sid, now, None
        message.asked, message.ask_at = 0, next_poll(0, now)
    if news is not message.status:
        message.status, message.send_after, message.lease_until = news, None, None
    if news in TERMINAL:
        message.ask_at = None
    if news in FAILURES:
        customer_not_told(session, message.id)
        _failed(session, message, dispatch, status, error_code, now)
    elif first:
        customer_told(session, [message.id], now)


def _is_latest(session: Session, dispatch: Dispatch) -> bool:
    later = select(Dispatch.id).where(Dispatch.message_id == dispatch.message_id, Dispatch.id > dispatch.id)
    return session.scalar(later.limit(1)) is None


def _failed(
    session: Session,
    message: Message,
    dispatch: Dispatch,
    status: str,
    error_code: int | None,
    now: datetime,
) -> None:
    """It did not arrive. What may pass by itself is tried again; nothing was delivered, so nothing is sent twice."""
    if progress("accepted", status) not in FAILURES:
        return
    if error_code is None:
        not_said(session, message, again_at=now)
        return
    message.error_code = error_code
    after_error(session, message.id, dispatch.to_address, error_code, now=now)
    if classify(error_code) is ErrorClass.ACCOUNT:
        senders.pause(session, error_code, now=now)
    match after_failure(error_code, message.tries, to_customer=message.person_id is None):
        case Again(after):
            dispatch.error_code = error_code
            message.status, message.send_after = MessageStatus.PENDING, now + after
            message.sid = message.sent_at = None
            message.reason = f"{classify(error_code)} ({error_code})"
            not_said(session, message, again_at=message.send_after)
        case GiveUp(alarm):
            not_said(session, message, again_at=now)
            message.reason = f"{classify(error_code)} ({error_code})"
            if alarm:
                log.error("message %s: error %s, %s", message.id, error_code, classify(error_code))
