"""What does the database hold while it is measured? Years of history, and as many due steps as the rounds will climb.

The sets of rows are made by the database itself, so a million take seconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, insert

from tracker.model import Base, Commitment, Event, LadderRow, table_of
from tracker.policy.ladder import DEFAULT, Ladder, to_json

TEAMS, CREW, SUPERVISORS = 20, 25, 2
"""Teams, the people in each, and how many of those supervise."""
OPEN_IN_A_HUNDRED = 2
"""Promises that are open with a step still far ahead; but for what is due the rest is closed."""
FIRST = datetime(2026, 11, 19, 12, tzinfo=UTC)
"""When the steps of the first round are due."""
IDLE = FIRST - timedelta(days=1)
"""A moment at which nothing is due."""
APART = timedelta(seconds=30)
"""Between two rounds: so short that what was climbed in one has no further step due in another."""


@dataclass(frozen=True, slots=True)
class Scale:
    """`rows` promises; each round climbs `due` of them raw and as many as we do it. One more round warms up."""

    rows: int
    due: int
    rounds: int

    @property
    def all_due(self) -> int:
        """How many promises become due in the course of all rounds."""
        return 2 * self.due * (self.rounds + 1)


def at_turn(number: int) -> datetime:
    """When the steps of that turn are due; each round is two turns, counted from 0."""
    return FIRST + APART * number


def fill(engine: Engine, scale: Scale) -> None:
    """Write the rows into an empty, migrated database, and let the planner know them."""
    with engine.execution_options(writes=True, no_parameters=True).begin() as connection:
        connection.execute(insert(LadderRow).values(steps=to_json(DEFAULT), made_at=FIRST))
        indexes = [index for rows in (Commitment, Event) for index in table_of(rows).indexes]
        for index in indexes:  # in one go afterwards they are made several times faster
            index.drop(connection)
        for statement in _statements(connection, scale):
            connection.exec_driver_sql(statement)
        for index in indexes:
            index.create(connection)
    lite = engine.dialect.name == "sqlite"
    with (engine if lite else engine.execution_options(isolation_level="AUTOCOMMIT")).begin() as connection:
        for name in Base.metadata.tables:  # by name: whatever else is in that database is not ours to touch
            connection.exec_driver_sql(f"{'analyze' if lite else 'vacuum analyze'} {name}")


def _statements(connection: Connection, scale: Scale) -> Iterator[str]:
    lite = connection.dialect.name == "sqlite"
    json = "'{}'" if lite else "json '{}'"

    def each(count: int) -> str:
        if lite:
            counting = f"values (1) union all select i + 1 from s where i < {count}"
            return f"(with recursive s(i) as ({counting}) select i from s) as s"
        return f"generate_series(1::bigint, {count}) as s(i)"

    def at(seconds: str) -> str:
        if lite:
            return f"strftime('%Y-%m-%d %H:%M:%S.000000', {FIRST.timestamp():.0f} + {seconds}, 'unixepoch')"
        return f"timestamptz '{FIRST.isoformat()}' + ({seconds}) * interval '1 second'"

    ladder = Ladder.of(DEFAULT)
    offsets = " ".join(f"when {r.number} then {r.offset.total_seconds():.0f}" for r in ladder.rungs)
    turn = f"(i - 1) / {scale.due} * {APART.total_seconds():.0f}"
    step = f"(i - 1) % {scale.due} % {len(ladder.rungs)}"
    far = scale.all_due + scale.rows * OPEN_IN_A_HUNDRED // 100
    customers = max(1, scale.rows // 10)

    def by_state(due: str, far_ahead: str, closed: str) -> str:
        return f"case when i <= {scale.all_due} then {due} when i <= {far} then {far_ahead} else {closed} end"

    due = by_state(
        f"{turn} - case {step} {offsets} end",
        "5 * 86400 + i % 3600",
        "-86400 * (10 + i * 7919 % 300) - i % 36000",
    )
    yield (
        "insert into team (name, zone, region, language, hours, kinds, tries, ladder_id) "
        f"select 'Team ' || i, 'Europe/London', 'GB', 'en', '0-4:9-18', '[]', 3, 1 from {each(TEAMS)}"
    )
    yield (
        "insert into person (team_id, role, name, email, phone, zone, language, session_key, failed_logins, active) "
        f"select 1 + (i - 1) / {CREW}, "
        f"case when (i - 1) % {CREW} < {SUPERVISORS} then 'supervisor' else 'agent' end, "
        "'Person ' || i, 'person' || i || '@bench.example', '+44770' || (9000000 + i), 'Europe/London', 'en', "
        f"'', 0, true from {each(TEAMS * CREW)}"
    )
    yield (
        "insert into customer (name, given_name, phone, zone, language, made_at) "
        f"select 'Customer ' || i, 'Customer', '+3197' || (100000000 + i), 'Europe/London', 'en', {at('0')} "
        f"from {each(customers)}"
    )
    yield (
        "insert into commitment (team_id, customer_id, owner_id, kind, topic, made_at, first_due_at, due_at, "
        "due_version, ladder_id, next_step, next_step_at, closed_at, outcome, verdict, version) "
        f"select 1 + i % {TEAMS}, 1 + i % {customers}, "
        f"1 + i % {TEAMS} * {CREW} + {SUPERVISORS} + i / {TEAMS} % {CREW - SUPERVISORS}, "
        "'callback', 'the refund for order ' || i, "
        f"{at('d - 3 * 86400')}, {at('d')}, {at('d')}, 1, 1, "
        f"{by_state(step, '0', 'null')}, {by_state(at(turn), at('d - 900'), 'null')}, "
        f"{by_state('null', 'null', at('d - 3600'))}, "
        f"{by_state('null', 'null', repr('fulfilled'))}, {by_state('null', 'null', repr('kept on time'))}, 1 "
        f"from (select i, {due} as d from {each(scale.rows)}) as s"
    )
    yield (
        "insert into event (commitment_id, at, kind, due_version, facts) "
        f"select id, made_at, 'made', 1, {json} from commitment"
    )
