"""A message arrived or failed: what follows for the commitment and for the number?"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Insert, and_, delete, exists, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.arrays import dialect_of
from tracker.model import (
    Commitment,
    Customer,
    Event,
    EventKind,
    Message,
    MessageStatus,
    OptOut,
    OptOutReason,
    Person,
    Revision,
)
from tracker.policy.retries import ErrorClass, classify
from tracker.policy.wording import TextKind


def customer_told(session: Session, message_ids: Sequence[int], now: datetime) -> None:
    """The text about a new time has left: from now on the customer counts as told of it."""
    if not message_ids:
        return
    session.execute(
        update(Revision)
        .where(Revision.told_at.is_(None), _said_in(message_ids))
        .values(told_at=now)
        .execution_options(synchronize_session=False)
    )


def customer_not_told(session: Session, message_id: int) -> None:
    """The text about a new time did not arrive: who was told of it by that text alone does not know it."""
    session.execute(
        update(Revision)
        .where(_said_in([message_id], Message.sent_at == Revision.told_at))
        .values(told_at=None)
        .execution_options(synchronize_session=False)
    )


def _said_in(message_ids: Sequence[int], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Is it the revision that one of these texts is about, of a commitment still open? Once it is closed its
    verdict stands, and the evidence for it with it."""
    return exists().where(
        Message.id.in_(message_ids),
        Message.kind == TextKind.RENEGOTIATED,
        Message.commitment_id == Revision.commitment_id,
        Message.due_version == Revision.due_version,
        Commitment.id == Revision.commitment_id,
        Commitment.closed_at.is_(None),
        *conditions,
    )


def after_error(session: Session, message_id: int, phone: str, code: int | None, *, now: datetime) -> None:
    """What an error says about the number: a dead one gets no more texts, an opted-out one none until START."""
    match classify(code):
        case ErrorClass.DEAD_NUMBER:
            opt_out(session, phone, OptOutReason.DEAD, now=now)
        case ErrorClass.OPTED_OUT:
            opt_out(session, phone, OptOutReason.STOP, now=now)
        case _:
            return
    message = session.get_one(Message, message_id)
    if message.commitment_id is None:
        return
    about = classify(code)
    if message.person is not None:  # the customer's own number may be as good as ever
        note(session, message.commitment_id, f"{message.person.name} gets no texts: {about}", now=now)
    else:
        note(session, message.commitment_id, f"{about}: call, do not text", now=now)


def opt_out(session: Session, phone: str, reason: OptOutReason, *, now: datetime) -> None:
    """No more texts to this number; what is pending for it is suppressed. STOP outlives a dead number."""
    known = {"phone": phone, "sender": "", "reason": reason, "at": now}
    # One statement, for the same may be heard at this moment from the customer and from the provider.
    if dialect_of(session) == "postgresql":
        session.execute(_keeping_stop(postgresql.insert(OptOut)), known)
    else:
        session.execute(_keeping_stop(sqlite.insert(OptOut)), known)
    to_customer = Message.customer_id.in_(select(Customer.id).where(Customer.phone == phone))
    to_person = Message.person_id.in_(select(Person.id).where(Person.phone == phone))
    # Without waiting: who suppresses the same texts in another order would wait for us. What somebody else holds
    # at this moment is dropped when it is next claimed.
    pending = (
        select(Message.id)
        .where(Message.status == MessageStatus.PENDING, or_(to_customer, to_person))
        .with_for_update(skip_locked=True, key_share=True)
    )
    session.execute(
        update(Message)
        .where(Message.id.in_(session.scalars(pending).all()))
        .values(status=MessageStatus.SUPPRESSED, send_after=None, reason=f"no texts: {reason}")
        .execution_options(synchronize_session=False)
    )


def _keeping_stop(new: postgresql.Insert | sqlite.Insert) -> Insert:
    stops = and_(OptOut.reason == OptOutReason.DEAD, new.excluded.reason == OptOutReason.STOP)
    return new.on_conflict_do_update(
        index_elements=[OptOut.phone, OptOut.sender],
        set_={"reason": new.excluded.reason, "at": new.excluded.at},
        where=stops,
    )


def opt_in(session: Session, phone: str) -> None:
    """START: texts may go there again. A dead number stays dead."""
    session.execute(delete(OptOut).where(OptOut.phone == phone, OptOut.reason == OptOutReason.STOP))


def note(
    session: Session,
    commitment_id: int,
    text: str,
    *,
    kind: EventKind = EventKind.NOTED,
    now: datetime,
) -> None:
    """A line in the commitment's history that nobody here wrote."""
    version = select(Commitment.due_version).where(Commitment.id == commitment_id).scalar_subquery()
    session.execute(
        insert(Event).values(
            commitment_id=commitment_id, at=now, kind=kind, due_version=version, facts={"text": text}
        )
    )
