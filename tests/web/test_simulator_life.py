"""What becomes of a text in the simulator, and what are we told of it?"""

import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.base.exceptions import TwilioRestException

from tests.web.simulator_stage import ADA, BOB, NOON, OURS, PLAIN, SERVICE, WITH_SERVICE, Clock, Stage
from web.simulator import Condition, Fault, FaultKind, SimulatorServer
from web.simulator.core import Simulator
from web.simulator.journal import Entry
from web.simulator.segments import segments, units


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


@pytest.fixture
def service() -> Iterator[Stage]:
    with Stage(WITH_SERVICE) as stage:
        yield stage


def test_nothing_happens_until_time_passes(stage: Stage) -> None:
    message = stage.send()
    assert message.fetch().status == "queued"
    assert stage.receiver.calls == []
    assert stage.server.advance(0) == 0


def test_a_text_is_queued_sending_sent_delivered_and_each_but_the_first_is_called_back(stage: Stage) -> None:
    message = stage.send()
    stage.server.drain()
    assert stage.receiver.statuses == ["sending", "sent", "delivered"]
    assert message.fetch().status == "delivered"


def test_a_text_of_a_messaging_service_is_called_back_from_queued_on(service: Stage) -> None:
    service.send(from_=None, messaging_service_sid=SERVICE)
    service.server.drain()
    assert service.receiver.statuses == ["queued", "sending", "sent", "delivered"]
    assert all(call["MessagingServiceSid"] == SERVICE for call in service.receiver.calls)


def test_time_passes_by_as_much_as_is_said(stage: Stage) -> None:
    message = stage.send()
    stage.server.advance(0.5)
    assert message.fetch().status == "sending"
    stage.server.advance(0.5)
    assert message.fetch().status == "sent"
    stage.server.advance(1.5)
    assert message.fetch().status == "delivered"


def test_the_clock_alone_lets_time_pass_too(stage: Stage) -> None:
    message = stage.send()
    stage.clock.move(minutes=1)
    stage.server.advance()
    assert message.fetch().status == "delivered"
    assert stage.server.now() == NOON + timedelta(minutes=1)


def test_time_never_runs_backwards(stage: Stage) -> None:
    stage.server.advance(60)
    stage.clock.move(minutes=-5)
    assert stage.server.now() == NOON + timedelta(minutes=1)


def test_the_time_of_sending_is_when_the_text_left_the_queue(stage: Stage) -> None:
    stage.clock.now = datetime(2026, 11, 19, 12, 0, 30, 500_000, tzinfo=UTC)
    message = stage.send()
    stage.server.drain()
    assert message.fetch().date_sent == datetime(2026, 11, 19, 12, 0, 31, tzinfo=UTC)


def test_a_callback_carries_twilios_parameters_and_its_signature(stage: Stage) -> None:
    message = stage.send()
    stage.server.drain()
    call = stage.receiver.calls[0]
    assert call.signed
    assert call.params == {
        "AccountSid": PLAIN.account_sid,
        "ApiVersion": "2010-04-01",
        "From": OURS,
        "MessageSid": message.sid,
        "MessageStatus": "sending",
        "SmsSid": message.sid,
        "SmsStatus": "sending",
        "To": ADA,
    }
    assert call.headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_every_callback_has_an_idempotency_token_of_its_own(stage: Stage) -> None:
    stage.send()
    stage.server.drain()
    tokens = {call.headers["I-Twilio-Idempotency-Token"] for call in stage.receiver.calls}
    assert len(tokens) == 3


@pytest.mark.parametrize("rest", ["?a=%2F&b=&b=2&c=d%20e", "?a=1#rc=2&rp=all", "/%2F/x?~=%7E*"])
def test_the_signature_is_over_the_address_as_given(stage: Stage, rest: str) -> None:
    stage.send(status_callback=f"{stage.receiver.url}/status{rest}")
    stage.server.drain()
    call = stage.receiver.calls[0]
    assert call.signed
    assert call.url == f"{stage.receiver.url}/status{rest.partition('#')[0]}"


def test_without_a_callback_address_nobody_is_called(stage: Stage) -> None:
    message = stage.send(status_callback=None)
    stage.server.drain()
    assert message.fetch().status == "delivered"
    assert stage.receiver.calls == []


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (Condition.OFF, 30003),
        (Condition.BLOCKED, 30004),
        (Condition.GONE, 30005),
        (Condition.LANDLINE, 30006),
        (Condition.FILTERED, 30007),
        (Condition.TROUBLE, 30008),
    ],
)
def test_a_text_to_a_phone_in_a_bad_condition_is_undelivered(
    stage: Stage, condition: Condition, code: int
) -> None:
    stage.server.set_condition(ADA, condition)
    message, other = stage.send(), stage.send(to=BOB)
    stage.server.drain()
    failed = message.fetch()
    assert (failed.status, failed.error_code) == ("undelivered", code)
    assert failed.error_message
    last = [call for call in stage.receiver.calls if call["To"] == ADA][-1]
    assert (last["MessageStatus"], last["ErrorCode"]) == ("undelivered", str(code))
    assert other.fetch().status == "delivered"


def test_a_phone_without_receipts_stays_at_sent(stage: Stage) -> None:
    stage.server.set_condition(ADA, Condition.NO_RECEIPTS)
    message = stage.send()
    stage.server.drain()
    assert message.fetch().status == "sent"
    assert stage.receiver.statuses == ["sending", "sent"]


def test_a_phone_that_is_switched_on_again_receives_again(stage: Stage) -> None:
    stage.server.set_condition(ADA, Condition.OFF)
    stage.server.set_condition(ADA, Condition.ON)
    message = stage.send()
    stage.server.drain()
    assert message.fetch().status == "delivered"


def test_a_text_that_waits_longer_than_it_is_valid_fails_with_30036(stage: Stage) -> None:
    stage.server.order(Fault(FaultKind.HELD, seconds=61))
    message = stage.send(validity_period=60)
    stage.server.advance(60)
    assert message.fetch().status == "queued"
    stage.server.drain()
    assert (message.fetch().status, message.fetch().error_code) == ("failed", 30036)
    assert stage.receiver.statuses == ["failed"]


def test_a_text_that_waits_less_is_sent(stage: Stage) -> None:
    stage.server.order(Fault(FaultKind.HELD, seconds=59))
    message = stage.send(validity_period=60)
    stage.server.drain()
    assert message.fetch().status == "delivered"


class TestScheduling:
    AT = NOON + timedelta(hours=1)

    def test_a_scheduled_text_leaves_at_its_time(self, service: Stage) -> None:
        message = self.schedule(service)
        assert (message.status, message.date_sent, message.num_segments) == ("scheduled", None, "0")
        service.server.advance(3599)
        assert message.fetch().status == "scheduled"
        service.server.advance(60)
        assert message.fetch().status == "delivered"
        assert service.receiver.statuses == ["queued", "sending", "sent", "delivered"]

    def test_a_cancelled_text_never_leaves(self, service: Stage) -> None:
        message = self.schedule(service)
        assert service.client.messages(message.sid).update(status="canceled").status == "canceled"
        service.server.drain()
        assert message.fetch().status == "canceled"
        assert service.receiver.calls == []

    def test_only_a_scheduled_text_can_be_cancelled(self, service: Stage) -> None:
        with pytest.raises(TwilioRestException) as refused:
            service.client.messages(service.send().sid).update(status="canceled")
        assert refused.value.code == 30409

    def test_stop_does_not_cancel_it_but_keeps_it_from_being_sent(self, service: Stage) -> None:
        message = self.schedule(service)
        service.server.reply(ADA, "STOP")
        assert message.fetch().status == "scheduled"
        service.server.drain()
        assert (message.fetch().status, message.fetch().error_code) == ("failed", 21610)

    def test_without_a_messaging_service_the_schedule_is_dropped(self, stage: Stage) -> None:
        assert stage.send(schedule_type="fixed", send_at=self.AT).status == "queued"

    @pytest.mark.parametrize("ahead", [timedelta(minutes=14), timedelta(days=36)])
    def test_too_soon_and_too_late_are_refused(self, service: Stage, ahead: timedelta) -> None:
        refusal = service.refusal(
            from_=None, messaging_service_sid=SERVICE, schedule_type="fixed", send_at=NOON + ahead
        )
        assert refusal == (400, 35114)

    def test_a_time_without_a_kind_of_schedule_is_refused(self, service: Stage) -> None:
        assert service.refusal(from_=None, messaging_service_sid=SERVICE, send_at=self.AT) == (400, 35111)

    def schedule(self, service: Stage):  # type: ignore[no-untyped-def]  # the client's classes are untyped
        return service.send(from_=None, messaging_service_sid=SERVICE, schedule_type="fixed", send_at=self.AT)


def test_the_sender_of_a_messaging_service_stays_the_same_for_a_recipient(service: Stage) -> None:
    for _ in range(3):
        service.send(from_=None, messaging_service_sid=SERVICE)
        service.server.drain()
    assert len({message.from_ for message in service.client.messages.list(to=ADA)}) == 1


def test_a_callback_that_nobody_answers_is_in_the_journal_alone_and_does_no_harm(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    message = stage.send(status_callback="http://127.0.0.1:9/status")
    stage.server.drain()
    assert message.fetch().status == "delivered"
    lines = stage.server.journal.of(Entry.WEBHOOK)
    assert [(line.facts["status"], line.facts["error"]) for line in lines] == [(None, 11205)] * 3
    assert caplog.records == [], "whoever stops the house while texts are under way is told nothing new"


def test_a_stopped_simulator_lets_nothing_more_happen(stage: Stage) -> None:
    stage.send()
    stage.server.stop()
    assert stage.server.drain() == 0


def test_a_callback_answered_with_an_error_is_11200_and_not_repeated(stage: Stage) -> None:
    stage.receiver.status = 500
    stage.send()
    stage.server.drain()
    assert len(stage.receiver.calls) == 3
    assert {line.facts["error"] for line in stage.server.journal.of(Entry.WEBHOOK)} == {11200}


def test_the_phone_shows_its_texts_in_order_with_their_status(stage: Stage) -> None:
    stage.send(body="one")
    stage.server.drain()
    stage.clock.move(minutes=1)
    stage.send(body="two")
    texts = stage.server.phones[ADA]
    assert [(text.body, text.inbound, text.status.value, text.at) for text in texts] == [
        ("one", False, "delivered", NOON),
        ("two", False, "queued", NOON + timedelta(minutes=1)),
    ]
    assert stage.server.phones[BOB] == []
    assert list(stage.server.phones) == [ADA]


def test_the_live_server_lets_time_pass_by_itself() -> None:
    delivered = threading.Event()

    def post(_url: str, params: Mapping[str, str], _headers: Mapping[str, str]) -> None:
        if params["MessageStatus"] == "delivered":
            delivered.set()

    clock = Clock()
    with SimulatorServer(PLAIN, clock=clock, live=True, post=post) as server:
        server.create({"To": ADA, "From": OURS, "Body": "Hello", "StatusCallback": "http://example.org/"})
        clock.move(minutes=1)
        assert delivered.wait(10)


def test_on_a_live_server_things_are_brought_forward_but_the_time_stays_the_clocks() -> None:
    simulator = Simulator(PLAIN, clock=Clock(), live=True)
    for _ in range(2):
        simulator.create({"To": ADA, "From": OURS, "Body": "Hello"})
        simulator.drain()
    assert [text.status.value for text in simulator.phones[ADA]] == ["delivered", "delivered"]
    assert simulator.now() == NOON


def test_a_proxy_of_the_environment_is_not_asked(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.send()
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    stage.server.drain()
    assert len(stage.receiver.calls) == 3


@given(st.lists(st.sampled_from([0.0, 0.3, 0.5, 1.0, 7.0]), max_size=12))
def test_however_time_passes_a_text_takes_the_same_way(steps: list[float]) -> None:
    seen: list[str] = []

    def post(_url: str, params: Mapping[str, str], _headers: Mapping[str, str]) -> None:
        seen.append(params["MessageStatus"])

    simulator = Simulator(PLAIN, clock=Clock(), post=post)
    simulator.create({"To": ADA, "From": OURS, "Body": "Hello", "StatusCallback": "http://example.org/"})
    for seconds in steps:
        simulator.advance(seconds)
    simulator.drain()
    assert seen == ["sending", "sent", "delivered"]
    assert [line.number for line in simulator.journal] == list(range(1, len(simulator.journal) + 1))
    assert all(earlier.at <= later.at for earlier, later in pairwise(simulator.journal))


@given(st.text(max_size=400), st.text(max_size=400))
def test_a_longer_text_never_needs_fewer_segments(one: str, other: str) -> None:
    assert segments(one) <= segments(one + other)
    assert segments(one) * 160 >= units(one)
