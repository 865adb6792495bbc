"""Promises seen one after another, and what is known of them at each moment."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tracker.policy.advice import every, in_sample
from tracker.policy.calendars import ALWAYS, BusinessClock, Calendar
from tracker.policy.history import History

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("count", [0, 99, 101, 250, 400])
def test_of_many_open_promises_a_sample_is_looked_at_and_all_are_counted(count: int) -> None:
    """They come and go, and now and then one more has to stand for the others."""
    history, rng = History(BusinessClock(Calendar(ALWAYS), MONDAY)), Random(count)
    left: dict[int, float] = {}
    for number in range(2 * count):
        at = MONDAY + number * MINUTE
        if number < count or rng.random() < 0.3:
            history.made(number, kind="callback", owner=None, at=at)
            left[number] = 60.0 * number
        else:
            gone = rng.choice(list(left))
            history.closed(gone, at)
            del left[gone]
    for cell in history.advise(kind="callback", owner=None, at=MONDAY + 2 * count * MINUTE).cells:
        assert cell.open_count == len(left)
        expected = [made for number, made in left.items() if in_sample(number, every(len(left)))]
        assert sorted(cell.open) == expected
