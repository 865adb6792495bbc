"""Nobody told us what became of a text: when do we ask the provider, which of its records is ours, and when do we
stop asking?

A provider without a key for repeated requests leaves one way to find out whether a text was sent: its list of what
it sent to that number. The list may lag (users report minutes up to hours), so an empty one means little at first.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

LOOKS_FOR_CUSTOMERS = tuple(timedelta(minutes=m) for m in (0.5, 2, 15, 60, 240))
"""After the text became unknown. A customer is not texted twice: after the last look a person decides."""
LOOKS_FOR_STAFF = tuple(timedelta(minutes=m) for m in (0.5, 2))
"""A colleague is better told twice than never: after the last look the text is sent again."""
POLLS = tuple(timedelta(minutes=m) for m in (10, 60, 360, 1440))
"""After a text was taken: receipts that were sent while we were down are not sent again."""
SKEW = timedelta(minutes=5)
"""The provider's clock and ours may be apart by so much."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so a reference can be read out on the phone."""


@dataclass(frozen=True, slots=True)
class Record:
    """A message as the provider has it. `status` in the provider's words; times aware."""

    sid: str
    ours: bool
    """Did it go out, and not come in?"""
    to: str
    body: str
    made_at: datetime | None
    status: str
    error_code: int | None


def reference(number: int) -> str:
    """The short reference that a text ends with, as `#3K9`, by which its record is found again: its number in base
    32."""
    letters = ""
    while number or not letters:
        number, last = divmod(number, 32)
        letters = _ALPHABET[last] + letters
    return letters


def matching(
    records: Iterable[Record], *, number: int, to: str, since: datetime, taken: Collection[str]
) -> list[Record]:
    """The records that can only be of message `number`, tried from `since` on, the earliest first.

    One that is `taken`, bound to a dispatch already, is not it. Neither is one made before the try: another
    installation may use the same account and the same references.
    """
    found = [
        record
        for record in records
        if record.ours
        and record.to == to
        and record.sid not in taken
        and record.made_at is not None
        and record.made_at >= since - SKEW
        and record.body.split()[-1:] == [f"#{reference(number)}"]
    ]
    return sorted(found, key=lambda record: (record.made_at or since, record.sid))


def next_look(asked: int, since: datetime, *, to_customer: bool) -> datetime | None:
    """When to look into the list again, after so many looks at a text unknown `since`; None: no more."""
    return _after(LOOKS_FOR_CUSTOMERS if to_customer else LOOKS_FOR_STAFF, asked, since)


def next_poll(asked: int, since: datetime) -> datetime | None:
    """When to ask again for the status of a text taken at `since`, after so many times; None: no more."""
    return _after(POLLS, asked, since)


def _after(waits: tuple[timedelta, ...], asked: int, since: datetime) -> datetime | None:
    return since + waits[asked] if asked < len(waits) else None
