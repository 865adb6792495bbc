"""Why is the verdict what it is, and how may a promise end as things stand? In sentences, from the evidence."""

from collections.abc import Mapping

from tracker.model import Commitment
from tracker.policy.outcomes import Evidence, Outcome, Verdict
from web.i18n import _
from web.times import Watch, span
from web.words import OUTCOMES


def endings(evidence: Evidence, commitment: Commitment) -> list[tuple[str, str]]:
    """The outcomes to choose from: unreachable only after as many tries as the team wants."""
    enough = evidence.unanswered >= commitment.team.tries
    return [
        (outcome.value, _(words))
        for outcome, words in OUTCOMES.items()
        if outcome is not Outcome.UNREACHABLE or enough
    ]


def why(evidence: Evidence, commitment: Commitment, watch: Watch) -> str:
    """What the verdict rests on; empty while the promise is open."""
    if commitment.verdict is None or commitment.closed_at is None:
        return ""
    due_at = evidence.deadlines()[-1][0]
    seen_to = evidence.reached_at or commitment.closed_at
    facts = {
        "first": watch.says(evidence.first_due_at),
        "due": watch.says(due_at),
        "at": watch.says(seen_to),
        "late": span(seen_to - due_at) if seen_to > due_at else "",
    }
    match commitment.verdict:
        case Verdict.KEPT_ON_TIME if evidence.reached_at:
            return _("Promised for %(first)s; the customer was reached %(at)s.", **facts)
        case Verdict.KEPT_ON_TIME:
            return _("Promised for %(first)s; done %(at)s, with a reference as proof.", **facts)
        case Verdict.KEPT_AS_RENEGOTIATED:
            return _(
                "Promised for %(first)s; the customer heard of %(due)s in time, and it was done %(at)s.",
                **facts,
            )
        case Verdict.NOT_COUNTED:
            if commitment.outcome is Outcome.DUPLICATE:
                return _("It doubles another promise, and that one is scored.")
            return _("The customer called it off while there was still time.")
        case missed:
            return _why_missed(missed, commitment, facts)


def _why_missed(missed: Verdict, commitment: Commitment, facts: Mapping[str, str]) -> str:
    if missed is Verdict.ATTEMPTED_ON_TIME:
        return _("Somebody tried before %(due)s was up, but nobody was reached by then.", **facts)
    if missed is Verdict.LATE:
        return _("Due %(due)s; done %(at)s, %(late)s late, with no try in time.", **facts)
    if commitment.outcome is Outcome.WITHDRAWN:
        return _("We withdrew it: to the customer that is a broken promise.")
    return _("Nobody tried to reach the customer by %(due)s.", **facts)
