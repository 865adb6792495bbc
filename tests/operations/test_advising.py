"""The advice on the page: the policy's own, fed from the rows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.cast import TWO, Cast
from tests.operations.past import Promise, at_random, kept, later, remember
from tracker import advising, commitments
from tracker.duty import team_calendar
from tracker.model import Absence, Team
from tracker.policy.calendars import BusinessClock, Calendar, WeeklyHours
from tracker.policy.history import History
from tracker.policy.load import Concern, Fact
from tracker.policy.outcomes import Outcome
from tracker.policy.said import say


def ask(cast: Cast, kind: str = "callback", **changes: object) -> advising.Advice:
    given: dict[str, object] = {"team": cast.care, "owner": cast.ana, "now": TWO, "kind": kind, **changes}
    with cast.sessions() as session:
        return advising.advise(session, **given)  # type: ignore[arg-type]  # each has its own type


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
    sentence = "last 40 refunds done within 3 h of working time; 0 open"
    due_at = later(3)
    assert ask(cast, "refund", due_at=due_at, reader=cast.ana).why == f"40 of your {sentence}"
    assert ask(cast, "refund", due_at=due_at, reader=cast.sue).why == f"40 of Ana Ruiz's {sentence}"
    assert ask(cast, "refund", due_at=due_at, owner=cast.ben).why == f"40 of Care's {sentence}"


@pytest.mark.parametrize("moment", [TWO, TWO - timedelta(days=20), TWO - timedelta(days=58)])
@pytest.mark.parametrize("count", [60, 900])
def test_the_page_and_the_backtest_advise_the_same(cast: Cast, count: int, moment: datetime) -> None:
    """At any moment of the past as well: what was closed later was open then."""
    promises = list(at_random([cast.ana, cast.ben, cast.sue], count, seed=count))
    remember(cast, *promises)
    with cast.sessions() as session:
        clock = BusinessClock(team_calendar(session, cast.care), moment)
        history = History(clock)
        happenings = [(each.made_at, number) for number, each in enumerate(promises)]
        happenings += [(each.closed_at, number) for number, each in enumerate(promises) if each.closed_at]
        for at, number in sorted(happenings):
            promise = promises[number]
            if at < moment and at == promise.made_at:
                history.made(number, kind=promise.kind, owner=promise.owner.id, at=at)
            elif at < moment:
                history.closed(number, at)
        for owner in (cast.ana, cast.ben):
            for kind in ("callback", "refund", "visit", "other"):
                expected = history.advise(kind=kind, owner=owner.id, at=moment)
                team = session.get_one(Team, cast.care.id)
                team.odds_worth, team.calibrated_at = str(history.calibration), moment
                due_at = moment + timedelta(hours=20)
                told = advising.advise(session, team=team, owner=owner, kind=kind, now=moment, due_at=due_at)
                assert told.kept == pytest.approx(expected.chance_kept(due_at), abs=1e-4)
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
    assert set(team_kind.open) < {-60.0 * (n + 1) for n in range(250)}
    assert len(team_kind.open) == pytest.approx(250 / 3, abs=1)


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
    assert after.why.startswith("20 of Ana Ruiz's last 20 refunds done")


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
    assert len([each for each in sent if not each.startswith("BEGIN")]) == 2


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", ["callback", "other"])
def test_a_question_is_as_little_work_however_much_is_closed_and_whatever_others_have_open(
    cast: Cast, engine: Engine, kind: str
) -> None:
    """Work is counted in steps of SQLite's machine, which knows of no busy neighbours."""
    opened = [Promise(cast.ana, "callback", TWO - timedelta(minutes=n + 1), None) for n in range(300)]
    remember(cast, *opened, *kept(cast.ana, 1, 1000))
    few = steps(engine, lambda: ask(cast, kind))
    remember(cast, *kept(cast.ana, 1, 4000), *[replace(each, owner=cast.zoe) for each in opened * 3])
    many = steps(engine, lambda: ask(cast, kind))
    assert many == pytest.approx(few, rel=0.05)
    assert many < 45_000


def steps(engine: Engine, question: Callable[[], object]) -> int:
    """So many steps does SQLite take to answer it, with all it can know of the tables."""
    with engine.connect() as connection:
        connection.exec_driver_sql("analyze")
    return work(engine, question)


def work(engine: Engine, question: Callable[[], object]) -> int:
    """So many steps does SQLite take to answer it, with what it knows."""
    engine.dispose()  # a connection that is open already goes on without what was found
    taken = 0

    def step() -> None:
        nonlocal taken
        taken += 1

    def watch(connection: Any, *_: object) -> None:
        connection.set_progress_handler(step, 1)

    event.listen(engine, "connect", watch)
    question()
    event.remove(engine, "connect", watch)
    engine.dispose()
    return taken


# What speaks against a time, and which half hours are full. Care works from nine to six.


def facts(cast: Cast, due_at: datetime, **changes: object) -> list[Fact]:
    given: dict[str, object] = {"team": cast.care, "owner": cast.ana, **changes}
    about = {"customer_zone": "Europe/London"} | {
        name: given.pop(name) for name in ("customer_zone", "moving") if name in given
    }
    with cast.sessions() as session:
        floor = advising.floor(session, now=TWO, **given)  # type: ignore[arg-type]  # as above
        return list(floor.concerns(due_at, **about))  # type: ignore[arg-type]  # as above


def test_nothing_speaks_against_a_free_hour(cast: Cast) -> None:
    assert facts(cast, later(2)) == []


def test_an_owner_on_leave_promises_for_their_return(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.add(Absence(person_id=cast.ana.id, starts_at=later(1), ends_at=later(20)))
    assert facts(cast, later(2)) == [
        Fact(Concern.OWNER_OFF, say("%(owner)s is not at work then.", owner="Ana Ruiz"), later(20)),
    ]
    assert facts(cast, later(2), owner=cast.ben) == []


def test_a_public_holiday_of_the_teams_country_is_called_by_its_name(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.merge(cast.care).holidays = "GB-ENG"
    with cast.sessions() as session:
        care = session.merge(cast.care)
    (fact,) = facts(cast, datetime(2026, 12, 25, 10, tzinfo=UTC), team=care)
    assert fact.sentence == "It is a public holiday then: Christmas Day."
    assert fact.better == datetime(2026, 12, 29, 9, tzinfo=UTC)


def test_the_customers_night_is_told_by_their_clock(cast: Cast) -> None:
    (fact,) = facts(cast, later(1), customer_zone="America/Los_Angeles")
    assert (fact.concern, fact.sentence) == (Concern.CUSTOMER_NIGHT, "It is 07:00 for the customer then.")
    assert fact.better == later(2)


def test_two_promises_of_one_owner_collide_but_not_a_promise_with_itself(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        promise = cast.promise(session, minutes=120)
    (fact,) = facts(cast, later(2))
    assert (fact.concern, fact.better) == (Concern.COLLISION, later(2.25))
    assert facts(cast, later(2), owner=cast.ben) == []
    assert facts(cast, later(2), moving=promise) == []


def test_more_than_the_owner_can_work_off_until_then_is_too_much(cast: Cast) -> None:
    remember(cast, *[Promise(cast.ana, "callback", TWO, None, later(0.5 + n / 100)) for n in range(9)])
    (fact,) = facts(cast, later(2))
    assert fact.sentence == "Ana Ruiz already has 9 promises due by then, and time for only 8."
    assert fact.better == later(2.5)
    days = [TWO - timedelta(days=n) for n in range(1, 21)]
    slow = [
        Promise(cast.ana, "refund", day - timedelta(days=9), day, day - timedelta(days=3)) for day in days
    ]
    remember(cast, *slow)
    (fact,) = facts(cast, later(2))
    assert fact.sentence.endswith("time for only 2."), (
        "little more than one an hour, by what they closed lately"
    )


def test_the_forecast_sets_what_is_promised_against_what_can_be_done(cast: Cast) -> None:
    remember(cast, *[Promise(cast.ana, "callback", TWO, None, later(2 - n / 100)) for n in range(16)])
    with cast.sessions() as session:
        floor = advising.floor(session, team=cast.care, owner=cast.ana, now=TWO)
        slots = advising.forecast(session, team=cast.care, now=TWO)
        assert floor.crowded(later(2)) == "16:00 is full, 16:30 is free"
        assert floor.crowded(later(2.1)) is None
        session.add(Absence(person_id=cast.ben.id, starts_at=TWO))
        without_ben = advising.forecast(session, team=cast.care, now=TWO)
    assert (slots[0].start, slots[-1].start) == (TWO, later(33.5))
    assert {slot.capacity for slot in slots} == {4.0, 0.0}, "two agents for a quarter of an hour each"
    assert [(slot.end, slot.promised) for slot in slots if slot.promised] == [(later(2), 16)]
    assert {slot.capacity for slot in without_ben} == {2.0, 0.0}
    assert sum(slot.over for slot in without_ben) == 8


def test_a_promise_counts_up_to_the_very_moment_it_is_due(cast: Cast) -> None:
    second = timedelta(seconds=1)
    remember(cast, *[Promise(cast.ana, "callback", TWO, None, later(2) + n * second) for n in (-1, 0, 1)])
    with cast.sessions() as session:
        slots = advising.forecast(session, team=cast.care, now=TWO)
    assert {slot.end: slot.promised for slot in slots if slot.promised} == {later(2): 2, later(2.5): 1}


def pace(cast: Cast, *closed: tuple[float, float, float]) -> float:
    """At which pace does Ana work, an hour, who made these, closed them and had them due so many hours before two?"""
    moments = [tuple(later(-hours) for hours in each) for each in closed]
    remember(cast, *[Promise(cast.ana, "callback", made, done, due) for made, done, due in moments])
    with cast.sessions() as session:
        floor = advising.floor(session, team=cast.care, owner=cast.ana, now=TWO)
    assert floor.own_pace in [pace for _, pace in floor.crew], "her pace is the same among the team's"
    return floor.own_pace.per_hour


def test_somebody_new_does_four_an_hour(cast: Cast) -> None:
    assert pace(cast) == 4


def test_who_has_one_thing_to_do_an_hour_and_does_it_might_do_four(cast: Cast) -> None:
    assert pace(cast, *[(n + 3, n, n - 0.1) for n in range(1, 100)]) == 4, "when its time has come"
    assert pace(cast, *[(n + 0.6, n + 0.5, n - 5) for n in range(1, 50)]) == 4, "and at once"


def test_who_is_busy_does_what_they_do_while_promises_wait(cast: Cast) -> None:
    ahead = [(n / 2 + 8, n / 2, n / 2 - 8) for n in range(1, 51)]
    assert pace(cast, *ahead) == pytest.approx((49 + 10) / (49 / 2 + 2.5)), "well before their time"
    behind = [(n / 2 + 8, n / 2, n / 2 + 1) for n in range(1, 51)]
    assert pace(cast, *[(a + 100, b + 100, c + 100) for a, b, c in behind]) < 2.3, "or overdue already"


def test_who_closes_in_one_go_what_was_done_during_the_day_shows_no_pace_of_their_own(cast: Cast) -> None:
    days = [(24 * day + 8, 24 * day + n / 100, 24 * day + n / 2) for day in range(1, 8) for n in range(12)]
    assert pace(cast, *days) == 4


def test_a_duplicate_is_no_work(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        ana, first = session.merge(cast.ana), cast.promise(session)
        for n in range(20):
            again = cast.promise(session, minutes=600)
            now = later(-n / 3)
            commitments.close(session, again, by=ana, outcome=Outcome.DUPLICATE, duplicate_of=first, now=now)
    assert pace(cast, *[(500, n, 400) for n in range(1, 12)]) == pytest.approx((10 + 10) / (10 + 2.5))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_forecast_is_as_little_work_however_much_is_closed(cast: Cast, engine: Engine) -> None:
    def asked() -> None:
        with cast.sessions() as session:
            advising.floor(session, team=cast.care, owner=cast.ana, now=TWO)

    remember(cast, *kept(cast.ana, 1, 1000))
    few = steps(engine, asked)
    remember(cast, *kept(cast.ana, 1, 4000), *kept(cast.zoe, 1, 1000))
    many = steps(engine, asked)
    assert many == pytest.approx(few, rel=0.05)
    assert many < 90_000
