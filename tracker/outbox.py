"""How does a fact become a message? As a row in the same transaction; delivery picks it up from there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from tracker.model import Commitment, Direction, Message, MessageStatus, Person, table_of
from tracker.policy.wording import TextKind

MESSAGE = table_of(Message)
PRIORITY: Mapping[TextKind, int] = {
    TextKind.PROMISED: 1,
    TextKind.RENEGOTIATED: 1,
    TextKind.APOLOGY: 1,
    TextKind.HANDED_OVER: 1,
    TextKind.UNREACHED: 1,
    TextKind.SAY_MORE: 1,
    TextKind.CALL_WANTED: 3,
    TextKind.DUE: 3,
    TextKind.YOURS_NOW: 3,
    TextKind.REMINDER: 4,
    TextKind.ESCALATION: 5,
    TextKind.CHOSEN: 3,
    TextKind.NOT_KEPT: 3,
    TextKind.UNCOVERED: 5,
    TextKind.STILL_OPEN: 7,
    TextKind.USE_THE_PAGE: 7,
    TextKind.KEPT_IT: 8,
}
"""Smaller goes first: customers, then the owner who must act now, then supervisors, then what can wait."""

TAKEN_BACK = "taken back"
"""Why a text was stopped whose cause was undone: it is as if it had never been queued."""


def to_customer(
    session: Session,
    commitment: Commitment,
    kind: TextKind,
    *,
    now: datetime,
    expires_at: datetime | None,
    send_after: datetime | None = None,
) -> None:
    """Queue a text to the commitment's customer, to leave now or later. Whether it may is decided when it is
    claimed."""
    _queue(
        session,
        commitment,
        kind,
        now,
        recipient="customer",
        customer_id=commitment.customer_id,
        expires_at=expires_at,
        send_after=send_after or now,
    )


def to_person(
    session: Session,
    commitment: Commitment,
    person: Person,
    kind: TextKind,
    *,
    now: datetime,
    send_after: datetime | None = None,
) -> None:
    """Queue a text to a colleague, to leave now or later; to one without a phone there is nothing to send: the desk
    shows it."""
    if person.phone is None:
        return
    _queue(
        session,
        commitment,
        kind,
        now,
        recipient=f"person:{person.id}",
        person_id=person.id,
        send_after=send_after or now,
    )


class About(Protocol):
    """A commitment, or a row of one."""

    @property
    def id(self) -> int: ...
    @property
    def customer_id(self) -> int: ...
    @property
    def due_version(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Text:
    """One text of many: to a colleague by number, or else to the customer. It never grows stale by itself."""

    about: About
    kind: TextKind
    person_id: int | None = None
    facts: Mapping[str, Any] | None = None


def queue(session: Session, texts: Sequence[Text], *, now: datetime) -> None:
    """Queue texts, in one statement however many."""
    if not texts:
        return
    rows = [
        {
            **_row(text.about, text.kind, now),
            "recipient": "customer" if text.person_id is None else f"person:{text.person_id}",
            "customer_id": text.about.customer_id if text.person_id is None else None,
            "person_id": text.person_id,
            "facts": text.facts,
        }
        for text in texts
    ]
    session.execute(insert(MESSAGE), rows)


def _queue(session: Session, commitment: Commitment, kind: TextKind, now: datetime, **whom: Any) -> None:
    session.execute(insert(MESSAGE), {**_row(commitment, kind, now), **whom})


def _row(about: About, kind: TextKind, now: datetime) -> dict[str, Any]:
    return {
        "commitment_id": about.id,
        "direction": Direction.OUT,
        "channel": "sms",
        "kind": kind.value,
        "due_version": about.due_version,
        "status": MessageStatus.PENDING,
        "priority": PRIORITY[kind],
        "made_at": now,
        "send_after": now,
    }


def stop(
    session: Session, commitment: Commitment, reason: str, *, but: Collection[TextKind] = frozenset()
) -> list[int]:
    """Suppress what has not left yet, but for some kinds; which it were. The commitment's own row is locked by now,
    so nothing is added meanwhile."""
    return list(session.scalars(_stopping(), {"of": commitment.id, "why": reason, "but": list(but)}))


def stop_all(session: Session, commitments: Collection[int], kind: TextKind, reason: str) -> None:
    """Suppress texts of one kind about these commitments (their numbers) that have not left yet."""
    session.execute(
        update(Message)
        .where(
            Message.commitment_id.in_(commitments),
            Message.kind == kind.value,
            Message.status == MessageStatus.PENDING,
        )
        .values(status=MessageStatus.SUPPRESSED, send_after=None, reason=reason)
        .execution_options(synchronize_session=False)
    )


@cache
def _stopping() -> ReturningUpdate[int]:
    return (
        update(Message)
        .where(
            Message.commitment_id == bindparam("of"),
            Message.status == MessageStatus.PENDING,
            Message.kind.not_in(bindparam("but", expanding=True)),
        )
        .values(status=MessageStatus.SUPPRESSED, send_after=None, reason=bindparam("why"))
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
