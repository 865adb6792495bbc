"""What does every report come to? A sentence, and rows that know which commitments they counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, true

from tracker.model import Commitment, Person
from tracker.policy.intervals import wilson
from tracker.policy.rates import FEWEST, Limits
from tracker.policy.said import Said
from tracker.queries import visible_to


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose promises, of which time: those that the viewer may see, of one team if it is named."""

    viewer: Person
    since: datetime
    until: datetime
    team_id: int | None = None

    @property
    def zone(self) -> ZoneInfo:
        """By whose clock days and hours are told."""
        return ZoneInfo(self.viewer.zone)

    def commitments(self) -> ColumnElement[bool]:
        """The commitments of any time."""
        return and_(
            visible_to(self.viewer),
            true() if self.team_id is None else Commitment.team_id == self.team_id,
        )

    def fell_due(self) -> ColumnElement[bool]:
        """Those that were first due in that time."""
        return and_(
            self.commitments(), Commitment.first_due_at >= self.since, Commitment.first_due_at < self.until
        )


class Chart(StrEnum):
    """How the rows are drawn."""

    LINE = "line"
    """Shares in order of time, with their control limits."""
    INTERVALS = "intervals"
    """Shares with their 95 % intervals, below one another."""
    BARS = "bars"
    """The first column."""
    STACK = "stack"
    """All columns but the first, side by side, as parts of their sum."""


Label = Said | str | date


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `counted` holds for each column one commitment id a thing counted: what a number is made of."""

    key: str
    label: Label
    counted: Mapping[str, Sequence[int]]
    limits: Limits | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """A report's answer. `share_of` names the columns of which one is a share of the other; `ranked`: rows stand in
    order of their share, and those with few below them."""

    finding: Said
    columns: Mapping[str, Said]
    rows: Sequence[Row]
    chart: Chart
    first: Said
    """What the labels of the rows are."""
    share_of: tuple[str, str] | None = None
    ranked: bool = False

    def count(self, row: Row, column: str) -> int:
        """How many."""
        return len(row.counted.get(column, ()))

    def total(self, column: str) -> int:
        """How many in all rows."""
        return sum(self.count(row, column) for row in self.rows)

    def most(self, column: str) -> int:
        """How many in the row that has most; at least 1, to draw by."""
        return max([1, *(self.count(row, column) for row in self.rows)])

    def share(self, row: Row) -> float | None:
        """Between 0 and 1; None when nothing was counted, or there is nothing to share."""
        hits, total = self._of(row)
        return hits / total if total else None

    def bounds(self, row: Row) -> tuple[float, float]:
        """Where the true share lies with 95 % confidence."""
        return wilson(*self._of(row))

    def few(self, row: Row) -> bool:
        """Too few to be held against the others?"""
        return self._of(row)[1] < FEWEST

    @property
    def some_unranked(self) -> bool:
        """Are there rows with too few to be ranked?"""
        return self.ranked and any(self.few(row) for row in self.rows)

    @property
    def empty(self) -> bool:
        """Was nothing counted at all?"""
        return not any(ids for row in self.rows for ids in row.counted.values())

    def _of(self, row: Row) -> tuple[int, int]:
        if self.share_of is None:
            return 0, 0
        return self.count(row, self.share_of[0]), self.count(row, self.share_of[1])
