"""Half hours that are full, and those that are free."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.policy.monday import AMSTERDAM, FOUR_AN_HOUR, MONDAY_TEN, TEAM, at
from tracker.policy.calendars import Calendar, WeeklyHours
from tracker.policy.load import Pace, Slot, forecast, full_then, quarter


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
