"""Whatever people, customers, the provider and dying workers do, in any order: what must be true stays true.

The house is whole: its operations, escalation and delivery, the real client over HTTP to the simulator, receipts and
replies through the signed webhooks of the pages. After every act the rows are compared with `model`; at the end of
every story the provider is well again, a day and a half goes by, and the score is counted.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, func, select

from tests.cast import Cast
from tests.chaos.campaign import ACCOUNT, NUMBER, TOKEN
from tests.chaos.model import Promise
from tests.chaos.score import audited, count
from tests.conftest import emptied
from tests.visitor import pages_over
from tracker import commitments, people
from tracker.channels.sms import Sms
from tracker.delivery import Delivered, deliver
from tracker.delivery.claiming import claim
from tracker.escalation import climb
from tracker.model import Commitment, Dispatch, Event, EventKind, Message, Person
from tracker.policy.checks import Refused
from tracker.policy.outcomes import Disposition, Outcome
from tracker.policy.sending import AFTER_CLOSING, OF_A_REPLY
from tracker.settings import Settings
from tracker.wiring import House, make_readers, make_sessions
from web.simulator import Fault, FaultKind, On, SimulatorServer, SimulatorSettings
from web.simulator.journal import Entry
from web.simulator.webhooks import Answer

ASKED_WITHIN = timedelta(days=9)
"""From closing to the last answer that counts: a day for the question to leave, a week to answer it, and some."""
WHICH = st.integers(0, 5)
AHEAD = st.sampled_from([1, 10, 15, 16, 45, 300, 2000])
"""Minutes to a due time."""
REST = (1, 2, 2, 10, 15, 15, 15, 60, 240, 600, 240, 1440, 240, 4320, 15, 15, 60, 240, 600, 240)
"""Minutes from look to look, when everything comes to rest: quiet hours, lost receipts, a sick account go by, and the
weekend after which a promise is due that was opened again on Friday evening."""
FAULTS = [
    *[Fault(FaultKind.REJECTED, code=code) for code in (20003, 21211, 21610, 21611, 21617, 99999)],
    *[Fault(FaultKind.FAILED_AT_ONCE, code=code) for code in (30001, 30007)],
    *[Fault(FaultKind.UNDELIVERED, code=code) for code in (30003, 30005, 30008, 30034)],
    *[
        Fault(kind, done=done)
        for kind in (FaultKind.RESET, FaultKind.HANG_UP, FaultKind.SERVER_ERROR, FaultKind.HTML)
        for done in (False, True)
    ],
    Fault(FaultKind.BAD_GATEWAY, on=On.LIST, times=3),
    Fault(FaultKind.RESET, on=On.FETCH, times=3),
    Fault(FaultKind.LISTING_LAG, times=5, seconds=600),
    *map(
        Fault,
        (
            FaultKind.TOO_MANY,
            FaultKind.REDIRECT,
            FaultKind.CUT_BODY,
            FaultKind.EARLY,
            FaultKind.HELD,
            FaultKind.DROPPED,
            FaultKind.DOUBLED,
            FaultKind.REORDERED,
            FaultKind.FORGED,
        ),
    ),
]


class Anything(RuleBasedStateMachine):
    """A house with a small cast, its provider, and the model beside it."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        emptied(engine)
        self.cast = cast = Cast.enter(make_sessions(engine))
        own = SimulatorSettings(account_sid=ACCOUNT, auth_token=TOKEN, numbers=(NUMBER,))
        self.simulator = SimulatorServer(own, clock=cast.clock, post=self._call).start()
        read = Settings(
            _env_file=None,
            TRACKER_SECRET_KEY="for tests alone",
            TRACKER_PUBLIC_URL="http://tracker.example.org",
            TRACKER_TWILIO_URL=self.simulator.url,
            TWILIO_ACCOUNT_SID=ACCOUNT,
            TWILIO_AUTH_TOKEN=TOKEN,
            TWILIO_FROM=NUMBER,
        )
        self.house = House(
            read, engine, cast.sessions, make_readers(engine), {"sms": Sms(read, timeout=1)}, cast.clock
        )
        self.visits = pages_over(self.house).test_client()
        self.simulator.inbound_url = "http://tracker.example.org/twilio/inbound"
        self.promises: dict[int, Promise] = {}
        self.silenced: dict[str, int] = {}
        """Phones that said STOP, with the number of requests for them before."""
        self.ended: dict[int, int] = {}
        """Closed promises, with the number of dispatches for them before."""
        self.kept_on: dict[int, datetime] = {}
        """Those of them that were closed as kept, and when: of these the customer is asked."""

    def _call(self, url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """What the provider posts arrives at our pages, with its signature."""
        there = urlsplit(url)
        answer = self.visits.post(
            there.path, data=params, headers=headers, base_url=url.removesuffix(there.path)
        )
        return Answer(answer.status_code, answer.content_type, answer.text)

    # --- what people do

    @initialize(minutes=AHEAD)
    def a_first_promise(self, minutes: int) -> None:
        self.make(minutes, 0)

    @rule(minutes=AHEAD, which=WHICH)
    def make(self, minutes: int, which: int) -> None:
        now = self.cast.clock.now
        owner = (self.cast.ana, self.cast.ben)[which % 2]
        due_at = now + timedelta(minutes=minutes)
        self.promises[self.cast.promised(owner=owner, minutes=minutes)] = Promise(due_at, due_at, now)

    @rule(which=WHICH, minutes=AHEAD, told=st.booleans())
    def revise(self, which: int, minutes: int, told: bool) -> None:
        number, promise = self._any(which)
        due_at = self.cast.clock.now + timedelta(minutes=minutes)
        if self._try(
            commitments.revise, number, due_at=due_at, reason="later", told=told, refused=promise.closed
        ):
            promise.move(due_at, self.cast.clock.now)

    @rule(which=WHICH, to_ben=st.booleans())
    def reassign(self, which: int, to_ben: bool) -> None:
        number, _ = self._any(which)
        with self.cast.sessions() as session:
            to = session.get_one(Person, (self.cast.ben if to_ben else self.cast.ana).id)
        self._try(commitments.reassign, number, to=to, reason="busy")

    @rule(which=WHICH, disposition=st.sampled_from(Disposition))
    def attempt(self, which: int, disposition: Disposition) -> None:
        number, promise = self._any(which)
        if self._try(commitments.log_attempt, number, disposition=disposition, refused=promise.closed):
            promise.tries.append((self.cast.clock.now, disposition is Disposition.REACHED))

    @rule(which=WHICH)
    def reach_and_close(self, which: int) -> None:
        self.attempt(which, Disposition.REACHED)
        self.close(which, Outcome.FULFILLED)

    @rule(which=WHICH, minutes=AHEAD)
    def move_and_keep(self, which: int, minutes: int) -> None:
        self.revise(which, minutes, told=True)
        self.tick(1)
        self.reach_and_close(which)

    @rule(which=WHICH)
    def withdraw_what_has_just_been_promised(self, which: int) -> None:
        self.make(45, which)
        self.close(len(self.promises) - 1, Outcome.WITHDRAWN)

    @rule(which=WHICH, outcome=st.sampled_from([Outcome.FULFILLED, Outcome.WITHDRAWN, Outcome.UNREACHABLE]))
    def close(self, which: int, outcome: Outcome) -> None:
        number, promise = self._any(which)
        reason = "sold out" if outcome is Outcome.WITHDRAWN else ""
        if not self._try(commitments.close, number, outcome=outcome, reference=reason):
            assert promise.closed or outcome is not Outcome.WITHDRAWN, "who gives a reason may withdraw"
            return
        promise.closed = True
        self.ended[number] = self._dispatches()[number]
        with self.cast.sessions() as session:
            verdict = session.get_one(Commitment, number).verdict
        if outcome is Outcome.WITHDRAWN:
            assert verdict == "broken"
        if outcome is Outcome.FULFILLED:
            self.kept_on[number] = self.cast.clock.now
            assert verdict is not None
            assert promise.may_be_called(verdict), (verdict, promise)

    @rule(which=WHICH, minutes=AHEAD)
    def reopen(self, which: int, minutes: int) -> None:
        number, promise = self._any(which)
        due_at = self.cast.clock.now + timedelta(minutes=minutes)
        if self._try(
            commitments.reopen, number, due_at=due_at, reason="no", told=True, refused=not promise.closed
        ):
            promise.reopen(due_at, self.cast.clock.now)
            del self.ended[number]
            self.kept_on.pop(number, None)

    @rule(who=st.sampled_from(["ana", "ben", "sue"]), minutes=st.sampled_from([None, 0, 30, 600]))
    def go_and_come(self, who: str, minutes: int | None) -> None:
        now = self.cast.clock.now
        with self.cast.sessions.begin() as session:
            person = session.get_one(Person, getattr(self.cast, who).id)
            if minutes == 0:
                people.set_present(session, person, now=now)
            else:
                until = None if minutes is None else now + timedelta(minutes=minutes)
                people.set_absence(session, person, until=until, now=now)

    # --- what happens by itself

    @rule(minutes=st.sampled_from([0, 1, 2, 14, 15, 16, 61, 240, 1440, 4320]))
    def tick(self, minutes: int) -> None:
        now = self.cast.clock.forward(minutes)
        climb(self.house.sessions, now=now)
        self._deliver(now)
        for promise in self.promises.values():
            promise.tick(now)
        with self.cast.sessions() as session:
            assert audited(session, now) == []

    @rule(sent=st.booleans())
    def a_worker_dies_between_claim_and_settle(self, sent: bool) -> None:
        for ready in claim(self.house.sessions, self.house.channels, now=self.cast.clock.now).ready:
            if sent:
                self.house.channels[ready.channel].send(ready.outgoing)

    @rule(fault=st.sampled_from(FAULTS))
    def the_provider_breaks(self, fault: Fault) -> None:
        self.simulator.order(fault)

    @rule(seconds=st.sampled_from([0, 1, 3, 60]))
    def receipts_come(self, seconds: int) -> None:
        self.cast.clock.forward(seconds / 60)
        self.simulator.advance()

    @precondition(lambda self: self._texted())
    @rule(body=st.sampled_from(["STOP", " stop ", "START", "ok thanks", "please stop calling at noon"]))
    def the_customer_writes(self, body: str) -> None:
        phone = self.cast.maria.phone
        self.simulator.reply(phone, body)
        if body.strip().upper() == "STOP":
            self.silenced[phone] = self._requests()[phone]
        if body == "START":
            self.silenced.pop(phone, None)

    @precondition(lambda self: self._texted())
    @rule(body=st.sampled_from(["1", " 2 ", "2", "7", "no", "1pm"]))
    def the_customer_answers(self, body: str) -> None:
        """Only "no" to "did we keep it?", asked of one closed promise, changes anything: it is open again."""
        before, now = self._stand(), self.cast.clock.now
        self.simulator.reply(self.cast.maria.phone, body)
        after = self._stand()
        changed = [number for number in before if before[number] != after[number]]
        assert len(changed) <= 1
        for number in changed:
            assert body.strip() in ("2", "no")
            assert number in self.kept_on, "nobody asked whether it was kept"
            assert now - self.kept_on.pop(number) <= ASKED_WITHIN
            self.promises[number].reopen(after[number].due_at, now)
            del self.ended[number]

    @precondition(lambda self: self._texted())
    @rule(which=WHICH, body=st.sampled_from(["1", "2"]))
    def keep_and_be_judged(self, which: int, body: str) -> None:
        self.reach_and_close(which)
        self.tick(6)
        self.the_customer_answers(body)

    # --- what must be true

    @invariant()
    def each_open_promise_has_the_one_step_ahead_that_the_model_says(self) -> None:
        with self.cast.sessions() as session:
            rows = session.execute(select(Commitment.id, Commitment.next_step, Commitment.next_step_at)).all()
        assert {row.id for row in rows} == set(self.promises)
        for row in rows:
            promise = self.promises[row.id]
            assert (row.next_step, row.next_step_at is None) == (
                (None, True) if promise.closed else (promise.next_step, False)
            )

    @invariant()
    def each_step_was_taken_once_and_in_order(self) -> None:
        climbed = select(Event).where(Event.kind == EventKind.CLIMBED).order_by(Event.id)
        found: dict[int, dict[int, list[int | None]]] = {
            number: {version: [] for version in promise.climbed} for number, promise in self.promises.items()
        }
        with self.cast.sessions() as session:
            for event in session.scalars(climbed):
                found[event.commitment_id][event.due_version].append(event.step)
        assert found == {number: promise.climbed for number, promise in self.promises.items()}

    @invariant()
    def nothing_is_sent_of_a_closed_promise_nor_to_who_said_stop(self) -> None:
        dispatches, requests = self._dispatches(), self._requests()
        assert {number: dispatches[number] for number in self.ended} == self.ended
        assert {phone: requests[phone] for phone in self.silenced} == self.silenced

    def teardown(self) -> None:
        """The provider is well again, time goes by, and everything is counted."""
        try:
            self._come_to_rest()
        finally:
            self.simulator.stop()

    def _come_to_rest(self) -> None:
        self.simulator.faults.clear()
        for minutes in REST:
            now = self.cast.clock.forward(minutes)
            climb(self.house.sessions, now=now)
            self._deliver(now)
            self.simulator.advance(10)  # by then also the newest text is on its phone
        with self.cast.sessions() as session:
            assert audited(session, now) == []
            score = count(session, self.simulator)
        assert score.wrong == {}, score

    # --- helpers

    def _deliver(self, now: datetime) -> None:
        """As a worker does every few seconds: pass after pass, for each ends where the provider asks for a moment."""
        while deliver(self.house.sessions, self.house.channels, now=now) != Delivered():
            pass

    def _any(self, which: int) -> tuple[int, Promise]:
        return list(self.promises.items())[which % len(self.promises)]

    def _try(self, act: Any, number: int, *, refused: bool = False, **given: Any) -> bool:
        """Do it; False when it was refused. `refused`: the model says that it must be."""
        try:
            with self.cast.sessions.begin() as session:
                by = session.get_one(Person, self.cast.ana.id)
                if "to" in given:
                    given["to"] = session.merge(given["to"], load=False)
                found = commitments.find(session, number, by=by)
                act(session, found, by=by, now=self.cast.clock.now, **given)
        except Refused:
            return False
        assert not refused
        return True

    def _texted(self) -> bool:
        return bool(self.simulator.phones[self.cast.maria.phone])

    def _stand(self) -> dict[int, Any]:
        """How each promise stands, with its `due_at`."""
        columns = (Commitment.due_at, Commitment.closed_at, Commitment.outcome, Commitment.next_step_at)
        with self.cast.sessions() as session:
            return {row.id: row for row in session.execute(select(Commitment.id, *columns))}

    def _dispatches(self) -> Counter[int | None]:
        per_promise = (
            select(Message.commitment_id, func.count())
            .join(Dispatch, Dispatch.message_id == Message.id)
            .where(Message.kind.not_in(AFTER_CLOSING | OF_A_REPLY))
            .group_by(Message.commitment_id)
        )
        with self.cast.sessions() as session:
            return Counter({row[0]: row[1] for row in session.execute(per_promise)})

    def _requests(self) -> Counter[str]:
        return Counter(
            line.facts["params"]["To"][0]  # type: ignore[index]  # facts are fit for JSON, and nothing more is said
            for line in self.simulator.journal.of(Entry.REQUEST)
            if line.facts["method"] == "POST"
        )


def tell_stories(engine: Engine, stories: int, acts: int, *, shrink: bool = False) -> None:
    """So many examples of at most so many acts. `shrink`: take the time to find the shortest that fails."""
    run_state_machine_as_test(
        lambda: Anything(engine),  # type: ignore[arg-type]  # whatever makes a machine will do
        settings=settings(
            max_examples=stories,
            phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
            stateful_step_count=acts,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_happens_what_must_be_true_stays_true(engine: Engine) -> None:
    tell_stories(engine, stories=8, acts=25)


@pytest.mark.chaos
@pytest.mark.timeout(1800)
def test_whatever_happens_for_long_what_must_be_true_stays_true(engine: Engine) -> None:
    tell_stories(engine, stories=250, acts=50, shrink=True)
