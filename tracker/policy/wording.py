"""stub"""

from enum import StrEnum


class TextKind(StrEnum):
    PROMISED = "promised"
    RENEGOTIATED = "renegotiated"
    APOLOGY = "apology"
    HANDED_OVER = "handed_over"
    UNREACHED = "unreached"
    REMINDER = "reminder"
    DUE = "due"
    ESCALATION = "escalation"
    YOURS_NOW = "yours_now"
    STILL_OPEN = "still_open"


from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

CUSTOMER_KINDS: frozenset[TextKind] = frozenset(
    {TextKind.PROMISED, TextKind.RENEGOTIATED, TextKind.APOLOGY, TextKind.HANDED_OVER, TextKind.UNREACHED}
)


@dataclass(frozen=True, slots=True)
class Facts:
    given_name: str
    customer_name: str
    customer_phone: str
    topic: str
    commitment_kind: str
    owner_given_name: str
    team: str
    due_at: datetime
    first_due_at: datetime
    zone: str
    next_at: datetime | None = None
    late_count: int = 1
    link: str = ""


def render(
    kind: TextKind, facts: Facts, *, language: str, now: datetime, templates: Mapping[str, str] | None = None
) -> str:
    return f"{kind} {facts}"
