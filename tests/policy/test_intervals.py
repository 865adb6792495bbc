"""A share is never surer than its count allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.intervals import wilson

counts = st.integers(0, 10_000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        (0, 0, 0, 1),
        (0, 10, 0, 0.2775),
        (10, 10, 0.7225, 1),
        (5, 10, 0.2366, 0.7634),
        (90, 100, 0.8256, 0.9448),
    ],
)
def test_the_bounds_are_wilsons(hits: int, total: int, low: float, high: float) -> None:
    assert wilson(hits, total) == pytest.approx((low, high), abs=1e-4)


@given(counts)
def test_the_share_lies_within_its_bounds_and_they_within_0_and_1(count: tuple[int, int]) -> None:
    hits, total = count
    low, high = wilson(hits, total)
    assert 0 <= low <= high <= 1
    if total:
        assert low - 1e-12 <= hits / total <= high + 1e-12


@given(counts)
def test_ten_times_the_count_is_surer(count: tuple[int, int]) -> None:
    hits, total = count
    few, many = wilson(hits, total), wilson(hits * 10, total * 10)
    assert many[1] - many[0] <= few[1] - few[0]


@pytest.mark.parametrize(("hits", "total"), [(-1, 5), (6, 5), (1, 0)])
def test_what_is_no_share_is_refused(hits: int, total: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson(hits, total)
