"""Does the simulator break exactly as ordered, on the wire and as the official client sees it?"""

from collections.abc import Iterator
from http.client import RemoteDisconnected
from json import JSONDecodeError
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError, ProtocolError
from urllib3.util.retry import Retry

from tests.web.simulator_stage import ACCOUNT, ADA, BOB, OURS, TOKEN, LoopbackClient, Stage
from web.simulator import Fault, FaultKind, On
from web.simulator.answers import BREAKAGES
from web.simulator.faults import PLACES, FaultBook
from web.simulator.journal import Entry
from web.simulator.webhooks import MISCHIEF


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        stage.server.inbound_url = f"{stage.receiver.url}/inbound"
        yield stage


def created(stage: Stage) -> int:
    return len(stage.server.journal.of(Entry.CREATED))


def test_every_kind_of_fault_has_a_place_and_whatever_breaks_it_there() -> None:
    assert set(PLACES) == set(FaultKind)
    assert set(BREAKAGES) == {kind for kind, places in PLACES.items() if On.CREATE in places}
    assert set(MISCHIEF) == {kind for kind, places in PLACES.items() if On.CALLBACK in places}


class TestAnswers:
    def test_too_many_requests_are_never_done_and_say_when_to_come_back(self, stage: Stage) -> None:
        stage.server.order(Fault(FaultKind.TOO_MANY, seconds=7))
        assert stage.refusal() == (429, 20429)
        assert stage.http.last_answer is not None
        assert stage.http.last_answer.headers is not None
        assert stage.http.last_answer.headers["Retry-After"] == "7"
        assert created(stage) == 0

    @pytest.mark.parametrize(
        ("kind", "seen"),
        [
            (FaultKind.SERVER_ERROR, (500, 20500)),
            (FaultKind.UNAVAILABLE, (503, 20503)),
            (FaultKind.BAD_GATEWAY, (502, 502)),
            (FaultKind.REDIRECT, (302, 302)),
        ],
    )
    @pytest.mark.parametrize("done", [False, True])
    def test_an_error_of_the_server_leaves_it_open_whether_it_was_done(
        self, stage: Stage, kind: FaultKind, seen: tuple[int, int], done: bool
    ) -> None:
        stage.server.order(Fault(kind, done=done))
        assert stage.refusal() == seen
        assert created(stage) == done

    @pytest.mark.parametrize(("code", "status"), [(21606, 400), (20003, 401), (99999, 400)])
    def test_any_code_can_be_the_reason_to_refuse(self, stage: Stage, code: int, status: int) -> None:
        stage.server.order(Fault(FaultKind.REJECTED, code=code))
        assert stage.refusal() == (status, code)
        assert created(stage) == 0

    def test_a_cut_body_ends_in_the_middle(self, stage: Stage) -> None:
        stage.server.order(Fault(FaultKind.CUT_BODY))
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            stage.send()
        assert created(stage) == 1

    @pytest.mark.parametrize("done", [None, False])
    def test_html_comes_with_201(self, stage: Stage, done: bool | None) -> None:
        stage.server.order(Fault(FaultKind.HTML, done=done))
        with pytest.raises(JSONDecodeError):
            stage.send()
        assert stage.http.last_answer is not None
        assert stage.http.last_answer.status_code == 201
        assert created(stage) == (done is None)

    @pytest.mark.parametrize("kind", [FaultKind.HANG_UP, FaultKind.RESET])
    @pytest.mark.parametrize("done", [None, False])
    def test_a_line_that_goes_dead_gives_no_answer_at_all(
        self, stage: Stage, kind: FaultKind, done: bool | None, capfd: pytest.CaptureFixture[str]
    ) -> None:
        stage.server.order(Fault(kind, done=done))
        with pytest.raises(requests.ConnectionError) as broken:
            stage.send()
        assert isinstance(broken.value.args[0], ProtocolError)
        cause = broken.value.args[0].args[1]
        assert isinstance(cause, ConnectionResetError)
        assert isinstance(cause, RemoteDisconnected) == (kind is FaultKind.HANG_UP)
        assert created(stage) == (done is None)
        assert stage.send().status == "queued"
        assert capfd.readouterr().err == ""

    def test_a_slow_answer_outlasts_the_clients_patience(self, stage: Stage) -> None:
        stage.server.order(Fault(FaultKind.SLOW, seconds=1))
        hasty = Client(ACCOUNT, TOKEN, http_client=LoopbackClient(stage.server.url, timeout=0.2))
        with pytest.raises(requests.ReadTimeout):
            hasty.messages.create(to=ADA, from_=OURS, body="Hello")
        hasty.http_client.session.close()
        assert created(stage) == 1

    def test_a_slow_answer_is_right_for_who_waits(self, stage: Stage) -> None:
        stage.server.order(Fault(FaultKind.SLOW, seconds=0.01))
        assert stage.send().status == "queued"

    def test_a_refusal_under_a_fault_creates_nothing(self, stage: Stage) -> None:
        stage.server.order(Fault(FaultKind.SLOW, seconds=0))
        assert stage.refusal(to="banana") == (400, 21211)
        assert created(stage) == 0

    @pytest.mark.parametrize(
        ("on", "ask"),
        [
            (On.FETCH, lambda stage, sid: stage.client.messages(sid).fetch()),
            (On.UPDATE, lambda stage, sid: stage.client.messages(sid).update(body="")),
            (On.DELETE, lambda stage, sid: stage.client.messages(sid).delete()),
        ],
    )
    def test_every_request_can_be_struck(self, stage: Stage, on: On, ask: Any) -> None:
        sid = stage.send().sid
        stage.server.drain()
        stage.server.order(Fault(FaultKind.SERVER_ERROR, on=on))
        with pytest.raises(TwilioRestException) as struck:
            ask(stage, sid)
        assert struck.value.status == 500
        assert ask(stage, sid)

    def test_a_listing_can_be_struck_too(self, stage: Stage) -> None:
        stage.server.order(Fault(FaultKind.HTML, on=On.LIST))
        stage.send()
        with pytest.raises(JSONDecodeError):
            stage.client.messages.list()
        assert len(stage.client.messages.list()) == 1

    def test_the_journal_says_what_was_asked_done_and_answered(self, stage: Stage) -> None:
        stage.server.order(Fault(FaultKind.SERVER_ERROR, done=True))
        stage.refusal(body="Hello, Ada")
        request, made, answered = stage.server.journal
        assert (request.entry, request.facts["method"]) == (Entry.REQUEST, "POST")
        assert "Hello, Ada" in str(request.facts["params"])
        assert (made.entry, made.facts["to"], made.facts["body"]) == (Entry.CREATED, ADA, "Hello, Ada")
        assert answered.entry is Entry.ANSWERED
        assert (answered.facts["status"], answered.facts["fault"]) == (500, "server_error")


class TestTheLine:
    def test_a_refused_line_refuses_until_it_is_taken_up_again(self, stage: Stage) -> None:
        with stage.server.refusing():
            for _ in range(2):
                with pytest.raises(requests.ConnectionError) as refused:
                    stage.send()
                assert isinstance(refused.value.args[0].reason, NewConnectionError)
        assert stage.send().status == "queued"
        assert created(stage) == 1

    def test_a_line_refused_by_order_comes_back_by_itself_at_the_same_address(self, stage: Stage) -> None:
        before = stage.server.url
        stage.server.order(Fault(FaultKind.REFUSED, seconds=0.05))
        retries = requests.adapters.HTTPAdapter(max_retries=Retry(total=8, backoff_factor=0.05))
        with requests.Session() as session:
            session.mount("http://", retries)
            assert session.get(f"{before}/simulator/health", timeout=5).json()["ready"]
        assert stage.server.url == before

    def test_stopping_while_the_line_is_refused_leaves_nothing_behind(self) -> None:
        with Stage() as stage:
            stage.server.order(Fault(FaultKind.REFUSED, seconds=3600))
        with pytest.raises(requests.ConnectionError):
            requests.get(stage.server.url, timeout=1)


class TestTheMessage:
    def test_it_can_be_born_failed(self, stage: Stage) -> None:
        stage.server.order(Fault(FaultKind.FAILED_AT_ONCE))
        message = stage.send()
        assert (message.status, message.error_code) == ("failed", 30001)
        stage.server.drain()
        assert stage.receiver.calls == []

    def test_its_callbacks_can_be_earlier_than_the_answer(self, stage: Stage) -> None:
        stage.server.order(Fault(FaultKind.EARLY))
        assert stage.send().status == "queued"
        assert stage.receiver.statuses == ["sending", "sent", "delivered"]
        entries = [line.entry for line in stage.server.journal]
        assert entries.index(Entry.WEBHOOK) < entries.index(Entry.ANSWERED)
        assert stage.server.drain() == 0

    @pytest.mark.parametrize(
        ("code", "status"),
        [(None, "undelivered"), (30008, "undelivered"), (30001, "failed"), (30002, "failed")],
    )
    def test_any_code_can_come_back_from_the_carrier(
        self, stage: Stage, code: int | None, status: str
    ) -> None:
        stage.server.order(Fault(FaultKind.UNDELIVERED, code=code, to=ADA))
        first, other, second = stage.send(), stage.send(to=BOB), stage.send()
        stage.server.drain()
        assert (first.fetch().status, first.fetch().error_code) == (status, code or 30003)
        assert [other.fetch().status, second.fetch().status] == ["delivered", "delivered"]

    def test_new_messages_can_be_missing_from_listings(self, stage: Stage) -> None:
        stage.server.order(Fault(FaultKind.LISTING_LAG, seconds=600, times=None))
        sid = stage.send().sid
        assert stage.client.messages.list(to=ADA) == []
        assert stage.client.messages(sid).fetch().sid == sid
        stage.clock.move(seconds=600)
        assert [message.sid for message in stage.client.messages.list(to=ADA)] == [sid]


class TestCallbacks:
    def test_a_dropped_one_never_comes(self, stage: Stage) -> None:
        stage.server.order(Fault(FaultKind.DROPPED))
        stage.send()
        stage.server.drain()
        assert stage.receiver.statuses == ["sent", "delivered"]

    def test_a_doubled_one_comes_twice_with_the_same_token(self, stage: Stage) -> None:
        stage.server.order(Fault(FaultKind.DOUBLED))
        stage.send()
        stage.server.drain()
        assert stage.receiver.statuses == ["sending", "sending", "sent", "delivered"]
        first, again, *_ = stage.receiver.calls
        token = "I-Twilio-Idempotency-Token"
        assert first.headers[token] == again.headers[token]

    def test_a_reordered_one_comes_after_those_that_follow_it(self, stage: Stage) -> None:
        stage.server.order(Fault(FaultKind.REORDERED))
        stage.send()
        stage.server.drain()
        assert stage.receiver.statuses == ["sent", "delivered", "sending"]

    def test_a_forged_one_lies_and_its_signature_does_not_hold(self, stage: Stage) -> None:
        stage.server.order(Fault(FaultKind.FORGED, times=None))
        stage.send()
        stage.server.drain()
        seen = [(call["MessageStatus"], call.signed) for call in stage.receiver.calls]
        assert seen[:4] == [("failed", False), ("sending", True), ("failed", False), ("sent", True)]

    def test_replies_go_astray_in_the_same_ways(self, stage: Stage) -> None:
        for kind in (FaultKind.DROPPED, FaultKind.DOUBLED, FaultKind.FORGED):
            stage.server.order(Fault(kind, on=On.INBOUND))
        for word in ("one", "two", "three"):
            stage.server.reply(ADA, word)
        seen = [(call["Body"], call.signed) for call in stage.receiver.calls]
        assert seen == [("two", True), ("two", True), ("STOP", False), ("three", True)]

    def test_what_a_forger_is_answered_does_not_reach_the_phone(self, stage: Stage) -> None:
        stage.receiver.body = "<Response><Message>Noted</Message></Response>"
        stage.server.order(Fault(FaultKind.FORGED, on=On.INBOUND))
        stage.server.reply(ADA, "Thank you")
        assert [text.body for text in stage.server.phones[ADA]] == ["Thank you", "Noted"]


class TestOrders:
    def test_a_fault_strikes_as_often_as_ordered(self, stage: Stage) -> None:
        stage.server.order(Fault(FaultKind.TOO_MANY, times=2))
        assert [stage.refusal()[0], stage.refusal()[0]] == [429, 429]
        assert stage.send().status == "queued"
        assert stage.server.faults.standing() == []

    def test_orders_are_carried_out_one_after_the_other(self, stage: Stage) -> None:
        stage.server.order(Fault(FaultKind.TOO_MANY))
        stage.server.order(Fault(FaultKind.UNAVAILABLE))
        assert [stage.refusal()[0], stage.refusal()[0]] == [429, 503]

    def test_a_fault_for_one_phone_spares_the_others(self, stage: Stage) -> None:
        stage.server.order(Fault(FaultKind.TOO_MANY, to=ADA))
        assert stage.send(to=BOB).status == "queued"
        assert stage.refusal()[0] == 429

    def test_orders_can_be_forgotten(self, stage: Stage) -> None:
        stage.server.order(Fault(FaultKind.TOO_MANY, times=None))
        stage.server.faults.clear()
        assert stage.send().status == "queued"

    def test_chance_strikes_about_as_often_as_it_says_and_the_same_way_again(self) -> None:
        def drawn(seed: int) -> list[bool]:
            book = FaultBook()
            book.order(Fault(FaultKind.TOO_MANY, times=None, chance=0.3, seed=seed))
            return [book.draw(On.CREATE) is not None for _ in range(1000)]

        assert drawn(1) == drawn(1) != drawn(2)
        assert 250 < sum(drawn(1)) < 350

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"on": On.CALLBACK}, "cannot strike on callback; it can on: create"),
            ({"chance": 0}, "chance must be above 0"),
            ({"chance": 1.5}, "chance must be above 0"),
            ({"times": 0}, "times must be at least 1"),
            ({"seconds": -1}, "seconds must be between"),
            ({"done": True}, "done cannot be chosen for too_many"),
        ],
    )
    def test_an_order_that_cannot_be_says_why(self, fields: dict[str, Any], sentence: str) -> None:
        with pytest.raises(ValueError, match=sentence):
            Fault(FaultKind.TOO_MANY, **fields)
