"""Do the tests stand on what they say they stand on?"""

import io
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from PIL import Image
from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

from tests.rig.network import NetworkUseError
from tests.rig.postgres import GIVEN, PostgresServer, PostgresUnavailableError, running_postgres

LEAVES_A_SERVER_BEHIND = """
import os
from tests.rig.postgres import running_postgres
with running_postgres() as server:
    print(server.url("postgres"), flush=True)
    os._exit(1)
"""


def ask(server: PostgresServer, database: str, question: str) -> object:
    with psycopg.connect(server.url(database).replace("+psycopg", ""), autocommit=True) as connection:
        answer = connection.execute(question)
        row = answer.fetchone() if answer.description else None
    return row[0] if row else None


def test_a_real_postgresql_answers(postgres: PostgresServer) -> None:
    assert "PostgreSQL" in str(ask(postgres, "postgres", "SELECT version()"))


def test_it_folds_letters_beyond_ascii_as_servers_in_production_do(postgres: PostgresServer) -> None:
    assert ask(postgres, "postgres", "SELECT lower('ÉÖ')") == "éö"


def test_a_copied_database_holds_what_its_template_holds(postgres: PostgresServer) -> None:
    postgres.create_database("rig_template")
    ask(postgres, "rig_template", "CREATE TABLE promise AS SELECT 15 AS due")
    postgres.create_database("rig_copy", template="rig_template")
    try:
        assert ask(postgres, "rig_copy", "SELECT due FROM promise") == 15
    finally:
        postgres.drop_database("rig_copy")
        postgres.drop_database("rig_template")


def test_a_killed_server_comes_back_with_what_was_committed(postgres: PostgresServer) -> None:
    postgres.create_database("rig_killed")
    ask(postgres, "rig_killed", "CREATE TABLE promise AS SELECT 15 AS due")
    postgres.kill()
    try:
        with pytest.raises(psycopg.OperationalError):
            ask(postgres, "rig_killed", "SELECT due FROM promise")
    finally:
        postgres.start()
    assert ask(postgres, "rig_killed", "SELECT due FROM promise") == 15
    postgres.drop_database("rig_killed")


def test_a_run_sweeps_away_the_server_that_a_dead_run_left_behind() -> None:
    dead = subprocess.run(  # noqa: S603 the lines above
        [sys.executable, "-c", LEAVES_A_SERVER_BEHIND], stdout=subprocess.PIPE, text=True
    )
    left = dead.stdout.strip().replace("+psycopg", "")
    with psycopg.connect(left):
        pass
    with running_postgres():
        pass
    with pytest.raises(psycopg.OperationalError, match="No such file or directory"):
        psycopg.connect(left)


def test_a_run_leaves_alone_the_server_of_another_run(postgres: PostgresServer) -> None:
    with running_postgres():
        pass
    assert ask(postgres, "postgres", "SELECT 1") == 1


def test_a_named_server_that_does_not_answer_is_an_error_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(GIVEN, f"postgresql://tracker@/postgres?host={tmp_path}")
    with pytest.raises(PostgresUnavailableError, match=GIVEN), running_postgres():
        pass


@pytest.mark.browser
def test_a_real_browser_draws_text_that_can_be_seen(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<p style='font: 40px sans-serif'>Promises, kept</p>")
    with_text = Image.open(io.BytesIO(page.screenshot()))
    page.close()
    dark = sum(with_text.convert("L").histogram()[:64])
    assert dark > 1000  # without any font a page stays white, or shows thin boxes


@pytest.mark.browser
def test_the_browser_finds_nobody_beyond_this_machine(browser: Browser) -> None:
    page = browser.new_page()
    with pytest.raises(PlaywrightError, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://192.0.2.1/")
    page.close()


def test_nothing_but_loopback_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    with pytest.raises(NetworkUseError), socket.socket() as outside:
        outside.connect_ex(("192.0.2.1", 80))
    with pytest.raises(NetworkUseError), socket.socket(type=socket.SOCK_DGRAM) as outside:
        outside.sendto(b"", ("192.0.2.1", 53))
    with pytest.raises(NetworkUseError):
        socket.getaddrinfo("example.com", 80)
    with pytest.raises(NetworkUseError), socket.socket() as server:
        server.bind(("", 0))  # listens on every address there is


def test_the_wall_clock_is_in_a_zone_where_nobody_here_lives() -> None:
    assert (time.timezone, time.daylight) == (-45900, 1)
