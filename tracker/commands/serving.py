"""`tracker up`, `web`, `worker`, `tick`: the processes that run."""

import dataclasses
import errno
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from http.client import HTTPConnection
from socket import AF_INET, AF_INET6
from threading import Event, Thread
from typing import NoReturn

import click
from waitress.server import BaseWSGIServer, create_server
from waitress.wasyncore import close_all

import jobs
from tracker import demo
from tracker.commands.common import as_json, at_now, connected, migrate, opened, show
from tracker.commands.simulated import texts
from tracker.delivery import deliver
from tracker.escalation import climb
from tracker.settings import SettingsError, read
from tracker.wiring import House
from web import first
from web.app import create_app

LOOPBACK = "127.0.0.1"
THREADS = 8
"""More than the cores that a small machine has only raised the slowest answers."""

on_port = click.option(
    "--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on."
)
on_host = click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on.")


@click.command()
@on_port
@click.option("--no-demo", is_flag=True, help="Leave an empty database empty.")
@click.option("--once", is_flag=True, help="Start, be ready, stop.")
def up(port: int, no_demo: bool, once: bool) -> int:
    """Run everything on this machine: migrate, web, jobs, and the simulator when no Twilio account is set."""
    settings = read()
    if "public_url" not in settings.model_fields_set:
        settings = settings.model_copy(update={"public_url": f"http://{LOOPBACK}:{port}"})
    was_ready = Event()
    with (
        _taken(LOOPBACK, port) as line,
        texts(settings, port=port + 1, answering=True) as settings,
        connected(settings) as house,
    ):
        migrate(house)
        with _pages(house, line) as server:  # before the first text, whose receipts come at once
            if not no_demo:
                demo.load(house.sessions, house.channels, now=house.clock())
            scheduler = jobs.make_scheduler(house)
            scheduler.start()
            try:
                click.echo(_greeting(house, port))
                if once:
                    Thread(target=_stop_when_ready, args=(port, was_ready), daemon=True).start()
                server.run()
            finally:
                scheduler.shutdown(wait=True)
    return 1 if once and not was_ready.is_set() else 0


@click.command()
@on_host
@on_port
def web(host: str, port: int) -> None:
    """Run one web process. Reminders and texts need a `tracker worker` beside it."""
    with opened() as house, _taken(host, port) as line, _pages(house, line) as server:
        click.echo(f"Listening on http://{host}:{port}")
        if entrance := first.address(house, f"http://{host}:{port}"):
            click.echo(f"Nobody works here yet. Set it up: {entrance}")
        server.run()


@click.command()
def worker() -> None:
    """Run one process of jobs: escalation and delivery. Any number may run side by side."""
    with texts(read()) as settings, opened(settings) as house:
        signal.signal(signal.SIGTERM, _stop)  # until the jobs have a better answer to it
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


def _taken(host: str, port: int) -> socket.socket:
    """That address, ours from now on. Raises SettingsError with one sentence when it can't be had."""
    try:
        return socket.create_server((host, port), family=AF_INET6 if ":" in host else AF_INET)
    except OSError as error:
        sentence = f"We can't listen on {host}, port {port}: {error.strerror}."
        if error.errno == errno.EADDRINUSE:
            sentence = f"Port {port} is taken: stop what listens there, or choose another --port."
        raise SettingsError(sentence) from error
    except UnicodeError as error:  # from a name that could be nobody's
        raise SettingsError(f"We can't listen on {host}, port {port}: {error}.") from error


@contextmanager
def _pages(house: House, line: socket.socket) -> Iterator[BaseWSGIServer]:
    """A server that, once it runs, serves until SIGTERM or Ctrl-C. At the end every connection is closed: who still
    waits for an answer, as the simulator may, learns at once that none will come."""
    connections: dict[int, object] = {}
    server = create_server(create_app(house), map=connections, sockets=[line], threads=THREADS)
    signal.signal(signal.SIGTERM, _stop)
    try:
        yield server
    finally:
        close_all(connections)


def _stop(*_: object) -> NoReturn:
    raise SystemExit(0)


def _stop_when_ready(port: int, was_ready: Event) -> None:
    try:
        asking = HTTPConnection(LOOPBACK, port, timeout=20)
        asking.request("GET", "/readyz")
        if asking.getresponse().status == HTTPStatus.OK:
            was_ready.set()
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
    if entrance := first.address(house, f"http://{LOOPBACK}:{port}"):
        lines.append(f"Nobody works here yet. Set it up: {entrance}")
    return "\n".join([*lines, "Stop with Ctrl-C."])
