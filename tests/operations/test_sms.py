"""What does the official client's every way to succeed or fail mean for a text? Over real HTTP, to the simulator."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from werkzeug import Request, Response
from werkzeug.serving import make_server

from tests.web.simulator_stage import (
    ACCOUNT,
    ADA,
    BOB,
    OURS,
    PLAIN,
    SERVICE,
    TOKEN,
    WITH_SERVICE,
    Clock,
)
from tracker.channels import Accepted, NotSent, Outgoing, Rejected, Unknown
from tracker.channels.sms import TIMEOUT, Sms
from tracker.policy.retries import ErrorClass, classify
from tracker.settings import Settings
from web.simulator import Fault, FaultKind, SimulatorServer
from web.simulator.journal import Entry

PATIENCE = 0.25
"""Seconds that the channel waits for an answer here."""
HELLO = Outgoing("token-of-the-dispatch", ADA, "Hello, Ada", timedelta(minutes=10))


def sms(url: str, **account: Any) -> Sms:
    settings = Settings(
        _env_file=None,
        TRACKER_PUBLIC_URL="https://tracker.example.org/there",
        TRACKER_TWILIO_URL=url,
        TWILIO_ACCOUNT_SID=ACCOUNT,
        TWILIO_AUTH_TOKEN=TOKEN,
        **(account or {"TWILIO_FROM": OURS}),
    )
    return Sms(settings, timeout=PATIENCE)


@pytest.fixture
def twilio() -> Iterator[SimulatorServer]:
    with SimulatorServer(PLAIN, clock=Clock()) as server:
        yield server


@pytest.fixture
def channel(twilio: SimulatorServer) -> Sms:
    return sms(twilio.url)


@contextmanager
def answering(body: str, status: int = 201, **headers: str) -> Iterator[Sms]:
    """A channel at whose other end everything gets this answer."""

    @Request.application
    def answer(request: Request) -> Response:
        _ = request.form  # read to its end, or the close would be a reset
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Response(body, status=status, headers=named, mimetype="application/json")

    server = make_server("127.0.0.1", 0, answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield sms(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


def created(twilio: SimulatorServer) -> int:
    return len(twilio.journal.of(Entry.CREATED))


def asked(twilio: SimulatorServer) -> dict[str, str]:
    """The parameters of the only request, as the simulator received them."""
    (request,) = twilio.journal.of(Entry.REQUEST)
    params: Any = request.facts["params"]
    return {name: value for name, (value,) in params.items()}


def test_a_text_that_twilio_takes_is_accepted_under_its_sid(twilio: SimulatorServer, channel: Sms) -> None:
    result = channel.send(HELLO)
    assert isinstance(result, Accepted)
    assert result.error_code is None
    message = twilio.find(result.sid)
    assert (message.to, message.sender, message.body) == (ADA, OURS, "Hello, Ada")


def test_its_receipts_come_to_an_address_that_holds_the_token(twilio: SimulatorServer, channel: Sms) -> None:
    channel.send(HELLO)
    assert asked(twilio)["StatusCallback"] == (
        "https://tracker.example.org/there/twilio/status/token-of-the-dispatch"
    )


@pytest.mark.parametrize(
    ("useful_for", "validity"),
    [
        (timedelta(seconds=6), 6),
        (timedelta(seconds=90.9), 90),
        (timedelta(hours=10), 36_000),
        (timedelta(hours=11), 36_000),
        (None, 36_000),
    ],
)
def test_twilio_tries_no_longer_than_the_text_is_useful_and_at_most_ten_hours(
    twilio: SimulatorServer, channel: Sms, useful_for: timedelta | None, validity: int
) -> None:
    assert isinstance(channel.send(Outgoing("t", ADA, "Hello", useful_for)), Accepted)
    assert asked(twilio)["ValidityPeriod"] == str(validity)


def test_a_messaging_service_chooses_the_number_it_sends_from() -> None:
    with SimulatorServer(WITH_SERVICE, clock=Clock()) as twilio:
        channel = sms(twilio.url, TWILIO_MESSAGING_SERVICE_SID=SERVICE)
        result = channel.send(HELLO)
        assert isinstance(result, Accepted)
        assert asked(twilio)["MessagingServiceSid"] == SERVICE
        assert "From" not in asked(twilio)


@pytest.mark.parametrize(
    ("to", "code", "about"),
    [
        ("+15005550001", 21211, ErrorClass.DEAD_NUMBER),
        ("+15005550002", 21612, ErrorClass.DEAD_NUMBER),
        ("+15005550009", 21614, ErrorClass.DEAD_NUMBER),
        ("+15005550004", 21610, ErrorClass.OPTED_OUT),
        ("+15005550003", 21408, ErrorClass.ACCOUNT),
    ],
)
def test_a_number_that_takes_no_texts_is_rejected_with_its_code(
    channel: Sms, to: str, code: int, about: ErrorClass
) -> None:
    result = channel.send(Outgoing("t", to, "Hello", None))
    assert isinstance(result, Rejected)
    assert (result.code, classify(result.code)) == (code, about)


@pytest.mark.parametrize(
    ("code", "about"),
    [
        (20003, ErrorClass.ACCOUNT),
        (21606, ErrorClass.ACCOUNT),
        (21617, ErrorClass.OUR_BUG),
        (99999, ErrorClass.UNKNOWN_CODE),
    ],
)
def test_every_other_refusal_is_rejected_with_its_code(
    twilio: SimulatorServer, channel: Sms, code: int, about: ErrorClass
) -> None:
    twilio.order(Fault(FaultKind.REJECTED, code=code))
    result = channel.send(HELLO)
    assert isinstance(result, Rejected)
    assert (result.code, classify(result.code)) == (code, about)
    assert created(twilio) == 0


def test_too_many_requests_is_not_sent_and_says_how_long_to_wait(
    twilio: SimulatorServer, channel: Sms
) -> None:
    twilio.order(Fault(FaultKind.TOO_MANY, seconds=7))
    assert channel.send(HELLO) == NotSent("too many requests", timedelta(seconds=7))
    assert created(twilio) == 0


def test_a_full_queue_is_not_sent_either(twilio: SimulatorServer) -> None:
    channel = sms(twilio.url, TWILIO_FROM="+15005550008")
    assert channel.send(HELLO) == NotSent("too many requests", None)


def test_a_refused_connection_is_not_sent(twilio: SimulatorServer, channel: Sms) -> None:
    with twilio.refusing():
        assert channel.send(HELLO) == NotSent("could not connect: ConnectionError")
    assert isinstance(channel.send(HELLO), Accepted)


def test_a_connection_that_is_never_taken_is_not_sent() -> None:
    deaf = socket.create_server(("127.0.0.1", 0), backlog=0)
    with deaf, socket.create_connection(deaf.getsockname()):  # the only place in its queue
        result = sms(f"http://127.0.0.1:{deaf.getsockname()[1]}").send(HELLO)
    assert result == NotSent("could not connect: ConnectTimeout")


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        (FaultKind.RESET, "the connection broke: ConnectionError"),
        (FaultKind.HANG_UP, "the connection broke: ConnectionError"),
        (FaultKind.HTML, "no clear answer: JSONDecodeError"),
        (FaultKind.REDIRECT, "answered 302"),
        (FaultKind.SERVER_ERROR, "answered 500"),
        (FaultKind.BAD_GATEWAY, "answered 502"),
        (FaultKind.UNAVAILABLE, "answered 503"),
    ],
)
def test_an_answer_that_is_none_leaves_it_unknown_whether_it_was_sent(
    twilio: SimulatorServer, channel: Sms, kind: FaultKind, detail: str, done: bool
) -> None:
    twilio.order(Fault(kind, done=done))
    assert channel.send(HELLO) == Unknown(detail)
    assert created(twilio) == done


def test_an_answer_cut_short_is_unknown(twilio: SimulatorServer, channel: Sms) -> None:
    twilio.order(Fault(FaultKind.CUT_BODY))
    assert channel.send(HELLO) == Unknown("no clear answer: ChunkedEncodingError")
    assert created(twilio) == 1


def test_an_answer_that_comes_too_late_is_unknown(twilio: SimulatorServer, channel: Sms) -> None:
    twilio.order(Fault(FaultKind.SLOW, seconds=2 * PATIENCE))
    assert channel.send(HELLO) == Unknown("no clear answer: ReadTimeout")
    assert created(twilio) == 1


def test_by_itself_it_waits_ten_seconds_to_connect_and_as_long_for_the_answer(channel: Sms) -> None:
    assert TIMEOUT == 10
    assert channel.seconds == 2 * PATIENCE


def test_a_text_that_failed_the_moment_it_was_taken_carries_its_error(
    twilio: SimulatorServer, channel: Sms
) -> None:
    twilio.order(Fault(FaultKind.FAILED_AT_ONCE, code=30001))
    result = channel.send(HELLO)
    assert isinstance(result, Accepted)
    assert result.error_code == 30001


def test_a_text_that_failed_at_once_without_a_code_has_failed_all_the_same() -> None:
    with answering('{"sid": "SM1", "status": "failed", "error_code": null}') as channel:
        result = channel.send(HELLO)
    assert isinstance(result, Accepted)
    assert result.error_code is not None
    assert classify(result.error_code) is ErrorClass.UNKNOWN_CODE


def problem(status: int, code: int) -> str:
    """An error in the newer form, which the client raises as another exception."""
    return f'{{"type": "about:blank", "title": "No", "status": {status}, "code": {code}, "detail": "why"}}'


def test_an_error_in_the_newer_form_is_sorted_like_any_other() -> None:
    with answering(problem(400, 21211), status=400) as channel:
        assert channel.send(HELLO) == Rejected(21211, "why")
    with answering(problem(429, 20429), status=429, Retry_After="9") as channel:
        assert channel.send(HELLO) == NotSent("too many requests", timedelta(seconds=9))
    with answering(problem(503, 20503), status=503) as channel:
        assert channel.send(HELLO) == Unknown("answered 503")


@pytest.mark.parametrize("body", ["[]", "null", '"yes"', "{}", '{"sid": null, "status": "queued"}'])
def test_json_that_is_no_message_is_unknown(body: str) -> None:
    with answering(body) as channel:
        assert isinstance(channel.send(HELLO), Unknown)


@pytest.mark.parametrize("asked_for", ["9" * 40, "Fri, 20 Nov 2026 12:00:00 GMT", "-1", "²"])
def test_a_wait_that_cannot_be_meant_is_no_reason_to_fail(asked_for: str) -> None:
    with answering("{}", status=429, Retry_After=asked_for.encode().decode("latin-1")) as channel:
        result = channel.send(HELLO)
    assert isinstance(result, NotSent)
    assert result.wait is None or result.wait <= timedelta(days=1)


def test_1600_characters_are_the_most_and_more_are_refused_before_any_request(
    twilio: SimulatorServer, channel: Sms
) -> None:
    result = channel.send(Outgoing("t", ADA, "x" * 1601, None))
    assert isinstance(result, Rejected)
    assert classify(result.code) is ErrorClass.OUR_BUG
    assert len(twilio.journal) == 0
    assert isinstance(channel.send(Outgoing("t", BOB, "x" * 1600, None)), Accepted)


def test_only_a_number_that_is_known_to_be_ours_is_called_ours(twilio: SimulatorServer, channel: Sms) -> None:
    assert channel.own_numbers == {OURS}
    assert sms(twilio.url, TWILIO_MESSAGING_SERVICE_SID=SERVICE).own_numbers == frozenset()
