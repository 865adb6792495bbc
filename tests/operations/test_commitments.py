"""What people do with a commitment, each in one transaction with its event and its messages."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.cast import TWO, Cast
from tracker import commitments
from tracker.model import Commitment, Customer, Event, Message, MessageStatus, Person, Revision
from tracker.policy.checks import Conflict, NotFound, Refused
from tracker.policy.outcomes import Disposition, Outcome, Verdict

HOUR = timedelta(hours=1)
REACHED, NO_ANSWER = Disposition.REACHED, Disposition.NO_ANSWER


def events(session: Session, number: int) -> list[str]:
    found = select(Event.kind).where(Event.commitment_id == number).order_by(Event.id)
    return [kind.value for kind in session.scalars(found)]


def pending(session: Session, number: int) -> list[str]:
    waiting = select(Message.kind).where(
        Message.commitment_id == number, Message.status == MessageStatus.PENDING
    )
    return list(session.scalars(waiting.order_by(Message.id)))


def test_a_promise_starts_on_its_ladder_with_an_event_and_a_confirmation(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        made = cast.promise(session)
    assert (made.due_at, made.first_due_at, made.due_version) == (TWO + HOUR, TWO + HOUR, 1)
    assert made.next_step_at == TWO + timedelta(minutes=45)
    with cast.sessions() as session:
        assert events(session, made.id) == ["made"]
        assert pending(session, made.id) == ["promised"]


def test_a_colleague_for_whom_it_is_made_is_told(cast: Cast) -> None:
    number = cast.promised(by=cast.ana, owner=cast.ben)
    with cast.sessions() as session:
        assert pending(session, number) == ["promised", "yours_now"]


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"due_at": TWO}, "due_at", "has passed"),
        ({"due_at": TWO - HOUR}, "due_at", "has passed"),
        ({"due_at": TWO.replace(tzinfo=None) + HOUR}, "due_at", "has no zone"),
        ({"due_at": TWO + timedelta(days=400)}, "due_at", "more than a year"),
        ({"topic": " \n "}, "topic", "The topic is missing"),
        ({"topic": "x" * 201}, "topic", "201 characters; 200 is the most"),
        ({"topic": "a\x00b"}, "topic", "The topic"),
        ({"kind": "song"}, "kind", "There is no kind 'song'"),
    ],
)
def test_what_makes_no_promise_is_refused_and_nothing_is_written(
    cast: Cast, wrong: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence) as refused, cast.sessions.begin() as session:
        cast.promise(session, **wrong)
    assert refused.value.field == field
    with cast.sessions() as session:
        assert session.scalars(select(Commitment)).all() == []
        assert session.scalars(select(Message)).all() == []


def test_an_owner_of_another_team_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="Zoe Fox is not in Care"):
        cast.promised(owner=cast.zoe, team=cast.care)


def test_somebody_who_left_owns_nothing_new(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.ben.id).active = False
    with cast.sessions.begin() as session:
        cast.ben = session.get_one(Person, cast.ben.id)
    with pytest.raises(Refused, match="does not work here any more"):
        cast.promised(owner=cast.ben)


def test_a_revision_moves_the_due_time_openly_and_starts_the_ladder_again(cast: Cast) -> None:
    number = cast.promised()
    cast.clock.forward(10)
    with cast.sessions.begin() as session:
        commitment = commitments.find(session, number, by=cast.ana)
        commitments.revise(
            session, commitment, by=cast.ana, due_at=TWO + 2 * HOUR, reason="the bank closes at three",
            told=True, now=cast.clock.now,
        )  # fmt: skip
    with cast.sessions() as session:
        moved = session.get_one(Commitment, number)
        assert (moved.first_due_at, moved.due_at, moved.due_version) == (TWO + HOUR, TWO + 2 * HOUR, 2)
        assert moved.next_step_at == TWO + timedelta(minutes=105)
        assert events(session, number) == ["made", "revised"]
        assert pending(session, number) == ["renegotiated"], "the confirmation of the old time must not leave"


def test_a_closed_commitment_is_not_revised_tried_handed_over_or_closed_again(cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions.begin() as session:
        commitment = commitments.find(session, number, by=cast.ana)
        commitments.close(
            session, commitment, by=cast.ana, outcome=Outcome.WITHDRAWN, reference="sold out", now=TWO
        )
    with cast.sessions() as session:
        closed = commitments.find(session, number, by=cast.ana)
        ben = session.get_one(Person, cast.ben.id)
        with pytest.raises(Refused, match="reopen it to move it"):
            commitments.revise(
                session, closed, by=cast.ana, due_at=TWO + HOUR, reason="x", told=True, now=TWO
            )
        with pytest.raises(Refused, match="reopen it to log an attempt"):
            commitments.log_attempt(session, closed, by=cast.ana, disposition=REACHED, now=TWO)
        with pytest.raises(Refused, match="reopen it to hand it over"):
            commitments.reassign(session, closed, by=cast.ana, to=ben, reason="x", now=TWO)
        with pytest.raises(Refused, match="reopen it to close"):
            commitments.close(session, closed, by=cast.ana, outcome=Outcome.FULFILLED, now=TWO)


def test_handing_over_tells_the_new_owner_and_stays_in_the_team(cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions.begin() as session:
        commitment = commitments.find(session, number, by=cast.ana)
        to, stranger = session.get_one(Person, cast.ben.id), session.get_one(Person, cast.zoe.id)
        with pytest.raises(Refused, match="Zoe Fox is not in Care"):
            commitments.reassign(session, commitment, by=cast.ana, to=stranger, reason="x", now=TWO)
        commitments.reassign(session, commitment, by=cast.ana, to=to, reason="lunch", now=TWO)
    with cast.sessions() as session:
        assert session.get_one(Commitment, number).owner_id == cast.ben.id
        assert pending(session, number) == ["promised", "yours_now"]


def test_only_the_first_unanswered_try_texts_the_customer(cast: Cast) -> None:
    number = cast.promised()
    for _ in range(3):
        with cast.sessions.begin() as session:
            commitment = commitments.find(session, number, by=cast.ana)
            commitments.log_attempt(
                session, commitment, by=cast.ana, disposition=NO_ANSWER, now=cast.clock.forward(5)
            )
    with cast.sessions() as session:
        assert pending(session, number) == ["promised", "unreached"]


def test_a_callback_is_fulfilled_only_by_reaching_the_customer(cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions() as session:
        commitment = commitments.find(session, number, by=cast.ana)
        with pytest.raises(Refused, match="Log the attempt that reached"):
            commitments.close(
                session, commitment, by=cast.ana, outcome=Outcome.FULFILLED, reference="I swear", now=TWO
            )
        commitments.log_attempt(session, commitment, by=cast.ana, disposition=REACHED, now=TWO)
        commitments.close(session, commitment, by=cast.ana, outcome=Outcome.FULFILLED, now=TWO)
        assert commitment.verdict is Verdict.KEPT_ON_TIME


def test_closing_stops_everything_that_has_not_left(cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions.begin() as session:
        commitment = commitments.find(session, number, by=cast.ana)
        commitments.log_attempt(session, commitment, by=cast.ana, disposition=REACHED, now=TWO)
        commitments.close(session, commitment, by=cast.ana, outcome=Outcome.FULFILLED, now=TWO)
    cast.tick()
    cast.tick(minutes=48 * 60)
    assert cast.wire.sent == []


def test_a_duplicate_names_the_earlier_promise_that_is_scored_instead(
    cast: Cast, sessions: sessionmaker[Session]
) -> None:
    first = cast.promised(minutes=30)
    second = cast.promised(minutes=60)
    with sessions() as session:
        earlier = commitments.find(session, first, by=cast.ana)
        later = commitments.find(session, second, by=cast.ana)

        def double(commitment: Commitment, of: Commitment | None) -> None:
            commitments.close(
                session, commitment, by=cast.ana, outcome=Outcome.DUPLICATE, duplicate_of=of, now=TWO
            )

        with pytest.raises(Refused, match="Name the other promise"):
            double(later, None)
        with pytest.raises(Refused, match="Name the other promise"):
            double(later, later)
        with pytest.raises(Refused, match="does not cover"):
            double(earlier, later)
        double(later, earlier)
        assert later.verdict is Verdict.NOT_COUNTED


def test_a_broken_promise_cannot_hide_as_the_duplicate_of_one_made_to_somebody_else(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        other = Customer(
            name="Jo", given_name="Jo", phone="+447700900199", zone="UTC", language="en", made_at=TWO
        )
        session.add(other)
    theirs, hers = cast.promised(customer=other), cast.promised()
    with cast.sessions() as session, pytest.raises(Refused, match="made to somebody else"):
        commitments.close(
            session,
            commitments.find(session, hers, by=cast.ana),
            by=cast.ana,
            outcome=Outcome.DUPLICATE,
            duplicate_of=commitments.find(session, theirs, by=cast.ana),
            now=TWO,
        )


def test_what_did_not_hold_is_reopened_with_a_new_time_and_stays_missed(cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions.begin() as session:
        commitment = commitments.find(session, number, by=cast.ana)
        commitments.log_attempt(session, commitment, by=cast.ana, disposition=REACHED, now=TWO)
        commitments.close(session, commitment, by=cast.ana, outcome=Outcome.FULFILLED, now=TWO)
    now = cast.clock.forward(120)
    with cast.sessions.begin() as session:
        commitment = commitments.find(session, number, by=cast.sue)
        commitments.reopen(
            session, commitment, by=cast.sue, reason="no money came", due_at=now + HOUR, told=True, now=now
        )
    with cast.sessions.begin() as session:
        commitment = commitments.find(session, number, by=cast.ana)
        assert commitment.verdict is None
        assert commitment.next_step_at is not None
        with pytest.raises(Refused, match="Log the attempt"):
            commitments.close(session, commitment, by=cast.ana, outcome=Outcome.FULFILLED, now=now)
        now = cast.clock.forward(30)
        commitments.log_attempt(session, commitment, by=cast.ana, disposition=REACHED, now=now)
        commitments.close(session, commitment, by=cast.ana, outcome=Outcome.FULFILLED, now=now)
        assert commitment.verdict is Verdict.LATE
        assert events(session, number) == ["made", "attempted", "closed", "reopened", "revised",
                                           "attempted", "closed"]  # fmt: skip


def test_an_open_commitment_is_not_reopened(cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions() as session, pytest.raises(Refused, match="is open"):
        commitments.reopen(
            session, commitments.find(session, number, by=cast.ana), by=cast.ana, reason="x",
            due_at=TWO + HOUR, told=True, now=TWO,
        )  # fmt: skip


def test_the_loser_of_a_race_learns_of_it(cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions() as session:
        seen = session.get_one(Commitment, number).version
    with cast.sessions.begin() as session:
        commitment = commitments.find(session, number, by=cast.ben, seen=seen)
        ben = session.get_one(Person, cast.ben.id)
        commitments.reassign(session, commitment, by=cast.ben, to=ben, reason="I know her", now=TWO)
    with cast.sessions.begin() as session, pytest.raises(Conflict, match="Somebody else changed"):
        commitments.find(session, number, by=cast.ana, seen=seen)


def test_a_reminder_that_climbs_meanwhile_is_no_reason_to_refuse_the_agent(cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions() as session:
        seen = session.get_one(Commitment, number).version
    cast.tick(minutes=60)
    with cast.sessions.begin() as session:
        commitments.find(session, number, by=cast.ana, seen=seen)


def test_another_teams_promises_do_not_exist_for_an_agent(cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions() as session:
        with pytest.raises(NotFound):
            commitments.find(session, number, by=cast.zoe)
        assert commitments.find(session, number, by=cast.ada).id == number


def test_a_new_time_counts_as_agreed_from_when_its_text_has_left(cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions.begin() as session:
        commitments.revise(
            session, commitments.find(session, number, by=cast.ana), by=cast.ana, due_at=TWO + 2 * HOUR,
            reason="waiting for the bank", told=False, now=TWO,
        )  # fmt: skip
    with cast.sessions() as session:
        assert session.scalars(select(Revision)).one().told_at is None
    cast.tick(minutes=5)
    with cast.sessions() as session:
        assert session.scalars(select(Revision)).one().told_at == cast.clock.now
