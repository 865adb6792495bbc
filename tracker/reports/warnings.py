"""Did a warning before the deadline save the promise?"""

from collections import defaultdict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.model import Commitment, Event, EventKind
from tracker.policy.outcomes import KEPT
from tracker.policy.said import Said, say
from tracker.reports.counting import COUNTED, percent
from tracker.reports.figures import Chart, Figures, Row, Scope

DEEDS = {
    EventKind.REASSIGNED: say("handed over"),
    EventKind.REVISED: say("new time agreed"),
    EventKind.ATTEMPTED: say("tried at once"),
}
"""What may be done after a warning; the first of them that was done names the row."""
NOTHING = say("nothing done before it was due")


class Warnings:
    """The promises we were warned of as at risk, by what was done before they were due, and whether it saved them."""

    name = "warnings"
    title = say("Warnings that saved a promise")
    question = say("When a promise was at risk and we were warned: what was done, and was it kept?")

    def figures(self, session: Session, scope: Scope) -> Figures:
        """A row for each deed, and one for none."""
        warned = (
            select(Event.commitment_id, func.min(Event.at).label("at"))
            .where(Event.kind == EventKind.WARNED)
            .group_by(Event.commitment_id)
            .subquery()
        )
        verdicts = {
            row.id: row.verdict
            for row in session.execute(
                select(Commitment.id, Commitment.verdict)
                .join(warned, warned.c.commitment_id == Commitment.id)
                .where(scope.fell_due(), *COUNTED)
                .order_by(Commitment.id)
            )
        }
        done = {
            row.commitment_id: row.kind
            for row in session.execute(
                select(Event.commitment_id, Event.kind)
                .join(warned, warned.c.commitment_id == Event.commitment_id)
                .join(Commitment, Commitment.id == Event.commitment_id)
                .where(
                    scope.fell_due(),
                    Event.kind.in_(DEEDS),
                    Event.at >= warned.c.at,
                    Event.at <= Commitment.first_due_at,
                )
                .order_by(Event.at.desc(), Event.id.desc())
            )
        }
        groups: dict[EventKind | None, list[int]] = defaultdict(list)
        for number in verdicts:
            groups[done.get(number)].append(number)
        saved = {number for number, verdict in verdicts.items() if verdict in KEPT}
        labels: list[tuple[EventKind | None, Said]] = [*DEEDS.items(), (None, NOTHING)]
        rows = [
            Row(
                kind.value if kind else "nothing",
                label,
                {
                    "saved": [each for each in groups[kind] if each in saved],
                    "warned": groups[kind],
                },
            )
            for kind, label in labels
        ]
        return Figures(
            _finding(len(saved), len(verdicts)),
            {"saved": say("Saved"), "warned": say("Warned of")},
            rows,
            Chart.INTERVALS,
            first=say("After the warning"),
            share_of=("saved", "warned"),
        )


def _finding(saved: int, warned: int) -> Said:
    if not warned:
        return say("No promise that is closed was warned of.")
    return say(
        "Promises at risk that were saved: %(saved)s of %(warned)s (%(percent)s %%).",
        saved=saved,
        warned=warned,
        percent=percent(saved, warned),
    )
