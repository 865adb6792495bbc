"""The clockwork: calls `tracker` on a timer. A late tick is only late, for the rows are the truth."""

import os
import signal
import socket
from collections.abc import Callable, Mapping
from threading import Event

from apscheduler.schedulers.background import BackgroundScheduler

from tracker import audit, digest, heartbeat
from tracker.calibrating import calibrate_next
from tracker.channels.mail import Mail
from tracker.delivery import Delivered, asking, deliver_some
from tracker.escalation import climb
from tracker.risk import rescore
from tracker.wiring import House

WORKER = f"{socket.gethostname()}:{os.getpid()}"


def escalate(house: House) -> None:
    """One pass of escalation."""
    climb(house.sessions, now=house.clock())


def send(house: House) -> None:
    """One pass of delivery, each claim by the clock as it then is."""
    while deliver_some(house.sessions, house.channels, Delivered(), now=house.clock()):
        pass


def ask(house: House) -> None:
    """Ask about texts that nobody told us about; apart from sending, for a slow list must not hold up a text."""
    asking.ask(house.sessions, house.channels, now=house.clock())


def weigh(house: House) -> None:
    """How likely is each open promise to be kept by now?"""
    rescore(house.sessions, now=house.clock())


def calibrate(house: House) -> None:
    """Have the odds of the team that has waited longest come true?"""
    calibrate_next(house.sessions, house.readers, now=house.clock())


def beat(house: House) -> None:
    """A sign of life."""
    heartbeat.beat(house.sessions, WORKER, now=house.clock())


def mail(house: House) -> None:
    """Mail the digests that are due, where a mail server is set."""
    settings = house.settings
    if settings.smtp_url is None or settings.mail_from is None:
        return
    server = Mail(settings.smtp_url, settings.mail_from)
    digest.send_due(house.sessions, house.readers, server, public_url=settings.public_url, now=house.clock())


def look_after(house: House) -> None:
    """The regular audit."""
    audit.look_after(house.sessions, house.readers, now=house.clock())


SECONDS: Mapping[Callable[[House], None], int] = {
    escalate: 1,
    send: 1,
    ask: 5,
    beat: 5,
    weigh: 60,
    calibrate: 60,
    look_after: 600,
    mail: 3600,
}
"""How often each job runs. An idle pass of the frequent ones is a look-up in an index."""


def make_scheduler(house: House) -> BackgroundScheduler:
    """A scheduler, not yet started. Its jobs live in memory: any number of workers may run one each, for claims
    keep them apart; a shared job store fired every job in each of them."""
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for job, seconds in SECONDS.items():
        scheduler.add_job(job, "interval", args=[house], seconds=seconds, id=job.__name__)
    return scheduler


def work_until_stopped(house: House) -> None:
    """Run the scheduler in this process until SIGTERM or Ctrl-C; a pass under way is finished first."""
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    scheduler = make_scheduler(house)
    scheduler.start()
    stopped.wait()
    scheduler.shutdown(wait=True)
