"""How long does advice take at ten thousand and at a million closed promises, on both databases?

`python -m tests.bench.bench_advice [LOG]`, by hand: a million rows take minutes to load. It prints the fastest call,
the median and the slowest of twenty, how many times what they take at ten thousand they take at a million, and how
PostgreSQL finds its rows. On a machine that is busy otherwise the fastest call says most. With the log of call-backs
it prints the figures of its replay beside their bars as well.
"""

import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, event, select

from tests.rig.postgres import running_postgres
from tracker import people
from tracker.advising import advise
from tracker.backtest import backtest
from tracker.calibrating import calibrate_next
from tracker.caselog import read_log
from tracker.duty import team_calendar
from tracker.migrating import upgrade
from tracker.model import Person, Role, Team
from tracker.policy.calendars import Calendar, WeeklyHours
from tracker.policy.kinds import BUILT_IN
from tracker.wiring import make_engine, make_readers, make_sessions

NOW = datetime(2026, 11, 16, 10, tzinfo=UTC)
TEAMS, OWNERS, OPEN = 2, 10, 5000
KINDS, KINDS_WITHOUT_PAST = BUILT_IN[:5], BUILT_IN[5:]
QUERIES = 2  # of a call for a kind without a past
COLUMNS = (
    "team_id, customer_id, owner_id, kind, topic, made_at, first_due_at, due_at, due_version, ladder_id, next_step, "
    "next_step_at, closed_at, outcome, verdict, version"
)


def fill(engine: Engine, closed: int) -> None:
    """Two teams of ten people, and so many closed promises of ten months beside 5,000 open ones."""
    upgrade(engine)
    with make_sessions(engine).begin() as session:
        for n in range(TEAMS):
            team = people.add_team(session, name=f"Team {n}", zone="Europe/Amsterdam", region="NL", now=NOW)
            team.hours, team.holidays = "0-4:9-12,0-4:13-17", "NL"
            for k in range(OWNERS):
                name, email = f"Agent {n}{k}", f"agent{n}.{k}@example.org"
                people.add_person(session, role=Role.AGENT, name=name, email=email, team=team)
        people.find_or_add_customer(session, phone="+31612345678", name="Maria Lopez", team=team, now=NOW)
    connection = engine.raw_connection()
    cursor: Any = connection.cursor()
    if engine.dialect.name == "postgresql":
        cursor.execute("set session_replication_role = replica")  # each row's references need no look-up
        cursor.execute("set timezone = 'UTC'")
        with cursor.copy(f"COPY commitment ({COLUMNS}) FROM STDIN") as copy:
            for row in rows(closed):
                copy.write_row(row)
    else:
        marks = ", ".join("?" * len(COLUMNS.split(",")))
        cursor.execute("BEGIN")
        cursor.executemany(f"INSERT INTO commitment ({COLUMNS}) VALUES ({marks})", rows(closed))  # noqa: S608 ours
    connection.commit()
    connection.close()
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as settled:
            # as the server does by itself: what every transaction sees is then read from the index alone
            settled.exec_driver_sql("vacuum analyze")


def rows(closed: int) -> Iterator[tuple[object, ...]]:
    """Promises in the order in which they were made."""
    rng = Random(1)
    ten_months = timedelta(days=300)
    for n in range(closed + OPEN):
        is_open = n >= closed
        made = NOW - timedelta(days=3) * rng.random() if is_open else NOW - ten_months * (1 - n / closed)
        ended = None if is_open else min(NOW, made + timedelta(seconds=rng.lognormvariate(9, 1.5)))
        due = made + timedelta(days=30)
        owner = rng.randrange(TEAMS * OWNERS)
        climbing = (0, _text(due)) if is_open else (None, None)
        ending = (None, None, None) if ended is None else (_text(ended), "fulfilled", "kept on time")
        dues = (_text(made), _text(due), _text(due))
        yield (
            1 + owner // OWNERS,
            1,
            1 + owner,
            rng.choice(KINDS),
            "a refund",
            *dues,
            1,
            1,
            *climbing,
            *ending,
            1,
        )


def milliseconds(engine: Engine, kinds: tuple[str, ...] = KINDS, *, calls: int = 200) -> list[float]:
    """The time of each call, sorted, on a connection that has been used before, as the log form calls: it has the
    team's hours at hand."""
    rng = Random(2)
    times = []
    with make_readers(engine)() as session:
        team = session.scalars(select(Team)).first()
        owners = session.scalars(select(Person).where(Person.team == team)).all()
        assert team is not None
        hours = team_calendar(session, team)
        for _ in range(calls + 20):
            owner, kind = rng.choice(owners), rng.choice(kinds)
            began = time.perf_counter()
            due_at = NOW + timedelta(hours=5)
            answer = advise(session, team=team, owner=owner, kind=kind, now=NOW, due_at=due_at, hours=hours)
            times.append((time.perf_counter() - began) * 1000)
            assert answer.why
    return sorted(times[20:])


def calibrated(engine: Engine) -> float:
    """How long the odds of a team take to calibrate, in seconds, on average."""
    sessions, readers = make_sessions(engine), make_readers(engine)
    began, teams = time.perf_counter(), 0
    while calibrate_next(sessions, readers, now=NOW):
        teams += 1
    return (time.perf_counter() - began) / teams


def plans(engine: Engine) -> Iterator[str]:
    """How PostgreSQL finds the rows of a call for a kind without a past, which asks the most."""
    asked: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _k, sql, given, *_: asked.append((sql, given)))
    milliseconds(engine, KINDS_WITHOUT_PAST, calls=1)
    with engine.connect() as connection:
        for statement, given in asked[-QUERIES:]:
            lines = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, COSTS OFF) {statement}", given).scalars()
            yield from sorted(
                {re.sub(r"commitment_\d+|\(.*", "", line).strip() for line in lines if " on " in line}
            )


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


def _text(at: datetime) -> str:
    """A moment as SQLite keeps it, which PostgreSQL, told to count in UTC, reads as well."""
    return f"{at:%Y-%m-%d %H:%M:%S.%f}"


def compare(name: str, small: Engine, large: Engine) -> None:
    """Fill both, and print what a call costs in each."""
    for engine, closed in ((small, 10_000), (large, 1_000_000)):
        fill(engine, closed)
        print(
            f"{name:11} {closed:>21,} closed: a team is calibrated in {calibrated(engine):.1f} s, once a day"
        )
    for what, kinds in (("usual", KINDS), ("a new kind", KINDS_WITHOUT_PAST)):
        fastest, medians = [], []
        for engine, closed in ((small, 10_000), (large, 1_000_000)):
            times = milliseconds(engine, kinds)
            fastest.append(times[0])
            medians.append(statistics.median(times))
            print(
                f"{name:11} {what:11} {closed:>9,} closed: "
                f"fastest {times[0]:.2f}, median {medians[-1]:.2f}, p95 {times[int(0.95 * len(times))]:.2f} ms"
            )
        print(
            f"{name:11} {what:11} ratio of the medians {medians[1] / medians[0]:.2f}, "
            f"of the fastest {fastest[1] / fastest[0]:.2f}"
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        small, large = (make_engine(f"sqlite:///{folder}/{size}.sqlite3") for size in ("small", "large"))
        compare("sqlite", small, large)
        small.dispose()
        large.dispose()
    with running_postgres() as server:
        server.create_database("small")
        server.create_database("large")
        small, large = (make_engine(server.url(size)) for size in ("small", "large"))
        compare("postgresql", small, large)
        print("\n".join(plans(large)))
        small.dispose()
        large.dispose()
    for argument in sys.argv[1:]:
        bars(Path(argument))


if __name__ == "__main__":
    main()
