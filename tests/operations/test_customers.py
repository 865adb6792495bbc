"""What customers do without us: another time, a note, and how it went."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import TWO, Cast
from tracker import commitments, customers
from tracker.audit import audit
from tracker.model import Commitment, Event, EventKind, Feedback, Message, MessageStatus, Revision
from tracker.policy.checks import Conflict, Refused
from tracker.policy.outcomes import Disposition, Outcome, Verdict

NIGHT = TWO.replace(hour=23)
MORNING = TWO.replace(day=20, hour=9)


def of(session: Session, number: int) -> Commitment:
    return session.get_one(Commitment, number)


def fulfilled(cast: Cast) -> int:
    """A promise that Ana has kept, half an hour later."""
    number = cast.promised()
    at = cast.clock.forward(30)
    with cast.sessions.begin() as session:
        commitment, ana = of(session, number), session.merge(cast.ana, load=False)
        commitments.log_attempt(session, commitment, by=ana, disposition=Disposition.REACHED, now=at)
        commitments.close(session, commitment, by=ana, outcome=Outcome.FULFILLED, now=at)
    return number


def offered(cast: Cast, number: int) -> list[datetime]:
    with cast.sessions() as session:
        return customers.better_times(session, of(session, number), now=cast.clock.now)


def choose(cast: Cast, number: int, at: datetime, seen: int = 1) -> None:
    with cast.sessions.begin() as session:
        customers.choose_time(session, of(session, number), at=at, seen=seen, now=cast.clock.now)


def judge(cast: Cast, number: int, **said: object) -> None:
    with cast.sessions.begin() as session:
        customers.judge(session, of(session, number), now=cast.clock.now, **said)  # type: ignore[arg-type]  # as named


def counted(cast: Cast, what: type[Revision | Feedback | Event], **where: object) -> int:
    with cast.sessions() as session:
        return session.scalar(select(func.count()).select_from(what).filter_by(**where)) or 0


def pending(cast: Cast) -> list[tuple[str, datetime | None]]:
    with cast.sessions() as session:
        rows = select(Message).where(Message.status == MessageStatus.PENDING).order_by(Message.id)
        return [(f"{each.kind} to {each.recipient}", each.send_after) for each in session.scalars(rows)]


def test_what_is_offered_lies_ahead_in_working_hours_and_is_not_what_is_promised(cast: Cast) -> None:
    number = cast.promised()
    times = offered(cast, number)
    assert len(times) == 6
    assert all(at > TWO + timedelta(hours=1) and 10 <= at.hour <= 21 and at.weekday() < 6 for at in times)


def test_a_time_that_the_customer_chooses_is_promised_and_only_the_owner_is_texted(cast: Cast) -> None:
    number = cast.promised()
    cast.tick()
    later = offered(cast, number)[1]
    choose(cast, number, later)
    cast.tick()
    assert cast.texts() == ["promised to Maria", "chosen to Ana"]
    assert cast.wire.sent[-1].body.startswith("Customer chose: callback ")
    with cast.sessions() as session:
        assert of(session, number).due_at == later
        assert session.scalars(select(Revision.told_at)).all() == [cast.clock.now]


def test_a_chosen_time_that_is_met_counts_as_renegotiated(cast: Cast) -> None:
    number = cast.promised()
    later = offered(cast, number)[0]
    choose(cast, number, later)
    with cast.sessions.begin() as session:
        commitment, ana = of(session, number), session.merge(cast.ana, load=False)
        commitments.log_attempt(session, commitment, by=ana, disposition=Disposition.REACHED, now=later)
        commitments.close(session, commitment, by=ana, outcome=Outcome.FULFILLED, now=later)
        assert commitment.verdict is Verdict.KEPT_AS_RENEGOTIATED


def test_the_same_choice_twice_is_one(cast: Cast) -> None:
    number = cast.promised()
    later = offered(cast, number)[0]
    choose(cast, number, later)
    choose(cast, number, later)
    assert counted(cast, Revision) == 1


def test_of_two_windows_the_second_is_told_that_the_time_was_changed(cast: Cast) -> None:
    number = cast.promised()
    first, second = offered(cast, number)[:2]
    choose(cast, number, first)
    with pytest.raises(Conflict, match="changed meanwhile"):
        choose(cast, number, second)
    assert counted(cast, Revision) == 1


def test_a_time_that_was_not_offered_is_refused(cast: Cast) -> None:
    number = cast.promised()
    with pytest.raises(Refused, match="no longer free"):
        choose(cast, number, TWO.replace(day=22, hour=3))
    assert counted(cast, Revision) == 0


def test_a_choice_made_at_night_wakes_nobody(cast: Cast) -> None:
    number = cast.promised(minutes=24 * 60)
    cast.tick()
    cast.clock.now = NIGHT
    choose(cast, number, offered(cast, number)[0])
    assert pending(cast) == [(f"chosen to person:{cast.ana.id}", MORNING)]


def test_a_note_reaches_the_owner_once(cast: Cast) -> None:
    number = cast.promised()
    for _ in range(2):
        with cast.sessions.begin() as session:
            customers.leave_note(session, of(session, number), text=" ring\ntwice ", now=TWO)
    with cast.sessions() as session:
        replied = select(Event.facts).where(Event.kind == EventKind.REPLIED)
        assert session.scalars(replied).all() == [{"text": "ring twice"}]


def test_who_got_what_they_were_promised_is_asked_a_little_later_whether_it_was_kept(cast: Cast) -> None:
    fulfilled(cast)
    cast.tick(minutes=4)
    assert cast.texts() == []
    cast.tick(minutes=1)
    assert cast.texts() == ["kept_it to Maria"]
    assert "did we keep our promise" in cast.wire.sent[0].body
    with cast.sessions() as session:
        assert audit(session, now=cast.clock.now).findings == ()


@pytest.mark.parametrize("outcome", [Outcome.CANCELLED, Outcome.WITHDRAWN, Outcome.UNREACHABLE])
def test_who_did_not_is_not_asked(cast: Cast, outcome: Outcome) -> None:
    number = cast.promised()
    with cast.sessions.begin() as session:
        commitment, ana = of(session, number), session.merge(cast.ana, load=False)
        for _ in range(3):
            commitments.log_attempt(session, commitment, by=ana, disposition=Disposition.NO_ANSWER, now=TWO)
        commitments.close(session, commitment, by=ana, outcome=outcome, reference="they wrote", now=TWO)
    assert pending(cast) == []


def test_a_closing_taken_back_asks_nothing(cast: Cast) -> None:
    number = fulfilled(cast)
    with cast.sessions.begin() as session:
        commitment, ana = of(session, number), session.merge(cast.ana, load=False)
        later = cast.clock.now + timedelta(hours=2)
        commitments.reopen(
            session, commitment, by=ana, reason="too soon", due_at=later, told=True, now=cast.clock.now
        )
    cast.tick(minutes=5)
    assert "kept_it to Maria" not in cast.texts()


def test_a_question_that_had_to_wait_too_long_is_not_asked(cast: Cast) -> None:
    fulfilled(cast)
    cast.tick(minutes=24 * 60)
    assert cast.texts() == []


def test_a_yes_with_a_score_and_a_comment_is_one_judgement(cast: Cast) -> None:
    number = fulfilled(cast)
    judge(cast, number, kept=True)
    judge(cast, number, kept=True)
    judge(cast, number, score=4)
    judge(cast, number, comment="friendly")
    with cast.sessions() as session:
        [said] = session.scalars(select(Feedback))
        assert (said.kept, said.score, said.comment) == (True, 4, "friendly")
        judged = session.scalars(select(Event).where(Event.kind == EventKind.JUDGED).order_by(Event.id)).all()
        assert [(each.facts or {})["text"] for each in judged] == [
            "We kept it.",
            "We kept it. 4 of 5 points.",
            "We kept it. 4 of 5 points. “friendly”",
        ]


def test_a_no_opens_it_again_and_tells_the_owner_the_supervisor_and_the_customer(cast: Cast) -> None:
    number = fulfilled(cast)
    judge(cast, number, kept=False, comment="nobody called", told=True)
    judge(cast, number, kept=False)
    cast.tick()
    assert sorted(cast.texts()) == ["not_kept to Ana", "not_kept to Sue", "renegotiated to Maria"]
    assert counted(cast, Feedback, kept=False) == 1
    with cast.sessions() as session:
        commitment = of(session, number)
        assert commitment.closed_at is None
        assert commitment.due_at == cast.clock.now + timedelta(hours=2)
        assert commitment.reopened_at == cast.clock.now
        assert audit(session, now=cast.clock.now).findings == ()


def test_after_a_no_it_can_be_kept_and_judged_anew(cast: Cast) -> None:
    number = fulfilled(cast)
    judge(cast, number, kept=False)
    at = cast.clock.forward(30)
    with cast.sessions.begin() as session:
        commitment, ana = of(session, number), session.merge(cast.ana, load=False)
        assert customers.latest_judgement(session, commitment) is None
        commitments.log_attempt(session, commitment, by=ana, disposition=Disposition.REACHED, now=at)
        commitments.close(session, commitment, by=ana, outcome=Outcome.FULFILLED, now=at)
        assert customers.latest_judgement(session, commitment) is None
    judge(cast, number, kept=True)
    assert counted(cast, Feedback) == 2


def test_a_no_long_after_the_owner_left_goes_to_somebody_who_is_here(cast: Cast) -> None:
    number = fulfilled(cast)
    with cast.sessions.begin() as session:
        ana = session.merge(cast.ana)
        ana.active = False
    judge(cast, number, kept=False)
    with cast.sessions() as session:
        assert of(session, number).owner_id == cast.ben.id
        assert audit(session, now=cast.clock.now).findings == ()


def test_a_no_at_night_wakes_nobody(cast: Cast) -> None:
    number = fulfilled(cast)
    cast.clock.now = NIGHT
    judge(cast, number, kept=False)
    staff = [each for each in pending(cast) if "person:" in each[0]]
    assert [at for _, at in staff] == [MORNING, MORNING]


def test_what_is_still_open_cannot_be_judged(cast: Cast) -> None:
    number = cast.promised()
    with pytest.raises(Refused, match="we are still on it"):
        judge(cast, number, kept=True)


@pytest.mark.parametrize("said", [{"score": 0}, {"score": 6}, {}, {"comment": " "}])
def test_a_judgement_says_something_that_counts(cast: Cast, said: dict[str, object]) -> None:
    number = fulfilled(cast)
    with pytest.raises(Refused):
        judge(cast, number, **said)
    assert counted(cast, Feedback) == 0


def test_two_presses_at_the_same_moment_count_once(cast: Cast) -> None:
    number = fulfilled(cast)
    together = Barrier(4)

    def press() -> None:
        with cast.sessions.begin() as session:
            commitment = of(session, number)
            together.wait()
            customers.judge(session, commitment, kept=False, now=cast.clock.now)

    def press_in_turn() -> None:  # SQLite lets one writer in at a time: nobody waits inside
        together.wait()
        judge(cast, number, kept=False)

    on_sqlite = cast.sessions.kw["bind"].dialect.name == "sqlite"
    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(press_in_turn if on_sqlite else press) for _ in range(4)]:
            each.result()
    assert counted(cast, Feedback) == 1
    assert counted(cast, Revision) == 1
