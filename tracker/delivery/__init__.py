"""How does a message leave the house, and what became of it?

Claim (pending → sending, with a lease, all conditions checked anew) and commit a dispatch with a random token; one
request outside any transaction; settle what it came to. A crash in between leaves a dispatch that is open: once its
lease has run out the message is unknown, never pending again, for it may have been sent. A receipt carries the
token, so it settles even what we did not hear the answer to.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from tracker.channels import Channels
from tracker.delivery.claiming import claim, expire_leases
from tracker.delivery.settling import Fate, settle


@dataclass(slots=True)
class Delivered:
    """One pass, in messages: handed to the provider, unknown, failed for good, deferred, suppressed."""

    sent: int = 0
    unknown: int = 0
    failed: int = 0
    deferred: int = 0
    suppressed: int = 0

    def add(self, fate: Fate) -> None:
        """Count one message."""
        setattr(self, fate, getattr(self, fate) + 1)


def deliver(sessions: sessionmaker[Session], channels: Channels, *, now: datetime) -> Delivered:
    """Send every message whose time has come. Any number of workers may do so at once."""
    total = Delivered(unknown=expire_leases(sessions, now=now))
    more = True
    while more:
        claimed = claim(sessions, channels, now=now)
        more = claimed.full
        total.deferred += claimed.deferred
        total.suppressed += claimed.suppressed
        held = []
        for ready in claimed.ready:
            channel = channels[ready.channel]
            held.append((ready, channel.send(ready.outgoing)))
            if len(held) >= channel.batch:
                for fate in settle(sessions, held, now=now):
                    total.add(fate)
                held = []
        for fate in settle(sessions, held, now=now):
            total.add(fate)
    return total
