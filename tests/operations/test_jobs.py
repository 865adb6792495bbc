"""The clockwork calls what there is to do, and says that it is there."""

from datetime import timedelta

from sqlalchemy import select

import jobs
from tests.cast import TWO, Cast
from tracker import heartbeat
from tracker.model import Heartbeat
from tracker.settings import Settings
from tracker.wiring import House


def house_of(cast: Cast) -> House:
    engine = cast.sessions.kw["bind"]
    channels = {"sms": cast.wire}
    return House(Settings(_env_file=None), engine, cast.sessions, cast.sessions, channels, cast.clock)


def test_the_jobs_do_the_work_of_a_tick(cast: Cast) -> None:
    cast.promised()
    cast.clock.forward(60)
    house = house_of(cast)
    jobs.escalate(house)
    jobs.send(house)
    assert cast.texts() == ["due to Ana"], "one behind the other: by now a reminder would be untrue"


def test_a_job_that_was_missed_is_only_late_and_never_runs_beside_itself(cast: Cast) -> None:
    scheduler = jobs.make_scheduler(house_of(cast))
    scheduler.start(paused=True)
    for job in scheduler.get_jobs():
        assert (job.coalesce, job.max_instances, job.misfire_grace_time) == (True, 1, None)
    names = {"escalate", "send", "ask", "beat", "weigh", "calibrate", "look_after", "mail"}
    assert {job.id for job in scheduler.get_jobs()} == names
    scheduler.shutdown()


def test_silence_of_all_workers_is_noticed_after_a_minute(cast: Cast) -> None:
    def silent() -> bool:
        with cast.sessions() as session:
            return (
                heartbeat.silent_since(session.scalar(select(heartbeat.LAST_SIGN)), now=cast.clock.now)
                is not None
            )

    assert not silent(), "before the first worker ever started there is nothing to miss"
    jobs.beat(house_of(cast))
    heartbeat.beat(cast.sessions, "another", now=cast.clock.forward(0.5))
    cast.clock.forward(1)
    assert not silent()
    cast.clock.forward(0.1)
    assert silent()
    jobs.beat(house_of(cast))
    assert not silent()


def test_a_worker_not_seen_for_a_day_is_forgotten(cast: Cast) -> None:
    heartbeat.beat(cast.sessions, "gone", now=TWO)
    heartbeat.beat(cast.sessions, "here", now=TWO + timedelta(hours=25))
    with cast.sessions() as session:
        assert session.scalars(select(Heartbeat.worker)).all() == ["here"]
