"""How does Twilio call us, and how does a call go astray?

Signed as https://www.twilio.com/docs/usage/webhooks/webhooks-security says: HMAC-SHA1 over the exact
address and the sorted parameters. One call has one idempotency token, which its repetitions share.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import urldefrag
from uuid import uuid4

import phonenumbers
import requests
from twilio.request_validator import RequestValidator
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from web.simulator.faults import Fault, FaultKind, On
from web.simulator.keywords import Keyword
from web.simulator.message import API_VERSION, Message, Status

_CONNECT_SECONDS, _READ_SECONDS = 5, 15
_TRIES = 2
_FORGERS_TOKEN = "not-the-token-of-this-account"  # noqa: S105 - anything but the account's own


@dataclass(frozen=True, slots=True)
class Answer:
    """What a webhook answered."""

    status: int
    content_type: str
    body: str


# Posts a form to an address and gives the answer; None when nobody answered. A test can put a call of its own
# application here.
Post = Callable[[str, Mapping[str, str], Mapping[str, str]], Answer | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One call of ours. phone is the one at the other end of the text."""

    on: On
    url: str
    params: Mapping[str, str]
    phone: str
    forged: bool = False
    token: str = field(default_factory=lambda: str(uuid4()))

    def headers(self, auth_token: str) -> dict[str, str]:
        """The headers, with the signature that this token gives. A fragment of the address (Twilio's
        connection overrides) is neither sent nor signed."""
        signer = RequestValidator(_FORGERS_TOKEN if self.forged else auth_token)
        return {
            "X-Twilio-Signature": signer.compute_signature(urldefrag(self.url).url, self.params),
            "I-Twilio-Idempotency-Token": self.token,
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
        }


def post_over_http(url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Answer | None:
    """POST with Twilio's time-outs, and its one second try when no connection comes about."""
    address = urldefrag(url).url
    with requests.Session() as session:
        session.trust_env = False  # a proxy of the environment must not see calls on loopback
        prepared = session.prepare_request(requests.Request("POST", address, data=params, headers=headers))
        # requests may spell it otherwise than it was signed. What urllib3 still changes is the case of
        # escapes: an address with %2f in it would arrive as %2F and not match.
        prepared.url = address
        for _ in range(_TRIES):
            try:
                response = session.send(
                    prepared, timeout=(_CONNECT_SECONDS, _READ_SECONDS), allow_redirects=False
                )
            except requests.RequestException as error:
                if not _never_connected(error):
                    return None
            else:
                return Answer(response.status_code, response.headers.get("Content-Type", ""), response.text)
    return None


def _never_connected(error: requests.RequestException) -> bool:
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(cause, (NewConnectionError, ConnectTimeoutError))


def status_callback(message: Message) -> Webhook | None:
    """The call that tells the message's present status; None if nobody asked to be told."""
    if message.status_callback is None:
        return None
    params = {
        "AccountSid": message.account_sid,
        "ApiVersion": API_VERSION,
        "From": message.sender or "",
        "MessageSid": message.sid,
        "MessageStatus": message.status.value,
        "SmsSid": message.sid,
        "SmsStatus": message.status.value,
        "To": message.to,
    }
    if message.service_sid:
        params["MessagingServiceSid"] = message.service_sid
    if message.error_code:
        params["ErrorCode"] = str(message.error_code)
    return Webhook(on=On.CALLBACK, url=message.status_callback, params=params, phone=message.to)


def inbound(message: Message, url: str, word: Keyword | None) -> Webhook:
    """The call that hands us a text from a phone. word is set where Advanced Opt-Out reports it."""
    phone = message.sender or ""
    params = {
        "AccountSid": message.account_sid,
        "ApiVersion": API_VERSION,
        "Body": message.body,
        "From": phone,
        "MessageSid": message.sid,
        "NumMedia": "0",
        "NumSegments": str(message.num_segments),
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": message.status.value,
        "To": message.to,
        **_place("From", phone),
        **_place("To", message.to),
    }
    if message.service_sid:
        params["MessagingServiceSid"] = message.service_sid
    if word:
        params["OptOutType"] = word.value
    return Webhook(on=On.INBOUND, url=url, params=params, phone=phone)


def _place(side: str, number: str) -> dict[str, str]:
    # Twilio sends what it knows of a number's place, mostly nothing: empty values are part of the signature.
    region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    return {f"{side}City": "", f"{side}State": "", f"{side}Zip": "", f"{side}Country": region or ""}


def _forge(webhook: Webhook) -> Webhook:
    # A stranger who knows the address and everything of the message, but not the auth token.
    lie = {"Body": "STOP"}
    if webhook.on is On.CALLBACK:
        lie = {"MessageStatus": Status.FAILED, "SmsStatus": Status.FAILED, "ErrorCode": "30007"}
    return replace(webhook, params={**webhook.params, **lie}, forged=True, token=str(uuid4()))


_NOW = timedelta(0)


def _late(fault: Fault) -> timedelta:
    return timedelta(seconds=10 if fault.seconds is None else fault.seconds)


# What is called instead, and how much later.
MISCHIEF: dict[FaultKind, Callable[[Fault, Webhook], list[tuple[timedelta, Webhook]]]] = {
    FaultKind.DROPPED: lambda _fault, _webhook: [],
    FaultKind.DOUBLED: lambda _, webhook: [(_NOW, webhook), (_NOW, webhook)],
    FaultKind.REORDERED: lambda fault, webhook: [(_late(fault), webhook)],
    FaultKind.FORGED: lambda _, webhook: [(_NOW, _forge(webhook)), (_NOW, webhook)],
}
