"""Steps of a ladder may count working time: nights and weekends do not make anybody late."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.calendars import ALWAYS, NEVER, Calendar, Stretch, WeeklyHours
from tracker.policy.ladder import Effect, Ladder, Step, from_json, to_json

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEKDAYS = Calendar(WeeklyHours.parse("0-4:9-18"), "Europe/London")
FRIDAY = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
REMINDER = Step(-HOUR, Effect.REMIND_OWNER, working=True)
HAND_OVER = Step(HOUR, Effect.HAND_OVER, working=True)
NEXT_WORKING_DAY = Step(9 * HOUR, Effect.TELL_SUPERVISORS, every=9 * HOUR, working=True)
LADDER = Ladder.of([REMINDER, HAND_OVER, NEXT_WORKING_DAY])


def test_an_hour_after_half_past_five_on_friday_is_half_past_nine_on_monday() -> None:
    assert LADDER.at(1, FRIDAY, WEEKDAYS) == MONDAY + 9.5 * HOUR


def test_a_reminder_an_hour_ahead_of_monday_morning_comes_on_friday() -> None:
    assert LADDER.at(0, MONDAY + 9.5 * HOUR, WEEKDAYS) == FRIDAY


def test_the_endless_step_repeats_once_a_working_day() -> None:
    times = [LADDER.at(number, FRIDAY, WEEKDAYS) for number in (2, 3, 4)]
    assert times == [MONDAY + n * DAY + 17.5 * HOUR for n in range(3)]


def test_repetitions_slept_through_count_as_one_in_working_time_too() -> None:
    wednesday_night = MONDAY + 2 * DAY + 20 * HOUR
    following = LADDER.after(2, FRIDAY, now=wednesday_night, calendar=WEEKDAYS)
    assert LADDER.at(following, FRIDAY, WEEKDAYS) == MONDAY + 3 * DAY + 17.5 * HOUR


def test_a_wall_time_step_waits_for_the_working_time_step_before_it() -> None:
    mixed = Ladder.of([HAND_OVER, Step(2 * HOUR, Effect.TELL_SUPERVISORS, every=DAY)])
    assert mixed.at(1, FRIDAY, WEEKDAYS) == mixed.at(0, FRIDAY, WEEKDAYS) == MONDAY + 9.5 * HOUR
    assert mixed.at(2, FRIDAY, WEEKDAYS) == MONDAY + DAY + 9.5 * HOUR


def test_a_team_that_never_works_again_is_still_told_in_wall_time() -> None:
    closed_for_good = Calendar(WEEKDAYS.hours, closures=(Stretch(FRIDAY, datetime(2100, 1, 1, tzinfo=UTC)),))
    for calendar in (Calendar(NEVER), closed_for_good):
        assert LADDER.at(1, FRIDAY, calendar) == FRIDAY + HOUR
        following = LADDER.after(2, FRIDAY, now=FRIDAY + 20 * DAY, calendar=calendar)
        assert FRIDAY + 20 * DAY < LADDER.at(following, FRIDAY, calendar) <= FRIDAY + 21 * DAY


def test_a_step_that_repeats_is_worth_sending_from_when_it_really_fires() -> None:
    nagging = Step(HOUR, Effect.REMIND_OWNER, every=30 * MINUTE, times=2, working=True)
    ladder = Ladder.of([REMINDER, nagging, Step(DAY, Effect.TELL_SUPERVISORS, every=DAY)])
    assert ladder.stale_at(0, FRIDAY, WEEKDAYS) == FRIDAY, "a reminder, until it is due"
    assert ladder.stale_at(1, FRIDAY, WEEKDAYS) == MONDAY + 10 * HOUR
    assert LADDER.stale_at(1, FRIDAY, WEEKDAYS) is None


def test_when_a_colleague_steps_in_is_said_only_of_wall_time() -> None:
    assert LADDER.next_offset(Effect.HAND_OVER, 0) is None
    wall = Ladder.of([Step(HOUR, Effect.HAND_OVER), NEXT_WORKING_DAY])
    assert wall.next_offset(Effect.HAND_OVER, -1) == HOUR


def test_working_time_is_stored_and_read_back() -> None:
    steps = [REMINDER, HAND_OVER, NEXT_WORKING_DAY]
    assert to_json(steps)[0] == {"offset": -3600, "effect": "remind owner", "working": True}
    assert from_json(to_json(steps)) == LADDER
    assert LADDER.working
    assert not Ladder.of([Step(DAY, Effect.TELL_SUPERVISORS, every=DAY)]).working


finite = st.builds(
    Step,
    st.integers(-600, 600).map(lambda n: n * MINUTE),
    st.sampled_from([Effect.REMIND_OWNER, Effect.TELL_SUPERVISORS, Effect.HAND_OVER]),
    working=st.booleans(),
)
endless = st.builds(
    Step,
    st.just(DAY),
    st.just(Effect.TELL_SUPERVISORS),
    every=st.integers(1, 3000).map(lambda n: n * MINUTE),
    working=st.booleans(),
)
ladders = st.builds(lambda steps, last: Ladder.of([*steps, last]), st.lists(finite, max_size=6), endless)
closures = st.lists(
    st.tuples(st.integers(-40, 40), st.integers(1, 20)).map(
        lambda pair: Stretch(FRIDAY + pair[0] * DAY, FRIDAY + (pair[0] + pair[1]) * DAY)
    ),
    max_size=2,
)
calendars = st.builds(
    lambda hours, zone, closed: Calendar(WeeklyHours.parse(hours), zone, closures=tuple(closed)),
    st.sampled_from(["0-4:9-18", "0-4:9-12,0-4:13-17", "4:22-6", "0-6:0-24", ""]),
    st.sampled_from(["UTC", "America/New_York", "Australia/Lord_Howe"]),
    closures,
)
moments = st.integers(-2000, 40000).map(lambda n: FRIDAY + n * MINUTE)


@given(
    ladder=ladders, calendar=calendars, made_at=moments, delays=st.lists(st.integers(0, 9000), max_size=12)
)
def test_by_any_calendar_numbers_only_rise_and_there_is_always_a_next_step_ahead(
    ladder: Ladder, calendar: Calendar, made_at: datetime, delays: list[int]
) -> None:
    number = ladder.first(FRIDAY, now=made_at, calendar=calendar)
    assert ladder.at(number, FRIDAY, calendar) > made_at
    for delay in delays:
        now = ladder.at(number, FRIDAY, calendar) + delay * MINUTE
        following = ladder.after(number, FRIDAY, now=now, calendar=calendar)
        assert following > number
        assert ladder.at(following, FRIDAY, calendar) >= ladder.at(number, FRIDAY, calendar)
        if number >= ladder.last.number:
            assert ladder.at(following, FRIDAY, calendar) > now, (
                "one repetition for all that were slept through"
            )
            assert following == number + 1 or ladder.at(following - 1, FRIDAY, calendar) <= now
        number = following


@given(ladder=ladders, number=st.integers(0, 30))
def test_for_a_team_that_always_works_working_time_is_wall_time(ladder: Ladder, number: int) -> None:
    assert ladder.at(number, FRIDAY, Calendar(ALWAYS)) == ladder.at(number, FRIDAY)
    assert ladder.stale_at(number, FRIDAY, Calendar(ALWAYS)) == ladder.stale_at(number, FRIDAY)


@given(ladder=ladders, calendar=calendars, number=st.integers(0, 30))
def test_working_time_never_shortens_the_way_to_a_late_step(
    ladder: Ladder, calendar: Calendar, number: int
) -> None:
    if ladder.rung(number).offset >= timedelta():
        assert ladder.at(number, FRIDAY, calendar) >= ladder.at(number, FRIDAY)
