"""Once a day the times that were named for a team are held against what came of it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import sessionmaker

from tests.cast import TWO, Cast
from tests.operations.past import Promise, at_random, write
from tracker import advising, commitments
from tracker.calibrating import calibrate_next
from tracker.duty import team_calendar
from tracker.model import Commitment, Team
from tracker.policy.calendars import BusinessClock
from tracker.policy.history import History
from tracker.policy.outcomes import Outcome

HOUR = timedelta(hours=1)


def team(cast: Cast, name: str = "Care") -> Team:
    with cast.sessions() as session:
        return session.scalars(select(Team).where(Team.name == name)).one()


def slowing_down(cast: Cast) -> list[Promise]:
    """Callbacks that take a little longer each, from an hour to a day."""
    made = [TWO - HOUR * 24 + (n - 900) * HOUR for n in range(900)]
    return [Promise(cast.ana, "callback", at, at + HOUR * (1 + n / 40)) for n, at in enumerate(made)]


def remember(cast: Cast, promises: list[Promise]) -> None:
    with cast.sessions.begin() as session:
        write(session, cast.maria, promises)


def calibrate(cast: Cast) -> list[str]:
    """The teams that were calibrated, until none is left."""
    done = []
    while found := calibrate_next(cast.sessions, cast.sessions, now=cast.clock.now):
        done.append(found.name)
    return done


def test_every_team_is_calibrated_once_a_day(cast: Cast) -> None:
    assert calibrate(cast) == ["Care", "Sales"]
    cast.clock.forward(24 * 60 - 1)
    assert calibrate(cast) == []
    cast.clock.forward(1)
    assert calibrate(cast) == ["Care", "Sales"]


def test_a_day_that_a_wrong_clock_noted_is_not_waited_for(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.merge(cast.care).calibrated_at = TWO + timedelta(days=400)
    assert calibrate(cast) == ["Sales", "Care"]


def test_it_is_reckoned_as_in_a_backtest(cast: Cast) -> None:
    """What was cancelled was not done when it was closed."""
    promises = list(at_random([cast.ana, cast.ben, cast.sue], 700, seed=5))
    promises[::5] = [replace(each, outcome=Outcome.CANCELLED) for each in promises[::5]]
    remember(cast, promises)
    calibrate(cast)
    with cast.sessions() as session:
        clock = BusinessClock(team_calendar(session, cast.care), promises[0].made_at)
    history = History(clock)
    events = [(each.made_at, number) for number, each in enumerate(promises)]
    events += [(each.closed_at, number) for number, each in enumerate(promises) if each.closed_at]
    for at, number in sorted(events):
        promise = promises[number]
        if at == promise.made_at:
            history.made(number, kind=promise.kind, owner=promise.owner.id, at=at)
        else:
            history.closed(number, at, done=promise.outcome is Outcome.FULFILLED)
    history.calibrate(TWO)
    assert team(cast).calibration(TWO).told == pytest.approx(history.calibration.told, abs=1e-4)


def test_those_of_which_too_little_is_read_say_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes a week, and what is read are the last six days: no odds of then are known that have come true."""
    week = HOUR * 24 * 7
    made = [TWO - HOUR * 24 * 15 + HOUR * n / 4 for n in range(4 * 24 * 15)]
    weeks = [Promise(cast.ana, "callback", at, at + week if at + week <= TWO else None) for at in made]
    remember(cast, weeks)
    monkeypatch.setattr("tracker.calibrating.PROMISES", 4 * 24 * 6)
    calibrate(cast)
    assert team(cast).calibration(TWO).share(0.7) == pytest.approx(0.7, abs=0.1)


def test_where_work_slows_down_later_times_are_named_and_the_page_says_why(cast: Cast) -> None:
    remember(cast, slowing_down(cast))

    def ask(now: datetime = TWO) -> advising.Advice:
        with cast.sessions() as session:
            return advising.advise(
                session, team=team(cast), owner=cast.ana, kind="callback", now=now, due_at=now + HOUR * 20
            )

    before = ask()
    calibrate(cast)
    after = ask()
    assert before.kept is not None
    assert after.kept is not None
    assert after.kept < before.kept - 0.05
    assert before.earliest[80] is not None
    assert after.earliest[80] is None or after.earliest[80] > before.earliest[80]
    assert "lately fewer" not in before.why
    assert "lately fewer were kept than foretold; these odds allow for that: 80 % became" in after.why
    assert "lately fewer" not in ask(TWO - HOUR).why, "what they were worth then is not known"


def test_a_duplicate_says_nothing(cast: Cast) -> None:
    remember(cast, slowing_down(cast))
    first = cast.promised()
    calibrate(cast)
    before = team(cast).odds_worth
    with cast.sessions.begin() as session:
        ana, promise = session.merge(cast.ana), session.get_one(Commitment, first)
        for _ in range(20):
            again = cast.promise(session)
            commitments.close(
                session, again, by=ana, outcome=Outcome.DUPLICATE, now=TWO, duplicate_of=promise
            )
        session.merge(cast.care).calibrated_at = None
    assert calibrate(cast) == ["Care"]
    assert team(cast).odds_worth == before


def test_a_clock_that_went_back_between_making_and_closing_does_no_harm(cast: Cast) -> None:
    remember(cast, [Promise(cast.ana, "callback", TWO - HOUR, TWO - HOUR - timedelta(seconds=2))])
    assert calibrate(cast) == ["Care", "Sales"]


def test_a_team_whose_hours_cannot_be_read_holds_up_no_other(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    with cast.sessions.begin() as session:
        session.merge(cast.care).hours = "whenever"
    assert calibrate(cast) == ["Care", "Sales"]
    assert team(cast).odds_worth is None
    assert team(cast, "Sales").odds_worth is not None
    assert "could not be calibrated" in caplog.text


def test_a_team_for_which_it_fails_in_any_way_waits_for_the_next_day_and_the_others_do_not(
    cast: Cast,
) -> None:
    nothing_to_read = sessionmaker(create_engine("sqlite://"))
    with pytest.raises(DatabaseError):
        calibrate_next(cast.sessions, nothing_to_read, now=cast.clock.now)
    assert calibrate(cast) == ["Sales"]
    cast.clock.forward(24 * 60)
    assert calibrate(cast) == ["Care", "Sales"]
