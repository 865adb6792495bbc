"""One promise: its story, and what can be done about it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.cast import Cast
from tests.visitor import Visitor, hidden, words
from tests.web.conftest import Queries
from tracker import commitments, people
from tracker.escalation import climb
from tracker.model import Attempt, Commitment, Message, MessageStatus, OptOut, OptOutReason, Person
from tracker.policy.outcomes import Disposition, Outcome, Verdict

SIX = "2026-11-19T18:00+00:00"


def row(cast: Cast, number: int) -> Commitment:
    with cast.sessions() as session:
        return session.get_one(Commitment, number)


def test_the_page_tells_the_story_in_order(ana: Visitor, cast: Cast) -> None:
    number = cast.promised(minutes=60)
    cast.clock.forward(10)
    ana.act(number, "attempt", disposition="no answer", note="rang eight times")
    cast.clock.forward(10)
    ana.act(number, "revise", due_at=SIX, reason="the engineer is out", told="y")
    cast.clock.forward(10)
    ana.act(number, "reassign", owner=cast.ben.id, reason="my shift ends")
    cast.clock.forward(10)
    ana.act(number, "attempt", done="y", note="settled")
    cast.clock.forward(10)
    ana.act(number, "reopen", due_at=SIX, reason="it was the wrong model")
    page = words(ana.get(f"/commitments/{number}"))
    told = [
        "Promised for 15:00",
        "Tried: no answer rang eight times",
        "Moved from 15:00 to 18:00 the engineer is out The customer was told on the phone, 14:20.",
        "Handed over from Ana Ruiz to Ben Ito my shift ends",
        "Tried: reached settled",
        "Closed as fulfilled: kept on time",
        "Opened again it was the wrong model",
    ]
    places = [page.find(line) for line in told]
    assert -1 not in places
    assert places == sorted(places)


def test_what_happened_by_itself_is_told_too(ana: Visitor, cast: Cast) -> None:
    number = cast.promised(minutes=60)
    for _ in range(4):
        climb(cast.sessions, now=cast.clock.forward(30))
    page = words(ana.get(f"/commitments/{number}"))
    for line in (
        "The owner was reminded",
        "Text to Ana Ruiz: due now",
        "The supervisors were told",
        "Text to the customer: an apology for being late",
        "Too late: handed over to somebody present",
        "1 h late",
        "escalated",
    ):
        assert line in page


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (MessageStatus.SENT, "sent, no receipt yet"),
        (MessageStatus.DELIVERED, "delivered"),
        (MessageStatus.UNDELIVERED, "not delivered: error 30003"),
        (MessageStatus.UNKNOWN, "unknown: error 30003"),
        (MessageStatus.FAILED, "failed: error 30003"),
    ],
)
def test_a_text_is_shown_with_what_is_really_known_of_it(
    ana: Visitor, cast: Cast, status: MessageStatus, said: str
) -> None:
    number = cast.promised()
    with cast.sessions.begin() as session:
        text = session.scalars(select(Message)).one()
        text.status, text.send_after, text.body = status, None, "Hi Maria"
        text.error_code = None if status in (MessageStatus.SENT, MessageStatus.DELIVERED) else 30003
    page = words(ana.get(f"/commitments/{number}"))
    assert f"Hi Maria {said}" in page
    assert ("delivered" in page) is ("delivered" in said)


def test_a_text_without_a_receipt_for_hours_may_not_have_arrived(ana: Visitor, cast: Cast) -> None:
    number = cast.promised(minutes=600)
    cast.tick()
    assert "no receipt:" not in words(ana.get(f"/commitments/{number}"))
    cast.clock.forward(121)
    page = words(ana.get(f"/commitments/{number}"))
    assert "no receipt: it may not have arrived" in page


def unknown_text(cast: Cast) -> tuple[int, int]:
    """A promise whose text may or may not have been sent; their numbers."""
    number = cast.promised()
    with cast.sessions.begin() as session:
        text = session.scalars(select(Message)).one()
        text.status, text.send_after, text.body = MessageStatus.UNKNOWN, None, "Hi Maria"
        return number, text.id


@pytest.mark.parametrize(
    ("decision", "becomes", "said"),
    [
        ("again", MessageStatus.PENDING, "The text is sent again."),
        ("leave", MessageStatus.FAILED, "The text is left alone."),
    ],
)
def test_a_text_nobody_knows_the_fate_of_is_for_a_person_to_decide(
    ana: Visitor, cast: Cast, decision: str, becomes: MessageStatus, said: str
) -> None:
    number, text = unknown_text(cast)
    page = ana.get(f"/commitments/{number}")
    assert "Nobody knows whether it arrived" in words(page)
    address = f"/commitments/{number}/texts/{text}"
    assert f'action="{address}"' in page.text
    assert ana.post(address, decision=decision).status_code == 302
    assert said in words(ana.get(f"/commitments/{number}"))
    with cast.sessions() as session:
        assert session.get_one(Message, text).status is becomes
    ana.post(address, decision=decision)
    assert "It has become known meanwhile" in words(ana.get(f"/commitments/{number}"))


def test_nobody_decides_about_texts_of_others_or_what_is_no_choice(ana: Visitor, cast: Cast) -> None:
    number, text = unknown_text(cast)
    theirs = cast.promised(owner=cast.zoe)
    assert ana.post(f"/commitments/{theirs}/texts/{text}", decision="again").status_code == 404
    assert ana.post(f"/commitments/{number}/texts/{text + 10}", decision="again").status_code == 404
    assert ana.post(f"/commitments/{number}/texts/{text}", decision="burn").status_code == 422
    with cast.sessions() as session:
        assert session.get_one(Message, text).status is MessageStatus.UNKNOWN


def test_the_page_says_why_the_verdict_is_what_it_is(ana: Visitor, cast: Cast) -> None:
    kept, late, untried, gone, double = (cast.promised() for _ in range(5))
    cast.clock.forward(50)
    ana.act(kept, "attempt", done="y")
    ana.act(gone, "close", outcome="withdrawn by us", reference="sold out")
    ana.act(double, "close", outcome="duplicate", duplicate_of=untried)
    cast.clock.forward(50)
    ana.act(late, "attempt", done="y")
    ana.act(untried, "close", outcome="cancelled by customer", reference="rang us")
    tried = cast.promised(minutes=30)
    ana.act(tried, "attempt", disposition="no answer")
    cast.clock.forward(60)
    ana.act(tried, "attempt", done="y")
    moved = cast.promised(minutes=30)
    ana.act(moved, "revise", due_at="5:45pm", reason="asked", told="y")
    cast.clock.forward(40)
    ana.act(moved, "attempt", done="y")
    for number, why in (
        (kept, "Promised for 15:00; the customer was reached 14:50."),
        (late, "Due 15:00; done 15:40, 40 min late, with no try in time."),
        (untried, "Nobody tried to reach the customer by 15:00."),
        (gone, "We withdrew it: to the customer that is a broken promise."),
        (double, "It doubles another promise, and that one is scored."),
        (tried, "Somebody tried before 16:10 was up, but nobody was reached by then."),
        (moved, "Promised for 17:10; the customer heard of 17:45 in time, and it was done 17:20."),
    ):
        assert why in words(ana.get(f"/commitments/{number}"))


def test_a_form_is_opened_by_the_address_that_names_it(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    assert 'id="close" open data-opened' in ana.get(f"/commitments/{number}?do=close").text
    assert "data-opened" not in ana.get(f"/commitments/{number}?do=nonsense").text


def test_both_zones_are_shown_where_they_differ(ana: Visitor, cast: Cast) -> None:
    with cast.sessions.begin() as session:
        omar = people.find_or_add_customer(
            session, phone="+12125550123", name="Omar Said", team=cast.care, now=cast.clock.now
        )
    page = words(ana.get(f"/commitments/{cast.promised(customer=omar)}"))
    assert "15:00 for you 10:00 for the customer (New York)" in page
    assert "for the customer (" not in words(ana.get(f"/commitments/{cast.promised()}"))


def test_the_customers_other_promises_stand_beside_it(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    cast.promised(topic="the lost parcel")
    cast.promised(topic="zoe's secret", owner=cast.zoe)
    page = words(ana.get(f"/commitments/{number}"))
    assert "Also promised to Maria the lost parcel open, due 15:00" in page
    assert "zoe's secret" not in page


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (OptOutReason.STOP, "the customer opted out"),
        (OptOutReason.ASKED, "the customer asked for calls only"),
        (OptOutReason.DEAD, "it takes none"),
    ],
)
def test_a_number_that_takes_no_texts_is_marked(
    ana: Visitor, cast: Cast, reason: OptOutReason, said: str
) -> None:
    number = cast.promised()
    with cast.sessions.begin() as session:
        session.add(OptOut(phone=cast.maria.phone, reason=reason, at=cast.clock.now))
        session.add(OptOut(phone=cast.ana.phone, reason=reason, at=cast.clock.now))
    page = words(ana.get(f"/commitments/{number}"))
    assert f"This number gets no texts ({said}): call instead." in page


def test_an_opt_out_from_another_sender_is_none_from_this_teams(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions.begin() as session:
        other = OptOut(
            phone=cast.maria.phone, sender="+15005550010", reason=OptOutReason.STOP, at=cast.clock.now
        )
        session.add(other)
    assert "gets no texts" not in words(ana.get(f"/commitments/{number}"))


def test_a_new_time_that_the_customer_has_not_heard_of_is_marked(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    ana.act(number, "revise", due_at=SIX, reason="the engineer is out")
    assert "The customer has not learned of the new time yet" in words(ana.get(f"/commitments/{number}"))


def test_reached_and_done_logs_and_closes_in_one_step(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    assert ana.act(number, "attempt", done="y", note="all well").status_code == 302
    assert row(cast, number).verdict is Verdict.KEPT_ON_TIME
    with cast.sessions() as session:
        assert session.scalars(select(Attempt)).one().disposition is Disposition.REACHED


def test_a_promise_moves_by_the_customers_clock_too(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions.begin() as session:
        people.correct_customer(session.merge(cast.maria), zone="America/New_York")
    ana.act(number, "revise", due_at="", exact="2026-11-20T10:00", exact_zone="customer", reason="asked")
    assert row(cast, number).due_at == datetime(2026, 11, 20, 15, tzinfo=UTC)


def test_a_duplicate_names_the_promise_it_doubles(ana: Visitor, cast: Cast) -> None:
    first, second = cast.promised(), cast.promised()
    ana.act(second, "close", outcome="duplicate", duplicate_of=first)
    assert row(cast, second).verdict is Verdict.NOT_COUNTED
    assert f'href="/commitments/{first}"' in ana.get(f"/commitments/{second}").text


@pytest.mark.parametrize(
    ("act", "typed", "sentence"),
    [
        ("attempt", {"disposition": "", "note": "keep me"}, "Choose one of these"),
        ("attempt", {"disposition": "sang", "note": "keep me"}, "Choose one of these"),
        ("attempt", {"done": "y", "note": "keep me" * 300}, "The note has 2100 characters; 2000 is the most"),
        ("revise", {"due_at": SIX, "reason": ""}, "The reason is missing"),
        ("revise", {"due_at": "", "reason": "keep me"}, "Say by when"),
        ("revise", {"due_at": "2026-11-19T15:00+00:00", "reason": "keep me"}, "the time already promised"),
        ("reassign", {"owner": "", "reason": "keep me"}, "Nobody of that number"),
        ("close", {"outcome": "fulfilled", "reference": "keep me"}, "Log the attempt that reached"),
        ("close", {"outcome": "unreachable", "reference": "keep me"}, "so far: 0 of 3."),
        ("close", {"outcome": "gone", "reference": "keep me"}, "Choose one of these"),
        ("close", {"outcome": "withdrawn by us", "reference": "keep me" * 30}, "has 210 characters; 200 is"),
        ("close", {"outcome": "duplicate", "reference": "keep me"}, "Name the other promise"),
        ("reopen", {"due_at": SIX, "reason": "keep me"}, "there is nothing to reopen"),
    ],
)
def test_what_cannot_be_done_gets_a_sentence_and_nothing_typed_is_lost(
    ana: Visitor, cast: Cast, act: str, typed: dict[str, str], sentence: str
) -> None:
    number = cast.promised()
    answer = ana.act(number, act, **typed)
    assert answer.status_code in (404, 422)
    assert sentence in words(answer)
    if act != "reopen" and any(each.startswith("keep me") for each in typed.values()):
        assert "keep me" in answer.text
    assert row(cast, number).closed_at is None
    assert row(cast, number).version == 1


def test_a_closed_promise_is_only_reopened(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    ana.act(number, "attempt", done="y")
    page = ana.get(f"/commitments/{number}").text
    assert f'action="/commitments/{number}/reopen"' in page
    assert f'action="/commitments/{number}/close"' not in page
    answer = ana.act(number, "revise", due_at=SIX, reason="again")
    assert answer.status_code == 422
    assert "reopen it to move it" in words(answer)


def test_who_was_faster_in_another_window_is_told_that_it_was_them(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    page = ana.get(f"/commitments/{number}").text
    seen = {name: hidden(page, name) for name in ("version", "event")}
    ana.act(number, "revise", due_at=SIX, reason="she asked for it")
    said = words(ana.post(f"/commitments/{number}/attempt", **seen, disposition="voicemail"))
    assert "You changed this promise yourself meanwhile, in another window." in said
    assert "Somebody else" not in said


def test_who_was_slower_learns_what_changed_and_keeps_what_they_typed(
    ana: Visitor, sue: Visitor, cast: Cast
) -> None:
    number = cast.promised()
    page = ana.get(f"/commitments/{number}").text
    seen = {name: hidden(page, name) for name in ("version", "event")}
    sue.act(number, "reassign", owner=cast.ben.id, reason="he knows the case")
    answer = ana.post(f"/commitments/{number}/revise", **seen, due_at=SIX, reason="typed by me")
    assert answer.status_code == 409
    said = words(answer)
    assert "Since then: 14:00 : Handed over from Ana Ruiz to Ben Ito (Sue May)" in said
    assert said.split("Since then:")[1].count("Promised for") == 1  # in the story alone
    assert 'value="typed by me"' in answer.text
    again = {name: hidden(answer.text, name) for name in ("version", "event")}
    sent = ana.post(f"/commitments/{number}/revise", **again, due_at=SIX, reason="typed by me")
    assert sent.status_code == 302
    assert row(cast, number).owner_id == cast.ben.id


def test_a_form_without_the_version_it_was_made_for_changes_nothing(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    for version in ("", "x", "-1", "0"):
        answer = ana.post(f"/commitments/{number}/attempt", version=version, done="y")
        assert answer.status_code == 422
        assert "incomplete" in words(answer)
    assert row(cast, number).closed_at is None


def test_two_who_close_at_once_make_one_ending(ana: Visitor, sue: Visitor, cast: Cast) -> None:
    number = cast.promised()
    version = hidden(ana.get(f"/commitments/{number}").text, "version")
    answers = [
        each.post(f"/commitments/{number}/attempt", version=version, done="y").status_code
        for each in (ana, sue)
    ]
    assert answers == [302, 409]


def test_a_promise_handed_over_texts_its_new_owner_and_not_who_took_it(
    enter: Callable[[Person], Visitor], cast: Cast
) -> None:
    number = cast.promised()
    enter(cast.ben).act(number, "reassign", owner=cast.ben.id, reason="I take it")
    assert "yours now" not in words(enter(cast.ben).get(f"/commitments/{number}"))


def test_a_page_of_many_events_asks_the_database_no_more_than_one_of_few(
    ana: Visitor, cast: Cast, queries: Queries
) -> None:
    number = cast.promised(minutes=600)
    asked = []
    for more in (1, 30):
        with cast.sessions.begin() as session:
            by = session.get_one(Person, cast.ana.id)
            for each in range(more):
                commitments.log_attempt(
                    session,
                    commitments.find(session, number, by=by),
                    by=by,
                    disposition=Disposition.VOICEMAIL,
                    now=cast.clock.now + timedelta(seconds=each),
                )
        with queries() as sent:
            ana.get(f"/commitments/{number}")
        asked.append(len(sent))
    assert asked[0] == asked[1] <= 8


def test_withdrawing_needs_a_reason_and_is_broken(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    assert ana.act(number, "close", outcome=Outcome.WITHDRAWN.value).status_code == 422
    ana.act(number, "close", outcome=Outcome.WITHDRAWN.value, reference="no stock")
    assert row(cast, number).verdict is Verdict.BROKEN
