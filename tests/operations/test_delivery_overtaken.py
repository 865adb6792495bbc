"""Two workers, a person and the provider all know something of one text, and each hears of it at another time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.cast import TWO, Cast, Wire
from tracker.channels import Accepted, NotSent, Rejected, Result, Unknown
from tracker.delivery import deliver
from tracker.delivery.asking import ask
from tracker.delivery.claiming import Ready, claim, expire_leases
from tracker.delivery.deciding import leave_it
from tracker.delivery.hearing import take_receipt
from tracker.delivery.settling import settle
from tracker.escalation import climb
from tracker.model import Dispatch, DispatchState, Message, MessageStatus, Person
from tracker.policy.asking import Record
from web.words import fate


def message(cast: Cast, kind: str = "promised") -> Message:
    with cast.sessions() as session:
        return session.scalars(select(Message).where(Message.kind == kind)).one()


def dispatches(cast: Cast) -> Sequence[Dispatch]:
    with cast.sessions() as session:
        return session.scalars(select(Dispatch).order_by(Dispatch.id)).all()


def receipt(cast: Cast, status: str, code: int | None = None, *, sid: str = "SM1") -> None:
    """The provider's news of the latest dispatch."""
    token = dispatches(cast)[-1].token
    with cast.sessions.begin() as session:
        take_receipt(session, token, sid=sid, status=status, error_code=code, now=cast.clock.now)


def test_a_failure_that_overtook_the_answer_is_tried_again_in_its_time(cast: Cast) -> None:
    cast.promised(minutes=600)
    claimed = claim(cast.sessions, {"sms": cast.wire}, now=TWO)
    receipt(cast, "undelivered", 30003)
    settle(cast.sessions, [(ready, Accepted("SM1")) for ready in claimed.ready], now=TWO)
    text = message(cast)
    assert (text.status, text.send_after) == (MessageStatus.PENDING, TWO + timedelta(minutes=10))
    receipt(cast, "failed", 30003)
    assert message(cast).send_after == TWO + timedelta(minutes=10), "it is the same failure"
    cast.tick(minutes=10)
    assert message(cast).status is MessageStatus.ACCEPTED


@dataclass
class Slow(Wire):
    """A provider that lets something happen before it answers."""

    meanwhile: Callable[[str], None] = lambda _: None

    def records(self, to: str) -> Sequence[Record]:
        """Nothing is there, in the end."""
        self.meanwhile(to)
        return []


LATE: Mapping[str, tuple[Result, MessageStatus]] = {
    "taken": (Accepted("SM1"), MessageStatus.ACCEPTED),
    "failed at once": (Accepted("SM1", error_code=30001), MessageStatus.PENDING),
    "refused": (Rejected(30007, "filtered"), MessageStatus.FAILED),
    "refused for now": (Rejected(21611, "the queue is full"), MessageStatus.PENDING),
    "not sent": (NotSent("busy"), MessageStatus.PENDING),
    "unknown": (Unknown("the connection broke"), MessageStatus.PENDING),
}
"""Answers that come when the text waits to be sent again, and how it stands then."""


def given_up_as_lost(cast: Cast) -> Sequence[Ready]:
    """A worker hung, or a clock jumped: the lease of a reminder ran out, and after the last look it is to go again.
    What the worker had claimed."""
    cast.promised()
    cast.tick()
    climb(cast.sessions, now=cast.clock.forward(45))
    claimed = claim(cast.sessions, {"sms": cast.wire}, now=cast.clock.now).ready
    expire_leases(cast.sessions, now=cast.clock.forward(2))
    for _ in range(2):
        ask(cast.sessions, {"sms": Slow()}, now=cast.clock.forward(2))
    assert message(cast, "reminder").status is MessageStatus.PENDING
    return claimed


@pytest.mark.parametrize("answer", LATE)
def test_a_very_late_answer_still_speaks_of_the_text_until_that_goes_again(cast: Cast, answer: str) -> None:
    late = given_up_as_lost(cast)
    result, status = LATE[answer]
    settle(cast.sessions, [(ready, result) for ready in late], now=cast.clock.now)
    assert message(cast, "reminder").status is status


@pytest.mark.parametrize("answer", LATE)
@pytest.mark.parametrize("meanwhile", ["is being sent again", "has arrived"])
def test_it_says_nothing_of_the_second_try(cast: Cast, answer: str, meanwhile: str) -> None:
    late = given_up_as_lost(cast)
    again = claim(cast.sessions, {"sms": cast.wire}, now=cast.clock.now).ready
    if meanwhile == "has arrived":
        settle(cast.sessions, [(ready, Accepted("SM2")) for ready in again], now=cast.clock.now)
        receipt(cast, "delivered", sid="SM2")
    before = message(cast, "reminder")
    settle(cast.sessions, [(ready, LATE[answer][0]) for ready in late], now=cast.clock.now)
    after = message(cast, "reminder")
    assert (after.status, after.sid, after.lease_until) == (before.status, before.sid, before.lease_until)


def test_a_worker_that_was_stopped_for_longer_than_its_lease_sends_nothing_of_what_it_had_claimed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A laptop was closed between the two: by now the claim may be somebody else's, and the customer asleep."""
    cast.promised()
    passed = iter([0.0, 60.0])
    monkeypatch.setattr("tracker.delivery.seconds_passed", lambda: next(passed))
    assert deliver(cast.sessions, {"sms": cast.wire}, now=TWO).deferred == 1
    assert (cast.wire.sent, message(cast).status) == ([], MessageStatus.PENDING)
    assert [each.state for each in dispatches(cast)] == [DispatchState.NOT_SENT]
    monkeypatch.undo()
    cast.tick(minutes=1)
    assert message(cast).status is MessageStatus.ACCEPTED


def test_two_workers_that_look_at_once_have_looked_once(cast: Cast) -> None:
    cast.promised()
    cast.tick()
    climb(cast.sessions, now=cast.clock.forward(45))
    cast.wire.answers = [Unknown("the connection broke")]
    cast.tick()

    def another_worker(_: str) -> None:
        ask(cast.sessions, {"sms": Slow()}, now=cast.clock.forward(1))

    ask(cast.sessions, {"sms": Slow(meanwhile=another_worker)}, now=cast.clock.forward(0.5))
    assert message(cast, "reminder").status is MessageStatus.UNKNOWN
    assert message(cast, "reminder").asked == 1


@pytest.mark.parametrize("again", [True, False], ids=["by the second try", "after all"])
def test_what_has_arrived_is_shown_with_no_error_of_an_earlier_try(cast: Cast, again: bool) -> None:
    cast.promised(minutes=600)
    cast.tick()
    receipt(cast, "undelivered", 30003)
    if again:
        cast.tick(minutes=10)
        receipt(cast, "delivered", sid="SM2")
    else:
        receipt(cast, "delivered")
    assert fate(message(cast)).word == "delivered"


@pytest.mark.parametrize("news", ["sent", "delivered"])
def test_a_text_that_a_person_gave_up_and_that_left_after_all_is_not_called_failed(
    cast: Cast, news: str
) -> None:
    cast.promised()
    cast.wire.answers = [Unknown("the connection broke")]
    cast.tick()
    with cast.sessions.begin() as session:
        text = session.scalars(select(Message)).one()
        leave_it(session, text, by=session.get_one(Person, cast.ana.id), now=cast.clock.now)
    receipt(cast, news)
    assert (message(cast).status, message(cast).reason) == (MessageStatus(news), None)
    receipt(cast, "undelivered", 30007)
    assert message(cast).status is (
        MessageStatus.DELIVERED if news == "delivered" else MessageStatus.UNDELIVERED
    )
