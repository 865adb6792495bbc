"""What does the evidence say of why a promise was missed?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.causes import Cause, Miss, Named, Recurrence, Reviewed, findings, recurring

HOUR = timedelta(hours=1)
CLEAN = Miss(
    owner="Ana Ruiz",
    kind="refund",
    time_given=2 * HOUR,
    usual_time=HOUR,
    chance=0.9,
    absent=False,
    due_that_hour=2,
    usually_due=2,
    tries=1,
    tries_later=0,
    reached=False,
    text_failed=False,
    slept=timedelta(),
)
"""A miss that nothing explains."""


@pytest.mark.parametrize(
    ("evidence", "cause", "why"),
    [
        ({}, Cause.OTHER, "ask whoever answered for it"),
        ({"slept": timedelta(minutes=10)}, Cause.SYSTEM_DOWN, "fired 10 min after its time"),
        ({"absent": True}, Cause.OWNER_ABSENT, "Ana Ruiz was not at work"),
        ({"text_failed": True, "tries": 0}, Cause.TEXT_NOT_DELIVERED, "did not arrive"),
        ({"tries": 0, "tries_later": 2}, Cause.CUSTOMER_UNREACHABLE, "2 attempts"),
        ({"due_that_hour": 9, "usually_due": 2}, Cause.DEMAND_SPIKE, "9 promises of the team"),
        ({"chance": 0.31}, Cause.OVER_PROMISED, "a chance of 31 %"),
        ({"chance": None, "usual_time": 3 * HOUR}, Cause.OVER_PROMISED, "took up to 3 h"),
        ({"tries": 0}, Cause.NOT_ATTEMPTED, "Nobody tried before it was due."),
    ],
)
def test_the_evidence_proposes_a_cause_and_says_why(evidence: dict[str, Any], cause: Cause, why: str) -> None:
    first = findings(replace(CLEAN, **evidence))[0]
    assert first.cause is cause
    assert why in str(first.why)


@pytest.mark.parametrize(
    "evidence",
    [
        {"slept": timedelta(minutes=9)},
        {"text_failed": True},
        {"tries_later": 5, "reached": True},
        {"due_that_hour": 3, "usually_due": 0},
        {"due_that_hour": 9, "usually_due": 5},
        {"due_that_hour": 9, "usually_due": None},
        {"chance": 0.5},
        {"usual_time": 2 * HOUR},
        {"usual_time": None, "chance": None},
    ],
)
def test_what_just_does_not_explain_it_is_not_proposed(evidence: dict[str, Any]) -> None:
    assert [each.cause for each in findings(replace(CLEAN, **evidence))] == [Cause.OTHER]


def test_what_nobody_could_help_comes_before_what_somebody_could() -> None:
    found = findings(replace(CLEAN, absent=True, tries=0, chance=0.2, slept=HOUR))
    assert [each.cause for each in found] == [
        Cause.SYSTEM_DOWN, Cause.OWNER_ABSENT, Cause.OVER_PROMISED, Cause.NOT_ATTEMPTED,
    ]  # fmt: skip


def reviewed_as(cause: Cause, kind: str, owner: str, key: str = "") -> Reviewed:
    """A reviewed miss of the team Care; `key`: of the owner, where the name does not tell."""
    return Reviewed(cause, Named("1", "Care"), Named(kind, kind), Named(key or owner, owner))


def test_recurring_causes_are_counted_within_kind_owner_and_team() -> None:
    over, absent = Cause.OVER_PROMISED, Cause.OWNER_ABSENT
    reviewed = [reviewed_as(over, "refund", owner) for owner in ("Ana", "Ben", "Cho", "Dan")]
    reviewed += [reviewed_as(absent, kind, "Ana") for kind in ("callback", "visit")]
    assert recurring(reviewed) == [
        Recurrence(over, "kind", Named("refund", "refund"), 4, 6),
        Recurrence(absent, "owner", Named("Ana", "Ana"), 2, 6),
    ], "that it was all in one team says nothing more"


def test_a_cause_spread_over_the_team_is_the_teams() -> None:
    reviewed = [
        reviewed_as(Cause.DEMAND_SPIKE, kind, owner)
        for kind, owner in (("refund", "Ana"), ("visit", "Ben"), ("answer", "Cho"))
    ]
    assert recurring(reviewed) == [Recurrence(Cause.DEMAND_SPIKE, "team", Named("1", "Care"), 3, 3)]


def test_two_owners_of_one_name_are_not_one() -> None:
    reviewed = [
        reviewed_as(Cause.OWNER_ABSENT, kind, "Ana", key) for kind, key in (("refund", "7"), ("visit", "8"))
    ]
    assert [each.of for each in recurring(reviewed)] == ["team"]


NAMES = st.builds(Named, st.sampled_from("ab"), st.sampled_from("ab"))


@given(st.lists(st.builds(Reviewed, st.sampled_from(Cause), *[NAMES] * 3), max_size=30))
def test_what_recurs_did_so_at_least_twice_and_never_more_often_than_there_are_reviews(
    reviewed: list[Reviewed],
) -> None:
    hits = [each.hits for each in recurring(reviewed)]
    assert hits == sorted(hits, reverse=True)
    assert all(2 <= each <= len(reviewed) for each in hits)
