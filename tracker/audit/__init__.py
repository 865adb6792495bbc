"""Does the promise of the house hold? The invariants, checked from the rows alone, and mended where that is safe.

Most are keys and checks of the database as well; they are asked here again because a check that was dropped by hand,
or a restored half of a backup, must not go unnoticed.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, sessionmaker

from tracker.audit.mending import MENDS, mended
from tracker.audit.rules import BEHIND, RULES, Scope, broken, nothing_paused
from tracker.model import Commitment, Dispatch, DispatchState, Message, MessageStatus, Team

LATELY = timedelta(days=1)
"""How far back the regular audit looks into history; what is older was audited when it was young."""
LEAVING = timedelta(minutes=5)
"""When the provider took a text within this, those that wait for the same sender do so behind others."""
LOOK = "look at the log of tracker worker, and run tracker audit"
MORE = "give it more a minute (TRACKER_TEXTS_A_MINUTE) if the provider takes it"
OWN = "or give one of the teams a sender of its own"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken invariant. `commitment` is None when it concerns none; `others`: those that it holds up for the same
    cause."""

    rule: str
    commitment: int | None
    detail: str
    others: Sequence[int] = ()


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


@dataclass(frozen=True, slots=True)
class Overdue:
    """What is long overdue although a worker beats, and what to do, in one sentence. `still`: nothing is done about
    it; else it goes on as fast as it may."""

    sentence: str
    still: bool = True


def audit(session: Session, *, now: datetime) -> Audited:
    """Check every invariant on every row. Reads only."""
    checked = session.scalar(select(func.count()).select_from(Commitment)) or 0
    return Audited(checked, tuple(findings(session, now=now)))


def findings(session: Session, *, now: datetime, since: datetime | None = None) -> Iterator[Finding]:
    """What is wrong now and, of history, what went wrong since that moment (None: ever). Reads only."""
    scope = Scope.of(session, now, since)
    found_at_once = broken(session, scope)
    for rule, how in RULES.items():
        if callable(how):
            for commitment, detail in how(session, scope):
                yield Finding(rule, commitment, detail)
        else:
            for commitment, detail, others in found_at_once[rule]:
                yield Finding(rule, commitment, detail, others)


def overdue(session: Session, *, usual_sender: str, now: datetime) -> Overdue | None:
    """What is, if anything. Look-ups in indexes of what is to be done, for whoever asks every few seconds.

    `usual_sender`: what the texts leave from of a team without a sender of its own.
    """
    step_at = session.scalar(select(func.min(Commitment.next_step_at)))
    if step_at is not None and step_at <= now - BEHIND:
        return Overdue(f"steps have not been climbed since {step_at.isoformat()}: {LOOK}")
    stuck = select(func.min(Message.lease_until)).where(Message.status == MessageStatus.SENDING)
    lease_until = session.scalar(stuck)
    if lease_until is not None and lease_until <= now - BEHIND:
        return Overdue(f"texts have not been settled since {lease_until.isoformat()}: {LOOK}")
    waits = session.execute(_waiting(usual_sender, now)).first()
    if waits is None:
        return None
    since = f"texts have waited to leave since {waits.since.isoformat()}"
    if not waits.leaving:
        return Overdue(f"{since}: {LOOK}")
    more = f"{MORE}, {OWN}" if waits.teams > 1 else MORE
    return Overdue(f"{since}, behind others of their sender: {more}", still=False)


def _waiting(usual_sender: str, now: datetime) -> Select[*tuple[Any, ...]]:
    """The senders whose texts should have left long ago: `since` when, of how many `teams`, and whether anything is
    `leaving`; those first from which nothing is."""
    sender = func.coalesce(func.nullif(Team.sender, ""), usual_sender).label("leaves_from")
    behind = (
        select(
            sender,
            func.min(Message.send_after).label("since"),
            func.count(func.distinct(Team.id)).label("teams"),
        )
        .select_from(Message)
        .join(Commitment, Commitment.id == Message.commitment_id)
        .join(Team, Team.id == Commitment.team_id)
        .where(Message.status == MessageStatus.PENDING, Message.send_after <= now - BEHIND, nothing_paused())
        .group_by("leaves_from")
        .subquery()
    )
    taken = exists().where(
        Dispatch.from_address == behind.c.leaves_from,
        Dispatch.at > now - LEAVING,
        Dispatch.state == DispatchState.ACCEPTED,
    )
    leaving = taken.label("leaving")
    return select(behind.c.since, behind.c.teams, leaving).order_by(leaving, behind.c.since)


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
