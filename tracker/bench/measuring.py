"""How much of raw speed does the climb keep, and what does an idle look cost as the history grows?

The two sides take turns, so that both meet the same machine; what counts is the median of the ratios of the turns.
"""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import TypeVar

from sqlalchemy import Engine

from tracker import migrating
from tracker.bench.raw import Raw
from tracker.bench.rows import IDLE, Scale, at_turn, fill
from tracker.delivery import deliver
from tracker.escalation import climb
from tracker.wiring import make_sessions

T = TypeVar("T")

LEAST_OF_RAW = 0.5
MOST_OF_FEW = 1.3
LOOKS = 300


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure, with that of what it is compared with, and the share the two make; `limit` is the least such
    share that is good enough, or for `unit` ms the most."""

    value: float
    beside: float
    unit: str
    limit: float
    ratio: float

    @property
    def holds(self) -> bool:
        """Is it good enough?"""
        return self.ratio <= self.limit if self.unit == "ms" else self.ratio >= self.limit


def measure(small: Engine, large: Engine, scale: Scale, *, few: int) -> Iterator[tuple[str, Measured]]:
    """Fill both empty databases, of `few` rows and of the scale's, and measure: each figure with its name."""
    database = large.dialect.name
    for engine, size in ((small, Scale(few, 1, 1)), (large, scale)):
        migrating.upgrade(engine)
        fill(engine, size)
    yield f"idle.{database}.{_short(few)}", _idle(small, large)
    yield f"climb.{database}.{_short(scale.rows)}", _climb(large, scale)


def _idle(small: Engine, large: Engine) -> Measured:
    def look(engine: Engine) -> Callable[[], object]:
        sessions = make_sessions(engine)

        def once() -> None:
            climb(sessions, now=IDLE)
            deliver(sessions, {}, now=IDLE)

        return once

    few, many = look(small), look(large)
    times = [(_timed(few)[1], _timed(many)[1]) for _ in range(LOOKS)][LOOKS // 10 :]
    of_few, of_many = (statistics.median(side) * 1000 for side in zip(*times, strict=True))
    ratio = statistics.median(dear / cheap for cheap, dear in times)
    return Measured(round(of_few, 3), round(of_many, 3), "ms", MOST_OF_FEW, round(ratio, 2))


def _climb(engine: Engine, scale: Scale) -> Measured:
    raw, sessions = Raw(engine), make_sessions(engine)
    speeds = []
    try:
        for turn in range(0, 2 * (scale.rounds + 1), 2):
            raw_steps, raw_seconds = _timed(partial(raw.climb, at_turn(turn)))
            climbed, seconds = _timed(partial(climb, sessions, now=at_turn(turn + 1)))
            if climbed.steps != raw_steps:
                raise RuntimeError(
                    f"Raw took {raw_steps} steps and we {climbed.steps}: that is not the same work."
                )
            speeds.append((raw_steps / raw_seconds, climbed.steps / seconds))
    finally:
        raw.close()
    counted = speeds[1:]  # the first round warms up
    of_raw, of_ours = (statistics.median(side) for side in zip(*counted, strict=True))
    ratio = statistics.median(ours / raw for raw, ours in counted)
    return Measured(round(of_ours), round(of_raw), "rows/s", LEAST_OF_RAW, round(ratio, 2))


def _timed(act: Callable[[], T]) -> tuple[T, float]:
    """What it answers, and the seconds it takes."""
    began = perf_counter()
    answer = act()
    return answer, perf_counter() - began


def _short(rows: int) -> str:
    if rows % 1_000_000 == 0:
        return f"{rows // 1_000_000}m"
    return f"{rows // 1000}k" if rows % 1000 == 0 else str(rows)
