"""Figures for a supervisor: a sentence, a chart, a table, the same as CSV, and the promises behind each number."""

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.model import Commitment, Role, Team
from tracker.policy.checks import Refused
from tracker.reports import REPORTS, Figures, Report, Scope
from web import forms
from web.auth import me, my_watch, only
from web.context import house
from web.i18n import _
from web.spoken import spoken

pages = Blueprint("reports", __name__)
USUAL = timedelta(weeks=4)
LONGEST = timedelta(days=5 * 366)
MOST = 200
"""Promises on one list: what is not found among them wants a narrower question."""


@dataclass(frozen=True, slots=True)
class Period:
    """The days that were asked for, both included, and the team if one was named."""

    since: date
    until: date
    team_id: int | None

    def scope(self) -> Scope:
        """The same for a report: from midnight to midnight where the viewer is."""
        zone = my_watch().zone
        begin = datetime.combine(self.since, time(), zone)
        end = datetime.combine(self.until + timedelta(days=1), time(), zone)
        return Scope(me(), begin, end, self.team_id)

    @property
    def address(self) -> dict[str, str | int]:
        """What an address of the same period and team carries."""
        team: dict[str, str | int] = {} if self.team_id is None else {"team": self.team_id}
        return {"since": self.since.isoformat(), "until": self.until.isoformat(), **team}

    def back(self, weeks: int) -> dict[str, str | int]:
        """The address of so many weeks up to today."""
        today = _today()
        return {
            **self.address,
            "since": (today - timedelta(weeks=weeks, days=-1)).isoformat(),
            "until": today.isoformat(),
        }


@pages.get("/reports")
@only(Role.SUPERVISOR, Role.ADMIN)
def overview() -> ResponseReturnValue:
    """The first report."""
    return redirect(url_for("reports.show", name=next(iter(REPORTS))))


@pages.get("/reports/<name>")
@only(Role.SUPERVISOR, Role.ADMIN)
def show(name: str) -> ResponseReturnValue:
    """One report, of the last four weeks unless other days are named."""
    report, period = _report(name), _period()
    with house().readers.begin() as session:
        figures = report.figures(session, period.scope())
        teams = session.execute(select(Team.id, Team.name).order_by(Team.name)).all()
    return render_template(
        "report.html",
        report=report,
        reports=REPORTS.values(),
        figures=figures,
        period=period,
        teams=teams if me().role is Role.ADMIN else [],
    )


@pages.get("/reports/<name>/promises")
@only(Role.SUPERVISOR, Role.ADMIN)
def behind(name: str) -> ResponseReturnValue:
    """The promises that a number of the report counted: those of `row`, or of all rows without one, in `column`."""
    report, period = _report(name), _period()
    column, key = request.args.get("column", ""), request.args.get("row")
    with house().readers.begin() as session:
        figures = report.figures(session, period.scope())
        rows = [row for row in figures.rows if key is None or row.key == key]
        if not rows or column not in figures.columns:
            abort(404)
        counted = list(chain.from_iterable(row.counted.get(column, ()) for row in rows))
        numbers = list(dict.fromkeys(counted))
        shown = session.scalars(
            select(Commitment)
            .where(Commitment.id.in_(numbers[:MOST]))
            .order_by(Commitment.first_due_at, Commitment.id)
            .options(joinedload(Commitment.customer), joinedload(Commitment.owner))
        ).all()
    return render_template(
        "report_promises.html",
        report=report,
        period=period,
        column=figures.columns[column],
        row=rows[0].label if key is not None else None,
        counted=len(counted),
        promises=len(numbers),
        shown=shown,
        watch=my_watch(),
    )


@pages.get("/reports/<name>.csv")
@only(Role.SUPERVISOR, Role.ADMIN)
def give_out(name: str) -> ResponseReturnValue:
    """The same figures as CSV; shares between 0 and 1."""
    report, period = _report(name), _period()
    with house().readers.begin() as session:
        figures = report.figures(session, period.scope())
    answer = make_response(_csv(figures))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _csv(figures: Figures) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    shares = ("share", "low", "high", "limit_low", "limit_high") if figures.share_of else ()
    writer.writerow(("key", "label", *figures.columns, *shares))
    for row in figures.rows:
        cells: list[object] = [
            row.key,
            spoken(row.label),
            *(figures.count(row, each) for each in figures.columns),
        ]
        if figures.share_of:
            limits = (row.limits.low, row.limits.high) if row.limits else (None, None)
            cells += [_fraction(each) for each in (figures.share(row), *figures.bounds(row), *limits)]
        writer.writerow(cells)
    return written.getvalue()


def _fraction(share: float | None) -> str:
    return "" if share is None else f"{share:.4f}"


def _report(name: str) -> Report:
    return REPORTS.get(name) or abort(404)


def _today() -> date:
    return my_watch().midnight().date()


def _period() -> Period:
    today = _today()
    until = _day("until") or today
    since = _day("since") or until - USUAL + timedelta(days=1)
    if since > until:
        raise Refused(_("The first day lies after the last: exchange them."), "since")
    if until - since > LONGEST:
        raise Refused(_("That is more than five years: ask for fewer days."), "since")
    team_id = forms.number(request.args.get("team", "")) if me().role is Role.ADMIN else None
    return Period(since, until, team_id)


def _day(name: str) -> date | None:
    given = request.args.get(name, "").strip()
    if not given:
        return None
    try:
        day = date.fromisoformat(given)
    except ValueError:
        day = date.min
    if not 1970 <= day.year <= 9000:
        raise Refused(_("Give days like 2026-11-19."), name)
    return day
