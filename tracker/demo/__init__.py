"""A team to look at: what a new user sees before they have promised anything themselves.

Made through the operations, as people would, in an empty database only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tracker import commitments, people
from tracker.channels import Channels
from tracker.delivery import deliver
from tracker.demo import past
from tracker.escalation import climb
from tracker.model import Commitment, Person, Role, Team
from tracker.policy.calendars import Calendar, WeeklyHours
from tracker.policy.ladder import DEFAULT
from tracker.policy.outcomes import Disposition, Outcome

PASSWORD = "keep-our-word"  # noqa: S105 printed at every start of the demonstration, and made for it
HOST = "@demo.example"
PEOPLE = (
    ("Ana Ruiz", Role.AGENT, "+14155550111"),
    ("Ben Carter", Role.AGENT, "+14155550112"),
    ("Chloe Martin", Role.AGENT, "+14155550113"),
    ("Sam Okafor", Role.SUPERVISOR, "+14155550120"),
    ("Ada Admin", Role.ADMIN, ""),
)


@dataclass(frozen=True, slots=True)
class Story:
    """One promise of the demonstration; times in minutes from now, negative: before it."""

    made: int
    due: int
    customer: str
    phone: str
    kind: str
    topic: str
    owner: str = "Ana Ruiz"
    tried: tuple[int, Disposition] | None = None
    fulfilled: int | None = None


STORIES = (
    Story(-1500, -1380, "Maria Lopez", "+14155550131", "callback", "the refund for order 1042", fulfilled=-1395),
    Story(-1480, -1320, "John Smith", "+14155550132", "answer", "why the invoice shows two fees", "Ben Carter",
          fulfilled=-1290),
    Story(-300, -60, "Priya Nair", "+14155550133", "callback", "moving the delivery to Friday", "Chloe Martin",
          fulfilled=-75),
    Story(-240, -90, "Grace Kim", "+14155550134", "callback", "the router that keeps restarting", "Ben Carter"),
    Story(-200, -20, "Omar Haddad", "+14155550135", "refund", "the double charge in October"),
    Story(-120, -5, "Elena Petrova", "+14155550136", "callback", "the broken screen under warranty",
          tried=(-12, Disposition.NO_ANSWER)),
    Story(-60, 10, "Tom Baker", "+14155550137", "callback", "changing the name on the contract"),
    Story(-45, 40, "Wei Zhang", "+14155550138", "answer", "whether the blue one comes in size 42", "Chloe Martin"),
    Story(-30, 90, "Sofia Rossi", "+14155550139", "replacement", "the lamp that arrived broken"),
    Story(-20, 180, "Lucas Weber", "+14155550140", "callback", "cancelling the second subscription", "Ben Carter"),
    Story(-10, 1440, "Hannah Cohen", "+14155550141", "visit", "the technician for the washing machine"),
)  # fmt: skip
ZONE = "America/New_York"
OFFICE = "0-4:9-18"
ALL_DAY = "0-6:0-24"
MORE = timedelta(hours=2)
"""A visitor who comes later in the day than so long before its end would find that nothing can be promised today."""
YESTERDAY = timedelta(hours=26)
"""Before the first of the stories: until then the past is written in bulk."""


def load(sessions: sessionmaker[Session], channels: Channels, *, now: datetime) -> bool:
    """Fill an empty database with the demonstration. False when there is a team already: nothing is written."""
    with sessions.begin() as session:
        if session.scalar(select(Team.id).limit(1)) is not None:
            return False
        team = people.add_team(
            session, name="Northwind Care", zone=ZONE, region="US", hours=_hours(now), now=now
        )
        crew = [
            people.add_person(
                session,
                role=role,
                name=name,
                email=name.split()[0].lower() + HOST,
                phone=phone,
                team=team,
                password=PASSWORD,
            )
            for name, role, phone in PEOPLE
        ]
        agents = [each for each in crew if each.role is Role.AGENT]
        (supervisor,) = (each for each in crew if each.role is Role.SUPERVISOR)
        past.write(session, team, agents, supervisor, until=now - YESTERDAY)
    now = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)  # people promise round times
    for minute, happenings in _by_minute():
        at = now + timedelta(minutes=minute)
        climb(sessions, now=at)
        with sessions.begin() as session:
            for story, act in happenings:
                _ACTS[act](session, story, at)
        deliver(sessions, channels, now=at)
    return True


def _hours(now: datetime) -> str:
    """Office hours, if there is anything left of them; else of a team that works round the clock: a team that is
    asleep shows nobody how it works."""
    office = Calendar(WeeklyHours.parse(OFFICE), ZONE)
    return OFFICE if office.between(now, now + MORE) == MORE.total_seconds() else ALL_DAY


def log_ins(session: Session) -> Sequence[Person]:
    """The people of the demonstration, if it is loaded."""
    return session.scalars(select(Person).where(Person.email.endswith(HOST)).order_by(Person.id)).all()


def phone_book() -> dict[str, str]:
    """Whose phone is whose in the demonstration."""
    colleagues = {phone: name for name, _, phone in PEOPLE if phone}
    return colleagues | past.PHONES | {story.phone: story.customer for story in STORIES}


def _by_minute() -> list[tuple[int, list[tuple[Story, str]]]]:
    """What happens at which minute, in order; between it the minutes at which the ladder's steps fire."""
    timetable: dict[int, list[tuple[Story, str]]] = {0: []}
    for story in STORIES:
        for step in DEFAULT:
            if (minute := story.due + int(step.offset / timedelta(minutes=1))) < 0:
                timetable.setdefault(minute, [])
        timetable.setdefault(story.made, []).append((story, "make"))
        if story.tried:
            timetable.setdefault(story.tried[0], []).append((story, "try"))
        if story.fulfilled is not None:
            timetable.setdefault(story.fulfilled, []).append((story, "fulfil"))
    return sorted(timetable.items())


def _make(session: Session, story: Story, at: datetime) -> None:
    owner = session.scalars(select(Person).where(Person.name == story.owner)).one()
    team = session.scalars(select(Team)).one()
    customer = people.find_or_add_customer(
        session, phone=story.phone, name=story.customer, team=team, zone=team.zone, now=at
    )
    commitments.make(
        session,
        by=owner,
        team=team,
        customer=customer,
        owner=owner,
        kind=story.kind,
        topic=story.topic,
        due_at=at + timedelta(minutes=story.due - story.made),
        now=at,
    )


def _try(session: Session, story: Story, at: datetime) -> None:
    commitment, owner = _of(session, story)
    if story.tried is not None:
        commitments.log_attempt(session, commitment, by=owner, disposition=story.tried[1], now=at)


def _fulfil(session: Session, story: Story, at: datetime) -> None:
    commitment, owner = _of(session, story)
    commitments.log_attempt(session, commitment, by=owner, disposition=Disposition.REACHED, now=at)
    commitments.close(session, commitment, by=owner, outcome=Outcome.FULFILLED, now=at)


def _of(session: Session, story: Story) -> tuple[Commitment, Person]:
    commitment = session.scalars(select(Commitment).where(Commitment.topic == story.topic)).one()
    return commitment, commitment.owner


_ACTS = {"make": _make, "try": _try, "fulfil": _fulfil}
