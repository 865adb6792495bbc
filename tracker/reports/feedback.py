"""What do customers say of how we kept our word?"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.model import Commitment, Feedback
from tracker.policy.said import Said, say
from tracker.reports.figures import Chart, Figures, Row, Scope

SCORES = (5, 4, 3, 2, 1)


class Judged:
    """Feedback given in that time: the scores, and whether the customer says that it was kept."""

    name = "feedback"
    title = say("Feedback")
    question = say("Which score from 1 to 5 did customers give, and did they say that we had kept our word?")

    def figures(self, session: Session, scope: Scope) -> Figures:
        """A row a score, the best first, and one for answers without a score."""
        given = session.execute(
            select(Feedback.commitment_id, Feedback.score, Feedback.kept)
            .join(Commitment, Commitment.id == Feedback.commitment_id)
            .where(scope.commitments(), Feedback.at >= scope.since, Feedback.at < scope.until)
            .order_by(Feedback.id)
        ).all()
        labels: dict[int | None, Said] = {
            **{score: say("%(score)s of 5", score=score) for score in SCORES},
            None: say("no score"),
        }
        rows = [
            Row(
                str(score or "none"),
                label,
                {
                    "answers": [row.commitment_id for row in given if row.score == score],
                    "kept": [row.commitment_id for row in given if row.score == score and row.kept],
                    "not-kept": [
                        row.commitment_id for row in given if row.score == score and row.kept is False
                    ],
                },
            )
            for score, label in labels.items()
        ]
        columns = {"answers": say("Answers"), "kept": say("“You kept it”"), "not-kept": say("“You did not”")}
        return Figures(
            _finding([row.score for row in given if row.score], sum(row.kept is False for row in given)),
            columns,
            rows,
            Chart.BARS,
            first=say("Score"),
        )


def _finding(scores: list[int], not_kept: int) -> Said:
    if not scores:
        return say(
            "No customer has given a score. Said that we had not kept our word: %(not_kept)s.",
            not_kept=not_kept,
        )
    return say(
        "%(mean)s of 5 on average; scores: %(count)s. Said that we had not kept our word: %(not_kept)s.",
        mean=round(sum(scores) / len(scores), 1),
        count=len(scores),
        not_kept=not_kept,
    )
