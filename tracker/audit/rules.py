"""What must hold, whatever happens? Each rule finds the commitments that break it, from the rows alone.

Whatever statements can tell is one question to the database, each part of it along an index of its own. What is so at
this moment is looked for along partial indexes, whatever the length of history. What happened is looked for in the
rows written since a moment; a full audit looks at them all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, groupby
from operator import attrgetter
from typing import Any, Self

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    SQLColumnExpression,
    String,
    and_,
    case,
    cast,
    exists,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from tracker.evidence import gather
from tracker.model import (
    Commitment,
    Dispatch,
    DispatchState,
    Event,
    EventKind,
    Instant,
    Message,
    MessageStatus,
    OptOut,
    Person,
    Sender,
    Team,
    micros,
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
Told = Iterator[tuple[int | None, Said, Sequence[int]]]
"""The same, and the other commitments of which it is said."""
Asked = Select[*tuple[Any, ...]]
Column = SQLColumnExpression[Any]
NO_WORD, NO_STEP, NO_MOMENT = cast(null(), String()), cast(null(), Integer()), cast(null(), Instant())


@dataclass(frozen=True, slots=True)
class Breach:
    """One way to break a rule: how to ask for what does, and the sentence about each row of the answer."""

    found: Callable[[Scope], Asked]
    said: Callable[[Row[Any]], Said]

    def told(self, rows: Sequence[Row[Any]]) -> Told:
        """The findings in rows of the answer."""
        for row in sorted(rows, key=lambda row: row.number or 0):
            yield row.number, self.said(row), ()


@dataclass(frozen=True, slots=True)
class Backlog:
    """One cause that holds up many: what waits for the same `name` is one finding, about the oldest."""

    found: Callable[[Scope], Asked]
    sentence: Said
    """How many (`count`) wait of a `team`, and since when (`at`) the oldest of them does."""

    def told(self, rows: Sequence[Row[Any]]) -> Told:
        """The findings in rows of the answer."""
        ordered = sorted(rows, key=lambda row: (row.name, row.at, row.number))
        for _, together in groupby(ordered, key=attrgetter("name")):
            waiting = list(together)
            first, *others = dict.fromkeys(row.number for row in waiting)
            oldest = waiting[0]
            said = say(self.sentence, team=oldest.name, count=len(waiting), at=oldest.at.isoformat())
            yield first, said, tuple(others)


def _broken(
    number: Column,
    *,
    name: Column = NO_WORD,
    state: Column = NO_WORD,
    step: Column = NO_STEP,
    at: Column = NO_MOMENT,
) -> Asked:
    """The commitment's number, and what its sentence says: the same columns for all, which are asked at once."""
    return select(
        number.label("number"), name.label("name"), state.label("state"), step.label("step"), at.label("at")
    )


def _owner_elsewhere(scope: Scope) -> Asked:
    state = case((Person.active, "of another team"), else_="left")
    owned = _broken(Commitment.id, name=Person.name, state=state)
    return owned.join(Person, Person.id == Commitment.owner_id).where(
        is_open(), or_(~Person.active, Person.team_id.is_distinct_from(Commitment.team_id))
    )


def _no_step(scope: Scope) -> Asked:
    return _broken(Commitment.id).where(is_open(), Commitment.next_step_at.is_(None))


def _step_when_closed(scope: Scope) -> Asked:
    return _broken(Commitment.id).where(~is_open(), Commitment.next_step_at.is_not(None))


def _step_again(scope: Scope) -> Asked:
    climbed = and_(Event.commitment_id == Commitment.id, Event.due_version == Commitment.due_version)
    return (
        _broken(Commitment.id, step=Commitment.next_step)
        .distinct()
        .join(Event, climbed)
        .where(is_open(), Event.step >= Commitment.next_step, scope.lately(Event))
    )


def _step_overdue(scope: Scope) -> Asked:
    overdue = Commitment.next_step_at <= scope.now - BEHIND
    steps = _broken(Commitment.id, name=Team.name, at=Commitment.next_step_at)
    return steps.join(Team, Team.id == Commitment.team_id).where(overdue)


def _step_twice(scope: Scope) -> Asked:
    before = aliased(Event)
    same = and_(
        before.commitment_id == Event.commitment_id,
        before.due_version == Event.due_version,
        before.step == Event.step,
        before.id < Event.id,
    )
    return (
        _broken(Event.commitment_id, step=Event.step)
        .distinct()
        .join(before, same)
        .where(Event.step.is_not(None), scope.lately(Event))
    )


def _left_after(moment: Column, scope: Scope) -> Asked:
    late = and_(
        Dispatch.at > moment, micros(Dispatch.at) - micros(moment) > CLOCKS // timedelta(microseconds=1)
    )
    return (
        _broken(Message.commitment_id, name=Message.kind)
        .join(Dispatch, Dispatch.message_id == Message.id)
        .where(Dispatch.state != DispatchState.NOT_SENT, scope.lately(Dispatch), late)
    )


def _text_after_closing(scope: Scope) -> Asked:
    """Texts about how it ended, and answers to what somebody wrote, are meant to leave then."""
    late = _left_after(Commitment.closed_at, scope).join(Commitment, Commitment.id == Message.commitment_id)
    return late.where(Message.kind.not_in(AFTER_CLOSING | OF_A_REPLY))


def _text_after_stop(scope: Scope) -> Asked:
    """An opt-out from one sender of ours, or from all of them."""
    unwanted = _left_after(OptOut.at, scope).join(OptOut, OptOut.phone == Dispatch.to_address)
    return unwanted.where(or_(OptOut.sender == "", OptOut.sender == Dispatch.from_address))


def nothing_paused() -> ColumnElement[bool]:
    """While our account is ill texts wait with good reason, of which pages tell."""
    return ~exists().where(Sender.paused_at.is_not(None))


def _stuck_waiting(scope: Scope) -> Asked:
    waiting = and_(Message.status == MessageStatus.PENDING, Message.send_after <= scope.now - BEHIND)
    return _of_teams(Message.send_after).where(nothing_paused(), waiting)


def _stuck_sending(scope: Scope) -> Asked:
    sending = and_(Message.status == MessageStatus.SENDING, Message.lease_until <= scope.now - BEHIND)
    return _of_teams(Message.lease_until).where(sending)


def _of_teams(at: Column) -> Asked:
    """Texts by the team whose sender they leave from."""
    texts = _broken(Message.commitment_id, name=Team.name, at=at)
    owned = texts.join(Commitment, Commitment.id == Message.commitment_id)
    return owned.join(Team, Team.id == Commitment.team_id)


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


def _owner(row: Row[Any]) -> Said:
    if row.state == "left":
        return say("%(name)s owns it but has left", name=row.name)
    return say("%(name)s owns it but is of another team", name=row.name)


RULES: Mapping[str, Sequence[Breach | Backlog] | Callable[[Session, Scope], Found]] = {
    "one owner": [Breach(_owner_elsewhere, _owner)],
    "owner or deputy on duty": _owner_or_deputy,
    "one next step": [
        Breach(_no_step, lambda _: say("it is open without a step ahead")),
        Breach(_step_when_closed, lambda _: say("it is closed with a step ahead")),
        Breach(
            _step_again,
            lambda row: say("step %(step)s is ahead, but it was climbed before", step=row.step),
        ),
    ],
    "no step overdue": [
        Backlog(
            _step_overdue,
            say("steps of %(team)s that should have been climbed: %(count)s, the oldest since %(at)s"),
        )
    ],
    "no step twice": [
        Breach(
            _step_twice,
            lambda row: say("step %(step)s was climbed more than once for one due time", step=row.step),
        )
    ],
    "no text after closing": [
        Breach(
            _text_after_closing,
            lambda row: say("the text '%(kind)s' left after it was closed", kind=say(row.name)),
        )
    ],
    "no text after STOP": [
        Breach(
            _text_after_stop,
            lambda row: say("the text '%(kind)s' left after its number had opted out", kind=say(row.name)),
        )
    ],
    "no message stuck": [
        Backlog(
            _stuck_waiting, say("texts of %(team)s that should have left: %(count)s, the oldest since %(at)s")
        ),
        Backlog(
            _stuck_sending,
            say(
                "texts of %(team)s that were being sent and are not settled: %(count)s, the oldest since %(at)s"
            ),
        ),
    ],
    "verdict from evidence": _verdict_from_evidence,
}
"""The invariants by name. A new one is added here: the ways to break it, or, where no statement can tell, a function
that reads what it needs."""


def broken(session: Session, scope: Scope) -> Mapping[str, Told]:
    """What breaks the rules that statements can tell of, by rule, the oldest first. One query."""
    breaches = [(rule, each) for rule, how in RULES.items() if not callable(how) for each in how]
    rows: list[list[Row[Any]]] = [[] for _ in breaches]
    asked = (
        breach.found(scope).add_columns(literal_column(str(n), Integer()).label("breach"))
        for n, (_, breach) in enumerate(breaches)
    )
    for row in session.execute(union_all(*asked)):
        rows[row.breach].append(row)
    told: dict[str, Told] = {}
    for (rule, breach), found in zip(breaches, rows, strict=True):
        told[rule] = chain(told.get(rule, ()), breach.told(found))
    return told
