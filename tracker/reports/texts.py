"""What became of the texts we sent?"""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.model import Commitment, Direction, Message, MessageStatus
from tracker.policy.said import Said, say
from tracker.policy.wording import TextKind
from tracker.reports.counting import percent
from tracker.reports.figures import Chart, Figures, Row, Scope

FATES = {
    "arrived": (MessageStatus.DELIVERED,),
    "under way": (MessageStatus.PENDING, MessageStatus.SENDING, MessageStatus.ACCEPTED, MessageStatus.SENT),
    "not delivered": (MessageStatus.UNDELIVERED, MessageStatus.FAILED),
    "unknown": (MessageStatus.UNKNOWN,),
    "not sent": (MessageStatus.SUPPRESSED,),
}
COLUMNS = {
    "texts": say("Texts"),
    "arrived": say("Arrived"),
    "under-way": say("Under way"),
    "not-delivered": say("Not delivered"),
    "unknown": say("Unknown"),
    "not-sent": say("Not sent"),
}
KINDS: Mapping[str, Said] = {
    TextKind.PROMISED: say("confirmation"),
    TextKind.RENEGOTIATED: say("new time"),
    TextKind.APOLOGY: say("apology"),
    TextKind.HANDED_OVER: say("new owner"),
    TextKind.UNREACHED: say("we called"),
    TextKind.REMINDER: say("reminder to the owner"),
    TextKind.DUE: say("due, to the owner"),
    TextKind.YOURS_NOW: say("yours now"),
    TextKind.ESCALATION: say("escalation"),
    TextKind.STILL_OPEN: say("still open"),
    TextKind.UNCOVERED: say("nobody on duty"),
    TextKind.KEPT_IT: say("did we keep it?"),
    TextKind.NOT_KEPT: say("the customer says no"),
    TextKind.CALL_WANTED: say("the customer wants a call"),
    TextKind.CHOSEN: say("the customer chose a time"),
    TextKind.SAY_MORE: say("asked back"),
    TextKind.USE_THE_PAGE: say("sent to the page"),
}


class Texts:
    """Texts written in that time, by their kind, and what became of each."""

    name = "texts"
    title = say("Texts")
    question = say(
        "Did our texts arrive? “Not sent” are those held back: closed before, opted out, or too late."
    )

    def figures(self, session: Session, scope: Scope) -> Figures:
        """A row a kind of text, the most frequent first; a commitment counts once for each text about it."""
        rows = session.execute(
            select(Message.commitment_id, Message.kind, Message.status)
            .join(Commitment, Commitment.id == Message.commitment_id)
            .where(
                scope.commitments(),
                Message.direction == Direction.OUT,
                Message.made_at >= scope.since,
                Message.made_at < scope.until,
            )
            .execution_options(yield_per=1000)
        )
        column = {status: fate.replace(" ", "-") for fate, statuses in FATES.items() for status in statuses}
        counted: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            counted[row.kind]["texts"].append(row.commitment_id)
            counted[row.kind][column[row.status]].append(row.commitment_id)
        lines = [Row(kind, KINDS.get(kind, kind), dict(columns)) for kind, columns in counted.items()]
        lines.sort(key=lambda line: (-len(line.counted["texts"]), line.key))
        return Figures(_finding(lines), COLUMNS, lines, Chart.STACK, first=say("Kind"))


def _finding(lines: list[Row]) -> Said:
    def sum_of(column: str) -> int:
        return sum(len(line.counted.get(column, ())) for line in lines)

    arrived, bad = sum_of("arrived"), sum_of("not-delivered")
    settled = arrived + bad + sum_of("unknown")
    return say(
        "Texts that arrived, of those whose fate is decided: %(arrived)s of %(settled)s (%(percent)s %%). Not "
        "delivered: %(bad)s; unknown: %(unknown)s.",
        arrived=arrived,
        settled=settled,
        percent=percent(arrived, settled),
        bad=bad,
        unknown=sum_of("unknown"),
    )
