"""One promise: its whole story, and everything that can be done about it."""

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Label, func, select
from sqlalchemy.orm import Session

from tracker import commitments, risk, undoing
from tracker.delivery import deciding
from tracker.delivery.consequences import opted_out
from tracker.evidence import gather
from tracker.model import Commitment, Customer, Message, OptOut, OptOutReason, Team
from tracker.policy.checks import Conflict, NotFound, Refused
from tracker.queries import history, one, one_and_others, texts_and_receipts
from web import aftermath, forms, story, when
from web.acts import ACTS, setting
from web.auth import acting, everyone, me, my_watch
from web.context import house
from web.forms import ActForm, WhenForm, complain
from web.i18n import _
from web.odds import Deal, odds
from web.spoken import spoken
from web.verdicts import endings, why
from web.words import in_hand

pages = Blueprint("commitments", __name__)
OTHERS = 8
BACK = {"desk": "desk.desk", "supervisor": "supervisor.overview"}

DECISIONS: Mapping[str, Callable[..., None]] = {"again": deciding.send_again, "leave": deciding.leave_it}
"""What a person may do about a text of unknown fate, by the word that the button sends."""


@pages.get("/commitments/<number:number>")
@everyone
def show(number: int) -> ResponseReturnValue:
    """The promise and its story; `?do=revise` and the like opens one of its forms."""
    return _page(number, opened=request.args.get("do", ""))


@pages.post(f"/commitments/<number:number>/<any({', '.join(ACTS)}):act>")
@everyone
def do(number: int, act: str) -> ResponseReturnValue:
    """One act. Refused: the page again, with the sentence at its place and everything typed still there."""
    form, watch = ACTS[act].form(request.form), my_watch()
    if isinstance(form, WhenForm) and form.picked():
        return _page(number, act, form)
    try:
        with house().sessions.begin() as session:
            by = acting(session)
            seen = forms.number(form.version.data)
            commitment = commitments.find(session, number, by=by, seen=seen)
            if seen is None:
                raise Refused(_("This form was incomplete: look at the promise again, then send it."))
            done = ACTS[act].perform(session, commitment, form, by, watch)
            customer = commitment.customer.name
    except Refused as problem:
        return _refused(number, act, form, problem)
    flash(f"{customer}: {done.said}", "success")
    aftermath.leave(saved=f"{number}-{act}", undo=number if ACTS[act].undoable else 0, again=done.again)
    return redirect(_way_back(form.back.data, number))


@pages.post("/commitments/<number:number>/undo")
@everyone
def undo(number: int) -> ResponseReturnValue:
    """Take back what the viewer has just done to it."""
    try:
        with house().sessions.begin() as session:
            by = acting(session)
            commitment = commitments.find(session, number, by=by)
            undoing.undo(session, commitment, by=by, now=my_watch().now)
            flash(_("%(name)s: taken back.", name=commitment.customer.name), "success")
    except NotFound:
        raise
    except Refused as problem:
        flash(spoken(problem.sentence), "warning")
    return redirect(_way_back(request.form.get("back", ""), number))


@pages.post("/commitments/<number:number>/texts/<number:text>")
@everyone
def decide(number: int, text: int) -> ResponseReturnValue:
    """Nobody knows whether a text arrived: it is sent again, or left at that."""
    decision = request.form.get("decision", "")
    if decision not in DECISIONS:
        raise Refused(_("Choose what to do about the text: send it again, or leave it."))
    try:
        with house().sessions.begin() as session:
            by = acting(session)
            commitments.find(session, number, by=by)
            message = session.get(Message, text, with_for_update={"key_share": True})
            if message is None or message.commitment_id != number:
                raise NotFound(_("There is no such text about this promise."))
            DECISIONS[decision](session, message, by=by, now=my_watch().now)
        flash(
            _("The text is sent again.") if decision == "again" else _("The text is left alone."), "success"
        )
    except NotFound:
        raise
    except Refused as problem:
        flash(spoken(problem.sentence), "warning")
    return redirect(_way_back(request.form.get("back", ""), number))


def _way_back(back: str, number: int) -> str:
    return url_for(BACK[back]) if back in BACK else url_for("commitments.show", number=number)


@pages.get("/commitments/<number:number>/echo")
@everyone
def echo(number: int) -> ResponseReturnValue:
    """What the words for a new time come to, while they are typed, and how likely that is to be kept."""
    form = WhenForm(request.args)
    with house().readers.begin() as session:
        commitment = _seen(session.scalar(one(number, me())), number)
        said = setting(session, commitment, my_watch())
        meaning = when.meaning(form, said)
        deal = Deal(commitment.owner, commitment.kind, commitment)
        told = odds(session, deal, said, meaning.at, me())
    return {"when": render_template("echo.html", meaning=meaning, odds=told, form=form)}


def _seen(commitment: Commitment | None, number: int) -> Commitment:
    if commitment is None:
        raise NotFound(_("There is no promise number %(number)s in your team.", number=number))
    return commitment


def _refused(number: int, act: str, form: ActForm, problem: Refused) -> ResponseReturnValue:
    complain(form, problem)
    match problem:
        case Conflict():
            return _page(number, act, form, status=409)
        case NotFound():
            return _page(number, act, form, status=404)
        case _:
            return _page(number, act, form, status=422)


def _page(
    number: int, act: str = "", bound: ActForm | None = None, *, opened: str = "", status: int = 200
) -> ResponseReturnValue:
    """The page, one of its forms `opened`; `bound` is the form of `act` as it was typed, when that could not be done.
    Raises NotFound."""
    watch = my_watch()
    with house().readers.begin() as session:
        found = session.execute(one_and_others(number, me(), OTHERS).add_columns(_no_texts())).all()
        commitment = _seen(found[0].Commitment if found else None, number)
        evidence = gather(session, [commitment])[number]
        events = session.execute(history(commitment)).all()
        lines = story.tell(
            [(row.Event, row.name) for row in events],
            session.execute(texts_and_receipts(commitment)).all(),
            evidence.changes,
            watch,
        )
        said = setting(session, commitment, watch)
        typed = {name: bound if name == act else each.form() for name, each in ACTS.items()}
        asked = when.meaning(bound, said) if isinstance(bound, WhenForm) else None
        deal = Deal(commitment.owner, commitment.kind, commitment)
        told_odds = odds(session, deal, said, asked.at, me()) if asked else None
        ways = _ways_out(session, commitment, said)
    page = render_template(
        "commitment.html",
        commitment=commitment,
        watch=watch,
        theirs=watch.elsewhere(ZoneInfo(commitment.customer.zone)),
        lines=lines,
        last_event=max((row.Event.id for row in events), default=0),
        since=_since(lines, bound) if status == 409 else [],
        others=[row.Commitment for row in found[1:]],
        takers=_takers(commitment, said),
        no_texts=found[0].no_texts,
        ways=ways,
        better=when.in_words(ways.better, said) if ways and ways.better else "",
        untold=bool(evidence.changes) and evidence.changes[-1].told_at is None,
        why=why(evidence, commitment, watch),
        tries=evidence.unanswered,
        outcomes=endings(evidence, commitment),
        quick=when.quick_times(said),
        meaning=asked,
        odds=told_odds,
        forms=typed,
        act=act,
        opened=opened or act,
    )
    return page, status


def _takers(commitment: Commitment, said: when.Setting) -> list[tuple[int, str]]:
    """Whom it may be handed over to: the number of each, and what speaks for and against them."""
    return [
        (each.id, in_hand(each.name, each.open, away=each.away))
        for each in (said.crew.people.values() if said.crew else ())
        if each.id != commitment.owner_id
    ]


def _ways_out(session: Session, commitment: Commitment, said: when.Setting) -> risk.WaysOut | None:
    """What helps while a promise at risk can still be saved."""
    now, crew = said.watch.now, said.crew
    if commitment.at_risk_at is None or commitment.closed_at is not None or commitment.due_at <= now:
        return None
    return None if crew is None else risk.ways_out(session, commitment, now, crew=crew)


def _no_texts() -> Label[OptOutReason | None]:
    """Why a promise's customer gets no texts from what its texts leave from; null while they do."""
    sms = house().channels.get("sms")
    sender = func.coalesce(func.nullif(Team.sender, ""), sms.sender if sms else "")
    reason = (
        select(OptOut.reason)
        .join(Customer, Customer.id == Commitment.customer_id)
        .join(Team, Team.id == Commitment.team_id)
        .where(opted_out(Customer.phone, sender))
        .limit(1)
    )
    return reason.correlate(Commitment).scalar_subquery().label("no_texts")


def _since(lines: list[story.Line], form: ActForm | None) -> list[story.Line]:
    """What the sender of a form had not seen yet; without a mark of what they had, the latest of the story."""
    seen = forms.number(form.event.data) if form else None
    happened = [line for line in lines if line.event]
    return [line for line in happened if line.event > seen] if seen else happened[-2:]
