"""How does the long form say what it has found? In two tables at the end of the run, as the README shows them.

A test attaches its figures to its report: with several workers it does not print them itself.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict

import pytest

from tests.chaos.score import Score

SCORE, DEAD = "chaos score", "chaos dead"
COLUMNS = {
    "kills": "kills",
    "steps": "steps climbed",
    "steps_lost": "steps lost",
    "steps_doubled": "steps doubled",
    "texts": "texts",
    "staff_lost": "staff texts lost",
    "again": "staff texts twice",
    "customers_doubled": "customer texts doubled",
    "unknown": "unknown, shown to a person",
}


def attach(request: pytest.FixtureRequest, database: str, score: Score, dead: Mapping[str, int]) -> None:
    """Figures of one campaign, for the tables."""
    request.node.user_properties += [
        (SCORE, {"database": database, "kills": sum(dead.values()), **asdict(score)}),
        (DEAD, dict(dead)),
    ]


def tables(reports: Iterable[pytest.TestReport]) -> list[str]:
    """The lines of the tables; none when no campaign was among the tests."""
    attached = [each for report in reports if report.when == "call" for each in report.user_properties]
    scores = [facts for name, facts in attached if name == SCORE and isinstance(facts, dict)]
    if not scores:
        return []
    dead: Counter[str] = Counter()
    for name, facts in attached:
        if name == DEAD and isinstance(facts, dict):
            dead.update(facts)
    return [
        _line("database", *COLUMNS.values()),
        _line(*["---"] * (len(COLUMNS) + 1)),
        *[_line(score["database"], *[score[name] for name in COLUMNS]) for score in scores],
        "",
        _line("killed", "times"),
        _line("---", "---"),
        *[_line(point, times) for point, times in dead.items()],
    ]


def _line(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"
