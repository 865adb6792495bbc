"""How does a message leave the house? Through a channel: one file each, all with the same small protocol."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message ready to leave. `token` comes back with its receipts; `useful_for` is how long it is worth
    delivering, None: as long as it takes."""

    token: str
    to: str
    body: str
    useful_for: timedelta | None


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

    def send(self, outgoing: Outgoing) -> Result:
        """Hand one message over."""
        ...


Channels = Mapping[str, Channel]
"""By the name that `message.channel` holds."""
