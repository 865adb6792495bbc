"""What would this program have done with a log of real cases? The log through the real operations, fast-forwarded.

Each case becomes a commitment made at its opened_at and promised by one stated rule: three days later, rounded up to
the quarter hour. It is fulfilled at its done_at. Between the cases the clock stops at every quarter hour at which
something is due: since promises fall on quarter hours and the default ladder's offsets are quarter hours too, every
step climbs at exactly its time.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tracker import commitments, people
from tracker.caselog import Case
from tracker.channels import Channels
from tracker.delivery import deliver
from tracker.escalation import climb
from tracker.model import (
    Commitment,
    Customer,
    Event,
    EventKind,
    Message,
    MessageStatus,
    Person,
    Role,
    Team,
)
from tracker.policy.checks import Refused
from tracker.policy.outcomes import KEPT, Disposition, Outcome, Verdict

PROMISED = timedelta(days=3)
QUARTER = timedelta(minutes=15)
RULE = "promised for three days after opening, rounded up to the quarter hour"
TEAM = "Replay"
NOBODY = "unknown"
"""Who did the cases that name no agent."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of the log. `kept_rate` is the share kept, of those that count."""

    made: int
    closed: int
    kept_rate: float | None
    verdicts: Mapping[str, int]
    steps: Mapping[str, int]
    texts: Mapping[str, int]
    suppressed: int
    until: datetime


def quarter_from(at: datetime) -> datetime:
    """That moment if it is a whole quarter hour, else the next one."""
    return at + (EPOCH - at) % QUARTER


class Replay:
    """One log on its way through the operations. Interrupted and started again, it goes on where it was: what is
    in the database already is not done twice."""

    def __init__(
        self, sessions: sessionmaker[Session], channels: Channels, cases: list[Case], zone: ZoneInfo
    ) -> None:
        self.sessions = sessions
        self.channels = channels
        self.cases = cases
        self.session = sessions()
        with self.session.begin():
            self.team = self._team(zone)
            self.people = self._people()
            refs = select(Commitment.external_ref, Commitment.id, Commitment.closed_at)
            known = self.session.execute(refs.where(Commitment.external_ref.is_not(None))).all()
            self.numbers = {row.external_ref: row.id for row in known}
            self.closed = {row.external_ref for row in known if row.closed_at is not None}
        ends = [case.done_at or case.opened_at for case in cases]
        self.until = quarter_from(max(ends, default=EPOCH))

    def run(self, progress: Callable[[int], object]) -> Replayed:
        """Replay everything; `progress` hears how many happenings of the log were passed."""
        happenings = self._happenings()
        ahead = next(happenings, None)
        clock = quarter_from(self.cases[0].opened_at) if self.cases else self.until
        while ahead is not None or clock < self.until:
            clock = self._next_stop(ahead[0] if ahead else self.until, clock)
            passed = 0
            with self.session.begin():
                while ahead is not None and ahead[0] < clock:
                    self._happen(*ahead)
                    ahead = next(happenings, None)
                    passed += 1
            climb(self.sessions, now=clock)
            deliver(self.sessions, self.channels, now=clock)
            progress(passed)
        self.session.close()
        return self._summary()

    def _happenings(self) -> Iterator[tuple[datetime, Case, bool]]:
        """Openings and endings in order of time, endings of a moment last."""
        everything = [(case.opened_at, case, False) for case in self.cases]
        everything += [(case.done_at, case, True) for case in self.cases if case.done_at]
        everything.sort(key=lambda each: (each[0], each[2]))
        return iter(everything)

    def _next_stop(self, happens_at: datetime, clock: datetime) -> datetime:
        """The next quarter hour at which anything may be due: nothing can happen in between."""
        happens_by = quarter_from(happens_at + timedelta(microseconds=1))
        if happens_by <= clock + QUARTER:
            return clock + QUARTER
        with self.session.begin():
            step_at = self.session.scalar(select(func.min(Commitment.next_step_at)))
            send_at = self.session.scalar(
                select(func.min(Message.send_after)).where(Message.status == MessageStatus.PENDING)
            )
        soonest = min(quarter_from(at) for at in (happens_by, step_at, send_at) if at is not None)
        return max(soonest, clock + QUARTER)

    def _happen(self, at: datetime, case: Case, ends: bool) -> None:
        if ends and case.case_id not in self.closed:
            self._end(case, at)
        elif not ends and case.case_id not in self.numbers:
            self._open(case, at)

    def _open(self, case: Case, at: datetime) -> None:
        number = len(self.numbers)
        customer = Customer(
            name=f"Customer {case.case_id}"[:120],
            given_name="Customer",
            phone=f"+3197{number:09d}",
            zone=self.team.zone,
            language=self.team.language,
            made_at=at,
        )
        self.session.add(customer)
        owner = self.people[case.agent or NOBODY]
        commitment = commitments.make(
            self.session,
            by=owner,
            team=self.team,
            customer=customer,
            owner=owner,
            kind="callback",
            topic=f"{case.kind or 'other'}, {case.case_id}",
            due_at=quarter_from(at + PROMISED),
            now=at,
            external_ref=case.case_id,
        )
        self.numbers[case.case_id] = commitment.id

    def _end(self, case: Case, at: datetime) -> None:
        agent = self.people[case.agent or NOBODY]
        commitment = commitments.find(self.session, self.numbers[case.case_id], by=agent)
        commitments.log_attempt(self.session, commitment, by=agent, disposition=Disposition.REACHED, now=at)
        commitments.close(
            self.session, commitment, by=agent, outcome=Outcome.FULFILLED, announce=False, now=at
        )
        self.closed.add(case.case_id)

    def _team(self, zone: ZoneInfo) -> Team:
        others = select(func.count()).select_from(Team).where(Team.name != TEAM)
        if self.session.scalar(others):
            raise Refused(
                "This database is in use: a replay turns the clock back, so it needs one of its own. "
                "Set TRACKER_DATABASE_URL to an empty one."
            )
        known = self.session.scalar(select(Team).where(Team.name == TEAM))
        return known or people.add_team(self.session, name=TEAM, zone=zone.key, region="NL", now=EPOCH)

    def _people(self) -> dict[str, Person]:
        known = {person.name: person for person in self.session.scalars(select(Person))}
        names = ["Supervisor", *sorted({case.agent or NOBODY for case in self.cases})]
        for name in names:
            if name not in known:
                number = len(known)
                known[name] = people.add_person(
                    self.session,
                    role=Role.SUPERVISOR if name == "Supervisor" else Role.AGENT,
                    name=name,
                    email=f"agent{number}@replay.example",
                    team=self.team,
                    phone=f"+3161{number:07d}",
                )
        return known

    def _summary(self) -> Replayed:
        with self.sessions() as session:
            verdicts = {
                str(verdict): count
                for verdict, count in session.execute(
                    select(Commitment.verdict, func.count())
                    .where(Commitment.verdict.is_not(None))
                    .group_by(Commitment.verdict)
                )
            }
            steps = {
                row.effect: row.number
                for row in session.execute(
                    select(Event.facts["effect"].as_string().label("effect"), func.count().label("number"))
                    .where(Event.kind == EventKind.CLIMBED)
                    .group_by("effect")
                )
            }
            texts = {
                row.kind: row.number
                for row in session.execute(
                    select(Message.kind, func.count().label("number"))
                    .where(Message.sent_at.is_not(None))
                    .group_by(Message.kind)
                )
            }
            suppressed = select(func.count()).where(Message.status == MessageStatus.SUPPRESSED)
            made = session.scalar(select(func.count()).select_from(Commitment)) or 0
            counted = sum(verdicts.values()) - verdicts.get(Verdict.NOT_COUNTED, 0)
            return Replayed(
                made=made,
                closed=sum(verdicts.values()),
                kept_rate=sum(verdicts.get(kept, 0) for kept in KEPT) / counted if counted else None,
                verdicts=verdicts,
                steps=steps,
                texts=texts,
                suppressed=session.scalar(suppressed) or 0,
                until=self.until,
            )
