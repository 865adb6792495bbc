"""Where the process matters: what starts, serves and works, and stops when it is told to, at once and in order."""

import json
import os
import queue
import signal
import socket
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.cast import Cast
from tests.commands import sheet
from tests.commands.conftest import Install, Process, Run, free_port
from tests.commands.test_checking import ACCOUNT, NUMBER, TOKEN
from tracker.demo import PASSWORD, PEOPLE
from tracker.migrating import upgrade
from tracker.wiring import make_engine, make_sessions, utc_now
from web.simulator import SimulatorServer, SimulatorSettings
from web.simulator.webhooks import Answer

PROMPTLY = 13
"""Seconds. What stops takes less than one, more on a busy machine; what hung on an answer that never came took
fifteen."""
PATIENCE = 60
"""Seconds for what waits for nobody's answer, and is only slow on such a machine."""


def line_of(process: Process, beginning: str, stream: str = "stdout") -> str:
    """The next line that begins so; what came before is passed over."""
    for line in getattr(process, stream):
        if line.startswith(beginning):
            return str(line)
    raise AssertionError(f"it ended without {beginning!r}: {process.communicate()}")


def stopped(process: Process, by: signal.Signals, within: float = PROMPTLY) -> tuple[int, str]:
    """Exit code, and what it had to say about it."""
    process.send_signal(by)
    _, said = process.communicate(timeout=within)
    return process.returncode, said


def status(port: int, path: str) -> int:
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path)
        return connection.getresponse().status


def rows(file: Path) -> dict[str, int]:
    """How many rows the tables have that a start could fill."""
    with closing(sqlite3.connect(file)) as connection:
        tables = ("team", "person", "customer", "commitment", "message", "dispatch", "event")
        return {
            table: connection.execute(f"select count(*) from {table}").fetchone()[0]  # noqa: S608 our names
            for table in tables
        }


def entered(install: Install) -> Cast:
    """The cast, in the database of that installation."""
    engine = make_engine(f"sqlite:///{install.database}")
    upgrade(engine)
    return Cast.enter(make_sessions(engine))


def test_up_once_is_ready_tells_the_log_ins_and_stops_and_fills_an_empty_database_only_once(
    install: Install,
) -> None:
    port = free_port()
    filled: dict[str, int] = {}
    for _ in range(2):
        process = install.start("up", "--once", "--port", str(port))
        assert line_of(process, "Tracker is ready") == f"Tracker is ready: http://127.0.0.1:{port}\n"
        assert line_of(process, "Phones").startswith(
            "Phones, for want of a Twilio account: http://127.0.0.1:"
        )
        for person, role, _ in PEOPLE:
            words = line_of(process, "Log in as").split()
            assert words[3].startswith(person.split()[0].lower() + "@")
            assert words[4] == PASSWORD
            assert words[-1] == f"{role})"
        line_of(process, "Stop with Ctrl-C.")
        _, said = process.communicate(timeout=PROMPTLY)
        assert (process.returncode, said) == (0, "")
        assert filled in ({}, rows(install.database)), "the second start adds nothing"
        filled = rows(install.database)
    assert filled["team"] == 1
    assert filled["commitment"] > 5
    assert filled["dispatch"] > 5
    with closing(sqlite3.connect(install.database)) as connection:
        assert (
            connection.execute("select * from dispatch group by message_id having count(*) > 1").fetchall()
            == []
        )
        assert connection.execute("select status from message where status = 'unknown'").fetchall() == []
    audited = install.start("audit", "--json")
    assert json.loads(audited.communicate()[0])["findings"] == []


def test_up_runs_until_ctrl_c_and_a_second_one_on_its_port_does_not_disturb_it(install: Install) -> None:
    port = free_port()
    first = install.start("up", "--no-demo", "--port", str(port))
    entrance = line_of(first, "Nobody works here yet.").split()[-1]
    line_of(first, "Stop with Ctrl-C.")
    assert status(port, entrance.removeprefix(f"http://127.0.0.1:{port}")) == 200
    assert status(port, "/first?key=guessed") == 404
    assert status(port, "/readyz") == 200
    found = (install.data / "simulator.json").read_text()
    assert json.loads(found)["public_url"] == f"http://127.0.0.1:{port}"
    second = install.start("up", "--port", str(port))
    out, said = second.communicate()
    assert (second.returncode, out) == (2, "")
    assert said == f"Port {port} is taken: stop what listens there, or choose another --port.\n"
    assert (install.data / "simulator.json").read_text() == found
    assert stopped(first, signal.SIGINT) == (0, "")
    assert not (install.data / "simulator.json").exists()
    assert rows(install.database)["team"] == 0, "nor was the demonstration loaded"


def test_web_serves_until_it_is_told_to_stop(install: Install) -> None:
    entered(install)
    port = free_port()
    process = install.start("web", "--port", str(port))
    assert line_of(process, "Listening") == f"Listening on http://127.0.0.1:{port}\n"
    assert status(port, "/readyz") == 200
    with socket.create_connection(("127.0.0.1", port)):  # somebody who keeps their line open
        assert stopped(process, signal.SIGTERM) == (0, "")


def test_a_worker_works_until_it_is_told_to_stop(install: Install) -> None:
    reports: queue.SimpleQueue[Mapping[str, str]] = queue.SimpleQueue()

    def report(_: str, facts: Mapping[str, str], __: Mapping[str, str]) -> Answer:
        reports.put(facts)
        return Answer(204, "", "")

    cast = entered(install)
    cast.clock.now = utc_now()
    cast.promised()
    settings = SimulatorSettings(account_sid=ACCOUNT, auth_token=TOKEN, numbers=(NUMBER,))
    with SimulatorServer(settings, clock=utc_now, live=True, post=report) as provider:
        account = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM": NUMBER}
        process = install.start("worker", TRACKER_TWILIO_URL=provider.url, **account)
        line_of(process, "Working", "stderr")
        assert reports.get(timeout=60)["To"] == "+447700900100"
        assert stopped(process, signal.SIGTERM) == (0, "")


def test_ctrl_c_in_the_middle_of_a_file_undoes_what_came_before(install: Install) -> None:
    entered(install)
    due_at = (utc_now() + timedelta(hours=1)).isoformat()
    many = sheet.commitments(*[{"due_at": due_at, "made_at": ""}] * 1000)
    os.mkfifo(install.home / "slow.csv")
    process = install.start("import", "commitments", "slow.csv")
    with (install.home / "slow.csv").open("w") as slow:
        slow.write(many)  # more than waits in between: most of it has been taken in when this returns
        slow.flush()
        assert stopped(process, signal.SIGINT, within=PATIENCE)[0] == 130
    assert rows(install.database)["commitment"] == 0


def test_a_reader_who_has_read_enough_ends_an_export_quietly(install: Install) -> None:
    entered(install).promised()
    process = install.start("export", "commitments")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert (process.stderr.read(), process.wait()) == ("", 1)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("up --port {taken}", "Port {taken} is taken: stop what listens there, or choose another --port.\n"),
        ("web --port {taken}", "Port {taken} is taken: stop what listens there, or choose another --port.\n"),
        ("web --host here..there", "We can't listen on here..there, port 8000: "),
    ],
)
def test_an_address_that_cannot_be_had_is_said(run: Run, database: Engine, typed: str, sentence: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        said = run(*typed.format(taken=taken).split())
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert said.err.startswith(sentence.format(taken=taken))
