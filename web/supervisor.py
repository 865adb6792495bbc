"""What is about to go wrong in the team, what has, and what helps? The live board, and the wall."""

from collections.abc import Callable, Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import commitments, people
from tracker.delivery.deciding import send_again
from tracker.model import Commitment, Message, Person, Role, Team
from tracker.policy.checks import NotFound, Refused
from tracker.queries import visible_to
from web import forms, room
from web.alive import alive
from web.auth import acting, me, my_watch, only
from web.context import house
from web.i18n import _, ngettext
from web.spoken import spoken
from web.story import WHY

pages = Blueprint("supervisor", __name__)


@pages.get("/supervisor")
@only(Role.SUPERVISOR, Role.ADMIN)
def overview() -> ResponseReturnValue:
    """The board of a team: `?team=` for an administrator, who has several to choose from."""
    return _board("supervisor.html")


@pages.get("/supervisor/board")
@only(Role.SUPERVISOR, Role.ADMIN)
def fragment() -> ResponseReturnValue:
    """The board alone, for a page that stays alive."""
    return alive(_board("supervisor_board.html"))


def _board(template: str) -> str:
    watch = my_watch()
    with house().readers.begin() as session:
        teams = room.teams(session, me())
        shown = room.enter(session, me(), chosen(teams), watch.now) if teams else None
    return render_template(template, room=shown, teams=teams, watch=watch, Help=room.Help)


def chosen(teams: Sequence[Team]) -> Team:
    """The one that the address names by `?team=`, else the first; 404 for none of these."""
    wanted = request.args.get("team")
    if wanted is None:
        return teams[0]
    return next((team for team in teams if str(team.id) == wanted), None) or abort(404)


@pages.post("/supervisor/act")
@only(Role.SUPERVISOR, Role.ADMIN)
def act() -> ResponseReturnValue:
    """One act on each of the chosen promises or texts. What cannot be done for one does not hold up the others."""
    back = redirect(url_for("supervisor.overview", team=forms.number(request.form.get("team", ""))))
    perform = ACTS.get(request.form.get("act", ""))
    if perform is None:
        abort(422)
    chosen = request.form.getlist("text" if perform is _again else "chosen")
    if not chosen:
        flash(_("Nothing was chosen: tick what it is about first."), "warning")
        return back
    done, refused = 0, list[str]()
    for each in chosen:
        try:
            with house().sessions.begin() as session:
                perform(session, each, acting(session))
            done += 1
        except Refused as problem:
            refused.append(f"{each.partition(':')[0]}: {spoken(problem.sentence)}")
    if done:
        flash(ngettext("Done for %(num)s.", "Done for %(num)s.", done), "success")
    for sentence in refused:
        flash(sentence, "warning")
    return back


def _find(session: Session, chosen: str, by: Person) -> Commitment:
    number, _colon, version = chosen.partition(":")
    return commitments.find(session, forms.number(number) or 0, by=by, seen=forms.number(version) or 0)


def _hand_over(session: Session, chosen: str, by: Person) -> None:
    commitment = _find(session, chosen, by)
    to = people.colleague(session, forms.number(request.form.get("to", "")), by=by, field="to")
    commitments.reassign(session, commitment, by=by, to=to, reason=WHY, now=my_watch().now)


def _tell(session: Session, chosen: str, by: Person) -> None:
    commitments.tell_owner(session, _find(session, chosen, by), by=by, now=my_watch().now)


def _again(session: Session, chosen: str, by: Person) -> None:
    send_again(session, _text(session, forms.number(chosen) or 0, by), by=by, now=my_watch().now)


ACTS: dict[str, Callable[[Session, str, Person], None]] = {
    "hand over": _hand_over,
    "tell": _tell,
    "again": _again,
}
"""By the value of the button that was pressed."""


def _text(session: Session, number: int, by: Person) -> Message:
    about = select(Commitment.id).where(visible_to(by))
    text = session.scalar(
        select(Message)
        .where(Message.id == number, Message.commitment_id.in_(about))
        .with_for_update(key_share=True)
    )
    if text is None:
        raise NotFound(_("There is no text number %(number)s in your team.", number=number))
    return text
