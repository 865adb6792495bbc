"""A row of a report: so many of so many, and how sure one may be of it."""

from dataclasses import dataclass

from tracker.policy.intervals import wilson


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `total`, under a label."""

    label: str
    hits: int
    total: int

    @property
    def share(self) -> float | None:
        """Between 0 and 1; None when nothing was counted."""
        return self.hits / self.total if self.total else None

    @property
    def bounds(self) -> tuple[float, float]:
        """Where the true share lies with 95 % confidence."""
        return wilson(self.hits, self.total)
