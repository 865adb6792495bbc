"""The demonstration: loaded once, sound from the first moment, and no text of it leaves twice."""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.cast import TWO, Cast, Wire
from tracker import demo, people, reviewing
from tracker.advising import advise
from tracker.audit import audit
from tracker.delivery import deliver
from tracker.demo import past
from tracker.duty import on_duty
from tracker.escalation import climb
from tracker.model import Commitment, Dispatch, Feedback, Message, MessageStatus, Person, Role, Team
from tracker.policy.outcomes import Verdict

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""A demonstration is what `up` shows on one machine, in a file."""

NIGHT = datetime(2026, 11, 19, 8, 17, 44, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 22, 45, tzinfo=UTC)
CLOCKS_BACK = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
"""Half past one in New York, for the second time."""
CLOCKS_FORWARD = datetime(2027, 3, 14, 7, 0, tzinfo=UTC)


Demonstrated = Callable[[datetime], Wire]


@pytest.fixture(scope="module")
def loaded() -> dict[datetime, tuple[bytes, Wire]]:
    """The files that loading filled, and what left meanwhile, by the moment. To load takes most of a test's time."""
    return {}


@pytest.fixture
def demonstrated(
    engine: Engine, sessions: sessionmaker[Session], loaded: dict[datetime, tuple[bytes, Wire]]
) -> Demonstrated:
    """Fills the database with the demonstration as it is loaded at a moment; the wire that took its texts."""
    file = Path(str(engine.url.database))

    def at(now: datetime) -> Wire:
        if now not in loaded:
            wire = Wire()
            assert demo.load(sessions, {"sms": wire}, now=now)
            with engine.connect() as connection:
                connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
            loaded[now] = file.read_bytes(), wire
        engine.dispose()
        for left in file.parent.iterdir():
            left.unlink()
        kept, wire = loaded[now]
        file.write_bytes(kept)
        return deepcopy(wire)

    return at


def findings(sessions: sessionmaker[Session], now: datetime) -> tuple[object, ...]:
    with sessions() as session:
        return audit(session, now=now).findings


def assert_nothing_left_twice(sessions: sessionmaker[Session], wire: Wire) -> None:
    """No message was handed over again, and no phone got the same words at the same moment."""
    with sessions() as session:
        tries = select(func.count()).select_from(Dispatch).group_by(Dispatch.message_id)
        assert set(session.scalars(tries)) == {1}
        left = session.execute(select(Dispatch.to_address, Dispatch.body, Dispatch.at)).all()
    assert len(wire.sent) == len({each.token for each in wire.sent}) == len(left) == len(set(left))


@pytest.mark.parametrize("now", [TWO, NIGHT], ids=["by day", "by night"])
def test_it_is_sound_when_it_is_loaded_and_after_three_days_that_nobody_looked_at_it(
    sessions: sessionmaker[Session], demonstrated: Demonstrated, now: datetime
) -> None:
    wire = demonstrated(now)
    assert findings(sessions, now) == ()
    assert_nothing_left_twice(sessions, wire)
    for hour in range(72):
        at = now + timedelta(hours=hour + 1)
        climb(sessions, now=at)
        deliver(sessions, {"sms": wire}, now=at)
    assert findings(sessions, now + timedelta(days=3)) == ()
    assert_nothing_left_twice(sessions, wire)


@pytest.mark.parametrize("now", [CLOCKS_BACK, CLOCKS_FORWARD], ids=["clocks back", "clocks forward"])
def test_it_is_sound_in_the_nights_when_clocks_change(
    sessions: sessionmaker[Session], demonstrated: Demonstrated, now: datetime
) -> None:
    demonstrated(now)
    assert findings(sessions, now) == ()


def test_a_visitor_finds_something_of_everything(
    sessions: sessionmaker[Session], demonstrated: Demonstrated
) -> None:
    demonstrated(TWO)
    with sessions() as session:
        todays = [story.topic for story in demo.STORIES]
        every = session.scalars(select(Commitment).where(Commitment.topic.in_(todays))).all()
        still_open = [each for each in every if each.closed_at is None]
        assert len(every) == len(demo.STORIES)
        assert {each.verdict for each in every if each.closed_at} >= {Verdict.KEPT_ON_TIME, Verdict.LATE}
        assert any(each.due_at < TWO for each in still_open)
        assert any(TWO < each.due_at < TWO + timedelta(minutes=30) for each in still_open)
        assert any(each.due_at > TWO + timedelta(hours=2) for each in still_open)
        assert any(each.escalated_at for each in still_open)
        assert len({each.owner_id for each in still_open}) > 1
        waiting = select(func.count()).where(
            Message.status == MessageStatus.PENDING, Message.send_after <= TWO
        )
        assert session.scalar(waiting) == 0


def test_its_past_makes_the_advice_confident_and_leaves_one_miss_to_review(
    sessions: sessionmaker[Session], demonstrated: Demonstrated
) -> None:
    demonstrated(TWO)
    with sessions() as session:
        team = session.scalars(select(Team)).one()
        for agent in session.scalars(select(Person).where(Person.role == Role.AGENT)):
            told = advise(
                session, team=team, owner=agent, kind="callback", now=TWO, due_at=TWO + timedelta(hours=3)
            )
            assert told.kept is not None
            assert told.kept > 0.8
            assert all(told.earliest.values())
        supervisor = session.scalars(select(Person).where(Person.role == Role.SUPERVISOR)).one()
        assert reviewing.how_many_wait(session, supervisor) == 1
        verdicts = session.scalars(select(Commitment.verdict).distinct()).all()
        assert {each for each in verdicts if each} == set(Verdict)
        assert len(session.scalars(select(Feedback)).all()) > 20


def test_nobody_is_texted_about_its_past(sessions: sessionmaker[Session], demonstrated: Demonstrated) -> None:
    wire = demonstrated(TWO)
    assert not {each.to for each in wire.sent} & set(past.PHONES)
    with sessions() as session:
        old = select(Commitment.id).where(Commitment.closed_at < TWO - demo.YESTERDAY)
        assert len(session.scalars(old).all()) > 100
        about_it = select(func.count()).where(Message.commitment_id.in_(old))
        assert session.scalar(about_it) == 0


@pytest.mark.parametrize("now", [TWO, NIGHT, SUNDAY], ids=["by day", "by night", "on a Sunday"])
def test_whoever_comes_at_whatever_hour_finds_its_team_at_work(
    sessions: sessionmaker[Session], demonstrated: Demonstrated, now: datetime
) -> None:
    demonstrated(now)
    with sessions() as session:
        everybody = session.scalars(select(Person.id)).all()
        assert on_duty(session, session.scalars(select(Team.id)).one(), now) == frozenset(everybody)


def test_everybody_in_it_can_log_in(sessions: sessionmaker[Session], demonstrated: Demonstrated) -> None:
    demonstrated(TWO)
    with sessions.begin() as session:
        here = demo.log_ins(session)
        assert {each.role for each in here} == set(Role)
        assert len(here) == len(demo.PEOPLE)
        for each in here:
            assert people.log_in(session, email=each.email, password=demo.PASSWORD, now=TWO) is each


def test_it_is_loaded_once(sessions: sessionmaker[Session], demonstrated: Demonstrated) -> None:
    wire = demonstrated(TWO)
    texts = len(wire.sent)
    with sessions() as session:
        promises = session.scalar(select(func.count()).select_from(Commitment))
    assert not demo.load(sessions, {"sms": wire}, now=TWO + timedelta(days=1))
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Team)) == 1
        assert session.scalar(select(func.count()).select_from(Commitment)) == promises
    assert len(wire.sent) == texts


def test_a_house_in_use_is_left_as_it_is(cast: Cast) -> None:
    cast.promised()
    assert not demo.load(cast.sessions, {"sms": cast.wire}, now=TWO)
    with cast.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 5
        assert session.scalar(select(func.count()).select_from(Commitment)) == 1
        assert demo.log_ins(session) == []
    assert cast.wire.sent == []
