"""What every test stands on, and the costly things, each started when a test first asks for it."""

import os
import signal
import time
from collections.abc import Iterator
from importlib.resources import files

import pytest
from hypothesis import settings
from playwright.sync_api import Browser

from tests.rig.chromium import running_chromium
from tests.rig.network import forbid_network
from tests.rig.postgres import PostgresServer, running_postgres

# Nearly a day away from New York, and by three quarters of an hour off: a time taken from the wall shows.
os.environ["TZ"] = "Pacific/Chatham"
os.environ["TZDIR"] = str(
    files("tzdata") / "zoneinfo"
)  # small systems have no zones, and would silently say UTC
time.tzset()

# So that fixtures are taken down, and the servers with them, when the run is told to end.
signal.signal(signal.SIGTERM, signal.default_int_handler)

forbid_network()

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this process's own; whoever stops or kills it starts it again."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium that reaches this machine only."""
    with running_chromium() as browser:
        yield browser
