"""What must hold when the provider says what became of a text, by number in the list we keep to.

Through everything there is: the official client, the provider's stand-in with its signed calls over HTTP, our pages.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from tests.cast import TWO, Cast
from tests.journeys.town import Town
from tests.operations.talk import MARIA, page
from tracker.delivery import deliver
from tracker.delivery.asking import ask
from tracker.model import (
    Dispatch,
    Message,
    MessageStatus,
)
from web.simulator import Fault, FaultKind


@pytest.fixture
def town(cast: Cast) -> Iterator[Town]:
    """Texts leave from one number."""
    with Town.around(cast) as town:
        yield town


def test_19_a_callback_before_the_answer_binds_the_sid_by_the_attempt_in_its_address(town: Town) -> None:
    town.cast.promised()
    town.simulator.order(Fault(FaultKind.EARLY))
    town.simulator.order(Fault(FaultKind.RESET))
    town.tick()
    (sid,) = [text.sid for text in town.simulator.phones[MARIA]]
    with town.house.readers() as session:
        text = session.scalars(select(Message).where(Message.kind == "promised")).one()
        assert (text.sid, text.status) == (sid, MessageStatus.DELIVERED)
        assert session.scalars(select(Dispatch.sid)).all() == [sid]


def test_21_sent_for_hours_shows_as_no_receipt_and_a_missed_callback_is_repaired_by_fetching(
    town: Town,
) -> None:
    town.cast.promised(minutes=600)
    deliver(town.house.sessions, town.house.channels, now=TWO)

    def status() -> MessageStatus:
        with town.house.readers() as session:
            return session.scalars(select(Message.status)).one()

    while status() is not MessageStatus.SENT:
        assert town.simulator.advance(1) or status() is MessageStatus.ACCEPTED
    town.simulator.order(Fault(FaultKind.DROPPED, times=None))
    town.simulator.drain()
    town.cast.clock.forward(180)
    assert "no receipt: it may not have arrived" in page(town)
    assert "delivered" not in page(town)
    ask(town.house.sessions, town.house.channels, now=town.cast.clock.now)
    assert status() is MessageStatus.DELIVERED
    assert "no receipt" not in page(town)
