"""People at browsers in front of an open house. Whatever a browser complains of fails the test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.browser.stage import Stage, open_house
from tests.commands.conftest import free_port
from tracker.demo import HOST, PASSWORD
from tracker.wiring import make_engine
from web.simulator.state import State

WIDE = (1280, 800)
NARROW = (360, 740)

expect.set_options(timeout=30_000)  # as long as Playwright waits for everything else: machines are busy


@pytest.fixture(scope="session")
def port() -> int:
    """Where every house listens, one after the other: the address stands in texts that are on phones before."""
    return free_port()


@pytest.fixture(scope="session")
def demonstrated(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, port: int
) -> tuple[Path, State]:
    """A database with the demonstration in it, to be copied, and what the provider knows of its texts.

    To load it, with all that it sends, took nine tenths of a test's time.
    """
    file = tmp_path_factory.mktemp("demonstrated") / "tracker.sqlite3"
    shutil.copy(migrated_sqlite, file)
    engine = make_engine(f"sqlite:///{file}")
    with open_house(engine, port) as stage:
        stage.load_demonstration()
    with engine.connect() as connection:
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    engine.dispose()
    return file, stage.simulator.state


@pytest.fixture
def stage(demonstrated: tuple[Path, State], port: int, tmp_path: Path) -> Iterator[Stage]:
    """A whole house, open, with the demonstration in it."""
    loaded, known = demonstrated
    file = tmp_path / "tracker.sqlite3"
    shutil.copy(loaded, file)
    engine = make_engine(f"sqlite:///{file}")
    with open_house(engine, port) as stage:
        messages, threads = deepcopy((known.messages, known.threads))
        stage.simulator.state.messages.update(messages)
        stage.simulator.state.threads.update(threads)
        yield stage
    engine.dispose()


Passes = dict[str, list[Any]]


@pytest.fixture(scope="session")
def passes() -> Passes:
    """The cookies of who has logged in once: every house is a copy of the first and knows them."""
    return {}


class Visitors:
    """Opens browsers for people, each with cookies of their own, and listens to what the browsers complain of."""

    def __init__(self, browser: Browser, stage: Stage, passes: Passes) -> None:
        self.complaints: list[str] = []
        self._passes = passes
        self._browser = browser
        self._stage = stage
        self._contexts: list[BrowserContext] = []

    def __call__(
        self, *, log_in: str = "", size: tuple[int, int] = WIDE, dark: bool = False, page: str = "/"
    ) -> Page:
        """A page of somebody at a screen of that size; logged in by their given name if one is named."""
        context = self._browser.new_context(
            base_url=self._stage.url,
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="America/New_York",
        )
        self._contexts.append(context)
        context.on("console", self._listen)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        opened = context.new_page()
        opened.clock.install(time=self._stage.clock.now)
        if log_in in self._passes:
            context.add_cookies(self._passes[log_in])
        elif log_in:
            log_in_as(opened, log_in)
            self._passes[log_in] = context.cookies()
        opened.goto(page)
        return opened

    @contextmanager
    def expecting(self, status: int) -> Iterator[None]:
        """Within the block a page answers with that status, of which the browser complains; it is to."""
        before = len(self.complaints)
        yield
        later = self.complaints[before:]
        self.complaints[before:] = [each for each in later if f"status of {status}" not in each]
        assert len(self.complaints) < before + len(later), f"no page answered {status}"

    def _listen(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(f"{said.text} ({said.location.get('url')})")

    def close(self) -> None:
        """Everybody goes home."""
        for context in self._contexts:
            context.close()


def log_in_as(page: Page, given_name: str) -> None:
    """Fill in the log-in page; waits until the desk is there."""
    page.goto("/login")
    page.get_by_label("E-mail address").fill(given_name.lower() + HOST)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My promises")


@pytest.fixture
def visit(browser: Browser, stage: Stage, passes: Passes) -> Iterator[Visitors]:
    """Opens a browser for somebody; at the end no browser may have complained of anything."""
    visitors = Visitors(browser, stage, passes)
    yield visitors
    visitors.close()
    assert visitors.complaints == []
