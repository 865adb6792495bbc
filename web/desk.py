"""What is next? The open promises of one agent, or of the whole team, the most pressing first."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from tracker.model import Commitment
from tracker.queries import board, closed_since, owned_by
from web.auth import everyone, me, my_watch
from web.context import house

pages = Blueprint("desk", __name__)
SOON = timedelta(minutes=60)
MOST = 300
"""Lines on one board. Nobody works off more; a longer page only gets slower."""


@dataclass(frozen=True, slots=True)
class Board:
    """The lines of a desk, in the sections it shows."""

    overdue: list[Commitment]
    soon: list[Commitment]
    later: list[Commitment]
    closed: list[Commitment]
    cut: bool
    """Were there more than it shows?"""

    @property
    def empty(self) -> bool:
        """Is nothing open?"""
        return not (self.overdue or self.soon or self.later)


@pages.get("/")
@everyone
def desk() -> ResponseReturnValue:
    """The desk: `?whose=team` for everybody's promises instead of one's own."""
    return render_template("desk.html", board=_board(), watch=my_watch(), whose=_whose())


@pages.get("/board")
@everyone
def fragment() -> ResponseReturnValue:
    """The lines alone, for a page that stays alive: 304 while nothing on them has changed."""
    html = render_template("board.html", board=_board(), watch=my_watch(), whose=_whose())
    answer = make_response(html)
    answer.set_etag(sha256(html.replace(generate_csrf(), "").encode()).hexdigest()[:32])
    return answer.make_conditional(request)


def _whose() -> str:
    return "team" if request.args.get("whose") == "team" else "mine"


def _board() -> Board:
    watch = my_watch()
    still_open, done = board(me()), closed_since(me(), watch.midnight())
    if _whose() == "mine":
        still_open, done = still_open.where(owned_by(me())), done.where(owned_by(me()))
    with house().readers.begin() as session:
        lines = session.scalars(still_open.limit(MOST + 1)).all()
        closed = list(session.scalars(done.limit(MOST)))
    shown = lines[:MOST]
    soon = watch.now + SOON
    return Board(
        overdue=[each for each in shown if each.due_at <= watch.now],
        soon=[each for each in shown if watch.now < each.due_at <= soon],
        later=[each for each in shown if each.due_at > soon],
        closed=closed,
        cut=len(lines) > MOST,
    )
