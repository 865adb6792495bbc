"""Texts without a Twilio account: the simulator, found running or started, and the settings that point at it."""

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
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
        yield _pointed_at(settings, **running)
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
        where = {"url": simulator.url, "public_url": settings.public_url}
        with _findable(where) if answering else nullcontext():
            yield _pointed_at(settings, **where)


def _pointed_at(settings: Settings, *, url: str, public_url: str) -> Settings:
    return settings.model_copy(
        update={
            "twilio_account_sid": ACCOUNT,
            "twilio_auth_token": TOKEN,
            "twilio_from": NUMBER,
            "twilio_url": url,
            "public_url": public_url,
        }
    )


@contextmanager
def _findable(where: Mapping[str, str]) -> Iterator[None]:
    file = data_folder() / FOUND_AT
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(where))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _running() -> dict[str, str] | None:
    """Where the simulator of a `tracker up` is, and where its receipts go; None when nothing listens there."""
    try:
        found = json.loads((data_folder() / FOUND_AT).read_text())
        socket.create_connection(("127.0.0.1", urlsplit(found["url"]).port or 0), timeout=1).close()
        return {"url": found["url"], "public_url": found["public_url"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except (OSError, OverflowError):
        return False
    return True
