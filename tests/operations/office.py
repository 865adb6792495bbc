"""The cast with a real provider's stand-in at the other end of the wire, and nobody who takes its receipts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from tests.cast import Cast
from tracker import people
from tracker.channels import Channels
from tracker.channels.sms import Sms
from tracker.delivery import Delivered, deliver
from tracker.delivery.hearing import take_receipt
from tracker.model import Customer, Dispatch, Message
from tracker.settings import Settings
from web.simulator import Fault, FaultKind, SimulatorServer, SimulatorSettings
from web.simulator.journal import Entry

ACCOUNT, TOKEN, OURS = "AC" + "5" * 32, "a-token-for-tests", "+15005550006"
PATIENCE = 1.0
"""Seconds that the channel waits for an answer."""


@dataclass
class Office:
    """Who works here, and the line to the provider."""

    cast: Cast
    provider: SimulatorServer
    channel: Sms

    @classmethod
    @contextmanager
    def open(cls, cast: Cast) -> Iterator["Office"]:
        """With the provider running."""
        own = SimulatorSettings(account_sid=ACCOUNT, auth_token=TOKEN, numbers=(OURS,))
        with SimulatorServer(own, clock=cast.clock, post=_nobody_listens) as provider:
            settings = Settings(
                _env_file=None,
                TRACKER_TWILIO_URL=provider.url,
                TWILIO_ACCOUNT_SID=ACCOUNT,
                TWILIO_AUTH_TOKEN=TOKEN,
                TWILIO_FROM=OURS,
            )
            yield cls(cast, provider, Sms(settings, timeout=PATIENCE))

    @property
    def channels(self) -> Channels:
        return {"sms": self.channel}

    def deliver(self, minutes: float = 0) -> Delivered:
        """Let time pass, and let delivery run once."""
        self.cast.clock.forward(minutes)
        return deliver(self.cast.sessions, self.channels, now=self.cast.clock.now)

    def promised_to(self, count: int) -> None:
        """Promises to so many customers, each with a number of their own."""
        with self.cast.sessions.begin() as session:
            for number in range(count):
                customer = people.find_or_add_customer(
                    session,
                    phone=f"+4477009002{number:02}",
                    name=f"Customer {number}",
                    team=self.cast.care,
                    now=self.cast.clock.now,
                )
                self.cast.promise(session, customer=customer)

    def breaks(self, kind: FaultKind, **how: Any) -> None:
        """The next request meets this fault."""
        self.provider.order(Fault(kind, **how))

    @property
    def requests(self) -> int:
        """Texts that we asked the provider to send."""
        return sum(
            1 for line in self.provider.journal.of(Entry.REQUEST) if line.facts.get("method") == "POST"
        )

    @property
    def created(self) -> list[str]:
        """The sids of the texts that the provider has, in order."""
        return [str(line.facts["sid"]) for line in self.provider.journal.of(Entry.CREATED)]

    def message(self, kind: str = "promised") -> Message:
        """The one message of that kind."""
        with self.cast.sessions() as session:
            return session.scalars(select(Message).where(Message.kind == kind)).one()

    def dispatches(self) -> list[Dispatch]:
        """Every try, in order."""
        with self.cast.sessions() as session:
            return list(session.scalars(select(Dispatch).order_by(Dispatch.id)))

    def customer(self) -> Customer:
        """Maria, as the database knows her."""
        with self.cast.sessions() as session:
            return session.get_one(Customer, self.cast.maria.id)

    def receipt(self, status: str, code: int | None = None, *, dispatch: Dispatch | None = None) -> None:
        """The provider's news of a dispatch, the latest unless another is named."""
        about = dispatch or self.dispatches()[-1]
        with self.cast.sessions.begin() as session:
            assert take_receipt(
                session,
                about.token,
                sid=about.sid or "SM" + "9" * 32,
                status=status,
                error_code=code,
                now=self.cast.clock.now,
            )


def _nobody_listens(*_: object) -> None:
    """So every receipt is lost, unless a test hands it in itself."""
