"""The stage that the simulator's tests play on: its server, the official client, a webhook receiver, a
clock."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response as ClientResponse
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server

from web.simulator import SimulatorServer, SimulatorSettings

ACCOUNT = "AC" + "5" * 32
TOKEN = "a-token-for-tests"
SERVICE = "MG" + "7" * 32
OURS = "+14155550100"
OURS_TOO = "+14155550101"
ADA = "+12125550142"
BOB = "+12125550143"
NOON = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)

PLAIN = SimulatorSettings(account_sid=ACCOUNT, auth_token=TOKEN, numbers=(OURS, OURS_TOO))
WITH_SERVICE = SimulatorSettings(
    account_sid=ACCOUNT, auth_token=TOKEN, numbers=(OURS, OURS_TOO), messaging_service_sid=SERVICE
)


class Clock:
    """A clock that stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **delta: float) -> None:
        self.now += timedelta(**delta)


class LoopbackClient(TwilioHttpClient):  # type: ignore[misc]  # the base is untyped
    """The official transport, sent to the simulator in place of api.twilio.com."""

    def __init__(self, url: str, timeout: float = 5) -> None:
        super().__init__(timeout=timeout)
        self._url = url
        self.last_answer: ClientResponse | None = None

    def request(self, method: str, url: str, **rest: Any) -> ClientResponse:
        there = urlsplit(url)
        query = f"?{there.query}" if there.query else ""
        self.last_answer = super().request(method, f"{self._url}{there.path}{query}", **rest)
        return self.last_answer


@dataclass(frozen=True)
class Call:
    """One webhook call, as it arrived."""

    url: str
    params: dict[str, str]
    headers: dict[str, str]
    signed: bool

    def __getitem__(self, name: str) -> str:
        return self.params[name]


@dataclass
class Receiver:
    """Our side of the webhooks: keeps every call, answers them all the same way."""

    calls: list[Call] = field(default_factory=list)
    body: str = ""
    content_type: str = "text/xml"
    status: int = 200

    def __post_init__(self) -> None:
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def statuses(self) -> list[str]:
        return [call["MessageStatus"] for call in self.calls]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()

    def _answer(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        url = self.url + environ["RAW_URI"]
        signature = request.headers.get("X-Twilio-Signature", "")
        signed = RequestValidator(TOKEN).validate(url, request.form, signature)
        self.calls.append(Call(url, request.form.to_dict(), dict(request.headers), signed))
        return Response(self.body, status=self.status, content_type=self.content_type)(
            environ, start_response
        )


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing worth reading in a test run."""


class Stage:
    """Everything at once, as a context manager."""

    def __init__(self, settings: SimulatorSettings = PLAIN) -> None:
        self.clock = Clock()
        self.server = SimulatorServer(settings, clock=self.clock)
        self.receiver = Receiver()

    def __enter__(self) -> Self:
        self.server.start()
        self.http = LoopbackClient(self.server.url)
        self.client = Client(ACCOUNT, TOKEN, http_client=self.http)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.session.close()
        self.receiver.close()
        self.server.stop()

    def send(self, **changes: Any) -> Any:
        """A text from us to Ada that tells the receiver of its life; changes replace single parameters, None
        leaves one out."""
        usual = {
            "to": ADA,
            "from_": OURS,
            "body": "Hello",
            "status_callback": f"{self.receiver.url}/status?a=1",
        }
        wanted = {name: value for name, value in {**usual, **changes}.items() if value is not None}
        return self.client.messages.create(**wanted)

    def refusal(self, **changes: Any) -> tuple[int, int]:
        """The HTTP status and the error code with which sending is refused."""
        try:
            self.send(**changes)
        except TwilioRestException as error:
            return error.status, error.code
        raise AssertionError("the text was not refused")
