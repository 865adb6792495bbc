"""How does a message leave the house? Through a channel: one file each, all with the same small protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from tracker.policy.asking import Record
from tracker.policy.links import Links


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message ready to leave. `token` comes back with its receipts; `useful_for` is how long it is worth
    delivering, None: as long as it takes."""

    token: str
    to: str
    body: str
    useful_for: timedelta | None
    sender: str = ""
    """The number or messaging service it leaves from; empty: the channel's usual one."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it, under `sid`. An error code means it was taken and failed at once."""

    sid: str
    error_code: int | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """Certainly nothing was sent. `wait` is how long the provider asked us to wait."""

    detail: str
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The provider refused it, with its error code."""

    code: int | None
    detail: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been sent or not; sending it again could send it twice."""

    detail: str


Result = Accepted | NotSent | Rejected | Unknown


class Channel(Protocol):
    """A way out. `send` never raises: whatever happens is one of the four results."""

    name: str
    sender: str
    """The address it sends from."""
    own_numbers: frozenset[str]
    """Numbers known to be ours: nothing is sent to them. Empty for a messaging service, which keeps its numbers
    to itself; there the provider refuses a text from a number to itself."""
    seconds: float
    """The longest one send can take."""
    batch: int
    """Results that may be held before they are written down. For a provider over a network 1: after a crash
    at most one answer is lost. For one in this process as many as are quick."""

    reports: bool
    """Does it say later what became of a message? Then it is asked when it does not."""

    @property
    def per_minute(self) -> int | None:
        """So many texts a sender is given a minute, all workers together. None: nobody real is at the other end, so
        nothing is paced."""
        ...

    @property
    def links(self) -> Links | None:
        """Makes the addresses of customers' pages. None: its texts name no page."""
        ...

    def send(self, outgoing: Outgoing) -> Result:
        """Hand one message over."""
        ...

    def records(self, to: str) -> Sequence[Record] | None:
        """What the provider sent to that number lately, the newest first. None: it cannot be asked now."""
        ...

    def record(self, sid: str) -> Record | None:
        """What the provider knows of one message. None: nothing, or it cannot be asked now."""
        ...


Channels = Mapping[str, Channel]
"""By the name that `message.channel` holds."""
