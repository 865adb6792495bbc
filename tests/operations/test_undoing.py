"""A slip is taken back for ten seconds, and leaves no trace in the evidence."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.cast import Cast
from tracker import commitments, undoing
from tracker.evidence import gather
from tracker.model import Attempt, Commitment, Event, EventKind, Message, MessageStatus, Person
from tracker.policy.checks import Refused
from tracker.policy.outcomes import Disposition, Outcome, Verdict

SECOND = 1 / 60


def act(cast: Cast, number: int, do: Callable[..., object], by: str = "ana", **facts: object) -> None:
    """Somebody does it now, in a transaction of its own."""
    with cast.sessions.begin() as session:
        person = session.get_one(Person, getattr(cast, by).id)
        do(session, commitments.find(session, number, by=person), by=person, now=cast.clock.now, **facts)


def tried(cast: Cast, number: int, disposition: Disposition = Disposition.NO_ANSWER) -> None:
    act(cast, number, commitments.log_attempt, disposition=disposition)


def undo(cast: Cast, number: int, by: str = "ana") -> None:
    act(cast, number, undoing.undo, by)


def texts(cast: Cast, kind: str) -> list[MessageStatus]:
    with cast.sessions() as session:
        return list(session.scalars(select(Message.status).where(Message.kind == kind).order_by(Message.id)))


@pytest.fixture
def number(cast: Cast) -> int:
    """A promise that was made an hour ago, its first text gone."""
    number = cast.promised(minutes=120)
    cast.tick(60)
    return number


def test_an_attempt_taken_back_is_no_evidence_and_its_text_never_leaves(cast: Cast, number: int) -> None:
    tried(cast, number)
    cast.clock.forward(5 * SECOND)
    cast.tick()
    undo(cast, number)
    cast.tick(60)
    assert "unreached to Maria" not in cast.texts()
    with cast.sessions() as session:
        commitment = session.get_one(Commitment, number)
        assert gather(session, [commitment])[number].unanswered == 0
        assert session.scalars(select(Attempt)).one().undone_at is not None
        kinds = session.scalars(
            select(Event.kind).where(Event.person_id.is_not(None)).order_by(Event.id)
        ).all()
        assert kinds[-1] is EventKind.UNDONE


def test_a_real_try_after_one_taken_back_tells_the_customer(cast: Cast, number: int) -> None:
    tried(cast, number)
    undo(cast, number)
    cast.clock.forward(1)
    tried(cast, number)
    cast.tick(1)
    assert cast.texts().count("unreached to Maria") == 1


def test_tries_taken_back_do_not_count_towards_giving_up(cast: Cast, number: int) -> None:
    for _ in range(3):
        tried(cast, number)
        undo(cast, number)
        cast.clock.forward(1)
    with pytest.raises(Refused, match="so far: 0 of 3"):
        act(cast, number, commitments.close, outcome=Outcome.UNREACHABLE)


def test_a_close_taken_back_leaves_it_as_it_was_and_its_texts_go_out_after_all(cast: Cast) -> None:
    number = cast.promised(minutes=120)
    with cast.sessions() as session:
        before = session.get_one(Commitment, number)
    cast.clock.forward(1)
    act(cast, number, commitments.close, outcome=Outcome.WITHDRAWN, reference="no stock")
    assert texts(cast, "promised") == [MessageStatus.SUPPRESSED]
    cast.clock.forward(9 * SECOND)
    undo(cast, number)
    with cast.sessions() as session:
        now = session.get_one(Commitment, number)
        for name in ("outcome", "verdict", "closed_at", "reference", "next_step", "next_step_at", "due_at"):
            assert getattr(now, name) == getattr(before, name), name
    assert texts(cast, "promised") == [MessageStatus.PENDING]
    cast.tick(105)
    assert "reminder to Ana" in cast.texts()


def test_texts_stopped_by_an_earlier_close_stay_stopped(cast: Cast) -> None:
    number = cast.promised(minutes=120)
    act(cast, number, commitments.close, outcome=Outcome.WITHDRAWN, reference="no stock")
    cast.clock.forward(1)
    later = cast.clock.now + (cast.clock.now - cast.clock.now.replace(minute=0)) * 30
    act(cast, number, commitments.reopen, reason="there is some", due_at=later, told=True)
    cast.clock.forward(1)
    act(cast, number, commitments.close, outcome=Outcome.WITHDRAWN, reference="gone again")
    undo(cast, number)
    assert texts(cast, "promised") == [MessageStatus.SUPPRESSED]


def test_reached_and_done_in_one_press_is_taken_back_in_one(cast: Cast, number: int) -> None:
    tried(cast, number, Disposition.REACHED)
    act(cast, number, commitments.close, outcome=Outcome.FULFILLED)
    undo(cast, number)
    with cast.sessions() as session:
        commitment = session.get_one(Commitment, number)
        assert commitment.closed_at is None
        assert gather(session, [commitment])[number].reached_at is None


def test_a_verdict_after_an_undone_try_is_drawn_from_what_is_left(cast: Cast, number: int) -> None:
    tried(cast, number)
    undo(cast, number)
    cast.clock.forward(90)
    tried(cast, number, Disposition.REACHED)
    act(cast, number, commitments.close, outcome=Outcome.FULFILLED)
    with cast.sessions() as session:
        assert session.get_one(Commitment, number).verdict is Verdict.LATE


def test_a_hand_over_taken_back_gives_it_back_and_tells_nobody(cast: Cast, number: int) -> None:
    with cast.sessions.begin() as session:
        ben = session.get_one(Person, cast.ben.id)
        ana = session.get_one(Person, cast.ana.id)
        commitment = commitments.find(session, number, by=ana)
        commitments.reassign(session, commitment, by=ana, to=ben, reason="my shift ends", now=cast.clock.now)
    undo(cast, number)
    cast.tick(1)
    assert "yours_now to Ben" not in cast.texts()
    assert texts(cast, "yours_now") in ([MessageStatus.SUPPRESSED], [])
    with cast.sessions() as session:
        assert session.get_one(Commitment, number).owner_id == cast.ana.id


def test_after_ten_seconds_it_stands(cast: Cast, number: int) -> None:
    tried(cast, number)
    cast.clock.forward(11 * SECOND)
    with pytest.raises(Refused, match="too late"):
        undo(cast, number)


def test_only_who_did_it_takes_it_back(cast: Cast, number: int) -> None:
    tried(cast, number)
    with pytest.raises(Refused, match="nothing of yours"):
        undo(cast, number, by="sue")


def test_nothing_is_taken_back_once_something_else_has_happened(cast: Cast, number: int) -> None:
    tried(cast, number)
    cast.clock.forward(SECOND)
    act(cast, number, commitments.log_attempt, "sue", disposition=Disposition.VOICEMAIL)
    with pytest.raises(Refused, match="nothing of yours"):
        undo(cast, number)


def test_what_was_taken_back_is_not_taken_back_again(cast: Cast, number: int) -> None:
    tried(cast, number)
    undo(cast, number)
    with pytest.raises(Refused, match="nothing of yours"):
        undo(cast, number)


def test_a_new_time_is_not_taken_back(cast: Cast, number: int) -> None:
    due_at = cast.clock.now.replace(hour=17)
    act(cast, number, commitments.revise, due_at=due_at, reason="asked", told=True)
    with pytest.raises(Refused, match="nothing of yours"):
        undo(cast, number)
