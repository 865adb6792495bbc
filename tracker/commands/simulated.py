"""Texts without a Twilio account: the simulator, found running or started, and the settings that point at it."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tracker import demo
from tracker.settings import Settings, data_folder
from tracker.wiring import utc_now
from web.simulator import SimulatorServer, SimulatorSettings

ACCOUNT = "AC" + "5" * 32
TOKEN = "only-for-the-simulator"  # noqa: S105 it protects nothing: the simulator listens on loopback
NUMBER = "+15005550006"
FOUND_AT = "simulator.json"


@contextmanager
def texts(settings: Settings, *, port: int = 0, answering: bool = False) -> Iterator[Settings]:
    """Settings that can send: those given when they name an account, else pointed at a simulator.

    One that `tracker up` is running is used; otherwise one is started for as long as this lasts. With `answering` it
    is always a new one, on `port` if that is free, whose phones can answer.
    """
    if settings.has_twilio:
        yield settings
        return
    running = None if answering else _running()
    if running is not None:
        yield _pointed_at(settings, running)
        return
    simulator = SimulatorServer(
        SimulatorSettings(
            account_sid=ACCOUNT,
            auth_token=TOKEN,
            numbers=(NUMBER,),
            inbound_url=f"{settings.public_url}/twilio/inbound" if answering else None,
            names=demo.phone_book(),
        ),
        clock=utc_now,
        port=port if _is_free(port) else 0,
        live=answering,
    )
    with simulator:
        if answering:
            file = data_folder() / FOUND_AT
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps({"url": simulator.url}))
        yield _pointed_at(settings, simulator.url)


def _pointed_at(settings: Settings, url: str) -> Settings:
    return settings.model_copy(
        update={
            "twilio_account_sid": ACCOUNT,
            "twilio_auth_token": TOKEN,
            "twilio_from": NUMBER,
            "twilio_url": url,
        }
    )


def _running() -> str | None:
    try:
        url = str(json.loads((data_folder() / FOUND_AT).read_text())["url"])
        socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=1).close()
    except (OSError, ValueError, KeyError):
        return None
    return url


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
