"""What was named for a chance, against what came of it."""

import math
from collections.abc import Callable, Iterable
from itertools import repeat
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.policy.calibration import (
    APART,
    AS_TOLD,
    HIGHEST,
    LEVELS,
    LOWERED,
    STEPS,
    Calibration,
    Record,
)

AT_80 = LEVELS.index(80)
shares = st.floats(0, 1)


class Desk:
    """Whose odds say that a promise is done by age 0.3 with 30 %, by age 0.9 with 90 %, and which is calibrated after
    each. A promise takes less than 1, and the next is made at 1 after it."""

    def __init__(self) -> None:
        self.record, self.made = Record(), 0
        self.kept = [0] * len(LEVELS)

    @property
    def told(self) -> list[float]:
        return list(self.record.calibration(self.made).told)

    def promise(self, took: float, *, withdrawn: bool = False) -> None:
        told = self.told
        self.record.opened(self.made, self.made, told)
        self.record.closed(self.made, self.made + took, done=not withdrawn)
        self.kept = [kept + (took <= age) for kept, age in zip(self.kept, told, strict=True)]
        self.made += 1

    def promises(self, lengths: Iterable[float]) -> "Desk":
        for took in lengths:
            self.promise(took)
        return self

    def share_kept(self, level: int = AT_80) -> float:
        return self.kept[level] / self.made


@st.composite
def calibrations(draw: st.DrawFn) -> Calibration:
    """Of any past: what came of some hundred promises, a few at a time, some of them without the later times."""
    named = st.integers(1, len(LEVELS))
    spells = draw(st.lists(st.tuples(st.integers(1, 60), st.floats(0, 3), shares, named), max_size=12))
    record, now, number = Record(), 0.0, 0
    for count, wait, took, known in spells:
        for _ in range(count):
            told = record.calibration(now).told
            record.opened(number, now, [*told[:known], *repeat(None, len(LEVELS) - known)])
            record.closed(number, now + took, done=True)
            number += 1
        now += wait
    return record.calibration(now + 5)


def test_without_a_past_odds_are_worth_what_they_say() -> None:
    assert Record().calibration(0.0).told == pytest.approx(AS_TOLD.told)
    assert AS_TOLD.remark() is None


def log_odds(share: float) -> float:
    return math.log(share / (1 - share))


def told_after(*named: float | None, done: float, times: int = 1) -> list[float]:
    """Those times were named for some promises, and they were done at that time."""
    record = Record()
    for number in range(times):
        record.opened(number, 0.0, named)
        record.closed(number, done, done=True)
    return list(record.calibration(100.0).told)


def test_a_miss_moves_what_is_told_for_80_four_times_as_far_as_a_promise_kept() -> None:
    missed, kept = told_after(9, 3, 9, 9, done=5), told_after(9, 9, 9, 9, done=5)
    up, down = missed[AT_80] - 0.8, 0.8 - kept[AT_80]
    assert up == pytest.approx(0.8 / STEPS, rel=0.02)
    assert up == pytest.approx(4 * down, rel=0.02)


def test_odds_that_come_true_stay_near_what_they_say() -> None:
    rng = Random(1)
    told = Desk().promises(rng.random() for _ in range(5000)).told
    assert told == pytest.approx([level / 100 for level in LEVELS], abs=0.1)


@pytest.mark.parametrize(
    "length",
    [
        pytest.param(lambda rng, _share: rng.betavariate(3, 1), id="ever too hopeful"),
        pytest.param(lambda rng, _share: rng.betavariate(1, 3), id="ever too careful"),
        pytest.param(lambda rng, share: rng.random() ** (1 - 0.8 * share), id="ever slower"),
        pytest.param(lambda rng, share: rng.random() ** (0.25 if share > 0.5 else 1), id="suddenly slow"),
    ],
)
def test_each_chance_comes_true_whatever_the_odds_underneath_say(
    length: Callable[[Random, float], float],
) -> None:
    rng, desk = Random(2), Desk()
    desk.promises(length(rng, number / 6000) for number in range(6000))
    for number, level in enumerate(LEVELS):
        assert desk.share_kept(number) == pytest.approx(level / 100, abs=0.02), level


@given(st.lists(st.tuples(st.floats(0.03, 0.97), st.integers(1, 500)), min_size=1, max_size=4))
@settings(max_examples=25)
def test_no_past_at_all_leads_it_to_name_too_early_for_long(spells: list[tuple[float, int]]) -> None:
    """Not even one that is made to. The bound is the way from what is told at first to the highest, in steps."""
    desk = Desk()
    for took, count in spells:
        desk.promises(repeat(took, count))
    highest = 4.2  # log odds of 97 %, and one step of one fifth at most and then some
    for kept, share in zip(desk.kept, (level / 100 for level in LEVELS), strict=True):
        way = highest - log_odds(share)
        assert share * desk.made - kept <= STEPS * share * (1 - share) * way


def test_nothing_is_learnt_before_the_time_has_come() -> None:
    """Not even that it was done: those still open would be missing from the account."""
    record = Record()
    for number in range(50):
        record.opened(number, 0.0, [1.0, 2.0, 3.0, 4.0])
        record.closed(number, 0.5, done=True)
    assert record.calibration(1.0).told == pytest.approx(AS_TOLD.told)
    *first, _, _, _ = record.calibration(1.5).told
    assert first[0] < 0.5


def test_what_is_done_by_the_very_time_that_was_named_is_kept() -> None:
    kept, missed = told_after(9, 5, 9, 9, done=5), told_after(9, 5, 9, 9, done=5.0001)
    assert kept[AT_80] < 0.8 < missed[AT_80]


def test_what_is_withdrawn_before_its_time_says_nothing_and_afterwards_it_was_missed() -> None:
    before, after, never = Desk(), Desk(), Desk()
    before.promise(0.1, withdrawn=True)
    after.promise(0.97, withdrawn=True)
    never.promise(0.97)
    assert before.told == pytest.approx(AS_TOLD.told)
    assert after.told == never.told


def test_a_promise_that_it_was_not_told_of_says_nothing() -> None:
    record = Record()
    record.closed(1, 10.0, done=True)
    assert record.calibration(20.0).told == pytest.approx(AS_TOLD.told)


def test_where_no_time_is_left_to_name_what_is_told_comes_down_by_itself_but_not_below_the_odds() -> None:
    record = Record()
    for number in range(100):
        record.opened(number, 0.0, [9, 9, 9, 3])
        record.closed(number, 5.0, done=True)
    high = record.calibration(10.0).told[-1]
    assert high == pytest.approx(HIGHEST)
    record.opened(100, 10.0, [9, 9, 9, None])
    assert 0.95 < record.calibration(10.0).told[-1] < high
    for number in range(101, 1000):
        record.opened(number, 10.0, [9, 9, 9, None])
    assert record.calibration(10.0).told[-1] == pytest.approx(0.95)


def test_the_more_wait_at_once_the_smaller_the_steps_from_then_on() -> None:
    def after_a_miss(waiting: int) -> float:
        record = Record()
        for number in range(waiting):
            record.opened(number, 0.0, [1.0, 1.0, 1.0, 1.0])
            record.closed(number, 0.5, done=False)
        record.calibration(2.0)
        record.opened(-1, 2.0, [1.0, 1.0, 1.0, 1.0])
        return record.calibration(4.0).told[AT_80] - 0.8

    assert after_a_miss(waiting=STEPS) == pytest.approx(after_a_miss(waiting=0))
    assert after_a_miss(waiting=10 * STEPS) == pytest.approx(after_a_miss(waiting=0) / 7, rel=0.02)


def test_a_chance_that_is_always_kept_by_the_time_of_a_lower_one_does_not_forget_its_own() -> None:
    """Everything is done at one o'clock, so that the times for all chances are the same; then everything is late."""
    at_one = Desk().promises(repeat(0.6, 20_000))
    low, high, *_ = at_one.told
    assert low == pytest.approx(0.6, abs=0.01)
    assert high == pytest.approx(low, abs=0.01)
    late = at_one.promises(repeat(0.9, 100)).told
    assert late[AT_80] > late[0] + 0.05


def test_what_is_told_stays_where_the_past_says_something() -> None:
    highest = [HIGHEST + APART * n for n in range(len(LEVELS))]
    assert Desk().promises(repeat(1.0, 3000)).told == pytest.approx(highest)
    lowest = Desk().promises(repeat(0.0, 8000)).told
    assert [log_odds(told) for told in lowest] == pytest.approx(
        [log_odds(level / 100) - LOWERED for level in LEVELS]
    )


def test_where_all_took_equally_long_it_is_soon_seen_that_they_do_no_longer() -> None:
    """What is told has fallen as far as it may by then."""
    rng, desk = Random(8), Desk().promises(repeat(0.0, 8000))
    desk.promises(rng.random() for _ in range(200))
    kept, made = desk.kept[AT_80], desk.made
    desk.promises(rng.random() for _ in range(200))
    assert (desk.kept[AT_80] - kept) / (desk.made - made) > 0.7


def test_where_even_the_latest_time_is_missed_no_debt_is_run_up() -> None:
    """It would be paid with times that are far too late, for months."""
    weeks, months = Desk().promises(repeat(1.0, 1000)), Desk().promises(repeat(1.0, 5000))
    weeks.promises(repeat(0.5, 50))
    months.promises(repeat(0.5, 50))
    assert months.told == pytest.approx(weeks.told)
    assert months.told[AT_80] < HIGHEST


def test_a_higher_chance_stays_above_a_lower_one_of_which_alone_something_is_learnt() -> None:
    first, second, *_ = told_after(9, None, None, None, done=10, times=200)
    assert first > 0.85
    assert second == pytest.approx(first + APART)


@given(calibrations())
def test_for_a_higher_chance_more_is_told(calibration: Calibration) -> None:
    assert list(calibration.told) == sorted(set(calibration.told))


@given(calibrations(), shares, shares)
def test_a_higher_chance_stays_a_higher_one(calibration: Calibration, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= calibration.share(low) <= calibration.share(high) <= 1


@given(calibrations(), st.floats(0.001, 0.999))
def test_what_has_to_be_told_for_a_share_is_worth_that_share(calibration: Calibration, share: float) -> None:
    assert calibration.share(calibration.told_for(share)) == pytest.approx(share, abs=1e-6)


@given(calibrations())
def test_what_is_told_for_a_named_chance_is_that_of_its_account(calibration: Calibration) -> None:
    told = [calibration.told_for(level / 100) for level in LEVELS]
    assert told == pytest.approx(list(calibration.told))


@given(calibrations())
def test_it_is_read_as_it_was_written(calibration: Calibration) -> None:
    assert len(str(calibration)) <= 40
    assert Calibration.parse(str(calibration)).told == pytest.approx(calibration.told, abs=0.00005)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (
            [0.58, 0.88, 0.93, 0.96],
            "lately fewer were kept than foretold; these odds allow for that: 80 % became 71 %",
        ),
        (
            [0.4, 0.7, 0.82, 0.9],
            "lately more were kept than foretold; these odds allow for that: 80 % became 88 %",
        ),
        ([0.52, 0.82, 0.92, 0.96], None),
    ],
)
def test_a_correction_that_matters_is_told_in_one_sentence(told: list[float], sentence: str | None) -> None:
    assert Calibration(told).remark() == sentence
