"""Does the promise of the house hold? The invariants, checked from the rows alone.

Most are keys and checks of the database as well; they are asked here again because a check that was dropped by hand,
or a restored half of a backup, must not go unnoticed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from tracker.evidence import gather
from tracker.model import (
    Commitment,
    Dispatch,
    Event,
    Message,
    MessageStatus,
    OptOut,
    Person,
)
from tracker.policy.outcomes import verdict
from tracker.policy.sending import AFTER_CLOSING
from tracker.queries import is_open
from tracker.roster import owner_or_deputy

BEHIND = timedelta(minutes=15)
"""A step or a text this long overdue is not merely late: nobody is working."""
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken invariant. `commitment` is None when it concerns none."""

    rule: str
    commitment: int | None
    detail: str


@dataclass(frozen=True, slots=True)
class Audited:
    """How many commitments were checked, and what was found."""

    checked: int
    findings: tuple[Finding, ...]


def audit(session: Session, *, now: datetime) -> Audited:
    """Check every invariant. Reads only; memory stays flat however many commitments there are."""
    checked = session.scalar(select(func.count()).select_from(Commitment)) or 0
    findings = (
        Finding(rule, commitment, detail)
        for rule, check in RULES.items()
        for commitment, detail in check(session, now)
    )
    return Audited(checked, tuple(findings))


Found = Iterator[tuple[int | None, str]]


def _one_owner(session: Session, now: datetime) -> Found:
    gone = (
        select(Commitment.id, Person.name, Person.active)
        .join(Person, Person.id == Commitment.owner_id)
        .where(is_open(), or_(~Person.active, Person.team_id.is_distinct_from(Commitment.team_id)))
    )
    for row in session.execute(gone):
        yield row.id, f"{row.name} owns it but " + ("is of another team" if row.active else "has left")


def _one_next_step(session: Session, now: datetime) -> Found:
    climbed = (
        select(func.max(Event.step))
        .where(Event.commitment_id == Commitment.id, Event.due_version == Commitment.due_version)
        .scalar_subquery()
    )
    wrong = select(Commitment.id, Commitment.next_step, Commitment.next_step_at).where(
        or_(
            and_(is_open(), Commitment.next_step_at.is_(None)),
            and_(is_open(), Commitment.next_step <= climbed),
            and_(~is_open(), Commitment.next_step_at.is_not(None)),
            Commitment.next_step_at <= now - BEHIND,
        )
    )
    for row in session.execute(wrong):
        if row.next_step_at is not None and row.next_step_at <= now - BEHIND:
            yield (
                row.id,
                f"step {row.next_step} was due at {row.next_step_at.isoformat()} and has not been climbed",
            )
        else:
            yield row.id, "it is open without exactly one step ahead, or closed with one"


def _no_step_twice(session: Session, now: datetime) -> Found:
    twice = (
        select(Event.commitment_id, Event.step, func.count().label("times"))
        .where(Event.step.is_not(None))
        .group_by(Event.commitment_id, Event.due_version, Event.step)
        .having(func.count() > 1)
    )
    for row in session.execute(twice):
        yield row.commitment_id, f"step {row.step} was climbed {row.times} times"


def _no_text_after_closing(session: Session, now: datetime) -> Found:
    late = (
        select(Message.commitment_id, Message.kind)
        .join(Dispatch, Dispatch.message_id == Message.id)
        .join(Commitment, Commitment.id == Message.commitment_id)
        .where(Dispatch.at > Commitment.closed_at, Message.kind.not_in(AFTER_CLOSING))
    )
    for row in session.execute(late):
        yield row.commitment_id, f"the text {row.kind!r} left after it was closed"


def _no_text_after_stop(session: Session, now: datetime) -> Found:
    unwanted = (
        select(Message.commitment_id, Message.kind)
        .join(Dispatch, Dispatch.message_id == Message.id)
        .join(OptOut, OptOut.phone == Dispatch.to_address)
        .where(Dispatch.at > OptOut.at)
    )
    for row in session.execute(unwanted):
        yield row.commitment_id, f"the text {row.kind!r} left after its number had opted out"


def _no_message_stuck(session: Session, now: datetime) -> Found:
    stuck = select(Message.commitment_id, Message.kind, Message.status).where(
        or_(
            and_(Message.status == MessageStatus.PENDING, Message.send_after <= now - BEHIND),
            and_(Message.status == MessageStatus.SENDING, Message.lease_until <= now - BEHIND),
        )
    )
    for row in session.execute(stuck):
        yield row.commitment_id, f"the text {row.kind!r} is {row.status} and nobody has taken it further"


def _verdict_from_evidence(session: Session, now: datetime) -> Found:
    last = 0
    while True:
        chunk = session.scalars(
            select(Commitment)
            .where(Commitment.id > last, Commitment.closed_at.is_not(None))
            .order_by(Commitment.id)
            .limit(CHUNK)
        ).all()
        if not chunk:
            return
        evidence = gather(session, chunk)
        for each in chunk:
            if each.outcome is None or each.closed_at is None:
                continue  # another rule finds it
            borne_out = verdict(evidence[each.id], each.outcome, each.closed_at)
            if borne_out is not each.verdict:
                yield each.id, f"it says {each.verdict}; the evidence says {borne_out}"
        last = chunk[-1].id
        session.expunge_all()


RULES: Mapping[str, Callable[[Session, datetime], Found]] = {
    "one owner": _one_owner,
    "one next step": _one_next_step,
    "owner or deputy on duty": owner_or_deputy,
    "no step twice": _no_step_twice,
    "no text after closing": _no_text_after_closing,
    "no text after STOP": _no_text_after_stop,
    "no message stuck": _no_message_stuck,
    "verdict from evidence": _verdict_from_evidence,
}
"""The invariants by name. A new one is added here."""
