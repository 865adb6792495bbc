"""Would the advice have been right? A log of cases replayed strictly forward, with the page's own code.

Each case is predicted at the moment it was opened, from what had happened before that moment. An end is
learnt only after it has happened; cases whose end the log does not hold stay open. What was
withdrawn says nothing of a deadline after that.
"""

import heapq
import math
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tracker.caselog import Case
from tracker.policy.calendars import BusinessClock, Calendar
from tracker.policy.calibration import LEVELS
from tracker.policy.history import History

NOBODY = ("", "unknown")  # how a log says that a case had no agent
HORIZONS = (4, 24, 48, 72, 168)  # hours; the chance to be done within each is scored
REFUSED = timedelta(days=60)  # what a refused deadline counts as
COLD = 300  # the first cases of a log, scored on their own
WEEK_OF_AT_LEAST = 50


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was said when a case was opened, and how long it took to say."""

    number: int
    case: Case
    earliest: dict[int, datetime | None]
    chances: tuple[float, ...]  # to be done within each of HORIZONS
    milliseconds: float


def replay(
    cases: Sequence[Case], calendar: Calendar, *, step: Callable[[], object] = lambda: None
) -> Iterator[Prediction]:
    """A prediction for each case, in the order of opening; `step` is called after each."""
    history = History(BusinessClock(calendar, cases[0].opened_at))
    ends: list[tuple[datetime, int]] = []
    for number, case in enumerate(cases):
        while ends and ends[0][0] < case.opened_at:
            at, ended = heapq.heappop(ends)
            history.closed(ended, at, done=cases[ended].done_at is not None)
        yield _predict(number, case, history)
        if (end := case.done_at or case.withdrawn_at) is not None:
            heapq.heappush(ends, (end, number))
        step()


def _predict(number: int, case: Case, history: History) -> Prediction:
    began = time.thread_time()
    owner = None if case.agent.lower() in NOBODY else case.agent
    advice = history.made(number, kind=(case.kind, case.priority), owner=owner, at=case.opened_at)
    earliest = advice.earliest
    chances = tuple(advice.chance_kept(case.opened_at + timedelta(hours=hours)) for hours in HORIZONS)
    return Prediction(number, case, earliest, chances, (time.thread_time() - began) * 1000)


def backtest(
    cases: Sequence[Case],
    calendar: Calendar,
    *,
    until: datetime | None = None,
    burn: float = 0.1,
    step: Callable[[], object] = lambda: None,
) -> dict[str, Any]:
    """The figures of a replay, ready for JSON.

    Scored are the cases after the first `burn` share that were opened before `until`; by default the last
    tenth of the log's span is left out, because its ends are missing. Shares are 0 to 1, milliseconds are
    processor time; a figure is None where no case bears on it. `step` is called after each case.
    """
    end = max(case.done_at or case.withdrawn_at or case.opened_at for case in cases)
    begin = cases[0].opened_at
    until = until or end - (end - begin) / 10
    predictions = list(replay(cases, calendar, step=step))
    scored = [p for p in predictions if p.number >= burn * len(cases) and p.case.opened_at < until]
    complete = all((case.done_at or case.withdrawn_at) is not None for case in cases)
    judge = Judge(None if complete else end)
    by_kind: dict[str, list[Prediction]] = defaultdict(list)
    for prediction in scored:
        by_kind[prediction.case.kind].append(prediction)
    times = sorted(p.milliseconds for p in predictions)
    return {
        "n": len(scored),
        "coverage": judge.coverage(scored),
        "refused": {str(level): sum(p.earliest[level] is None for p in scored) for level in LEVELS},
        "undecided": {str(level): sum(judge.kept(p, level) is None for p in scored) for level in LEVELS},
        "median_hours": {str(level): _median(_hours(p, level) for p in scored) for level in LEVELS},
        "pinball_hours": judge.pinball(scored, lambda hours: hours),
        "pinball_log": judge.pinball(scored, lambda hours: math.log(max(600.0, hours * 3600))),
        **judge.chances(scored),
        "worst_week90": judge.worst_week(scored),
        "cold": judge.coverage(predictions[:COLD]),
        "groups": {
            kind: {"n": len(group), "coverage": judge.coverage(group), **judge.chances(group)}
            for kind, group in sorted(by_kind.items())
        },
        "ms_median": _median(times),
        "ms_p95": round(times[int(0.95 * len(times))], 4),
    }


@dataclass(frozen=True, slots=True)
class Judge:
    """What became of the predictions.

    Where a log holds open cases, what would happen after its `end` is not known. A deadline after the end is
    then undecided, for a case that was done as well: to leave out the open ones alone would flatter, to count
    them as missed would slander. So is one after a case was withdrawn.
    """

    end: datetime | None  # None if the log holds the end of every case

    def done_by(self, case: Case, due: datetime) -> bool | None:
        known_until = case.withdrawn_at or self.end
        if known_until is not None and due > known_until:
            return None
        return case.done_at is not None and case.done_at <= due

    def kept(self, prediction: Prediction, level: int) -> bool | None:
        return self.done_by(
            prediction.case, prediction.earliest[level] or prediction.case.opened_at + REFUSED
        )

    def coverage(self, predictions: Sequence[Prediction]) -> dict[str, float | None]:
        return {str(level): self._share(predictions, level) for level in LEVELS}

    def worst_week(self, predictions: Sequence[Prediction]) -> float | None:
        weeks: dict[tuple[int, int], list[Prediction]] = defaultdict(list)
        for prediction in predictions:
            if self.kept(prediction, 90) is not None:
                weeks[prediction.case.opened_at.isocalendar()[:2]].append(prediction)
        shares = (self._share(week, 90) for week in weeks.values() if len(week) >= WEEK_OF_AT_LEAST)
        return min((share for share in shares if share is not None), default=None)

    def pinball(self, predictions: Sequence[Prediction], scale: Callable[[float], float]) -> float | None:
        """The mean over LEVELS of the quantile loss; what was not done took as long as the log shows, at least."""
        losses = []
        for prediction in predictions:
            case = prediction.case
            ended_at = case.done_at or case.withdrawn_at or self.end or case.opened_at
            took = scale((ended_at - case.opened_at) / timedelta(hours=1))
            for level in LEVELS:
                over = took - scale(_hours(prediction, level))
                losses.append(max(level / 100 * over, (level / 100 - 1) * over))
        return _mean(losses)

    def chances(self, predictions: Sequence[Prediction]) -> dict[str, float | None]:
        """Brier score and expected calibration error of the chances to be done within each of HORIZONS."""
        bins: list[list[tuple[float, bool]]] = [[] for _ in range(10)]
        for prediction in predictions:
            for hours, chance in zip(HORIZONS, prediction.chances, strict=True):
                done = self.done_by(prediction.case, prediction.case.opened_at + timedelta(hours=hours))
                if done is not None:
                    bins[min(9, int(chance * 10))].append((chance, done))
        count = sum(map(len, bins))
        gaps = sum(abs(sum(chance - done for chance, done in group)) for group in bins)
        return {
            "brier": _mean([(chance - done) ** 2 for group in bins for chance, done in group]),
            "ece": round(gaps / count, 4) if count else None,
        }

    def _share(self, predictions: Sequence[Prediction], level: int) -> float | None:
        return _mean([kept for p in predictions if (kept := self.kept(p, level)) is not None])


def _hours(prediction: Prediction, level: int) -> float:
    due = prediction.earliest[level]
    return (REFUSED if due is None else due - prediction.case.opened_at) / timedelta(hours=1)


def _mean(values: Sequence[float]) -> float | None:
    return round(statistics.fmean(values), 4) if values else None


def _median(values: Iterable[float]) -> float | None:
    known = list(values)
    return round(statistics.median(known), 4) if known else None
