"""A promise has become unlikely to be kept: what does its page offer while it can still be saved?"""

import re

import pytest

from tests.cast import Cast
from tests.operations.past import sixty_callbacks
from tests.visitor import Visitor, hidden, words
from tracker.model import Commitment
from tracker.risk import rescore

OFFERED = "tomorrow 09:00"


@pytest.fixture
def risky(cast: Cast) -> int:
    """Ana's promise for four o'clock, weighed at half past three: the team's callbacks take up to five hours."""
    sixty_callbacks(cast)
    number = cast.promised(minutes=120)
    cast.clock.forward(90)
    rescore(cast.sessions, now=cast.clock.now)
    return number


def commitment(cast: Cast, number: int) -> Commitment:
    with cast.sessions() as session:
        return session.get_one(Commitment, number)


def test_the_page_of_a_promise_at_risk_names_each_way_out(ana: Visitor, cast: Cast, risky: int) -> None:
    answer = ana.get(f"/commitments/{risky}")
    page = words(answer)
    assert re.search(r"\d\N{NO-BREAK SPACE}%. What helps now:", answer.text), "no line begins with %"
    assert re.search(r"At risk: as things stand it is kept with \d+ %. What helps now:", page)
    assert "Call Maria now" in page
    assert re.search(r"Offer tomorrow, 09:00, kept with [89]\d %", page)
    assert "Hand it over to Ben Ito" in page


def test_the_time_that_is_offered_is_agreed_with_one_more_press(ana: Visitor, cast: Cast, risky: int) -> None:
    assert f'name="pick" value="{OFFERED}"' in ana.get(f"/commitments/{risky}").text
    filled = ana.act(risky, "revise", pick=OFFERED, reason="it would have been late").text
    assert hidden(filled, "due_at") == OFFERED
    assert hidden(filled, "reason") == "it would have been late"
    assert commitment(cast, risky).due_version == 1, "so far it is only shown"
    ana.act(risky, "revise", due_at=OFFERED, reason="it would have been late")
    saved = commitment(cast, risky)
    assert (saved.due_version, saved.at_risk_at) == (2, None)
    assert "What helps now" not in words(ana.get(f"/commitments/{risky}"))


def test_a_new_time_has_the_odds_that_it_was_offered_with(ana: Visitor, cast: Cast, risky: int) -> None:
    (offered,) = re.findall(
        r"Offer tomorrow, 09:00, kept with (\d+) %", words(ana.get(f"/commitments/{risky}"))
    )
    echoed = ana.client.get(f"/commitments/{risky}/echo", query_string={"due_at": OFFERED}).get_json()["when"]
    assert re.findall(r"<b>(\d+)&nbsp;%</b>", echoed) == [offered]
    ana.act(risky, "revise", due_at=OFFERED, reason="it would have been late")
    rescore(cast.sessions, now=cast.clock.now)
    assert f"{commitment(cast, risky).chance:.0%}" == f"{offered}%"


def test_it_is_handed_over_with_one_press(ana: Visitor, cast: Cast, risky: int) -> None:
    page = ana.get(f"/commitments/{risky}").text
    ana.act(risky, "reassign", owner=hidden(page, "owner"), reason=hidden(page, "reason"))
    assert commitment(cast, risky).owner_id == cast.ben.id


def test_what_is_late_or_closed_has_no_way_out_any_more(ana: Visitor, cast: Cast, risky: int) -> None:
    cast.clock.forward(31)
    late = ana.get(f"/commitments/{risky}")
    assert "What helps now" not in words(late)
    assert "at risk</span>" not in late.text
