"""How fast somebody works promises off."""

from datetime import timedelta
from itertools import accumulate
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.monday import MONDAY_TEN
from tracker.policy.calendars.spans import micros
from tracker.policy.load import Closing, Pace


def test_somebody_new_is_taken_to_need_a_quarter_of_an_hour_each() -> None:
    assert Pace.of([]).per_hour == 4


def closing(minute: int, *, made: int, due: int) -> Closing:
    """All three in minutes from some moment."""
    closed, begun, due_at = (micros(MONDAY_TEN + timedelta(minutes=each)) for each in (minute, made, due))
    return closed, begun, due_at


def waiting(minute: int) -> Closing:
    """One that was promised long ago, for a time far off."""
    return closing(minute, made=-99_999, due=99_999)


@pytest.mark.parametrize("due", [-999, 99_999], ids=["overdue", "well before its time"])
def test_who_needs_an_hour_for_each_while_others_wait_is_known_for_it_by_and_by(due: int) -> None:
    paces = [
        Pace.of(closing(60 * n, made=-9999, due=due) for n in range(count + 1)).per_hour
        for count in (2, 10, 90)
    ]
    assert paces == pytest.approx([12 / 4.5, 20 / 12.5, 100 / 92.5])


def test_a_night_between_two_overdue_ones_counts_as_an_hour_and_between_others_not_at_all() -> None:
    overdue, early = ([waiting(0), closing(999, made=-9999, due=due)] for due in (0, 9999))
    assert Pace.of(overdue).per_hour == pytest.approx(11 / 3.5)
    assert Pace.of(early).per_hour == 4


@pytest.mark.parametrize(
    ("made", "due", "waited"),
    [
        (0, 120, True),
        (1, 120, False),
        (0, 90, True),
        (0, 89, False),
        (-9, 30, False),
        (-9, 1, False),
        (-9, 0, True),
    ],
)
def test_what_came_later_or_was_kept_for_its_time_had_not_been_waiting(
    made: int, due: int, waited: bool
) -> None:
    hour = [waiting(0), closing(60, made=made, due=due)]
    assert Pace.of(hour).per_hour == pytest.approx(11 / 3.5 if waited else 4)


minute_numbers = st.integers(-9000, 9000)
anything_closed = st.lists(
    st.builds(closing, minute_numbers, made=minute_numbers, due=minute_numbers), max_size=60
)


@given(anything_closed, st.randoms())
def test_a_pace_is_between_one_and_four_an_hour_in_whatever_order_it_is_told(
    closed: list[Closing], chance: Random
) -> None:
    pace = Pace.of(closed)
    assert 1 < pace.per_hour <= 4
    chance.shuffle(closed)
    assert Pace.of(closed) == pace


@given(st.lists(st.integers(0, 60), min_size=1, max_size=60), st.data())
def test_one_more_closed_in_the_same_time_never_lowers_a_pace(gaps: list[int], data: st.DataObject) -> None:
    at = list(accumulate(gaps, initial=0))
    more = data.draw(st.integers(0, at[-1]))
    pace, faster = (Pace.of(map(waiting, each)).per_hour for each in (at, [*at, more]))
    assert faster >= pace


@given(st.lists(st.tuples(st.integers(1, 600), st.integers(0, 29)), max_size=60))
def test_who_keeps_everything_when_its_time_comes_is_never_taken_to_be_slow(
    kept: list[tuple[int, int]],
) -> None:
    at = accumulate(gap for gap, _ in kept)
    assert (
        Pace.of(closing(t, made=-9, due=t + early) for t, (_, early) in zip(at, kept, strict=True)).per_hour
        == 4
    )
