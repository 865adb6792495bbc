"""The provider has news: a receipt for a message of ours, or a text that somebody sent us.

Both come at any time, twice, late or out of order; each is taken in once. Nothing here talks to the provider.
"""

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.delivery.consequences import after_error, customer_not_told, customer_told, note, opt_in, opt_out
from tracker.model import (
    Commitment,
    Customer,
    Direction,
    Dispatch,
    DispatchState,
    EventKind,
    Message,
    MessageStatus,
    OptOutReason,
    Receipt,
)
from tracker.policy.consent import Word, keyword, sounds_like_stop
from tracker.policy.receipts import FAILURES, progress

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
    if _seen_to(session, dispatch, status):
        return True
    session.add(Receipt(dispatch_id=dispatch.id, status=status, error_code=error_code, at=now))
    if dispatch.sid is None:
        dispatch.sid = sid
    if dispatch.state in (DispatchState.OPEN, DispatchState.UNKNOWN):
        dispatch.state, dispatch.settled_at = DispatchState.ACCEPTED, now
    news = MessageStatus(progress(message.status, status))
    first = message.sid is None
    if first:
        message.sid, message.sent_at, message.reason = sid, now, None
    if news is not message.status:
        message.status, message.send_after, message.lease_until = news, None, None
    if news in FAILURES:
        customer_not_told(session, message.id)
    elif first:
        customer_told(session, [message.id], now)
    if news in FAILURES and error_code is not None:
        message.error_code = error_code
        after_error(session, message.id, dispatch.to_address, error_code, now=now)
    return True


def _seen_to(session: Session, dispatch: Dispatch, status: str) -> bool:
    """Is this no news? Either we heard it before, or that try failed the moment it was taken: then the message
    may be on its way again, and an old try does not speak of the new one."""
    heard = select(Receipt).where(Receipt.dispatch_id == dispatch.id, Receipt.status == status)
    return dispatch.error_code is not None or session.scalar(heard) is not None


def take_text(
    session: Session, *, sid: str, sender: str, to: str, body: str, opt_out_type: str = "", now: datetime
) -> None:
    """A text came in. STOP and START are honoured; anything else reaches the owner as a note on the newest open
    promise to that customer. The provider may call twice for one text: the second changes nothing."""
    customer = session.scalar(select(Customer).where(Customer.phone == sender))
    commitment_id = _about(session, customer) if customer else None
    text = Message(
        commitment_id=commitment_id,
        direction=Direction.IN,
        channel="sms",
        customer_id=customer.id if customer else None,
        kind="reply",
        status=MessageStatus.RECEIVED,
        made_at=now,
        sid=sid,
        from_address=sender,
        to_address=to,
        body=body,
    )
    try:
        with session.begin_nested():  # the sid is unique: of two calls at once one waits here for the other
            session.add(text)
    except IntegrityError:
        return
    word = Word(opt_out_type.lower()) if opt_out_type.lower() in list(Word) else keyword(body)
    if word is Word.STOP:
        opt_out(session, sender, OptOutReason.STOP, now=now)
    elif word is Word.START:
        opt_in(session, sender)
    if commitment_id is not None:
        note(session, commitment_id, _seen_as(word, body), kind=EventKind.REPLIED, now=now)


def _about(session: Session, customer: Customer) -> int | None:
    """The promise a reply most likely speaks of: the newest open one, else the newest."""
    return session.scalar(
        select(Commitment.id)
        .where(Commitment.customer_id == customer.id)
        .order_by(Commitment.closed_at.is_not(None), Commitment.made_at.desc(), Commitment.id.desc())
        .limit(1)
    )


def _seen_as(word: Word | None, body: str) -> str:
    match word:
        case Word.STOP:
            return "The customer opted out of texts: keep the promise by calling."
        case Word.START:
            return "The customer takes texts again."
        case Word.HELP:
            return "The customer asked for help; the provider has answered."
    if sounds_like_stop(body):
        return f"This sounds like “stop texting me”; ask them: {body}"
    return body
