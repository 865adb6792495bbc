"""What leaves the house, what does not, and what became of it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import TWO, Cast
from tracker import commitments
from tracker.channels import Accepted, NotSent, Rejected, Unknown
from tracker.delivery import Delivered, deliver
from tracker.delivery.claiming import claim
from tracker.delivery.hearing import take_receipt
from tracker.delivery.incoming import take_text
from tracker.model import (
    Customer,
    Dispatch,
    DispatchState,
    Event,
    EventKind,
    Message,
    MessageStatus,
    OptOut,
    Person,
    Receipt,
)
from tracker.policy.outcomes import Outcome


def message(session: Session, kind: str = "promised") -> Message:
    return session.scalars(select(Message).where(Message.kind == kind)).one()


def receipt(cast: Cast, status: str, code: int | None = None, minutes: float = 0) -> bool:
    """The provider's news of the first dispatch."""
    with cast.sessions.begin() as session:
        dispatch = session.scalars(select(Dispatch).order_by(Dispatch.id)).first()
        assert dispatch is not None
        sid = dispatch.sid or "SMearly"
        now = cast.clock.forward(minutes)
        return take_receipt(session, dispatch.token, sid=sid, status=status, error_code=code, now=now)


def reply(cast: Cast, body: str, sid: str = "SMin1", sender: str = "+447700900100") -> None:
    with cast.sessions.begin() as session:
        take_text(session, sid=sid, sender=sender, to=cast.wire.sender, body=body, now=cast.clock.now)


def test_a_text_carries_the_customers_name_topic_and_local_time(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Customer, cast.maria.id).zone = "America/New_York"
    cast.promised()
    cast.tick()
    (text,) = cast.wire.sent
    assert text.to == "+447700900100"
    assert "Maria" in text.body
    assert "the refund for order 1042" in text.body
    assert "10:00" in text.body, "three o'clock in London is ten in New York"


def test_the_name_is_the_freshest_at_the_moment_of_sending(cast: Cast) -> None:
    cast.promised()
    with cast.sessions.begin() as session:
        session.get_one(Customer, cast.maria.id).given_name = "Mary"
    cast.tick()
    assert "Hi Mary" in cast.wire.sent[0].body


def test_a_dispatch_is_committed_before_the_request_leaves(cast: Cast) -> None:
    cast.promised()
    claimed = claim(cast.sessions, {"sms": cast.wire}, now=TWO)
    with cast.sessions() as session:
        dispatch = session.scalars(select(Dispatch)).one()
        assert (dispatch.state, dispatch.token) == (DispatchState.OPEN, claimed.ready[0].outgoing.token)
        assert message(session).status is MessageStatus.SENDING


def test_a_worker_that_goes_silent_leaves_the_message_unknown_and_it_is_not_sent_again(cast: Cast) -> None:
    cast.promised()
    claim(cast.sessions, {"sms": cast.wire}, now=TWO)
    for minutes in (1, 10, 30):
        cast.tick(minutes=minutes)
    assert "promised to Maria" not in cast.texts()
    with cast.sessions() as session:
        assert message(session).status is MessageStatus.UNKNOWN


def test_what_was_certainly_not_sent_is_sent_later(cast: Cast) -> None:
    cast.promised()
    cast.wire.answers = [NotSent("refused"), NotSent("busy", timedelta(minutes=2))]
    cast.tick()
    cast.tick(minutes=0.3)
    cast.tick(minutes=1)
    assert len(cast.wire.sent) == 2, "asked to wait two minutes"
    cast.tick(minutes=1.1)
    assert cast.texts() == ["promised to Maria"]


def test_what_may_have_been_sent_is_not_sent_again(cast: Cast) -> None:
    cast.promised(minutes=600)
    cast.wire.answers = [Unknown("read timed out")]
    for _ in range(10):
        cast.tick(minutes=30)
    assert len(cast.wire.sent) == 1


def test_a_dead_number_gets_one_try_and_the_owner_is_told_to_call(cast: Cast) -> None:
    number = cast.promised()
    cast.wire.answers = [Rejected(21211, "invalid")]
    cast.tick()
    cast.promised(topic="something else")
    cast.tick()
    assert len(cast.wire.sent) == 1
    with cast.sessions() as session:
        note = session.scalars(select(Event).where(Event.kind == EventKind.NOTED)).one()
        assert note.commitment_id == number
        assert note.facts == {"text": "the number takes no texts: call, do not text"}


def test_a_code_nobody_knows_is_not_tried_again(cast: Cast) -> None:
    cast.promised(minutes=600)
    cast.wire.answers = [Rejected(99999, "?")]
    assert deliver(cast.sessions, {"sms": cast.wire}, now=TWO) == Delivered(failed=1)
    cast.tick(minutes=120)
    assert len(cast.wire.sent) == 1


def test_while_our_account_is_ill_the_message_waits(cast: Cast) -> None:
    cast.promised(minutes=600)
    cast.wire.answers = [Rejected(20003, "authenticate")]
    assert deliver(cast.sessions, {"sms": cast.wire}, now=TWO) == Delivered(deferred=1)
    cast.tick(minutes=6)
    assert cast.texts() == ["promised to Maria"]


def test_accepted_and_failed_at_once_is_a_failure(cast: Cast) -> None:
    cast.promised()
    cast.wire.answers = [Accepted("SMx", error_code=30006)]
    assert deliver(cast.sessions, {"sms": cast.wire}, now=TWO) == Delivered(failed=1)


def test_without_a_channel_texts_wait_until_there_is_one(cast: Cast) -> None:
    cast.promised()
    assert deliver(cast.sessions, {}, now=TWO) == Delivered()
    cast.tick(minutes=1)
    assert cast.texts() == ["promised to Maria"]


@pytest.mark.parametrize("zone", ["Europe/London", "Pacific/Auckland"])
def test_an_apology_waits_for_morning_where_the_customer_is(cast: Cast, zone: str) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Customer, cast.maria.id).zone = zone
    cast.promised(minutes=8 * 60)  # ten at night in London, eleven in the morning in Auckland
    cast.tick(minutes=8 * 60 + 15)
    assert ("apology to Maria" in cast.texts()) is (zone == "Pacific/Auckland")
    cast.clock.now = datetime.fromisoformat("2026-11-20T08:00:00+00:00")
    cast.tick()
    assert "apology to Maria" in cast.texts()


def test_an_opt_out_ends_texts_never_the_call_back(cast: Cast) -> None:
    number = cast.promised()
    cast.tick()
    reply(cast, " Stop ")
    cast.tick(minutes=120)
    assert [text for text in cast.texts() if text.endswith("Maria")] == ["promised to Maria"]
    with cast.sessions() as session:
        assert commitments.find(session, number, by=cast.ana).closed_at is None
        assert message(session, "apology").reason == "the customer opted out of texts: call"
        said = session.scalars(select(Event).where(Event.kind == EventKind.REPLIED)).one()
        assert said.facts == {"text": "The customer opted out of texts: keep the promise by calling."}


def test_start_restores_texts(cast: Cast) -> None:
    reply(cast, "STOP", sid="SM1")
    reply(cast, "start", sid="SM2")
    cast.promised()
    cast.tick()
    assert cast.texts() == ["promised to Maria"]


def test_stop_suppresses_what_is_pending(cast: Cast) -> None:
    cast.promised()
    reply(cast, "STOP")
    with cast.sessions() as session:
        assert message(session).status is MessageStatus.SUPPRESSED


def test_the_same_reply_twice_is_taken_once(cast: Cast) -> None:
    cast.promised()
    reply(cast, "After four is better")
    reply(cast, "After four is better")
    with cast.sessions() as session:
        assert len(session.scalars(select(Event).where(Event.kind == EventKind.REPLIED)).all()) == 1


def test_an_unknown_sender_changes_nothing(cast: Cast) -> None:
    cast.promised()
    reply(cast, "STOP", sender="+447700900777")
    cast.tick()
    assert cast.texts() == ["promised to Maria"]
    with cast.sessions() as session:
        assert session.scalars(select(OptOut.phone)).all() == ["+447700900777"]


def test_a_receipt_moves_the_message_on_and_never_back(cast: Cast) -> None:
    cast.promised()
    cast.tick()
    for status in ("delivered", "sent", "failed", "queued", "delivered"):
        assert receipt(cast, status)
    with cast.sessions() as session:
        assert message(session).status is MessageStatus.DELIVERED
        assert len(session.scalars(select(Receipt)).all()) == 4, "the same news twice is one row"


def test_a_receipt_that_overtakes_the_answer_binds_the_message(cast: Cast) -> None:
    cast.promised()
    claim(cast.sessions, {"sms": cast.wire}, now=TWO)
    receipt(cast, "sent")
    with cast.sessions() as session:
        assert (message(session).status, message(session).sid) == (MessageStatus.SENT, "SMearly")
    cast.tick(minutes=30)
    assert cast.wire.sent == [], "known to be sent, so never sent again"


def test_a_receipt_settles_what_was_unknown(cast: Cast) -> None:
    cast.promised()
    cast.wire.answers = [Unknown("reset")]
    cast.tick()
    receipt(cast, "delivered")
    with cast.sessions() as session:
        assert message(session).status is MessageStatus.DELIVERED


def test_a_receipt_with_a_strange_token_writes_nothing(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        assert not take_receipt(session, "nobody", sid="SM1", status="sent", error_code=None, now=TWO)
        assert session.scalars(select(Receipt)).all() == []


def test_a_number_that_turns_out_dead_is_not_texted_again(cast: Cast) -> None:
    cast.promised()
    cast.tick()
    receipt(cast, "undelivered", 30006)
    cast.tick(minutes=120)
    assert [text for text in cast.texts() if text.endswith("Maria")] == ["promised to Maria"]


def test_a_reminder_for_somebody_who_no_longer_owns_it_is_dropped(cast: Cast) -> None:
    number = cast.promised()
    cast.clock.forward(45)
    cast.wire.answers = [NotSent("refused")] * 9
    cast.tick()
    with cast.sessions.begin() as session:
        commitment = commitments.find(session, number, by=cast.ana)
        ben = session.get_one(Person, cast.ben.id)
        commitments.reassign(session, commitment, by=cast.ana, to=ben, reason="x", now=cast.clock.now)
    cast.wire.answers = []
    cast.tick(minutes=5)
    assert "reminder to Ana" not in cast.texts()


def test_nothing_is_sent_for_a_commitment_that_closed_after_the_message_was_put_off(cast: Cast) -> None:
    number = cast.promised()
    cast.wire.answers = [NotSent("refused")]
    cast.tick()
    with cast.sessions.begin() as session:
        commitment = commitments.find(session, number, by=cast.ana)
        commitments.close(
            session, commitment, by=cast.ana, outcome=Outcome.WITHDRAWN, reference="sold out", now=TWO
        )
    cast.tick(minutes=30)
    assert cast.texts() == []
