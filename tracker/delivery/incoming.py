"""Somebody sent us a text: what does it mean, and whom does it concern?

It may come twice, and is taken in once. Nothing here talks to the provider.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.delivery.consequences import note, opt_in, opt_out
from tracker.model import (
    Commitment,
    Customer,
    Direction,
    EventKind,
    Message,
    MessageStatus,
    OptOutReason,
)
from tracker.policy.consent import Word, keyword, sounds_like_stop


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
