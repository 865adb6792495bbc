"""What must hold, whatever happens? Each rule finds the commitments that break it, from the rows alone.

What is so at this moment is looked for along partial indexes, whatever the length of history. What happened is looked
for in the rows written since a moment; a full audit looks at them all.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true, union_all
from sqlalchemy.orm import Session, aliased

from tracker.evidence import gather
from tracker.model import (
    Commitment,
    Dispatch,
    DispatchState,
    Event,
    EventKind,
    Message,
    MessageStatus,
    OptOut,
    Person,
    Sender,
)
from tracker.policy.outcomes import verdict
from tracker.policy.said import Said, say
from tracker.policy.sending import AFTER_CLOSING, OF_A_REPLY
from tracker.queries import is_open
from tracker.roster import owner_or_deputy

BEHIND = timedelta(minutes=15)
"""A step or a text this long overdue is not merely late: nobody is working."""
CLOCKS = timedelta(seconds=2)
"""The clocks of two processes may differ by so much: what they did within it has no order."""
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Scope:
    """The moment of an audit, and how far back it looks into history: to the rows written after these numbers; None:
    to the beginning.

    Rows are numbered as they are written: the recent ones are the end of the primary key, and no index on their time
    is needed. The numbers are looked up first, for with them in hand the planner knows how few rows they leave.
    """

    now: datetime
    last_event: int | None = None
    last_dispatch: int | None = None

    @classmethod
    def of(cls, session: Session, now: datetime, since: datetime | None) -> Self:
        """What was written since that moment; None: ever. One query, or none."""
        if since is None:
            return cls(now)
        last = (
            select(rows.id).where(rows.at < since).order_by(rows.id.desc()).limit(1).scalar_subquery()
            for rows in (Event, Dispatch)
        )
        event, dispatch = session.execute(select(*last)).one()
        return cls(now, event or 0, dispatch or 0)

    def lately(self, rows: type[Event] | type[Dispatch]) -> ColumnElement[bool]:
        """Only what was written since then."""
        last = self.last_event if rows is Event else self.last_dispatch
        return true() if last is None else rows.id > last


Found = Iterator[tuple[int | None, Said]]


def _one_owner(session: Session, scope: Scope) -> Found:
    owned = select(Commitment.id, Person.name, Person.active).join(Person, Person.id == Commitment.owner_id)
    gone = owned.where(is_open(), or_(~Person.active, Person.team_id.is_distinct_from(Commitment.team_id)))
    for row in session.execute(
        gone.order_by(Commitment.id)
    ):  # by turns to those who are there, the oldest first
        yield (
            row.id,
            say("%(name)s owns it but is of another team", name=row.name)
            if row.active
            else say("%(name)s owns it but has left", name=row.name),
        )


def _one_next_step(session: Session, scope: Scope) -> Found:
    wrong = union_all(  # each along an index of its own
        select(Commitment.id, Commitment.closed_at).where(is_open(), Commitment.next_step_at.is_(None)),
        select(Commitment.id, Commitment.closed_at).where(~is_open(), Commitment.next_step_at.is_not(None)),
    )
    for number, closed_at in session.execute(wrong):
        yield (
            number,
            say("it is open without a step ahead")
            if closed_at is None
            else say("it is closed with a step ahead"),
        )
    again = (
        select(Commitment.id, Commitment.next_step)
        .distinct()
        .join(Event, and_(Event.commitment_id == Commitment.id, Event.due_version == Commitment.due_version))
        .where(is_open(), Event.step >= Commitment.next_step, scope.lately(Event))
    )
    for row in session.execute(again):
        yield row.id, say("step %(step)s is ahead, but it was climbed before", step=row.next_step)


def _no_step_overdue(session: Session, scope: Scope) -> Found:
    overdue = select(Commitment.id, Commitment.next_step, Commitment.next_step_at).where(
        Commitment.next_step_at <= scope.now - BEHIND
    )
    for row in session.execute(overdue):
        yield (
            row.id,
            say(
                "step %(step)s was due at %(at)s and has not been climbed",
                step=row.next_step,
                at=row.next_step_at.isoformat(),
            ),
        )


def _no_step_twice(session: Session, scope: Scope) -> Found:
    before = aliased(Event)
    same = and_(
        before.commitment_id == Event.commitment_id,
        before.due_version == Event.due_version,
        before.step == Event.step,
        before.id < Event.id,
    )
    twice = (
        select(Event.commitment_id, Event.step)
        .distinct()
        .join(before, same)
        .where(Event.step.is_not(None), scope.lately(Event))
    )
    for row in session.execute(twice):
        yield (
            row.commitment_id,
            say("step %(step)s was climbed more than once for one due time", step=row.step),
        )


def _left(scope: Scope) -> Select[*tuple[Any, ...]]:
    return (
        select(Message.commitment_id, Message.kind, Dispatch.at.label("left_at"))
        .join(Dispatch, Dispatch.message_id == Message.id)
        .where(Dispatch.state != DispatchState.NOT_SENT, scope.lately(Dispatch))
    )


def _no_text_after_closing(session: Session, scope: Scope) -> Found:
    """Texts about how it ended, and answers to what somebody wrote, are meant to leave then."""
    late = (
        _left(scope)
        .join(Commitment, Commitment.id == Message.commitment_id)
        .where(Dispatch.at > Commitment.closed_at, Message.kind.not_in(AFTER_CLOSING | OF_A_REPLY))
        .add_columns(Commitment.closed_at)
    )
    for row in session.execute(late):
        if row.left_at > row.closed_at + CLOCKS:
            yield row.commitment_id, say("the text '%(kind)s' left after it was closed", kind=say(row.kind))


def _no_text_after_stop(session: Session, scope: Scope) -> Found:
    """An opt-out from one sender of ours, or from all of them."""
    unwanted = (
        _left(scope)
        .join(OptOut, OptOut.phone == Dispatch.to_address)
        .where(or_(OptOut.sender == "", OptOut.sender == Dispatch.from_address), Dispatch.at > OptOut.at)
        .add_columns(OptOut.at.label("stopped_at"))
    )
    for row in session.execute(unwanted):
        if row.left_at > row.stopped_at + CLOCKS:
            yield (
                row.commitment_id,
                say("the text '%(kind)s' left after its number had opted out", kind=say(row.kind)),
            )


def nothing_paused() -> ColumnElement[bool]:
    """While our account is ill texts wait with good reason, of which pages tell."""
    return ~exists().where(Sender.paused_at.is_not(None))


def _no_message_stuck(session: Session, scope: Scope) -> Found:
    text, long_ago = select(Message.commitment_id, Message.kind, Message.status), scope.now - BEHIND
    pending = text.where(
        nothing_paused(), Message.status == MessageStatus.PENDING, Message.send_after <= long_ago
    )
    sending = text.where(Message.status == MessageStatus.SENDING, Message.lease_until <= long_ago)
    for row in session.execute(union_all(pending, sending)):  # each along an index of its own
        yield (
            row.commitment_id,
            say(
                "the text '%(kind)s' is %(status)s and nobody has taken it further",
                kind=say(row.kind),
                status=say(row.status),
            ),
        )


def _verdict_from_evidence(session: Session, scope: Scope) -> Found:
    closed: ColumnElement[bool] = Commitment.closed_at.is_not(None)
    if scope.last_event is not None:
        closings = select(Event.commitment_id).where(Event.kind == EventKind.CLOSED, scope.lately(Event))
        closed = and_(closed, Commitment.id.in_(closings))
    last = 0
    while True:
        chunk = session.scalars(
            select(Commitment).where(Commitment.id > last, closed).order_by(Commitment.id).limit(CHUNK)
        ).all()
        evidence = gather(session, chunk)
        for each in chunk:
            if each.outcome is None or each.closed_at is None:
                continue  # another rule finds it
            borne_out = verdict(evidence[each.id], each.outcome, each.closed_at)
            if borne_out is not each.verdict:
                yield (
                    each.id,
                    say(
                        "it says %(said)s; the evidence says %(found)s",
                        said=say(str(each.verdict)),
                        found=say(borne_out),
                    ),
                )
        if len(chunk) < CHUNK:
            return
        last = chunk[-1].id
        session.expunge_all()


def _owner_or_deputy(session: Session, scope: Scope) -> Found:
    return owner_or_deputy(session, scope.now)


RULES: Mapping[str, Callable[[Session, Scope], Found]] = {
    "one owner": _one_owner,
    "owner or deputy on duty": _owner_or_deputy,
    "one next step": _one_next_step,
    "no step overdue": _no_step_overdue,
    "no step twice": _no_step_twice,
    "no text after closing": _no_text_after_closing,
    "no text after STOP": _no_text_after_stop,
    "no message stuck": _no_message_stuck,
    "verdict from evidence": _verdict_from_evidence,
}
"""The invariants by name. A new one is added here."""
