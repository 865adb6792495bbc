"""Somebody sent us a text: what does it mean, and whom does it concern?

It may come twice, and is taken in once. Nothing here talks to the provider.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.arrays import dialect_of
from tracker.delivery.consequences import TAKEN_BACK_BY_START, note, opt_in, opt_out
from tracker.delivery.replies import (
    ACTS,
    REPLY,
    UNCLEAR,
    Act,
    Answer,
    Writer,
    ask_again,
    is_from,
    questions,
    who_wrote,
)
from tracker.model import (
    Commitment,
    Direction,
    EventKind,
    Message,
    MessageStatus,
    OptOutReason,
)
from tracker.policy.consent import Word, is_also_an_answer, keyword, sounds_like_stop
from tracker.policy.replies import Meaning, answered, needs_help, understand

log = logging.getLogger(__name__)


def take_text(
    session: Session,
    *,
    sid: str,
    sender: str,
    to: str,
    body: str,
    service: str = "",
    opt_out_type: str = "",
    token: str = "",
    own_numbers: Collection[str] = (),
    acts: Mapping[Meaning, Act] = ACTS,
    now: datetime,
) -> None:
    """A text came in. STOP and START are honoured; an answer to a question of ours does what `acts` has for it;
    anything else reaches the owner as a note. The provider may call twice for one text: the second changes nothing.

    `service`: the messaging service it came through; `opt_out_type`: what the provider did by it; `token`: the same
    whenever this call is repeated. Each may be empty. A text from one of our own numbers is dropped.
    """
    if sender in {to, *own_numbers}:
        log.warning("a text from our own number %s is dropped", sender)
        return
    writer = who_wrote(session, sender)
    if writer is not None and token and _had(session, writer, token):
        return
    text = _write_down(
        session,
        sid=sid or token or None,
        commitment_id=writer.about if writer else None,
        customer_id=writer.customer_id if writer else None,
        person_id=writer.person_id if writer else None,
        made_at=now,
        from_address=sender,
        to_address=to,
        body=body,
        facts={"token": token} if token else None,
    )
    if text is None:
        return
    word = _obey(session, sender, body, opt_out_type, (to, service), now)
    if writer is None:
        if word is None and sounds_like_stop(body):
            log.warning("%s, whom nobody here knows, wrote what sounds like stop", sender)
    elif word is not None:
        _say(session, writer, word, now)
    elif writer.customer_id is None:
        _from_colleague(session, text, writer, now)
    else:
        _from_customer(session, text, writer, acts, now)
    session.flush()


def _had(session: Session, writer: Writer, token: str) -> bool:
    """Was this very call made before? Theirs are taken in one after the other, so whoever asks sees the first."""
    same = select(Message.id).where(
        Message.direction == Direction.IN,
        is_from(writer),
        Message.facts["token"].as_string() == token,
    )
    return session.scalar(same.limit(1)) is not None


def _write_down(session: Session, **values: object) -> Message | None:
    """The text as a row, or None if it is one already: of two calls at once the second waits here for the first."""
    dialect = postgresql if dialect_of(session) == "postgresql" else sqlite
    new = dialect.insert(Message).values(
        direction=Direction.IN, channel="sms", kind=REPLY, status=MessageStatus.RECEIVED, **values
    )
    written = new.on_conflict_do_nothing(index_elements=[Message.sid]).returning(Message)
    text: Message | None = session.scalar(written)
    return text


def _obey(
    session: Session, sender: str, body: str, opt_out_type: str, said_to: Sequence[str], now: datetime
) -> Word | None:
    """Act on the word that the provider acts on. START from somebody who may be texted is an ordinary answer, for
    YES is one of its words, unless the provider says that it took it for START."""
    said = opt_out_type.strip().lower()
    word = Word(said) if said in list(Word) else keyword(body)
    if word is Word.STOP:
        opt_out(session, sender, OptOutReason.STOP, senders=said_to, now=now)
    elif word is Word.START:
        only = {OptOutReason.STOP} if is_also_an_answer(body) and not said else TAKEN_BACK_BY_START
        if not opt_in(session, sender, only, senders=said_to) and not said:
            return None
    return word


_OF_CUSTOMERS = {
    Word.STOP: "The customer opted out of texts: keep the promise by calling.",
    Word.START: "The customer takes texts again.",
    Word.HELP: "The customer asked for help; the provider has answered.",
}
_OF_COLLEAGUES = {
    Word.STOP: "Opted out of texts: reminders no longer arrive on this phone.",
    Word.START: "Takes texts again.",
    Word.HELP: "Asked the provider for help.",
}


def _say(session: Session, writer: Writer, word: Word, now: datetime) -> None:
    """No answer of ours: the provider has given one. Every open promise to a customer becomes one to be kept by
    calling, so each of them says so."""
    if writer.customer_id is None:
        if writer.about is not None:
            note(session, writer.about, _OF_COLLEAGUES[word], by_id=writer.person_id, now=now)
        return
    still_open = select(Commitment.id).where(
        Commitment.customer_id == writer.customer_id, Commitment.closed_at.is_(None)
    )
    concerned = session.scalars(still_open).all() if word is not Word.HELP else []
    for number in concerned or filter(None, [writer.about]):
        note(session, number, _OF_CUSTOMERS[word], kind=EventKind.REPLIED, now=now)


def _from_colleague(session: Session, text: Message, writer: Writer, now: datetime) -> None:
    """A note of theirs on the promise that we texted them about last. No code does anything: none was offered, and
    what was done for the customer is told on its page, where it can be judged."""
    body = text.body or ""
    if writer.about is None:
        return
    if needs_help(body, (), language=writer.language):
        text.kind = UNCLEAR
        ask_again(session, text, writer, now=now)
    else:
        note(session, writer.about, _flagged(body), by_id=writer.person_id, now=now)


def _from_customer(
    session: Session, text: Message, writer: Writer, acts: Mapping[Meaning, Act], now: datetime
) -> None:
    body = text.body or ""
    asked = questions(session, text.from_address or "", now=now)
    question = answered(body, asked, now=now)
    reply = understand(body, question=question.question if question else None, language=writer.language)
    about = question.about if question else writer.about
    if about is None or writer.customer_id is None:
        return
    text.commitment_id = about
    if (act := acts.get(reply.meaning)) is not None:
        if question is not None:
            text.facts = {**(text.facts or {}), "answers": question.text_id}
        act(session, Answer(about, writer.customer_id, reply), now)
        return
    note(session, about, _flagged(body), kind=EventKind.REPLIED, now=now)
    if reply.meaning is Meaning.NOTE and needs_help(body, asked, language=writer.language):
        text.kind = UNCLEAR
        ask_again(session, text, writer, now=now)


def _flagged(body: str) -> str:
    """What somebody reads. Nothing is stopped by it: the provider goes on sending, so a person has to ask."""
    return f"This sounds like “stop texting me”; ask them: {body}" if sounds_like_stop(body) else body
