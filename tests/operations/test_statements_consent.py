"""What must hold of who may be texted, each statement by its number in the list we keep to.

Through everything there is: the official client, the provider's stand-in with its signed calls over HTTP, our pages.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from tests.cast import Cast
from tests.journeys.town import NUMBER, Town
from tests.operations.talk import MARIA, answer, kept, ours, page, rows, said, state
from tracker.delivery.consequences import opt_out
from tracker.model import (
    EventKind,
    Message,
    MessageStatus,
    OptOut,
    OptOutReason,
    Team,
)
from web.simulator import Fault, FaultKind, On

SERVICE, OTHER = "MG" + "7" * 32, "+15005550010"


@pytest.fixture
def town(cast: Cast) -> Iterator[Town]:
    """Texts leave from one number."""
    with Town.around(cast) as town:
        yield town


def test_24_stop_opts_out_and_twilio_alone_answers(town: Town) -> None:
    for number, word in enumerate(("STOP", " Stop ")):
        town.cast.promised(topic=f"matter {number}")
        town.tick()
        before = ours(town)
        answer(town, word)
        assert rows(town, OptOut) == 1, "at once, not when the next text is refused"
        town.cast.promised(topic=f"another {number}")
        town.tick()
        assert ours(town) == before
        answer(town, "START")
        assert rows(town, OptOut) == 0


def test_24_stop_please_does_not_stop_by_itself_but_a_person_sees_it(town: Town) -> None:
    town.cast.promised()
    town.tick()
    pleas = ["stop please", "Basta ya, por favor", "Arrêtez svp", "Bitte keine SMS mehr"]
    for plea in pleas:
        answer(town, plea)
    flagged = [f"This sounds like “stop texting me”; ask them: {plea}" for plea in pleas]
    assert rows(town, OptOut) == 0
    assert said(town) == flagged
    shown = page(town)
    assert all(line in shown for line in flagged)


def test_24_other_uses_of_the_word_are_plain_notes(town: Town) -> None:
    town.cast.promised()
    town.tick()
    others = ["stop by tomorrow?", "don't stop, great service", "I am at the bus stop"]
    for other in others:
        answer(town, other)
    assert said(town) == others


def test_24_yes_from_somebody_who_may_be_texted_is_an_answer_and_no_start(town: Town) -> None:
    number = town.cast.promised()
    town.tick()
    kept(town, number)
    answer(town, "Yes")
    assert said(town, EventKind.JUDGED) == ["We kept it."]


def test_24_yes_takes_back_a_stop_and_not_what_was_asked_for_in_another_way(town: Town) -> None:
    """Who pressed "no more texts" on their page may still answer the question that they had been sent."""
    number = town.cast.promised()
    town.tick()
    kept(town, number)
    with town.house.sessions.begin() as session:
        opt_out(session, MARIA, OptOutReason.ASKED, now=town.cast.clock.now)
    answer(town, "yes")
    assert rows(town, OptOut) == 1
    assert said(town, EventKind.JUDGED) == ["We kept it."]
    answer(town, "START")
    assert rows(town, OptOut) == 0


def test_24_what_twilio_says_it_did_wins(cast: Cast) -> None:
    """With its advanced opt-out the account has words of its own; here any word may be one."""
    with Town.around(cast, service=SERVICE) as town:
        cast.promised()
        town.tick()
        answer(town, "STOP")
        assert rows(town, OptOut) == 1
        answer(town, "YES")
        assert rows(town, OptOut) == 0
        assert said(town)[-1] == "The customer takes texts again."


def test_24_the_promise_turns_call_only_and_every_page_of_theirs_says_so(town: Town) -> None:
    for topic in ("the first matter", "the second matter"):
        town.cast.promised(topic=topic)
    town.tick()
    answer(town, "STOP")
    for number in (1, 2):
        assert state(town, number)[3] is None, "the call is still promised"
        shown = page(town, number)
        assert "This number gets no texts (the customer opted out): call instead." in shown
        assert "keep the promise by calling" in shown


def test_24_an_opt_out_may_hold_for_one_sender_alone(cast: Cast) -> None:
    with Town.around(cast, numbers=(NUMBER, OTHER), TRACKER_OPT_OUT_SCOPE="sender") as town:
        with town.house.sessions.begin() as session:
            session.get_one(Team, cast.sales.id).sender = OTHER
        cast.promised(topic="from the usual number")
        cast.promised(topic="from a number of their own", owner=cast.zoe)
        town.forward(2)
        town.simulator.reply(MARIA, "STOP", to=OTHER)
        cast.promised(topic="usual again")
        cast.promised(topic="own again", owner=cast.zoe)
        town.forward(2)
        assert sum("usual again" in text for text in ours(town)) == 1
        assert sum("own again" in text for text in ours(town)) == 0
        town.simulator.reply(MARIA, "START", to=OTHER)
        cast.promised(topic="own at last", owner=cast.zoe)
        town.forward(2)
        assert sum("own at last" in text for text in ours(town)) == 1


def test_24_what_twilio_refuses_for_one_sender_holds_for_it_alone(cast: Cast) -> None:
    """A STOP whose call was lost: we learn of it by the refusal."""
    with Town.around(cast, numbers=(NUMBER, OTHER), TRACKER_OPT_OUT_SCOPE="sender") as town:
        with town.house.sessions.begin() as session:
            session.get_one(Team, cast.sales.id).sender = OTHER
        town.simulator.order(Fault(FaultKind.DROPPED, on=On.INBOUND))
        town.simulator.reply(MARIA, "STOP", to=OTHER)
        cast.promised(topic="refused", owner=cast.zoe)
        town.tick()
        cast.promised(topic="usual")
        town.tick()
        with town.house.readers() as session:
            assert session.scalars(select(OptOut.sender)).all() == [OTHER]
        assert [("usual" in text, "refused" in text) for text in ours(town)] == [(True, False)]


def test_25_stop_cancels_what_is_pending_and_what_waits_for_the_morning(town: Town) -> None:
    town.cast.promised(minutes=7 * 60)
    town.tick()
    town.forward(7 * 60 + 15, stride=15)  # a quarter past nine in the evening: the apology waits
    town.cast.promised(minutes=20 * 60, topic="another matter")

    def left(kind: str) -> list[tuple[MessageStatus, str | None]]:
        with town.house.readers() as session:
            texts = select(Message).where(Message.kind == kind, Message.status != MessageStatus.DELIVERED)
            return [(text.status, text.reason) for text in session.scalars(texts)]

    assert left("apology") == [(MessageStatus.PENDING, "quiet hours where the customer is")]
    assert left("promised") == [(MessageStatus.PENDING, None)]
    town.simulator.reply(MARIA, "STOP")
    assert left("apology") == left("promised") == [(MessageStatus.SUPPRESSED, "no texts: stop")]
    before = ours(town)
    town.forward(24 * 60, stride=60)
    assert ours(town) == before
