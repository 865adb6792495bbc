"""What must hold when somebody answers a text of ours, each statement by its number in the list we keep to.

Through everything there is: the official client, the provider's stand-in with its signed calls over HTTP, our pages.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.cast import TWO, Cast
from tests.journeys.town import NUMBER, Town
from tests.visitor import Visitor, words
from tracker import commitments, people
from tracker.audit import audit
from tracker.delivery import deliver
from tracker.delivery.asking import ask
from tracker.model import (
    Base,
    Commitment,
    Customer,
    Dispatch,
    Event,
    EventKind,
    Feedback,
    Message,
    MessageStatus,
    OptOut,
    Team,
)
from tracker.policy.outcomes import Disposition, Outcome
from tracker.policy.replies import ANSWERABLE, MOST_UNCLEAR
from web.app import create_app
from web.simulator import Fault, FaultKind, On

SERVICE, OTHER = "MG" + "7" * 32, "+15005550010"
MARIA, STRANGER = "+447700900100", "+447700900999"


@pytest.fixture
def town(cast: Cast) -> Iterator[Town]:
    """Texts leave from one number."""
    with Town.around(cast) as town:
        yield town


def rows(town: Town, kind: type[Base]) -> int:
    with town.house.readers() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def ours(town: Town, phone: str = MARIA) -> list[str]:
    """What we wrote to that phone; what the provider answers by itself is not ours."""
    return [text.body for text in town.simulator.phones[phone] if not text.inbound and not text.automatic]


def said(town: Town, kind: EventKind = EventKind.REPLIED) -> list[str]:
    """What histories say of that kind, in order."""
    with town.house.readers() as session:
        events = session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id))
        return [str((event.facts or {}).get("text")) for event in events]


def state(town: Town, number: int = 1) -> tuple[object, ...]:
    """All that a reply could change about a promise."""
    with town.house.readers() as session:
        c = session.get_one(Commitment, number)
        return (c.due_at, c.due_version, c.owner_id, c.closed_at, c.outcome, c.next_step_at, c.version)


def page(town: Town, number: int = 1) -> str:
    """What Ana reads on its page."""
    ana = Visitor(create_app(town.house).test_client())
    ana.log_in("ana@example.org")
    return words(ana.get(f"/commitments/{number}"))


def tried(town: Town, number: int) -> None:
    """Ana calls, nobody picks up, and the customer is texted that now may suit them: code 1."""
    with town.house.sessions.begin() as session:
        commitment = commitments.find(session, number, by=town.cast.ana)
        ana = session.merge(town.cast.ana, load=False)
        at = town.cast.clock.now
        commitments.log_attempt(session, commitment, by=ana, disposition=Disposition.NO_ANSWER, now=at)
    town.forward(1)  # for some seconds the try could be taken back


def kept(town: Town, number: int) -> None:
    """Ana reaches the customer and closes; a little later they are asked: 1 for yes, 2 for no."""
    with town.house.sessions.begin() as session:
        commitment = commitments.find(session, number, by=town.cast.ana)
        ana, at = session.merge(town.cast.ana, load=False), town.cast.clock.now
        commitments.log_attempt(session, commitment, by=ana, disposition=Disposition.REACHED, now=at)
        commitments.close(session, commitment, by=ana, outcome=Outcome.FULFILLED, now=at)
    town.tick()
    town.forward(6)


def answer(town: Town, body: str, phone: str = MARIA) -> None:
    """Somebody writes, and whatever we have to say to it is sent; not all in one minute, for it is paced."""
    town.simulator.reply(phone, body)
    town.tick()
    town.forward(2, stride=2)


def test_12_a_text_from_our_own_number_is_dropped(town: Town) -> None:
    with town.house.sessions.begin() as session:
        session.get_one(Customer, town.cast.maria.id).phone = NUMBER
    town.cast.promised()
    for to in (None, OTHER):
        town.simulator.reply(NUMBER, "STOP", to=to)
    assert rows(town, OptOut) == 0
    assert said(town) == []
    assert rows(town, Message) == 1, "the confirmation, and nothing that came in"


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
