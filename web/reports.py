"""Figures for a supervisor: a chart, a table, and the same as CSV."""

import csv
import io
from datetime import timedelta

from flask import Blueprint, abort, make_response, render_template
from flask.typing import ResponseReturnValue

from tracker.model import Role
from tracker.reports import REPORTS, Report, Share
from web.auth import me, my_watch, only
from web.context import house

pages = Blueprint("reports", __name__)
LOOK_BACK = timedelta(weeks=12)


@pages.get("/reports/<name>")
@only(Role.SUPERVISOR, Role.ADMIN)
def show(name: str) -> ResponseReturnValue:
    """One report, of the last twelve weeks."""
    report = _report(name)
    return render_template("report.html", report=report, shares=_shares(report), watch=my_watch())


@pages.get("/reports/<name>.csv")
@only(Role.SUPERVISOR, Role.ADMIN)
def give_out(name: str) -> ResponseReturnValue:
    """The same figures as CSV; shares between 0 and 1."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(("label", "hits", "total", "share", "low", "high"))
    for each in _shares(_report(name)):
        share = "" if each.share is None else f"{each.share:.4f}"
        writer.writerow(
            (each.label, each.hits, each.total, share, *(f"{bound:.4f}" for bound in each.bounds))
        )
    answer = make_response(written.getvalue())
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _report(name: str) -> Report:
    return REPORTS.get(name) or abort(404)


def _shares(report: Report) -> list[Share]:
    now = my_watch().now
    with house().readers.begin() as session:
        return list(report.shares(session, me(), since=now - LOOK_BACK, until=now))
