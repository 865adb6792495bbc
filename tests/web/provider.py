"""Twilio's side of our webhooks: it signs what it posts, and nothing else of it is here."""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha1
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.cast import Cast
from tracker.model import Base, Direction, Message

PUBLIC = "https://tracker.example.com"
SECRET = "12345"
ACCOUNT = {
    "TRACKER_PUBLIC_URL": PUBLIC,
    "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
    "TWILIO_AUTH_TOKEN": SECRET,
    "TWILIO_FROM": "+15005550006",
}
Pairs = Sequence[tuple[str, str]]


def signature(url: str, pairs: Pairs, secret: str = SECRET) -> str:
    """As Twilio writes it down: the address, then every name and value in order of names."""
    text = url + "".join(name + value for name, value in sorted(set(pairs)))
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), sha1).digest()).decode()


@dataclass
class Twilio:
    """The provider: signs what it sends."""

    app: Flask
    public: str = PUBLIC
    secret: str = SECRET

    def post(self, path: str, pairs: Pairs, *, signed: str | None = None, call: str = "") -> TestResponse:
        """Call one of our addresses; behind a proxy that ends TLS, so we see plain http and another host. `call`
        is the same when one call is repeated."""
        given = signature(self.public + path, pairs, self.secret) if signed is None else signed
        return self.app.test_client().post(
            path,
            data=urlencode(pairs),
            base_url="http://10.0.0.7:8000",
            headers={
                "X-Twilio-Signature": given,
                "I-Twilio-Idempotency-Token": call,
                "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            },
        )

    def status(self, token: str, status: str, *more: tuple[str, str], sid: str = "SM1") -> TestResponse:
        """A receipt."""
        return self.post(f"/twilio/status/{token}", [("MessageSid", sid), ("MessageStatus", status), *more])

    def text(
        self,
        body: str,
        *more: tuple[str, str],
        sid: str = "SMin",
        sender: str = "+447700900100",
        call: str = "",
    ) -> TestResponse:
        """A text from Maria, unless somebody else sends it."""
        pairs = [("MessageSid", sid), ("From", sender), ("To", "+15005550006"), ("Body", body), *more]
        return self.post("/twilio/inbound", pairs, call=call)


def the_text(cast: Cast) -> Message:
    """The one text that we sent."""
    with cast.sessions() as session:
        return session.scalars(select(Message).where(Message.direction == Direction.OUT)).one()


def rows(cast: Cast, kind: type[Base]) -> int:
    """How many there are."""
    with cast.sessions() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0
