"""Everything there is, put together as in production, with a clock that the story moves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

from werkzeug.serving import make_server

from tests.cast import Cast
from tests.visitor import pages_over
from tracker.channels.sms import Sms
from tracker.delivery import deliver
from tracker.escalation import climb
from tracker.model import Person
from tracker.settings import Settings
from tracker.wiring import House, make_readers, make_sessions
from web.simulator import SimulatorServer, SimulatorSettings

ACCOUNT, TOKEN, NUMBER = "AC" + "5" * 32, "a-token-for-tests", "+15005550006"


@dataclass
class Town:
    """The cast, their house, Twilio's stand-in."""

    cast: Cast
    house: House
    simulator: SimulatorServer

    @classmethod
    @contextmanager
    def around(
        cls, cast: Cast, *, service: str = "", numbers: tuple[str, ...] = (NUMBER,), **changes: str
    ) -> Iterator["Town"]:
        """Build it up, and take it down. `service`: what texts leave through, if not from the one number."""
        own = SimulatorSettings(
            account_sid=ACCOUNT,
            auth_token=TOKEN,
            numbers=numbers,
            messaging_service_sid=service or None,
            pool=(NUMBER,) if service else (),
            advanced_opt_out=bool(service),
        )
        sender = {"TWILIO_MESSAGING_SERVICE_SID": service} if service else {"TWILIO_FROM": NUMBER}
        with SimulatorServer(own, clock=cast.clock) as simulator:
            engine = cast.sessions.kw["bind"]
            pages = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
            settings = Settings(
                _env_file=None,
                TRACKER_SECRET_KEY="for tests alone",
                TRACKER_PUBLIC_URL=f"http://127.0.0.1:{pages.server_port}",
                TRACKER_TWILIO_URL=simulator.url,
                TWILIO_ACCOUNT_SID=ACCOUNT,
                TWILIO_AUTH_TOKEN=TOKEN,
                **sender,  # type: ignore[arg-type]  # named by their aliases
                **changes,  # type: ignore[arg-type]  # the same
            )
            sessions = make_sessions(engine, settings.opt_out_scope)
            house = House(
                settings, engine, sessions, make_readers(engine), {"sms": Sms(settings)}, cast.clock
            )
            pages.app = pages_over(house)
            simulator.inbound_url = f"{settings.public_url}/twilio/inbound"
            serving = Thread(target=pages.serve_forever, args=(0.02,), daemon=True)
            serving.start()
            yield cls(cast, house, simulator)
            pages.shutdown()
            serving.join()
            pages.server_close()

    def forward(self, minutes: int, stride: int = 1) -> None:
        """Fast-forward in strides of so many minutes: jobs tick, the provider delivers, receipts come in."""
        for _ in range(0, minutes, stride):
            self.cast.clock.forward(stride)
            self.tick()

    def tick(self) -> None:
        """One pass of the jobs, and everything that follows from it at the provider's."""
        climb(self.house.sessions, now=self.cast.clock.now)
        deliver(self.house.sessions, self.house.channels, now=self.cast.clock.now)
        self.simulator.drain()

    def phone(self, of: Person | str) -> list[str]:
        """Every text that arrived on a phone, with the time it came: `14:45 Due soon: …`."""
        number = of if isinstance(of, str) else of.phone or ""
        return [f"{text.at:%H:%M} {text.body}" for text in self.simulator.phones[number] if not text.inbound]

    def all_phones(self) -> list[tuple[str, str, str]]:
        """Every text in town in order: time, whose phone, its first words."""
        names = {
            person.phone: person.name.split()[0] for person in (self.cast.ana, self.cast.ben, self.cast.sue)
        }
        names[self.cast.maria.phone] = "Maria"
        arrived = [
            (f"{text.at:%H:%M}", names.get(number, number), text.body.split(":")[0])
            for number, texts in self.simulator.phones.items()
            for text in texts
            if not text.inbound
        ]
        return sorted(arrived)
