"""A promise that becomes unlikely to be kept is noticed while it can still be saved."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, event, exists, func, select
from sqlalchemy.orm import Session

from tests.cast import TWO, Cast
from tests.operations.past import Promise, at_random, sixty_callbacks, write
from tracker import advising, commitments, people
from tracker.duty import crews
from tracker.model import Absence, Commitment, Event, EventKind, Role
from tracker.policy.outcomes import KEPT, Disposition, Outcome
from tracker.queries import at_risk
from tracker.risk import Rescored, WaysOut, rescore, ways_out


@pytest.fixture
def team(cast: Cast) -> Cast:
    """Care has kept sixty callbacks, each in five minutes to five hours; each of the three took part."""
    sixty_callbacks(cast)
    return cast


def look(cast: Cast, number: int) -> Commitment:
    with cast.sessions() as session:
        return session.get_one(Commitment, number)


def warnings(cast: Cast, number: int) -> list[Mapping[str, Any] | None]:
    with cast.sessions() as session:
        told = select(Event.facts).where(Event.commitment_id == number, Event.kind == EventKind.WARNED)
        return list(session.scalars(told.order_by(Event.id)))


def pass_(cast: Cast, minutes: float = 0) -> Rescored:
    return rescore(cast.sessions, now=cast.clock.forward(minutes))


def test_a_promise_with_time_enough_is_weighed_and_left_in_peace(team: Cast) -> None:
    number = team.promised(minutes=60 * 24)
    assert pass_(team) == Rescored(weighed=1)
    promise = look(team, number)
    assert promise.chance is not None
    assert promise.chance > 0.9
    assert promise.at_risk_at is None
    assert warnings(team, number) == []


def test_one_that_is_still_open_when_its_time_runs_short_is_warned_of_once(team: Cast) -> None:
    number = team.promised(minutes=180)
    assert pass_(team, 10).warned == 0
    assert pass_(team, 140).warned == 1
    promise = look(team, number)
    assert (promise.at_risk_at, promise.version) == (team.clock.now, 1)
    (facts,) = warnings(team, number)
    assert facts is not None
    assert facts["chance"] == pytest.approx(promise.chance, abs=0.01)
    assert "of Ana Ruiz's last 20 callbacks" in facts["text"]
    assert pass_(team, 1).warned == 0
    assert look(team, number).at_risk_at == promise.at_risk_at


def test_the_chance_is_the_one_that_the_page_gives_for_its_age(team: Cast) -> None:
    """For every kind and owner, in a past of all sorts, also where a kind is new."""
    with team.sessions.begin() as session:
        write(session, team.maria, at_random([team.ana, team.ben], 400, seed=3))
    pass_(team)
    with team.sessions() as session:
        for promise in session.scalars(select(Commitment).where(Commitment.closed_at.is_(None))).all():
            told = advising.advice_on(session, promise, TWO)
            assert promise.chance == pytest.approx(told.chance_kept(promise.due_at), abs=1e-6)


def test_a_promise_that_recovers_is_no_longer_at_risk_and_is_not_warned_of_again(team: Cast) -> None:
    """Meanwhile others that were as old have been done: there is hope again, until the last minute."""
    number = team.promised(minutes=180)
    assert pass_(team, 150).warned == 1
    ends = [team.clock.now - timedelta(seconds=n) for n in range(60)]
    done = [
        Promise(team.ana, "callback", end - timedelta(minutes=151 + n % 20), end)
        for n, end in enumerate(ends)
    ]
    with team.sessions.begin() as session:
        write(session, team.maria, done)
    assert pass_(team).eased == 1
    assert look(team, number).at_risk_at is None
    assert pass_(team, 29).warned == 1
    assert look(team, number).at_risk_at == team.clock.now
    assert len(warnings(team, number)) == 1


def test_what_is_due_or_closed_is_not_weighed(team: Cast) -> None:
    team.promised(minutes=60)
    ahead = team.promised(minutes=60 * 24)
    closed = team.promised(minutes=600, kind="refund")
    with team.sessions.begin() as session:
        ana = session.merge(team.ana)
        promise = commitments.find(session, closed, by=ana)
        commitments.close(session, promise, by=ana, outcome=Outcome.FULFILLED, reference="R1", now=TWO)
    assert pass_(team, 60) == Rescored(weighed=1)
    assert look(team, ahead).chance is not None


def test_closing_a_promise_at_risk_ends_the_risk(team: Cast) -> None:
    number = team.promised(minutes=180)
    pass_(team, 150)
    with team.sessions.begin() as session:
        ana = session.merge(team.ana)
        promise = commitments.find(session, number, by=ana, seen=1)
        now = team.clock.now
        commitments.log_attempt(session, promise, by=ana, disposition=Disposition.REACHED, now=now)
        commitments.close(session, promise, by=ana, outcome=Outcome.FULFILLED, now=now)
    assert look(team, number).at_risk_at is None


def test_a_new_time_is_a_new_chance_and_may_be_warned_of_again(team: Cast) -> None:
    number = team.promised(minutes=180)
    pass_(team, 150)
    with team.sessions.begin() as session:
        sue = session.merge(team.sue)
        promise = commitments.find(session, number, by=sue, seen=1)
        later = team.clock.now + timedelta(hours=20)
        commitments.revise(
            session, promise, by=sue, due_at=later, reason="a colleague is ill", told=True, now=team.clock.now
        )
    moved = look(team, number)
    assert (moved.at_risk_at, moved.chance) == (None, None)
    pass_(team, 20 * 60 - 5)
    assert len(warnings(team, number)) == 2


def test_a_form_that_was_open_while_promises_were_weighed_is_accepted(team: Cast) -> None:
    number = team.promised(minutes=180)
    seen = look(team, number).version
    pass_(team, 150)
    with team.sessions.begin() as session:
        commitments.find(session, number, by=session.merge(team.ana), seen=seen)


def test_two_workers_at_once_warn_once(team: Cast) -> None:
    numbers = [team.promised(minutes=180) for _ in range(5)]
    now = team.clock.forward(150)
    together, warned = Barrier(2), list[int]()

    def work() -> None:
        together.wait()
        warned.append(rescore(team.sessions, now=now).warned)

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(warned) == 5
    assert [len(warnings(team, number)) for number in numbers] == [1] * 5


def test_a_team_that_cannot_be_weighed_holds_up_no_other(
    team: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    team.promised(minutes=600, owner=team.zoe)
    number = team.promised(minutes=600)
    with team.sessions.begin() as session:
        session.merge(team.sales).hours = "whenever"
    assert pass_(team).weighed == 1
    assert look(team, number).chance is not None
    assert "could not be weighed" in caplog.text


def test_five_thousand_promises_of_a_team_take_a_few_queries(team: Cast, engine: Engine) -> None:
    with team.sessions.begin() as session:
        care = session.merge(team.care)
        others = [
            people.add_person(
                session, role=Role.AGENT, name=f"Agent {n}", email=f"agent{n}@example.org", team=care
            )
            for n in range(17)
        ]
        owners = [team.ana, team.ben, team.sue, *others]
        write(session, team.maria, at_random(owners, 3000, seed=1))
        now = [Promise(owners[n % 20], ("callback", "refund", "visit")[n % 3], TWO - timedelta(minutes=n / 10), None,
                       TWO + timedelta(minutes=1 + n)) for n in range(5000)]  # fmt: skip
        write(session, team.maria, now)
    first = pass_(team)
    sent: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _, __, statement, *___: sent.append(statement))
    assert pass_(team).weighed == first.weighed > 5000
    assert len([each for each in sent if not each.startswith("BEGIN")]) <= 20
    assert first.warned > 100


# The way out


def way_out(cast: Cast, number: int) -> WaysOut:
    with cast.sessions() as session:
        commitment = session.get_one(Commitment, number)
        crew = crews(session, commitment.team_id, now=cast.clock.now)[commitment.team_id]
        return ways_out(session, commitment, cast.clock.now, crew=crew)


def test_the_way_out_is_to_call_now_to_move_it_or_to_hand_it_over(team: Cast) -> None:
    number = team.promised(minutes=60)
    team.promised(minutes=200)
    team.promised(minutes=300, owner=team.ben)
    out = way_out(team, number)
    assert out.call_now
    assert out.colleague is not None
    assert out.colleague.name == "Ben Ito", "an agent with one promise before a supervisor with none"
    assert out.better is not None
    assert (out.better.minute % 15, out.better.second) == (0, 0)
    assert out.chance is not None
    assert out.chance >= 0.8
    with team.sessions() as session:
        floor = advising.floor(session, team=team.care, owner=team.ana, now=team.clock.now)
        moving = session.get_one(Commitment, number)
        facts = floor.concerns(out.better, customer_zone="Europe/London", moving=moving)
    assert facts == ()


def test_a_promise_does_not_stand_in_its_own_way(team: Cast) -> None:
    number = team.promised(minutes=60)
    better = way_out(team, number).better
    assert better is not None
    with team.sessions.begin() as session:
        ana = session.merge(team.ana)
        promise = commitments.find(session, number, by=ana)
        commitments.revise(session, promise, by=ana, due_at=better, reason="agreed", told=True, now=TWO)
    assert way_out(team, number).better == better


def test_a_colleague_whose_shift_is_over_is_no_way_out(team: Cast) -> None:
    number = team.promised(minutes=60)
    with team.sessions.begin() as session:
        session.merge(team.ben).shifts = "0-4:9-12"
    colleague = way_out(team, number).colleague
    assert colleague is not None
    assert colleague.name == "Sue May"


def test_a_colleague_with_more_to_do_is_a_way_out_once_the_owner_has_left(team: Cast) -> None:
    number = team.promised(minutes=60)
    for owner in (team.ben, team.ben, team.sue, team.sue, team.sue):
        team.promised(minutes=300, owner=owner)
    assert way_out(team, number).colleague is None
    with team.sessions.begin() as session:
        session.merge(team.ana).shifts = "0-4:9-12"
    colleague = way_out(team, number).colleague
    assert colleague is not None
    assert colleague.name == "Ben Ito"


def test_nobody_calls_in_the_customers_night_or_while_the_owner_is_away(team: Cast) -> None:
    number = team.promised(minutes=60)
    with team.sessions.begin() as session:
        session.merge(team.maria).zone = "Pacific/Auckland"  # three in the morning
    assert not way_out(team, number).call_now
    with team.sessions.begin() as session:
        session.merge(team.maria).zone = "Europe/London"
        session.add(Absence(person_id=team.ana.id, starts_at=TWO - timedelta(hours=1)))
    out = way_out(team, number)
    assert not out.call_now
    assert out.better is None, "she has not said when she is back"
    assert out.colleague is not None


def test_a_colleague_with_as_many_promises_is_no_way_out(team: Cast) -> None:
    number = team.promised(minutes=60)
    for owner in (team.ben, team.sue):
        team.promised(minutes=60, owner=owner)
    assert way_out(team, number).colleague is None


# What the pages and the reports ask


def test_what_is_at_risk_is_open_and_not_yet_due(team: Cast) -> None:
    number = team.promised(minutes=180)
    pass_(team, 150)

    def listed(now: datetime) -> list[int]:
        with team.sessions() as session:
            return list(session.scalars(select(Commitment.id).where(at_risk(now))))

    assert listed(team.clock.now) == [number]
    assert listed(team.clock.forward(30)) == []


def test_a_warning_that_saved_a_promise_can_be_counted(team: Cast) -> None:
    number = team.promised(minutes=180)
    team.promised(minutes=60 * 24)
    pass_(team, 150)

    def saved(session: Session) -> int:
        warned = exists().where(Event.commitment_id == Commitment.id, Event.kind == EventKind.WARNED)
        return session.scalar(select(func.count()).where(warned, Commitment.verdict.in_(KEPT))) or 0

    with team.sessions.begin() as session:
        assert saved(session) == 0
        ana, now = session.merge(team.ana), team.clock.now
        promise = commitments.find(session, number, by=ana)
        commitments.log_attempt(session, promise, by=ana, disposition=Disposition.REACHED, now=now)
        commitments.close(session, promise, by=ana, outcome=Outcome.FULFILLED, now=now)
        assert saved(session) == 1
