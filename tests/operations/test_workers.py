"""Several workers, people and webhooks at the same moment: every step once, every text once, nothing lost."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier, Event
from typing import TypeVar

import pytest
from sqlalchemy import Connection, Engine, event, func, select, text
from sqlalchemy.exc import OperationalError

import jobs
from tests.cast import TWO, Cast
from tests.operations.test_jobs import house_of
from tracker import commitments, wiring
from tracker.audit import audit
from tracker.channels import Accepted, Rejected, Result
from tracker.delivery import deliver
from tracker.delivery.claiming import Ready, claim
from tracker.delivery.hearing import take_receipt
from tracker.delivery.incoming import take_text
from tracker.delivery.settling import settle
from tracker.escalation import Climbed, climb
from tracker.model import (
    Commitment,
    Dispatch,
    EventKind,
    Message,
    MessageStatus,
    OptOut,
    OptOutReason,
    Receipt,
)
from tracker.model import Event as Happened
from tracker.policy.outcomes import Outcome

T = TypeVar("T")
LATE = TWO + timedelta(minutes=75)


def at_once(*acts: Callable[[], T]) -> list[T]:
    """Do them all at the same moment, each in a thread of its own; what each came to."""
    ready = Barrier(len(acts))

    def when_all_are_ready(act: Callable[[], T]) -> T:
        ready.wait(10)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(when_all_are_ready, acts))


def promises(cast: Cast, count: int) -> None:
    with cast.sessions.begin() as session:
        for _ in range(count):
            cast.promise(session)


def close(cast: Cast, number: int) -> None:
    with cast.sessions.begin() as session:
        commitments.close(
            session, commitments.find(session, number, by=cast.ana), by=cast.ana, outcome=Outcome.WITHDRAWN,
            reference="sold out", now=cast.clock.now,
        )  # fmt: skip


def count(cast: Cast, what: type[Receipt | OptOut | Message | Dispatch | Happened], *where: object) -> int:
    with cast.sessions() as session:
        return session.scalar(select(func.count()).select_from(what).where(*where)) or 0  # type: ignore[arg-type]  # conditions


def test_four_workers_climb_every_step_of_300_commitments_exactly_once(cast: Cast) -> None:
    promises(cast, 300)
    climbed: list[Climbed] = []
    for now in (TWO + timedelta(minutes=45), LATE, LATE + timedelta(hours=1)):
        climbed += at_once(*[lambda now=now: climb(cast.sessions, now=now)] * 4)
        climbed.append(climb(cast.sessions, now=now))
    assert sum(each.steps for each in climbed) == 300 * 5
    assert sum(each.put_off for each in climbed) == 0
    with cast.sessions() as session:
        taken = select(Happened.commitment_id, Happened.step).where(Happened.kind == EventKind.CLIMBED)
        steps = Counter((row.commitment_id, row.step) for row in session.execute(taken))
        assert len(steps) == 300 * 5
        assert set(steps.values()) == {1}
        texts = select(Message.commitment_id, Message.step, Message.recipient).where(
            Message.step.is_not(None)
        )
        queued = [tuple(row) for row in session.execute(texts)]
        assert len(queued) == len(set(queued)) == 300 * 5


def test_four_workers_claim_every_message_exactly_once(cast: Cast) -> None:
    promises(cast, 300)

    def claim_all() -> list[Ready]:
        claimed = claim(cast.sessions, {"sms": cast.wire}, now=TWO)
        got: list[Ready] = []
        while claimed.ready:
            got += claimed.ready
            claimed = claim(cast.sessions, {"sms": cast.wire}, now=TWO)
        return got

    claimed = [ready.message_id for got in at_once(*[claim_all] * 4) for ready in got]
    assert len(claimed) == len(set(claimed)) == count(cast, Message) == count(cast, Dispatch) == 300


def test_four_workers_send_every_text_exactly_once(cast: Cast) -> None:
    promises(cast, 100)
    at_once(*[lambda: deliver(cast.sessions, {"sms": cast.wire}, now=TWO)] * 4)
    assert len(cast.wire.sent) == len({each.token for each in cast.wire.sent}) == 100


def test_who_closes_while_the_ladder_climbs_stops_it_and_nothing_is_left_behind(cast: Cast) -> None:
    numbers = [cast.promised() for _ in range(12)]
    cast.clock.now = LATE
    closings = [lambda number=number: close(cast, number) for number in numbers[::2]]
    at_once(*closings, *[lambda: climb(cast.sessions, now=LATE)] * 2)
    climb(cast.sessions, now=LATE)
    with cast.sessions() as session:
        closed = select(Commitment.id).where(Commitment.closed_at.is_not(None))
        assert set(session.scalars(closed)) == set(numbers[::2])
        pending = select(Message.commitment_id).where(Message.status == MessageStatus.PENDING)
        assert not set(session.scalars(pending)) & set(numbers[::2])
        broken = [each for each in audit(session, now=LATE).findings if each.rule != "no message stuck"]
        assert broken == [], "texts wait, for nobody sends them here"


def test_after_closing_has_returned_nothing_more_of_it_is_claimed(cast: Cast) -> None:
    numbers = [cast.promised() for _ in range(12)]
    closings = [lambda number=number: close(cast, number) for number in numbers]
    at_once(*closings, *[lambda: claim(cast.sessions, {"sms": cast.wire}, now=TWO)] * 3)
    claimed = count(cast, Dispatch)
    assert claimed == count(cast, Message, Message.status == MessageStatus.SENDING)
    assert claimed + count(cast, Message, Message.status == MessageStatus.SUPPRESSED) == 12
    assert claim(cast.sessions, {"sms": cast.wire}, now=TWO).ready == ()


def test_a_receipt_and_the_answer_at_the_same_moment_agree(cast: Cast) -> None:
    cast.wire.batch = 20
    promises(cast, 20)
    claimed = claim(cast.sessions, {"sms": cast.wire}, now=TWO).ready

    def hear(ready: Ready, status: str) -> None:
        with cast.sessions.begin() as session:
            sid = f"SM{ready.message_id}"
            take_receipt(session, ready.outgoing.token, sid=sid, status=status, error_code=None, now=TWO)

    for ready in claimed:
        answer = (ready, Accepted(f"SM{ready.message_id}"))
        at_once(
            lambda: settle(cast.sessions, [answer], now=TWO),  # noqa: B023 used at once
            lambda: hear(ready, "sent"),  # noqa: B023 no result is wanted
            lambda: hear(ready, "delivered"),  # noqa: B023 the same
        )
    assert count(cast, Message, Message.status == MessageStatus.DELIVERED) == 20
    assert count(cast, Receipt) == 40


def test_a_try_that_failed_at_once_is_put_off_whenever_its_receipt_comes(cast: Cast) -> None:
    cast.wire.batch = 20
    promises(cast, 20)

    def hear(ready: Ready) -> None:
        with cast.sessions.begin() as session:
            sid = f"SM{ready.message_id}"
            take_receipt(session, ready.outgoing.token, sid=sid, status="failed", error_code=30001, now=TWO)

    for ready in claim(cast.sessions, {"sms": cast.wire}, now=TWO).ready:
        answer = (ready, Accepted(f"SM{ready.message_id}", error_code=30001))
        at_once(
            lambda: settle(cast.sessions, [answer], now=TWO),  # noqa: B023 used at once
            lambda: hear(ready),  # noqa: B023 the same
        )
    assert count(cast, Message, Message.status == MessageStatus.PENDING) == 20


def test_the_same_receipt_from_four_sides_is_taken_once(cast: Cast) -> None:
    cast.promised()
    (ready,) = claim(cast.sessions, {"sms": cast.wire}, now=TWO).ready

    def hear() -> None:
        with cast.sessions.begin() as session:
            take_receipt(session, ready.outgoing.token, sid="SM1", status="sent", error_code=None, now=TWO)

    at_once(*[hear] * 4)
    assert count(cast, Receipt) == 1


def test_the_same_text_from_four_sides_is_taken_in_once(cast: Cast) -> None:
    cast.promised()

    def hear() -> None:
        with cast.sessions.begin() as session:
            take_text(session, sid="SM1", sender=cast.maria.phone, to="+15005550006", body="STOP", now=TWO)

    at_once(*[hear] * 4)
    assert count(cast, Message, Message.sid == "SM1") == 1
    assert count(cast, Happened, Happened.kind == EventKind.REPLIED) == 1
    assert count(cast, OptOut) == 1


def test_different_news_of_one_number_at_once_are_all_taken_in(cast: Cast) -> None:
    """A customer says STOP while two workers hear from the provider that the number takes no more texts."""
    cast.wire.batch = 2
    for _ in range(2):
        cast.promised()
    claimed = claim(cast.sessions, {"sms": cast.wire}, now=TWO).ready
    refusals: Sequence[Result] = (Rejected(21610, "opted out"), Rejected(21211, "invalid"))

    def hear() -> None:
        with cast.sessions.begin() as session:
            take_text(session, sid="SM1", sender=cast.maria.phone, to="+15005550006", body="STOP", now=TWO)

    at_once(
        hear,
        *[
            lambda answer=answer: settle(cast.sessions, [answer], now=TWO)
            for answer in zip(claimed, refusals, strict=True)
        ],
    )
    assert count(cast, Message, Message.status == MessageStatus.FAILED) == 2
    assert count(cast, Message, Message.status == MessageStatus.RECEIVED) == 1
    with cast.sessions() as session:
        assert session.scalars(select(OptOut.reason)).all() == [OptOutReason.STOP], (
            "STOP outlives a dead number"
        )


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_stop_waits_for_nobody_and_what_somebody_else_held_is_dropped_when_it_is_claimed(
    cast: Cast,
) -> None:
    """Two that suppress the same texts in another order would wait for one another: a deadlock, a STOP lost."""
    for _ in range(2):
        cast.promised()
    with cast.sessions() as somebody:
        somebody.scalars(select(Message).order_by(Message.id).limit(1).with_for_update()).one()
        with cast.sessions.begin() as session:
            session.execute(text("set local lock_timeout = '500ms'"))
            take_text(session, sid="SM1", sender=cast.maria.phone, to="+15005550006", body="STOP", now=TWO)
    assert count(cast, Message, Message.status == MessageStatus.SUPPRESSED) == 1
    cast.tick()
    assert count(cast, Message, Message.status == MessageStatus.SUPPRESSED) == 2
    assert cast.wire.sent == []


def cut_at_commit(engine: Engine, number: int) -> None:
    """The connection is cut when the commit of that number (from 1) is under way."""
    seen = 0

    def cut(connection: Connection) -> None:
        nonlocal seen
        seen += 1
        if seen != number:
            return
        process = connection.connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]  # psycopg's
        with engine.connect() as other:
            other.execute(text("select pg_terminate_backend(:process, 5000)"), {"process": process})

    event.listen(engine, "commit", cut)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_connection_cut_while_steps_are_committed_loses_none_and_doubles_none(
    cast: Cast, engine: Engine
) -> None:
    promises(cast, 20)
    cut_at_commit(engine, 1)
    with pytest.raises(OperationalError):
        climb(cast.sessions, now=LATE)
    assert count(cast, Happened, Happened.kind == EventKind.CLIMBED) == 0
    assert climb(cast.sessions, now=LATE) == Climbed(steps=80)
    with cast.sessions() as session:
        noted = session.scalars(select(Happened.facts).where(Happened.kind == EventKind.NOTED)).all()
        assert noted == [], "the database was in trouble, no row was"


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("commit", "sent_before", "left_unknown"), [(2, 0, 0), (3, 1, 1), (5, 1, 0), (6, 2, 1)]
)
def test_a_connection_cut_while_texts_are_sent_doubles_none_and_the_next_pass_goes_on(
    cast: Cast, engine: Engine, commit: int, sent_before: int, left_unknown: int
) -> None:
    """Of every three commits the second is a claim and the third an answer."""
    promises(cast, 5)
    cut_at_commit(engine, commit)
    with pytest.raises(OperationalError):
        deliver(cast.sessions, {"sms": cast.wire}, now=TWO)
    assert len(cast.wire.sent) == sent_before
    cast.tick(minutes=1)
    assert len(cast.wire.sent) == 5
    cast.tick(minutes=10)
    assert len(cast.wire.sent) == 5
    assert count(cast, Message, Message.status == MessageStatus.UNKNOWN) == left_unknown
    assert count(cast, Message, Message.status == MessageStatus.ACCEPTED) == 5 - left_unknown


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_database_that_another_process_holds_is_said_to_be_locked_and_the_next_pass_goes_on(
    cast: Cast, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    promises(cast, 3)
    monkeypatch.setattr(wiring, "BUSY_MILLISECONDS", 50)
    hasty = wiring.make_engine(str(engine.url))
    sessions, readers = wiring.make_sessions(hasty), wiring.make_readers(hasty)
    with holding(str(engine.url.database)):
        with pytest.raises(OperationalError, match="database is locked"):
            climb(sessions, now=LATE)
        with pytest.raises(OperationalError, match="database is locked"):
            deliver(sessions, {"sms": cast.wire}, now=TWO)
        with readers() as session:
            assert session.scalar(select(func.count()).select_from(Commitment)) == 3, (
                "reading waits for nobody"
            )
    assert cast.wire.sent == []
    assert climb(sessions, now=LATE) == Climbed(steps=12)
    assert deliver(sessions, {"sms": cast.wire}, now=TWO).sent == 3
    hasty.dispose()


@contextmanager
def holding(file: str) -> Iterator[None]:
    """Another process is in the middle of a write for the length of the block."""
    program = (
        "import sqlite3, sys; held = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "held.execute('begin immediate'); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(  # noqa: S603 this very Python
        [sys.executable, "-c", program, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
        process.communicate("")


def test_a_job_that_fails_is_run_again_and_stops_no_other(cast: Cast) -> None:
    runs = {"failed": 0}
    went_on = Event()

    def clock() -> datetime:
        runs["failed"] += 1
        if runs["failed"] < 4:
            raise OperationalError("select 1", {}, Exception("the database is away"))
        went_on.set()
        return TWO

    house = replace(house_of(cast), clock=clock)
    scheduler = jobs.make_scheduler(house)
    scheduler.start(paused=True)
    for job in scheduler.get_jobs():
        scheduler.reschedule_job(job.id, trigger="interval", seconds=0.02)
    scheduler.resume()
    assert went_on.wait(10)
    scheduler.shutdown(wait=True)
