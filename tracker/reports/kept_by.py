"""Where are promises kept less often? By team, kind, hour and agent, and never more exactly than the count allows."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.orm import Session

from tracker.policy.rates import FEWEST
from tracker.policy.said import Said, say
from tracker.reports.counting import KEPT_OF, Ending, endings, grouped, kept_of, percent
from tracker.reports.figures import Chart, Figures, Row, Scope

Group = tuple[str, str]
"""The key of a row and its label."""


class KeptBy:
    """The kept rate of each group with its 95 % interval. Groups with fewer than 20 are shown, but not ranked."""

    def __init__(
        self,
        name: str,
        title: Said,
        first: Said,
        group: Callable[[Ending, Scope], Group],
        *,
        ranked: bool = True,
    ) -> None:
        self.name = name
        self.title = title
        self.question = say(
            "How many were kept in each? The line across each point shows how sure one may be (95 %%); where lines "
            "overlap, the difference may be chance. Fewer than %(fewest)s are shown, but not ranked.",
            fewest=FEWEST,
        )
        self._first = first
        self._group = group
        self._ranked = ranked

    def figures(self, session: Session, scope: Scope) -> Figures:
        """Ranked groups by their share, the best first, then those with few by name; hours in their order."""
        groups = grouped(endings(session, scope), lambda each: self._group(each, scope))
        rows = [Row(key, label, kept_of(them)) for (key, label), them in sorted(groups.items())]
        if self._ranked:
            rows.sort(key=lambda row: str(row.label))
            rows.sort(key=_rank)
        figures = Figures(
            say("Nothing to compare yet."),
            KEPT_OF,
            rows,
            Chart.INTERVALS,
            self._first,
            share_of=("kept", "counted"),
            ranked=self._ranked,
        )
        return replace(figures, finding=_finding(figures))


def _rank(row: Row) -> float:
    kept, counted = len(row.counted["kept"]), len(row.counted["counted"])
    return -kept / counted if counted >= FEWEST else 1.0


def _finding(figures: Figures) -> Said:
    enough = [row for row in figures.rows if not figures.few(row)]
    if len(enough) < 2:
        return say("Too few promises yet to compare: each needs %(fewest)s.", fewest=FEWEST)
    worst = min(enough, key=lambda row: figures.share(row) or 0)
    best = max(enough, key=lambda row: figures.share(row) or 0)
    told = {
        "worst": worst.label,
        "low": percent(figures.count(worst, "kept"), figures.count(worst, "counted")),
        "best": best.label,
        "high": percent(figures.count(best, "kept"), figures.count(best, "counted")),
    }
    if figures.bounds(worst)[1] < figures.bounds(best)[0]:
        return say(
            "Kept least in %(worst)s (%(low)s %%), most in %(best)s (%(high)s %%): more than chance.", **told
        )
    return say("From %(low)s to %(high)s %% kept: the differences may all be chance.", **told)


def _hour(each: Ending, scope: Scope) -> Group:
    hour = each.first_due_at.astimezone(scope.zone).hour
    return f"{hour:02}", f"{hour:02}:00"


BY_TEAM = KeptBy("by-team", say("Kept by team"), say("Team"), lambda each, _: (each.team, each.team))
BY_KIND = KeptBy("by-kind", say("Kept by kind"), say("Kind"), lambda each, _: (each.kind, say(each.kind)))
BY_HOUR = KeptBy("by-hour", say("Kept by hour"), say("Hour"), _hour, ranked=False)
BY_AGENT = KeptBy(
    "by-agent", say("Kept by agent"), say("Agent"), lambda each, _: (str(each.owner_id), each.owner)
)
