"""A miss is looked at once, with the cause that the rows speak for."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from tests.cast import TWO, Cast
from tests.operations.past import Promise, write
from tracker import commitments, reviewing
from tracker.model import Absence, Commitment, Customer, Message, MessageStatus, Person, Review
from tracker.policy.causes import Cause, Finding, findings
from tracker.policy.checks import Conflict, NotFound, Refused
from tracker.policy.outcomes import Disposition, Outcome


def missed(cast: Cast, *, minutes: float = 30, late: float = 10, **changes: object) -> int:
    """A promise that is fulfilled so many minutes late."""
    number = cast.promised(minutes=minutes, **changes)
    now = cast.clock.forward(minutes + late)
    with cast.sessions.begin() as session:
        commitment = session.get_one(Commitment, number)
        by = commitment.owner
        commitments.log_attempt(session, commitment, by=by, disposition=Disposition.REACHED, now=now)
        commitments.close(session, commitment, by=by, outcome=Outcome.FULFILLED, now=now)
    return number


def review(cast: Cast, number: int, by: Person | None = None, **changes: object) -> None:
    given: dict[str, object] = {
        "cause": Cause.NOT_ATTEMPTED,
        "done_for_customer": "an apology and the call",
        "change": "reminders half an hour before",
        **changes,
    }
    with cast.sessions.begin() as session:
        reviewer = session.get_one(Person, (by or cast.sue).id)
        reviewing.review(session, number, by=reviewer, now=cast.clock.now, **given)  # type: ignore[arg-type]  # as named


def proposed(cast: Cast, number: int) -> tuple[Cause, str]:
    first = _findings(cast, number)[0]
    return first.cause, str(first.why)


def queue(cast: Cast, viewer: Person) -> list[int]:
    with cast.sessions() as session:
        numbers = [each.id for each in session.scalars(reviewing.waiting(viewer))]
        assert reviewing.how_many_wait(session, viewer) == len(numbers)
    return numbers


def test_the_queue_holds_what_was_missed_in_the_own_team_the_oldest_first(cast: Cast) -> None:
    first, second = missed(cast), missed(cast)
    theirs = missed(cast, owner=cast.zoe)
    missed(cast, late=-5)  # that one was kept
    assert queue(cast, cast.sue) == [first, second]
    assert queue(cast, cast.ada) == [first, second, theirs]
    review(cast, first)
    assert queue(cast, cast.sue) == [second]


def test_a_second_review_is_refused_with_who_was_first(cast: Cast) -> None:
    number = missed(cast)
    review(cast, number)
    with pytest.raises(Conflict, match="Sue May reviewed it before you, with the cause not attempted"):
        review(cast, number, by=cast.ada, cause=Cause.OTHER)
    with cast.sessions() as session:
        assert [each.cause for each in session.scalars(select(Review))] == [Cause.NOT_ATTEMPTED]


@pytest.mark.parametrize("lacking", ["done_for_customer", "change"])
def test_a_review_says_what_was_done_and_what_we_change(cast: Cast, lacking: str) -> None:
    number = missed(cast)
    with pytest.raises(Refused) as refused:
        review(cast, number, **{lacking: " "})  # type: ignore[arg-type]  # never `by`
    assert refused.value.field == lacking


def test_only_a_miss_of_the_own_team_is_reviewed(cast: Cast) -> None:
    with pytest.raises(Refused, match="Only a promise that was missed"):
        review(cast, cast.promised())
    with pytest.raises(NotFound):
        review(cast, missed(cast, owner=cast.zoe))


def test_nobody_having_tried_is_proposed_from_the_rows(cast: Cast) -> None:
    assert proposed(cast, missed(cast)) == (Cause.NOT_ATTEMPTED, "Nobody tried before it was due.")


def test_an_owner_who_was_away_is_named_even_after_it_was_handed_over(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.add(Absence(person_id=cast.ana.id, starts_at=TWO - timedelta(days=1)))
    number = cast.promised(minutes=90)
    cast.tick(minutes=155)
    with cast.sessions.begin() as session:
        commitment = session.get_one(Commitment, number)
        assert commitment.owner_id != cast.ana.id, "the ladder hands it over an hour late"
        commitments.close(
            session, commitment, by=None, outcome=Outcome.WITHDRAWN, reference="x", now=cast.clock.now
        )
    assert (Cause.OWNER_ABSENT, "Ana Ruiz was not at work in the hour before it was due.") in [
        (each.cause, str(each.why)) for each in _findings(cast, number)
    ]


def test_an_owner_who_was_away_is_no_namesake_of_theirs(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.ben.id).name = "Zed Ali"
        session.get_one(Person, cast.ana.id).name = "Zed Ali"
        session.add(Absence(person_id=cast.ben.id, starts_at=TWO - timedelta(days=1)))
    number = cast.promised(owner=cast.ben, minutes=90)
    cast.tick(minutes=155)
    with cast.sessions.begin() as session:
        commitment = session.get_one(Commitment, number)
        assert commitment.owner_id == cast.ana.id
        commitments.close(
            session, commitment, by=None, outcome=Outcome.WITHDRAWN, reference="x", now=cast.clock.now
        )
    assert Cause.OWNER_ABSENT in [each.cause for each in _findings(cast, number)]


def _findings(cast: Cast, number: int) -> list[Finding]:
    with cast.sessions() as session:
        return findings(reviewing.evidence(session, session.get_one(Commitment, number)))


def test_steps_that_fired_late_tell_that_the_system_was_down(cast: Cast) -> None:
    number = cast.promised(minutes=60)
    cast.tick(minutes=90)
    with cast.sessions.begin() as session:
        commitment = session.get_one(Commitment, number)
        commitments.close(
            session, commitment, by=None, outcome=Outcome.WITHDRAWN, reference="x", now=cast.clock.now
        )
    assert proposed(cast, number) == (
        Cause.SYSTEM_DOWN,
        "A step fired 45 min after its time: no worker was running.",
    )


def test_a_text_that_did_not_arrive_is_found(cast: Cast) -> None:
    number = missed(cast)
    with cast.sessions.begin() as session:
        text = session.scalars(
            select(Message).where(Message.commitment_id == number).order_by(Message.id).limit(1)
        ).one()
        text.status, text.send_after, text.lease_until = MessageStatus.UNDELIVERED, None, None
    assert proposed(cast, number)[0] is Cause.TEXT_NOT_DELIVERED


def test_a_spike_is_many_more_than_that_hour_brings_on_other_days(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        maria = session.get_one(Customer, cast.maria.id)
        hour = TWO + timedelta(minutes=30)
        before = [
            Promise(cast.ben, "visit", hour - timedelta(days=day, hours=2), None, hour - timedelta(days=day))
            for day in (1, 2, 3)
        ]
        now = [Promise(cast.ben, "visit", hour - timedelta(hours=2), None, hour) for _ in range(8)]
        write(session, maria, [*before, *now])
    cause, why = proposed(cast, missed(cast, minutes=30))
    assert cause is Cause.DEMAND_SPIKE
    assert why == "9 promises of the team were due in that hour; usually it is 1.0."


def test_what_such_promises_usually_take_tells_that_too_much_was_promised(cast: Cast) -> None:
    def history(hours: float) -> list[Promise]:
        made = [TWO - timedelta(days=3) - timedelta(minutes=20 * n) for n in range(40)]
        return [Promise(cast.ana, "refund", at, at + timedelta(hours=hours)) for at in made]

    with cast.sessions.begin() as session:
        write(session, session.get_one(Customer, cast.maria.id), history(30))
    cause, why = proposed(cast, missed(cast, minutes=20, kind="refund"))
    assert cause is Cause.OVER_PROMISED
    assert why.startswith("The advice gave it a chance of ")


def test_without_a_history_nobody_is_blamed_for_promising_too_much(cast: Cast) -> None:
    assert Cause.OVER_PROMISED not in [each.cause for each in _findings(cast, missed(cast, minutes=1))]


def test_causes_of_the_last_four_weeks_recur(cast: Cast) -> None:
    old = missed(cast)
    review(cast, old, cause=Cause.OTHER)
    cast.clock.forward(28 * 24 * 60)
    for _ in range(2):
        review(cast, missed(cast, kind="refund"), cause=Cause.OVER_PROMISED)
    with cast.sessions() as session:
        found = reviewing.causes_that_recur(session, cast.sue, now=cast.clock.now)
    assert [(each.cause, each.of, each.hits, each.total) for each in found] == [
        (Cause.OVER_PROMISED, "kind", 2, 2),
        (Cause.OVER_PROMISED, "owner", 2, 2),
    ]


def test_of_two_reviews_at_the_same_moment_one_is_kept(cast: Cast) -> None:
    number, meet, refused = missed(cast), Barrier(2), list[str]()

    def work(by: Person, cause: Cause) -> None:
        meet.wait()
        try:
            review(cast, number, by=by, cause=cause)
        except Conflict as problem:
            refused.append(str(problem))

    threads = [
        Thread(target=work, args=each) for each in ((cast.sue, Cause.OTHER), (cast.ada, Cause.DEMAND_SPIKE))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with cast.sessions() as session:
        kept = session.scalars(select(Review)).one()
    assert len(refused) == 1
    cause = {Cause.OTHER: "something else", Cause.DEMAND_SPIKE: "demand spike"}[kept.cause]
    assert refused[0].endswith(f"with the cause {cause}: nothing was saved.")
