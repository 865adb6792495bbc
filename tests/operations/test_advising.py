"""The advice on the page: the policy's own, fed from the rows."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, event

from tests.cast import TWO, Cast
from tests.operations.past import Promise, at_random, write
from tracker import advising, commitments
from tracker.backtest import Case, History
from tracker.model import Person
from tracker.policy import advice
from tracker.policy.calendars import BusinessClock, Calendar, WeeklyHours
from tracker.policy.outcomes import Disposition, Outcome


def later(hours: float) -> datetime:
    return TWO + timedelta(hours=hours)


def ask(cast: Cast, kind: str = "callback", **changes: object) -> advising.Advice:
    given: dict[str, object] = {"team": cast.care, "owner": cast.ana, "now": TWO, "kind": kind, **changes}
    with cast.sessions() as session:
        return advising.advise(session, **given)  # type: ignore[arg-type]  # each has its own type


def remember(cast: Cast, *promises: Promise) -> None:
    with cast.sessions.begin() as session:
        write(session, cast.maria, promises)


def kept(
    owner: Person, hours: float, count: int, kind: str = "callback", **changes: Outcome
) -> list[Promise]:
    """So many promises that took so long each, the last of them closed a minute ago."""
    ends = (TWO - timedelta(minutes=n + 1) for n in range(count))
    return [Promise(owner, kind, end - timedelta(hours=hours), end) for end in ends]


def test_the_first_day_has_advice_and_says_what_it_is_worth(cast: Cast) -> None:
    answer = ask(cast, due_at=later(4))
    assert answer.kept == pytest.approx(0.5)
    assert all(answer.earliest.values())
    assert answer.why == "only 0 done so far: these odds are mostly what is usual elsewhere"


def test_without_a_time_there_is_no_chance_but_times_to_offer(cast: Cast) -> None:
    answer = ask(cast)
    assert answer.kept is None
    assert list(answer.earliest) == [50, 80, 90, 95]


def test_the_reason_speaks_to_its_reader(cast: Cast) -> None:
    remember(cast, *kept(cast.ana, 1, 40, "refund"))
    sentence = "last 40 refunds 40 were done within 3 h of working time; 0 are open"
    due_at = later(3)
    assert ask(cast, "refund", due_at=due_at, reader=cast.ana).why == f"of your {sentence}"
    assert ask(cast, "refund", due_at=due_at, reader=cast.sue).why == f"of Ana Ruiz's {sentence}"
    assert ask(cast, "refund", due_at=due_at, owner=cast.ben).why == f"of Care's {sentence}"


@pytest.mark.parametrize("moment", [TWO, TWO - timedelta(days=20), TWO - timedelta(days=58)])
@pytest.mark.parametrize("count", [60, 900])
def test_the_page_and_the_backtest_advise_the_same(cast: Cast, count: int, moment: datetime) -> None:
    """At any moment of the past as well: what was closed later was open then."""
    past = list(at_random([cast.ana, cast.ben, cast.sue], count, seed=count))
    remember(cast, *past)
    with cast.sessions() as session:
        clock = BusinessClock(advising.team_calendar(session, cast.care), moment)
        history = History(clock)
        cases = [Case(each.made_at, each.closed_at, each.owner.name, each.kind, "") for each in past]
        happenings = [(case.opened_at, number) for number, case in enumerate(cases)]
        happenings += [(case.done_at, number) for number, case in enumerate(cases) if case.done_at]
        for at, number in sorted(happenings):
            if at < moment and at == cases[number].opened_at:
                history.opened(number, cases[number])
            elif at < moment:
                history.done(number, cases[number], at)
        for owner in (cast.ana, cast.ben):
            for kind in ("callback", "refund", "visit", "other"):
                case = Case(moment, None, owner.name, kind, "")
                expected = advice.advise(history.cells(case), clock=clock, now=moment)
                due_at = moment + timedelta(hours=20)
                told = advising.advise(
                    session, team=cast.care, owner=owner, kind=kind, now=moment, due_at=due_at
                )
                assert told.kept == pytest.approx(expected.chance_kept(due_at), abs=1e-9)
                assert told.earliest == expected.earliest


def test_many_open_promises_are_sampled_and_counted_whole(cast: Cast) -> None:
    opened = [Promise(cast.ana, "refund", TWO - timedelta(minutes=n + 1), None) for n in range(250)]
    remember(cast, *opened, *kept(cast.ana, 1, 40, "refund"))
    with cast.sessions() as session:
        clock = BusinessClock(Calendar(WeeklyHours.parse("0-6:0-24")), TWO)
        team_kind, _ = advising.cells(
            session, team=cast.care, owner=cast.ana, kind="refund", clock=clock, now=TWO, whose="your"
        )
    assert team_kind.open_count == 250
    assert list(team_kind.open) == pytest.approx([-60.0 * (n + 1) for n in range(249, -1, -3)])


def test_what_was_withdrawn_or_given_up_was_not_done(cast: Cast) -> None:
    done = kept(cast.ana, 1, 20, "refund")
    given_up = [
        Promise(
            cast.ana,
            "refund",
            TWO - timedelta(hours=3, minutes=n),
            TWO - timedelta(minutes=n + 30),
            outcome=how,
        )
        for n, how in enumerate([Outcome.WITHDRAWN, Outcome.UNREACHABLE, Outcome.CANCELLED] * 7)
    ]
    remember(cast, *done)
    before = ask(cast, "refund", due_at=later(1.5))
    remember(cast, *given_up)
    after = ask(cast, "refund", due_at=later(1.5))
    assert before.kept is not None
    assert after.kept is not None
    assert after.kept < before.kept - 0.3
    assert after.why.startswith("of Ana Ruiz's last 20 refunds 20 were done")


def test_a_duplicate_says_nothing(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        first = cast.promise(session, kind="refund")
        again = cast.promise(session, kind="refund")
        commitments.close(
            session, again, by=session.merge(cast.ana), outcome=Outcome.DUPLICATE, now=TWO, duplicate_of=first
        )
        rows = advising.closed(session, advice.TEAM_KIND, [(cast.care.id, "refund")], now=TWO)
    assert not rows


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
        rows = advising.closed(session, advice.TEAM_KIND, [(cast.care.id, "callback")], now=later(22))
    assert list(rows.values()) == [[(later(20), later(21), True)]]


def test_other_teams_promises_do_not_count(cast: Cast) -> None:
    remember(cast, *kept(cast.zoe, 1, 40, "refund"))
    assert ask(cast, "refund").why.startswith("only 0 done so far")


def test_where_the_past_names_no_time_the_reason_says_so(cast: Cast) -> None:
    stuck = [Promise(cast.ana, "refund", TWO - timedelta(days=60, minutes=n), None) for n in range(60)]
    remember(cast, *stuck, *kept(cast.ana, 1, 20, "refund"))
    answer = ask(cast, "refund")
    assert answer.earliest[95] is None
    assert "% are still open after" in answer.why


def test_a_question_is_a_handful_of_queries(cast: Cast, engine: Engine) -> None:
    remember(cast, *kept(cast.ana, 1, 60))
    sent: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _, __, statement, *___: sent.append(statement))
    ask(cast)
    assert len([each for each in sent if not each.startswith("BEGIN")]) == 5
