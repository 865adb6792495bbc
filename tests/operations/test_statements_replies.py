"""What must hold when somebody answers a text of ours, each statement by its number in the list we keep to.

Through everything there is: the official client, the provider's stand-in with its signed calls over HTTP, our pages.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.cast import TWO, Cast
from tests.journeys.town import NUMBER, Town
from tests.operations.talk import MARIA, answer, kept, ours, page, rows, said, state, tried
from tracker import commitments, people
from tracker.audit import audit
from tracker.model import (
    Commitment,
    Customer,
    EventKind,
    Feedback,
    Message,
    OptOut,
)
from tracker.policy.outcomes import Outcome
from tracker.policy.replies import ANSWERABLE, MOST_UNCLEAR

OTHER = "+15005550010"
STRANGER = "+447700900999"


@pytest.fixture
def town(cast: Cast) -> Iterator[Town]:
    """Texts leave from one number."""
    with Town.around(cast) as town:
        yield town


def test_12_a_text_from_our_own_number_is_dropped(town: Town) -> None:
    with town.house.sessions.begin() as session:
        session.get_one(Customer, town.cast.maria.id).phone = NUMBER
    town.cast.promised()
    for to in (None, OTHER):
        town.simulator.reply(NUMBER, "STOP", to=to)
    assert rows(town, OptOut) == 0
    assert said(town) == []
    assert rows(town, Message) == 1, "the confirmation, and nothing that came in"


def test_26_a_code_does_what_its_text_offered(town: Town) -> None:
    number = town.cast.promised()
    town.tick()
    tried(town, number)
    before = state(town)
    answer(town, "1")
    assert town.phone(town.cast.ana)[-1].startswith(
        "14:01 Wants a call now: callback today 15:00, Maria Lopez"
    )
    assert said(town) == ["The customer asks for a call now: 1"]
    assert state(town) == before, "a wish changes no promise"


@pytest.mark.parametrize(("code", "judged"), [("1", True), (" 2 ", False), ("No", False)])
def test_26_a_customer_says_by_code_whether_it_was_kept(town: Town, code: str, judged: bool) -> None:
    number = town.cast.promised()
    town.tick()
    kept(town, number)
    answer(town, code)
    with town.house.readers() as session:
        assert session.scalars(select(Feedback.kept)).all() == [judged]
        assert (session.get_one(Commitment, number).closed_at is None) is not judged, "a no opens it again"


def test_26_words_that_answer_nothing_are_a_note_and_change_nothing(town: Town) -> None:
    number = town.cast.promised()
    town.tick()
    before, texts = state(town), ours(town)
    notes = ["ok thanks", "yes", "no", "1pm", "1 more thing", "great, see you at 3"]
    for body in notes:
        answer(town, body)
    assert (state(town), ours(town)) == (before, texts)
    assert said(town) == notes
    shown = page(town, number)
    assert all(body in shown for body in notes)


def test_26_a_code_counts_only_for_the_number_that_was_asked(town: Town) -> None:
    number = town.cast.promised()
    with town.house.sessions.begin() as session:
        omar = people.find_or_add_customer(
            session, phone="07700 900300", name="Omar Aziz", team=session.merge(town.cast.care), now=TWO
        )
    town.cast.promised(customer=omar)
    town.tick()
    tried(town, number)
    answer(town, "1", phone=omar.phone)
    assert not any("Wants a call" in text for text in town.phone(town.cast.ana))
    assert "please answer in words" in ours(town, omar.phone)[-1]
    answer(town, "1")
    assert any("Wants a call" in text for text in town.phone(town.cast.ana))


@pytest.mark.parametrize("why", ["nothing asked", "answered", "moved", "closed", "long ago"])
def test_26_a_code_for_a_question_that_is_no_longer_open_is_answered_with_help(town: Town, why: str) -> None:
    number = town.cast.promised(minutes=60 * 24 * 20)
    town.tick()
    if why != "nothing asked":
        tried(town, number)
    with town.house.sessions.begin() as session:
        commitment = commitments.find(session, number, by=town.cast.ana)
        if why == "moved":
            due_at = TWO + timedelta(days=2)
            commitments.revise(session, commitment, by=None, due_at=due_at, reason="x", told=True, now=TWO)
        elif why == "closed":
            commitments.close(
                session, commitment, by=None, outcome=Outcome.WITHDRAWN, reference="sold out", now=TWO
            )
    if why == "answered":
        answer(town, "1")
    elif why == "long ago":
        town.forward(int(ANSWERABLE / timedelta(minutes=1)) + 60, stride=60 * 24)
    town.tick()
    before, wanted = state(town), rows(town, Feedback)
    answer(town, "1")
    assert "please answer in words, Ana reads them all" in ours(town)[-1]
    assert (state(town), rows(town, Feedback)) == (before, wanted)
    with town.house.readers() as session:
        asked = Counter(session.scalars(select(Message.kind)))["call_wanted"]
    assert asked == (1 if why == "answered" else 0)


def test_26_an_answer_that_two_questions_wait_for_is_answered_with_help(town: Town) -> None:
    numbers = [town.cast.promised(topic=topic) for topic in ("the boiler", "the bill")]
    town.tick()
    for number in numbers:
        kept(town, number)
    for helps, body in enumerate(("1", "yes"), start=1):
        answer(town, body)
        assert rows(town, Feedback) == 0
        assert sum("please answer in words" in text for text in ours(town)) == helps


def test_26_a_word_answers_only_what_was_asked_last_and_a_digit_what_was_asked(town: Town) -> None:
    number = town.cast.promised()
    town.tick()
    kept(town, number)
    town.cast.promised(topic="another matter")
    town.tick()
    answer(town, "no")
    assert rows(town, Feedback) == 0, "it may be meant for the text about the other matter"
    answer(town, "2")
    assert rows(town, Feedback) == 1


def test_26_after_five_in_a_row_there_is_silence_until_something_is_understood(town: Town) -> None:
    town.cast.promised()
    town.tick()

    def helped() -> int:
        town.forward(8, stride=4)
        return sum("please answer in words" in text for text in ours(town))

    for number in range(MOST_UNCLEAR + 3):
        town.simulator.reply(MARIA, "7")
        assert helped() == min(number + 1, MOST_UNCLEAR)
    town.simulator.reply(MARIA, "I am home from six")
    town.simulator.reply(MARIA, "7")
    assert helped() == MOST_UNCLEAR + 1


def test_26_an_unknown_sender_meets_silence(town: Town) -> None:
    number = town.cast.promised()
    town.tick()
    before = state(town, number)
    for body in ("1", "who is this?", "yes", "HELP", "stop it please"):
        answer(town, body, phone=STRANGER)
    assert ours(town, STRANGER) == []
    assert (said(town), state(town, number)) == ([], before)


def test_26_a_colleague_s_words_are_their_note_and_their_codes_do_nothing(town: Town) -> None:
    number = town.cast.promised()
    town.forward(50)
    before = state(town)
    answer(town, "Calling her in five minutes", phone=town.cast.ana.phone or "")
    assert said(town, EventKind.NOTED) == ["Calling her in five minutes"]
    assert "Ana Ruiz answered Calling her in five minutes" in page(town, number)
    answer(town, "1", phone=town.cast.ana.phone or "")
    assert town.phone(town.cast.ana)[-1].startswith("14:52 Answer on its page: callback today 15:00")
    assert state(town) == before
    with town.house.readers() as session:
        assert audit(session, now=town.cast.clock.now).findings == ()
