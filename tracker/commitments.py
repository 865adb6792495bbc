"""What do people do with a commitment? Make, revise, reassign, log an attempt, close, reopen.

Every function takes the caller's session and never commits. Each writes its event, and the messages it causes,
in the same transaction. Each raises Refused with one sentence, and then nothing is written.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import Session

from tracker import outbox
from tracker.duty import team_calendar
from tracker.evidence import gather
from tracker.model import (
    Attempt,
    Commitment,
    Customer,
    Event,
    EventKind,
    Message,
    Person,
    Revision,
    Team,
    table_of,
)
from tracker.policy import checks
from tracker.policy.checks import Conflict, NotFound, Refused
from tracker.policy.kinds import choices, needs_talk
from tracker.policy.outcomes import Disposition, Outcome, lacking, verdict
from tracker.policy.said import Said, say
from tracker.policy.sending import WHATEVER_THE_TIME
from tracker.policy.tries import UNDO_WINDOW
from tracker.policy.wording import TextKind
from tracker.queries import visible_to

EVENT = table_of(Event)
SETTLES_IN = timedelta(minutes=5)
"""After closing: then the customer is asked whether it was kept. By then a mistaken closing has been taken back."""
ASKED_FOR = timedelta(days=1)
"""A question that could not leave within this comes out of the blue."""
LONGEST_NOTE = 2000


def find(session: Session, number: int, *, by: Person, seen: int | None = None) -> Commitment:
    """The commitment, locked until the transaction ends, for a person to act on.

    `seen` is the version they were looking at. Raises NotFound outside the person's team boundary, and Conflict
    when somebody changed it since.
    """
    commitment = session.scalar(
        select(Commitment)
        .where(Commitment.id == number, visible_to(by))
        .with_for_update(of=Commitment, key_share=True)
        .execution_options(populate_existing=True)
    )
    if commitment is None:
        raise NotFound(say("There is no promise number %(number)s in your team.", number=number))
    if seen is not None and seen != commitment.version:
        sentence = say("Somebody else changed this promise while you were looking at it. Look at it again.")
        raise Conflict(sentence)
    return commitment


def make(
    session: Session,
    *,
    by: Person | None,
    team: Team,
    customer: Customer,
    owner: Person,
    kind: str,
    topic: str,
    due_at: datetime,
    now: datetime,
    external_ref: str | None = None,
    form_key: str | None = None,
    announce: bool = True,
) -> Commitment:
    """A promise is made: the row, its place on the ladder, its first event, and a confirmation to the customer.

    `announce=False`: nobody is texted, for they were told when it was made elsewhere.
    """
    _check_owner(owner, team)
    if kind not in choices(team.kinds):
        named = {"kind": checks.quoted(kind), "kinds": choices(team.kinds)}
        raise Refused(say("There is no kind %(kind)s: choose one of %(kinds)s.", **named), "kind")
    commitment = Commitment(
        team=team,
        customer=customer,
        owner=owner,
        made_by_id=by.id if by else None,
        kind=kind,
        topic=checks.one_line(topic, "topic", most=200, name=say("The topic")),
        made_at=now,
        first_due_at=checks.due(due_at, now=now),
        due_at=due_at,
        due_version=1,
        ladder=team.ladder,
        external_ref=external_ref,
        form_key=form_key,
    )
    _start_climbing(session, commitment, now)
    session.add(commitment)
    session.flush()
    _record(session, commitment, EventKind.MADE, by, now, {"due_at": due_at, "owner": owner.name})
    if announce:
        outbox.to_customer(session, commitment, TextKind.PROMISED, now=now, expires_at=due_at)
    if announce and owner is not by:
        outbox.to_person(session, commitment, owner, TextKind.YOURS_NOW, now=now)
    return commitment


def revise(
    session: Session,
    commitment: Commitment,
    *,
    by: Person | None,
    due_at: datetime,
    reason: str,
    told: bool,
    now: datetime,
    announce: bool = True,
) -> Revision:
    """The due time is openly changed, and a text says so to the customer. `told`: they know already, from the
    conversation; if not, the change counts from when that text has left. `announce=False`: no text, for they chose
    the time themselves."""
    _check_open(commitment, say("move it"))
    if due_at == commitment.due_at:
        raise Refused(say("That is the time already promised: give another one."), "due_at")
    return _move(
        session, commitment, by=by, due_at=due_at, reason=reason, told=told, announce=announce, now=now
    )


def reassign(
    session: Session, commitment: Commitment, *, by: Person | None, to: Person, reason: str, now: datetime
) -> None:
    """Somebody else answers for it from now on."""
    _check_open(commitment, say("hand it over"))
    _check_owner(to, commitment.team)
    if to.id == commitment.owner_id:
        raise Refused(say("%(name)s answers for it already: choose somebody else.", name=to.name), "owner")
    reason = checks.one_line(reason, "reason", most=200, name=say("The reason"))
    facts = {
        "from": commitment.owner.name,
        "from_id": commitment.owner_id,
        "to": to.name,
        "reason": reason,
    }
    commitment.owner = to
    _record(session, commitment, EventKind.REASSIGNED, by, now, facts)
    if to is not by:
        outbox.to_person(session, commitment, to, TextKind.YOURS_NOW, now=now)
    session.flush()


def tell_owner(session: Session, commitment: Commitment, *, by: Person, now: datetime) -> None:
    """Somebody who steers sees that it goes wrong and has the owner texted now, whatever the ladder says."""
    _check_open(commitment, say("tell anybody of it"))
    owner = commitment.owner
    if owner.phone is None:
        raise Refused(say("%(name)s has no phone to be texted on: call, or hand it over.", name=owner.name))
    late = commitment.due_at <= now
    outbox.to_person(session, commitment, owner, TextKind.DUE if late else TextKind.REMINDER, now=now)
    _record(session, commitment, EventKind.NOTED, by, now, {"text": f"{owner.name} was told of it again"})


def log_attempt(
    session: Session,
    commitment: Commitment,
    *,
    by: Person,
    disposition: Disposition,
    note: str = "",
    now: datetime,
) -> Attempt:
    """A try to reach the customer. When nobody picked up, the customer gets one text a due time that says so."""
    _check_open(commitment, say("log an attempt on it"))
    note = checks.at_most(note.strip(), "note", most=LONGEST_NOTE, name=say("The note"))
    attempt = Attempt(
        commitment_id=commitment.id, by_id=by.id, at=now, disposition=disposition, note=note or None
    )
    session.add(attempt)
    _record(
        session, commitment, EventKind.ATTEMPTED, by, now, {"disposition": disposition, "note": attempt.note}
    )
    if disposition in (Disposition.NO_ANSWER, Disposition.BUSY) and not _texted_of_try(session, commitment):
        outbox.to_customer(
            session, commitment, TextKind.UNREACHED, now=now, expires_at=None, send_after=now + UNDO_WINDOW
        )
    return attempt


def close(
    session: Session,
    commitment: Commitment,
    *,
    by: Person | None,
    outcome: Outcome,
    now: datetime,
    reference: str = "",
    duplicate_of: Commitment | None = None,
    announce: bool = True,
) -> None:
    """It ends, with evidence: what the outcome claims must show in the rows. Nothing that has not left goes out; the
    customer of a fulfilled one is asked a little later whether it was kept, unless `announce` is False."""
    _check_open(commitment, say("close it"))
    reference = checks.at_most(
        " ".join(reference.split()), "reference", most=200, name=say("The reference or reason")
    )
    evidence = gather(session, [commitment])[commitment.id]
    lacks = lacking(
        evidence,
        outcome,
        spoken=needs_talk(commitment.kind),
        reference=reference,
        tries_wanted=commitment.team.tries,
    )
    if lacks is not None:
        raise Refused(lacks, "outcome")
    _check_duplicate(commitment, outcome, duplicate_of)
    commitment.outcome = outcome
    commitment.closed_at = now
    commitment.verdict = verdict(evidence, outcome, now)
    commitment.reference = reference or None
    commitment.duplicate_of_id = duplicate_of.id if duplicate_of else None
    before: dict[str, Any] = {
        "next_step": commitment.next_step,
        "next_step_at": commitment.next_step_at,
        "at_risk_at": commitment.at_risk_at,
    }
    commitment.next_step = commitment.next_step_at = commitment.at_risk_at = None
    session.flush()  # the row is ours before its messages are stopped: nobody adds one in between
    before["stopped"] = outbox.stop(session, commitment, "closed")
    facts = {"outcome": outcome, "verdict": commitment.verdict, "reference": commitment.reference, **before}
    _record(session, commitment, EventKind.CLOSED, by, now, facts)
    if announce and outcome is Outcome.FULFILLED:
        outbox.to_customer(
            session,
            commitment,
            TextKind.KEPT_IT,
            now=now,
            send_after=now + SETTLES_IN,
            expires_at=now + ASKED_FOR,
        )


def reopen(
    session: Session,
    commitment: Commitment,
    *,
    by: Person | None,
    reason: str,
    due_at: datetime,
    told: bool,
    now: datetime,
) -> None:
    """It did not hold: the commitment is open again, with a new due time. What was reached before no longer
    counts as fulfilled; the first promise stays the one that is scored. The owner is told, unless it happened by
    itself (`by` None): then whoever calls tells them why."""
    if commitment.closed_at is None:
        raise Refused(say("This promise is open: there is nothing to reopen."))
    reason = checks.one_line(reason, "reason", most=200, name=say("The reason"))
    checks.due(due_at, now=now)
    with session.no_autoflush:
        commitment.outcome = commitment.verdict = commitment.closed_at = None
        commitment.reference = commitment.duplicate_of_id = None
        commitment.reopened_at = now
        _record(session, commitment, EventKind.REOPENED, by, now, {"reason": reason})
        _move(session, commitment, by=by, due_at=due_at, reason=reason, told=told, announce=True, now=now)
    if by is not None:
        outbox.to_person(session, commitment, commitment.owner, TextKind.YOURS_NOW, now=now)


def _move(
    session: Session,
    commitment: Commitment,
    *,
    by: Person | None,
    due_at: datetime,
    reason: str,
    told: bool,
    announce: bool,
    now: datetime,
) -> Revision:
    reason = checks.one_line(reason, "reason", most=200, name=say("The reason"))
    checks.due(due_at, now=now)
    commitment.due_version += 1
    revision = Revision(
        commitment_id=commitment.id,
        due_version=commitment.due_version,
        was_due_at=commitment.due_at,
        due_at=due_at,
        reason=reason,
        by_id=by.id if by else None,
        made_at=now,
        told_at=now if told else None,
    )
    commitment.due_at = due_at
    commitment.escalated_at = commitment.at_risk_at = commitment.chance = None
    _start_climbing(session, commitment, now)
    session.add(revision)
    session.flush()
    outbox.stop(session, commitment, "a new time was agreed", but=WHATEVER_THE_TIME)
    facts = {"was": revision.was_due_at, "due_at": due_at, "reason": reason, "told": told}
    _record(session, commitment, EventKind.REVISED, by, now, facts)
    if announce:
        outbox.to_customer(session, commitment, TextKind.RENEGOTIATED, now=now, expires_at=due_at)
    return revision


def _start_climbing(session: Session, commitment: Commitment, now: datetime) -> None:
    with session.no_autoflush:  # one change, one version: the row is written once all of it is known
        ladder = commitment.ladder.laid_out
        calendar = team_calendar(session, commitment.team) if ladder.working else None
    commitment.next_step = ladder.first(commitment.due_at, now=now, calendar=calendar)
    commitment.next_step_at = ladder.at(commitment.next_step, commitment.due_at, calendar)


def _record(
    session: Session,
    commitment: Commitment,
    kind: EventKind,
    by: Person | None,
    now: datetime,
    facts: Mapping[str, Any],
) -> None:
    written = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in facts.items() if v is not None}
    session.execute(
        insert(EVENT),
        {
            "commitment_id": commitment.id,
            "at": now,
            "kind": kind,
            "person_id": by.id if by else None,
            "due_version": commitment.due_version,
            "facts": written,
        },
    )


def _check_open(commitment: Commitment, act: Said) -> None:
    if commitment.closed_at is not None:
        facts = {"outcome": say(str(commitment.outcome)), "act": act}
        raise Refused(say("This promise is closed (%(outcome)s): reopen it to %(act)s.", **facts))


def _check_owner(owner: Person, team: Team) -> None:
    if owner.team_id != team.id:
        raise Refused(
            say(
                "%(name)s is not in %(team)s: choose an owner of that team.", name=owner.name, team=team.name
            ),
            "owner",
        )
    if not owner.active:
        raise Refused(
            say("%(name)s does not work here any more: choose another owner.", name=owner.name), "owner"
        )


def _check_duplicate(commitment: Commitment, outcome: Outcome, original: Commitment | None) -> None:
    """What it doubles is scored instead, so it must promise the same customer no less: it was open when this one
    was made, and due no later. Otherwise calling it a duplicate would hide a broken promise."""
    if outcome is not Outcome.DUPLICATE:
        if original is not None:
            raise Refused(say("Only a duplicate names another promise."), "duplicate_of")
        return
    if original is None or original.id == commitment.id:
        raise Refused(say("Name the other promise that this one doubles."), "duplicate_of")
    if original.customer_id != commitment.customer_id or original.team_id != commitment.team_id:
        raise Refused(
            say("Promise %(number)s was made to somebody else: it can't be doubled.", number=original.id),
            "duplicate_of",
        )
    earlier = original.first_due_at <= commitment.first_due_at and original.made_at <= commitment.made_at
    lasted = original.closed_at is None or original.closed_at > commitment.made_at
    if not earlier or not lasted or original.outcome is Outcome.DUPLICATE:
        raise Refused(
            say(
                "Promise %(number)s does not cover this one: the earlier promise, open at the time and due no "
                "later, is the one that counts.",
                number=original.id,
            ),
            "duplicate_of",
        )


def _texted_of_try(session: Session, commitment: Commitment) -> bool:
    texted = exists().where(
        Message.commitment_id == commitment.id,
        Message.kind == TextKind.UNREACHED,
        Message.due_version == commitment.due_version,
        Message.reason.is_distinct_from(outbox.TAKEN_BACK),
    )
    return bool(session.scalar(select(texted)))
