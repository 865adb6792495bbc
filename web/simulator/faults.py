"""How can the simulator be told to break, and which of the standing orders strikes now?

A test orders a Fault; the order strikes the next times it applies, or with some chance. What a kind of
fault does is written down once: answers to requests in answers.BREAKAGES, webhooks in webhooks.MISCHIEF,
the rest in PLACES and where the thing happens.
"""

import random
import threading
from dataclasses import dataclass
from enum import StrEnum


class On(StrEnum):
    """What a fault strikes. The first five are requests to the API, the next two are calls of our
    webhooks."""

    CREATE = "create"
    FETCH = "fetch"
    LIST = "list"
    UPDATE = "update"
    DELETE = "delete"
    CALLBACK = "callback"
    INBOUND = "inbound"
    BIRTH = "birth"
    DELIVERY = "delivery"
    LISTING = "listing"
    LINE = "line"


class FaultKind(StrEnum):
    """Every way to break."""

    # the answer to a request
    TOO_MANY = "too_many"
    REJECTED = "rejected"
    SERVER_ERROR = "server_error"
    UNAVAILABLE = "unavailable"
    BAD_GATEWAY = "bad_gateway"
    REDIRECT = "redirect"
    CUT_BODY = "cut_body"
    HTML = "html"
    HANG_UP = "hang_up"
    RESET = "reset"
    SLOW = "slow"
    # a webhook call
    DROPPED = "dropped"
    DOUBLED = "doubled"
    REORDERED = "reordered"
    FORGED = "forged"
    # the message itself
    EARLY = "early"
    FAILED_AT_ONCE = "failed_at_once"
    HELD = "held"
    UNDELIVERED = "undelivered"
    LISTING_LAG = "listing_lag"
    # the line
    REFUSED = "refused"


_REQUESTS = (On.CREATE, On.FETCH, On.LIST, On.UPDATE, On.DELETE)
_WEBHOOKS = (On.CALLBACK, On.INBOUND)

# Where each kind can strike; the first is where it does unless the order says otherwise.
PLACES: dict[FaultKind, tuple[On, ...]] = {
    FaultKind.TOO_MANY: _REQUESTS,
    FaultKind.REJECTED: _REQUESTS,
    FaultKind.SERVER_ERROR: _REQUESTS,
    FaultKind.UNAVAILABLE: _REQUESTS,
    FaultKind.BAD_GATEWAY: _REQUESTS,
    FaultKind.REDIRECT: _REQUESTS,
    FaultKind.CUT_BODY: _REQUESTS,
    FaultKind.HTML: _REQUESTS,
    FaultKind.HANG_UP: _REQUESTS,
    FaultKind.RESET: _REQUESTS,
    FaultKind.SLOW: _REQUESTS,
    FaultKind.DROPPED: _WEBHOOKS,
    FaultKind.DOUBLED: _WEBHOOKS,
    FaultKind.REORDERED: _WEBHOOKS,
    FaultKind.FORGED: _WEBHOOKS,
    FaultKind.EARLY: (On.BIRTH,),
    FaultKind.FAILED_AT_ONCE: (On.BIRTH,),
    FaultKind.HELD: (On.BIRTH,),
    FaultKind.UNDELIVERED: (On.DELIVERY,),
    FaultKind.LISTING_LAG: (On.LISTING,),
    FaultKind.REFUSED: (On.LINE,),
}

# Kinds of which only one answer to "was it done?" makes sense: a 429 was never processed, and a cut or late
# answer needs an answer to cut or delay.
_NEVER_DONE = frozenset({FaultKind.TOO_MANY, FaultKind.REJECTED})
_ALWAYS_DONE = frozenset({FaultKind.CUT_BODY, FaultKind.SLOW})
_DONE_UNLESS_TOLD = frozenset({FaultKind.HTML, FaultKind.HANG_UP, FaultKind.RESET})


@dataclass(frozen=True, slots=True)
class Fault:
    """One order.

    kind: how to break. on: what to strike; None: the kind's usual place.
    times: how often; None: until the orders are cleared. chance: of striking each time it applies, in (0, 1],
    drawn from a generator of this order's own, started with seed.
    to: only where this phone is concerned, E.164; None: any.
    seconds: the Retry-After (too_many, default 2), the delay (slow, default 5; reordered, default 10), how
    long the message waits in the queue (held, default 600), how long new messages stay out of listings
    (listing_lag, default 600) or how long connections are refused (refused, default 2); at most 36,000.
    Slow and refused pass in real time, the others in the simulator's.
    code: the error code (rejected, default 20001; undelivered, default 30003; failed_at_once, default 30001).
    done: whether what was asked for is done although the answer does not say so; None: no for server_error,
    unavailable, bad_gateway and redirect, yes for html, hang_up and reset. The other kinds leave no choice.

    Raises ValueError, with a sentence that says how to mend it.
    """

    kind: FaultKind
    on: On | None = None
    times: int | None = 1
    chance: float = 1.0
    seed: int = 0
    to: str | None = None
    seconds: float | None = None
    code: int | None = None
    done: bool | None = None

    def __post_init__(self) -> None:
        if self.on is not None and self.on not in PLACES[self.kind]:
            places = ", ".join(PLACES[self.kind])
            raise ValueError(f"A {self.kind} fault cannot strike on {self.on}; it can on: {places}.")
        if not 0 < self.chance <= 1:
            raise ValueError(f"chance must be above 0 and at most 1, not {self.chance}.")
        if self.times is not None and self.times < 1:
            raise ValueError(f"times must be at least 1, or null for always, not {self.times}.")
        if self.seconds is not None and not 0 <= self.seconds <= 36_000:
            raise ValueError(f"seconds must be between 0 and 36000, not {self.seconds}.")
        if self.done is not None and self.kind in _NEVER_DONE | _ALWAYS_DONE:
            raise ValueError(f"done cannot be chosen for {self.kind}; leave it out.")

    @property
    def place(self) -> On:
        """What it strikes."""
        return self.on or PLACES[self.kind][0]

    @property
    def is_done(self) -> bool:
        """Whether what was asked for is done all the same."""
        if self.done is not None:
            return self.done
        return self.kind in _ALWAYS_DONE | _DONE_UNLESS_TOLD


class FaultBook:
    """The standing orders. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._standing: list[_Standing] = []

    def order(self, fault: Fault) -> None:
        """From now on the fault strikes where it applies."""
        with self._lock:
            self._standing.append(_Standing(fault))

    def clear(self) -> None:
        """Forget all orders."""
        with self._lock:
            self._standing.clear()

    def standing(self) -> list[Fault]:
        """The orders that can still strike, oldest first."""
        with self._lock:
            return [order.fault for order in self._standing]

    def draw(self, on: On, to: str | None = None) -> Fault | None:
        """The fault that strikes here and now, if any: the oldest order that applies and whose chance comes
        up."""
        with self._lock:
            for order in self._standing:
                if order.strikes(on, to):
                    if order.left == 0:
                        self._standing.remove(order)
                    return order.fault
        return None


class _Standing:
    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.left = fault.times
        self._random = random.Random(fault.seed)  # noqa: S311 - a repeatable test, not a secret

    def strikes(self, on: On, to: str | None) -> bool:
        if self.fault.place is not on or self.fault.to not in (None, to):
            return False
        if self._random.random() >= self.fault.chance:
            return False
        if self.left is not None:
            self.left -= 1
        return True
