"""Nobody is flooded, and nobody waits longer than it takes."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.pacing import CAPS, wait_until

NOON = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
moments = st.lists(
    st.timedeltas(timedelta(), timedelta(days=2)).map(lambda before: NOON - before), max_size=80
)


def test_who_was_not_texted_may_be() -> None:
    assert wait_until([], now=NOON) is None


def test_three_texts_a_minute_are_enough() -> None:
    sent = [NOON - timedelta(seconds=each) for each in (50, 30, 10)]
    assert wait_until(sent, now=NOON) == NOON + timedelta(seconds=10), "a minute after the third last"
    assert wait_until(sent, now=NOON + timedelta(seconds=10)) is None
    assert wait_until(sent[1:], now=NOON) is None


@given(moments)
def test_a_text_that_may_leave_exceeds_no_cap(sent: list[datetime]) -> None:
    at = wait_until(sent, now=NOON) or NOON
    for span, cap in CAPS:
        assert sum(1 for each in [*sent, at] if each > at - span) <= cap


@given(moments, moments)
def test_who_has_been_given_more_never_waits_less(sent: list[datetime], more: list[datetime]) -> None:
    assert (wait_until(sent, now=NOON) or NOON) <= (wait_until([*sent, *more], now=NOON) or NOON)


@given(moments)
def test_nobody_waits_longer_than_a_day(sent: list[datetime]) -> None:
    until = wait_until(sent, now=NOON)
    assert until is None or NOON < until <= NOON + timedelta(days=1)
