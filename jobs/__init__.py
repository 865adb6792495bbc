"""The clockwork: calls `tracker` on a timer. A late tick is only late, for the rows are the truth."""

import logging
import signal
from collections.abc import Callable
from threading import Event

from apscheduler.schedulers.background import BackgroundScheduler

from tracker.delivery import deliver
from tracker.escalation import climb
from tracker.wiring import House

SECONDS_BETWEEN_TICKS = 1

log = logging.getLogger(__name__)


def escalate(house: House) -> None:
    """One pass of escalation."""
    climb(house.sessions, now=house.clock())


def send(house: House) -> None:
    """One pass of delivery."""
    deliver(house.sessions, house.channels, now=house.clock())


def make_scheduler(house: House) -> BackgroundScheduler:
    """A scheduler, not yet started. Its jobs live in memory: any number of workers may run one each, for claims
    keep them apart; a shared job store fired every job in each of them."""
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for job in (escalate, send):
        scheduler.add_job(job, "interval", args=[house], seconds=SECONDS_BETWEEN_TICKS, id=job.__name__)
    return scheduler


def work_until_stopped(house: House, when_ready: Callable[[], None] = lambda: None) -> None:
    """Run the scheduler in this process until SIGTERM or Ctrl-C; a pass under way is finished first."""
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    scheduler = make_scheduler(house)
    scheduler.start()
    when_ready()
    stopped.wait()
    scheduler.shutdown(wait=True)
