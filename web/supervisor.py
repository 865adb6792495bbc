"""What is about to go wrong in the team, what has, and who can help?"""

from datetime import timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from tracker.model import Role
from tracker.queries import board, crew, missed_since, texts_gone_wrong
from web.auth import me, my_watch, only
from web.context import house
from web.words import fate

pages = Blueprint("supervisor", __name__)
LOOK_BACK = timedelta(days=7)
MOST = 200
"""Lines in one list. A longer one is not worked off but skimmed."""


@pages.get("/supervisor")
@only(Role.SUPERVISOR, Role.ADMIN)
def overview() -> ResponseReturnValue:
    """Late, escalated, missed, texts gone wrong; and how much each colleague has in hand."""
    watch = my_watch()
    since = watch.now - LOOK_BACK
    with house().readers.begin() as session:
        pressing = session.scalars(board(me()).limit(MOST)).all()
        missed = session.scalars(missed_since(me(), since).limit(MOST)).all()
        wrong = session.execute(texts_gone_wrong(me(), since).limit(MOST)).all()
        people = session.execute(crew(me(), watch.now)).all()
    late = [each for each in pressing if each.due_at <= watch.now]
    return render_template(
        "supervisor.html",
        watch=watch,
        escalated=[each for each in late if each.escalated_at],
        late=[each for each in late if not each.escalated_at],
        missed=missed,
        wrong=[(row.Message, row.Commitment, fate(row.Message)) for row in wrong],
        crew=[row for row in people if row.Person.team_id],
        at_limit=len(late) == MOST,
    )
