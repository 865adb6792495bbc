"""Does the promise of the house hold at this moment? The audit of a team's promises, for those who steer it.

Asked of the rows when the page is opened: what a worker found minutes ago need not be kept anywhere, and cannot be
stale.
"""

from itertools import islice

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.audit import LATELY, findings
from tracker.model import Commitment, Role
from tracker.queries import visible_to
from web.auth import me, my_watch, only
from web.context import house
from web.i18n import _

pages = Blueprint("audits", __name__)
MOST = 500
"""Findings looked at. With more, something is wrong with the machine and not with the promises."""
NAMED = 20
"""Promises that are named besides the first, where one cause holds up many."""


@pages.get("/supervisor/audit")
@only(Role.SUPERVISOR, Role.ADMIN)
def overview() -> ResponseReturnValue:
    """What is wrong now, or went wrong in the last day, with the promises that the viewer may see."""
    watch = my_watch()
    with house().readers.begin() as session:
        found = list(islice(findings(session, now=watch.now, since=watch.now - LATELY), MOST))
        shown = {number for each in found for number in (each.commitment, *each.others[:NAMED])}
        theirs = session.scalars(
            select(Commitment)
            .where(Commitment.id.in_(shown), visible_to(me()))
            .options(joinedload(Commitment.customer), joinedload(Commitment.owner))
        )
        about = {each.id: each for each in theirs}
    lines = [
        (each, about[each.commitment], [about[number] for number in each.others[:NAMED] if number in about])
        for each in found
        if each.commitment in about
    ]
    return render_template("audit.html", watch=watch, lines=lines, cut=len(found) == MOST, rules=_rules())


def _rules() -> dict[str, str]:
    """The rules in words for people; one without words goes by its name."""
    return {
        "one owner": _("Nobody who works in the team answers for it"),
        "owner or deputy on duty": _("Nobody is on duty when it is due"),
        "one next step": _("It has lost its next step"),
        "no step overdue": _("Its next step is overdue"),
        "no step twice": _("It was escalated twice"),
        "no text after closing": _("A text left after it was closed"),
        "no text after STOP": _("A text left after the number had opted out"),
        "no message stuck": _("Texts are stuck"),
        "verdict from evidence": _("Its verdict is not what the evidence says"),
    }
