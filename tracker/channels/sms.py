"""Texts, through Twilio's own client.

The client waits for ever unless told otherwise and does not say which of its failures sent something and which did
not; here each is sorted into one of four results. Only what cannot have reached Twilio counts as not sent.
"""

import logging
import ssl
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from requests import ConnectionError as RequestsConnectionError
from requests import ConnectTimeout
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import NameResolutionError, NewConnectionError, SSLError

from tracker.channels import Accepted, NotSent, Outgoing, Rejected, Result, Unknown
from tracker.policy.asking import Record
from tracker.policy.links import Links
from tracker.policy.segments import MAX_CHARACTERS
from tracker.policy.sending import SHORTEST_USE
from tracker.settings import Settings

TIMEOUT = 10.0
"""Seconds to wait for a connection, and again for an answer; without one the text counts as unknown."""
LONGEST_VALIDITY = timedelta(hours=10)
"""Twilio's bound for ValidityPeriod; at the other end it wants more than 5 seconds."""

LONGEST_WAIT = 24 * 60 * 60
"""Seconds; who asks us to wait longer than a day cannot mean it."""

TOO_LONG = 21617
"""Twilio's code for a body of more characters than it takes: not worth a request."""
LISTED = 100
"""Records looked through for one that is missing; nobody is sent as many within the hours that matter."""
NO_CODE = 0
"""Stands for the code of a failure that came without one: nobody knows what it means."""


log = logging.getLogger(__name__)


class _Http(TwilioHttpClient):  # type: ignore[misc]  # the client ships no types
    """Twilio's HTTP client, pointed at the configured host, that remembers how long we were asked to wait."""

    def __init__(self, url: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self.target = urlsplit(url)
        self.wait: timedelta | None = None

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        there = urlsplit(url)._replace(scheme=self.target.scheme, netloc=self.target.netloc)
        response = super().request(
            method, urlunsplit(there), params, data, headers, auth, timeout, allow_redirects
        )
        asked = str((response.headers or {}).get("Retry-After", ""))
        meant = asked.isascii() and asked.isdigit()
        self.wait = timedelta(seconds=min(int(asked), LONGEST_WAIT)) if meant else None
        return response


class Sms:
    """A Twilio account, number or messaging service."""

    name = "sms"
    batch = 1
    reports = True

    def __init__(self, settings: Settings, *, timeout: float = TIMEOUT) -> None:
        self.seconds = 2 * timeout  # to connect, then for the answer
        self._http = _Http(settings.twilio_url, timeout)
        account = (settings.twilio_account_sid, settings.twilio_auth_token)
        self._client = Client(*account, http_client=self._http)
        self._receipts_url = f"{settings.public_url}/twilio/status"
        self.sender = settings.twilio_messaging_service_sid or settings.twilio_from or ""
        self.own_numbers = frozenset() if settings.twilio_messaging_service_sid else frozenset({self.sender})
        self.per_minute = settings.texts_a_minute
        self._settings = settings

    @property
    def links(self) -> Links:
        """Pages of ours, reached at the public URL."""
        return self._settings.links

    def send(self, outgoing: Outgoing) -> Result:
        """One POST. An exception that says nothing certain is unknown, never an invitation to try again."""
        try:
            return self._sent(outgoing)
        except Exception as error:  # whatever went wrong, the request may have arrived
            return Unknown(f"no clear answer: {type(error).__name__}")

    def _sent(self, outgoing: Outgoing) -> Result:
        if len(outgoing.body) > MAX_CHARACTERS:
            return Rejected(TOO_LONG, f"more than {MAX_CHARACTERS} characters")
        useful = (
            LONGEST_VALIDITY if outgoing.useful_for is None else min(outgoing.useful_for, LONGEST_VALIDITY)
        )
        try:
            message = self._client.messages.create(
                to=outgoing.to,
                body=outgoing.body,
                status_callback=f"{self._receipts_url}/{outgoing.token}",
                validity_period=int(max(useful, SHORTEST_USE).total_seconds()),
                **_from(outgoing.sender or self.sender),
            )
        except TwilioRestException as error:
            return self._answered(error.status, error.code, error.msg)
        except TwilioServiceException as error:  # the newer form of an error; the two have nothing in common
            return self._answered(error.status, error.code, error.detail or error.title)
        except (ConnectTimeout, RequestsConnectionError) as error:
            if isinstance(error, ConnectTimeout) or _never_connected(error):
                return NotSent(f"could not connect: {type(error).__name__}")
            return Unknown(f"the connection broke: {type(error).__name__}")
        if not message.sid:
            return Unknown("an answer without a sid")
        failed = str(message.status) in ("failed", "undelivered")
        return Accepted(message.sid, (message.error_code or NO_CODE) if failed else None)

    def _answered(self, status: int, code: int | None, detail: str) -> Result:
        if status == 429:
            return NotSent("too many requests", self._http.wait)
        if not 400 <= status < 500 or code in (None, status):
            return Unknown(f"answered {status}")  # without a code of Twilio's own: somebody in between
        return Rejected(code, detail[:200])

    def records(self, to: str) -> Sequence[Record] | None:
        """The newest texts to that number. Not narrowed by date: one still queued has none."""
        try:
            return [
                _record(each) for each in self._client.messages.list(to=to, limit=LISTED, page_size=LISTED)
            ]
        except Exception as error:  # whatever it is, the answer is that there is none
            log.warning("the list of texts could not be had: %s", type(error).__name__)
            return None

    def record(self, sid: str) -> Record | None:
        """One text as Twilio has it now."""
        try:
            return _record(self._client.messages(sid).fetch())
        except Exception as error:  # as above
            log.warning("a text could not be asked for: %s", type(error).__name__)
            return None


def _from(sender: str) -> dict[str, str]:
    return {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}


def _record(message: Any) -> Record:
    return Record(
        sid=message.sid,
        ours=str(message.direction).startswith("outbound"),
        to=message.to,
        body=message.body or "",
        made_at=message.date_created,
        status=str(message.status),
        error_code=message.error_code,
    )


def _never_connected(error: RequestsConnectionError) -> bool:
    """Did it end before a request could leave? A certificate that is refused ends the greeting."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(reason, SSLError):
        return any(isinstance(each, ssl.SSLCertVerificationError) for each in reason.args)
    return isinstance(reason, NewConnectionError | NameResolutionError)
