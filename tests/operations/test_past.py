"""The rows behind the advice: what was promised, what became of it, and when."""

from tests.cast import TWO, Cast
from tests.operations.past import Promise, kept, later, remember
from tracker import commitments, past
from tracker.caselog import Case
from tracker.policy import advice
from tracker.policy.calendars.spans import micros
from tracker.policy.outcomes import Disposition, Outcome


def test_a_duplicate_says_nothing(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        first = cast.promise(session, kind="refund")
        again = cast.promise(session, kind="refund")
        commitments.close(
            session, again, by=session.merge(cast.ana), outcome=Outcome.DUPLICATE, now=TWO, duplicate_of=first
        )
        (seen,) = past.seen(session, [(advice.TEAM_KIND, cast.care.id, "refund")], now=TWO)
    assert seen.closed == []


def test_a_reopened_promise_began_anew(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        promise = cast.promise(session)
        ana = session.merge(cast.ana)
        commitments.log_attempt(session, promise, by=ana, disposition=Disposition.REACHED, now=later(0.1))
        commitments.close(session, promise, by=ana, outcome=Outcome.FULFILLED, now=later(0.1))
        commitments.reopen(
            session, promise, by=ana, reason="it came back", due_at=later(30), told=True, now=later(20)
        )
        commitments.log_attempt(session, promise, by=ana, disposition=Disposition.REACHED, now=later(21))
        commitments.close(session, promise, by=ana, outcome=Outcome.FULFILLED, now=later(21))
        of_kind = (advice.TEAM_KIND, cast.care.id, "callback")
        (seen,) = past.seen(session, [of_kind], now=later(22))
        (case,) = past.cases(session, cast.care.id)
    assert seen.closed == [(micros(later(20)), micros(later(21)), True)]
    assert (case.opened_at, case.done_at) == (later(20), later(21))


def test_a_team_s_promises_are_a_log_that_tells_what_was_withdrawn_and_no_duplicate(cast: Cast) -> None:
    end = later(-1)
    remember(
        cast,
        Promise(cast.ana, "refund", later(-4), end),
        Promise(cast.ben, "refund", later(-3), end, outcome=Outcome.CANCELLED),
    )
    with cast.sessions.begin() as session:
        first, again = cast.promise(session, kind="visit"), cast.promise(session, kind="visit")
        commitments.close(
            session, again, by=session.merge(cast.ana), outcome=Outcome.DUPLICATE, now=TWO, duplicate_of=first
        )
        log = past.cases(session, cast.care.id)
    assert log == [
        Case(later(-4), end, str(cast.ana.id), "refund", "", case_id="1"),
        Case(later(-3), None, str(cast.ben.id), "refund", "", case_id="2", withdrawn_at=end),
        Case(TWO, None, str(cast.ana.id), "visit", "", case_id=str(first.id)),
    ]


def test_a_kind_that_is_no_longer_on_offer_counts_among_the_owners_promises(cast: Cast) -> None:
    remember(cast, *kept(cast.ana, 1, 20, "survey"), Promise(cast.ana, "survey", later(-1), None))
    with cast.sessions() as session:
        (seen,) = past.seen(session, [(advice.OWNER, cast.ana.id, None)], now=TWO)
    assert (len(seen.closed), seen.open_count) == (20, 1)


def test_what_was_promised_after_a_moment_was_not_open_then(cast: Cast) -> None:
    remember(cast, *(Promise(cast.ana, "refund", later(-hours), None) for hours in (1, 2, 3)))
    with cast.sessions() as session:
        (seen,) = past.seen(session, [(advice.TEAM, cast.care.id, None)], now=later(-1.5))
    assert (sorted(seen.open), seen.open_count) == ([micros(later(-3)), micros(later(-2))], 2)
