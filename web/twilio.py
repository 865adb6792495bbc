"""What does Twilio tell us? Receipts for our texts, and texts from customers, each proven by its signature.

Nothing here calls Twilio: it waits 15 seconds for us at most, and tries a lost call only once more.
"""

from urllib.parse import quote

from flask import Blueprint, Flask, abort, request
from flask.typing import ResponseReturnValue
from twilio.request_validator import RequestValidator

from tracker.delivery.hearing import take_receipt
from tracker.delivery.incoming import take_text
from web.auth import csrf
from web.context import house, watch

pages = Blueprint("twilio", __name__, url_prefix="/twilio")
FORM = "application/x-www-form-urlencoded"
SIGNATURE = "X-Twilio-Signature"
SAME_CALL = "I-Twilio-Idempotency-Token"
NO_REPLY = "<Response></Response>"


def prepare(app: Flask) -> None:
    """A signature stands in for the token in our own forms."""
    csrf.exempt(app.blueprints["twilio"])


@pages.before_request
def check_signature() -> None:
    """403 unless Twilio, knowing our secret, sent this to this very address. Both secrets hold during a rotation.

    Of anything but a form only a digest in the address would be signed; none of our webhooks is sent as such.
    """
    if request.mimetype != FORM:
        abort(403)
    settings = house().settings
    secrets = (settings.twilio_auth_token, settings.twilio_auth_token_old)
    given = request.headers.get(SIGNATURE, "")
    if not any(_signed(secret, given) for secret in secrets if secret):
        abort(403)


def _signed(secret: str, given: str) -> bool:
    validator = RequestValidator(secret)
    return bool(validator.validate(_address(), request.form, given))


def _address() -> str:
    """The address as Twilio was given it, whatever host and scheme a proxy shows us. The query is taken as it was
    sent, for %2F and / sign differently; a path of ours holds nothing that could be written in two ways."""
    query = request.query_string.decode("latin-1")
    return f"{house().settings.public_url}{quote(request.path)}{'?' + query if query else ''}"


@pages.post("/status/<token>")
def status(token: str) -> ResponseReturnValue:
    """A receipt. Also for a dispatch that nobody knows the answer is 204: there is nothing Twilio could mend."""
    with house().sessions.begin() as session:
        take_receipt(
            session,
            _storable(token),
            sid=_sid(),
            status=_field("MessageStatus") or _field("SmsStatus"),
            error_code=_error_code(),
            now=watch("UTC").now,
        )
    return "", 204


@pages.post("/inbound")
def inbound() -> ResponseReturnValue:
    """A text from a customer, taken in once however often it is delivered. We answer with no text of our own."""
    sms = house().channels.get("sms")
    with house().sessions.begin() as session:
        take_text(
            session,
            sid=_sid(),
            sender=_field("From"),
            to=_field("To"),
            body=_field("Body"),
            service=_field("MessagingServiceSid"),
            opt_out_type=_field("OptOutType"),
            token=_storable(request.headers.get(SAME_CALL, "")),
            own_numbers=sms.own_numbers if sms else (),
            now=watch("UTC").now,
        )
    return NO_REPLY, 200, {"Content-Type": "text/xml; charset=utf-8"}


def _field(name: str) -> str:
    return _storable(request.form.get(name, ""))


def _storable(text: str) -> str:
    """Without the one character that PostgreSQL cannot hold."""
    return text.replace("\0", "")


def _sid() -> str:
    return _field("MessageSid") or _field("SmsSid")


def _error_code() -> int | None:
    code = _field("ErrorCode")
    return int(code) if code.isascii() and code.isdigit() and 0 < len(code) < 8 and int(code) else None
