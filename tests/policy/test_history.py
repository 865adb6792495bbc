"""Promises seen one after another."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tracker.policy.advice import OWNER, OWNER_KIND, TEAM, TEAM_KIND, Cell, advise, every, in_sample
from tracker.policy.calendars import ALWAYS, BusinessClock, Calendar
from tracker.policy.history import History

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("still_open", [90, 450])
def test_as_it_goes_on_it_knows_what_is_known_from_all_rows_at_once(still_open: int) -> None:
    clock = BusinessClock(Calendar(ALWAYS), MONDAY)
    history = History(clock)
    numbers = Random(1).sample(range(10_000), still_open + 30)
    made = {number: MONDAY + HOUR * n / 10 for n, number in enumerate(numbers)}
    closed = {number: MONDAY + HOUR * (50 + n) for n, number in enumerate(numbers[::3][:30])}
    for number, at in made.items():
        history.made(number, kind="refund", owner="Ana", at=at)
    for number, at in closed.items():
        history.closed(number, at)
    now = MONDAY + HOUR * 100
    waiting = [number for number in numbers if number not in closed]
    sample = [clock.at(made[each]) for each in waiting if in_sample(each, every(len(waiting)))]
    ended = [(clock.at(made[each]), clock.at(at), True) for each, at in closed.items()]
    cells = [
        Cell(level, ended, float("-inf"), sample, len(waiting))
        for level in (TEAM, OWNER, TEAM_KIND, OWNER_KIND)
    ]
    assert history.advise(kind="refund", owner="Ana", at=now).odds == advise(cells, clock=clock, now=now).odds
