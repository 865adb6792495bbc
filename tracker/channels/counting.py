"""A channel that only counts: for replaying a log, where nobody is at the other end."""

from collections import Counter

from tracker.channels import Accepted, Outgoing, Result


class Counting:
    """Accepts everything at once and counts texts by recipient."""

    name = "sms"
    sender = "+15005550006"
    own_numbers = frozenset({sender})
    seconds = 0.0
    batch = 500
    reports = False
    per_minute = None
    links = None

    def __init__(self) -> None:
        self.texts: Counter[str] = Counter()

    def send(self, outgoing: Outgoing) -> Result:
        """Count it."""
        self.texts[outgoing.to] += 1
        return Accepted(f"counted-{outgoing.token}")

    def records(self, to: str) -> None:
        """There is nobody to ask."""

    def record(self, sid: str) -> None:
        """There is nobody to ask."""
