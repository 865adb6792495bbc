"""`tracker bench`: both sides do the same work, the answer has one shape, and nothing is left behind or touched."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import Engine, inspect, select, text

from tests.commands.conftest import Run
from tests.rig.postgres import PostgresServer
from tracker import bench
from tracker.bench import Scale, measuring
from tracker.bench.raw import Raw
from tracker.bench.rows import at_turn, fill
from tracker.escalation import climb
from tracker.model import Commitment, Event, Message
from tracker.wiring import make_engine, make_sessions

TINY = Scale(rows=300, due=24, rounds=1)
FIELDS = {"value", "beside", "unit", "limit", "ratio"}


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small scale is tiny, few looks do, and no speed is too slow: figures of a busy machine prove nothing."""
    monkeypatch.setitem(bench.SCALES, "small", TINY)
    monkeypatch.setattr(bench, "FEW", 100)
    monkeypatch.setattr(measuring, "LOOKS", 20)
    limit_ratios(monkeypatch, least=0, most=1e9)


def limit_ratios(monkeypatch: pytest.MonkeyPatch, *, least: float, most: float) -> None:
    """What counts as good enough."""
    monkeypatch.setattr(measuring, "LEAST_OF_RAW", least)
    monkeypatch.setattr(measuring, "MOST_OF_FEW", most)


@pytest.fixture
def house(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A PostgreSQL database that is in use, which the settings name."""
    postgres.create_database("in_use")
    postgres_url = postgres.url("in_use")
    monkeypatch.setenv("TRACKER_DATABASE_URL", postgres_url)
    yield postgres_url
    postgres.drop_database("in_use")


def test_without_postgresql_sqlite_alone_is_measured_and_it_says_so(run: Run, tiny: None) -> None:
    said = run("bench", "--json")
    assert said.code == 0
    assert said.err == "PostgreSQL is left out: TRACKER_DATABASE_URL names none.\n"
    found = json.loads(said.out)
    assert set(found) == {"idle.sqlite.100", "climb.sqlite.300"}
    assert all(set(each) == FIELDS for each in found.values())
    assert (found["climb.sqlite.300"]["unit"], found["idle.sqlite.100"]["unit"]) == ("rows/s", "ms")


def test_postgresql_is_measured_beside_the_data_and_left_as_it_was(run: Run, tiny: None, house: str) -> None:
    engine = make_engine(house)
    with engine.begin() as connection:
        connection.execute(text("create table commitment (id int)"))
    said = run("bench", "--json")
    assert (said.code, said.err) == (0, "")
    names = {"idle.sqlite.100", "climb.sqlite.300", "idle.postgresql.100", "climb.postgresql.300"}
    assert set(json.loads(said.out)) == names
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["commitment"]
        assert [name for name in inspect(connection).get_schema_names() if "bench" in name] == []
        assert connection.scalar(text("select count(*) from commitment")) == 0
    engine.dispose()


def test_schemas_that_another_run_has_left_are_not_touched(run: Run, tiny: None, house: str) -> None:
    engine = make_engine(house)
    with engine.begin() as connection:
        connection.execute(text("create schema tracker_bench_many"))
        connection.execute(text("create table tracker_bench_many.kept (id int)"))
    said = run("bench")
    assert said.code == 2
    assert "tracker_bench_many" in said.err
    assert "drop them" in said.err
    with engine.connect() as connection:
        assert inspect(connection).get_table_names("tracker_bench_many") == ["kept"]
    engine.dispose()


@pytest.mark.parametrize(("least", "most"), [(1e9, 1e9), (0, 0)])
def test_a_missed_limit_is_a_no(
    run: Run, tiny: None, monkeypatch: pytest.MonkeyPatch, least: float, most: float
) -> None:
    limit_ratios(monkeypatch, least=least, most=most)
    said = run("bench")
    assert said.code == 1
    lines = said.out.splitlines()
    assert len(lines) == 2
    assert sum(line.endswith("MISSED") for line in lines) == 1
    assert sum(line.endswith("ok") for line in lines) == 1
    assert all(
        re.match(r"(idle|climb)\.sqlite\.\d+ +[\d.]+ beside [\d.]+ +(ms|rows/s) +ratio", line)
        for line in lines
    )


def test_a_scale_that_does_not_exist_is_asked_wrongly(run: Run) -> None:
    assert run("bench", "--scale", "huge").code == 2


def test_raw_leaves_behind_exactly_what_the_climb_does(engine: Engine) -> None:
    fill(engine, Scale(rows=2000, due=600, rounds=0))
    sessions, raw = make_sessions(engine), Raw(engine)
    was = raw.climb(at_turn(0)), climb(sessions, now=at_turn(1)).steps
    raw.close()
    assert was == (700, 700), "two rungs of the ladder fall on one moment"
    assert left_behind(engine, at_turn(0)) == left_behind(engine, at_turn(1))


def left_behind(engine: Engine, at: datetime) -> list[Counter[object]]:
    """What was written at that moment: texts, events and where the promises now are; without what differs anyway."""
    with make_sessions(engine)() as session:
        texts = session.scalars(select(Message).where(Message.made_at == at)).all()
        events = session.scalars(select(Event).where(Event.at == at)).all()
        promises = session.scalars(
            select(Commitment).where(Commitment.id.in_({each.commitment_id for each in events}))
        ).all()
        return [
            Counter(
                (
                    each.channel, each.direction, each.kind, each.status, each.priority, each.due_version, each.step,
                    each.recipient == (f"person:{each.person_id}" if each.person_id else "customer"),
                    each.customer_id is None, each.tries, each.asked, each.send_after == at,
                    each.expires_at and each.expires_at - at,
                )
                for each in texts
            ),
            Counter((each.kind, each.step, each.due_version, facts_of(each)) for each in events),
            Counter(
                (
                    each.next_step, each.next_step_at and each.next_step_at - at, each.version,
                    each.escalated_at and each.escalated_at - at, each.owner.role, each.owner.team_id == each.team_id,
                )
                for each in promises
            ),
        ]  # fmt: skip


def facts_of(event: Event) -> tuple[object, ...]:
    """Its facts; of people only that they are two."""
    facts = event.facts or {}
    people = len({facts.get("from"), facts.get("to")} - {None})
    return facts.get("effect"), facts.get("reason"), people
