"""Which share is done by which age, and how it goes on where the past ends."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.survival import Odds, continued, product_limit

ages = st.floats(1, 1e6)
watched = st.lists(st.tuples(st.floats(0, 1), ages, st.booleans()), min_size=1, max_size=60)


def estimate(times: list[tuple[float, float, bool]]) -> tuple[Odds, Odds]:
    """What was seen of these, (entry, end, whether it was open then), and how it goes on."""
    entries = sorted((entry, 1.0) for entry, _, _ in times)
    ends = sorted((end, is_open, 1.0) for _, end, is_open in times)
    seen = product_limit(entries, ends)
    return seen, continued(seen, entries, ends)


def looked_at(count: int, *, mean: float, looked: float) -> list[tuple[float, float, bool]]:
    """Promises of that mean length, each seen at a moment up to `looked` after it was made."""
    rng = Random(4)
    lengths = [(rng.expovariate(1 / mean), looked * rng.random()) for _ in range(count)]
    return [(0.0, min(length, end), end < length) for length, end in lengths]


def test_what_is_slow_goes_on_being_done_as_fast_as_before() -> None:
    """Nothing was watched for longer than twice the mean length; 95 % are done after three times that."""
    seen, goes_on = estimate(looked_at(2000, mean=100, looked=200))
    assert seen.age_at(0.95) is None
    assert goes_on.age_at(0.95) == pytest.approx(-100 * math.log(0.05), rel=0.15)
    assert goes_on.age_at(0.9) == pytest.approx(-100 * math.log(0.1), rel=0.15)


def test_no_time_is_supposed_beyond_three_times_the_age_of_the_oldest() -> None:
    _, goes_on = estimate(looked_at(2000, mean=100, looked=95))
    assert goes_on.age_at(0.9) is not None
    assert goes_on.ages[-1] <= 285
    assert goes_on.age_at(0.95) is None


def test_where_some_are_never_done_their_long_waiting_says_so() -> None:
    never = [(0.0, 1000.0 * n, True) for n in range(1, 16)]
    _, goes_on = estimate([(0.0, float(n + 1), False) for n in range(85)] + never)
    assert goes_on.age_at(0.9) is None


def test_where_hardly_anything_was_done_nothing_is_supposed() -> None:
    seen, goes_on = estimate([(0.0, 5.0, False)] * 4 + [(0.0, 9.0, True)] * 6)
    assert goes_on == seen


def test_where_the_slower_half_was_never_done_nothing_is_supposed() -> None:
    seen, goes_on = estimate([(0.0, 5.0, False)] * 6 + [(0.0, 5.0, True)] * 4)
    assert goes_on == seen


def test_where_all_was_done_nothing_is_left_to_suppose() -> None:
    seen, goes_on = estimate([(0.0, float(n), False) for n in range(1, 11)])
    assert goes_on == seen
    assert seen.shares[-1] == 1


@given(watched)
def test_later_is_never_less_likely(times: list[tuple[float, float, bool]]) -> None:
    _, goes_on = estimate(times)
    assert list(goes_on.ages) == sorted(goes_on.ages)
    assert list(goes_on.shares) == sorted(goes_on.shares)
    assert all(0 <= share <= 1 for share in goes_on.shares)
    assert 0 <= goes_on.supposed <= len(goes_on.ages)
