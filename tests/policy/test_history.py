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


def worth(lengths: list[float], *, known: int) -> list[float]:
    """What the odds of these promises, ten made every hour, are worth when the last so many closed are known."""
    made = [MONDAY + HOUR * n / 10 for n in range(len(lengths))]
    ends = [at + HOUR * length for at, length in zip(made, lengths, strict=True)]
    now = made[-1]
    done = sorted(at for at in ends if at <= now)
    since = done[-known - 1] if known < len(done) else None
    history = History(BusinessClock(Calendar(ALWAYS), MONDAY), since)
    events = [(at, False, n) for n, at in enumerate(made) if since is None or ends[n] > since]
    events += [(at, True, n) for n, at in enumerate(ends) if at <= now and (since is None or at > since)]
    for at, is_end, number in sorted(events):
        if is_end:
            history.closed(number, at)
        else:
            history.made(number, kind="refund", owner=number % 20, at=at)
    history.calibrate(now)
    return [history.calibration.share(told) for told in (0.5, 0.8, 0.9)]


def test_where_only_the_end_of_the_past_is_known_the_slow_ones_do_not_seem_to_be_more() -> None:
    """A thousand wait at any time; of what was closed the last thousand are known."""
    rng = Random(2)
    lengths = [100 * rng.lognormvariate(0, 0.7) for _ in range(3000)]
    assert worth(lengths, known=1000) == pytest.approx(worth(lengths, known=3000), abs=0.1)
