"""A message is about to leave: may it, now? Asked anew each time one is claimed, with what is true then."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.policy.consent import QuietHours, quiet_until
from tracker.policy.wording import CUSTOMER_KINDS, TextKind

OWNER_KINDS = frozenset(
    {TextKind.REMINDER, TextKind.DUE, TextKind.YOURS_NOW, TextKind.CHOSEN, TextKind.CALL_WANTED}
)
"""Texts that concern nobody once the commitment has another owner."""
OF_A_REPLY = frozenset({TextKind.SAY_MORE, TextKind.USE_THE_PAGE, TextKind.CALL_WANTED})
"""Texts that somebody's text has caused: whatever has become of the promise, they wait for a word or a call."""
WHATEVER_THE_TIME = frozenset({TextKind.YOURS_NOW, TextKind.NOT_KEPT}) | OF_A_REPLY
"""Texts that stay true when the due time moves: they give the time that is promised when they leave."""
AFTER_CLOSING = frozenset({TextKind.KEPT_IT})
"""Texts about how it ended: they leave once it is closed, and never while it is open."""
ON_THE_LINE = frozenset({TextKind.PROMISED, TextKind.SAY_MORE})
"""Texts that answer somebody who is talking to us at this moment: quiet hours do not hold them back."""

ON_THE_LINE_FOR = timedelta(minutes=15)
"""So long they count as talking to us; a text that was held up for longer wakes nobody."""
SHORTEST_USE = timedelta(seconds=6)
"""What is useful for less than this would be delivered after its time: a provider tries at least so long."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is true of a message at the moment of claiming. Times are aware."""

    kind: TextKind
    phone: str | None
    own_numbers: frozenset[str]
    opted_out: str | None
    """Why the number gets no texts; None when it may."""
    closed: bool
    superseded: bool
    """Has the due time moved since the message was queued?"""
    still_owner: bool
    expires_at: datetime | None
    zone: str
    quiet: QuietHours
    made_at: datetime
    """When what it tells happened."""


@dataclass(frozen=True, slots=True)
class Go:
    """It may leave now."""


@dataclass(frozen=True, slots=True)
class Drop:
    """It never leaves, and why, in words for a person."""

    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """It may leave later."""

    until: datetime
    reason: str


def decide(situation: Situation, *, now: datetime) -> Go | Drop | Wait:
    """May it leave? What would tell somebody something untrue or useless is dropped, never sent late."""
    s = situation
    to_customer = s.kind in CUSTOMER_KINDS
    for holds, reason in (
        (s.closed and s.kind not in AFTER_CLOSING | OF_A_REPLY, "closed"),
        (not s.closed and s.kind in AFTER_CLOSING, "it was opened again"),
        (s.superseded and s.kind not in WHATEVER_THE_TIME, "a new time was agreed"),
        (s.kind in OWNER_KINDS and not s.still_owner, "somebody else answers for it now"),
        (s.expires_at is not None and s.expires_at - now < SHORTEST_USE, "too late to be useful"),
        (s.phone is None, "no phone number"),
        (s.phone in s.own_numbers, "that is our own number"),
        (s.opted_out is not None, s.opted_out or ""),
    ):
        if holds:
            return Drop(reason)
    on_the_line = s.kind in ON_THE_LINE and now - s.made_at <= ON_THE_LINE_FOR
    if not to_customer or on_the_line:
        return Go()
    until = quiet_until(now, s.zone, s.quiet)
    if until is None:
        return Go()
    if s.expires_at is not None and s.expires_at <= until:
        return Drop("quiet hours end too late for it to be useful")
    return Wait(until, "quiet hours where the customer is")
