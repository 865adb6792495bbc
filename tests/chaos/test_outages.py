"""The database goes away under a house at work, or its answer to a commit does: nothing is lost, and work goes on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from apscheduler.events import EVENT_JOB_ERROR
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError

import jobs
from tests.chaos.patience import until
from tests.chaos.score import audited, count
from tests.journeys.town import Town
from tests.operations.test_workers import holding
from tests.rig.cutting import cutting
from tests.rig.postgres import PostgresServer
from tracker import wiring
from tracker.delivery import deliver
from tracker.escalation import climb
from tracker.model import Event, EventKind
from tracker.wiring import House, make_engine, make_readers, make_sessions

on_postgresql = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def town(cast: object, request: pytest.FixtureRequest) -> Iterator[Town]:
    with Town.around(request.getfixturevalue("cast")) as town:
        yield town


@contextmanager
def working(house: House) -> Iterator[Callable[[], int]]:
    """A worker works in this process, without resting; how many of its jobs have failed."""
    failures: list[str] = []
    scheduler = jobs.make_scheduler(house)
    scheduler.add_listener(lambda failed: failures.append(failed.job_id), EVENT_JOB_ERROR)
    scheduler.start(paused=True)
    for job in scheduler.get_jobs():
        scheduler.reschedule_job(job.id, trigger="interval", seconds=0.05)
    scheduler.resume()
    yield lambda: len(failures)
    scheduler.shutdown(wait=True)


def promise(town: Town, times: int) -> None:
    """So many promises; one that the database could not take in is made again, as a person would."""
    for _ in range(times):
        for _ in range(3):
            try:
                town.cast.promised(minutes=1)
                break
            except OperationalError:
                continue


def steps(engine: Engine) -> int:
    with make_readers(engine)() as session:
        climbed = select(func.count()).select_from(Event).where(Event.kind == EventKind.CLIMBED)
        return session.scalar(climbed) or 0


def all_is_well_in(town: Town) -> None:
    """Time goes by, and then nothing is lost and nothing was done twice."""
    for minutes in (1, 1, 2, 5, 10, 20, 60, 180, 240):
        town.cast.clock.forward(minutes)
        climb(town.house.sessions, now=town.cast.clock.now)
        deliver(town.house.sessions, town.house.channels, now=town.cast.clock.now)
        town.simulator.advance(10)
    with town.house.sessions() as session:
        score = count(session, town.simulator)
        assert audited(session, town.cast.clock.now) == []
    assert score.wrong == {}, score


@on_postgresql
@pytest.mark.parametrize("down", [PostgresServer.stop, PostgresServer.kill])
def test_a_database_that_goes_down_and_comes_up_under_load_loses_and_doubles_nothing(
    town: Town, engine: Engine, postgres: PostgresServer, down: Callable[[PostgresServer], None]
) -> None:
    with working(town.house) as failures:
        promise(town, 10)
        town.cast.clock.forward(90)  # four steps of each are due, and their texts
        getattr(postgres, down.__name__)()
        failed = failures()
        until(lambda: failures() > failed)
        postgres.start()
        promise(town, 5)
        until(lambda: steps(engine) >= 40)
    all_is_well_in(town)


@on_postgresql
@pytest.mark.parametrize("nth", [1, 3, 4])
def test_a_commit_that_was_made_and_not_heard_of_is_not_made_again(
    town: Town, engine: Engine, nth: int
) -> None:
    promise(town, 2)
    now = town.cast.clock.now + timedelta(minutes=20)
    town.cast.clock.now = now
    with cutting(Path(str(engine.url.query["host"]))) as cutter:
        there = make_engine(
            engine.url.update_query_dict({"host": str(cutter.folder)}).render_as_string(hide_password=False)
        )
        sessions = make_sessions(there)
        cutter.cut_at_commit(nth)
        cut = 0
        for _ in range(3):
            try:
                climb(sessions, now=now)
                deliver(sessions, town.house.channels, now=now)
            except OperationalError:
                cut += 1
        assert cut == 1
        there.dispose()
    all_is_well_in(town)


@on_sqlite
def test_while_another_process_holds_the_file_jobs_fail_and_the_same_worker_goes_on_afterwards(
    town: Town, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "BUSY_MILLISECONDS", 300)
    hasty = make_engine(str(engine.url))
    house = replace(town.house, sessions=make_sessions(hasty), readers=make_readers(hasty))
    promise(town, 10)
    with working(house) as failures:
        with holding(str(engine.url.database)):
            town.cast.clock.forward(90)
            failed = failures()
            until(lambda: failures() > failed + 1)
            assert steps(engine) == 0
        until(lambda: steps(engine) == 40)
    hasty.dispose()
    all_is_well_in(town)
