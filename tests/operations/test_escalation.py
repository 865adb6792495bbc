"""What happens by itself, step by step."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from tests.cast import TWO, Cast
from tracker import commitments, escalation, people
from tracker.audit import audit
from tracker.escalation import Climbed, climb
from tracker.model import Commitment, Event, EventKind, LadderRow, Message, Person
from tracker.policy.ladder import Effect, Step, to_json
from tracker.policy.outcomes import Disposition, Outcome


def steps(session: Session) -> list[tuple[int, int, int | None]]:
    climbed = select(Event).where(Event.kind == EventKind.CLIMBED).order_by(Event.id)
    return [(each.commitment_id, each.due_version, each.step) for each in session.scalars(climbed)]


def test_each_step_climbs_once_however_often_the_clock_ticks(cast: Cast) -> None:
    number = cast.promised()
    for _ in range(30):
        cast.tick(minutes=5)
        cast.tick()
    with cast.sessions() as session:
        assert steps(session) == [(number, 1, step) for step in range(5)]


def test_a_worker_asleep_for_three_days_climbs_every_step_once_and_texts_only_what_is_still_true(
    cast: Cast,
) -> None:
    number = cast.promised()
    cast.tick()
    cast.tick(minutes=3 * 24 * 60)
    with cast.sessions() as session:
        assert steps(session) == [(number, 1, step) for step in range(6)]
    assert "reminder to Ana" not in cast.texts(), "the time it reminds of has passed"
    assert "apology to Maria" in cast.texts()


def test_after_a_revision_the_ladder_is_climbed_anew_for_the_new_time(cast: Cast) -> None:
    number = cast.promised()
    cast.tick(minutes=50)
    with cast.sessions.begin() as session:
        commitments.revise(
            session, commitments.find(session, number, by=cast.ana), by=cast.ana,
            due_at=TWO + timedelta(hours=3), reason="later", told=True, now=cast.clock.now,
        )  # fmt: skip
    cast.tick(minutes=130)
    with cast.sessions() as session:
        assert steps(session) == [(number, 1, 0), (number, 2, 0), (number, 2, 1)]


def test_hand_over_goes_to_the_agent_who_is_here_and_owns_least(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        for name, away in (("Cal Poe", False), ("Dee Roy", True)):
            person = people.add_person(
                session,
                role=cast.ana.role,
                name=name,
                email=f"{name[:3].lower()}@example.org",
                team=session.merge(cast.care, load=False),
            )
            if away:
                people.set_absence(session, person, until=None, now=TWO)
    for _ in range(2):
        cast.promised(owner=cast.ben, minutes=600)
    number = cast.promised()
    cast.tick(minutes=125)
    with cast.sessions() as session:
        owner = session.get_one(Commitment, number).owner
        assert owner.name == "Cal Poe", "Ana had it, Ben owns two, Dee is away, Sue supervises"


def test_for_want_of_another_agent_a_supervisor_takes_over(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        people.set_absence(session, session.get_one(Person, cast.ben.id), until=None, now=TWO)
    number = cast.promised()
    cast.tick(minutes=120)
    with cast.sessions() as session:
        assert session.get_one(Commitment, number).owner_id == cast.sue.id


def test_with_nobody_else_here_the_supervisors_hear_of_it_and_the_owner_stays(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        for person in (cast.ben, cast.sue):
            people.set_absence(session, session.get_one(Person, person.id), until=None, now=TWO)
    number = cast.promised()
    cast.tick(minutes=120)
    with cast.sessions() as session:
        assert session.get_one(Commitment, number).owner_id == cast.ana.id
        told = select(Message.recipient).where(Message.kind == "escalation", Message.step == 4)
        assert session.scalars(told).all() == [f"person:{cast.sue.id}"], (
            "she is away, but somebody has to know"
        )


def test_a_supervisor_who_is_away_is_left_alone_while_another_is_here(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        second = people.add_person(
            session, role=cast.sue.role, name="Tim Ode", email="tim@example.org", phone="+447700900009",
            team=session.merge(cast.care, load=False),
        )  # fmt: skip
        people.set_absence(session, session.get_one(Person, cast.sue.id), until=None, now=TWO)
    cast.promised()
    cast.tick(minutes=80)
    with cast.sessions() as session:
        told = select(Message.recipient).where(Message.kind == "escalation")
        assert session.scalars(told).all() == [f"person:{second.id}"]


def test_a_commitment_keeps_the_ladder_it_was_made_under(cast: Cast) -> None:
    number = cast.promised()
    nagging = [
        Step(timedelta(minutes=1), Effect.REMIND_OWNER, every=timedelta(minutes=1), times=5),
        Step(timedelta(days=1), Effect.TELL_SUPERVISORS, every=timedelta(days=1)),
    ]
    with cast.sessions.begin() as session:
        team = session.merge(cast.care)
        team.ladder = LadderRow(steps=to_json(nagging), made_at=TWO)
    cast.tick(minutes=65)
    with cast.sessions() as session:
        assert steps(session) == [(number, 1, 0), (number, 1, 1)]


def test_a_row_that_fails_is_put_off_and_holds_up_nobody(cast: Cast, sessions: sessionmaker[Session]) -> None:
    broken, sound = cast.promised(), cast.promised()
    with sessions.begin() as session:
        wrong = LadderRow(steps=[{"offset": 0, "effect": "sing"}], made_at=TWO)
        session.add(wrong)
        session.flush()
        session.execute(update(Commitment).where(Commitment.id == broken).values(ladder_id=wrong.id))
    assert climb(sessions, now=TWO + timedelta(minutes=45)) == Climbed(steps=1, put_off=1)
    with sessions() as session:
        assert steps(session) == [(sound, 1, 0)]
        noted = select(Event.commitment_id).where(Event.kind == EventKind.NOTED)
        assert session.scalars(noted).all() == [broken]
        assert session.get_one(Commitment, broken).next_step_at == TWO + timedelta(minutes=60)
    assert climb(sessions, now=TWO + timedelta(minutes=50)) == Climbed()


def test_closing_wins_over_the_ladder(cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions.begin() as session:
        commitment = commitments.find(session, number, by=cast.ana)
        commitments.log_attempt(session, commitment, by=cast.ana, disposition=Disposition.REACHED, now=TWO)
        commitments.close(session, commitment, by=cast.ana, outcome=Outcome.FULFILLED, now=TWO)
    assert climb(cast.sessions, now=TWO + timedelta(days=9)) == Climbed()


@pytest.mark.parametrize(("count", "batch"), [(9, 10), (10, 10), (11, 10), (501, escalation.BATCH)])
def test_any_number_of_commitments_is_climbed_in_batches(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, count: int, batch: int
) -> None:
    monkeypatch.setattr(escalation, "BATCH", batch)
    with cast.sessions.begin() as session:
        for _ in range(count):
            cast.promise(session)
    cast.wire.batch = 500
    cast.tick()
    assert climb(cast.sessions, now=TWO + timedelta(minutes=75)) == Climbed(steps=4 * count)
    with cast.sessions() as session:
        assert audit(session, now=TWO + timedelta(minutes=75)).findings == ()


@pytest.mark.parametrize("name", ['Ana "the \\ Rock" {Ruiz}, NULL', "NULL", "Añ%s 'O' :now"])
def test_a_name_is_written_down_as_it_is_whatever_its_characters(cast: Cast, name: str) -> None:
    with cast.sessions.begin() as session:
        session.execute(update(Person).where(Person.id == cast.ana.id).values(name=name))
    cast.promised()
    cast.tick(minutes=120)
    with cast.sessions() as session:
        handed = select(Event.facts).where(Event.kind == EventKind.REASSIGNED)
        assert session.scalars(handed).one() == {
            "from": name,
            "from_id": cast.ana.id,
            "to": "Ben Ito",
            "reason": "still open, too late",
        }
