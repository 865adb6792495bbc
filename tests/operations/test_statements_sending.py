"""What must hold when a text leaves the house, each statement by its number in the list we keep to."""

import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, select

from tests.cast import TWO, Cast
from tests.operations.office import OURS, PATIENCE, Office
from tracker import commitments
from tracker.audit import audit
from tracker.channels import NotSent, Outgoing, Rejected
from tracker.channels.sms import Sms
from tracker.delivery import deliver, senders
from tracker.delivery.claiming import claim
from tracker.delivery.settling import settle
from tracker.model import Customer, Dispatch, DispatchState, Message, MessageStatus, OptOut
from tracker.policy.outcomes import Outcome
from tracker.policy.retries import FIRST_WAIT
from tracker.settings import Settings
from web.simulator import FaultKind
from web.simulator.journal import Entry


@pytest.fixture
def office(cast: Cast) -> Iterator[Office]:
    with Office.open(cast) as office:
        yield office


def statuses(cast: Cast) -> Counter[str]:
    with cast.sessions() as session:
        return Counter(session.scalars(select(Message.status)))


def test_01_no_request_leaves_before_its_dispatch_is_committed(office: Office, engine: Engine) -> None:
    office.cast.promised()
    seen: list[tuple[str, str]] = []
    send = office.channel.send

    def looking(outgoing: Outgoing) -> object:
        with engine.connect() as other:  # what another connection sees is committed
            seen.extend(
                (row.token, row.state) for row in other.execute(select(Dispatch.token, Dispatch.state))
            )
        return send(outgoing)

    office.channel.send = looking  # type: ignore[method-assign,assignment]  # watched, not replaced
    office.deliver()
    (dispatch,) = office.dispatches()
    assert seen == [(dispatch.token, DispatchState.OPEN)]
    assert dispatch.state is DispatchState.ACCEPTED


@pytest.mark.parametrize("commit", [1, 2, 3])
def test_01_a_worker_that_dies_leaves_the_text_pending_unknown_or_bound(
    office: Office, engine: Engine, commit: int
) -> None:
    """It dies as it comes to its first, second or third commit: with nothing claimed, claimed, or sent."""
    office.cast.promised()
    seen = 0

    def die(_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == commit:
            raise KeyboardInterrupt

    event.listen(engine, "commit", die)
    with pytest.raises(KeyboardInterrupt):
        office.deliver()
    event.remove(engine, "commit", die)
    sent = len(office.created)
    assert sent == (1 if commit == 3 else 0)
    office.deliver(minutes=5)
    office.deliver(minutes=5)
    assert len(office.created) == 1, "sent by the next pass, or found in the list"
    assert office.message().status is MessageStatus.ACCEPTED
    assert office.message().sid == office.created[0]


def test_02_two_workers_never_send_the_same_message(office: Office) -> None:
    office.promised_to(12)

    def work(_: int) -> None:
        deliver(office.cast.sessions, office.channels, now=TWO)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    office.deliver()
    assert statuses(office.cast) == {"accepted": 12}
    assert len(office.created) == office.requests == 12


def test_03_too_many_requests_is_pending_again_and_waits_as_long_as_asked(office: Office) -> None:
    office.cast.promised()
    office.breaks(FaultKind.TOO_MANY, seconds=90)
    office.deliver()
    assert office.message().status is MessageStatus.PENDING
    assert office.message().send_after == TWO + timedelta(seconds=90)
    office.deliver(minutes=1)
    assert office.requests == 1
    office.deliver(minutes=0.5)
    assert office.message().status is MessageStatus.ACCEPTED


def test_03_a_refused_connection_is_pending_again_with_longer_and_longer_waits(office: Office) -> None:
    office.cast.promised()
    waits = []
    with office.provider.refusing():
        for _ in range(4):
            office.deliver()
            again_at = office.message().send_after
            assert again_at is not None
            waits.append(again_at - office.cast.clock.now)
            office.cast.clock.now = again_at
    assert waits == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT, 8 * FIRST_WAIT]
    assert office.requests == 0
    office.deliver()
    assert office.message().status is MessageStatus.ACCEPTED


def elsewhere(url: str) -> Sms:
    """A channel to another place than the provider's."""
    settings = Settings(
        _env_file=None,
        TRACKER_TWILIO_URL=url,
        TWILIO_ACCOUNT_SID="AC" + "5" * 32,
        TWILIO_AUTH_TOKEN="a-token-for-tests",
        TWILIO_FROM=OURS,
    )
    return Sms(settings, timeout=PATIENCE)


def test_03_a_name_that_nobody_knows_and_a_line_that_nobody_takes_are_pending_again(office: Office) -> None:
    office.cast.promised(minutes=600)
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as deaf,
        socket.create_connection(deaf.getsockname()),  # the only place in its queue
    ):
        for url in ("http://twilio.invalid", f"http://127.0.0.1:{deaf.getsockname()[1]}"):
            now = office.cast.clock.forward(10)
            deliver(office.cast.sessions, {"sms": elsewhere(url)}, now=now)
            assert office.message().status is MessageStatus.PENDING, url
    assert [each.state for each in office.dispatches()] == [DispatchState.NOT_SENT] * 2


def test_03_while_the_provider_cannot_be_reached_a_pass_tries_once_and_not_every_text(office: Office) -> None:
    office.promised_to(5)
    with office.provider.refusing():
        office.deliver()
    assert len(office.dispatches()) == 1


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        (FaultKind.SLOW, {"seconds": 2 * PATIENCE}),
        (FaultKind.RESET, {}),
        (FaultKind.HANG_UP, {}),
        (FaultKind.CUT_BODY, {}),
        (FaultKind.HTML, {}),
        (FaultKind.REDIRECT, {}),
        (FaultKind.SERVER_ERROR, {}),
        (FaultKind.BAD_GATEWAY, {}),
        (FaultKind.UNAVAILABLE, {}),
    ],
)
def test_04_an_answer_that_is_none_is_unknown_and_never_sent_again_at_once(
    office: Office, kind: FaultKind, how: dict[str, float]
) -> None:
    office.cast.promised()
    office.breaks(kind, **how)
    assert office.deliver().unknown == 1
    assert office.message().status is MessageStatus.UNKNOWN
    assert office.deliver().sent == 0
    assert office.requests == 1


@pytest.mark.parametrize("code", [21211, 21614])
def test_05_a_number_that_takes_no_texts_is_suppressed_after_one_request(office: Office, code: int) -> None:
    number = office.cast.promised()
    office.cast.promised()
    office.breaks(FaultKind.REJECTED, code=code)
    office.deliver()
    office.deliver(minutes=10)
    assert office.requests == 1
    assert statuses(office.cast) == {"failed": 1, "suppressed": 1}
    with office.cast.sessions() as session:
        assert session.scalars(select(OptOut.phone)).all() == [office.cast.maria.phone]
        assert commitments.find(session, number, by=office.cast.ana).closed_at is None, (
            "the call is still owed"
        )


@pytest.mark.parametrize("code", [20003, 21606])
def test_06_a_sick_account_pauses_all_sending_with_one_alarm_and_the_rows_stay(
    office: Office, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    office.promised_to(4)
    office.breaks(FaultKind.REJECTED, code=code, times=2)
    office.deliver()
    assert (office.requests, statuses(office.cast)) == (1, {"pending": 4})
    with office.cast.sessions() as session:
        paused = senders.paused(session)
        assert paused is not None
        assert (paused.paused_at, paused.error_code) == (TWO, code)
    office.deliver(minutes=4)
    assert office.requests == 1, "nothing is tried during the pause"
    office.deliver(minutes=1)
    assert (office.requests, statuses(office.cast)) == (2, {"pending": 4}), (
        "one text is tried, and meets it again"
    )
    with office.cast.sessions() as session:
        assert audit(session, now=office.cast.clock.now + timedelta(minutes=15)).findings == (), (
            "each would be another alarm"
        )
    assert [each.message for each in caplog.records if "paused" in each.message] == [
        f"sending is paused: the provider answered with error {code}, which is about our account"
    ]
    office.deliver(minutes=5)
    office.deliver(minutes=5)
    assert statuses(office.cast) == {"accepted": 4}
    with office.cast.sessions() as session:
        assert senders.paused(session) is None


def test_06_an_illness_that_only_receipts_tell_of_lets_one_text_out_at_a_time(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """An unregistered sender: every text is taken, and every one comes to nothing."""
    office.promised_to(3)
    office.deliver()
    for each in office.dispatches():
        office.receipt("undelivered", 30034, dispatch=each)
    for tried in (4, 5):
        office.deliver(minutes=5)
        office.deliver()
        assert office.requests == tried
        office.receipt("undelivered", 30034)
    assert [each.message for each in caplog.records if "paused" in each.message] == [
        "sending is paused: the provider answered with error 30034, which is about our account"
    ]
    office.deliver(minutes=5)
    assert office.requests == 6
    office.deliver(minutes=5)
    assert statuses(office.cast) == {"accepted": 3}, "the last one tried was not refused: the account is well"
    with office.cast.sessions() as session:
        assert senders.paused(session) is None


def test_06_the_tries_during_a_pause_are_no_reason_to_give_up(office: Office) -> None:
    office.cast.promised(minutes=3000)
    office.breaks(FaultKind.REJECTED, code=20003, times=20)
    for _ in range(25):
        office.deliver(minutes=5)
    assert office.message().status is MessageStatus.ACCEPTED


def test_07_who_opted_out_at_the_provider_gets_no_further_request(office: Office) -> None:
    for _ in range(3):
        office.cast.promised()
    office.breaks(FaultKind.REJECTED, code=21610)
    office.deliver()
    office.deliver(minutes=10)
    assert office.requests == 1
    assert statuses(office.cast) == {"failed": 1, "suppressed": 2}


def test_08_a_code_that_nobody_knows_is_not_tried_again_and_raises_an_alarm(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.cast.promised()
    office.breaks(FaultKind.REJECTED, code=29999)
    office.deliver()
    for _ in range(5):
        office.deliver(minutes=30)
    assert (office.requests, office.message().status) == (1, MessageStatus.FAILED)
    assert any("29999" in each.message and each.levelname == "ERROR" for each in caplog.records)


def test_09_taken_and_failed_in_one_answer_is_a_failure(office: Office) -> None:
    office.cast.promised()
    office.breaks(FaultKind.FAILED_AT_ONCE, code=30001)
    office.deliver()
    assert office.message().status is MessageStatus.PENDING, "the queue was full: later"
    assert office.message().sid is None
    office.breaks(FaultKind.FAILED_AT_ONCE, code=30007)
    office.deliver(minutes=1)
    assert (office.message().status, office.message().error_code) == (MessageStatus.FAILED, 30007)


def expired(office: Office) -> None:
    office.cast.clock.now = TWO + timedelta(minutes=61)


def closed(office: Office) -> None:
    with office.cast.sessions.begin() as session:
        commitment = commitments.find(session, 1, by=office.cast.ana)
        commitments.close(
            session, commitment, by=office.cast.ana, outcome=Outcome.CANCELLED, reference="by phone", now=TWO
        )


def opted_out(office: Office) -> None:
    with office.cast.sessions.begin() as session:
        session.add(OptOut(phone=office.cast.maria.phone, reason="stop", at=TWO))


@pytest.mark.parametrize("happened", [expired, closed, opted_out])
def test_10_what_is_expired_closed_or_opted_out_when_it_is_claimed_is_not_sent(
    office: Office, happened: object
) -> None:
    office.cast.promised()
    happened(office)  # type: ignore[operator]  # one of the three above
    office.deliver()
    assert office.requests == 0
    assert office.message().status is MessageStatus.SUPPRESSED


def test_10_what_could_not_be_sent_is_looked_at_anew_when_it_is_claimed_again(office: Office) -> None:
    """Closed while its request was under way, and the request came to nothing."""
    office.cast.promised()
    claimed = claim(office.cast.sessions, office.channels, now=TWO)
    closed(office)
    settle(office.cast.sessions, [(ready, NotSent("busy")) for ready in claimed.ready], now=TWO)
    office.deliver(minutes=1)
    assert office.requests == 0
    assert (office.message().status, office.message().reason) == (MessageStatus.SUPPRESSED, "closed")


def test_10_a_confirmation_that_the_provider_did_not_take_for_hours_wakes_nobody(office: Office) -> None:
    office.cast.clock.now = TWO + timedelta(hours=6, minutes=55)
    office.cast.promised(minutes=24 * 60)
    with office.provider.refusing():
        office.deliver()
    office.deliver(minutes=60)
    assert office.requests == 0
    assert office.message().send_after == TWO + timedelta(hours=18)
    office.deliver(minutes=11 * 60)
    assert office.requests == 1


def test_10_the_provider_tries_no_longer_than_the_text_is_useful(office: Office) -> None:
    office.cast.promised(minutes=60)
    office.deliver(minutes=45)
    (request,) = office.provider.journal.of(Entry.REQUEST)
    assert request.facts["params"]["ValidityPeriod"] == [str(15 * 60)]  # type: ignore[index]  # as JSON


def test_11_more_than_1600_characters_are_refused_before_any_request(office: Office) -> None:
    outgoing = Outgoing("token", office.cast.maria.phone, "x" * 1601, None)
    assert isinstance(office.channel.send(outgoing), Rejected)
    assert office.requests == 0
    office.channel.send(replace(outgoing, body="x" * 1600))
    assert office.requests == 1


@pytest.mark.parametrize("kind", ["from the settings", "of the team"])
def test_12_nothing_is_sent_to_a_number_of_our_own(office: Office, kind: str) -> None:
    ours = OURS if kind == "from the settings" else "+15005550010"
    with office.cast.sessions.begin() as session:
        session.get_one(Customer, office.cast.maria.id).phone = ours
        if kind == "of the team":
            senders.lock(session, [ours])
    office.cast.promised()
    office.deliver()
    assert office.requests == 0
    assert office.message().reason == "that is our own number"
