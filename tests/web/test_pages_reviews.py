"""The supervisor's queue of what was missed."""

import re
from html import unescape

from sqlalchemy import select

from tests.cast import Cast
from tests.operations.test_reviewing import missed, review
from tests.visitor import Visitor, words
from tracker.model import Person, Review
from tracker.policy.causes import Cause

SAID = {"done_for_customer": "called and apologised", "change": "promise an hour more"}


def test_a_miss_is_reviewed_and_the_next_one_comes(sue: Visitor, cast: Cast) -> None:
    first, second = missed(cast, topic="the first one"), missed(cast, topic="the second one")
    assert "2 missed promises wait for their review" in words(sue.get("/supervisor/reviews"))
    page = sue.get(f"/supervisor/reviews/{first}")
    assert "Proposed: Not attempted. Nobody tried before it was due." in words(page)
    assert 'value="not attempted" checked' in page.text
    answer = sue.post(f"/supervisor/reviews/{first}", cause="owner absent", **SAID)
    assert answer.location == f"/supervisor/reviews/{second}"
    answer = sue.post(f"/supervisor/reviews/{second}", cause="owner absent", **SAID)
    assert answer.location == "/supervisor/reviews"
    page_ = words(sue.get("/supervisor/reviews"))
    assert "Nothing waits for a review." in page_
    assert "2 of 2 misses Owner absent, kind callback" in page_
    assert "called and apologised" in words(sue.get(f"/supervisor/reviews/{first}"))


def test_each_number_of_a_recurring_cause_leads_to_its_promises(
    sue: Visitor, ada: Visitor, cast: Cast
) -> None:
    for topic in ("the first one", "the second one"):
        review(cast, missed(cast, topic=topic), cause=Cause.OWNER_ABSENT)
    review(cast, missed(cast, topic="the third one", owner=cast.ben, kind="refund"), cause=Cause.DEMAND_SPIKE)
    review(
        cast, missed(cast, topic="the elsewhere one", owner=cast.zoe), by=cast.ada, cause=Cause.OWNER_ABSENT
    )
    page = sue.get("/supervisor/reviews").text
    hits, total = (
        words(sue.get(unescape(path)))
        for path in re.findall(r'href="(/supervisor/reviews/causes[^"]*)"', page)[:2]
    )
    assert "Owner absent, kind callback 2" in hits
    assert re.findall(r"the (\w+) one", hits) == ["first", "second"]
    assert "Reviewed misses 3" in total
    assert re.findall(r"the (\w+) one", total) == ["first", "second", "third"]
    of_owner = "/supervisor/reviews/causes?cause=owner+absent&of=owner&key="
    assert "the first one" in words(sue.get(f"{of_owner}{cast.ana.id}"))
    for nothing in (cast.zoe.id, "Ana+Ruiz", "", "%00", 10**30):
        assert "Owner absent 0" in words(sue.get(f"{of_owner}{nothing}")), nothing
    assert "the elsewhere one" in words(ada.get(f"{of_owner}{cast.zoe.id}"))
    for wrong in ("cause=bad+luck&of=owner&key=1", "cause=other&of=moon&key=1"):
        assert sue.get(f"/supervisor/reviews/causes?{wrong}").status_code == 404


def test_two_people_of_one_name_are_two(sue: Visitor, cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.ben.id).name = cast.ana.name
    for owner, kind in ((cast.ana, "refund"), (cast.ben, "visit"), (cast.ben, "callback")):
        review(cast, missed(cast, owner=owner, kind=kind, topic=f"the {kind}"), cause=Cause.OWNER_ABSENT)
    page = sue.get("/supervisor/reviews")
    assert "2 of 3 misses Owner absent, Ana Ruiz" in words(page)
    assert "3 of 3 misses Owner absent, team Care" in words(page)
    [path] = re.findall(r'href="(/supervisor/reviews/causes[^"]*of=owner[^"]*)"', page.text)
    behind = words(sue.get(unescape(path)))
    assert "Owner absent, Ana Ruiz 2" in behind
    assert re.findall(r"the (\w+)", behind[behind.index("Verdict") :]) == ["visit", "callback"]


def test_what_is_lacking_is_said_beside_it_and_what_was_typed_stays(sue: Visitor, cast: Cast) -> None:
    number = missed(cast)
    answer = sue.post(f"/supervisor/reviews/{number}", cause="demand spike", **{**SAID, "change": ""})
    assert answer.status_code == 422
    assert "What we change is missing" in words(answer)
    assert "called and apologised" in answer.text
    assert 'value="demand spike" checked' in answer.text
    assert sue.post(f"/supervisor/reviews/{number}", cause="bad luck", **SAID).status_code == 422


def test_of_two_supervisors_the_second_learns_what_the_first_found(
    sue: Visitor, ada: Visitor, cast: Cast
) -> None:
    number = missed(cast)
    sue.post(f"/supervisor/reviews/{number}", cause="owner absent", **SAID)
    answer = ada.post(f"/supervisor/reviews/{number}", cause="other", **SAID)
    assert answer.status_code == 409
    assert "Sue May reviewed it before you, with the cause owner absent" in words(answer)
    with cast.sessions() as session:
        assert [each.cause for each in session.scalars(select(Review))] == [Cause.OWNER_ABSENT]


def test_reviews_are_for_those_who_steer_and_for_their_own_team(
    sue: Visitor, ana: Visitor, cast: Cast
) -> None:
    ours, theirs, open_ = missed(cast), missed(cast, owner=cast.zoe), cast.promised()
    assert ana.get("/supervisor/reviews").status_code == 403
    assert ana.post(f"/supervisor/reviews/{ours}", cause="other", **SAID).status_code == 403
    for number in (theirs, open_, 999):
        assert sue.get(f"/supervisor/reviews/{number}").status_code == 404
    assert sue.post(f"/supervisor/reviews/{theirs}", cause="other", **SAID).status_code == 404


def test_the_causes_report_counts_what_was_found_and_what_waits(sue: Visitor, cast: Cast) -> None:
    for _ in range(2):
        review(cast, missed(cast), cause=Cause.DEMAND_SPIKE)
    missed(cast)
    assert "Most frequent of the reviewed misses: demand spike, 2 of 2 (100 %). Still to review: 1." in words(
        sue.get("/reports/causes")
    )
