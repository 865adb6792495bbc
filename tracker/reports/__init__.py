"""What happened, in figures? One file a report, all with the same small protocol: rows for a table, a chart
and CSV."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from tracker.model import Person
from tracker.reports.kept_rate import KeptRate
from tracker.reports.shares import Share


class Report(Protocol):
    """A question about the commitments that a person may see, answered in shares."""

    name: str
    """The last part of its address."""
    title: str
    question: str
    """What it answers, in a sentence."""

    def shares(
        self, session: Session, viewer: Person, *, since: datetime, until: datetime
    ) -> Sequence[Share]:
        """The rows, of commitments first due in that span."""
        ...


REPORTS: Mapping[str, Report] = {report.name: report for report in (KeptRate(),)}
"""By name. A new report is added here."""

__all__ = ["REPORTS", "Report", "Share"]
