"""What was missed, why, and what do we change? The supervisor's queue of reviews."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from tracker import reviewing
from tracker.model import Commitment, Role
from tracker.policy.causes import CAUSES, Cause, findings
from tracker.policy.checks import Conflict, NotFound, Refused
from tracker.policy.outcomes import MISSED
from web import forms
from web.auth import acting, me, my_watch, only
from web.context import house
from web.forms import Line, Typed, complain
from web.i18n import _
from web.spoken import spoken
from web.words import kind_word

pages = Blueprint("reviews", __name__, url_prefix="/supervisor/reviews")
MOST = 100
"""Lines of the queue that are shown; the oldest stand first."""


class ReviewForm(Typed):
    """A cause, and two sentences."""

    cause = Line()
    done_for_customer = Line()
    change = Line()


@pages.get("")
@only(Role.SUPERVISOR, Role.ADMIN)
def queue() -> ResponseReturnValue:
    """What waits for a review, the oldest first, and the causes that came back."""
    watch = my_watch()
    with house().readers.begin() as session:
        lines = session.scalars(reviewing.waiting(me()).limit(MOST)).all()
        waiting = reviewing.how_many_wait(session, me())
        recurring = reviewing.causes_that_recur(session, me(), now=watch.now)
    return render_template(
        "reviews.html",
        lines=lines,
        waiting=waiting,
        recurring=recurring,
        watch=watch,
        CAUSES=CAUSES,
        among=among,
    )


@pages.get("/causes")
@only(Role.SUPERVISOR, Role.ADMIN)
def behind() -> ResponseReturnValue:
    """The promises behind a cause that came back: `cause`, `of` what they have in common, its `key`; without them
    all that were reviewed lately."""
    watch, asked = my_watch(), request.args
    lately = reviewing.reviewed_lately(me(), now=watch.now)
    title = _("Reviewed misses")
    if asked:
        cause, of, key = asked.get("cause", ""), asked.get("of", ""), asked.get("key", "").replace("\0", "")
        if cause not in list(Cause) or of not in reviewing.COMMON:
            abort(404)
        lately = reviewing.with_cause(lately, Cause(cause), of, key)
        title = spoken(CAUSES[Cause(cause)]).capitalize()
    with house().readers.begin() as session:
        shown = session.scalars(
            lately.options(
                joinedload(Commitment.customer), joinedload(Commitment.owner), joinedload(Commitment.team)
            )
        ).all()
    if asked and shown:
        names = {"kind": shown[0].kind, "team": shown[0].team.name, "owner": shown[0].owner.name}
        title = f"{title}, {among(of, names[of])}"
    return render_template("recurring.html", title=title, shown=shown, watch=watch)


def among(of: str, name: str) -> str:
    """What promises have in common, in words: `kind callback`, `Ana Ruiz`, `team Care`."""
    match of:
        case "kind":
            return _("kind %(name)s", name=kind_word(name))
        case "team":
            return _("team %(name)s", name=name)
        case _:
            return name


@pages.get("/<number:number>")
@only(Role.SUPERVISOR, Role.ADMIN)
def show(number: int) -> ResponseReturnValue:
    """One missed promise, the cause that the evidence proposes, and the form."""
    return _page(number, ReviewForm())


@pages.post("/<number:number>")
@only(Role.SUPERVISOR, Role.ADMIN)
def save(number: int) -> ResponseReturnValue:
    """Save the review, and go on with the next that waits."""
    form = ReviewForm(request.form)
    try:
        with house().sessions.begin() as session:
            reviewing.review(
                session,
                number,
                by=acting(session),
                cause=forms.word(form.cause.data, Cause, "cause"),
                done_for_customer=form.done_for_customer.data,
                change=form.change.data,
                now=my_watch().now,
            )
            following = session.scalar(reviewing.waiting(me()).limit(1))
    except NotFound:
        raise
    except Refused as problem:
        complain(form, problem)
        return _page(number, form, 409 if isinstance(problem, Conflict) else 422)
    flash(_("Promise %(number)s is reviewed.", number=number), "success")
    if following is None:
        return redirect(url_for("reviews.queue"))
    return redirect(url_for("reviews.show", number=following.id))


def _page(number: int, form: ReviewForm, status: int = 200) -> ResponseReturnValue:
    with house().readers.begin() as session:
        seen = session.execute(reviewing.to_look_at(number, me())).one_or_none()
        if seen is None or seen.Commitment.verdict not in MISSED:
            raise NotFound(_("There is no missed promise number %(number)s in your team.", number=number))
        found = findings(reviewing.evidence(session, seen.Commitment))
    page = render_template(
        "review.html",
        commitment=seen.Commitment,
        found=found,
        reviewed=seen.Review,
        reviewer=seen.reviewer,
        waiting=seen.waiting,
        form=form,
        chosen=form.cause.data or found[0].cause,
        watch=my_watch(),
        CAUSES=CAUSES,
    )
    return page, status
