"""What can be done about a promise, and what does the page say afterwards? One entry of `ACTS` for each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from tracker import commitments, people
from tracker.duty import team_calendar
from tracker.evidence import gather
from tracker.model import Commitment, Person
from tracker.policy.checks import NotFound
from tracker.policy.outcomes import Disposition, Outcome
from tracker.policy.tries import next_try
from web import forms, when
from web.aftermath import Again
from web.forms import ActForm, AttemptForm, CloseForm, ReassignForm, ReopenForm, ReviseForm, WhenForm
from web.i18n import _
from web.odds import Deal, mind
from web.times import Watch
from web.when import Setting
from web.words import DISPOSITIONS, VERDICTS


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in a sentence, and the next try that it suggests."""

    said: str
    again: Again | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done about a promise: the form that asks for it, and what it does."""

    form: type[ActForm]
    perform: Callable[[Session, Commitment, Any, Person, Watch], Done]
    undoable: bool = False
    """May it be taken back for a few seconds?"""


def setting(session: Session, commitment: Commitment, watch: Watch) -> Setting:
    """What words for a time may refer to on a promise's page."""
    return Setting.of(session, watch, ZoneInfo(commitment.customer.zone), commitment.team)


def _new_time(session: Session, commitment: Commitment, form: WhenForm, watch: Watch) -> datetime:
    """The time that was meant, unless something forbids it. Raises Refused."""
    said = setting(session, commitment, watch)
    due_at = when.due(form, said)
    mind(session, form, Deal(commitment.owner, commitment.kind, commitment), said, due_at)
    return due_at


def _attempt(session: Session, commitment: Commitment, form: AttemptForm, by: Person, watch: Watch) -> Done:
    done = form.done.data
    tried = Disposition.REACHED if done else forms.word(form.disposition.data, Disposition, "disposition")
    commitments.log_attempt(session, commitment, by=by, disposition=tried, note=form.note.data, now=watch.now)
    if not done:
        said = _("Logged: %(what)s.", what=DISPOSITIONS[tried].word.lower())
        return Done(said, _again(session, commitment, tried, watch))
    commitments.close(session, commitment, by=by, outcome=Outcome.FULFILLED, now=watch.now)
    return Done(_("Reached and done. %(verdict)s", verdict=_verdict(commitment)))


def _again(session: Session, commitment: Commitment, tried: Disposition, watch: Watch) -> Again | None:
    if tried in (Disposition.REACHED, Disposition.WRONG_NUMBER):
        return None
    session.flush()
    tries = gather(session, [commitment])[commitment.id].unanswered
    at = next_try(tries, now=watch.now, calendar=team_calendar(session, commitment.team))
    return Again(
        number=commitment.id,
        version=commitment.version,
        at=at,
        due_at=commitment.due_at,
        tries=tries,
        enough=tries >= commitment.team.tries,
    )


def _revise(session: Session, commitment: Commitment, form: ReviseForm, by: Person, watch: Watch) -> Done:
    due_at = _new_time(session, commitment, form, watch)
    commitments.revise(
        session,
        commitment,
        by=by,
        due_at=due_at,
        reason=form.reason.data,
        told=form.told.data,
        now=watch.now,
    )
    return Done(_("Moved to %(when)s.", when=watch.says(due_at)))


def _reassign(session: Session, commitment: Commitment, form: ReassignForm, by: Person, watch: Watch) -> Done:
    to = people.colleague(session, forms.number(form.owner.data), by=by, field="owner")
    commitments.reassign(session, commitment, by=by, to=to, reason=form.reason.data, now=watch.now)
    return Done(_("%(name)s answers for it from now on.", name=to.name))


def _close(session: Session, commitment: Commitment, form: CloseForm, by: Person, watch: Watch) -> Done:
    outcome = forms.word(form.outcome.data, Outcome, "outcome")
    original = None
    if form.duplicate_of.data:
        try:
            original = commitments.find(session, forms.number(form.duplicate_of.data) or 0, by=by)
        except NotFound as problem:
            raise NotFound(problem.sentence, "duplicate_of") from problem
    commitments.close(
        session,
        commitment,
        by=by,
        outcome=outcome,
        reference=form.reference.data,
        duplicate_of=original,
        now=watch.now,
    )
    return Done(_("Closed. %(verdict)s", verdict=_verdict(commitment)))


def _reopen(session: Session, commitment: Commitment, form: ReopenForm, by: Person, watch: Watch) -> Done:
    due_at = _new_time(session, commitment, form, watch)
    commitments.reopen(
        session,
        commitment,
        by=by,
        reason=form.reason.data,
        due_at=due_at,
        told=form.told.data,
        now=watch.now,
    )
    return Done(_("Open again, due %(when)s.", when=watch.says(due_at)))


def _verdict(commitment: Commitment) -> str:
    if commitment.verdict is None:
        return ""
    return _("Verdict: %(verdict)s.", verdict=VERDICTS[commitment.verdict].word.lower())


ACTS = {
    "attempt": Act(AttemptForm, _attempt, undoable=True),
    "revise": Act(ReviseForm, _revise),
    "reassign": Act(ReassignForm, _reassign, undoable=True),
    "close": Act(CloseForm, _close, undoable=True),
    "reopen": Act(ReopenForm, _reopen),
}
"""By the last part of the address that the form is sent to."""
