"""Each report counts what it says it counts."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.cast import TWO, Cast
from tests.operations.test_reviewing import missed, review
from tracker import commitments
from tracker.model import Commitment, Event, EventKind, Feedback, Message, MessageStatus, Person
from tracker.policy.causes import Cause
from tracker.policy.outcomes import Disposition, Outcome
from tracker.policy.wording import TextKind
from tracker.reports import REPORTS, Figures, Scope
from tracker.reports.texts import KINDS


def told(cast: Cast, name: str, viewer: Person | None = None) -> Figures:
    """What a report says of the weeks around the story."""
    weeks = timedelta(weeks=2)
    with cast.sessions() as session:
        return REPORTS[name].figures(session, Scope(viewer or cast.sue, TWO - weeks, TWO + weeks))


def counted(figures: Figures) -> dict[str, dict[str, int]]:
    """The rows with anything in them."""
    rows = {
        row.key: {column: figures.count(row, column) for column in figures.columns} for row in figures.rows
    }
    return {key: row for key, row in rows.items() if any(row.values())}


def finish(cast: Cast, number: int, *, tried: bool = True, outcome: Outcome = Outcome.FULFILLED) -> None:
    with cast.sessions.begin() as session:
        commitment = session.get_one(Commitment, number)
        by, now = commitment.owner, cast.clock.now
        if tried:
            commitments.log_attempt(session, commitment, by=by, disposition=Disposition.REACHED, now=now)
        commitments.close(session, commitment, by=by, outcome=outcome, reference="said so", now=now)


def test_lateness_is_told_from_the_time_the_customer_knew(cast: Cast) -> None:
    for late in (10, 10, 30, 200):
        missed(cast, late=late)
    assert str(told(cast, "lateness").finding) == "Late: 4, the longest by 3 h. Never seen to: 0."
    for _ in range(5):
        missed(cast, late=100)
    never = cast.promised(minutes=5)
    moved = cast.promised(minutes=30)
    with cast.sessions.begin() as session:
        commitment = session.get_one(Commitment, moved)
        due_at = cast.clock.now + timedelta(minutes=50)
        commitments.revise(
            session, commitment, by=commitment.owner, due_at=due_at, reason="x", told=True, now=cast.clock.now
        )
    cast.clock.forward(60)
    finish(cast, never, tried=False, outcome=Outcome.WITHDRAWN)
    finish(cast, moved)  # ten minutes after the time that was agreed
    figures = told(cast, "lateness")
    assert counted(figures) == {
        "15m": {"missed": 3}, "1h": {"missed": 1}, "4h": {"missed": 6}, "never": {"missed": 1},
    }  # fmt: skip
    assert str(figures.finding).startswith(
        "Half of the 10 late ones came within 100 min, nine of ten within 110 min. Never seen to: 1"
    )


def test_renegotiations_stand_by_when_the_customer_learned_of_the_worst(cast: Cast) -> None:
    numbers = [cast.promised(minutes=30) for _ in range(4)]
    with cast.sessions.begin() as session:
        for number, is_told in zip(numbers, (True, False, False), strict=False):
            commitment = session.get_one(Commitment, number)
            due_at = cast.clock.now + timedelta(minutes=90)
            made = commitments.revise(
                session, commitment, by=cast.ana, due_at=due_at, reason="x", told=is_told, now=cast.clock.now
            )
            if number == numbers[1]:
                made.told_at = commitment.first_due_at + timedelta(minutes=1)
    cast.clock.forward(60)
    for number in numbers:
        finish(cast, number)
    figures = told(cast, "renegotiations")
    assert counted(figures) == {
        "in-time": {"kept": 1, "moved": 1},
        "too-late": {"kept": 0, "moved": 1},
        "never-told": {"kept": 0, "moved": 1},
    }
    assert str(figures.finding) == "Promises moved: 3 of 4 (75 %). Kept after that: 1."


def test_a_warning_is_scored_by_what_was_done_after_it_and_before_it_was_due(cast: Cast) -> None:
    saved, lost, unwarned = (cast.promised(minutes=60) for _ in range(3))
    with cast.sessions.begin() as session:
        for number in (saved, lost):
            warning = Event(
                commitment_id=number, at=cast.clock.now, kind=EventKind.WARNED, due_version=1, facts={}
            )
            session.add(warning)
        commitments.reassign(
            session,
            session.get_one(Commitment, saved),
            by=None,
            to=session.get_one(Person, cast.ben.id),
            reason="x",
            now=cast.clock.forward(1),
        )
    cast.clock.forward(30)
    finish(cast, saved, tried=True)
    finish(cast, unwarned)
    cast.clock.forward(60)
    finish(cast, lost)
    figures = told(cast, "warnings")
    assert counted(figures) == {
        "reassigned": {"saved": 1, "warned": 1},
        "nothing": {"saved": 0, "warned": 1},
    }
    assert str(figures.finding) == "Promises at risk that were saved: 1 of 2 (50 %)."


def test_causes_count_what_was_confirmed_and_what_waits(cast: Cast) -> None:
    for cause in (Cause.DEMAND_SPIKE, Cause.DEMAND_SPIKE, Cause.OTHER):
        review(cast, missed(cast), cause=cause)
    missed(cast)
    assert counted(told(cast, "causes")) == {
        "demand spike": {"missed": 2}, "other": {"missed": 1}, "waiting": {"missed": 1},
    }  # fmt: skip


def test_texts_are_counted_by_their_fate(cast: Cast) -> None:
    for _ in range(4):
        cast.promised()
    cast.promised(owner=cast.zoe)
    fates = (MessageStatus.DELIVERED, MessageStatus.FAILED, MessageStatus.UNKNOWN, MessageStatus.SENT)
    with cast.sessions.begin() as session:
        for text, fate in zip(session.scalars(select(Message).order_by(Message.id)), fates, strict=False):
            text.status, text.send_after = fate, None
    figures = told(cast, "texts")
    assert counted(figures)["promised"] == {
        "texts": 4, "arrived": 1, "under-way": 1, "not-delivered": 1, "unknown": 1, "not-sent": 0,
    }  # fmt: skip
    assert "Texts that arrived, of those whose fate is decided: 1 of 3 (33 %)." in str(figures.finding)


def test_feedback_is_counted_by_score(cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions.begin() as session:
        for kept, score in ((True, 5), (None, 5), (False, 1), (False, None)):
            session.add(Feedback(commitment_id=number, at=TWO, kept=kept, score=score))
    figures = told(cast, "feedback")
    assert counted(figures) == {
        "5": {"answers": 2, "kept": 1, "not-kept": 0},
        "1": {"answers": 1, "kept": 0, "not-kept": 1},
        "none": {"answers": 1, "kept": 0, "not-kept": 1},
    }
    assert str(figures.finding).startswith(
        "3.7 of 5 on average; scores: 3. Said that we had not kept our word: 2"
    )


def test_every_kind_of_text_has_a_name() -> None:
    assert set(KINDS) == set(TextKind)


@pytest.mark.parametrize("name", REPORTS)
def test_no_report_tells_of_another_team(cast: Cast, name: str) -> None:
    number = missed(cast, owner=cast.zoe)
    with cast.sessions.begin() as session:
        session.add(Feedback(commitment_id=number, at=TWO, kept=True, score=5))
        session.add(Event(commitment_id=number, at=TWO, kind=EventKind.WARNED, due_version=1, facts={}))
    assert told(cast, name).empty
    if name != "renegotiations":
        assert not told(cast, name, cast.ada).empty
