"""One promise: its whole story, and everything that can be done about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import commitments, people
from tracker.delivery.consequences import opted_out
from tracker.model import Commitment, OptOut, Person, Revision
from tracker.policy.checks import Conflict, NotFound, Refused
from tracker.policy.outcomes import Disposition, Outcome
from tracker.queries import crew, history, of_customers, one, receipts, texts
from web import forms, story
from web.auth import acting, everyone, me, my_watch
from web.context import house
from web.forms import (
    ActForm,
    AttemptForm,
    CloseForm,
    ReassignForm,
    ReopenForm,
    ReviseForm,
    complain,
)
from web.times import Watch, quick_times
from web.words import DISPOSITIONS, VERDICTS

pages = Blueprint("commitments", __name__)
OTHERS = 8
BACK = {"desk": "desk.desk", "supervisor": "supervisor.overview"}


def _attempt(session: Session, commitment: Commitment, form: AttemptForm, by: Person, watch: Watch) -> str:
    done = form.done.data
    tried = Disposition.REACHED if done else forms.word(form.disposition.data, Disposition, "disposition")
    commitments.log_attempt(session, commitment, by=by, disposition=tried, note=form.note.data, now=watch.now)
    if not done:
        return f"Logged: {DISPOSITIONS[tried].word.lower()}."
    commitments.close(session, commitment, by=by, outcome=Outcome.FULFILLED, now=watch.now)
    return f"Reached and done. {_verdict(commitment)}"


def _revise(session: Session, commitment: Commitment, form: ReviseForm, by: Person, watch: Watch) -> str:
    due_at = forms.due(form, mine=watch.zone, customers=ZoneInfo(commitment.customer.zone))
    commitments.revise(
        session,
        commitment,
        by=by,
        due_at=due_at,
        reason=form.reason.data,
        told=form.told.data,
        now=watch.now,
    )
    return f"Moved to {watch.says(due_at)}."


def _reassign(session: Session, commitment: Commitment, form: ReassignForm, by: Person, watch: Watch) -> str:
    to = people.colleague(session, forms.number(form.owner.data), by=by, field="owner")
    commitments.reassign(session, commitment, by=by, to=to, reason=form.reason.data, now=watch.now)
    return f"{to.name} answers for it from now on."


def _close(session: Session, commitment: Commitment, form: CloseForm, by: Person, watch: Watch) -> str:
    outcome = forms.word(form.outcome.data, Outcome, "outcome")
    original = None
    if form.duplicate_of.data:
        try:
            original = commitments.find(session, forms.number(form.duplicate_of.data) or 0, by=by)
        except NotFound as problem:
            raise NotFound(str(problem), "duplicate_of") from problem
    commitments.close(
        session,
        commitment,
        by=by,
        outcome=outcome,
        reference=form.reference.data,
        duplicate_of=original,
        now=watch.now,
    )
    return f"Closed. {_verdict(commitment)}"


def _reopen(session: Session, commitment: Commitment, form: ReopenForm, by: Person, watch: Watch) -> str:
    due_at = forms.due(form, mine=watch.zone, customers=ZoneInfo(commitment.customer.zone))
    commitments.reopen(
        session,
        commitment,
        by=by,
        reason=form.reason.data,
        due_at=due_at,
        told=form.told.data,
        now=watch.now,
    )
    return f"Open again, due {watch.says(due_at)}."


def _verdict(commitment: Commitment) -> str:
    return f"Verdict: {VERDICTS[commitment.verdict].word.lower()}." if commitment.verdict else ""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done about a promise: the form that asks for it, and what it does."""

    form: type[ActForm]
    perform: Callable[[Session, Commitment, Any, Person, Watch], str]


ACTS = {
    "attempt": Act(AttemptForm, _attempt),
    "revise": Act(ReviseForm, _revise),
    "reassign": Act(ReassignForm, _reassign),
    "close": Act(CloseForm, _close),
    "reopen": Act(ReopenForm, _reopen),
}
"""By the last part of the address that the form is sent to."""


@pages.get("/commitments/<number:number>")
@everyone
def show(number: int) -> ResponseReturnValue:
    """The promise and its story."""
    return _page(number)


@pages.post(f"/commitments/<number:number>/<any({', '.join(ACTS)}):act>")
@everyone
def do(number: int, act: str) -> ResponseReturnValue:
    """One act. Refused: the page again, with the sentence at its place and everything typed still there."""
    form, watch = ACTS[act].form(request.form), my_watch()
    try:
        with house().sessions.begin() as session:
            by = acting(session)
            seen = forms.number(form.version.data)
            commitment = commitments.find(session, number, by=by, seen=seen)
            if seen is None:
                raise Refused("This form was incomplete: look at the promise again, then send it.")
            said = ACTS[act].perform(session, commitment, form, by, watch)
            customer = commitment.customer.name
    except Refused as problem:
        return _refused(number, act, form, problem)
    flash(f"{customer}: {said}", "success")
    if form.back.data in BACK:
        return redirect(url_for(BACK[form.back.data]))
    return redirect(url_for("commitments.show", number=number))


def _refused(number: int, act: str, form: ActForm, problem: Refused) -> ResponseReturnValue:
    complain(form, problem)
    match problem:
        case Conflict():
            return _page(number, act, form, status=409)
        case NotFound():
            return _page(number, act, form, status=404)
        case _:
            return _page(number, act, form, status=422)


def _page(number: int, act: str = "", bound: ActForm | None = None, status: int = 200) -> ResponseReturnValue:
    """The page; `bound` is the form of `act` as it was typed, when that could not be done. Raises NotFound."""
    watch = my_watch()
    with house().readers.begin() as session:
        commitment = session.scalar(one(number, me()))
        if commitment is None:
            raise NotFound(f"There is no promise number {number} in your team.")
        events = session.execute(history(commitment)).all()
        told = session.scalars(story.revisions(commitment)).all()
        lines = story.tell(
            [(row.Event, row.name) for row in events],
            session.scalars(texts(commitment)).all(),
            session.execute(receipts(commitment)).all(),
            told,
            watch,
        )
        others = session.scalars(
            of_customers([commitment.customer_id], me()).where(Commitment.id != number).limit(OTHERS)
        ).all()
        crew_ = session.execute(crew(me(), watch.now, commitment.team_id)).all()
        no_texts = session.scalar(
            select(OptOut.reason).where(opted_out(commitment.customer.phone, _sender(commitment))).limit(1)
        )
    page = render_template(
        "commitment.html",
        commitment=commitment,
        watch=watch,
        theirs=watch.elsewhere(ZoneInfo(commitment.customer.zone)),
        lines=lines,
        last_event=max((row.Event.id for row in events), default=0),
        since=_since(lines, bound) if status == 409 else [],
        others=others,
        crew=crew_,
        no_texts=no_texts,
        untold=_untold(told),
        quick=quick_times(watch.now, ZoneInfo(commitment.team.zone)),
        forms={name: bound if name == act else each.form() for name, each in ACTS.items()},
        act=act,
    )
    return page, status


def _sender(commitment: Commitment) -> str:
    """What its texts leave from."""
    sms = house().channels.get("sms")
    return commitment.team.sender or (sms.sender if sms else "")


def _since(lines: list[story.Line], form: ActForm | None) -> list[story.Line]:
    """What the sender of a form had not seen yet; without a mark of what they had, the latest of the story."""
    seen = forms.number(form.event.data) if form else None
    happened = [line for line in lines if line.event]
    return [line for line in happened if line.event > seen] if seen else happened[-2:]


def _untold(told: Any) -> Revision | None:
    """The last change of the due time, while the customer has not learned of it."""
    return told[-1] if told and told[-1].told_at is None else None
