"""A database that is not migrated, does not answer, is none, or is not ours: one sentence, and nothing is written."""

import socket
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from tests.commands import sheet
from tests.commands.conftest import Run, Said, free_port
from tests.rig.postgres import PostgresServer
from tracker import migrating
from tracker.wiring import make_engine

NEED_TABLES = (
    "web --port {port}",
    "worker",
    "tick",
    "audit",
    "team add --name Care --zone UTC --region GB",
    "person add --role admin --name Ada --email ada@example.org --password-stdin",
    "import commitments promises.csv",
    "export commitments",
)
NEED_A_DATABASE = (*NEED_TABLES, "db upgrade", "up --once --port {port}", "replay cases.csv")


@pytest.fixture
def ask(run: Run, at_home: Path) -> Run:
    """Type a command whose files and password are all right."""
    (at_home / "promises.csv").write_text(sheet.commitments({}))
    (at_home / "cases.csv").write_text(sheet.cases("1,2016-01-04T09:00:00,,a,k,p"))
    return lambda typed: run(*typed.format(port=free_port()).split(), stdin=b"keep-our-word\n")


def assert_refused(said: Said, *words: str) -> None:
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1), said
    for word in words:
        assert word in said.err


@pytest.mark.parametrize("typed", NEED_TABLES, ids=lambda typed: typed.split()[0])
def test_a_database_without_tables_is_not_worked_with(ask: Run, bare: Engine, typed: str) -> None:
    assert_refused(ask(typed), "`tracker db upgrade`")
    assert inspect(bare).get_table_names() == []


def test_the_doctor_says_that_a_database_has_no_tables(ask: Run, bare: Engine) -> None:
    said = ask("doctor")
    assert said.code == 1
    assert said.out.splitlines()[-1].startswith("MEND  The database does not have this version's tables")
    assert inspect(bare).get_table_names() == []


@pytest.mark.parametrize("typed", NEED_A_DATABASE, ids=lambda typed: typed.split()[0])
def test_a_server_that_does_not_answer_is_said(ask: Run, monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # taken, but nobody listens
        monkeypatch.setenv(
            "TRACKER_DATABASE_URL", f"postgresql://care:secret@127.0.0.1:{closed.getsockname()[1]}/tracker"
        )
        said = ask(typed)
    assert_refused(said, "does not answer", "TRACKER_DATABASE_URL", "refused")
    assert "secret" not in said.err


def test_a_database_that_the_server_does_not_have_is_said(
    ask: Run, monkeypatch: pytest.MonkeyPatch, postgres: PostgresServer
) -> None:
    monkeypatch.setenv("TRACKER_DATABASE_URL", postgres.url("nowhere"))
    assert_refused(ask("tick"), 'database "nowhere" does not exist', "TRACKER_DATABASE_URL")


@pytest.mark.parametrize("typed", NEED_A_DATABASE, ids=lambda typed: typed.split()[0])
def test_a_folder_that_cannot_be_made_is_said(
    ask: Run, monkeypatch: pytest.MonkeyPatch, at_home: Path, typed: str
) -> None:
    (at_home / "file").write_text("in the way")
    monkeypatch.setenv("TRACKER_DATABASE_URL", f"sqlite:///{at_home}/file/tracker.sqlite3")
    assert_refused(ask(typed), "TRACKER_DATABASE_URL", f"{at_home}/file")


@pytest.mark.parametrize("typed", NEED_A_DATABASE, ids=lambda typed: typed.split()[0])
def test_a_file_that_is_no_database_is_left_as_it_was(
    ask: Run, monkeypatch: pytest.MonkeyPatch, at_home: Path, typed: str
) -> None:
    letter = at_home / "letter.txt"
    letter.write_text("Dear Maria, " * 1000)
    monkeypatch.setenv("TRACKER_DATABASE_URL", f"sqlite:///{letter}")
    assert_refused(ask(typed), "TRACKER_DATABASE_URL", "file is not a database")
    assert letter.read_text() == "Dear Maria, " * 1000


@pytest.mark.parametrize("where", ["file/tracker.sqlite3", "file", "."])
def test_the_doctor_says_what_is_the_matter_with_a_database(
    ask: Run, monkeypatch: pytest.MonkeyPatch, at_home: Path, where: str
) -> None:
    (at_home / "file").write_text("in the way" * 1000)
    monkeypatch.setenv("TRACKER_DATABASE_URL", f"sqlite:///{at_home / where}")
    said = ask("doctor")
    assert (said.code, said.err) == (1, "")
    assert said.out.splitlines()[0] == "ok    The settings are whole."
    assert said.out.splitlines()[-1].startswith("MEND  ")
    assert "TRACKER_DATABASE_URL" in said.out.splitlines()[-1]


@pytest.mark.parametrize("typed", ["db upgrade", "up --once --port {port}", "replay cases.csv"])
def test_a_database_of_a_newer_version_is_left_alone(
    ask: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, typed: str
) -> None:
    url = f"sqlite:///{tmp_path / 'newer.sqlite3'}"
    engine = make_engine(url)
    migrating.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = 'next_year'"))
    engine.dispose()
    monkeypatch.setenv("TRACKER_DATABASE_URL", url)
    assert_refused(ask(typed), "newer Tracker", "next_year")


def test_tables_of_somebody_else_are_left_alone(
    ask: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'theirs.sqlite3'}"
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("create table person (id integer primary key, theirs text)"))
    monkeypatch.setenv("TRACKER_DATABASE_URL", url)
    assert_refused(ask("db upgrade"), "table person already exists")
    assert inspect(engine).get_table_names() == ["person"]
    engine.dispose()
