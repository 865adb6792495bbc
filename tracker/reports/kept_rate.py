"""How many promises were kept, and did that change by more than chance?"""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy.orm import Session

from tracker.policy.rates import control_limits
from tracker.policy.said import Said, say
from tracker.reports.counting import KEPT_OF, Ending, endings, grouped, kept_of, percent
from tracker.reports.figures import Chart, Figures, Row, Scope

MOST_DAYS = 35
"""A longer time is told in weeks."""


class KeptRate:
    """Kept, on time or as renegotiated, of all closed that count; by the day or week they were first due in."""

    name = "kept-rate"
    title = say("Promises kept")
    question = say(
        "Of the promises first due on each day or in each week, how many were kept? Between the dashed lines it is "
        "chance; a point outside has a reason."
    )

    def figures(self, session: Session, scope: Scope) -> Figures:
        """A row a day, or a week from Monday where the time is long; those without a promise too."""
        counted = endings(session, scope)
        weekly = scope.until - scope.since > timedelta(days=MOST_DAYS)

        def period(each: Ending) -> date:
            return _start(each.first_due_at.astimezone(scope.zone).date(), weekly)

        by_period = grouped(counted, period)
        periods = list(_periods(scope, weekly))
        counts = [kept_of(by_period.get(each, ())) for each in periods]
        limits = control_limits([(len(each["kept"]), len(each["counted"])) for each in counts])
        rows = [
            Row(each.isoformat(), each, count, limit)
            for each, count, limit in zip(periods, counts, limits, strict=True)
        ]
        return Figures(
            _finding(counted, rows),
            KEPT_OF,
            rows,
            Chart.LINE,
            first=say("Week from") if weekly else say("Day"),
            share_of=("kept", "counted"),
        )


def _start(day: date, weekly: bool) -> date:
    return day - timedelta(days=day.weekday()) if weekly else day


def _periods(scope: Scope, weekly: bool) -> Iterator[date]:
    last = (scope.until - timedelta(microseconds=1)).astimezone(scope.zone).date()
    day = _start(scope.since.astimezone(scope.zone).date(), weekly)
    while day <= last:
        yield day
        day += timedelta(weeks=1) if weekly else timedelta(days=1)


def _finding(counted: list[Ending], rows: list[Row]) -> Said:
    kept = sum(each.kept for each in counted)
    share = say(
        "Promises kept: %(kept)s of %(counted)s (%(percent)s %%).",
        kept=kept,
        counted=len(counted),
        percent=percent(kept, len(counted)),
    )
    if not any(row.limits for row in rows):
        return share
    worse = [row for row in rows if _below(row)]
    if not worse:
        return say("%(share)s All ups and downs are within chance.", share=share)
    return say(
        "%(share)s Below what chance explains: %(days)s.", share=share, days=[row.label for row in worse]
    )


def _below(row: Row) -> bool:
    kept, counted = len(row.counted["kept"]), len(row.counted["counted"])
    return row.limits is not None and kept / counted < row.limits.low
