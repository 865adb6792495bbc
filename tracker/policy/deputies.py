"""Who looks after a promise when its owner is not at work? The rule by which promises are handed over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.policy.calendars import Calendar

KNOWING = 3
"""Somebody who knows the customer is preferred to a colleague who owns up to so many promises fewer."""


@dataclass(frozen=True, slots=True)
class Due:
    """An open promise; `due_at` is aware."""

    id: int
    customer_id: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Deputy:
    """Somebody who could take promises over: at work by `calendar`, and owner of `load` open promises by now.

    `knows`: the numbers of customers they have promised something to, or tried to reach, before.
    """

    id: int
    calendar: Calendar
    agent: bool = True
    load: int = 0
    knows: frozenset[int] = frozenset()


def needed_at(due_at: datetime, *, now: datetime, team: Calendar, crew: Iterable[Calendar]) -> datetime:
    """When somebody has to be there for a promise: when it is due, or now if that has passed.

    If the team is closed then and nobody works, it is when the team opens or somebody comes, whichever is first;
    if that is never, when it is due.
    """
    at = max(due_at, now)
    calendars = (team, *crew)
    if any(calendar.is_open(at) for calendar in calendars):
        return at
    return min((opening for each in calendars if (opening := each.next_open(at))), default=at)


def share_out(needed: Sequence[tuple[Due, datetime]], deputies: Sequence[Deputy]) -> Mapping[int, int | None]:
    """Who takes each promise over, by its number; each is given with the moment at which it needs somebody.

    Somebody who is at work at that moment: an agent if there is one, then whoever owns least, with a preference for
    one who knows the customer. What is shared out here counts at once. None: nobody is at work then.
    """
    load = {deputy.id: deputy.load for deputy in deputies}
    taken: dict[int, int | None] = {}
    for due, at in needed:
        there = [deputy for deputy in deputies if deputy.calendar.is_open(at)]
        chosen = min(
            there,
            key=lambda each: (
                not each.agent,
                load[each.id] - KNOWING * (due.customer_id in each.knows),
                each.id,
            ),
            default=None,
        )
        if chosen is not None:
            load[chosen.id] += 1
        taken[due.id] = chosen.id if chosen else None
    return taken
