"""How long does advice take when a database feeds it, at ten thousand and at a million closed promises?

`python -m tests.bench.bench_advice [LOG]`; with the log of call-backs also the figures of its replay beside
their bars.
"""

import sqlite3
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from tracker.backtest import backtest, read_log
from tracker.policy.advice import (
    ENOUGH_OF_THIS_KIND,
    OWNER,
    OWNER_KIND,
    TEAM,
    TEAM_KIND,
    Cell,
    Level,
    advise,
    every,
)
from tracker.policy.calendars import BusinessClock, Calendar, PublicHolidays, WeeklyHours

NOW = datetime(2026, 11, 16, 10, tzinfo=UTC)
TEAMS, OWNERS, KINDS, OPEN = 5, 20, 5, 5000
OFFICE = Calendar(WeeklyHours.parse("0-4:9-12,0-4:13-17"), "Europe/Amsterdam", PublicHolidays("NL"))
GROUPS = {
    TEAM: ("team",),
    OWNER: ("team", "owner"),
    TEAM_KIND: ("team", "kind"),
    OWNER_KIND: ("team", "kind", "owner"),
}
Row = dict[str, int]


def promises(closed: int) -> sqlite3.Connection:
    """A stand-in for the table of commitments: the columns that matter here, and one index for each level."""
    rng = Random(1)
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE TABLE promise (id INTEGER PRIMARY KEY, team INT, owner INT, kind INT, made REAL, closed REAL)"
    )

    def rows() -> Iterator[tuple[int, int, int, float, float | None]]:
        for n in range(closed + OPEN):
            made = NOW.timestamp() - rng.random() * (3 if n < OPEN else 300) * 86_400
            done = None if n < OPEN else min(NOW.timestamp(), made + rng.lognormvariate(9, 1.5))
            yield rng.randrange(TEAMS), rng.randrange(OWNERS), rng.randrange(KINDS), made, done

    connection.executemany(
        "INSERT INTO promise (team, owner, kind, made, closed) VALUES (?, ?, ?, ?, ?)", rows()
    )
    for number, columns in enumerate(GROUPS.values()):
        connection.execute(f"CREATE INDEX group_{number} ON promise ({', '.join(columns)}, closed, made)")
    connection.execute("ANALYZE")
    return connection


def cell(connection: sqlite3.Connection, level: Level, row: Row, clock: BusinessClock) -> Cell:
    where = " AND ".join(f"{column} = :{column}" for column in GROUPS[level])
    closed = connection.execute(
        f"SELECT made, closed FROM promise WHERE {where} AND closed IS NOT NULL "  # noqa: S608 - only our own names
        f"ORDER BY closed DESC LIMIT {level.window + 1}",
        row,
    )
    waiting = f"FROM promise WHERE {where} AND closed IS NULL"
    (count,) = connection.execute(f"SELECT count(*) {waiting}", row).fetchone()
    sample = connection.execute(f"SELECT made {waiting} AND id % {every(count)} = 0", row)
    return Cell.of(
        level,
        clock,
        closed=[(_moment(made), _moment(done), True) for made, done in closed],
        open=[_moment(made) for (made,) in sample],
        open_count=count,
        whose="the team's",
        what="promises",
    )


def ask(connection: sqlite3.Connection, row: Row) -> None:
    """One call, as the page makes it: the groups that count, the odds, four times, one chance, the reason."""
    clock = BusinessClock(OFFICE, NOW)
    alike = [cell(connection, level, row, clock) for level in (TEAM_KIND, OWNER_KIND)]
    if len(alike[0].closed) < ENOUGH_OF_THIS_KIND:
        alike = [*(cell(connection, level, row, clock) for level in (TEAM, OWNER)), *alike]
    advice = advise(alike, clock=clock, now=NOW)
    due_at = NOW + timedelta(hours=5)
    assert advice.earliest
    assert advice.chance_kept(due_at)
    assert advice.why(due_at)


def milliseconds(closed: int, *, calls: int = 300) -> list[float]:
    """The time of each call, sorted; the first one, which lays out the calendar, is left out."""
    connection = promises(closed)
    rng = Random(2)
    times = []
    for _ in range(calls + 1):
        row = {"team": rng.randrange(TEAMS), "owner": rng.randrange(OWNERS), "kind": rng.randrange(KINDS)}
        began = time.perf_counter()
        ask(connection, row)
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times[1:])


def bars(path: Path) -> None:
    """The figures of the log of call-backs beside their bars."""
    hours = Calendar(WeeklyHours.parse("0-4:9-21,5:10-17"))
    until = datetime(2012, 2, 21, tzinfo=UTC)
    figures = backtest(read_log(path, zone=ZoneInfo("UTC")), hours, until=until)
    for name, value, least, most in (
        ("coverage 80", figures["coverage"]["80"], 0.77, 0.84),
        ("coverage 90", figures["coverage"]["90"], 0.88, 0.93),
        ("coverage 95", figures["coverage"]["95"], 0.93, 0.97),
        ("pinball hours", figures["pinball_hours"], 0, 18.0),
        ("brier", figures["brier"], 0, 0.149),
        ("ece", figures["ece"], 0, 0.035),
        ("worst week at 90", figures["worst_week90"], 0.78, 1),
        ("median hours at 90", figures["median_hours"]["90"], 0, 150),
        ("cold at 90", figures["cold"]["90"], 0.84, 1),
        ("ms p95", figures["ms_p95"], 0, 5),
    ):
        print(
            f"{name:20}{value:10.4f}   {least:g} to {most:g}   {'ok' if least <= value <= most else 'MISSED'}"
        )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


if __name__ == "__main__":
    for size in (10_000, 1_000_000):
        measured = milliseconds(size)
        p95 = measured[int(0.95 * len(measured))]
        print(f"{size:>9} closed: median {statistics.median(measured):.2f} ms, p95 {p95:.2f} ms")
    for argument in sys.argv[1:]:
        bars(Path(argument))
