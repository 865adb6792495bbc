"""Which messages does a listing show, in what order, and where is the next page?

Twilio documents: newest first by the time of sending, filters on whole GMT days, 50 a page. It does not
document where messages stand that were not sent yet, nor whether a DateSent filter hides them; here they
stand by their time of creation and the filter hides them, which is the harder case for whoever looks for a
lost message. Instants in place of days work too, as one user reports (twilio/twilio-oai issue 21).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from web.simulator.errors import TwilioError
from web.simulator.message import API_VERSION, Message

_FILTERS = ("To", "From", "DateSent", "DateSent<", "DateSent>")
_LARGEST_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class _Span:
    """What a filter's date covers: a whole day, or one second."""

    start: datetime
    end: datetime

    @classmethod
    def read(cls, value: str) -> "_Span":
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            raise TwilioError(20001, f"DateSent {value}") from None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return cls(at, at + (timedelta(days=1) if len(value) == len("2026-11-19") else timedelta(seconds=1)))


def chosen(
    messages: Iterable[Message], query: Mapping[str, str], *, hidden_since: datetime | None
) -> list[Message]:
    """The messages that the filters let through, newest first. hidden_since: those created later do not
    show yet.

    Raises TwilioError for a date that cannot be read.
    """
    spans = {name: _Span.read(query[name]) for name in _FILTERS[2:] if query.get(name)}

    def shows(message: Message) -> bool:
        if hidden_since and message.created_at > hidden_since:
            return False
        if query.get("To") not in (None, "", message.to) or query.get("From") not in (
            None,
            "",
            message.sender,
        ):
            return False
        return all(_within(message.sent_at, name, span) for name, span in spans.items())

    found = [message for message in messages if shows(message)]
    found.reverse()  # the sort is stable: of two at the same time, the one made later comes first
    return sorted(found, key=lambda message: message.sent_at or message.created_at, reverse=True)


def page(found: list[Message], query: Mapping[str, str], account_sid: str) -> dict[str, object]:
    """One page of a listing as Twilio shows it. Raises TwilioError for a page that there cannot be."""
    size = min(_number(query, "PageSize", 50), _LARGEST_PAGE)
    number = _number(query, "Page", 0)
    if size < 1:
        raise TwilioError(20001, "PageSize")
    first = _position(found, query.get("PageToken"), number * size, size)
    shown = found[first : first + size]

    def address(number: int, token: str | None = None) -> str:
        kept = [(name, query[name]) for name in _FILTERS if query.get(name)]
        kept += [("PageSize", str(size)), ("Page", str(number))]
        if token:
            kept.append(("PageToken", token))
        return f"/{API_VERSION}/Accounts/{account_sid}/Messages.json?{urlencode(kept)}"

    more = first + size < len(found)
    return {
        "end": number * size + max(len(shown) - 1, 0),
        "first_page_uri": address(0),
        "messages": [message.as_json() for message in shown],
        "next_page_uri": address(number + 1, f"PA{shown[-1].sid}") if more else None,
        "page": number,
        "page_size": size,
        "previous_page_uri": address(number - 1, f"PB{shown[0].sid}") if number and shown else None,
        "start": number * size,
        "uri": address(number, query.get("PageToken")),
    }


def _within(sent_at: datetime | None, name: str, span: _Span) -> bool:
    if sent_at is None:
        return False
    return (name == "DateSent<" or sent_at >= span.start) and (name == "DateSent>" or sent_at < span.end)


def _position(found: list[Message], token: str | None, by_number: int, size: int) -> int:
    """Where the page begins. A token holds its place while new messages come in above it."""
    if not token:
        return by_number
    sids = [message.sid for message in found]
    if token[2:] not in sids:
        raise TwilioError(20001, "PageToken")
    at = sids.index(token[2:])
    return at + 1 if token.startswith("PA") else max(at - size, 0)


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    value = query.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise TwilioError(20001, name)
    return int(value)
