"""Which account, which numbers and which webhook does the simulator stand for?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")


def is_number(text: str) -> bool:
    """Whether the text has the form of a phone number in E.164."""
    return _E164.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """One account.

    numbers: the account's own numbers, E.164; the first one is where a phone that never got a text writes to.
    messaging_service_sid, pool: the Messaging Service, and those of the numbers it sends from (default: all).
    advanced_opt_out: the service's feature that adds OptOutType to the inbound webhook.
    inbound_url: where replies are posted; None: nowhere. It may be set later on the server.
    names: what the page calls a phone, by its number.

    Raises ValueError, with a sentence that says how to mend it.
    """

    account_sid: str
    auth_token: str
    numbers: tuple[str, ...]
    messaging_service_sid: str | None = None
    pool: tuple[str, ...] = ()
    advanced_opt_out: bool = False
    inbound_url: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _ACCOUNT.fullmatch(self.account_sid):
            raise ValueError("account_sid must be AC followed by 32 hexadecimal digits.")
        if not self.auth_token:
            raise ValueError("auth_token must not be empty: it signs every webhook.")
        if not self.numbers:
            raise ValueError("numbers must hold at least one number to send from, such as +14155550100.")
        for number in self.numbers:
            if not is_number(number):
                raise ValueError(f"{number!r} is not in E.164 form; write it like +14155550100.")
        if self.messaging_service_sid and not _SERVICE.fullmatch(self.messaging_service_sid):
            raise ValueError("messaging_service_sid must be MG followed by 32 hexadecimal digits.")
        if strangers := set(self.pool) - set(self.numbers):
            raise ValueError(f"pool holds {sorted(strangers)}, which numbers does not; add them there too.")

    @property
    def senders(self) -> tuple[str, ...]:
        """The numbers the Messaging Service sends from; empty without one."""
        if self.messaging_service_sid is None:
            return ()
        return self.pool or self.numbers

    def scope(self, number: str) -> str:
        """What an opt-out sent to this number covers: its whole Messaging Service, else the number alone."""
        if self.messaging_service_sid and number in self.senders:
            return self.messaging_service_sid
        return number
