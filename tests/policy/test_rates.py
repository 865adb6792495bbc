"""What is news, and what is chance?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.rates import FEWEST_POINTS, control_limits, quantile, unusually_many

WAFERS = [
    12,
    15,
    8,
    10,
    4,
    7,
    16,
    9,
    14,
    10,
    5,
    6,
    17,
    12,
    22,
    8,
    10,
    5,
    13,
    11,
    20,
    18,
    24,
    15,
    9,
    12,
    7,
    13,
    9,
    6,
]
"""Wafers with too many defects of 50 each: the worked example of the e-Handbook, section 6.3.3.2."""

counts = st.lists(
    st.integers(0, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))), max_size=30
)


def test_the_limits_are_those_of_the_handbooks_example() -> None:
    limits = control_limits([(bad, 50) for bad in WAFERS])
    assert limits[0] is not None
    assert (limits[0].low, limits[0].centre, limits[0].high) == pytest.approx(
        (0.0524, 0.2313, 0.4102), abs=1e-4
    )


def test_only_two_of_the_handbooks_samples_are_news() -> None:
    limits = control_limits([(bad, 50) for bad in WAFERS])
    out = [
        n
        for n, (bad, limit) in enumerate(zip(WAFERS, limits, strict=True), 1)
        if limit and bad / 50 > limit.high
    ]
    assert out == [15, 23]


def test_few_points_say_nothing_and_an_empty_one_has_no_limits() -> None:
    assert control_limits([(1, 2)] * (FEWEST_POINTS - 1)) == [None] * (FEWEST_POINTS - 1)
    assert control_limits([]) == []
    with_an_empty_one = [(1, 2)] * (FEWEST_POINTS - 1) + [(0, 0)]
    assert control_limits(with_an_empty_one) == [None] * FEWEST_POINTS, "which is no point"
    assert [limit is None for limit in control_limits([(1, 2)] * FEWEST_POINTS + [(0, 0)])] == [False] * 5 + [
        True
    ]


@given(counts)
def test_limits_lie_within_0_and_1_around_the_centre(counted: list[tuple[int, int]]) -> None:
    for limit in control_limits(counted):
        assert limit is None or 0 <= limit.low <= limit.centre <= limit.high <= 1


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [  # as R's quantile(…, type = 7) gives them
        ([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.8, 8.2),
        ([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.5, 5.5),
        ([3.0, 8, 20], 0.9, 17.6),
        ([7.0], 0.9, 7.0),
        ([1.0, 2.0], 1.0, 2.0),
    ],
)
def test_quantiles_are_hyndman_and_fans_seventh(values: list[float], share: float, expected: float) -> None:
    assert quantile(values, share) == pytest.approx(expected)


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 1.1), ([1.0], -0.1)])
def test_there_is_no_quantile_of_nothing(values: list[float], share: float) -> None:
    with pytest.raises(ValueError, match="There is no"):
        quantile(values, share)


@pytest.mark.parametrize(
    ("count", "usual", "news"), [(16, 9, False), (18, 9, False), (19, 9, True), (1, 0, True), (4, 1, False)]
)
def test_a_count_is_unusual_above_three_roots(count: int, usual: float, news: bool) -> None:
    assert unusually_many(count, usual) is news
