"""What can programs ask for and do? The addresses below `/api/v1`: each checks what the pages check."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import request
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload
from werkzeug.datastructures import MultiDict

from tracker import advising, commitments, people
from tracker.model import Commitment, Customer, Person, Team
from tracker.policy import checks
from tracker.policy.checks import NotFound, Refused
from tracker.policy.kinds import choices
from tracker.queries import colleagues, visible_to
from web import when
from web.api.access import acting, caller
from web.api.addresses import address
from web.api.given import (
    AdviceWanted,
    Closing,
    NewAttempt,
    NewCommitment,
    NewOwner,
    NewRevision,
    Reopening,
    Timed,
    Versioned,
)
from web.api.listing import team_named
from web.api.problems import Stale, Unclear
from web.api.showing import in_full
from web.api.shown import AdviceShown, CommitmentInFull
from web.context import house, watch
from web.forms import WhenForm
from web.odds import Deal, mind
from web.when import Setting

ONE = "/commitments/<number:number>"
Move = Callable[..., object]
"""What gives a promise another due time."""


@address("GET", ONE, gives=CommitmentInFull)
def show_commitment(number: int) -> CommitmentInFull:
    """One promise, with its tries, new times, texts and history."""
    with house().readers.begin() as session:
        return in_full(session, number, caller())


@address("POST", "/commitments", takes=NewCommitment, gives=CommitmentInFull, status=(201, 200))
def make_commitment(given: NewCommitment) -> tuple[CommitmentInFull, int]:
    """Make a promise. With an `external_ref` that its team has already: 200, and the promise that there is."""
    try:
        number, status = _made(given)
    except IntegrityError:  # of two at once the other was first: its promise, or its customer, is there now
        number, status = _made(given)
    return show_commitment(number), status


def _made(given: NewCommitment) -> tuple[int, int]:
    now = watch("UTC").now
    with house().sessions.begin() as session:
        by = acting(session)
        owner = _colleague(session, given.owner_email, by)
        if owner.team is None:
            raise Refused(f"{owner.name} belongs to no team: name somebody who does.", "owner_email")
        known = select(Commitment.id).where(
            Commitment.team_id == owner.team.id, Commitment.external_ref == given.external_ref
        )
        if given.external_ref is not None and (number := session.scalar(known)) is not None:
            return number, 200
        customer = people.find_or_add_customer(
            session, phone=given.customer_phone, name=given.customer_name, team=owner.team, now=now
        )
        made = commitments.make(
            session,
            by=by,
            team=owner.team,
            customer=customer,
            owner=owner,
            kind=given.kind,
            topic=given.topic,
            due_at=_due(session, given, Deal(owner, given.kind), customer, owner.team),
            now=now,
            external_ref=given.external_ref,
        )
        return made.id, 201


@address("POST", f"{ONE}/attempts", takes=NewAttempt, gives=CommitmentInFull, status=(201,))
def log_attempt(number: int, given: NewAttempt) -> CommitmentInFull:
    """Log a try to reach the customer."""
    with house().sessions.begin() as session:
        commitment, by = _found(session, number, given)
        tried, now = given.disposition, watch("UTC").now
        commitments.log_attempt(session, commitment, by=by, disposition=tried, note=given.note, now=now)
    return show_commitment(number)


@address("POST", f"{ONE}/revisions", takes=NewRevision, gives=CommitmentInFull, status=(201,))
def revise_commitment(number: int, given: NewRevision) -> CommitmentInFull:
    """Agree on another due time."""
    return _move(number, given, commitments.revise)


@address("POST", f"{ONE}/reopen", takes=Reopening, gives=CommitmentInFull)
def reopen_commitment(number: int, given: Reopening) -> CommitmentInFull:
    """Open a closed promise again, with a due time of its own: it did not hold."""
    return _move(number, given, commitments.reopen)


def _move(number: int, given: NewRevision, how: Move) -> CommitmentInFull:
    now = watch("UTC").now
    with house().sessions.begin() as session:
        commitment, by = _found(session, number, given)
        deal = Deal(commitment.owner, commitment.kind, commitment)
        due_at = _due(session, given, deal, commitment.customer, commitment.team)
        how(session, commitment, by=by, due_at=due_at, reason=given.reason, told=given.told, now=now)
    return show_commitment(number)


@address("POST", f"{ONE}/close", takes=Closing, gives=CommitmentInFull)
def close_commitment(number: int, given: Closing) -> CommitmentInFull:
    """End it. The verdict comes from the evidence."""
    with house().sessions.begin() as session:
        commitment, by = _found(session, number, given)
        original = None
        if given.duplicate_of is not None:
            original = session.scalar(
                select(Commitment).where(Commitment.id == given.duplicate_of, visible_to(by))
            )
            if original is None:
                raise NotFound(
                    f"There is no promise number {given.duplicate_of} in your team.", "duplicate_of"
                )
        commitments.close(
            session,
            commitment,
            by=by,
            outcome=given.outcome,
            reference=given.reference,
            duplicate_of=original,
            now=watch("UTC").now,
        )
    return show_commitment(number)


@address("PATCH", ONE, takes=NewOwner, gives=CommitmentInFull)
def hand_over(number: int, given: NewOwner) -> CommitmentInFull:
    """Hand it over to another owner of its team."""
    with house().sessions.begin() as session:
        commitment, by = _found(session, number, given)
        to = _colleague(session, given.owner_email, by)
        commitments.reassign(session, commitment, by=by, to=to, reason=given.reason, now=watch("UTC").now)
    return show_commitment(number)


@address("GET", "/advice", takes=AdviceWanted, gives=AdviceShown)
def advise(given: AdviceWanted) -> AdviceShown:
    """How likely would a promise be kept, and which times would be?"""
    now = watch("UTC").now
    if given.due is not None:
        checks.due(given.due, now=now, field="due")
    with house().readers.begin() as session:
        owner = _colleague(session, given.owner, caller(), "owner")
        team = owner.team if given.team is None else team_named(session, given.team)
        if team is None or owner.team_id != team.id:
            raise Refused(f"{owner.name} is not in that team: name somebody who is.", "owner")
        if given.kind not in choices(team.kinds):
            known = ", ".join(choices(team.kinds))
            raise Refused(f"There is no kind {given.kind!r}: choose one of {known}.", "kind")
        told = advising.advise(
            session, team=team, owner=owner, kind=given.kind, now=now, due_at=given.due, reader=caller()
        )
    earliest = {str(level): at for level, at in told.earliest.items()}
    return AdviceShown(kept=told.kept, earliest=earliest, why=told.why)


def _found(session: Session, number: int, given: Versioned) -> tuple[Commitment, Person]:
    """The promise, locked, at the version that the caller has seen, if they say which; and the caller."""
    by = acting(session)
    commitment = commitments.find(session, number, by=by, seen=given.version)
    if "If-Match" in request.headers and not request.if_match.contains(str(commitment.version)):
        raise Stale("Somebody else has changed this promise: look at it again, then repeat what is needed.")
    return commitment, by


def _colleague(session: Session, email: str | None, by: Person, field: str = "owner_email") -> Person:
    """The active person with that address whom `by` works with; `by` for None."""
    if email is None:
        return by
    asked = colleagues(by).where(Person.email == email.lower()).options(joinedload(Person.team))
    person = session.scalar(asked)
    if person is None:
        raise NotFound(f"Nobody in your team has the address {email!r}.", field)
    return person


def _due(session: Session, given: Timed, deal: Deal, customer: Customer, team: Team) -> datetime:
    """The time that was meant, unless something forbids it, as on the pages. Raises Refused."""
    setting = Setting.of(session, watch(caller().zone), ZoneInfo(customer.zone), team)
    said = given.due_at.isoformat() if given.due_at else given.due
    form = WhenForm(MultiDict({"due_at": said or ""}))
    meant = when.meaning(form, setting)
    if meant.choices:
        raise Unclear(meant.problem, [each.words for each in meant.choices])
    if meant.at is None:
        raise Refused(meant.problem, "due_at" if given.due_at else "due")
    form.confirmed.data = meant.at.isoformat() if given.confirmed else ""
    mind(session, form, deal, setting, meant.at)
    return meant.at
