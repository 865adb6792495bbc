"""What must hold when nobody told us what became of a text, by number in the list we keep to."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, event, func, select, update

from tests.cast import TWO, Cast
from tests.operations.office import OURS, Office
from tracker.channels import Outgoing
from tracker.delivery.consequences import opt_out
from tracker.escalation import climb
from tracker.model import Dispatch, DispatchState, Message, MessageStatus, OptOutReason, Person
from web.simulator import FaultKind
from web.simulator.journal import Entry


@pytest.fixture
def office(cast: Cast) -> Iterator[Office]:
    with Office.open(cast) as office:
        yield office


def test_21_sent_is_not_delivered_and_a_missed_receipt_is_asked_for(office: Office) -> None:
    office.cast.promised(minutes=600)
    office.deliver()
    office.provider.drain()  # delivered; but nobody took the receipts
    assert office.message().status is MessageStatus.ACCEPTED
    office.deliver(minutes=9)
    assert office.message().status is MessageStatus.ACCEPTED
    office.deliver(minutes=1)
    assert office.message().status is MessageStatus.DELIVERED
    assert office.message().ask_at is None
    assert office.requests == 1


def test_21_a_text_without_a_receipt_is_asked_for_a_few_times_and_then_left_as_it_is(office: Office) -> None:
    office.cast.promised(minutes=6000)
    office.breaks(FaultKind.HELD, seconds=36_000)
    office.deliver()
    for _ in range(30):
        office.deliver(minutes=60)
    fetched = [line for line in office.provider.journal.of(Entry.REQUEST) if line.facts["method"] == "GET"]
    assert len(fetched) == 4
    assert office.message().ask_at is None


def test_21_also_a_text_that_was_found_in_the_list_is_asked_for_until_it_has_arrived(office: Office) -> None:
    office.breaks(FaultKind.HELD, seconds=300)
    lost(office)
    office.deliver(minutes=1)
    assert office.message().status is MessageStatus.ACCEPTED
    office.provider.drain()
    office.deliver(minutes=10)
    assert office.message().status is MessageStatus.DELIVERED


def test_21_so_is_one_whose_first_receipt_came_when_nobody_looked_for_it_any_more(office: Office) -> None:
    lost(office, done=False)
    office.deliver(minutes=600)
    assert office.message().ask_at is None
    office.receipt("sent")
    assert office.message().ask_at == office.cast.clock.now + timedelta(minutes=10)


def test_21_news_of_a_try_that_was_given_up_does_not_speak_of_the_next(office: Office) -> None:
    office.cast.promised(minutes=60)
    office.deliver()
    office.cast.clock.forward(45)
    climb(office.cast.sessions, now=office.cast.clock.now)
    office.breaks(FaultKind.RESET, done=False)
    office.deliver()
    lost_one = office.dispatches()[-1]
    for _ in range(3):
        office.deliver(minutes=1)
    assert office.message("reminder").status is MessageStatus.ACCEPTED
    office.receipt("failed", 30006, dispatch=lost_one)
    assert office.message("reminder").status is MessageStatus.ACCEPTED


def test_21_a_failure_that_may_pass_is_tried_again_when_it_is_heard_of_late(office: Office) -> None:
    office.cast.promised(minutes=600)
    office.deliver()
    office.receipt("undelivered", 30003)
    assert office.message().status is MessageStatus.PENDING
    office.deliver(minutes=9)
    assert office.requests == 1
    office.deliver(minutes=1)
    assert (office.requests, office.message().status) == (2, MessageStatus.ACCEPTED)
    first, second = office.dispatches()
    office.receipt("failed", 30003, dispatch=first)
    assert office.message().status is MessageStatus.ACCEPTED, "an old try does not speak of the new one"
    office.receipt("delivered", dispatch=second)
    assert office.message().status is MessageStatus.DELIVERED


def test_21_a_text_that_arrived_after_all_is_not_sent_again(office: Office) -> None:
    office.cast.promised(minutes=600)
    office.deliver()
    office.receipt("undelivered", 30003)
    office.receipt("delivered")
    assert office.message().status is MessageStatus.DELIVERED
    office.deliver(minutes=60)
    assert office.requests == 1


def test_21_a_text_that_arrived_after_all_is_not_called_unsent_though_no_more_may_leave(
    office: Office,
) -> None:
    office.cast.promised(minutes=600)
    office.deliver()
    office.receipt("undelivered", 30003)
    with office.cast.sessions.begin() as session:
        opt_out(session, office.cast.maria.phone, OptOutReason.STOP, now=office.cast.clock.now)
    assert office.message().status is MessageStatus.SUPPRESSED
    office.receipt("delivered")
    assert office.message().status is MessageStatus.DELIVERED


@pytest.mark.parametrize(("code", "requests"), [(30008, 1), (30003, 3), (30007, 1), (30006, 1), (30410, 1)])
def test_21_each_late_failure_is_tried_as_often_as_it_is_worth(
    office: Office, code: int, requests: int
) -> None:
    office.cast.promised(minutes=6000)
    for _ in range(5):
        office.deliver(minutes=60)
        if office.message().status is MessageStatus.ACCEPTED:
            office.receipt("undelivered", code)
    assert (office.requests, office.message().status) == (requests, MessageStatus.UNDELIVERED)


def lost(office: Office, **how: object) -> None:
    """Maria's confirmation is taken by the provider, and we do not hear of it."""
    office.cast.promised(minutes=6000)
    office.breaks(FaultKind.RESET, **how)
    office.deliver()
    assert office.message().status is MessageStatus.UNKNOWN


def test_27_one_match_in_the_list_is_bound_and_not_sent_again(office: Office) -> None:
    lost(office)
    office.deliver(minutes=1)
    assert office.message().status is MessageStatus.ACCEPTED
    assert [office.message().sid] == office.created == [each.sid for each in office.dispatches()]
    assert office.requests == 1


def test_27_of_two_matches_one_is_bound_and_the_double_raises_an_alarm(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    lost(office)
    (dispatch,) = office.dispatches()
    office.channel.send(Outgoing("somebody-else", dispatch.to_address, dispatch.body, None))
    office.deliver(minutes=1)
    assert office.message().sid in office.created
    assert any("was sent 2 times" in each.message and each.levelname == "ERROR" for each in caplog.records)


def test_28_a_match_that_is_bound_to_another_dispatch_is_not_claimed_again(office: Office) -> None:
    lost(office)
    (dispatch,) = office.dispatches()
    with office.cast.sessions.begin() as session:
        another = Message(
            commitment_id=1, direction="out", channel="sms", recipient="customer", kind="apology",
            customer_id=office.cast.maria.id, status=MessageStatus.SENT, priority=1, made_at=TWO, due_version=1,
        )  # fmt: skip
        session.add(another)
        session.flush()
        session.add(
            Dispatch(
                message_id=another.id, token="another", at=TWO, settled_at=TWO, state=DispatchState.ACCEPTED,
                body=dispatch.body, from_address=OURS, to_address=dispatch.to_address, sid=office.created[0],
            )
        )  # fmt: skip
    office.deliver(minutes=1)
    assert office.message().status is MessageStatus.UNKNOWN
    assert office.message().sid is None


@pytest.mark.parametrize("other", ["another number", "another text", "long before", "an answer of theirs"])
def test_28_what_only_resembles_it_is_not_taken_for_it(office: Office, other: str) -> None:
    lost(office, done=False)
    (dispatch,) = office.dispatches()
    to, body = dispatch.to_address, dispatch.body
    if other == "another number":
        to = "+447700900555"
    if other == "another text":
        body = body.replace("#1", "#2")
    if other == "long before":
        with office.cast.sessions.begin() as session:
            session.execute(update(Dispatch).values(at=TWO + timedelta(minutes=10)))
    if other == "an answer of theirs":
        office.channel.send(Outgoing("first", to, "Hello", None))
        office.provider.reply(to, body)
    else:
        office.channel.send(Outgoing("unlike", to, body, None))
    office.deliver(minutes=1)
    assert office.message().status is MessageStatus.UNKNOWN


def test_29_a_text_that_is_still_queued_is_found(office: Office) -> None:
    office.breaks(FaultKind.HELD, seconds=3600)
    lost(office)
    assert office.provider.find(office.created[0]).sent_at is None
    office.deliver(minutes=1)
    assert office.message().sid == office.created[0]


def test_30_an_empty_list_before_the_last_look_sends_nothing_again(office: Office) -> None:
    lost(office, done=False)
    for _ in range(4):
        office.deliver(minutes=45)
        assert office.message().status is MessageStatus.UNKNOWN
    assert office.requests == 1


def test_30_a_customers_text_is_never_sent_twice_but_shown_to_a_person(office: Office) -> None:
    lost(office, done=False)
    for _ in range(10):
        office.deliver(minutes=60)
    assert (office.requests, office.message().status) == (1, MessageStatus.UNKNOWN)
    assert office.message().ask_at is None
    assert office.message().reason == "nobody knows whether it was sent: a person decides"


def test_30_a_colleagues_text_is_sent_again_after_the_last_look(office: Office) -> None:
    office.cast.promised(minutes=60)
    office.deliver()
    office.cast.clock.forward(45)
    climb(office.cast.sessions, now=office.cast.clock.now)
    office.breaks(FaultKind.RESET, done=False)
    office.deliver()
    assert office.message("reminder").status is MessageStatus.UNKNOWN
    office.deliver(minutes=1)
    assert office.message("reminder").status is MessageStatus.UNKNOWN, "the list may lag"
    office.deliver(minutes=1)
    office.deliver()
    assert office.message("reminder").status is MessageStatus.ACCEPTED
    assert len(office.provider.phones[office.cast.ana.phone or ""]) == 1


def test_30_a_list_that_cannot_be_had_is_no_empty_one(office: Office) -> None:
    lost(office, done=False)
    with office.provider.refusing():
        for _ in range(10):
            office.deliver(minutes=60)
    assert office.message().asked == 0
    assert office.message().ask_at is not None


def test_30_a_list_that_lags_is_looked_at_again(office: Office) -> None:
    office.breaks(FaultKind.LISTING_LAG, seconds=600, times=2)
    lost(office)
    office.deliver(minutes=2)
    assert office.message().status is MessageStatus.UNKNOWN
    office.deliver(minutes=14)
    assert office.message().sid == office.created[0]


def test_a_receipt_heals_what_is_unknown_before_anybody_has_to_ask(office: Office) -> None:
    lost(office)
    office.receipt("sent")
    assert office.message().status is MessageStatus.SENT
    with office.cast.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 5
    office.deliver(minutes=1)
    assert not [line for line in office.provider.journal.of(Entry.REQUEST) if line.facts["method"] == "GET"]


def test_22_no_transaction_is_open_while_we_wait_for_the_provider(office: Office, engine: Engine) -> None:
    """Whoever needs the same rows, a receipt of that very text among them, would wait for as long as the provider."""
    under_way: set[Connection] = set()
    event.listen(engine, "begin", under_way.add)
    for ending in ("commit", "rollback"):
        event.listen(engine, ending, under_way.discard)
    asked: set[str] = set()

    def apart(request: str) -> Callable[..., object]:
        real = getattr(office.channel, request)

        def watched(*given: object) -> object:
            assert not under_way, request
            asked.add(request)
            return real(*given)

        return watched

    for request in ("send", "records", "record"):
        setattr(office.channel, request, apart(request))
    lost(office)
    office.deliver(minutes=1)
    office.deliver(minutes=10)
    assert asked == {"send", "records", "record"}
