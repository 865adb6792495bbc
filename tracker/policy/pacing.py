"""How many texts does one number get in how long? However much there is to say, nobody is flooded."""

from collections.abc import Sequence
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
CAPS: tuple[tuple[timedelta, int], ...] = (
    (MINUTE, 3),
    (timedelta(minutes=15), 8),
    (timedelta(hours=1), 15),
    (timedelta(days=1), 60),
)
"""In any such time a number gets at most so many texts of ours."""
LONGEST = max(span for span, _ in CAPS)
TOGETHER = 3
"""From so many texts of one kind that wait for one colleague, one text says it for all."""


def wait_until(sent: Sequence[datetime], *, now: datetime) -> datetime | None:
    """When the number that was texted at the moments `sent` may be texted again; None: now."""
    latest = sorted(sent, reverse=True)
    waits = [latest[cap - 1] + span for span, cap in CAPS if len(latest) >= cap]
    until = max(waits, default=now)
    return until if until > now else None
