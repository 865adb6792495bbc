"""A house at work whose processes are killed again and again, and the count of what it lost.

Promises are made through the pages and directly, the clock goes on, workers work, texts leave for the simulator,
which answers well or badly and sends its receipts to the web process. Every round something dies. Then everything is
left in peace for more than a day; what is counted afterwards stands in `score`.
"""

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Self

import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import PASSWORD, TWO
from tests.chaos import deaths
from tests.chaos.clock import SharedClock
from tests.chaos.deaths import Death
from tests.chaos.nursery import Nursery, house_of, work
from tests.visitor import hidden
from tracker import commitments, people
from tracker.model import Commitment, Customer, Person, Role
from tracker.policy.ladder import Effect, Step
from tracker.wiring import House
from web.simulator import Fault, FaultKind, On, SimulatorServer, SimulatorSettings

ACCOUNT, TOKEN, NUMBER = "AC" + "5" * 32, "a-token-for-tests", "+15005550006"
CUSTOMER, COLLEAGUE = 7009, 8009
"""How their numbers begin."""
ROUND = 20
"""Seconds between two deaths, by the clock of the house."""
LADDER = (
    Step(timedelta(0), Effect.REMIND_OWNER),
    Step(timedelta(seconds=30), Effect.TELL_SUPERVISORS),
    Step(timedelta(seconds=60), Effect.TEXT_CUSTOMER),
    Step(timedelta(seconds=120), Effect.HAND_OVER),
    Step(timedelta(days=30), Effect.TELL_SUPERVISORS, every=timedelta(days=1)),
)
"""Every effect, soon one after the other; no text of it grows stale, so none may go missing."""
TEAMS = 60
"""Many, so that everybody gets few texts: what is held back for being too much would prove nothing here. Each has two
agents, a supervisor, and two customers of its own."""
PEACE = (*[timedelta(minutes=1)] * 6, *[timedelta(minutes=10)] * 12, *[timedelta(hours=4)] * 8)
"""How the clock goes on when nobody kills any more: until the last look at the provider's list has been taken."""

WEATHER = (
    Fault(FaultKind.TOO_MANY, times=None, chance=0.04, seconds=30),
    Fault(FaultKind.SERVER_ERROR, times=None, chance=0.03),
    Fault(FaultKind.BAD_GATEWAY, times=None, chance=0.03, done=True),
    Fault(FaultKind.UNAVAILABLE, times=None, chance=0.02),
    Fault(FaultKind.RESET, times=None, chance=0.03),
    Fault(FaultKind.HANG_UP, times=None, chance=0.03, done=False),
    Fault(FaultKind.CUT_BODY, times=None, chance=0.03),
    Fault(FaultKind.HTML, times=None, chance=0.02),
    Fault(FaultKind.SLOW, times=None, chance=0.01, seconds=0.5),
    Fault(FaultKind.SERVER_ERROR, on=On.LIST, times=None, chance=0.1),
    Fault(FaultKind.SERVER_ERROR, on=On.FETCH, times=None, chance=0.1),
    Fault(FaultKind.LISTING_LAG, times=None, chance=0.2, seconds=60),
    Fault(FaultKind.EARLY, times=None, chance=0.1),
    Fault(FaultKind.DROPPED, times=None, chance=0.15),
    Fault(FaultKind.DOUBLED, times=None, chance=0.1),
    Fault(FaultKind.REORDERED, times=None, chance=0.15),
)
"""What the provider does all the while."""


@dataclass
class Campaign:
    """One house, one provider, one nursery; and a score of the dead by where they died."""

    house: House
    clock: SharedClock
    simulator: SimulatorServer
    nursery: Nursery
    port: int
    random: random.Random
    web: int = 0
    dead: dict[str, int] = field(default_factory=dict)
    made: int = 0
    session: requests.Session = field(default_factory=requests.Session)

    @classmethod
    @contextmanager
    def at(cls, url: str, folder: Path, *, seed: int = 1) -> Iterator[Self]:
        """Set everything up over that migrated, empty database, and take it down."""
        file = folder / "clock"
        clock = SharedClock(file, TWO)
        own = SimulatorSettings(account_sid=ACCOUNT, auth_token=TOKEN, numbers=(NUMBER,))
        with _reserved() as port, SimulatorServer(own, clock=clock) as simulator:
            settings = {
                "TRACKER_DATABASE_URL": url,
                "TRACKER_SECRET_KEY": "for tests alone",
                "TRACKER_PUBLIC_URL": f"http://127.0.0.1:{port}",
                "TRACKER_TWILIO_URL": simulator.url,
                "TWILIO_ACCOUNT_SID": ACCOUNT,
                "TWILIO_AUTH_TOKEN": TOKEN,
                "TWILIO_FROM": NUMBER,
            }
            with Nursery(settings, file, folder / "log") as nursery:
                house = house_of(settings, clock)
                campaign = cls(house, clock, simulator, nursery, port, random.Random(seed))
                try:
                    campaign._open()
                    yield campaign
                finally:
                    campaign.session.close()
                    house.engine.dispose()

    def _open(self) -> None:
        _people(self.house)
        self.web = self.nursery.web(self.port)
        self._send("/login", email="agent1@example.org", password=PASSWORD)
        for fault in WEATHER:
            self.simulator.order(fault)
        for _ in range(2):  # so that there is something to do when the first one dies
            self._go_on()
            self.nursery.practise()

    @property
    def kills(self) -> int:
        """How many processes have been killed."""
        return sum(self.dead.values())

    def worker_dies(self, death: Death) -> None:
        """A round in which a worker dies at that point, if it comes there."""
        self._go_on()
        if self.nursery.died(self.nursery.worker(death=death)):
            self._note(death.point)

    def worker_dies_some_time(self) -> None:
        """A round in which one of two workers dies at no point in particular."""
        self._go_on()
        first, second = (self.nursery.worker(passes=3) for _ in range(2))
        time.sleep(self.random.uniform(0, 0.25))  # the very instant is what is random here
        if self.nursery.kill(first):
            self._note("a worker, at any instant")
        self.nursery.died(second)

    @contextmanager
    def nobody_to_hear(self) -> Iterator[None]:
        """Within, no web process runs: receipts are lost, as they are when all of ours is down."""
        if self.nursery.kill(self.web):
            self._note("a web process, at any instant")
        yield
        self.web = self.nursery.web(self.port)

    def web_dies(self, death: Death) -> None:
        """A round in which the web process dies while it hears of a text or takes in a promise, if it comes there."""
        self.nursery.kill(self.web)  # nothing is under way: it makes place, and is not counted
        self.web = self.nursery.web(self.port, death=death)
        self._go_on()
        self.promise_on_a_page()
        self.nursery.died(self.nursery.worker())
        self.clock.forward(seconds=5)
        self.simulator.advance()
        self._note("a web process, at any instant" if self.nursery.kill(self.web) else death.point)
        self.web = self.nursery.web(self.port)

    def web_dies_some_time(self) -> None:
        """A round in which the web process dies while receipts come in, at no point in particular."""
        self._go_on()
        self.nursery.died(self.nursery.worker())
        self.clock.forward(seconds=5)
        killer = threading.Timer(self.random.uniform(0, 0.1), self.nursery.kill, [self.web])
        killer.start()
        self.simulator.advance()
        killer.join()
        self._note("a web process, at any instant")
        self.web = self.nursery.web(self.port)

    def promise_on_a_page(self) -> None:
        """Somebody fills in the form; whether the answer comes or not, either all of it is there or nothing."""
        self.made += 1
        now = self.clock()
        due_at = (now + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")
        self._send(
            "/new",
            phone=_number(CUSTOMER, 0),
            topic=f"promise {self.made}",
            kind="callback",
            exact=due_at,
            exact_zone="mine",
            owner="1",
        )

    def leave_in_peace(self) -> None:
        """The provider is well again, a web process runs, a worker works; until nothing is left to be done."""
        self.simulator.faults.clear()
        for stride in PEACE:
            self.clock.forward(seconds=stride.total_seconds())
            work(self.house)
            self.simulator.advance()

    def _go_on(self) -> None:
        """Time passes, a promise is made, some are moved, and what was on its way at the provider's arrives."""
        self.clock.forward(seconds=ROUND)
        self.simulator.advance()
        with self.house.sessions.begin() as session:
            self._promise(session)
            if self.made % 5 == 0:
                self._move(session)

    def _promise(self, session: Session) -> None:
        self.made += 1
        agents = session.scalars(select(Person).where(Person.role == Role.AGENT).order_by(Person.id)).all()
        owner = agents[self.made % len(agents)]
        assert owner.team is not None
        commitments.make(
            session,
            by=owner,
            team=owner.team,
            customer=session.get_one(Customer, 1 + self.made % (2 * TEAMS)),
            owner=owner,
            kind="callback",
            topic=f"promise {self.made}",
            due_at=self.clock() + timedelta(seconds=ROUND),
            now=self.clock(),
        )

    def _move(self, session: Session) -> None:
        newest = session.scalars(select(Commitment).order_by(Commitment.id.desc()).offset(3).limit(1)).first()
        if newest is not None:
            commitments.revise(
                session,
                commitments.find(session, newest.id, by=newest.owner),
                by=newest.owner,
                due_at=self.clock() + timedelta(seconds=2 * ROUND),
                reason="it takes longer",
                told=True,
                now=self.clock(),
            )

    def _note(self, point: str) -> None:
        self.dead[point] = self.dead.get(point, 0) + 1

    def _send(self, path: str, **fields: str) -> None:
        """Open the page of a form and send it, to a web process that may die over it."""
        address = f"http://127.0.0.1:{self.port}{path}"
        try:
            page = self.session.get(address, timeout=10).text
            token = {"csrf_token": hidden(page, "csrf_token"), "form_key": hidden(page, "form_key")}
            self.session.post(address, data={**token, **fields}, timeout=10, allow_redirects=False)
        except requests.ConnectionError:
            pass


def rounds(campaign: Campaign, turn: int = 0) -> None:
    """A death at every point, which in each turn is passed another number of times, and some at any instant."""
    asked_at = deaths.WORKER.index("before the request")
    for point in deaths.WORKER[:asked_at]:
        campaign.worker_dies(Death(point, 1 + turn % 4))
    with campaign.nobody_to_hear():
        for point in deaths.WORKER[asked_at:]:
            campaign.worker_dies(Death(point, 1 + turn % 4))
    for point in deaths.ASKING:
        campaign.worker_dies(Death(point, 1 + turn % 4))
    for point in deaths.WEB:
        campaign.web_dies(Death(point, 1 + (turn % 3 if point.endswith("receipt") else 0)))
    for _ in range(3):
        campaign.worker_dies_some_time()
    campaign.web_dies_some_time()


@contextmanager
def _reserved() -> Iterator[int]:
    """A port that nobody else takes while the process that listens there is dead: bound, and never listening."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def _number(kind: int, number: int) -> str:
    return f"+447{kind}{number:05}"


def _people(house: House) -> None:
    with house.sessions.begin() as session:
        for number in range(TEAMS):
            team = people.add_team(
                session, name=f"Team {number}", zone="Europe/London", region="GB", now=TWO, ladder=LADDER
            )
            for each, role in enumerate((Role.AGENT, Role.AGENT, Role.SUPERVISOR), start=3 * number + 1):
                people.add_person(
                    session,
                    role=role,
                    name=f"Person {each}",
                    email=f"{role}{each}@example.org",
                    team=team,
                    phone=_number(COLLEAGUE, each),
                    password=PASSWORD if each == 1 else None,
                )
            for each in (2 * number, 2 * number + 1):
                people.find_or_add_customer(
                    session, phone=_number(CUSTOMER, each), name=f"Customer {each}", team=team, now=TWO
                )
