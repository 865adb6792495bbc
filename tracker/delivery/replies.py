"""Who answered which text of ours, and what does the answer do?

An understood answer is handed to the one function that ACTS has for its meaning; no other reply changes anything.
Whoever adds a question adds its text to tracker.policy.replies.QUESTIONS and its answers' functions here, or hands
them to take_text where they need what this package may not know.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, select
from sqlalchemy.orm import Session

from tracker import customers, outbox
from tracker.delivery.consequences import note
from tracker.model import (
    Commitment,
    Customer,
    Direction,
    Dispatch,
    DispatchState,
    EventKind,
    Message,
    MessageStatus,
    Person,
)
from tracker.policy.checks import Refused
from tracker.policy.replies import ANSWERABLE, MOST_UNCLEAR, QUESTIONS, Asked, Meaning, Reply, helps
from tracker.policy.wording import TextKind

REPLY, UNCLEAR = "reply", "unclear"
"""Kinds of message that come in: one that was understood or is for somebody to read, one that looked like an answer
and was none."""
CALL_WANTED_AGAIN = timedelta(minutes=15)
"""An owner who was just told that a call is wanted is not told again."""
HELP_LASTS = timedelta(minutes=15)
"""An answer to a text that comes later than this only puzzles."""
_CAME_TO_NOTHING = (MessageStatus.FAILED, MessageStatus.UNDELIVERED, MessageStatus.SUPPRESSED)
_NEVER_LEFT = (DispatchState.NOT_SENT, DispatchState.REJECTED)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who has the number that a text came from. `customer_id` or `person_id`; `about`: the promise that it most
    likely speaks of."""

    customer_id: int | None
    person_id: int | None
    language: str
    about: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """An understood reply of a customer: what it means, about which promise."""

    commitment_id: int
    customer_id: int
    reply: Reply


Act = Callable[[Session, Answer, datetime], None]
"""Does what an answer asks for, at that moment, in the caller's transaction, and writes its line of history."""


def who_wrote(session: Session, phone: str) -> Writer | None:
    """Whose number is it? Their row is locked, so that two texts of theirs are taken in one after the other. A number
    that a colleague shares with a customer belongs to whom we texted there last. None: nobody we know."""
    latest = session.execute(_sent_to(phone).limit(1)).first()
    customer = session.scalar(select(Customer).where(Customer.phone == phone).with_for_update(key_share=True))
    if customer is not None and (latest is None or latest.person_id is None):
        about = _most_likely(session, customer.id, latest.commitment_id if latest else None)
        return Writer(customer.id, None, customer.language, about)
    people = select(Person).where(Person.phone == phone, Person.active).order_by(Person.id)
    if latest is not None:
        people = people.where(Person.id == latest.person_id)
    person = session.scalars(people.limit(1).with_for_update(key_share=True)).first()
    if person is None:
        return None
    return Writer(None, person.id, person.language, latest.commitment_id if latest else None)


def questions(session: Session, phone: str, *, now: datetime) -> list[Asked]:
    """What we asked at that number lately, the latest first."""
    latest = session.scalar(_sent_to(phone).with_only_columns(Message.id).limit(1))
    sent = (
        _sent_to(phone)
        .where(Message.kind.in_(QUESTIONS), Dispatch.at >= now - 2 * ANSWERABLE)
        .join(Commitment, Commitment.id == Message.commitment_id)
        .add_columns(
            (Message.due_version == Commitment.due_version).label("still"),
            Commitment.closed_at.is_not(None).label("closed"),
        )
    )
    asked: dict[tuple[int, str], Asked] = {}
    for row in session.execute(sent):
        question = QUESTIONS[TextKind(row.kind)]
        holds = row.still and row.closed == question.once_closed and not _answered(session, row)
        found = Asked(row.id, row.commitment_id, question, row.at, holds, row.id == latest)
        asked.setdefault((row.commitment_id, row.kind), found)
    return list(asked.values())


def is_from(writer: Writer) -> ColumnElement[bool]:
    """Did it come from them?"""
    if writer.customer_id is not None:
        return Message.customer_id == writer.customer_id
    return Message.person_id == writer.person_id


def ask_again(session: Session, text: Message, writer: Writer, *, now: datetime) -> None:
    """Say that the text was not understood; after a few such in a row say nothing more."""
    before = (
        select(Message.kind)
        .where(Message.direction == Direction.IN, is_from(writer), Message.id < text.id)
        .order_by(Message.id.desc())
        .limit(MOST_UNCLEAR)
    )
    in_a_row = len([*takewhile(lambda kind: kind == UNCLEAR, session.scalars(before))])
    if writer.about is None or not helps(in_a_row):
        return
    commitment = session.get_one(Commitment, writer.about)
    if writer.person_id is None:
        until = now + HELP_LASTS
        outbox.to_customer(session, commitment, TextKind.SAY_MORE, now=now, expires_at=until)
    else:
        colleague = session.get_one(Person, writer.person_id)
        outbox.to_person(session, commitment, colleague, TextKind.USE_THE_PAGE, now=now)


def _call_wanted(session: Session, answer: Answer, now: datetime) -> None:
    """The owner is told, also of a promise that is closed; a wish changes no due time."""
    said = f"The customer asks for a call now: {answer.reply.text}"
    note(session, answer.commitment_id, said, kind=EventKind.REPLIED, now=now)
    told = exists().where(
        Message.commitment_id == answer.commitment_id,
        Message.kind == TextKind.CALL_WANTED,
        Message.made_at > now - CALL_WANTED_AGAIN,
    )
    commitment = session.get_one(Commitment, answer.commitment_id)
    if not session.scalar(select(told)):
        outbox.to_person(session, commitment, commitment.owner, TextKind.CALL_WANTED, now=now)


def _kept(session: Session, answer: Answer, now: datetime) -> None:
    _judge(session, answer, True, now)


def _not_kept(session: Session, answer: Answer, now: datetime) -> None:
    _judge(session, answer, False, now)


def _judge(session: Session, answer: Answer, kept: bool, now: datetime) -> None:
    """As if they had said it on their page. What can no longer be said of the promise is a note on it."""
    commitment = session.get_one(Commitment, answer.commitment_id)
    try:
        customers.judge(session, commitment, kept=kept, now=now)
    except Refused:
        note(session, commitment.id, answer.reply.text, kind=EventKind.REPLIED, now=now)


ACTS: Mapping[Meaning, Act] = {
    Meaning.CALL_ME: _call_wanted,
    Meaning.KEPT_YES: _kept,
    Meaning.KEPT_NO: _not_kept,
}
"""What each meaning does. Those that have none here, and are not handed in, are notes."""


def _sent_to(phone: str) -> Select[int, str, int | None, int | None, datetime]:
    """Our texts that reached that number, or may have, the latest first."""
    return (
        select(Message.id, Message.kind, Message.commitment_id, Message.person_id, Dispatch.at)
        .join(Dispatch, Dispatch.message_id == Message.id)
        .where(
            Dispatch.to_address == phone,
            Dispatch.state.not_in(_NEVER_LEFT),
            Message.status.not_in(_CAME_TO_NOTHING),
        )
        .order_by(Dispatch.at.desc(), Dispatch.id.desc())
    )


def _answered(session: Session, row: Row[Any]) -> bool:
    answers = exists().where(
        Message.direction == Direction.IN,
        Message.commitment_id == row.commitment_id,
        Message.facts["answers"].as_integer() == row.id,
    )
    return bool(session.scalar(select(answers)))


def _most_likely(session: Session, customer_id: int, texted: int | None) -> int | None:
    """The open promise that we texted about last, else the newest open one; if none is open, the same of all."""
    return session.scalar(
        select(Commitment.id)
        .where(Commitment.customer_id == customer_id)
        .order_by(
            Commitment.closed_at.is_not(None),
            Commitment.id != (texted or 0),
            Commitment.made_at.desc(),
            Commitment.id.desc(),
        )
        .limit(1)
    )
