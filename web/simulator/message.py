"""What is a text to Twilio, and how does the API show it?"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum

from web.simulator.errors import DELIVERY_ERRORS
from web.simulator.segments import segments

API_VERSION = "2010-04-01"
LONGEST_VALIDITY = timedelta(seconds=36_000)


class Status(StrEnum):
    """Those of Twilio's statuses that a text can have here."""

    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    CANCELED = "canceled"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    RECEIVED = "received"


FINAL = frozenset({Status.CANCELED, Status.DELIVERED, Status.UNDELIVERED, Status.FAILED, Status.RECEIVED})


class Direction(StrEnum):
    """Seen from the account: inbound comes from a phone."""

    INBOUND = "inbound"
    OUTBOUND_API = "outbound-api"
    OUTBOUND_REPLY = "outbound-reply"


@dataclass(slots=True, kw_only=True)
class Message:
    """One text. sender is None until a Messaging Service has picked one. automatic: Twilio's own answer to a
    keyword, which the phone shows and the API does not. fate: the error code it will end with, known once it
    leaves the queue."""

    sid: str
    account_sid: str
    to: str
    sender: str | None
    body: str
    direction: Direction
    status: Status
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None = None
    service_sid: str | None = None
    media: int = 0
    error_code: int | None = None
    fate: int | None = None
    status_callback: str | None = None
    send_at: datetime | None = None
    valid_for: timedelta = LONGEST_VALIDITY
    automatic: bool = False

    @property
    def uri(self) -> str:
        """Its address below the host."""
        return f"/{API_VERSION}/Accounts/{self.account_sid}/Messages/{self.sid}.json"

    @property
    def num_segments(self) -> int:
        """0 until a sender is assigned, as Twilio counts it."""
        return segments(self.body) if self.sender else 0

    def as_json(self) -> dict[str, object]:
        """The message resource, with exactly the fields of Twilio's OpenAPI description."""
        return {
            "account_sid": self.account_sid,
            "api_version": API_VERSION,
            "body": self.body,
            "date_created": format_datetime(self.created_at),
            "date_sent": format_datetime(self.sent_at) if self.sent_at else None,
            "date_updated": format_datetime(self.updated_at),
            "direction": self.direction.value,
            "error_code": self.error_code,
            "error_message": DELIVERY_ERRORS.get(self.error_code) if self.error_code else None,
            "from": self.sender,
            "messaging_service_sid": self.service_sid,
            "num_media": str(self.media),
            "num_segments": str(self.num_segments),
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status.value,
            "subresource_uris": {"media": self.uri.replace(".json", "/Media.json")},
            "to": self.to,
            "uri": self.uri,
        }


@dataclass(frozen=True, slots=True)
class Text:
    """A text as a test or the page sees it: a snapshot. at is when it was created; status is Twilio's
    word."""

    sid: str
    phone: str
    ours: str | None
    direction: Direction
    body: str
    at: datetime
    status: Status
    error_code: int | None
    automatic: bool

    @property
    def inbound(self) -> bool:
        """Written on the phone, not received by it."""
        return self.direction is Direction.INBOUND

    @property
    def trouble(self) -> str | None:
        """Why it failed, in words."""
        return DELIVERY_ERRORS.get(self.error_code, "Refused") if self.error_code else None

    @classmethod
    def of(cls, message: Message) -> "Text":
        """How the message looks now."""
        inbound = message.direction is Direction.INBOUND
        return cls(
            sid=message.sid,
            phone=(message.sender or "") if inbound else message.to,
            ours=message.to if inbound else message.sender,
            direction=message.direction,
            body=message.body,
            at=message.created_at,
            status=message.status,
            error_code=message.error_code,
            automatic=message.automatic,
        )
