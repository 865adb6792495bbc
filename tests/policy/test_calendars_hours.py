"""Hours of a week as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.calendars import ALWAYS, NEVER, HoursError, WeeklyHours
from tracker.policy.calendars.hours import DAY


@st.composite
def weekly_hours(draw: st.DrawFn) -> WeeklyHours:
    shift = st.tuples(st.integers(0, 6), st.integers(0, DAY - 1), st.integers(1, DAY - 1))
    shifts = [(day, start, start + length) for day, start, length in draw(st.lists(shift, max_size=6))]
    whole_days = [(day, 0, DAY) for day in draw(st.sets(st.integers(0, 6), max_size=1))]
    return WeeklyHours((*shifts, *whole_days))


def test_a_range_of_days_and_hours_is_read() -> None:
    assert WeeklyHours.parse("5-6:10-17").shifts == ((5, 600, 1020), (6, 600, 1020))


def test_minutes_lunch_breaks_and_nights_are_read() -> None:
    hours = WeeklyHours.parse("0:9:30-12, 0:13-17:45, 4:22-6")
    assert hours.shifts == ((0, 570, 720), (0, 780, 1065), (4, 1320, 1800))


def test_the_empty_text_is_never_and_all_the_hours_are_always() -> None:
    assert WeeklyHours.parse("  ") == NEVER
    assert WeeklyHours.parse("0-6:0-24") == ALWAYS


def test_days_with_equal_hours_are_written_as_one_range() -> None:
    assert str(WeeklyHours.parse("2:9-17,0:9-17,1:9-17,5:9-17")) == "0-2:9-17,5:9-17"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("mon:9-17", "not understood"),
        ("7:9-17", "not understood"),
        ("0:9-17,", "not understood"),
        ("0:9-17;1:9-17", "not understood"),
        ("4-0:9-17", "runs backwards"),
        ("0:9-25", "no clock shows"),
        ("0:9:75-12", "no clock shows"),
        ("0:9-24:30", "no clock shows"),
        ("0:9-9", "the same minute"),
        ("0:24-3", "opens at 24"),
    ],
)
def test_a_mistake_is_named_in_one_sentence(text: str, part: str) -> None:
    with pytest.raises(HoursError, match=part) as caught:
        WeeklyHours.parse(text)
    assert str(caught.value).endswith(".")


def test_a_shift_longer_than_a_day_is_refused() -> None:
    for shift in ((0, 0, DAY + 1), (0, 60, DAY + 60), (7, 0, 60), (0, 60, 60), (0, DAY, DAY + 60)):
        with pytest.raises(HoursError, match="no shift"):
            WeeklyHours((shift,))


@given(weekly_hours())
def test_text_and_hours_are_two_forms_of_the_same(hours: WeeklyHours) -> None:
    assert WeeklyHours.parse(str(hours)) == hours
