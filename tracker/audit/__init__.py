"""Does the promise of the house hold? The invariants, checked from the rows alone, and mended where that is safe.

Most are keys and checks of the database as well; they are asked here again because a check that was dropped by hand,
or a restored half of a backup, must not go unnoticed.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, sessionmaker

from tracker.audit.mending import MENDS, mended
from tracker.audit.rules import BEHIND, RULES, Scope, broken, nothing_paused
from tracker.model import Commitment, Dispatch, Message, MessageStatus, Sender

LATELY = timedelta(days=1)
"""How far back the regular audit looks into history; what is older was audited when it was young."""
LEAVING = timedelta(minutes=5)
"""When a text left within this, texts that wait do so behind others."""
LOOK = "look at the log of tracker worker, and run tracker audit"
TOO_MANY = (
    "others leave first, so give their sender more (TRACKER_TEXTS_A_MINUTE), or their team one of its own"
)

log = logging.getLogger(__name__)


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


@dataclass(frozen=True, slots=True)
class Mended:
    """What was put right, each `detail` saying how, and what was left for a person."""

    mended: tuple[Finding, ...]
    left: tuple[Finding, ...]


def audit(session: Session, *, now: datetime) -> Audited:
    """Check every invariant on every row. Reads only."""
    checked = session.scalar(select(func.count()).select_from(Commitment)) or 0
    return Audited(checked, tuple(findings(session, now=now)))


def findings(session: Session, *, now: datetime, since: datetime | None = None) -> Iterator[Finding]:
    """What is wrong now and, of history, what went wrong since that moment (None: ever). Reads only."""
    scope = Scope.of(session, now, since)
    found_at_once = broken(session, scope)
    for rule, how in RULES.items():
        for commitment, detail in how(session, scope) if callable(how) else found_at_once[rule]:
            yield Finding(rule, commitment, detail)


def standing_still(session: Session, *, now: datetime) -> str | None:
    """That steps or texts are long overdue although a worker beats, and what to do, in one sentence; None while they
    are not. Look-ups in indexes of what is to be done, for whoever asks every few seconds."""
    step_at = session.scalar(select(func.min(Commitment.next_step_at)))
    if step_at is not None and step_at <= now - BEHIND:
        return f"steps have not been climbed since {step_at.isoformat()}: {LOOK}"
    stuck = select(func.min(Message.lease_until)).where(Message.status == MessageStatus.SENDING)
    lease_until = session.scalar(stuck)
    if lease_until is not None and lease_until <= now - BEHIND:
        return f"texts have not been settled since {lease_until.isoformat()}: {LOOK}"
    waiting = select(func.min(Message.send_after)).where(Message.status == MessageStatus.PENDING)
    send_after = session.scalar(waiting.where(nothing_paused()))
    if send_after is not None and send_after <= now - BEHIND:
        others = exists().where(Dispatch.from_address == Sender.address, Dispatch.at > now - LEAVING)
        what = TOO_MANY if session.scalar(select(Sender.id).where(others).limit(1)) else LOOK
        return f"texts have waited to leave since {send_after.isoformat()}: {what}"
    return None


def mend(sessions: sessionmaker[Session], found: Iterable[Finding], *, now: datetime) -> Mended:
    """Put right what can be without guessing, each finding in a transaction of its own with an event that says so."""
    done: list[Finding] = []
    left: list[Finding] = []
    for each in found:
        how = None
        if each.rule in MENDS and each.commitment is not None:
            try:
                with sessions.begin() as session:
                    how = mended(session, each.rule, each.commitment, now)
            except Exception:
                log.exception("commitment %s could not be mended", each.commitment)
        if how is None:
            left.append(each)
        else:
            done.append(Finding(each.rule, each.commitment, how))
    return Mended(tuple(done), tuple(left))


def look_after(sessions: sessionmaker[Session], readers: sessionmaker[Session], *, now: datetime) -> Mended:
    """The regular audit: what is wrong now or went wrong lately is mended where that is safe; the rest is an alarm.

    Any number of workers may do so at once: each looks again, under the commitment's lock, before it mends.
    """
    with readers.begin() as session:
        found = list(findings(session, now=now, since=now - LATELY))
    result = mend(sessions, found, now=now)
    for each in result.mended:
        log.warning("the audit has mended commitment %s: %s", each.commitment, each.detail)
    for each in result.left:
        log.error("the audit found %r broken by commitment %s: %s", each.rule, each.commitment, each.detail)
    return result
