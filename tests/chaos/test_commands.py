"""The real command line, killed: `tracker worker` and `tracker web`, as an operator runs them, by the wall clock."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from tests.cast import Cast
from tests.chaos.campaign import ACCOUNT, NUMBER, TOKEN
from tests.chaos.patience import until
from tests.chaos.score import audited, count
from tests.commands.conftest import free_port
from tracker.channels.sms import Sms
from tracker.delivery import deliver
from tracker.escalation import climb
from tracker.model import Customer, Person, Team
from tracker.settings import Settings
from tracker.wiring import utc_now
from web.simulator import SimulatorServer, SimulatorSettings
from web.simulator.journal import Entry

ROOT = Path(__file__).resolve().parent.parent.parent
PROMISES = 8


class Later:
    """The clock on the wall, and what is put on top of it once all processes are dead."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


@contextmanager
def running(settings: dict[str, str], *command: str) -> Iterator[None]:
    """A command, until it is killed at the end of the block."""
    process = subprocess.Popen(  # noqa: S603 our own module
        [sys.executable, "-m", "tracker", *command],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
        assert process.poll() is None, "it ended by itself"
    finally:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", "/readyz")
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()


def promised(cast: Cast) -> None:
    """Two hours ago, for an hour ago, where it is about noon: every step of an hour is due at once."""
    cast.clock.now = utc_now() - timedelta(hours=2)
    west = (cast.clock.now.hour + 2 - 12) % 24
    zone = f"Etc/GMT{west:+d}" if west <= 12 else f"Etc/GMT{west - 24:+d}"
    with cast.sessions.begin() as session:
        for team in session.scalars(select(Team)):
            team.zone, team.hours = zone, "0-6:0-24"
        for row in (*session.scalars(select(Person)), *session.scalars(select(Customer))):
            row.zone = zone
    for _ in range(PROMISES):
        cast.promised(minutes=60)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)  # the other kills run on both
def test_workers_and_web_processes_killed_at_work_lose_and_double_nothing(cast: Cast, engine: Engine) -> None:
    promised(cast)
    clock, port = Later(), free_port()
    own = SimulatorSettings(account_sid=ACCOUNT, auth_token=TOKEN, numbers=(NUMBER,))
    with SimulatorServer(own, clock=clock, live=True) as provider:
        settings = {
            "TRACKER_DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "TRACKER_SECRET_KEY": "for tests alone",
            "TRACKER_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "TRACKER_TWILIO_URL": provider.url,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM": NUMBER,
        }
        with running(settings, "web", "--port", str(port)):
            until(lambda: answers(port))
            with running(settings, "worker"):
                until(lambda: len(provider.journal.of(Entry.CREATED)) >= 1)
            with running(settings, "worker"):
                until(lambda: len(provider.journal.of(Entry.WEBHOOK)) >= 8)
        channels = {"sms": Sms(Settings(_env_file=None, **settings))}  # type: ignore[arg-type]  # by their aliases
        for minutes in (2, 2, 5, 15, 60, 240, 600, 840):
            clock.ahead += timedelta(minutes=minutes)
            climb(cast.sessions, now=clock())
            deliver(cast.sessions, channels, now=clock())
            provider.advance(10)
        with cast.sessions() as session:
            score = count(session, provider)
            assert audited(session, clock()) == []
    assert score.wrong == {}, score
    assert score.steps >= PROMISES * 4
