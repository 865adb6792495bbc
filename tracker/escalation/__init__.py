"""What happens by itself? Every commitment whose next_step_at has come takes its next step, exactly once.

In batches: claim rows that no other worker holds, decide in pure code, write with one statement a kind of row,
commit. The messages a step causes are rows of the same transaction; delivery finds them there. What must happen
once is a unique index (commitment, due version, step), so even a bug could not climb a step twice.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from tracker.duty import calendars_of
from tracker.escalation.deciding import Climb, decide
from tracker.escalation.writing import write
from tracker.model import Commitment, Event, EventKind
from tracker.policy.ladder import Ladder
from tracker.queries import due_now, ladders
from tracker.takeover import Here

BATCH = 500
"""Larger batches held locks longer and were up to half as fast."""
PUT_OFF = timedelta(minutes=15)
"""A row that fails is looked at again after this; meanwhile it holds up nobody."""

Ladders = dict[int, Ladder]
"""Those met in one pass, by number. A ladder never changes, so each is looked up once."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Climbed:
    """One pass: steps climbed, and commitments whose step failed and was put off."""

    steps: int = 0
    put_off: int = 0


def climb(sessions: sessionmaker[Session], *, now: datetime) -> Climbed:
    """Take every step that is due. Any number of workers may do so at once: each row is claimed by one.

    A commitment far behind climbs one rung a round until it has caught up.
    """
    steps = put_off = 0
    here, under = Here(now), Ladders()
    more = True
    while more:
        try:
            climbs = _batch(sessions, here, under)
        except OperationalError:
            raise  # the database is in trouble, not a row: nothing was written, the next pass finds it all
        except Exception:
            log.exception("a batch of steps failed; its commitments are now climbed one by one")
            alone = _one_by_one(sessions, here, under)
            steps, put_off = steps + alone.steps, put_off + alone.put_off
            more = alone.steps > 0
        else:
            steps += len(climbs)
            more = len(climbs) == BATCH or any(each.next_step_at <= now for each in climbs)
    return Climbed(steps, put_off)


def _batch(
    sessions: sessionmaker[Session], here: Here, under: Ladders, only: int | None = None
) -> list[Climb]:
    with sessions.begin() as session:
        claim = due_now() if only is None else due_now().where(Commitment.id == only)
        due = session.execute(claim, {"now": here.now, "limit": BATCH}).all()
        if not due:
            return []
        if unknown := {each.ladder_id for each in due} - under.keys():
            under |= {n: row.laid_out for n, row in ladders(session, unknown).items()}
        working = {n for n, ladder in under.items() if ladder.working}
        calendars = calendars_of(session, [each.id for each in due if each.ladder_id in working])
        climbs = [decide(session, each, under[each.ladder_id], calendars.get(each.id), here) for each in due]
        write(session, climbs, here)
        return climbs


def _one_by_one(sessions: sessionmaker[Session], here: Here, under: Ladders) -> Climbed:
    with sessions.begin() as session:
        ids = [row.id for row in session.execute(due_now(), {"now": here.now, "limit": BATCH})]
    steps = put_off = 0
    for number in ids:
        try:
            steps += len(_batch(sessions, here, under, only=number))
        except OperationalError:
            raise
        except Exception:
            log.exception("commitment %s could not take its step; it is tried again later", number)
            _put_off(sessions, number, here.now)
            put_off += 1
    return Climbed(steps, put_off)


def _put_off(sessions: sessionmaker[Session], number: int, now: datetime) -> None:
    with sessions.begin() as session:
        session.execute(
            update(Commitment)
            .where(Commitment.id == number, Commitment.next_step_at <= now)
            .values(next_step_at=now + PUT_OFF)
        )
        version = select(Commitment.due_version).where(Commitment.id == number).scalar_subquery()
        session.execute(
            insert(Event).values(
                commitment_id=number,
                at=now,
                kind=EventKind.NOTED,
                due_version=version,
                facts={"problem": "its step failed and is tried again in 15 minutes"},
            )
        )
