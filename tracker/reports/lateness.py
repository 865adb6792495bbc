"""How late are the late ones?"""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.evidence import gather
from tracker.model import Commitment
from tracker.policy.outcomes import MISSED, Outcome
from tracker.policy.rates import quantile
from tracker.policy.said import Said, say
from tracker.reports.figures import Chart, Figures, Row, Scope

CHUNK = 500
FEWEST_SHARED = 10
"""Nine of ten are none of fewer."""
BINS: tuple[tuple[str, Said, timedelta], ...] = (
    ("15m", say("up to 15 min"), timedelta(minutes=15)),
    ("1h", say("15 min to 1 h"), timedelta(hours=1)),
    ("4h", say("1 to 4 h"), timedelta(hours=4)),
    ("1d", say("4 h to a day"), timedelta(days=1)),
    ("3d", say("1 to 3 days"), timedelta(days=3)),
    ("more", say("more than 3 days"), timedelta.max),
)


class Lateness:
    """From the last due time that the customer knew of until they were seen to; never, where they were not."""

    name = "lateness"
    title = say("How late the late ones are")
    question = say("How long after the time they knew of did customers wait whose promise was missed?")

    def figures(self, session: Session, scope: Scope) -> Figures:
        """A row for each span of lateness, and one for those who were never seen to."""
        late: list[tuple[float, int]] = []
        never: list[int] = []
        for number, waited in _waited(session, scope):
            if waited is None:
                never.append(number)
            else:
                late.append((waited.total_seconds(), number))
        late.sort()
        rows, shortest = [], 0.0
        for key, label, longest in BINS:
            within = [number for seconds, number in late if shortest < seconds <= longest.total_seconds()]
            rows.append(Row(key, label, {"missed": within}))
            shortest = longest.total_seconds()
        rows.append(Row("never", say("never seen to"), {"missed": never}))
        return Figures(
            _finding([seconds for seconds, _ in late], len(never)),
            {"missed": say("Missed")},
            rows,
            Chart.BARS,
            first=say("Late by"),
        )


def _waited(session: Session, scope: Scope) -> Iterator[tuple[int, timedelta | None]]:
    missed = select(Commitment).where(scope.fell_due(), Commitment.verdict.in_(MISSED))
    for some in session.scalars(missed.execution_options(yield_per=CHUNK)).partitions():
        evidence = gather(session, some)
        for each in some:
            seen_to = evidence[each.id].reached_at or each.closed_at
            known = evidence[each.id].deadlines()[-1][0]
            fulfilled = each.outcome is Outcome.FULFILLED and seen_to is not None
            yield each.id, seen_to - known if fulfilled and seen_to else None


def _finding(late: list[float], never: int) -> Said:
    if not late:
        return say("No promise was seen to late. Never seen to: %(never)s.", never=never)
    if len(late) < FEWEST_SHARED:
        longest = timedelta(seconds=late[-1])
        return say(
            "Late: %(count)s, the longest by %(longest)s. Never seen to: %(never)s.",
            count=len(late),
            longest=longest,
            never=never,
        )
    return say(
        "Half of the %(count)s late ones came within %(half)s, nine of ten within %(most)s. Never seen to: "
        "%(never)s.",
        count=len(late),
        half=timedelta(seconds=quantile(late, 0.5)),
        most=timedelta(seconds=quantile(late, 0.9)),
        never=never,
    )
