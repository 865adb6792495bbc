"""What is next? The open promises of one agent, or of the whole team, the most pressing first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from tracker.model import Commitment, Event, EventKind
from tracker.queries import board, closed_since, owned_by
from web.auth import everyone, me, my_watch
from web.context import house
from web.recorded import THEIRS, recorded
from web.times import Watch

pages = Blueprint("desk", __name__)
SOON = timedelta(minutes=60)
MOST = 300
"""Lines on one board. Nobody works off more; a longer page only gets slower."""


class Part(StrEnum):
    """The sections of a desk, the most pressing first; a promise stands in the first that it belongs to."""

    OVERDUE = "overdue"
    SOON = "soon"
    WAITING = "waiting"
    """The customer answered, and nobody has done anything since."""
    AT_RISK = "at risk"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Board:
    """The lines of a desk by section, and what was closed today."""

    parts: Mapping[Part, list[Commitment]]
    closed: Sequence[Commitment]
    cut: bool
    """Were there more than it shows?"""
    waiting: Mapping[int, str] = field(default_factory=dict)
    """What the customer of a promise said that nobody has seen to."""

    @property
    def empty(self) -> bool:
        """Is nothing open?"""
        return not any(self.parts.values())

    @property
    def pressing(self) -> int:
        """How many lines want something done now."""
        return sum(len(lines) for part, lines in self.parts.items() if part is not Part.LATER)


@pages.get("/")
@everyone
def desk() -> ResponseReturnValue:
    """The desk: `?whose=team` for everybody's promises instead of one's own."""
    return render_template("desk.html", board=_board(), watch=my_watch(), whose=_whose(), Part=Part)


@pages.get("/board")
@everyone
def fragment() -> ResponseReturnValue:
    """The lines alone, for a page that stays alive: 304 while nothing on them has changed."""
    html = render_template("board.html", board=_board(), watch=my_watch(), whose=_whose(), Part=Part)
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
        closed = session.scalars(done.limit(MOST)).all()
        waiting = _unanswered(session, lines[:MOST])
    parts: dict[Part, list[Commitment]] = {part: [] for part in Part}
    for each in lines[:MOST]:
        parts[_part(each, waiting, watch)].append(each)
    return Board(parts, closed, len(lines) > MOST, waiting)


def _part(commitment: Commitment, waiting: Mapping[int, str], watch: Watch) -> Part:
    if commitment.due_at <= watch.now:
        return Part.OVERDUE
    if commitment.due_at <= watch.now + SOON:
        return Part.SOON
    if commitment.id in waiting:
        return Part.WAITING
    return Part.AT_RISK if commitment.at_risk_at else Part.LATER


def _unanswered(session: Session, lines: Sequence[Commitment]) -> dict[int, str]:
    """What customers said about these promises that nobody has seen to, by promise."""
    said: dict[int, str] = {}
    acts: dict[int, set[int]] = {}
    for event in session.scalars(_since_a_reply([each.id for each in lines])):
        number = event.commitment_id
        if event.kind is EventKind.REPLIED:
            said[number] = recorded(str((event.facts or {}).get("text") or ""), THEIRS)
            acts[number] = set()
        elif event.kind is EventKind.UNDONE:
            acts[number] -= set((event.facts or {}).get("events", []))
        elif event.person_id is not None:
            acts[number].add(event.id)
    return {number: text for number, text in said.items() if not acts[number]}


def _since_a_reply(ids: Sequence[int]) -> Select[Event]:
    """The events of these promises from the customer's first reply on, in order."""
    first = (
        select(Event.commitment_id, func.min(Event.id).label("id"))
        .where(Event.commitment_id.in_(ids), Event.kind == EventKind.REPLIED)
        .group_by(Event.commitment_id)
        .subquery()
    )
    since = (Event.commitment_id == first.c.commitment_id) & (Event.id >= first.c.id)
    return select(Event).join(first, since).order_by(Event.id)
