"""When a roster changes, promises move to somebody who is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event, select

from tests.cast import TWO, Cast
from tracker import commitments, people, roster
from tracker.audit import audit
from tracker.model import Absence, Closure, Commitment, Event, EventKind, Message, MessageStatus, Person, Team
from tracker.policy.outcomes import Disposition
from tracker.policy.wording import TextKind
from tracker.roster import Covered

HOUR = timedelta(hours=1)


def away(cast: Cast, *who: Person, hours: float | None = 3) -> Covered:
    """They go home; what is due meanwhile is looked after. The answer about the last of them."""
    covered = Covered()
    for person in who:
        with cast.sessions.begin() as session:
            row, by = session.get_one(Person, person.id), session.get_one(Person, cast.sue.id)
            until = cast.clock.now + timedelta(hours=hours) if hours else None
            people.set_absence(session, row, until=until, now=cast.clock.now)
            covered = roster.cover(session, row, by=by, now=cast.clock.now)
    return covered


def change(cast: Cast, who: Person | Team, **values: Any) -> Covered:
    with cast.sessions.begin() as session:
        row = session.get_one(type(who), who.id)
        for name, value in values.items():
            setattr(row, name, value)
        session.flush()
        return (
            roster.cover(session, row, by=None, now=cast.clock.now) if isinstance(row, Person) else Covered()
        )


def owner(cast: Cast, number: int) -> str:
    with cast.sessions() as session:
        return session.get_one(Commitment, number).owner.name.split()[0]


def listed(cast: Cast) -> list[tuple[int, str | None]]:
    with cast.sessions() as session:
        team = session.get_one(Team, cast.care.id)
        return [
            (each.commitment_id, each.deputy)
            for each in roster.rosters(session, team.id, now=cast.clock.now)[team.id].uncovered
        ]


def findings(cast: Cast) -> list[tuple[str, int | None]]:
    with cast.sessions() as session:
        return [(each.rule, each.commitment) for each in audit(session, now=cast.clock.now).findings]


def waiting(cast: Cast) -> list[tuple[str, str | None]]:
    """Texts that are to leave, without those of making the promise."""
    with cast.sessions() as session:
        rows = select(Message.kind, Message.recipient).where(
            Message.status == MessageStatus.PENDING, Message.kind != TextKind.PROMISED
        )
        return [(row.kind, row.recipient) for row in session.execute(rows.order_by(Message.id))]


def test_what_is_due_while_the_owner_is_away_goes_to_a_colleague_and_everybody_is_told(cast: Cast) -> None:
    number = cast.promised(minutes=60)
    covered = away(cast, cast.ana)
    assert [(each.commitment_id, each.customer, each.deputy) for each in covered.moved] == [
        (number, "Maria Lopez", "Ben Ito")
    ]
    assert covered.uncovered == ()
    assert covered.takers == {"Ben Ito": 1}
    assert owner(cast, number) == "Ben"
    assert waiting(cast) == [("handed_over", "customer"), ("yours_now", f"person:{cast.ben.id}")]
    with cast.sessions() as session:
        line = session.scalars(select(Event).where(Event.kind == EventKind.REASSIGNED)).one()
        assert line.facts == {
            "from": "Ana Ruiz",
            "from_id": cast.ana.id,
            "to": "Ben Ito",
            "reason": "Ana Ruiz is away then",
        }
        assert line.person_id == cast.sue.id


def test_what_is_due_after_the_return_stays(cast: Cast) -> None:
    number = cast.promised(minutes=3 * 60)
    assert away(cast, cast.ana, hours=3) == Covered()
    assert owner(cast, number) == "Ana"
    assert waiting(cast) == []


def test_what_is_overdue_goes_to_somebody_who_is_there_now(cast: Cast) -> None:
    number = cast.promised(minutes=10)
    cast.clock.forward(30)
    away(cast, cast.ana)
    assert owner(cast, number) == "Ben"


def test_what_is_due_at_night_is_looked_after_the_next_morning(cast: Cast) -> None:
    number = cast.promised(minutes=13 * 60)
    assert away(cast, cast.ana, hours=15) == Covered(), "back at five in the morning, before anybody works"
    away(cast, cast.ana, hours=24)
    assert owner(cast, number) == "Ben"


def test_an_absence_without_an_end_moves_everything(cast: Cast) -> None:
    soon, later = cast.promised(), cast.promised(minutes=60 * 24 * 90)
    away(cast, cast.ana, hours=None)
    assert {owner(cast, soon), owner(cast, later)} == {"Ben"}


def test_changed_shifts_and_leaving_move_promises_too(cast: Cast) -> None:
    number = cast.promised(minutes=60)
    assert change(cast, cast.ana, shifts="0-4:9-18") == Covered()
    change(cast, cast.ana, shifts="0-4:9-15")
    assert owner(cast, number) == "Ben", "three o'clock is no longer in the shift"
    covered = change(cast, cast.ben, active=False)
    assert covered.takers == {"Sue May": 1}, "a supervisor when no agent is left, and nobody who has left"
    with cast.sessions() as session:
        lines = session.scalars(select(Event).where(Event.kind == EventKind.REASSIGNED).order_by(Event.id))
        assert [line.facts and line.facts["reason"] for line in lines] == [
            "Ana Ruiz is away then",
            "Ben Ito has left",
        ]


def test_somebody_who_knows_the_customer_takes_over(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        dora = people.add_person(
            session, role=cast.ana.role, name="Dora Lee", email="d@example.org", team=session.merge(cast.care)
        )
        earlier = cast.promise(session)
        commitments.log_attempt(
            session, earlier, by=dora, disposition=Disposition.NO_ANSWER, now=cast.clock.now
        )
    assert away(cast, cast.ana).takers == {"Dora Lee": 1}


def test_when_nobody_is_there_it_stays_and_the_supervisors_hear_of_it_once(cast: Cast) -> None:
    numbers = [cast.promised(minutes=60), cast.promised(minutes=90)]
    away(cast, cast.sue, cast.ben)
    with cast.sessions.begin() as session:
        by_herself = session.get_one(Person, cast.ana.id)
        people.set_absence(session, by_herself, until=TWO + 3 * HOUR, now=TWO)
        covered = roster.cover(session, by_herself, by=None, now=TWO)
    assert covered.moved == ()
    assert [each.commitment_id for each in covered.uncovered] == numbers
    assert waiting(cast) == [("uncovered", f"person:{cast.sue.id}")], (
        "away as she is, for somebody has to know"
    )
    assert listed(cast) == [(number, None) for number in numbers]
    assert findings(cast) == [("owner or deputy on duty", number) for number in numbers]
    cast.tick()
    assert cast.wire.sent[-1].body.startswith(
        "2 with nobody on duty, first: callback today 15:00 (Ana), Maria"
    )


def test_a_deputy_is_enough_for_the_audit_and_the_list_names_one(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.add(Absence(person_id=cast.ana.id, starts_at=TWO, ends_at=TWO + 3 * HOUR))
    number = cast.promised(minutes=60)
    assert listed(cast) == [(number, "Ben Ito")]
    assert findings(cast) == []


def test_who_enters_the_absence_needs_no_text_about_it(cast: Cast) -> None:
    cast.promised(minutes=60)
    assert len(away(cast, cast.ben, cast.sue, cast.ana).uncovered) == 1
    assert waiting(cast) == []


def test_a_closure_of_the_team_is_no_shift_that_somebody_is_missing_in(cast: Cast) -> None:
    number = cast.promised(minutes=60)
    with cast.sessions.begin() as session:
        session.add(Closure(team_id=cast.care.id, starts_at=TWO, ends_at=TWO + 2 * HOUR, reason="fire drill"))
    assert listed(cast) == [], "somebody is there when it is over"
    assert away(cast, cast.ana, hours=3).takers == {"Ben Ito": 1}
    assert owner(cast, number) == "Ben"


def test_handed_over_twice_before_the_text_left_the_customer_reads_one_text(cast: Cast) -> None:
    cast.promised(minutes=60)
    cast.tick()
    away(cast, cast.ana, cast.ben)
    cast.tick()
    bodies = [text.body for text in cast.wire.sent if text.to == cast.maria.phone]
    assert len(bodies) == 2
    assert 'Sue now takes care of "the refund for order 1042" (promised: today 15:00)' in bodies[1]
    assert [text for text in cast.texts() if text.startswith("yours_now")] == ["yours_now to Sue"]


def test_somebody_looking_at_it_meanwhile_is_told_that_it_has_changed(cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions() as session:
        before = session.get_one(Commitment, number).version
    away(cast, cast.ana)
    with cast.sessions() as session:
        assert session.get_one(Commitment, number).version == before + 1


@contextmanager
def counted(cast: Cast) -> Iterator[list[str]]:
    sent: list[str] = []
    engine = cast.sessions.kw["bind"]

    def note(*given: Any) -> None:
        sent.append(given[2])

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def test_the_number_of_queries_does_not_grow_with_the_promises(cast: Cast) -> None:
    def queries(promises: int, now: datetime) -> int:
        with cast.sessions.begin() as session:
            for _ in range(promises):
                cast.promise(session, minutes=60)
        with counted(cast) as sent:
            assert len(away(cast, cast.ana).moved) == promises
        with cast.sessions.begin() as session:
            people.set_present(session, session.get_one(Person, cast.ana.id), now=now)
        return len(sent)

    assert queries(5, TWO) == queries(100, TWO)
