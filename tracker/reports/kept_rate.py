"""How many promises were kept, week by week?"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.model import Commitment, Person
from tracker.policy.outcomes import KEPT, Verdict
from tracker.queries import visible_to
from tracker.reports.shares import Share


class KeptRate:
    """Kept, on time or as renegotiated, of all closed that count; by the week they were first due in."""

    name = "kept-rate"
    title = "Promises kept"
    question = "Of the promises that fell due in each week, how many were kept?"

    def shares(
        self, session: Session, viewer: Person, *, since: datetime, until: datetime
    ) -> Sequence[Share]:
        """A row a week, the weeks without a promise too; weeks begin on Monday where the viewer is."""
        closed = select(Commitment.first_due_at, Commitment.verdict).where(
            Commitment.first_due_at >= since,
            Commitment.first_due_at < until,
            Commitment.verdict.is_not(None),
            Commitment.verdict != Verdict.NOT_COUNTED,
            visible_to(viewer),
        )
        zone = ZoneInfo(viewer.zone)
        kept: Counter[datetime] = Counter()
        counted: Counter[datetime] = Counter()
        for row in session.execute(closed.execution_options(yield_per=1000)):
            week = _monday(row.first_due_at, zone)
            counted[week] += 1
            kept[week] += row.verdict in KEPT
        return [Share(f"{week:%Y-%m-%d}", kept[week], counted[week]) for week in _weeks(since, until, zone)]


def _monday(at: datetime, zone: ZoneInfo) -> datetime:
    local = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return local - timedelta(days=local.weekday())


def _weeks(since: datetime, until: datetime, zone: ZoneInfo) -> list[datetime]:
    first, last = _monday(since, zone), _monday(until - timedelta(microseconds=1), zone)
    return [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]
