"""What is next? The desk."""

from collections import defaultdict
from datetime import timedelta

import pytest
from time_machine import travel

from tests.cast import TWO, Cast
from tests.visitor import Visitor, hidden, words
from tests.web.conftest import Queries
from tracker import commitments
from tracker.delivery.consequences import note
from tracker.model import Commitment, EventKind, Person
from tracker.policy.outcomes import Outcome


def sections(page: str) -> list[str]:
    """The headings and topics of a board, in order, as its reader meets them."""
    order = ("Overdue", "Due in the next hour", "Later", "Closed today", "one", "two", "three", "four")
    found = [
        (page.index(f">{name}<") if f">{name}<" in page else page.find(f"> {name} <"), name) for name in order
    ]
    return [name for place, name in sorted(found) if place >= 0]


def test_an_empty_desk_says_what_to_do_first(ana: Visitor) -> None:
    page = words(ana.get("/"))
    assert "You owe nobody anything right now." in page
    assert "Log the next promise while the customer is still on the line" in page


def test_the_desk_shows_the_most_pressing_first_in_sections(ana: Visitor, cast: Cast) -> None:
    for minutes, topic in ((30, "one"), (60, "two"), (61, "three"), (600, "four")):
        cast.promised(minutes=minutes, topic=topic)
    cast.clock.forward(30)
    page = ana.get("/").text
    assert sections(page) == ["Overdue", "one", "Due in the next hour", "two", "three", "Later", "four"]


def test_a_line_says_who_what_when_and_how_late(ana: Visitor, cast: Cast) -> None:
    cast.promised(minutes=60)
    cast.clock.forward(95)
    page = ana.get("/")
    for part in (
        "Maria Lopez",
        "+447700900100",
        "the refund for order 1042",
        "callback",
        "15:00",
        "35 min late",
    ):
        assert part in words(page)
    assert 'href="tel:+447700900100"' in page.text
    assert 'datetime="2026-11-19T15:00:00+00:00"' in page.text


def test_times_are_shown_in_the_zone_of_who_looks(ana: Visitor, cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.ana.id).zone = "America/New_York"
    cast.promised(minutes=60)
    assert "10:00" in words(ana.get("/"))
    assert "in 1 h" in words(ana.get("/"))


def test_the_switch_shows_the_whole_teams_promises_and_no_other_teams(ana: Visitor, cast: Cast) -> None:
    cast.promised(topic="mine to keep")
    cast.promised(owner=cast.ben, topic="ben's to keep")
    cast.promised(owner=cast.zoe, topic="zoe's to keep")
    mine, team = words(ana.get("/")), words(ana.get("/?whose=team"))
    assert "mine to keep" in mine
    assert "ben's to keep" not in mine
    assert "ben's to keep" in team
    assert "zoe's to keep" not in team


def test_an_administrator_sees_every_team(ada: Visitor, cast: Cast) -> None:
    cast.promised(topic="ana's to keep")
    cast.promised(owner=cast.zoe, topic="zoe's to keep")
    page = words(ada.get("/?whose=team"))
    assert "ana's to keep" in page
    assert "zoe's to keep" in page


def test_what_was_closed_today_stands_there_with_its_verdict(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions.begin() as session:
        by = session.get_one(Person, cast.ana.id)
        commitment = commitments.find(session, number, by=by)
        commitments.close(
            session, commitment, by=by, outcome=Outcome.WITHDRAWN, reference="sold out", now=cast.clock.now
        )
    assert "Broken" in words(ana.get("/"))
    cast.clock.forward(12 * 60)
    assert "Broken" not in words(ana.get("/"))


def test_one_press_logs_that_nobody_answered(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    answer = ana.act(number, "attempt", disposition="no answer", back="desk")
    assert answer.location == "/"
    assert "Maria Lopez: Logged: no answer." in words(ana.get("/"))


def test_one_press_logs_that_they_were_reached_and_closes_it_as_kept(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    ana.act(number, "attempt", done="y", back="desk")
    page = words(ana.get("/"))
    assert "Reached and done. Verdict: kept on time." in page
    assert "Closed today" in page


def test_a_living_board_is_sent_again_only_when_it_has_changed(ana: Visitor, cast: Cast) -> None:
    cast.promised(minutes=60.5)
    first = ana.get("/board")
    assert "<html" not in first.text
    tag = first.headers["ETag"]
    cast.clock.forward(0.3)
    with travel(timedelta(minutes=1)):  # the token of the forms carries the second it was made in
        assert ana.get("/board", If_None_Match=tag).status_code == 304
        cast.promised(topic="something new")
        changed = ana.get("/board", If_None_Match=tag)
    assert changed.status_code == 200
    assert "something new" in changed.text


def test_a_form_on_a_living_board_works(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    board = ana.get("/board").text
    assert f'action="/commitments/{number}/attempt"' in board
    assert 'name="csrf_token"' in board


def says(cast: Cast, number: int, text: str) -> None:
    """The customer answers by text."""
    with cast.sessions.begin() as session:
        note(session, number, text, kind=EventKind.REPLIED, now=cast.clock.forward(1))


def test_a_promise_at_risk_stands_above_what_has_time_with_its_ways_out(ana: Visitor, cast: Cast) -> None:
    cast.promised(minutes=90, topic="the blue one")
    number = cast.promised(minutes=120, topic="the red two")
    with cast.sessions.begin() as session:
        session.get_one(Commitment, number).at_risk_at = cast.clock.now
    answer = ana.get("/")
    page = words(answer)
    assert (
        page.index("At risk 1")
        < page.index("the red two")
        < page.index("Later 1")
        < page.index("the blue one")
    )
    assert "At risk: call now, offer a new time, or hand it over." in page
    for act in ("revise", "reassign"):
        assert f'href="/commitments/{number}?do={act}"' in answer.text


def test_a_customer_who_answered_waits_until_somebody_does_something(ana: Visitor, cast: Cast) -> None:
    number = cast.promised(minutes=200, topic="the blue one")
    cast.promised(minutes=100, topic="the red two")
    says(cast, number, "any time after four")
    page = words(ana.get("/"))
    assert page.index("Waiting for an answer 1") < page.index("the blue one") < page.index("Later 1")
    assert "The customer answered: “any time after four”" in page
    cast.clock.forward(1)
    ana.act(number, "attempt", disposition="voicemail", back="desk")
    assert "Waiting for an answer" not in words(ana.get("/"))
    says(cast, number, "hello?")
    assert "“hello?”" in words(ana.get("/"))


def test_an_answer_is_not_forgotten_because_of_a_slip(ana: Visitor, cast: Cast) -> None:
    number = cast.promised(minutes=200)
    says(cast, number, "any time after four")
    ana.act(number, "attempt", disposition="no answer", back="desk")
    assert "Waiting for an answer" not in words(ana.get("/"))
    ana.post(f"/commitments/{number}/undo", back="desk")
    assert "Waiting for an answer 1" in words(ana.get("/"))


def test_a_desk_with_nothing_pressing_says_so(ana: Visitor, cast: Cast) -> None:
    cast.promised(minutes=200)
    assert "Nothing is pressing" in words(ana.get("/"))
    cast.promised(minutes=20)
    assert "Nothing is pressing" not in words(ana.get("/"))


def test_after_no_answer_the_next_try_is_proposed_and_one_press_promises_it(ana: Visitor, cast: Cast) -> None:
    number = cast.promised(minutes=20)
    ana.act(number, "attempt", disposition="no answer", back="desk")
    answer = ana.get("/")
    assert "Try again at 14:30: that is after the time promised. Promise 14:30 instead" in words(answer)
    at, reason = hidden(answer.text, "due_at"), hidden(answer.text, "reason")
    version = hidden(answer.text.split('name="due_at"')[0].rpartition("<form")[2], "version")
    ana.post(f"/commitments/{number}/revise", due_at=at, reason=reason, version=version, back="desk")
    with cast.sessions() as session:
        assert session.get_one(Commitment, number).due_at == TWO + timedelta(minutes=30)


def test_while_there_is_time_the_next_try_is_only_said(ana: Visitor, cast: Cast) -> None:
    number = cast.promised(minutes=180)
    ana.act(number, "attempt", disposition="no answer", back="desk")
    assert "Try again at 14:30; it is due 17:00." in words(ana.get("/"))
    assert "Try again" not in words(ana.get("/")), "it is said once"


def test_closing_as_unreachable_is_offered_after_the_teams_number_of_tries(ana: Visitor, cast: Cast) -> None:
    number = cast.promised(minutes=180)
    for tries in (1, 2, 3):
        ana.act(number, "attempt", disposition="no answer", back="desk")
        assert ("closed as unreachable" in words(ana.get("/"))) is (tries == 3)
        page = ana.get(f"/commitments/{number}").text
        assert ('<option value="unreachable"' in page) is (tries == 3)
        cast.clock.forward(20)


def test_a_slip_is_taken_back_by_one_press(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    ana.act(number, "attempt", done="y", back="desk")
    assert f'action="/commitments/{number}/undo"' in ana.get("/").text
    assert ana.post(f"/commitments/{number}/undo", back="desk").location == "/"
    page = words(ana.get("/"))
    assert "Maria Lopez: taken back." in page
    assert "Closed today" not in page
    assert "Taken back: it was a slip" in words(ana.get(f"/commitments/{number}"))


def test_what_can_not_be_taken_back_any_more_is_said(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    ana.act(number, "attempt", done="y", back="desk")
    cast.clock.forward(1)
    assert f'action="/commitments/{number}/undo"' not in ana.get("/").text
    ana.post(f"/commitments/{number}/undo", back="desk")
    assert "It is too late to take that back" in words(ana.get("/"))


def test_the_button_stays_for_as_long_as_the_slip_can_be_taken_back(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    ana.act(number, "attempt", done="y", back="desk")
    cast.clock.forward(9.5 / 60)
    assert f'action="/commitments/{number}/undo" data-fades="1"' in ana.get("/").text
    cast.clock.forward(0.5 / 60)
    ana.post(f"/commitments/{number}/undo", back="desk")
    assert "Maria Lopez: taken back." in words(ana.get("/"))


def test_nobody_takes_anything_back_in_another_team(ana: Visitor, cast: Cast) -> None:
    assert ana.post(f"/commitments/{cast.promised(owner=cast.zoe)}/undo").status_code == 404


def test_every_number_on_the_desk_is_called_by_one_press(ana: Visitor, cast: Cast) -> None:
    cast.promised()
    page = ana.get("/").text
    assert (
        page.count("+447700900100") == page.count('href="tel:+447700900100"') + 1
    )  # its words are a link too


def test_the_desk_asks_the_database_the_same_few_questions_for_5_and_for_200_promises(
    ana: Visitor, cast: Cast, queries: Queries
) -> None:
    asked = defaultdict[str, list[int]](list)
    for more in (5, 195):
        with cast.sessions.begin() as session:
            for each in range(more):
                number = cast.promise(session, minutes=10 + each).id
                note(session, number, "hello", kind=EventKind.REPLIED, now=cast.clock.now)
        for path in ("/", "/?whose=team", "/board"):
            with queries() as sent:
                assert ana.get(path).status_code == 200
            asked[path].append(len(sent))
    for few, many in asked.values():
        assert few == many <= 8


def test_a_board_longer_than_anybody_works_off_says_that_it_was_cut(
    ana: Visitor, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.desk.MOST", 2)
    for topic in ("one", "two", "three"):
        cast.promised(topic=topic)
    page = words(ana.get("/"))
    assert "Only the most pressing promises are shown" in page
    assert "three" not in page


def test_a_promise_escalated_to_the_supervisors_is_marked(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions.begin() as session:
        commitments.find(session, number, by=cast.ana).escalated_at = cast.clock.now + timedelta(minutes=1)
    assert "escalated" in words(ana.get("/"))
