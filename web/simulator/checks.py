"""Is this a message that Twilio would create?

The refusals are those of Twilio's error list; the numbers beginning +1500555 are the magic inputs of its test
credentials (https://www.twilio.com/docs/iam/test-credentials). The order of the checks is ours where Twilio
does not document one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import phonenumbers
from phonenumbers import PhoneNumberType

from web.simulator.errors import TwilioError
from web.simulator.message import LONGEST_VALIDITY
from web.simulator.segments import units
from web.simulator.settings import SimulatorSettings, is_number

_MAGIC_TO = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
_MAGIC_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
_MAGIC_SENDER = "+15005550006"

_LONGEST_BODY = 1_600
_LONGEST_CALLBACK = 4_000
_SCHEDULE = (timedelta(minutes=15), timedelta(days=35))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A request for a message that passed the checks. stays_queued: it used the magic sender, from which
    nothing is ever sent and no callback comes."""

    to: str
    sender: str | None
    service_sid: str | None
    body: str
    media: int
    status_callback: str | None
    send_at: datetime | None
    valid_for: timedelta
    stays_queued: bool


def check(
    form: Mapping[str, str],
    media: int,
    *,
    settings: SimulatorSettings,
    opted_out: Callable[[str, str], bool],
    now: datetime,
) -> Wanted:
    """Read the parameters of a create request. media is the number of MediaUrl parameters.

    Raises TwilioError with the code that Twilio would give.
    """
    to = _recipient(form.get("To", "").strip())
    sender, service_sid = _sender(form, settings)
    if to == sender:
        raise TwilioError(21211, to)
    body = form.get("Body", "")
    if not body.strip() and not media:
        raise TwilioError(21602)
    if units(body) > _LONGEST_BODY:
        raise TwilioError(21617)
    wanted = Wanted(
        to=to,
        sender=sender,
        service_sid=service_sid,
        body=body,
        media=media,
        status_callback=_callback(form.get("StatusCallback") or None),
        # Without a Messaging Service Twilio drops the schedule and sends at once.
        send_at=_send_at(form, now) if service_sid else None,
        valid_for=_validity(form.get("ValidityPeriod")),
        stays_queued=sender == _MAGIC_SENDER and sender not in settings.numbers,
    )
    if opted_out(service_sid or settings.scope(sender or ""), to):
        raise TwilioError(21610, to)
    return wanted


def _recipient(to: str) -> str:
    if not to:
        raise TwilioError(21604)
    if code := _MAGIC_TO.get(to):
        raise TwilioError(code, to)
    try:
        number = phonenumbers.parse(to, "US")
    except phonenumbers.NumberParseException:
        raise TwilioError(21211, to) from None
    # Possible rather than valid: the ranges reserved for fiction, which demos and tests must use, are not
    # valid.
    if not phonenumbers.is_possible_number(number):
        raise TwilioError(21211, to)
    if phonenumbers.number_type(number) == PhoneNumberType.FIXED_LINE:
        raise TwilioError(21614, to)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _sender(form: Mapping[str, str], settings: SimulatorSettings) -> tuple[str | None, str | None]:
    service_sid, sender = form.get("MessagingServiceSid") or None, form.get("From", "").strip() or None
    if service_sid and service_sid != settings.messaging_service_sid:
        raise TwilioError(21705, service_sid)
    allowed = settings.senders if service_sid else settings.numbers
    if sender is None and service_sid is None:
        raise TwilioError(21603)
    if sender is None or sender in allowed:
        return sender, service_sid
    if sender == _MAGIC_SENDER:
        return sender, service_sid
    if not is_number(sender):
        raise TwilioError(21212, sender)
    raise TwilioError(_MAGIC_FROM.get(sender, 21606), sender)


def _callback(url: str | None) -> str | None:
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise TwilioError(21609, url) from None
    readable = parts.scheme in ("http", "https") and host and "_" not in host
    if not readable or re.search(r"\s", url) or len(url) > _LONGEST_CALLBACK:
        raise TwilioError(21609, url[:200])
    return url


def _send_at(form: Mapping[str, str], now: datetime) -> datetime | None:
    kind, value = form.get("ScheduleType"), form.get("SendAt")
    if not kind and not value:
        return None
    if kind != "fixed" or not value:
        raise TwilioError(35111)
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise TwilioError(35114, value) from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    soonest, latest = _SCHEDULE
    if not soonest <= at - now <= latest:
        raise TwilioError(35114, value)
    return at.astimezone(UTC)


def _validity(value: str | None) -> timedelta:
    if not value:
        return LONGEST_VALIDITY
    seconds = (
        timedelta(seconds=int(value)) if value.isascii() and value.isdigit() and len(value) < 6 else None
    )
    if seconds is None or not timedelta(seconds=1) <= seconds <= LONGEST_VALIDITY:
        raise TwilioError(30012, value)
    return seconds
