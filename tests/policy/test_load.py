"""Facts that make a promise foolish, and half hours that are full."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.calendars import ALWAYS, Calendar, PublicHolidays, Stretch, WeeklyHours
from tracker.policy.calendars.spans import micros
from tracker.policy.load import (
    Closing,
    Concern,
    Desk,
    Fact,
    OutOfHours,
    Pace,
    Slot,
    concerns,
    forecast,
    full_then,
    mind_hours,
    quarter,
)

AMSTERDAM = "Europe/Amsterdam"
DAYTIME = WeeklyHours.parse("0-6:8-21")
TEAM = Calendar(WeeklyHours.parse("0-4:9-17"), AMSTERDAM, PublicHolidays("NL"))
FOUR_AN_HOUR = Pace(4)


def at(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo(AMSTERDAM))


MONDAY_TEN = at(16, 10)


def desk(
    *promises: datetime,
    team: Calendar = TEAM,
    own: Calendar | None = None,
    customer: Calendar | None = None,
    pace: Pace = FOUR_AN_HOUR,
) -> Desk:
    return Desk(
        "Ann", team, own or Calendar(ALWAYS), customer or Calendar(DAYTIME, AMSTERDAM), pace, promises
    )


def only(facts: tuple[Fact, ...]) -> Fact:
    (fact,) = facts
    return fact


def test_nothing_speaks_against_a_free_hour_of_a_working_day() -> None:
    assert concerns(at(16, 15), now=MONDAY_TEN, desk=desk(at(16, 11), at(16, 16))) == ()


def test_a_time_at_which_the_owner_is_on_leave_is_moved_to_their_return() -> None:
    leave = Stretch(at(17, 0), at(19, 0), "leave")
    fact = only(concerns(at(17, 15), now=MONDAY_TEN, desk=desk(own=Calendar(ALWAYS, closures=(leave,)))))
    assert (fact.concern, fact.sentence) == (Concern.OWNER_OFF, "Ann is not at work then: leave.")
    assert fact.better == at(19, 9)


def test_a_time_after_closing_is_moved_to_the_next_opening() -> None:
    fact = only(concerns(at(16, 18), now=MONDAY_TEN, desk=desk()))
    assert (fact.concern, fact.sentence) == (Concern.TEAM_CLOSED, "The team is closed then.")
    assert fact.better == at(17, 9)


def test_a_promise_for_the_moment_of_closing_is_one_for_the_end_of_that_day() -> None:
    assert concerns(at(16, 17), now=MONDAY_TEN, desk=desk()) == ()
    assert only(concerns(at(16, 17, 1), now=MONDAY_TEN, desk=desk())).concern is Concern.TEAM_CLOSED


def test_a_public_holiday_is_called_by_its_name() -> None:
    fact = only(concerns(at(25, 10, month=12), now=at(24, 10, month=12), desk=desk()))
    assert (fact.concern, fact.sentence) == (Concern.HOLIDAY, "It is a public holiday then: Christmas Day.")
    assert fact.better == at(28, 9, month=12)


def test_a_time_that_is_the_customers_night_is_told_by_their_clock() -> None:
    seattle = Calendar(DAYTIME, "America/Los_Angeles")
    late_team = Calendar(WeeklyHours.parse("0-4:9-21"), AMSTERDAM)
    fact = only(concerns(at(16, 15), now=MONDAY_TEN, desk=desk(team=late_team, customer=seattle)))
    assert (fact.concern, fact.sentence) == (Concern.CUSTOMER_NIGHT, "It is 06:00 for the customer then.")
    assert fact.better == at(16, 17)


def test_a_customer_who_sleeps_while_the_team_works_has_no_better_time() -> None:
    auckland = Calendar(WeeklyHours.parse("0-6:9-17"), "Pacific/Auckland")
    early_team = Calendar(WeeklyHours.parse("0-4:9-17"), AMSTERDAM)
    fact = only(concerns(at(16, 15), now=MONDAY_TEN, desk=desk(team=early_team, customer=auckland)))
    assert fact.better is None


def test_two_promises_within_ten_minutes_collide_and_ten_minutes_apart_they_do_not() -> None:
    fact = only(concerns(at(16, 15), now=MONDAY_TEN, desk=desk(at(16, 15, 9))))
    assert (fact.concern, fact.sentence) == (Concern.COLLISION, "Ann has another promise at 15:09.")
    assert fact.better == at(16, 15, 30)
    assert concerns(at(16, 15), now=MONDAY_TEN, desk=desk(at(16, 15, 10), at(16, 14, 50))) == ()


def test_more_promises_than_can_be_worked_off_are_an_overload_and_the_better_time_leaves_room() -> None:
    before = [at(16, 10, 20), at(16, 10, 30), at(16, 10, 40), at(16, 10, 50)]
    fact = only(concerns(at(16, 11), now=MONDAY_TEN, desk=desk(*before)))
    assert fact.concern is Concern.OVERLOAD
    assert fact.sentence == "Ann already has 4 promises due by then, and time for only 4."
    assert fact.better == at(16, 11, 15)


def test_who_cannot_keep_even_one_until_then_has_no_time() -> None:
    for others in ([], [at(16, 10)]):
        (*_, fact) = concerns(at(16, 10, 12), now=MONDAY_TEN, desk=desk(*others))
        assert fact.sentence == "Ann has no time for a promise before then."


def test_overdue_promises_have_to_be_worked_off_too() -> None:
    overdue = [at(13, 16), at(13, 16, 30)]
    assert concerns(at(16, 10, 30), now=MONDAY_TEN, desk=desk()) == ()
    fact = only(concerns(at(16, 10, 30), now=MONDAY_TEN, desk=desk(*overdue)))
    assert fact.sentence == "Ann already has 2 promises due by then, and time for only 2."


def test_a_promise_that_is_due_at_the_same_moment_takes_its_time_too() -> None:
    facts = concerns(at(16, 10, 15), now=MONDAY_TEN, desk=desk(at(16, 10, 15)))
    assert [fact.concern for fact in facts] == [Concern.COLLISION, Concern.OVERLOAD]


def test_one_that_would_make_a_later_promise_late_is_an_overload_and_the_better_time_is_after_that() -> None:
    fact = only(concerns(at(16, 10, 30), now=MONDAY_TEN, desk=desk(*[at(16, 11)] * 4)))
    assert fact.concern is Concern.OVERLOAD
    assert (
        fact.sentence == "Ann has 4 promises due by Mon 16 Nov, 11:00, and no time for one more before then."
    )
    assert fact.better == at(16, 11, 15)
    fact = only(concerns(at(16, 10, 15), now=MONDAY_TEN, desk=desk(at(16, 10, 29))))
    assert (
        fact.sentence == "Ann has a promise due by Mon 16 Nov, 10:29, and no time for one more before then."
    )
    assert concerns(at(16, 10, 30), now=MONDAY_TEN, desk=desk(*[at(16, 11)] * 3)) == ()


def test_time_off_is_no_time_to_work_promises_off() -> None:
    lunch_out = Stretch(at(16, 10, 15), at(16, 14), "dentist")
    own = Calendar(ALWAYS, closures=(lunch_out,))
    fact = only(concerns(at(16, 14), now=MONDAY_TEN, desk=desk(at(16, 13), own=own)))
    assert fact.sentence == "Ann already has another promise due by then, and time for only one."
    assert fact.better == at(16, 14, 15)


def test_all_facts_about_one_time_offer_the_same_better_one() -> None:
    facts = concerns(at(16, 22), now=MONDAY_TEN, desk=desk(at(16, 22, 5)))
    assert [fact.concern for fact in facts] == [
        Concern.TEAM_CLOSED,
        Concern.CUSTOMER_NIGHT,
        Concern.COLLISION,
    ]
    assert {fact.better for fact in facts} == {at(17, 9)}


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


def slots_of(
    *dues: datetime,
    pace: Pace = FOUR_AN_HOUR,
    now: datetime = MONDAY_TEN,
    team: Calendar = TEAM,
    people: int = 1,
) -> tuple[Slot, ...]:
    counts = Counter(quarter(due) for due in dues)
    return forecast(counts, [(team, pace)] * people, now=now, zone=AMSTERDAM)


def test_the_forecast_runs_in_half_hours_to_the_end_of_tomorrow() -> None:
    slots = slots_of(now=at(16, 10, 15))
    assert slots[1] == Slot(at(16, 10, 30), at(16, 11), 0, 2.0, room=3, over=0)
    assert slots[-1] == Slot(at(17, 23, 30), at(18, 0), 0, 0.0, room=27 + 32, over=0)
    assert len(slots) == 28 + 48


def test_of_the_half_hour_in_progress_only_what_is_left_can_be_worked_in() -> None:
    slots = slots_of(now=at(16, 10, 15), people=2)
    assert (slots[0].start, slots[0].capacity, slots[1].capacity) == (at(16, 10), 2.0, 4.0)


def test_the_forecast_counts_promises_by_the_half_hour_that_ends_with_them_and_overdue_ones_now() -> None:
    dues = [at(13, 9), at(16, 10), at(16, 10, 5), at(16, 16, 1), at(16, 16, 30), at(16, 16, 31), at(18, 9)]
    assert {slot.clock(AMSTERDAM): slot.promised for slot in slots_of(*dues) if slot.promised} == {
        "10:30": 3,
        "16:30": 2,
        "17:00": 1,
    }


def test_what_is_due_when_nobody_works_has_to_be_kept_in_the_last_half_hour_before() -> None:
    dues = [
        at(16, 16, 45),
        at(16, 17),
        at(16, 17),
        at(16, 20),
        at(17, 8, 45),
        at(17, 9),
        at(17, 9, 1),
        at(17, 18),
    ]
    assert [(slot.start, slot.until, slot.promised) for slot in slots_of(*dues) if slot.promised] == [
        (at(16, 16, 30), at(17, 9), 6),
        (at(17, 9), at(17, 9, 30), 1),
        (at(17, 16, 30), at(18, 0), 1),
    ]


def test_where_nobody_works_any_more_before_it_is_due_it_stays_where_it_is_due() -> None:
    (slot,) = (s for s in forecast({at(17, 8): 1}, [], now=MONDAY_TEN, zone=AMSTERDAM) if s.promised)
    assert (slot.start, slot.until, slot.over, slot.full) == (at(17, 7, 30), at(17, 8), 1, True)


def test_what_is_too_much_for_one_half_hour_is_kept_in_those_before_it() -> None:
    six = [at(16, 11, 30)] * 6
    slots = slots_of(*six)
    assert [(slot.clock(AMSTERDAM), slot.room, slot.over) for slot in slots[:4]] == [
        ("10:30", 0, 0),
        ("11:00", 0, 0),
        ("11:30", 0, 0),
        ("12:00", 2, 0),
    ], "three half hours are just enough for six, and have no room for a seventh"
    assert [slot.room for slot in slots_of(*six[1:])[:4]] == [1, 1, 1, 3]


def test_what_cannot_be_kept_before_takes_capacity_from_what_is_due_after() -> None:
    slots = slots_of(*[at(16, 10, 30)] * 6, at(16, 11), at(16, 12))
    assert [(slot.promised, slot.over, slot.room) for slot in slots[:5]] == [
        (6, 4, 0),
        (1, 1, 0),
        (0, 0, 0),
        (1, 0, 0),
        (0, 0, 2),
    ]
    assert full_then(slots, at(16, 10, 45), zone=AMSTERDAM) == "11:00 is full, 12:30 is free"


def test_somebody_who_needs_an_hour_for_each_has_room_for_one_in_an_hour() -> None:
    slots = slots_of(at(16, 16), pace=Pace(1))
    assert full_then(slots, at(16, 10, 30), zone=AMSTERDAM) == "10:30 is full, 11:00 is free"
    assert full_then(slots, at(16, 16), zone=AMSTERDAM) is None


def test_two_people_carry_twice_as_much_while_both_are_there() -> None:
    early = TEAM & Calendar(WeeklyHours.parse("0-4:0-12"), AMSTERDAM)
    slots = forecast({}, [(TEAM, FOUR_AN_HOUR), (early, Pace(2))], now=MONDAY_TEN, zone=AMSTERDAM)
    capacity = {slot.start: slot.capacity for slot in slots}
    assert (capacity[at(16, 11, 30)], capacity[at(16, 12)]) == (3.0, 2.0)


def test_the_day_of_the_autumn_change_has_fifty_half_hours() -> None:
    slots = forecast({}, [], now=at(24, 0, month=10), zone=AMSTERDAM)
    assert len(slots) == 48 + 50
    assert [slot.clock(AMSTERDAM) for slot in slots[47:54]] == [
        *("24:00", "00:30", "01:00", "01:30"),
        *("02:00 CEST", "02:30 CEST", "02:00 CET"),
    ]


def test_a_full_half_hour_names_the_next_free_one() -> None:
    slots = slots_of(*[at(16, 15, 45)] * 11, at(16, 16), at(17, 11), now=at(16, 13))
    assert full_then(slots, at(16, 16), zone=AMSTERDAM) == "16:00 is full, 16:30 is free"
    assert full_then(slots, at(16, 15, 31), zone=AMSTERDAM) == "16:00 is full, 16:30 is free"
    assert full_then(slots, at(16, 15, 30), zone=AMSTERDAM) == "15:30 is full, 16:30 is free"
    assert full_then(slots, at(16, 16, 1), zone=AMSTERDAM) is None
    assert full_then(slots, at(16, 17, 30), zone=AMSTERDAM) is None, "that they are closed is said elsewhere"
    assert full_then(slots, at(16, 13), zone=AMSTERDAM) is None
    assert full_then(slots, at(18, 10), zone=AMSTERDAM) is None
    assert full_then((), at(18, 10), zone=AMSTERDAM) is None


def test_the_next_free_half_hour_may_be_tomorrow_or_later() -> None:
    today, both = [at(16, 17)] * 28, [at(17, 17)] * 32
    slots = slots_of(*today)
    assert full_then(slots, at(16, 16), zone=AMSTERDAM) == "16:00 is full, 09:30 tomorrow is free"
    assert full_then(slots, at(16, 18), zone=AMSTERDAM) == "18:00 is full, 09:30 tomorrow is free"
    slots = slots_of(*today, *both)
    assert full_then(slots, at(17, 10), zone=AMSTERDAM) == "10:00 is full, and so is all the rest of tomorrow"


SHIFTS = Calendar(WeeklyHours.parse("0-4:9-12,0-4:13-16"), AMSTERDAM)


def late(dues: Sequence[datetime], seconds_each: float, now: datetime) -> int:
    """Works promises off one after the other, what is due first first, and counts those that are not kept by the end
    of the half hour in which they are due."""
    count = 0
    for n, due in enumerate(sorted(dues)):
        ends = max(due, now + timedelta(microseconds=1)).astimezone(UTC)
        ends += (datetime.min.replace(tzinfo=UTC) - ends) % timedelta(minutes=30)
        kept = SHIFTS.add(now, (n + 1) * seconds_each)
        assert kept is not None
        count += kept > ends + timedelta(milliseconds=1)
    return count


@given(
    st.lists(st.integers(-30, 150), max_size=50),
    st.integers(0, 29),
    st.sampled_from([1.0, 1.3, 2.0, 4.0]),
    st.integers(1, 2),
)
def test_a_half_hour_is_full_when_one_more_promise_would_make_some_promise_late(
    quarters: list[int], minute: int, per_hour: float, people: int
) -> None:
    now = MONDAY_TEN + timedelta(minutes=minute)
    dues = [MONDAY_TEN + n * timedelta(minutes=15) for n in quarters]
    slots = slots_of(*dues, pace=Pace(per_hour), now=now, team=SHIFTS, people=people)
    each = 3600 / per_hour / people
    before = late(dues, each, now)
    assert sum(slot.over for slot in slots) == before
    for slot in slots[:60:5]:
        assert late([*dues, *[slot.end] * slot.room], each, now) == before
        assert late([*dues, *[slot.end] * (slot.room + 1)], each, now) > before
        assert slot.full == (slot.room == 0)


minutes = st.integers(-600, 60 * 24 * 9).map(lambda minute: MONDAY_TEN + timedelta(minutes=minute))


@given(
    minutes,
    st.lists(minutes, max_size=40),
    st.floats(0.3, 12),
    st.sampled_from([AMSTERDAM, "Asia/Kathmandu"]),
)
def test_nothing_speaks_against_the_better_time(
    due_at: datetime, promises: list[datetime], per_hour: float, zone: str
) -> None:
    busy = desk(*promises, pace=Pace(per_hour), customer=Calendar(DAYTIME, zone))
    for fact in concerns(due_at, now=MONDAY_TEN, desk=busy):
        assert fact.better is not None
        assert fact.better >= max(due_at, MONDAY_TEN)
        assert fact.better.astimezone(UTC).minute % 15 == 0
        assert concerns(fact.better, now=MONDAY_TEN, desk=busy) == ()


@given(
    st.integers(1, 600).map(lambda minute: MONDAY_TEN + timedelta(minutes=minute)),
    st.lists(minutes, max_size=40),
    st.sampled_from([1.0, 1.3, 2.0, 4.0]),
)
def test_an_overload_is_when_one_more_promise_would_make_some_promise_of_the_owner_late(
    due_at: datetime, promises: list[datetime], per_hour: float
) -> None:
    def late(dues: Sequence[datetime]) -> int:
        done = (TEAM.add(MONDAY_TEN, n * 3600 / per_hour) for n, _ in enumerate(dues, 1))
        slip = timedelta(milliseconds=5)
        return sum(at is None or at > due + slip for at, due in zip(done, sorted(dues), strict=True))

    facts = concerns(due_at, now=MONDAY_TEN, desk=desk(*promises, pace=Pace(per_hour)))
    overload = any(fact.concern is Concern.OVERLOAD for fact in facts)
    assert overload == (late([*promises, due_at]) > late(promises))


def refused(due_at: datetime, at_desk: Desk, *, confirmed: bool = False) -> OutOfHours | None:
    facts = concerns(due_at, now=MONDAY_TEN, desk=at_desk)
    try:
        mind_hours(facts, zone=AMSTERDAM, confirmed=confirmed)
    except OutOfHours as problem:
        return problem
    return None


ON_LEAVE = Calendar(ALWAYS, closures=(Stretch(at(17, 0), at(19, 0)),))


def test_a_time_at_which_the_team_is_closed_is_refused_with_a_better_one_whoever_confirms_it() -> None:
    for confirmed in (False, True):
        problem = refused(at(16, 18), desk(), confirmed=confirmed)
        assert problem is not None
        assert str(problem) == "The team is closed then. Offer Tue 17 Nov, 09:00 by the team's clock."
        assert problem.better == at(17, 9)
        assert not problem.confirmable


def test_a_time_at_which_the_owner_is_off_is_refused_until_it_is_confirmed() -> None:
    problem = refused(at(17, 15), desk(own=ON_LEAVE))
    assert problem is not None
    assert str(problem) == (
        "Ann is not at work then. Offer Thu 19 Nov, 09:00 by the team's clock, or confirm that this time is meant."
    )
    assert problem.confirmable
    assert problem.field == "due_at"
    assert refused(at(17, 15), desk(own=ON_LEAVE), confirmed=True) is None


def test_the_customers_night_is_refused_until_it_is_confirmed() -> None:
    auckland = Calendar(WeeklyHours.parse("0-6:9-17"), "Pacific/Auckland")
    problem = refused(at(16, 15), desk(customer=auckland))
    assert problem is not None
    assert str(problem) == (
        "It is 03:00 for the customer then. Offer another time, or confirm that this one is meant."
    )
    assert problem.better is None
    assert refused(at(16, 15), desk(customer=auckland), confirmed=True) is None


def test_a_closed_team_cannot_be_confirmed_away_by_confirming_the_rest() -> None:
    problem = refused(at(16, 22), desk(own=ON_LEAVE), confirmed=True)
    assert problem is not None
    assert "customer" not in str(problem), "what was confirmed is not said again"


@pytest.mark.parametrize("promises", [(), (at(16, 15), at(16, 15, 1))])
def test_too_much_work_is_never_refused(promises: tuple[datetime, ...]) -> None:
    assert refused(at(16, 15), desk(*promises)) is None
    assert refused(at(16, 10, 5), desk()) is None
