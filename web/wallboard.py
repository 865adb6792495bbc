"""How does the team stand, seen from across the room? A few numbers in large type, and nobody's name."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.orm import Session

from tracker.model import Commitment, Role, Team
from tracker.policy.outcomes import KEPT
from tracker.queries import is_open, visible_to
from web import forms
from web.alive import alive
from web.auth import everyone, me, my_watch
from web.context import house

pages = Blueprint("wallboard", __name__)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Wall:
    """Counts of promises: open and late, at risk though not due yet, due within the hour, kept since midnight."""

    title: str
    late: int
    at_risk: int
    soon: int
    kept: int


@pages.get("/wall")
@everyone
def wall() -> ResponseReturnValue:
    """The big screen: of one's own team; an administrator names one by `?team=`, or sees all of them together."""
    return render_template("wall.html", wall=_wall(), watch=my_watch(), team=_team_id())


@pages.get("/wall/numbers")
@everyone
def numbers() -> ResponseReturnValue:
    """The numbers alone, for a screen that nobody touches."""
    return alive(render_template("wall_numbers.html", wall=_wall(), watch=my_watch()))


def _team_id() -> int | None:
    return forms.number(request.args.get("team", "")) if me().role is Role.ADMIN else me().team_id


def _wall() -> Wall:
    watch = my_watch()
    with house().readers.begin() as session:
        return _counted(session, _team_id(), watch.now, watch.midnight())


def _counted(session: Session, team_id: int | None, now: datetime, midnight: datetime) -> Wall:
    title = session.scalar(select(Team.name).where(Team.id == team_id)) if team_id else "Tracker"
    ours = and_(visible_to(me()), true() if team_id is None else Commitment.team_id == team_id)

    def count(*which: ColumnElement[bool]) -> ColumnElement[int]:
        return select(func.count()).select_from(Commitment).where(ours, *which).scalar_subquery()

    late, at_risk, soon, kept = session.execute(
        select(
            count(is_open(), Commitment.due_at <= now),
            count(is_open(), Commitment.due_at > now, Commitment.at_risk_at.is_not(None)),
            count(is_open(), Commitment.due_at > now, Commitment.due_at <= now + HOUR),
            count(Commitment.closed_at >= midnight, Commitment.verdict.in_(KEPT)),
        )
    ).one()
    return Wall(title or abort(404), late, at_risk, soon, kept)
