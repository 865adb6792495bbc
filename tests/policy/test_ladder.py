"""A ladder is climbed step by step, each once, and never runs out."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.ladder import DEFAULT, Effect, Ladder, LadderError, Step, from_json, to_json

DUE = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAILY = Step(timedelta(days=1), Effect.TELL_SUPERVISORS, every=timedelta(days=1))


def climb(ladder: Ladder, made_at: datetime, until: datetime) -> list[tuple[int, datetime]]:
    """Every rung as a punctual worker climbs it: number and time."""
    number = ladder.first(DUE, now=made_at)
    climbed = []
    while (fires_at := ladder.at(number, DUE)) <= until:
        climbed.append((number, fires_at))
        number = ladder.after(number, DUE, now=fires_at)
    return climbed


def test_the_default_reminds_warns_apologises_and_hands_over() -> None:
    ladder = Ladder.of(DEFAULT)
    story = [
        (int((fires_at - DUE) / MINUTE), ladder.rung(number).step.effect.value)
        for number, fires_at in climb(ladder, DUE - 60 * MINUTE, DUE + timedelta(days=2))
    ]
    assert story == [
        (-15, "remind owner"),
        (0, "remind owner"),
        (15, "tell supervisors"),
        (15, "text customer"),
        (60, "hand over"),
        (1440, "tell supervisors"),
        (2880, "tell supervisors"),
    ]


def test_a_promise_made_ten_minutes_before_it_is_due_skips_the_reminder() -> None:
    ladder = Ladder.of(DEFAULT)
    assert ladder.at(ladder.first(DUE, now=DUE - 10 * MINUTE), DUE) == DUE


def test_after_three_days_asleep_each_finite_step_still_climbs_and_the_endless_one_counts_once() -> None:
    ladder = Ladder.of(DEFAULT)
    now = DUE + timedelta(days=3, hours=1)
    number, climbed = 0, []
    while ladder.at(number, DUE) <= now:
        climbed.append(number)
        number = ladder.after(number, DUE, now=now)
    assert climbed == [0, 1, 2, 3, 4, 5]
    assert ladder.at(number, DUE) == DUE + timedelta(days=4)


def test_a_step_repeats_as_often_as_it_says() -> None:
    nagging = Step(timedelta(minutes=5), Effect.REMIND_OWNER, every=5 * MINUTE, times=3)
    ladder = Ladder.of([nagging, DAILY])
    times = [int((at - DUE) / MINUTE) for _, at in climb(ladder, DUE - MINUTE, DUE + timedelta(days=1))]
    assert times == [5, 10, 15, 1440]


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ([], "ends with exactly one step that repeats"),
        ([Step(timedelta(0), Effect.REMIND_OWNER)], "ends with exactly one step that repeats"),
        ([DAILY, Step(timedelta(days=2), Effect.HAND_OVER)], "ends with exactly one step that repeats"),
        ([Step(-MINUTE, Effect.TEXT_CUSTOMER), DAILY], "at or after the due time"),
        ([Step(MINUTE, Effect.TEXT_CUSTOMER, every=MINUTE, times=2), DAILY], "texted once"),
        ([Step(MINUTE, Effect.REMIND_OWNER, times=2), DAILY], "needs 'every'"),
        ([Step(MINUTE, Effect.REMIND_OWNER, every=timedelta(seconds=5), times=2), DAILY], "once a minute"),
        ([Step(MINUTE, Effect.REMIND_OWNER, every=MINUTE, times=0), DAILY], "between 1 and 100"),
        ([Step(timedelta(days=-400), Effect.REMIND_OWNER), DAILY], "at most a year"),
        (
            [Step(MINUTE, Effect.REMIND_OWNER, every=timedelta(hours=23), times=3), DAILY],
            "after every other step",
        ),
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_refused_in_one_sentence(steps: list[Step], sentence: str) -> None:
    with pytest.raises(LadderError, match=sentence):
        Ladder.of(steps)


def test_a_ladder_is_stored_and_read_back_unchanged() -> None:
    assert from_json(to_json(DEFAULT)) == Ladder.of(DEFAULT)


@pytest.mark.parametrize(
    "row", [{}, {"offset": 1}, {"offset": "x", "effect": "hand over"}, {"offset": 1, "effect": "sing"}]
)
def test_a_stored_step_that_is_none_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(LadderError, match="Each step needs"):
        from_json([row])


finite = st.builds(
    Step,
    st.integers(-600, 600).map(lambda n: n * MINUTE),
    st.sampled_from([Effect.REMIND_OWNER, Effect.TELL_SUPERVISORS, Effect.HAND_OVER]),
)
ladders = st.lists(finite, max_size=6).map(lambda steps: Ladder.of([*steps, DAILY]))
moments = st.integers(-2000, 20000).map(lambda n: DUE + n * MINUTE)


@given(ladder=ladders, made_at=moments, delays=st.lists(st.integers(0, 5000), min_size=1, max_size=12))
def test_numbers_only_rise_and_there_is_always_a_next_step(
    ladder: Ladder, made_at: datetime, delays: list[int]
) -> None:
    number = ladder.first(DUE, now=made_at)
    assert ladder.at(number, DUE) > made_at
    for delay in delays:
        now = ladder.at(number, DUE) + delay * MINUTE
        following = ladder.after(number, DUE, now=now)
        assert following > number
        assert ladder.at(following, DUE) >= ladder.at(number, DUE)
        skipped = range(number + 1, following)
        assert all(ladder.rung(n).step.endless and ladder.at(n, DUE) <= now for n in skipped)
        number = following
