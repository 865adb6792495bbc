"""What must hold of how many texts leave, and of the times they carry, by number in the list we keep to."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import OperationalError

from tests.cast import TWO, Cast
from tests.operations.office import OURS, Office
from tracker import commitments
from tracker.audit import Overdue, overdue
from tracker.delivery import deliver, senders
from tracker.escalation import climb
from tracker.model import Dispatch, Message, MessageStatus, Team
from tracker.policy.outcomes import Outcome
from tracker.policy.pacing import CAPS
from web.simulator import FaultKind
from web.simulator.journal import Entry

THEIRS = "+15005550007"
"""The sender of a team that has one of its own."""


@pytest.fixture
def office(cast: Cast) -> Iterator[Office]:
    with Office.open(cast) as office:
        yield office


def test_13_one_number_gets_no_more_texts_in_a_time_than_its_cap_however_many_workers_there_are(
    office: Office,
) -> None:
    for _ in range(12):
        office.cast.promised(minutes=600)

    def work(_: int) -> None:
        deliver(office.cast.sessions, office.channels, now=office.cast.clock.now)

    sent: list[int] = []
    with ThreadPoolExecutor(3) as pool:
        for _ in range(40):
            list(pool.map(work, range(3)))
            sent.append(len(office.created))
            office.cast.clock.forward(1)
    assert sent[-1] == 12, "none is lost"
    for span, cap in CAPS:
        minutes = int(span.total_seconds() // 60)
        counted = [0] * minutes + sent
        assert max(counted[n + minutes] - counted[n] for n in range(len(sent))) <= cap


def test_13_a_sender_is_given_no_more_a_minute_than_it_may_however_many_workers_there_are(
    office: Office,
) -> None:
    office.promised_to(10)
    office.channel.per_minute = 4

    def work(_: int) -> None:
        deliver(office.cast.sessions, office.channels, now=office.cast.clock.now)

    sent = []
    with ThreadPoolExecutor(3) as pool:
        for _ in range(3):
            list(pool.map(work, range(3)))
            deliver(office.cast.sessions, office.channels, now=office.cast.clock.now)
            sent.append(len(office.created))
            office.cast.clock.forward(1)
    assert sent == [4, 8, 10]


def told(office: Office, usual_sender: str = OURS) -> Overdue:
    """What a monitor hears."""
    with office.cast.sessions() as session:
        found = overdue(session, usual_sender=usual_sender, now=office.cast.clock.now)
    assert found is not None
    return found


def test_13_a_monitor_is_told_which_setting_keeps_texts_waiting_behind_others(office: Office) -> None:
    office.promised_to(20)
    office.channel.per_minute = 1
    for _ in range(17):
        office.deliver(minutes=1)
    found = told(office)
    assert not found.still, "nothing is broken, and a restart would help nobody"
    assert found.sentence == (
        "texts have waited to leave since 2026-11-19T14:00:00+00:00, behind others of their sender: give it more a "
        "minute (TRACKER_TEXTS_A_MINUTE) if the provider takes it"
    )
    with office.cast.sessions.begin() as session:
        waiting = select(Message).where(Message.status == MessageStatus.PENDING)
        longest = session.scalars(waiting.order_by(Message.send_after, Message.id).limit(1)).one()
        longest.commitment_id = office.cast.promise(session, owner=office.cast.zoe).id
    assert told(office).sentence.endswith("or give one of the teams a sender of its own")
    assert told(office, usual_sender=THEIRS).still, "what leaves from another sender is no comfort"


def test_13_a_monitor_is_told_when_nothing_leaves_though_it_is_tried(office: Office) -> None:
    office.promised_to(30)
    office.breaks(FaultKind.TOO_MANY, times=None)
    for _ in range(16):
        office.deliver(minutes=1)
    assert told(office).still
    assert "look at the log of tracker worker" in told(office).sentence


def test_13_a_backlog_of_one_sender_holds_up_no_other(office: Office) -> None:
    office.provider.settings = replace(office.provider.settings, numbers=(OURS, THEIRS))
    with office.cast.sessions.begin() as session:
        session.get_one(Team, office.cast.sales.id).sender = THEIRS
    office.promised_to(50)
    office.cast.clock.forward(1)
    office.cast.promised(owner=office.cast.zoe)
    office.channel.per_minute = 1
    office.deliver()
    assert [each.from_address for each in office.dispatches()] == [OURS, THEIRS]
    assert len(office.created) == 2


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_13_who_counts_what_a_sender_has_been_given_counts_alone(office: Office, engine: Engine) -> None:
    office.cast.promised()
    with office.cast.sessions.begin() as session:
        senders.lock(session, [OURS])
    with office.cast.sessions.begin() as another_worker:
        senders.lock(another_worker, [OURS])
        event.listen(engine, "begin", lambda c: c.exec_driver_sql("set local lock_timeout = '300ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            office.deliver()
    assert office.requests == 0


def test_13_an_agent_with_forty_late_promises_gets_one_text_that_says_so(office: Office) -> None:
    office.promised_to(40)
    office.cast.clock.forward(60)
    climb(office.cast.sessions, now=office.cast.clock.now)
    office.deliver()
    to_ana = [text.body for text in office.provider.phones[office.cast.ana.phone or ""]]
    assert len(to_ana) == 1
    assert to_ana[0].startswith("40 due now, first: callback today 15:00")


def test_13_what_one_text_was_to_say_for_all_is_not_lost_with_it(office: Office) -> None:
    office.promised_to(5)
    office.cast.clock.forward(60)
    climb(office.cast.sessions, now=office.cast.clock.now)
    office.breaks(FaultKind.REJECTED, code=30007, to=office.cast.ana.phone)
    office.breaks(FaultKind.TOO_MANY)
    for _ in range(5):
        office.deliver(minutes=1)
    to_ana = [text.body for text in office.provider.phones[office.cast.ana.phone or ""]]
    assert [body.split(",")[0] for body in to_ana] == ["4 due now"], (
        "the first was refused, and the others said"
    )


def test_13_what_one_text_said_for_all_is_said_again_when_it_did_not_arrive(office: Office) -> None:
    """Her phone is off. When it is on again she still has to hear of every promise that is open then."""
    office.promised_to(5)
    office.cast.clock.forward(60)
    climb(office.cast.sessions, now=office.cast.clock.now)
    office.deliver()

    def to_ana() -> list[str]:
        return [text.body for text in office.provider.phones[office.cast.ana.phone or ""]]

    (first,) = to_ana()
    assert first.startswith("5 due now")
    with office.cast.sessions.begin() as session:
        commitments.close(
            session, commitments.find(session, 2, by=office.cast.ana), by=office.cast.ana,
            outcome=Outcome.CANCELLED, reference="by phone", now=office.cast.clock.now,
        )  # fmt: skip
    said = next(each for each in office.dispatches() if each.body == first)
    office.receipt("undelivered", 30003, dispatch=said)
    office.deliver(minutes=9)
    assert len(to_ana()) == 1
    office.deliver(minutes=1)
    assert [body.split(",")[0] for body in to_ana()] == ["5 due now", "4 due now"]
    office.receipt("delivered", dispatch=next(each for each in office.dispatches() if "4 due" in each.body))
    office.deliver(minutes=30)
    assert len(to_ana()) == 2


def test_13_the_urgent_and_the_customers_go_first(office: Office) -> None:
    office.cast.promised()
    office.cast.clock.forward(75)
    climb(office.cast.sessions, now=office.cast.clock.now)
    office.deliver()
    with office.cast.sessions() as session:
        left = select(Message.kind).join(Dispatch, Dispatch.message_id == Message.id).order_by(Dispatch.id)
        assert session.scalars(left).all() == ["apology", "due", "escalation"]


def test_13_each_team_sends_from_its_own_number(office: Office) -> None:
    with office.cast.sessions.begin() as session:
        session.merge(office.cast.care, load=False).sender = "+15005550010"
    office.provider.settings = replace(office.provider.settings, numbers=(OURS, "+15005550010"))
    office.cast.promised()
    office.deliver()
    (request,) = office.provider.journal.of(Entry.REQUEST)
    assert request.facts["params"]["From"] == ["+15005550010"]  # type: ignore[index]  # as JSON
    assert office.dispatches()[0].from_address == "+15005550010"


def test_14_no_local_time_reaches_the_provider_and_its_own_are_read_as_utc(office: Office) -> None:
    """The tests run nearly a day away from UTC, so a clock taken from the wall would show."""
    office.cast.promised(minutes=90)
    office.deliver()
    (request,) = office.provider.journal.of(Entry.REQUEST)
    params: dict[str, list[str]] = request.facts["params"]  # type: ignore[assignment]  # as JSON
    assert set(params) == {"To", "From", "Body", "StatusCallback", "ValidityPeriod"}, "no time among them"
    record = office.channel.record(office.created[0])
    assert record is not None
    assert record.made_at == TWO
    assert record.made_at.utcoffset() == timedelta(0)
