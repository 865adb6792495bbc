"""Why were promises missed? By the causes that reviews found."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.model import Commitment, Review
from tracker.policy.causes import CAUSES, Cause
from tracker.policy.outcomes import MISSED
from tracker.policy.said import Said, say
from tracker.reports.counting import percent
from tracker.reports.figures import Chart, Figures, Row, Scope


class Causes:
    """The missed promises by the cause that a supervisor confirmed; what nobody has reviewed stands apart."""

    name = "causes"
    title = say("Why promises were missed")
    question = say(
        "Which causes did the reviews find? Only what was reviewed tells; the rest waits in the queue."
    )

    def figures(self, session: Session, scope: Scope) -> Figures:
        """A row a cause, the most frequent first."""
        rows = session.execute(
            select(Commitment.id, Review.cause)
            .outerjoin(Review, Review.commitment_id == Commitment.id)
            .where(scope.fell_due(), Commitment.verdict.in_(MISSED))
            .order_by(Commitment.id)
        ).all()
        by_cause = {cause: [row.id for row in rows if row.cause is cause] for cause in Cause}
        waiting = [row.id for row in rows if row.cause is None]
        found = sorted(by_cause.items(), key=lambda each: -len(each[1]))
        return Figures(
            _finding(found, len(rows) - len(waiting), len(waiting)),
            {"missed": say("Missed")},
            [
                *(Row(cause.value, CAUSES[cause], {"missed": ids}) for cause, ids in found if ids),
                Row("waiting", say("not reviewed yet"), {"missed": waiting}),
            ],
            Chart.BARS,
            first=say("Cause"),
        )


def _finding(found: list[tuple[Cause, list[int]]], reviewed: int, waiting: int) -> Said:
    if not reviewed:
        return say("No miss has been reviewed. Waiting for it: %(waiting)s.", waiting=waiting)
    cause, ids = found[0]
    return say(
        "Most frequent of the reviewed misses: %(cause)s, %(count)s of %(reviewed)s (%(percent)s %%). Still to "
        "review: %(waiting)s.",
        cause=CAUSES[cause],
        count=len(ids),
        reviewed=reviewed,
        percent=percent(len(ids), reviewed),
        waiting=waiting,
    )
