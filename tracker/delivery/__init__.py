"""How does a message leave the house, and what became of it?

Claim (pending → sending, with a lease, all conditions checked anew) and commit a dispatch with a random token; one
request outside any transaction; settle what it came to. A crash in between leaves a dispatch that is open: once its
lease has run out the message is unknown, never pending again, for it may have been sent.

What is unknown heals by push (a receipt carries the token), then by pull (the provider's list, searched for the
text's reference), then by kind: a colleague's text is sent again, a customer's is left to a person.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from tracker.channels import Channels, NotSent, Result
from tracker.delivery.asking import ask
from tracker.delivery.claiming import SPARE, Ready, claim, expire_leases
from tracker.delivery.settling import Fate, settle

if sys.platform == "linux":

    def seconds_passed() -> float:
        """Since the machine started, those too in which it slept; a monotonic clock leaves them out."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)
else:
    seconds_passed = time.monotonic
HELD_UP = NotSent("the worker was held up for too long")


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
    """Send every message whose time has come by `now`, and ask about those nobody told us about. Any number of
    workers may do so at once."""
    total = Delivered()
    while deliver_some(sessions, channels, total, now=now):
        pass
    ask(sessions, channels, now=now)
    return total


def deliver_some(
    sessions: sessionmaker[Session], channels: Channels, total: Delivered, *, now: datetime
) -> bool:
    """Send one claim's worth, and add it to `total`. True when there may be more: a long backlog takes real time,
    so a worker asks again with the present moment, by which leases, quiet hours and urgency are then judged.

    False also after something could not be sent at all: the provider is given a moment.
    """
    total.unknown += expire_leases(sessions, now=now)
    since = seconds_passed()
    claimed = claim(sessions, channels, now=now)
    total.deferred += claimed.deferred
    total.suppressed += claimed.suppressed
    answers = _send(channels, claimed.ready, since)
    for fate in settle(sessions, answers, now=now):
        total.add(fate)
    return claimed.full and not any(isinstance(answer, NotSent) for _, answer in answers)


def _send(channels: Channels, claimed: Sequence[Ready], since: float) -> list[tuple[Ready, Result]]:
    """Who was stopped for longer than the lease lasts, a laptop that slept, sends nothing: by now somebody else may
    have."""
    too_late = since + SPARE.total_seconds()
    return [
        (ready, channels[ready.channel].send(ready.outgoing) if seconds_passed() < too_late else HELD_UP)
        for ready in claimed
    ]
