"""The whole house as `tracker up` serves it, but under a clock that only the test moves.

Real are the SQLite file, the demonstration's people and promises, waitress, the simulator on loopback with its
signed webhooks, and the passes of escalation and delivery. Only who starts a pass differs: the test, by `work`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Thread
from typing import TYPE_CHECKING

from sqlalchemy import Engine, select
from waitress.server import create_server

from tests.cast import Clock
from tracker import demo
from tracker.channels.sms import Sms
from tracker.delivery import deliver
from tracker.escalation import climb
from tracker.model import Commitment
from tracker.settings import Settings
from tracker.wiring import House, make_readers, make_sessions
from web.app import create_app
from web.simulator import SimulatorServer, SimulatorSettings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

AFTERNOON = datetime(2026, 11, 19, 19, 0, tzinfo=UTC)
"""Two o'clock on a Thursday in New York, where the demonstration's team works."""
ACCOUNT = "AC" + "5" * 32
NUMBER = "+15005550006"


@dataclass(frozen=True)
class Stage:
    """A house that is open, and the phones of its customers."""

    house: House
    clock: Clock
    simulator: SimulatorServer
    url: str

    def work(self, minutes: float = 0) -> None:
        """Let time pass, then the jobs do one pass, and everything they send arrives."""
        self.clock.forward(minutes)
        climb(self.house.sessions, now=self.clock.now)
        deliver(self.house.sessions, self.house.channels, now=self.clock.now)
        self.simulator.drain()

    def load_demonstration(self) -> None:
        """The people and promises of the demonstration, and their texts arrive."""
        demo.load(self.house.sessions, self.house.channels, now=self.clock.now)
        self.simulator.drain()

    def promise_about(self, topic: str) -> str:
        """The address of the promise with that topic."""
        with self.house.readers.begin() as session:
            number = session.scalars(select(Commitment.id).where(Commitment.topic == topic)).one()
        return f"{self.url}/commitments/{number}"


@contextmanager
def open_house(engine: Engine, port: int) -> Iterator[Stage]:
    """Serve a house over that migrated database at that port."""
    clock = Clock(AFTERNOON)
    served: list[
        WSGIApplication
    ] = []  # the address is known once somebody listens, and the settings need it before
    simulator = SimulatorServer(
        SimulatorSettings(account_sid=ACCOUNT, auth_token="made up", numbers=(NUMBER,)),
        clock=clock,
        live=True,
    )
    with simulator, listening(lambda environ, start: served[0](environ, start), port) as url:
        settings = Settings(
            _env_file=None,
            TRACKER_SECRET_KEY="for tests alone",
            TRACKER_PUBLIC_URL=url,
            TWILIO_ACCOUNT_SID=ACCOUNT,
            TWILIO_AUTH_TOKEN="made up",
            TWILIO_FROM=NUMBER,
            TRACKER_TWILIO_URL=simulator.url,
        )
        channels = {"sms": Sms(settings)}
        house = House(settings, engine, make_sessions(engine), make_readers(engine), channels, clock)
        served.append(create_app(house))
        simulator.inbound_url = f"{url}/twilio/inbound"
        yield Stage(house, clock, simulator, url)


@contextmanager
def listening(application: "WSGIApplication", port: int) -> Iterator[str]:
    """The application, served by waitress at that port; its address."""
    server = create_server(application, host="127.0.0.1", port=port)
    thread = Thread(target=server.run, name="house")
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        # In its own thread, where nobody reads from what is being closed; without connections its loop ends.
        server.trigger.pull_trigger(lambda: server.asyncore.close_all(server._map))
        thread.join()
        server.task_dispatcher.shutdown()
