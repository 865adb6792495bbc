"""`tracker up`, `web`, `worker`, `tick`: the processes that run."""

import dataclasses
import os
import signal
from datetime import datetime
from threading import Thread
from typing import NoReturn
from urllib.request import urlopen

import click
from waitress.server import BaseWSGIServer, create_server

import jobs
from tracker import demo, migrating, wiring
from tracker.commands.common import as_json, at_now, opened, show
from tracker.commands.simulated import texts
from tracker.delivery import deliver
from tracker.escalation import climb
from tracker.settings import SettingsError, read
from tracker.wiring import House, build
from web.app import create_app

LOOPBACK = "127.0.0.1"
THREADS = 8
"""More than the cores that a small machine has only raised the slowest answers."""

on_port = click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
on_host = click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on.")


@click.command()
@on_port
@click.option("--no-demo", is_flag=True, help="Leave an empty database empty.")
@click.option("--once", is_flag=True, help="Start, be ready, stop.")
def up(port: int, no_demo: bool, once: bool) -> None:
    """Run everything on this machine: migrate, web, jobs, and the simulator when no Twilio account is set."""
    settings = read()
    if "public_url" not in settings.model_fields_set:
        settings = settings.model_copy(update={"public_url": f"http://{LOOPBACK}:{port}"})
    with texts(settings, port=port + 1, answering=True) as settings:
        house = build(settings)
        wiring.check_answers(house.engine)
        migrating.upgrade(house.engine)
        server = _listen(house, LOOPBACK, port)
        scheduler = jobs.make_scheduler(house)

        def open_up() -> None:
            """While pages are served already: the first texts leave here, and their receipts come at once."""
            if not no_demo:
                demo.load(house.sessions, house.channels, now=house.clock())
            scheduler.start()
            click.echo(_greeting(house, port))
            if once:
                _stop_when_ready(f"http://{LOOPBACK}:{port}/readyz")

        opening = Thread(target=open_up)
        opening.start()
        try:
            server.run()
        finally:
            server.close()  # whoever still waits for an answer is told at once, not after their time-out
            opening.join()
            scheduler.shutdown(wait=True)


@click.command()
@on_host
@on_port
def web(host: str, port: int) -> None:
    """Run one web process. Reminders and texts need a `tracker worker` beside it."""
    with opened() as house:
        server = _listen(house, host, port)
        click.echo(f"Listening on http://{host}:{port}")
        server.run()


@click.command()
def worker() -> None:
    """Run one process of jobs: escalation and delivery. Any number may run side by side."""
    with texts(read()) as settings, opened(settings) as house:
        click.echo("Working. Stop with Ctrl-C.", err=True)
        jobs.work_until_stopped(house)


@click.command()
@at_now
@as_json
def tick(now: datetime, as_json: bool) -> None:
    """Run exactly one pass of escalation and delivery."""
    with texts(read()) as settings, opened(settings) as house:
        climbed = climb(house.sessions, now=now)
        delivered = deliver(house.sessions, house.channels, now=now)
    show({"climbed": climbed.steps, "put_off": climbed.put_off, **dataclasses.asdict(delivered)}, as_json)


def _listen(house: House, host: str, port: int) -> BaseWSGIServer:
    """A server that holds its port and, once it runs, serves until SIGTERM or Ctrl-C."""
    try:
        server = create_server(create_app(house), host=host, port=port, threads=THREADS)
    except OSError as error:
        raise SettingsError(
            f"Port {port} is taken: stop what listens there, or choose another --port."
        ) from error
    signal.signal(signal.SIGTERM, _stop)
    return server


def _stop(*_: object) -> NoReturn:
    raise SystemExit(0)


def _stop_when_ready(url: str) -> None:
    try:
        with urlopen(url, timeout=20):  # noqa: S310 our own address
            pass
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


def _greeting(house: House, port: int) -> str:
    lines = [f"Tracker is ready: http://{LOOPBACK}:{port}"]
    if house.settings.twilio_url.startswith(f"http://{LOOPBACK}:"):
        lines.append(f"Phones, for want of a Twilio account: {house.settings.twilio_url}")
    with house.readers.begin() as session:
        lines += [
            f"Log in as {each.email:<26} {demo.PASSWORD}   ({each.name}, {each.role})"
            for each in demo.log_ins(session)
        ]
    return "\n".join([*lines, "Stop with Ctrl-C."])
