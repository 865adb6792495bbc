"""What was foretold, held against what came true."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.advice import LEVELS
from tracker.policy.calibration import (
    AS_TOLD,
    LEAST,
    MOST,
    STEPS,
    Calibration,
    Came,
    Foretold,
    Record,
    calibration,
    foretold,
)
from tracker.policy.survival import Odds

HOUR = 3600.0
EVEN: Foretold = [step * HOUR for step in range(1, STEPS)]
"""Of promises like these one per cent more is done with each hour."""
steps = st.integers(0, STEPS - 1)


@st.composite
def came(draw: st.DrawFn) -> Came:
    first, last = sorted((draw(steps), draw(steps)))
    return first, last, draw(st.booleans())


def worth_of(record: Record, told: float, *, now: float = 0.0) -> float:
    return record.calibration(now).share(told)


def kept_in(hours: list[float], *, open_for: list[float] | None = None) -> Record:
    """Promises of which EVEN was foretold, closed just now after so many hours or still open."""
    record = Record()
    for number, took in enumerate([*hours, *(open_for or [])]):
        record.opened(number, -took * HOUR, EVEN)
    for number in range(len(hours)):
        record.closed(number, 0.0, done=True)
    return record


def test_without_a_past_odds_are_worth_what_they_say() -> None:
    assert calibration([]).worth == pytest.approx(AS_TOLD.worth)
    assert AS_TOLD.remark() is None


def test_odds_that_came_true_are_worth_what_they_say() -> None:
    came_true = [(0, step, True) for step in range(STEPS)] * 10
    assert calibration(came_true).worth == pytest.approx(AS_TOLD.worth)


def test_odds_that_promised_too_much_are_worth_less_and_name_later_times() -> None:
    """Everything takes twice as long as in the past that was looked at."""
    rng = Random(1)
    slower = [min(STEPS - 1, int(200 * rng.random())) for _ in range(1000)]
    corrected = calibration([(0, step, True) for step in slower])
    assert corrected.share(0.8) == pytest.approx(0.8 / 2, abs=0.1)
    assert corrected.told(0.4) == pytest.approx(0.8, abs=0.1)


def test_a_time_named_for_a_chance_is_kept_as_often_as_that() -> None:
    """What the correction is for: past odds that are wrong by any curve, and the next ones right."""
    rng = Random(2)
    happened = sorted(rng.betavariate(2, 1) for _ in range(3000))
    corrected = calibration([(0, int(share * STEPS), True) for share in happened])
    for level in LEVELS:
        told = corrected.told(level / 100)
        kept = sum(share <= told for share in happened) / len(happened)
        assert kept == pytest.approx(level / 100, abs=0.02)


def test_open_promises_count_as_not_yet_and_not_as_never() -> None:
    """Half of them are looked at before they are over, at any age: it makes no difference to what is found."""
    rng = Random(3)
    ends = [(int(STEPS * rng.betavariate(2, 1)), int(STEPS * rng.random())) for _ in range(20_000)]
    whole = calibration([(0, end, True) for end, _ in ends])
    half = calibration([(0, min(end, looked), end < looked) for end, looked in ends])
    for step in range(0, 81, 10):
        assert half.worth[step] == pytest.approx(whole.worth[step], abs=0.02)


def test_a_promise_that_was_old_when_the_window_began_says_nothing_about_young_ones() -> None:
    young = [(0, step, True) for step in range(STEPS)] * 3
    old = [(90, 95, True)] * 50
    assert calibration(young + old).worth[:90] == pytest.approx(calibration(young).worth[:90])
    assert calibration(young + old).share(0.97) > calibration(young).share(0.97)


def test_a_withdrawn_promise_counts_as_not_yet_until_it_was_withdrawn() -> None:
    withdrawn = kept_in([50.0] * 10)
    for number in range(100, 150):
        withdrawn.opened(number, -20 * HOUR, EVEN)
        withdrawn.closed(number, 0.0, done=False)
    assert withdrawn.calibration(0.0) == kept_in([50.0] * 10, open_for=[20.0] * 50).calibration(0.0)


def test_what_ends_by_the_very_time_that_was_named_ended_in_time() -> None:
    assert worth_of(kept_in([50.0] * 100), 0.5) > worth_of(kept_in([50.01] * 100), 0.5) + 0.2


def test_what_ends_at_an_age_that_many_chances_share_may_have_been_any_of_them() -> None:
    """Half take one day and half two, to the second; so it was foretold."""
    days: Foretold = [24 * HOUR] * 50 + [48 * HOUR] * 49
    record = Record()
    for number in range(400):
        record.opened(number, -24 * HOUR * (1 + number // 200), days)
    for number in range(400):
        record.closed(number, 0.0, done=True)
    assert record.calibration(0.0).worth[:91:10] == pytest.approx(AS_TOLD.worth[:91:10], abs=0.02)


def test_what_was_closed_long_ago_counts_no_longer_if_there_is_enough() -> None:
    late = kept_in([99.0] * 300)  # all too late
    for number in range(300, 300 + LEAST):
        late.opened(number, 1000 * HOUR, EVEN)
        late.closed(number, 1000 * HOUR + number % 100 * HOUR, done=True)
    fresh = Record()
    for number in range(300, 300 + LEAST):
        fresh.opened(number, 1000 * HOUR, EVEN)
        fresh.closed(number, 1000 * HOUR + number % 100 * HOUR, done=True)
    now = 1100 * HOUR
    assert late.calibration(now) == fresh.calibration(now)


def test_of_a_busy_team_the_last_three_thousand_count() -> None:
    record = kept_in([99.0] * 10 + [1.0] * MOST)
    assert record.calibration(0.0) == kept_in([1.0] * MOST).calibration(0.0)


def test_a_batch_closed_at_once_that_is_larger_than_the_window_is_still_seen_to_have_waited() -> None:
    hours = [n * 100 / (2 * MOST) for n in range(2 * MOST)]
    Random(6).shuffle(hours)
    worth = kept_in(hours).calibration(0.0).worth
    assert worth[:91:10] == pytest.approx(AS_TOLD.worth[:91:10], abs=0.05)


def test_what_was_done_after_the_last_time_that_could_be_named_counts_as_open_until_then() -> None:
    """Every second promise has times up to 50 % only; both kinds come true as foretold."""
    half = [*EVEN[:50], *[math.inf] * 49]
    rng, record = Random(7), Record()
    for number in range(2000):
        record.opened(number, -100 * rng.random() * HOUR, half if number % 2 else EVEN)
    for number in range(2000):
        record.closed(number, 0.0, done=True)
    for told in (0.3, 0.6, 0.8):
        assert worth_of(record, told) == pytest.approx(told, abs=0.05)


def test_what_could_not_be_named_was_not_foretold() -> None:
    never = foretold(Odds([HOUR], [0.4]))
    assert never[:40] == pytest.approx([HOUR] * 40)
    assert set(never[40:]) == {math.inf}


@given(st.lists(came(), max_size=300))
def test_what_odds_are_worth_grows_from_nothing_to_all(watched: list[Came]) -> None:
    worth = calibration(watched).worth
    assert len(worth) == STEPS + 1
    assert worth[0] == 0
    assert worth[-1] == 1
    assert list(worth) == sorted(worth)


@given(st.lists(came(), max_size=100), st.floats(0, 1), st.floats(0, 1))
def test_a_higher_chance_stays_a_higher_one(watched: list[Came], one: float, other: float) -> None:
    corrected = calibration(watched)
    low, high = sorted((one, other))
    assert 0 <= corrected.share(low) <= corrected.share(high) + 1e-12 <= 1 + 1e-9


@given(st.lists(came(), max_size=100), st.floats(0, 1, exclude_min=True))
def test_what_has_to_be_told_for_a_share_is_worth_that_share(watched: list[Came], share: float) -> None:
    corrected = calibration(watched)
    assert corrected.share(corrected.told(share)) == pytest.approx(share, abs=1e-9)


@given(st.lists(came(), max_size=100))
def test_it_is_read_as_it_was_written(watched: list[Came]) -> None:
    corrected = calibration(watched * 30)  # as many as count of a busy team
    assert len(str(corrected)) <= 600
    assert Calibration.parse(str(corrected)).worth == pytest.approx(corrected.worth, abs=0.00005)


def test_a_correction_that_matters_is_told_in_one_sentence() -> None:
    told = Calibration([0.9 * step / STEPS for step in range(STEPS)] + [1.0]).remark()
    assert told == ("lately 72 of 100 were done by the time that was given 80 %; these odds allow for that")
    assert Calibration([0.96 * step / STEPS for step in range(STEPS)] + [1.0]).remark() is None
