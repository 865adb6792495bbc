"""Which messages may leave now? Each is claimed by one worker, checked against what is true at this moment, given
its words, and written down as a dispatch before any request leaves."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, tuple_, update
from sqlalchemy.orm import Session, sessionmaker

from tracker.arrays import update_each
from tracker.channels import Channels, Outgoing
from tracker.delivery import senders
from tracker.delivery.holding import off_duty
from tracker.delivery.writing import facts, situation, write
from tracker.model import Dispatch, DispatchState, Instant, LadderRow, Message, MessageStatus, table_of
from tracker.policy import segments
from tracker.policy.asking import next_look
from tracker.policy.links import Links
from tracker.policy.pacing import TOGETHER
from tracker.policy.sending import Drop, Go, Wait, decide
from tracker.policy.wording import TextKind
from tracker.queries import ladders, sendable, sendable_from_others

LOOKED_AT = 20
"""Messages considered for one that leaves: those that must wait or are dropped are seen to on the way."""
MOST_TOGETHER = 500
SPARE = timedelta(seconds=60)
PUT_OFF = timedelta(minutes=15)
"""A message whose words cannot be found is looked at again after this."""
CANNOT = "it could not be written: somebody who runs the system has to look"
MESSAGE = table_of(Message)
_NOT_PENDING = {"send_after": None}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed message with its words, about to leave. `reports`: its provider says later what became of it.
    `probes`: it tries whether an account that was ill works again."""

    message_id: int
    kind: str
    channel: str
    tries: int
    outgoing: Outgoing
    to_customer: bool
    reports: bool
    probes: bool = False
    speaks_for: tuple[int, ...] = ()
    """Other messages that need not leave once this one has."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one claim came to. `full`: there may be more to claim."""

    ready: Sequence[Ready]
    full: bool
    deferred: int
    suppressed: int


@dataclass(slots=True)
class Sorted:
    """Messages looked at, by what is to be done with each."""

    leaving: list[tuple[Row[Any], Outgoing]] = field(default_factory=list)
    waits: list[dict[str, Any]] = field(default_factory=list)
    drops: list[dict[str, Any]] = field(default_factory=list)
    probing: bool = False
    """Is a paused sender tried again?"""
    said: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    """By colleague and kind: the messages that one that leaves speaks for. Until it has left they only wait."""
    left_waiting: bool = False
    """Could more leave, but not in this claim?"""
    looked_at: int = 0
    spent: frozenset[str] = frozenset()
    """The senders that have been given all they may for now."""

    def wait(self, row: Row[Any], until: datetime, reason: str) -> None:
        """It may leave later."""
        self.waits.append({"of": row.id, "send_after": until, "reason": reason})

    def drop(self, row: Row[Any], reason: str) -> None:
        """It never leaves."""
        self.drops.append(
            {**_NOT_PENDING, "of": row.id, "status": MessageStatus.SUPPRESSED, "reason": reason}
        )


def claim(sessions: sessionmaker[Session], channels: Channels, *, now: datetime) -> Claimed:
    """Claim what one worker hands over at once, for a network a single message: each is sent, put off or suppressed
    by what holds at `now`. After a crash no more than that is in doubt."""
    batch = max((channel.batch for channel in channels.values()), default=1)
    limit = max(LOOKED_AT, batch)
    lease_until = now + SPARE + timedelta(seconds=sum(c.seconds for c in channels.values()) * batch)
    with sessions.begin() as session:
        looks = [_look(session, channels, frozenset(), limit, now, lease_until)]
        while looks[-1].spent and not looks[-1].leaving:
            # All that was looked at waits for its sender's turn; behind it others may leave from another.
            spent = frozenset[str]().union(*(look.spent for look in looks))
            looks.append(_look(session, channels, spent, limit, now, lease_until))
        leaving = looks[-1]
        ready = _dispatch(session, channels, leaving, now, lease_until) if leaving.leaving else ()
    deferred = sum(len(look.waits) for look in looks)
    suppressed = sum(len(look.drops) for look in looks)
    more = any(look.looked_at >= limit or look.left_waiting for look in looks)
    return Claimed(ready, more and bool(ready or deferred or suppressed), deferred, suppressed)


def _look(
    session: Session,
    channels: Channels,
    spent: frozenset[str],
    limit: int,
    now: datetime,
    lease_until: datetime,
) -> Sorted:
    """The most urgent that may be claimed, but for what leaves from `spent`; what has to wait or to go is seen to."""
    asked: dict[str, object] = {"now": now, "limit": limit}
    which = sendable(frozenset(channels))
    usual = next((channel.sender for channel in channels.values()), "")
    if spent:
        which = sendable_from_others(frozenset(channels))
        asked |= {"spent": sorted(spent), "usual_sender": usual}
    ids = session.scalars(which, asked).all()
    if not ids:
        return Sorted()
    ids = [*ids, *_mates(session, ids, channels, now)]
    rows = session.execute(facts(), {"ids": ids, "usual_sender": usual}).all()
    found = _sort(session, rows, channels, now, lease_until)
    found.looked_at = len(ids)
    update_each(session, MESSAGE, [*found.waits, *found.drops])
    return found


def _sort(
    session: Session, rows: Sequence[Row[Any]], channels: Channels, now: datetime, lease_until: datetime
) -> Sorted:
    """What leaves now, and everything that was found out on the way."""
    found = Sorted()
    under = ladders(session, {row.ladder_id for row in rows if row.kind == TextKind.APOLOGY})
    gates = Gates(session, channels, rows, now)
    may = [row for row in rows if _may(row, gates.own_numbers, found, now)]
    held = senders.held_back(session, {row.phone for row in may}, now=now) if gates.known else {}
    away = off_duty(session, may, now=now) if gates.known else {}
    alike = Counter((row.person_id, row.kind) for row in may if channels[row.channel].per_minute is not None)
    for row in may:
        mates = alike[row.person_id, row.kind] if row.person_id is not None else 1
        if row.id in away:
            found.wait(row, away[row.id], "off duty; somebody of the team is here")
        elif row.phone in held:
            found.wait(row, held[row.phone], "enough texts to this number for now")
        elif (row.person_id, row.kind) in found.said:
            found.said[row.person_id, row.kind].append(row.id)
            found.wait(row, lease_until, "one text is saying it for several promises")
        elif not gates.open_for(row):
            found.left_waiting = True
        else:
            together = mates >= TOGETHER
            if outgoing := _written(
                row, under.get(row.ladder_id), gates, mates if together else 1, found, now
            ):
                found.leaving.append((row, outgoing))
                gates.taken(row)
                if together:
                    found.said[row.person_id, row.kind] = []
    found.probing = any(row.paused_at for row in gates.known.values())
    found.spent = gates.spent
    return found


def _written(
    row: Row[Any], ladder: LadderRow | None, gates: "Gates", count: int, found: Sorted, now: datetime
) -> Outgoing | None:
    """The text; None, and put off, when it cannot be written."""
    try:
        return write(row, ladder, sender=gates.sender(row), links=gates.links(row), count=count, now=now)
    except Exception:
        log.exception("message %s could not be written; it is tried again later", row.id)
        found.wait(row, now + PUT_OFF, CANNOT)
        return None


class Gates:
    """How many texts each channel and each sender still lets through in this claim."""

    def __init__(self, session: Session, channels: Channels, rows: Sequence[Row[Any]], now: datetime) -> None:
        self._session, self._channels, self._now = session, channels, now
        paced = {self.sender(row) for row in rows if channels[row.channel].per_minute is not None}
        self.known = senders.lock(session, paced) if paced else {}
        self.own_numbers = frozenset(self.known).union(*(c.own_numbers for c in channels.values()))
        self._left: dict[str, int] = {}
        self._batch = {name: channel.batch for name, channel in channels.items()}

    def sender(self, row: Row[Any]) -> str:
        """The number or service that a message leaves from."""
        return str(row.sender or self._channels[row.channel].sender)

    def links(self, row: Row[Any]) -> Links | None:
        """What makes the addresses that its text may name."""
        return self._channels[row.channel].links

    def open_for(self, row: Row[Any]) -> bool:
        """May one more leave?"""
        per_minute = self._channels[row.channel].per_minute
        if self._batch[row.channel] == 0 or per_minute is None:
            return self._batch[row.channel] > 0
        sender = self.sender(row)
        if sender not in self._left:
            self._left[sender] = senders.allowance(
                self._session, self.known[sender], per_minute, now=self._now
            )
        return self._left[sender] > 0

    @property
    def spent(self) -> frozenset[str]:
        """The senders that have been given all they may this minute. Of a pause there is no way around."""
        return frozenset(
            sender for sender, left in self._left.items() if not left and not self.known[sender].paused_at
        )

    def taken(self, row: Row[Any]) -> None:
        """One leaves."""
        self._batch[row.channel] -= 1
        if (sender := self.sender(row)) in self._left:
            self._left[sender] -= 1


def _paced(channels: Channels) -> bool:
    return any(channel.per_minute is not None for channel in channels.values())


def _may(row: Row[Any], own: frozenset[str], found: Sorted, now: datetime) -> bool:
    """May it leave, as far as it alone is concerned? A row that cannot be worked out holds up nobody."""
    try:
        decision = decide(situation(row, own), now=now)
    except Exception:
        log.exception("message %s could not be judged; it is tried again later", row.id)
        decision = Wait(now + PUT_OFF, CANNOT)
    match decision:
        case Wait(until, reason):
            found.wait(row, until, reason)
        case Drop(reason):
            found.drop(row, reason)
        case Go():
            return True
    return False


def _mates(session: Session, ids: Sequence[int], channels: Channels, now: datetime) -> Sequence[int]:
    """Texts of the same kinds to the same colleagues as these: they may be said in one."""
    if not _paced(channels):
        return ()
    same = select(Message.person_id, Message.kind).where(Message.id.in_(ids), Message.person_id.is_not(None))
    return session.scalars(
        sendable(frozenset(channels)).where(
            tuple_(Message.person_id, Message.kind).in_(same), Message.id.not_in(ids)
        ),
        {"now": now, "limit": MOST_TOGETHER},
    ).all()


def expire_leases(sessions: sessionmaker[Session], *, now: datetime) -> int:
    """Messages whose worker went silent: it may or may not have sent them, so they are unknown. How many."""
    with sessions.begin() as session:
        rows = session.execute(_expired(), {"now": now}).all()
        if not rows:
            return 0
        session.execute(
            update(Dispatch)
            .where(Dispatch.message_id.in_([row.id for row in rows]), Dispatch.state == DispatchState.OPEN)
            .values(state=DispatchState.UNKNOWN, settled_at=now, detail="the worker went silent")
            .execution_options(synchronize_session=False)
        )
        unknown = {"status": MessageStatus.UNKNOWN, "lease_until": None, "asked": 0}
        reason = "it may have been sent or not"
        update_each(
            session,
            MESSAGE,
            [
                {
                    **unknown,
                    "of": row.id,
                    "reason": reason,
                    "ask_at": next_look(0, now, to_customer=row.person_id is None),
                }
                for row in rows
            ],
        )
        return len(rows)


@cache
def _expired() -> Select[int, int | None]:
    return (
        select(Message.id, Message.person_id)
        .where(
            Message.status == MessageStatus.SENDING,
            Message.lease_until <= bindparam("now", type_=Instant()),
        )
        .with_for_update(skip_locked=True, key_share=True)
    )


def _dispatch(
    session: Session,
    channels: Channels,
    found: Sorted,
    now: datetime,
    lease_until: datetime,
) -> list[Ready]:
    update_each(
        session,
        MESSAGE,
        [
            {
                **_NOT_PENDING,
                "of": row.id,
                "status": MessageStatus.SENDING,
                "lease_until": lease_until,
                "tries": row.tries + 1,
                "reason": None,
                "error_code": None,
                "body": outgoing.body,
                "segments": segments.count(outgoing.body).count,
                "from_address": outgoing.sender,
                "to_address": outgoing.to,
            }
            for row, outgoing in found.leaving
        ],
    )
    session.connection().execute(
        insert(table_of(Dispatch)),
        [
            {
                "message_id": row.id,
                "token": outgoing.token,
                "at": now,
                "state": DispatchState.OPEN,
                "body": outgoing.body,
                "from_address": outgoing.sender,
                "to_address": outgoing.to,
            }
            for row, outgoing in found.leaving
        ],
    )
    return [
        Ready(
            message_id=row.id,
            kind=row.kind,
            channel=row.channel,
            tries=row.tries + 1,
            outgoing=outgoing,
            to_customer=row.person_id is None,
            reports=channels[row.channel].reports,
            probes=found.probing,
            speaks_for=tuple(found.said.get((row.person_id, row.kind), ())),
        )
        for row, outgoing in found.leaving
    ]
