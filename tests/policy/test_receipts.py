"""The truth table of news: a status never goes back, whatever the order in which it comes."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.model import MessageStatus
from tracker.policy.receipts import FAILURES, TERMINAL, progress

OURS = [each.value for each in MessageStatus]
TWILIOS = [
    "accepted", "scheduled", "queued", "sending", "sent", "delivered", "read", "partially_delivered",
    "undelivered", "failed", "canceled", "receiving", "received", "", "shouted",
]  # fmt: skip
"""Every status that Twilio documents, and two that it does not."""


@pytest.mark.parametrize(
    ("current", "heard", "then"),
    [
        ("sending", "queued", "accepted"),
        ("sending", "sending", "accepted"),
        ("sending", "sent", "sent"),
        ("unknown", "queued", "accepted"),
        ("unknown", "delivered", "delivered"),
        ("pending", "delivered", "delivered"),
        ("accepted", "queued", "accepted"),
        ("accepted", "sent", "sent"),
        ("sent", "sending", "sent"),
        ("sent", "delivered", "delivered"),
        ("sent", "read", "delivered"),
        ("sent", "partially_delivered", "delivered"),
        ("sent", "undelivered", "undelivered"),
        ("sent", "canceled", "failed"),
        ("delivered", "sent", "delivered"),
        ("delivered", "failed", "delivered"),
        ("failed", "delivered", "failed"),
        ("undelivered", "failed", "undelivered"),
        ("accepted", "receiving", "accepted"),
        ("accepted", "shouted", "accepted"),
        ("suppressed", "sent", "suppressed"),
        ("received", "delivered", "received"),
    ],
)
def test_what_is_true_after_the_news(current: str, heard: str, then: str) -> None:
    assert progress(current, heard) == then


@given(st.sampled_from(OURS), st.sampled_from(TWILIOS))
def test_the_same_news_twice_says_no_more_than_once_and_the_words_stay_ours(current: str, heard: str) -> None:
    once = progress(current, heard)
    assert progress(once, heard) == once
    assert once in OURS


@given(st.sampled_from(sorted(TERMINAL)), st.lists(st.sampled_from(TWILIOS)))
def test_a_terminal_status_never_changes(current: str, news: list[str]) -> None:
    for heard in news:
        assert progress(current, heard) == current


@pytest.mark.parametrize("end", ["delivered", "undelivered", "failed"])
def test_in_whatever_order_the_news_of_one_life_come_they_end_the_same(end: str) -> None:
    for order in permutations(["queued", "sending", "sent", end]):
        status = "sending"
        for heard in order:
            status = progress(status, heard)
        assert status == end


def test_what_did_not_arrive_is_over() -> None:
    assert FAILURES < TERMINAL
    assert "delivered" not in FAILURES
