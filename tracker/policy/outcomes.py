"""How did a commitment end, and what was that worth?

The verdict is a function of evidence alone: what was promised when, what was tried when, how it ended. Nobody
types it in, and nothing that happens after a deadline was missed can turn it into a kept promise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracker.policy.said import Said, say


class Disposition(StrEnum):
    """What one try to reach the customer came to."""

    REACHED = "reached"
    NO_ANSWER = "no answer"
    VOICEMAIL = "voicemail"
    BUSY = "busy"
    WRONG_NUMBER = "wrong number"


class Outcome(StrEnum):
    """How a commitment ended."""

    FULFILLED = "fulfilled"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled by customer"
    WITHDRAWN = "withdrawn by us"
    DUPLICATE = "duplicate"


class Verdict(StrEnum):
    """What the ending was worth to the customer."""

    KEPT_ON_TIME = "kept on time"
    KEPT_AS_RENEGOTIATED = "kept as renegotiated"
    ATTEMPTED_ON_TIME = "attempted on time"
    LATE = "late"
    BROKEN = "broken"
    NOT_COUNTED = "not counted"


KEPT = frozenset({Verdict.KEPT_ON_TIME, Verdict.KEPT_AS_RENEGOTIATED})
MISSED = frozenset({Verdict.LATE, Verdict.BROKEN})


@dataclass(frozen=True, slots=True)
class Change:
    """One revision. `told_at` is when the customer learned of the new time; None while they have not."""

    made_at: datetime
    due_at: datetime
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt to reach the customer."""

    at: datetime
    disposition: Disposition


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of how a promise was worked on; all that a verdict may be drawn from, beside its ending.

    Every time is aware; `changes` and `tries` are in order of time. `reopened_at` is the last reopening: what was
    reached before it did not hold.
    """

    first_due_at: datetime
    changes: Sequence[Change]
    tries: Sequence[Try]
    reopened_at: datetime | None = None

    @property
    def reached_at(self) -> datetime | None:
        """When the customer was first reached, since the last reopening; None if they were not."""
        reached = (t.at for t in self.tries if t.disposition is Disposition.REACHED and self._holds(t))
        return next(reached, None)

    @property
    def unanswered(self) -> int:
        """How many tries did not reach the customer."""
        return sum(t.disposition is not Disposition.REACHED for t in self.tries)

    def _holds(self, tried: Try) -> bool:
        return self.reopened_at is None or tried.at > self.reopened_at

    def deadlines(self) -> list[tuple[datetime, datetime | None]]:
        """The due times that were honestly in force, each with the moment it was replaced (None: never).

        A change that the customer never learned of moves nothing: they still wait for the earlier time. One
        that they learned of too late ends the list: the time it should have replaced had been missed by then.
        """
        honest: list[tuple[datetime, datetime | None]] = []
        due_at = self.first_due_at
        for change in self.changes:
            if change.told_at is None:
                continue
            agreed_at = max(change.made_at, change.told_at)
            if agreed_at > due_at:
                break
            honest.append((due_at, agreed_at))
            due_at = change.due_at
        return [*honest, (due_at, None)]

    def met(self, at: datetime) -> bool:
        """Was `at` no later than the due time that was in force at that moment?"""
        for due_at, replaced_at in self.deadlines():
            if replaced_at is None or at < replaced_at:
                return at <= due_at
        raise AssertionError("the last deadline is never replaced")

    def tried_on_time(self) -> bool:
        """Did somebody really try before the time was up? A try that reached but did not hold is none."""
        return any(
            self.met(t.at) for t in self.tries if t.disposition is not Disposition.REACHED or self._holds(t)
        )


def verdict(evidence: Evidence, outcome: Outcome, closed_at: datetime) -> Verdict:
    """The worth of an ending. The truth table stands in the tests.

    A fulfilled commitment was seen to when the customer was reached; what needs no talk (a refund) when it was
    closed with its reference.

    - A duplicate is never counted: the commitment that it doubles is.
    - Fulfilled by the first due time, and by the current one: kept on time. By a later time that was agreed
      with the customer before the earlier one passed: kept as renegotiated.
    - Seen to late, unreachable, or cancelled late: a real try in time counts for what it was.
    - Cancelled by the customer while there was still time: not counted.
    - Withdrawn by us: broken, for that is what it is to the customer.
    """
    fulfilled_at = evidence.reached_at or closed_at
    match outcome:
        case Outcome.DUPLICATE:
            return Verdict.NOT_COUNTED
        case Outcome.FULFILLED if evidence.met(fulfilled_at):
            if fulfilled_at <= evidence.first_due_at:
                return Verdict.KEPT_ON_TIME
            return Verdict.KEPT_AS_RENEGOTIATED
        case Outcome.FULFILLED:
            return Verdict.ATTEMPTED_ON_TIME if evidence.tried_on_time() else Verdict.LATE
        case Outcome.CANCELLED if evidence.met(closed_at):
            return Verdict.NOT_COUNTED
        case Outcome.CANCELLED | Outcome.UNREACHABLE:
            return Verdict.ATTEMPTED_ON_TIME if evidence.tried_on_time() else Verdict.BROKEN
        case Outcome.WITHDRAWN:
            return Verdict.BROKEN


def lacking(
    evidence: Evidence, outcome: Outcome, *, spoken: bool, reference: str, tries_wanted: int
) -> Said | None:
    """The proof that an ending still lacks, as a sentence; None when it may be claimed.

    `spoken`: only a conversation proves this kind. `tries_wanted`: attempts before giving up.
    """
    reached = evidence.reached_at is not None
    match outcome:
        case Outcome.FULFILLED if spoken and not reached:
            return say("Log the attempt that reached the customer first: that is the proof.")
        case Outcome.FULFILLED if not (reached or reference):
            return say(
                "Give the proof: an attempt that reached the customer, or a reference such as a refund's number."
            )
        case Outcome.UNREACHABLE if evidence.unanswered < tries_wanted:
            return say(
                "Attempts logged so far: %(tries)s of %(wanted)s. Try again before giving up.",
                tries=evidence.unanswered,
                wanted=tries_wanted,
            )
        case Outcome.CANCELLED if not (reached or reference):
            return say("Write how the customer told us, or log the attempt that reached them.")
        case Outcome.WITHDRAWN if not reference:
            return say("Write why we withdraw it: it counts as broken.")
    return None
