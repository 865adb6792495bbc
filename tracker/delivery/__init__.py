"""How does a message leave the house, and what became of it?

Claim (pending → sending, with a lease, all conditions checked anew) and commit a dispatch with a random token; one
request outside any transaction; settle what it came to. A crash in between leaves a dispatch that is open: once its
lease has run out the message is unknown, never pending again, for it may have been sent. A receipt carries the
token, so it settles even what we did not hear the answer to.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from tracker.channels import Channels, NotSent, Rejected, Result
from tracker.delivery.claiming import Ready, claim, expire_leases
from tracker.delivery.settling import Fate, settle
from tracker.policy.retries import REFUSES_NUMBER, classify


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
    """Send every message whose time has come by `now`. Any number of workers may do so at once."""
    total = Delivered()
    while deliver_some(sessions, channels, total, now=now):
        pass
    return total


def deliver_some(
    sessions: sessionmaker[Session], channels: Channels, total: Delivered, *, now: datetime
) -> bool:
    """Send one claim's worth, and add it to `total`. True when there may be more: a long backlog takes real time,
    so a worker asks again with the present moment, by which leases, quiet hours and urgency are then judged."""
    total.unknown += expire_leases(sessions, now=now)
    claimed = claim(sessions, channels, now=now)
    total.deferred += claimed.deferred
    total.suppressed += claimed.suppressed
    for fate in _send(sessions, channels, claimed.ready, now):
        total.add(fate)
    return claimed.full


def _send(
    sessions: sessionmaker[Session], channels: Channels, claimed: Sequence[Ready], now: datetime
) -> Iterator[Fate]:
    """Send what was claimed, one after the other. When settling fails, what has not left yet is given back: it
    would otherwise count as unknown once the lease has run out, and never be sent."""
    waiting = deque(claimed)
    held: list[tuple[Ready, Result]] = []
    refused: set[str] = set()
    try:
        while waiting:
            ready = waiting.popleft()
            channel, outgoing = channels[ready.channel], ready.outgoing
            answer = (
                NotSent("its number was just refused") if outgoing.to in refused else channel.send(outgoing)
            )
            if isinstance(answer, Rejected) and classify(answer.code) in REFUSES_NUMBER:
                refused.add(outgoing.to)
            held.append((ready, answer))
            if len(held) >= channel.batch or not waiting:
                yield from settle(sessions, held, now=now)
                held = []
    except Exception:
        settle(sessions, [(ready, NotSent("the worker stumbled before")) for ready in waiting], now=now)
        raise
