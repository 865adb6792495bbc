"""What did a house lose, and what did it do twice? Counted from its rows and from what the provider was given."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit import Finding, audit
from tracker.model import Commitment, Direction, Dispatch, Event, EventKind, Message, MessageStatus, Revision
from tracker.queries import is_open
from web.simulator import SimulatorServer
from web.simulator.journal import Entry

ARRIVED = frozenset({"sent", "delivered"})
SAID_TO_HAVE_LEFT = frozenset({MessageStatus.ACCEPTED, MessageStatus.SENT, MessageStatus.DELIVERED})
IN_DOUBT = frozenset({MessageStatus.SENDING, MessageStatus.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What became of everything that was to be done. `wrong` must be empty."""

    steps: int
    """Climbed."""
    steps_lost: int
    """Due and not climbed, or climbed and nobody was to be told."""
    steps_doubled: int
    steps_disordered: int
    """Due times of which a step was climbed before an earlier one."""
    texts: int
    waiting: int
    """Still to be sent; when they are overdue the audit says so."""
    held: int
    """Suppressed, each with its reason."""
    staff_lost: int
    """Texts to colleagues that are not held and never reached the provider, or of which nobody knows."""
    customers_lost: int
    """Texts to customers that are said to have left, and the provider knows nothing of them."""
    customers_doubled: int
    unknown: int
    """Texts to customers of which nobody knows whether they left: a person is shown them."""
    again: int
    """Texts to colleagues that came more than once, as they may."""
    strange: int
    """Texts that the provider was given and no dispatch knows of."""

    @property
    def wrong(self) -> dict[str, int]:
        """What should not have happened, and how often it did."""
        found = {name: getattr(self, name) for name in NEVER}
        return {name: times for name, times in found.items() if times}


NEVER = (
    "steps_lost",
    "steps_doubled",
    "steps_disordered",
    "staff_lost",
    "customers_lost",
    "customers_doubled",
    "strange",
)


NOBODY_THERE = "owner or deputy on duty"
"""That rule of the audit speaks of people who are all away, which they may be here; not of what a program did."""


def audited(session: Session, now: datetime) -> list[Finding]:
    """What the audit finds that should never be found, whoever is away."""
    return [each for each in audit(session, now=now).findings if each.rule != NOBODY_THERE]


def count(session: Session, simulator: SimulatorServer) -> Score:
    """The score, once everything has come to rest."""
    arrived, strange = _arrived(session, simulator)
    messages = session.scalars(select(Message).where(Message.direction == Direction.OUT)).all()
    staff = [each for each in messages if each.person_id is not None]
    customers = [each for each in messages if each.person_id is None]
    return Score(
        **_steps(session, {(each.commitment_id, each.due_version, each.step) for each in messages}),
        texts=len(messages),
        waiting=sum(each.status is MessageStatus.PENDING for each in messages),
        held=sum(each.status is MessageStatus.SUPPRESSED for each in messages),
        staff_lost=sum(
            each.status in IN_DOUBT or (each.status in SAID_TO_HAVE_LEFT and not arrived[each.id])
            for each in staff
        ),
        customers_lost=sum(each.status in SAID_TO_HAVE_LEFT and not arrived[each.id] for each in customers),
        customers_doubled=sum(arrived[each.id] > 1 for each in customers),
        unknown=sum(each.status in IN_DOUBT for each in customers),
        again=sum(arrived[each.id] > 1 for each in staff),
        strange=strange,
    )


def _arrived(session: Session, simulator: SimulatorServer) -> tuple[Counter[int], int]:
    """How many texts arrived for each message of ours, and how many for none."""
    of = {row.token: row.message_id for row in session.execute(select(Dispatch.token, Dispatch.message_id))}
    arrived: Counter[int] = Counter()
    strange = 0
    for line in simulator.journal.of(Entry.CREATED):
        if line.facts["direction"] != "outbound-api":
            continue
        token = str(line.facts["status_callback"]).rpartition("/")[2]
        if token not in of:
            strange += 1
        elif simulator.find(str(line.facts["sid"])).status in ARRIVED:
            arrived[of[token]] += 1
    return arrived, strange


def _steps(session: Session, told: set[tuple[int | None, int | None, int | None]]) -> dict[str, int]:
    climbed: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in session.execute(
        select(Event.commitment_id, Event.due_version, Event.step)
        .where(Event.kind == EventKind.CLIMBED, Event.step.is_not(None))
        .order_by(Event.id)
    ):
        climbed[row.commitment_id, row.due_version].append(row.step or 0)
    moved = {(row.commitment_id, row.due_version): row.made_at for row in session.scalars(select(Revision))}
    lost = 0
    for each in session.scalars(select(Commitment).where(is_open())):
        ladder = each.ladder.laid_out
        first = ladder.first(each.due_at, now=moved.get((each.id, each.due_version), each.made_at))
        lost += len(set(range(first, ladder.last.number)) - set(climbed[each.id, each.due_version]))
    for (commitment, version), steps in climbed.items():
        lost += sum((commitment, version, step) not in told for step in steps)
    return {
        "steps": sum(map(len, climbed.values())),
        "steps_lost": lost,
        "steps_doubled": sum(len(steps) - len(set(steps)) for steps in climbed.values()),
        "steps_disordered": sum(steps != sorted(steps) for steps in climbed.values()),
    }
