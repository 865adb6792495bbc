"""A message arrived or failed: what follows for the commitment and for the number?"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Insert,
    SQLColumnExpression,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.arrays import dialect_of, update_each
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
    Team,
    table_of,
)
from tracker.policy.consent import Scope
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


SAID_BY = "said_by"


def said_by(session: Session, message_ids: Sequence[int], by: int) -> None:
    """These need not leave: message `by` has left, and speaks for them."""
    waiting = select(Message.id, Message.facts).where(
        Message.id.in_(message_ids), Message.status == MessageStatus.PENDING
    )
    values = {
        "status": MessageStatus.SUPPRESSED,
        "send_after": None,
        "reason": "one text said it for several promises",
    }
    rows = session.execute(waiting.with_for_update(key_share=True)).all()
    said = [{**values, "of": row.id, "facts": {**(row.facts or {}), SAID_BY: by}} for row in rows]
    update_each(session, table_of(Message), said)


def not_said(session: Session, by: Message, *, again_at: datetime) -> None:
    """Message `by` did not arrive: what it spoke for is looked at again, as if it had never left."""
    if by.person_id is None:
        return
    session.execute(
        update(Message)
        .where(
            Message.person_id == by.person_id,
            Message.status == MessageStatus.SUPPRESSED,
            Message.facts[SAID_BY].as_integer() == by.id,
        )
        .values(status=MessageStatus.PENDING, send_after=again_at, reason=None)
        .execution_options(synchronize_session=False)
    )


def after_error(session: Session, message_id: int, phone: str, code: int | None, *, now: datetime) -> None:
    """What an error says about the number: a dead one gets no more texts, an opted-out one none until START."""
    message = session.get_one(Message, message_id)
    match classify(code):
        case ErrorClass.DEAD_NUMBER:
            opt_out(session, phone, OptOutReason.DEAD, now=now)
        case ErrorClass.OPTED_OUT:
            opt_out(session, phone, OptOutReason.STOP, senders=[message.from_address or ""], now=now)
        case _:
            return
    if message.commitment_id is None:
        return
    about = classify(code)
    if message.person is not None:  # the customer's own number may be as good as ever
        note(session, message.commitment_id, f"{message.person.name} gets no texts: {about}", now=now)
    else:
        note(session, message.commitment_id, f"{about}: call, do not text", now=now)


def opted_out(
    phone: SQLColumnExpression[str] | str, sender: SQLColumnExpression[str] | str
) -> ColumnElement[bool]:
    """Is it an opt-out that keeps texts from `sender`, a number or messaging service of ours, from `phone`?

    Several may: ask for one of them, or whether there is any, never join them.
    """
    return and_(OptOut.phone == phone, or_(OptOut.sender == "", OptOut.sender == sender))


def opt_out(
    session: Session, phone: str, reason: OptOutReason, *, senders: Sequence[str] = (), now: datetime
) -> None:
    """No more texts to this number; what is pending for it is suppressed. STOP outlives a dead number.

    `senders`: the names of the sender it was said to, a number and perhaps its messaging service. It holds for that
    one alone if the session's scope says so, and if there is one: a dead number is dead for all.
    """
    scope = session.info.get("opt_out_scope", Scope.EVERYWHERE)
    narrow = sorted({*senders} - {""}) if scope is Scope.SENDER else []
    known = [{"phone": phone, "sender": sender, "reason": reason, "at": now} for sender in narrow or [""]]
    # One statement, for the same may be heard at this moment from the customer and from the provider.
    dialect = postgresql if dialect_of(session) == "postgresql" else sqlite
    session.execute(_keeping_stop(dialect.insert(OptOut)), known)
    to_customer = Message.customer_id.in_(select(Customer.id).where(Customer.phone == phone))
    to_person = Message.person_id.in_(select(Person.id).where(Person.phone == phone))
    # Without waiting: who suppresses the same texts in another order would wait for us. What somebody else holds
    # at this moment is dropped when it is next claimed.
    pending = (
        select(Message.id)
        .where(Message.status == MessageStatus.PENDING, or_(to_customer, to_person))
        .where(_leaves_from(narrow) if narrow else true())
        .with_for_update(skip_locked=True, key_share=True)
    )
    session.execute(
        update(Message)
        .where(Message.id.in_(session.scalars(pending).all()))
        .values(status=MessageStatus.SUPPRESSED, send_after=None, reason=f"no texts: {reason}")
        .execution_options(synchronize_session=False)
    )


def _leaves_from(senders: Sequence[str]) -> ColumnElement[bool]:
    """Would the message leave from one of these? A team without a sender of its own has the usual one, which is the
    one that no team has chosen. What this misses is dropped when it is claimed."""
    teams = select(Team.sender).join(Commitment, Commitment.team_id == Team.id)
    own = teams.where(Commitment.id == Message.commitment_id).scalar_subquery()
    chosen = exists().where(Team.sender.in_(senders))
    return or_(own.in_(senders), and_(own.is_(None), ~chosen))


def _keeping_stop(new: postgresql.Insert | sqlite.Insert) -> Insert:
    said = and_(OptOut.reason == OptOutReason.DEAD, new.excluded.reason != OptOutReason.DEAD)
    return new.on_conflict_do_update(
        index_elements=[OptOut.phone, OptOut.sender],
        set_={"reason": new.excluded.reason, "at": new.excluded.at},
        where=said,
    )


TAKEN_BACK_BY_START = frozenset({OptOutReason.STOP, OptOutReason.ASKED})
"""A dead number stays dead."""


def opt_in(
    session: Session, phone: str, reasons: Collection[OptOutReason], *, senders: Sequence[str] = ()
) -> bool:
    """Texts that were forbidden for one of these reasons may go there again, from that sender alone if the session's
    scope says so. False: none was."""
    narrow = session.info.get("opt_out_scope") is Scope.SENDER
    said_to = OptOut.sender.in_(["", *senders]) if narrow else true()
    gone = delete(OptOut).where(OptOut.phone == phone, OptOut.reason.in_(reasons), said_to)
    return session.execute(gone.returning(OptOut.id)).first() is not None


def note(
    session: Session,
    commitment_id: int,
    text: str,
    *,
    kind: EventKind = EventKind.NOTED,
    by_id: int | None = None,
    now: datetime,
) -> None:
    """A line in the commitment's history; by nobody here, unless it says `by_id`."""
    version = select(Commitment.due_version).where(Commitment.id == commitment_id).scalar_subquery()
    session.execute(
        insert(Event).values(
            commitment_id=commitment_id,
            at=now,
            kind=kind,
            person_id=by_id,
            due_version=version,
            facts={"text": text},
        )
    )
