"""What could go wrong between a queued text and its receipt, and must not."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tracker.model import Message, Person


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
