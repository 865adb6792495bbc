"""What could go wrong between a queued text and its receipt, and must not."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.cast import TWO, Cast
from tracker.delivery import Delivered, deliver
from tracker.escalation import climb
from tracker.model import Commitment, LadderRow, Message, MessageStatus, Person


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
