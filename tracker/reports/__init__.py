"""What happened, in figures? One file a report, all with the same small protocol: a sentence that says the finding,
rows for a table and a chart, and behind each number the commitments it counted."""

from collections.abc import Mapping
from typing import Protocol

from sqlalchemy.orm import Session

from tracker.policy.said import Said
from tracker.reports.feedback import Judged
from tracker.reports.figures import Chart, Figures, Label, Row, Scope
from tracker.reports.kept_by import BY_AGENT, BY_HOUR, BY_KIND, BY_TEAM
from tracker.reports.kept_rate import KeptRate
from tracker.reports.lateness import Lateness
from tracker.reports.missed import Causes
from tracker.reports.renegotiations import Renegotiations
from tracker.reports.texts import Texts
from tracker.reports.warnings import Warnings


class Report(Protocol):
    """A question about the commitments that a person may see."""

    name: str
    """The last part of its address."""
    title: Said
    question: Said
    """What it answers, and how to read it."""

    def figures(self, session: Session, scope: Scope) -> Figures:
        """Its answer for whom and when."""
        ...


_ALL: tuple[Report, ...] = (
    KeptRate(),
    BY_TEAM,
    BY_KIND,
    BY_HOUR,
    BY_AGENT,
    Lateness(),
    Causes(),
    Renegotiations(),
    Warnings(),
    Texts(),
    Judged(),
)
REPORTS: Mapping[str, Report] = {report.name: report for report in _ALL}
"""By name, in the order they are offered. A new report is added here."""

__all__ = ["REPORTS", "Chart", "Figures", "Label", "Report", "Row", "Scope"]
