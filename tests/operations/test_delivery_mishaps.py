"""What could go wrong between a queued text and its receipt, and must not."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.cast import TWO, Cast
from tracker import commitments
from tracker.audit import audit
from tracker.channels import Accepted, Rejected
from tracker.delivery import Delivered, deliver
from tracker.delivery.claiming import claim
from tracker.delivery.hearing import take_receipt
from tracker.delivery.settling import settle
from tracker.escalation import climb
from tracker.model import (
    Commitment,
    Dispatch,
    Event,
    EventKind,
    LadderRow,
    Message,
    MessageStatus,
    OptOut,
    Person,
    Revision,
)
from tracker.policy.outcomes import Disposition, Outcome


def message(session: Session, kind: str = "promised") -> Message:
    return session.scalars(select(Message).where(Message.kind == kind)).one()


def test_a_colleagues_text_never_goes_to_the_customer_when_the_colleague_has_no_phone_any_more(
    cast: Cast,
) -> None:
    cast.promised(by=cast.ben)
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.ana.id).phone = None
    cast.tick()
    assert cast.texts() == ["promised to Maria"]
    assert len(cast.wire.sent) == 1
    with cast.sessions() as session:
        assert message(session, "yours_now").reason == "no phone number"


def test_a_text_whose_words_cannot_be_found_holds_up_no_other(cast: Cast) -> None:
    broken = cast.promised()
    cast.clock.forward(75)
    climb(cast.sessions, now=cast.clock.now)
    with cast.sessions.begin() as session:
        wrong = LadderRow(steps=[{"offset": 0, "effect": "sing"}], made_at=TWO)
        session.add(wrong)
        session.flush()
        session.execute(update(Commitment).where(Commitment.id == broken).values(ladder_id=wrong.id))
    cast.promised()
    delivered = deliver(cast.sessions, {"sms": cast.wire}, now=cast.clock.now)
    assert delivered.sent >= 1
    assert "promised to Maria" in cast.texts()
    with cast.sessions() as session:
        apology = message(session, "apology")
        assert apology.status is MessageStatus.PENDING
        assert apology.send_after == cast.clock.now + timedelta(minutes=15)
    assert deliver(cast.sessions, {"sms": cast.wire}, now=cast.clock.now) == Delivered()


def receipt(cast: Cast, status: str, code: int | None = None) -> None:
    """The provider's news of the latest dispatch."""
    with cast.sessions.begin() as session:
        dispatch = session.scalars(select(Dispatch).order_by(Dispatch.id.desc())).first()
        assert dispatch is not None
        take_receipt(
            session,
            dispatch.token,
            sid=dispatch.sid or "SM1",
            status=status,
            error_code=code,
            now=cast.clock.now,
        )


def test_an_error_that_comes_after_delivery_says_nothing_about_the_number(cast: Cast) -> None:
    cast.promised()
    cast.tick()
    receipt(cast, "delivered")
    receipt(cast, "undelivered", 30006)
    with cast.sessions() as session:
        delivered = message(session)
        assert (delivered.status, delivered.error_code) == (MessageStatus.DELIVERED, None)
        assert session.scalars(select(OptOut)).all() == []


def test_an_error_code_that_comes_after_its_failure_is_still_learned_from(cast: Cast) -> None:
    cast.promised()
    cast.tick()
    receipt(cast, "failed")
    receipt(cast, "undelivered", 30006)
    with cast.sessions() as session:
        failed = message(session)
        assert (failed.status, failed.error_code) == (MessageStatus.FAILED, 30006)
        assert session.scalars(select(OptOut.phone)).all() == [cast.maria.phone]


def test_a_colleagues_dead_number_is_not_taken_for_the_customers(cast: Cast) -> None:
    number = cast.promised()
    cast.tick()
    cast.wire.answers = [Rejected(21211, "invalid")]
    cast.tick(minutes=45)
    with cast.sessions() as session:
        noted = select(Event.facts).where(Event.commitment_id == number, Event.kind == EventKind.NOTED)
        assert session.scalars(noted).all() == [{"text": "Ana Ruiz gets no texts: the number takes no texts"}]


def revised_by_text(cast: Cast) -> int:
    """A promise whose customer learns of the new time by text alone, if at all."""
    number = cast.promised()
    cast.tick()
    with cast.sessions.begin() as session:
        commitments.revise(
            session, commitments.find(session, number, by=cast.ana), by=cast.ana,
            due_at=TWO + timedelta(hours=3), reason="the system is down", told=False, now=cast.clock.forward(1),
        )  # fmt: skip
    return number


def told_at(cast: Cast) -> datetime | None:
    with cast.sessions() as session:
        return session.scalars(select(Revision)).one().told_at


def test_a_text_that_failed_before_its_answer_was_heard_told_nobody_of_the_new_time(cast: Cast) -> None:
    revised_by_text(cast)
    claimed = claim(cast.sessions, {"sms": cast.wire}, now=cast.clock.now)
    receipt(cast, "failed", 30003)
    assert told_at(cast) is None
    settle(cast.sessions, [(ready, Accepted("SM1")) for ready in claimed.ready], now=cast.clock.now)
    assert told_at(cast) is None


def test_a_text_that_never_arrived_told_nobody_of_the_new_time(cast: Cast) -> None:
    revised_by_text(cast)
    cast.tick()
    assert told_at(cast) == cast.clock.now
    cast.clock.forward(5)
    receipt(cast, "undelivered", 30003)
    assert told_at(cast) is None


def test_a_receipt_that_overtook_the_answer_says_when_the_text_left(cast: Cast) -> None:
    revised_by_text(cast)
    before_answer = cast.clock.now
    claimed = claim(cast.sessions, {"sms": cast.wire}, now=before_answer)
    cast.clock.forward(1)
    receipt(cast, "sent")
    settle(cast.sessions, [(ready, Accepted("SM1")) for ready in claimed.ready], now=before_answer)
    with cast.sessions() as session:
        assert message(session, "renegotiated").sent_at == cast.clock.now
    assert told_at(cast) == cast.clock.now
    receipt(cast, "undelivered", 30003)
    assert told_at(cast) is None


def test_who_was_told_in_person_stays_told_when_the_text_does_not_arrive(cast: Cast) -> None:
    number = cast.promised()
    cast.tick()
    told = cast.clock.forward(1)
    with cast.sessions.begin() as session:
        commitments.revise(
            session, commitments.find(session, number, by=cast.ana), by=cast.ana,
            due_at=TWO + timedelta(hours=3), reason="the system is down", told=True, now=told,
        )  # fmt: skip
    cast.tick(minutes=1)
    receipt(cast, "undelivered", 30003)
    assert told_at(cast) == told


def test_what_is_heard_after_closing_changes_no_evidence(cast: Cast) -> None:
    number = revised_by_text(cast)
    cast.clock.now = TWO + timedelta(minutes=59)
    claimed = claim(cast.sessions, {"sms": cast.wire}, now=cast.clock.now)
    before_answer = cast.clock.now
    cast.clock.forward(2)
    with cast.sessions.begin() as session:
        commitment = commitments.find(session, number, by=cast.ana)
        commitments.log_attempt(
            session, commitment, by=cast.ana, disposition=Disposition.REACHED, now=cast.clock.now
        )
        commitments.close(session, commitment, by=cast.ana, outcome=Outcome.FULFILLED, now=cast.clock.now)
    answers = [(ready, Accepted("SM9")) for ready in claimed.ready]
    settle(cast.sessions, answers, now=before_answer)
    with cast.sessions() as session:
        assert audit(session, now=cast.clock.now).findings == ()


def test_a_failed_try_that_was_put_off_is_not_failed_again_by_its_late_receipt(cast: Cast) -> None:
    cast.promised()
    cast.wire.answers = [Accepted("SM1", error_code=30001)]
    cast.tick()
    receipt(cast, "failed", 30001)
    with cast.sessions() as session:
        assert message(session).status is MessageStatus.PENDING
    cast.tick(minutes=1)
    assert cast.texts() == ["promised to Maria"]
    receipt(cast, "failed", 30006)
    with cast.sessions() as session:
        assert message(session).status is MessageStatus.FAILED


def test_a_number_that_is_refused_costs_one_request_however_many_texts_wait_for_it(cast: Cast) -> None:
    for _ in range(3):
        cast.promised()
    cast.wire.answers = [Rejected(21610, "opted out")]
    cast.tick()
    assert len(cast.wire.sent) == 1
    cast.tick(minutes=1)
    assert len(cast.wire.sent) == 1
    with cast.sessions() as session:
        assert sorted(session.scalars(select(Message.status))) == ["failed", "suppressed", "suppressed"]


def test_what_was_claimed_and_not_sent_when_a_worker_stumbles_is_sent_by_the_next_pass(cast: Cast) -> None:
    for _ in range(4):
        cast.promised()
    cast.wire.answers = [Accepted("SM1"), Accepted("SM1")]  # the database refuses the same sid twice
    with pytest.raises(IntegrityError):
        deliver(cast.sessions, {"sms": cast.wire}, now=TWO)
    assert len(cast.wire.sent) == 2
    cast.tick(minutes=1)
    assert cast.texts() == ["promised to Maria"] * 3
    cast.tick(minutes=30)
    with cast.sessions() as session:
        assert sorted(session.scalars(select(Message.status))) == ["accepted"] * 3 + ["unknown"]


def test_who_answers_for_a_promise_now_hears_of_it_though_its_time_has_moved_meanwhile(cast: Cast) -> None:
    number = cast.promised()
    cast.tick()
    with cast.sessions.begin() as session:
        commitment = commitments.find(session, number, by=cast.ana)
        ben = session.get_one(Person, cast.ben.id)
        commitments.reassign(session, commitment, by=cast.ana, to=ben, reason="lunch", now=TWO)
        commitments.revise(
            session,
            commitment,
            by=cast.ana,
            due_at=TWO + timedelta(hours=3),
            reason="lunch",
            told=True,
            now=TWO,
        )
    cast.tick(minutes=1)
    assert "yours_now to Ben" in cast.texts()
    assert "17:00" in cast.wire.sent[-1].body, "with the time as it is promised now"
