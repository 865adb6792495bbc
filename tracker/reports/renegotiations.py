"""Are promises moved openly and in time, and kept after that?"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.model import Commitment, Revision
from tracker.policy.outcomes import KEPT
from tracker.policy.said import Said, say
from tracker.reports.counting import COUNTED, percent
from tracker.reports.figures import Chart, Figures, Row, Scope

IN_TIME, TOO_LATE, NEVER = "in time", "too late", "never told"
LABELS = {
    IN_TIME: say("customer told before the old time"),
    TOO_LATE: say("told after the old time"),
    NEVER: say("never told"),
}


class Renegotiations:
    """The promises whose due time was moved, by when the customer learned of the worst of the moves."""

    name = "renegotiations"
    title = say("Renegotiations")
    question = say("When a promise was moved: did the customer know in time, and was it kept then?")

    def figures(self, session: Session, scope: Scope) -> Figures:
        """A row for each: told in time, too late, never."""
        all_ = session.scalar(select(func.count()).where(scope.fell_due(), *COUNTED)) or 0
        moves = session.execute(
            select(Commitment.id, Commitment.verdict, Revision.told_at, Revision.was_due_at)
            .join(Revision, Revision.commitment_id == Commitment.id)
            .where(scope.fell_due(), *COUNTED)
            .order_by(Commitment.id)
        ).all()
        worst: dict[int, str] = {}
        kept = {row.id for row in moves if row.verdict in KEPT}
        for row in moves:
            told = NEVER if row.told_at is None else TOO_LATE if row.told_at > row.was_due_at else IN_TIME
            worst[row.id] = max(worst.get(row.id, IN_TIME), told, key=list(LABELS).index)
        rows = [
            Row(
                key.replace(" ", "-"),
                label,
                {
                    "kept": [each for each, how in worst.items() if how == key and each in kept],
                    "moved": [each for each, how in worst.items() if how == key],
                },
            )
            for key, label in LABELS.items()
        ]
        return Figures(
            _finding(len(worst), len(kept), all_),
            {"kept": say("Kept"), "moved": say("Moved")},
            rows,
            Chart.INTERVALS,
            first=say("Customer"),
            share_of=("kept", "moved"),
        )


def _finding(moved: int, kept: int, all_: int) -> Said:
    return say(
        "Promises moved: %(moved)s of %(all)s (%(percent)s %%). Kept after that: %(kept)s.",
        moved=moved,
        all=all_,
        percent=percent(moved, all_),
        kept=kept,
    )
