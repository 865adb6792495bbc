"""Which page is a customer's, and for how long?

The address names one commitment and proves that we wrote it: nobody can make one up, or one out of another. Whoever
holds it is taken for the customer, so it opens that one promise and nothing else.
"""

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta

OPEN_FOR = timedelta(days=30)
"""After closing; long enough to say that it was not kept after all."""
SIGNED = 11
"""Characters of signature: 65 bits. At a thousand guesses a second one is found in a thousand million years, so
guesses need not be counted; a longer one would cost room in every text."""

LONGEST = 11 + SIGNED
"""Characters; a number that a database holds has 11 digits at most."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SALT = b"the customer's page of commitment "
"""So that nothing else that is signed with the same key can be passed off as a link."""


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads the addresses of customers' pages.

    `base`: scheme, host and perhaps a path that people reach us at, without a slash at the end. `key`: the secret
    that they are signed with; another key makes every link that was sent unknown.
    """

    base: str
    key: str = field(repr=False)

    def to(self, commitment: int) -> str:
        """The address of that commitment's page, as a text names it."""
        return f"{self.base}/c/{self.token(commitment)}"

    def token(self, commitment: int) -> str:
        """The last part of the address: its number, then the signature."""
        digest = hmac.digest(self.key.encode(), _SALT + str(commitment).encode(), "sha256")
        return _spelled(commitment) + _spelled(int.from_bytes(digest)).zfill(SIGNED)[-SIGNED:]

    def read(self, token: str) -> int | None:
        """Which commitment it is for; None if we did not write it."""
        if len(token) > LONGEST:
            return None
        number = 0
        for digit in token[:-SIGNED]:
            if digit not in _DIGITS:
                return None
            number = number * len(_DIGITS) + _DIGITS.index(digit)
        # In constant time: how long a wrong guess takes must not tell how much of it was right.
        return number if hmac.compare_digest(self.token(number).encode(), token.encode()) else None


def has_expired(closed_at: datetime | None, *, now: datetime) -> bool:
    """Has a page gone whose commitment was closed then? None: it is open, and so is the page."""
    return closed_at is not None and now >= closed_at + OPEN_FOR


def _spelled(number: int) -> str:
    letters = ""
    while number or not letters:
        number, last = divmod(number, len(_DIGITS))
        letters = _DIGITS[last] + letters
    return letters
