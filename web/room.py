"""What goes wrong in a team right now, and which one act helps on each?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Row, exists, or_, select
from sqlalchemy.orm import Session

from tracker.delivery import senders
from tracker.duty import Colleague
from tracker.model import Attempt, Commitment, Message, MessageStatus, Person, Role, Sender, Team
from tracker.queries import board, is_open, texts_gone_wrong
from tracker.reviewing import how_many_wait
from tracker.roster import rosters
from web.words import Sign, fate

LOOK_BACK = timedelta(days=7)
MOST = 200
"""Lines in one list. A longer one is not worked off but skimmed."""


class Help(StrEnum):
    """The act that helps."""

    CALL = "call"
    HAND_OVER = "hand over"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class Line:
    """A promise in trouble; `to`: who it is best handed over to, where that helps."""

    promise: Commitment
    help: Help
    to: Colleague | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """The board of one team, each promise in the worst of the parts it belongs to."""

    team: Team
    escalated: Sequence[Line]
    late: Sequence[Line]
    at_risk: Sequence[Line]
    uncovered: Sequence[Line]
    texts: Sequence[tuple[Message, Commitment, Sign]]
    crew: Sequence[Colleague]
    here: frozenset[int]
    paused: Sender | None
    waiting: int
    cut: bool

    @property
    def quiet(self) -> bool:
        """Is nothing wrong at all?"""
        return not (self.escalated or self.late or self.at_risk or self.uncovered or self.texts)


def enter(session: Session, viewer: Person, team: Team, now: datetime) -> Room:
    """Gather it: half a dozen queries, however many promises there are."""
    roster = rosters(session, team.id, now=now)[team.id]
    bare = {each.commitment_id: each.deputy for each in roster.uncovered if each.due_at > now}
    ours = board(viewer).where(Commitment.team_id == team.id)
    pressing = ours.where(or_(Commitment.due_at <= now, Commitment.at_risk_at.is_not(None))).limit(MOST)
    shown = session.scalars(
        ours.where(
            or_(
                Commitment.id.in_(pressing.with_only_columns(Commitment.id)),
                Commitment.id.in_(list(bare)[:MOST]),
            )
        )
    ).all()
    people, here = roster.crew.people.values(), roster.crew.at_work(now)
    hands = _Hands(people, here)
    late = [each for each in shown if each.due_at <= now]
    at_risk = [each for each in shown if each.due_at > now and each.at_risk_at is not None]
    uncovered = [each for each in shown if each.due_at > now and each.at_risk_at is None]
    return Room(
        team,
        escalated=[hands.late(each) for each in late if each.escalated_at],
        late=[hands.late(each) for each in late if not each.escalated_at],
        at_risk=[hands.at_risk(each) for each in at_risk],
        uncovered=[hands.uncovered(each, bare[each.id]) for each in uncovered],
        texts=[
            (row.Message, row.Commitment, fate(row.Message)) for row in _texts(session, viewer, team, now)
        ],
        crew=[each for each in people if each.role is not Role.ADMIN],
        here=here,
        paused=senders.paused(session),
        waiting=how_many_wait(session, viewer),
        cut=len(late) + len(at_risk) >= MOST,
    )


def _texts(session: Session, viewer: Person, team: Team, now: datetime) -> Sequence[Row[Message, Commitment]]:
    """Texts of open promises that did not arrive, as long as nobody has tried to reach the customer since; and those
    of which nobody knows."""
    tried = exists().where(Attempt.commitment_id == Commitment.id, Attempt.at >= Message.made_at)
    wrong = texts_gone_wrong(viewer, now - LOOK_BACK).where(
        Commitment.team_id == team.id,
        or_(Message.status == MessageStatus.UNKNOWN, is_open() & ~tried),
    )
    return session.execute(wrong.limit(MOST)).all()


class _Hands:
    """The people of the team who are at work, and how much each has in hand."""

    def __init__(self, people: Iterable[Colleague], here: frozenset[int]) -> None:
        ready = sorted(people, key=lambda each: (each.role is not Role.AGENT, each.open, each.name))
        self._here = here
        self._all = [each for each in ready if each.role is not Role.ADMIN]
        self._best = [each for each in self._all if each.id in here]

    def late(self, promise: Commitment) -> Line:
        """Somebody who is there, when its owner is not or the owner was told in vain; else a call, now."""
        to = self._other_than(promise)
        if to is not None and (promise.owner_id not in self._here or promise.escalated_at is not None):
            return Line(promise, Help.HAND_OVER, to)
        return Line(promise, Help.CALL)

    def at_risk(self, promise: Commitment) -> Line:
        """Somebody who is there, when its owner is not; else an honest new time while it is one."""
        to = self._other_than(promise)
        if to is not None and promise.owner_id not in self._here:
            return Line(promise, Help.HAND_OVER, to)
        return Line(promise, Help.MOVE)

    def uncovered(self, promise: Commitment, deputy: str | None) -> Line:
        """Whoever is at work when it is due, or else another time."""
        to = next((person for person in self._all if person.name == deputy), None)
        return Line(promise, Help.MOVE if to is None else Help.HAND_OVER, to)

    def _other_than(self, promise: Commitment) -> Colleague | None:
        return next((person for person in self._best if person.id != promise.owner_id), None)


def teams(session: Session, viewer: Person) -> Sequence[Team]:
    """The teams whose board a person may see, by name."""
    if viewer.role is Role.ADMIN:
        return session.scalars(select(Team).order_by(Team.name)).all()
    return [viewer.team] if viewer.team else []
