"""When to try again after nobody picked up."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.calendars import NEVER, Calendar, WeeklyHours
from tracker.policy.tries import next_try

OFFICE = Calendar(WeeklyHours.parse("0-4:9-18"), "Europe/London")
TWO = datetime(2026, 11, 19, 14, 0, tzinfo=UTC)
"""A Thursday."""


@pytest.mark.parametrize(
    ("tries", "now", "expected"),
    [
        (1, TWO, "2026-11-19T14:30"),
        (2, TWO, "2026-11-19T16:00"),
        (1, TWO + timedelta(minutes=1), "2026-11-19T14:35"),
        (3, TWO - timedelta(hours=1), "2026-11-19T17:00"),
        (1, TWO + timedelta(hours=18, minutes=30), "2026-11-20T09:30"),  # the very moment the day begins
        (3, TWO, "2026-11-20T09:30"),  # four hours later nobody works any more
        (9, TWO + timedelta(days=1), "2026-11-23T09:30"),  # and then comes the weekend
    ],
)
def test_the_next_try_waits_longer_each_time_and_falls_into_working_hours(
    tries: int, now: datetime, expected: str
) -> None:
    assert next_try(tries, now=now, calendar=OFFICE) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_a_team_that_never_works_tries_never() -> None:
    assert next_try(1, now=TWO, calendar=Calendar(NEVER)) is None


def test_without_a_try_there_is_no_next_one() -> None:
    with pytest.raises(ValueError, match="no try"):
        next_try(0, now=TWO, calendar=OFFICE)


@given(st.integers(1, 20), st.integers(0, 60 * 24 * 14))
def test_it_lies_ahead_on_a_round_time_while_somebody_works(tries: int, minutes: int) -> None:
    now = TWO + timedelta(minutes=minutes)
    at = next_try(tries, now=now, calendar=OFFICE)
    assert at is not None
    assert at > now
    assert at.minute % 5 == 0
    assert OFFICE.is_open(at - timedelta(minutes=5))
