"""Why was a promise missed? What the evidence says, the most telling first; a person confirms or corrects it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tracker.policy.rates import unusually_many
from tracker.policy.said import Said, say

UNLIKELY = 0.5
"""A chance below this was no promise one could give."""
SLEPT = timedelta(minutes=10)
"""A step that fired so much later than it was due: nothing was running."""
SPIKE = 4
"""Fewer promises due in one hour are no spike, however quiet the hour usually is."""


class Cause(StrEnum):
    """Why a promise was missed, as a review finds it."""

    OVER_PROMISED = "over-promised"
    OWNER_ABSENT = "owner absent"
    DEMAND_SPIKE = "demand spike"
    NOT_ATTEMPTED = "not attempted"
    TEXT_NOT_DELIVERED = "text not delivered"
    CUSTOMER_UNREACHABLE = "customer unreachable"
    SYSTEM_DOWN = "system down"
    OTHER = "other"


CAUSES: Mapping[Cause, Said] = {
    Cause.OVER_PROMISED: say("over-promised"),
    Cause.OWNER_ABSENT: say("owner absent"),
    Cause.DEMAND_SPIKE: say("demand spike"),
    Cause.NOT_ATTEMPTED: say("not attempted"),
    Cause.TEXT_NOT_DELIVERED: say("text not delivered"),
    Cause.CUSTOMER_UNREACHABLE: say("customer unreachable"),
    Cause.SYSTEM_DOWN: say("system down"),
    Cause.OTHER: say("something else"),
}
"""Each in words, as they stand within a sentence."""


@dataclass(frozen=True, slots=True)
class Miss:
    """What is known of a missed promise.

    `time_given`: from the promise to its due time; `usual_time`: in which 80 % of such promises were kept before,
    None while too few are known. `chance`: what the advice gave it, 0 to 1, None while that means nothing. `absent`:
    the owner was not at work in the hour before it was due. `due_that_hour`: the team's promises due within its hour;
    `usually_due`: the mean of that hour on other days, None without any. `text_failed`: one about it had not arrived
    by then.
    `slept`: the longest that a step fired after its time. `tries`: attempts by the due time, `tries_later` after it.
    """

    owner: str
    kind: str
    time_given: timedelta
    usual_time: timedelta | None
    chance: float | None
    absent: bool
    due_that_hour: int
    usually_due: float | None
    tries: int
    tries_later: int
    reached: bool
    text_failed: bool
    slept: timedelta


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause that the evidence speaks for, and the sentence why."""

    cause: Cause
    why: Said


def findings(miss: Miss) -> list[Finding]:
    """Every cause that the evidence speaks for; the first is the one to propose. Never empty."""
    found = [Finding(cause, why) for cause, rule in RULES.items() if (why := rule(miss)) is not None]
    nothing = say("Nothing in the records explains it: ask whoever answered for it.")
    return found or [Finding(Cause.OTHER, nothing)]


def _system_down(miss: Miss) -> Said | None:
    if miss.slept < SLEPT:
        return None
    return say("A step fired %(late)s after its time: no worker was running.", late=miss.slept)


def _owner_absent(miss: Miss) -> Said | None:
    return (
        say("%(owner)s was not at work in the hour before it was due.", owner=miss.owner)
        if miss.absent
        else None
    )


def _text_not_delivered(miss: Miss) -> Said | None:
    if not miss.text_failed or miss.tries:
        return None
    return say("A text about it did not arrive before it was due, and nobody tried by then.")


def _unreachable(miss: Miss) -> Said | None:
    if miss.reached or miss.tries + miss.tries_later < 2:
        return None
    return say(
        "%(tries)s attempts were logged, and none of them reached the customer.",
        tries=miss.tries + miss.tries_later,
    )


def _over_promised(miss: Miss) -> Said | None:
    if miss.chance is not None and miss.chance < UNLIKELY:
        return say("The advice gave it a chance of %(chance)s %%.", chance=round(miss.chance * 100))
    if miss.usual_time is None or miss.time_given >= miss.usual_time:
        return None
    return say(
        "It was promised within %(given)s; 80 %% of those of kind %(kind)s took up to %(usual)s.",
        given=miss.time_given,
        kind=say(miss.kind),
        usual=miss.usual_time,
    )


def _demand_spike(miss: Miss) -> Said | None:
    if miss.usually_due is None or miss.due_that_hour < SPIKE:
        return None
    if not unusually_many(miss.due_that_hour, miss.usually_due):
        return None
    return say(
        "%(count)s promises of the team were due in that hour; usually it is %(usual)s.",
        count=miss.due_that_hour,
        usual=round(miss.usually_due, 1),
    )


def _not_attempted(miss: Miss) -> Said | None:
    return None if miss.tries else say("Nobody tried before it was due.")


RULES: dict[Cause, Callable[[Miss], Said | None]] = {
    Cause.SYSTEM_DOWN: _system_down,
    Cause.OWNER_ABSENT: _owner_absent,
    Cause.TEXT_NOT_DELIVERED: _text_not_delivered,
    Cause.CUSTOMER_UNREACHABLE: _unreachable,
    Cause.DEMAND_SPIKE: _demand_spike,
    Cause.OVER_PROMISED: _over_promised,
    Cause.NOT_ATTEMPTED: _not_attempted,
}
"""From what nobody in the team could help to what somebody could; the order is that of the proposals."""


@dataclass(frozen=True, slots=True)
class Named:
    """A team, a kind or an owner: `key` is nobody else's, `name` may be."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A reviewed miss: its cause, and whose and what it was."""

    cause: Cause
    team: Named
    kind: Named
    owner: Named


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A cause that came back: `hits` of `total` reviewed misses have it, all of one kind, one owner or one team."""

    cause: Cause
    of: str
    """What they have in common: team, kind or owner."""
    which: Named
    hits: int
    total: int


OFTEN = 2
"""Once is no pattern."""


def recurring(reviewed: Iterable[Reviewed]) -> list[Recurrence]:
    """The causes that came back within one kind, owner or team, the most frequent first. What holds for a whole
    team is left out where one kind or one owner accounts for all of it: the narrower one is easier to mend."""
    all_ = list(reviewed)
    counted = Counter(
        (each.cause, of, getattr(each, of)) for each in all_ for of in ("kind", "owner", "team")
    )
    often = [
        Recurrence(cause, of, which, hits, len(all_))
        for (cause, of, which), hits in counted.items()
        if hits >= OFTEN
    ]
    narrow = {(each.cause, each.hits) for each in often if each.of != "team"}
    telling = [each for each in often if each.of != "team" or (each.cause, each.hits) not in narrow]
    return sorted(telling, key=lambda each: (-each.hits, each.cause, each.of, each.which.name))
