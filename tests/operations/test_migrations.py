"""The tables come, stay right, carry their rows, and go."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, inspect, select, text
from sqlalchemy.exc import DatabaseError

from tests.cast import TWO, Cast
from tests.rig.postgres import PostgresServer
from tracker.migrating import changing, configuration, is_current, upgrade
from tracker.model import Base, Team
from tracker.policy.calibration import AS_TOLD
from tracker.wiring import make_engine


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """A database without a single table."""
    if request.param == "sqlite":
        return make_engine(f"sqlite:///{tmp_path / 'bare.sqlite3'}")
    server: PostgresServer = request.getfixturevalue("postgres")
    name = f"bare_{abs(hash(request.node.nodeid))}"
    server.create_database(name)
    return make_engine(server.url(name))


def test_from_empty_up_down_and_up_again(bare: Engine) -> None:
    assert not is_current(bare)
    upgrade(bare)
    assert is_current(bare)
    assert set(Base.metadata.tables) <= set(inspect(bare).get_table_names())
    with changing(bare) as connection:
        command.downgrade(configuration(connection), "base")
    assert set(inspect(bare).get_table_names()) == {"alembic_version"}
    upgrade(bare)
    upgrade(bare)
    assert is_current(bare)
    bare.dispose()


def test_the_tables_are_those_of_the_model(engine: Engine) -> None:
    with engine.begin() as connection:
        command.check(configuration(connection))


def test_an_upgrade_carries_the_rows(cast: Cast, engine: Engine) -> None:
    """From the version before the newest: what was there is there afterwards, and sound."""
    number = cast.promised()
    cast.tick(minutes=50)
    with changing(engine) as connection:
        command.downgrade(configuration(connection), "-1")
    assert not is_current(engine)
    upgrade(engine)
    cast.tick(minutes=30)
    with engine.connect() as connection:
        topic = connection.scalar(text("select topic from commitment where id = :n"), {"n": number})
        steps = connection.scalars(
            text("select step from event where commitment_id = :n and step is not null order by id"),
            {"n": number},
        )
        assert topic == "the refund for order 1042"
        assert steps.all() == [0, 1, 2, 3]


def test_migrations_run_with_alembic_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'alone.sqlite3'}"
    monkeypatch.setenv("TRACKER_DATABASE_URL", url)
    command.upgrade(configuration(), "head")
    engine = create_engine(url)
    assert "commitment" in inspect(engine).get_table_names()
    engine.dispose()


def test_what_odds_are_worth_is_not_mixed_up_with_what_the_version_before_wrote(
    cast: Cast, engine: Engine
) -> None:
    """Not even where one of its workers was left running: its hundred shares would break every page with odds."""
    write = text("update team set worth = '0 100 200 300', calibrated_at = :now")
    with changing(engine) as connection:
        command.downgrade(configuration(connection), "0006")
        connection.execute(write, {"now": TWO})
    upgrade(engine)
    with pytest.raises(DatabaseError), engine.begin() as connection:
        connection.execute(write, {"now": TWO})
    with cast.sessions() as session:
        assert all(team.calibration(TWO) is AS_TOLD for team in session.scalars(select(Team)))
