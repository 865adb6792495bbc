"""May what was just done be taken back? For a few seconds, by who did it, while nothing else has happened since."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tracker import outbox
from tracker.model import Attempt, Commitment, Event, EventKind, Message, MessageStatus, Person
from tracker.policy.checks import Refused
from tracker.policy.said import say
from tracker.policy.tries import UNDO_WINDOW
from tracker.policy.wording import TextKind

FEW = 4
"""Events that one act writes at most, and more."""


def undo(session: Session, commitment: Commitment, *, by: Person, now: datetime) -> list[EventKind]:
    """Take the last act back: an attempt, a hand-over, a close, or an attempt that closed. What it was made of.

    The rows stay, marked: an attempt taken back is no evidence, its text is stopped if it has not left. Raises
    Refused when it is too late, when somebody else did it, or when something has happened since.
    """
    newest = select(Event).where(Event.commitment_id == commitment.id).order_by(Event.id.desc()).limit(FEW)
    act = _last_act(session.scalars(newest).all(), by)
    if not act:
        raise Refused(say("There is nothing of yours to take back: something else has happened since."))
    if now - act[0].at > UNDO_WINDOW:
        raise Refused(
            say("It is too late to take that back: only the first %(n)s seconds.", n=UNDO_WINDOW.seconds)
        )
    for event in act:
        UNDOERS[event.kind](session, commitment, event, now)
    kinds = [event.kind for event in reversed(act)]
    session.add(
        Event(
            commitment_id=commitment.id,
            at=now,
            kind=EventKind.UNDONE,
            person_id=by.id,
            due_version=commitment.due_version,
            facts={"what": kinds, "events": [event.id for event in act]},
        )
    )
    session.flush()
    return kinds


def _last_act(newest: Collection[Event], by: Person) -> list[Event]:
    """The events of that person's last act, the latest first; none when the last thing was something else."""
    last = next(iter(newest), None)
    if last is None:
        return []
    return list(takewhile(lambda e: e.at == last.at and e.person_id == by.id and e.kind in UNDOERS, newest))


def _attempted(session: Session, commitment: Commitment, event: Event, now: datetime) -> None:
    attempt = session.scalars(
        select(Attempt)
        .where(
            Attempt.commitment_id == commitment.id,
            Attempt.by_id == event.person_id,
            Attempt.at == event.at,
            Attempt.undone_at.is_(None),
        )
        .order_by(Attempt.id.desc())
        .limit(1)
    ).one()
    attempt.undone_at = now
    _stop(session, commitment, TextKind.UNREACHED, since=event.at)


def _reassigned(session: Session, commitment: Commitment, event: Event, _: datetime) -> None:
    commitment.owner = session.get_one(Person, _facts(event)["from_id"])
    _stop(session, commitment, TextKind.YOURS_NOW, since=event.at)


def _closed(session: Session, commitment: Commitment, event: Event, now: datetime) -> None:
    before = _facts(event)
    with session.no_autoflush:
        commitment.outcome = commitment.verdict = commitment.closed_at = None
        commitment.reference = commitment.duplicate_of_id = None
        commitment.next_step = before["next_step"]
        commitment.next_step_at = datetime.fromisoformat(before["next_step_at"])
        risky = before.get("at_risk_at")
        commitment.at_risk_at = datetime.fromisoformat(risky) if risky else None
    session.flush()
    _stop(session, commitment, TextKind.KEPT_IT, since=event.at)
    session.execute(
        update(Message)
        .where(Message.id.in_(before["stopped"]), Message.status == MessageStatus.SUPPRESSED)
        .values(status=MessageStatus.PENDING, send_after=now, reason=None)
        .execution_options(synchronize_session=False)
    )


UNDOERS: Mapping[EventKind, Callable[[Session, Commitment, Event, datetime], None]] = {
    EventKind.ATTEMPTED: _attempted,
    EventKind.REASSIGNED: _reassigned,
    EventKind.CLOSED: _closed,
}


def _facts(event: Event) -> Mapping[str, Any]:
    return event.facts or {}


def _stop(session: Session, commitment: Commitment, kind: TextKind, *, since: datetime) -> None:
    session.execute(
        update(Message)
        .where(
            Message.commitment_id == commitment.id,
            Message.kind == kind,
            Message.made_at >= since,
            Message.status == MessageStatus.PENDING,
        )
        .values(status=MessageStatus.SUPPRESSED, send_after=None, reason=outbox.TAKEN_BACK)
        .execution_options(synchronize_session=False)
    )
