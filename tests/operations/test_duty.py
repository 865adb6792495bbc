"""Who is at work, and when: rows become calendars."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from tests.cast import TWO, Cast
from tests.operations.past import kept, remember
from tests.operations.test_advising import work
from tracker import duty, people
from tracker.model import Absence, Closure, Person, Role, Team
from tracker.queries import crew, here_with_load

NIGHT = datetime(2026, 11, 19, 23, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MONDAY_AT_NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def change(cast: Cast, who: Person | Team, **values: object) -> None:
    with cast.sessions.begin() as session:
        row = session.get_one(type(who), who.id)
        for name, value in values.items():
            setattr(row, name, value)


def away(cast: Cast, who: Person, starts_at: datetime, ends_at: datetime | None) -> None:
    with cast.sessions.begin() as session:
        session.add(Absence(person_id=who.id, starts_at=starts_at, ends_at=ends_at))


def next_on_duty(session: Session, person_id: int, now: datetime) -> datetime | None:
    return duty.duty_calendars(session, {person_id})[person_id].next_open(now)


def here(cast: Cast, at: datetime) -> set[str]:
    with cast.sessions() as session:
        return {session.get_one(Person, n).name.split()[0] for n in duty.on_duty(session, cast.care.id, at)}


@contextmanager
def counted(cast: Cast) -> Iterator[list[str]]:
    sent: list[str] = []
    engine = cast.sessions.kw["bind"]

    def note(*given: object) -> None:
        sent.append(str(given[2]))

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def test_without_shifts_everybody_is_on_duty_while_the_team_works(cast: Cast) -> None:
    assert here(cast, TWO) == {"Ana", "Ben", "Sue"}
    assert here(cast, NIGHT) == set()
    assert here(cast, SATURDAY) == set()


def test_shifts_stand_instead_of_the_teams_hours(cast: Cast) -> None:
    change(cast, cast.ana, shifts="3:22-6")
    assert here(cast, NIGHT) == {"Ana"}
    assert here(cast, TWO) == {"Ben", "Sue"}


def test_shifts_are_by_the_clock_of_the_team(cast: Cast) -> None:
    change(cast, cast.care, zone="America/New_York")
    change(cast, cast.ana, shifts="0-4:9-12", zone="Europe/Madrid")
    assert here(cast, TWO) == {"Ana", "Ben", "Sue"}, "it is nine in the morning in New York"
    assert here(cast, TWO + timedelta(hours=3)) == {"Ben", "Sue"}


def test_somebody_absent_or_gone_is_not_on_duty(cast: Cast) -> None:
    away(cast, cast.ana, TWO - timedelta(hours=1), TWO + timedelta(hours=1))
    change(cast, cast.ben, active=False)
    assert here(cast, TWO) == {"Sue"}
    assert here(cast, TWO + timedelta(hours=1)) == {"Ana", "Sue"}


def test_an_absence_without_an_end_lasts(cast: Cast) -> None:
    away(cast, cast.ana, TWO, None)
    with cast.sessions() as session:
        assert next_on_duty(session, cast.ana.id, TWO - timedelta(seconds=1)) is not None
        assert next_on_duty(session, cast.ana.id, TWO) is None


def test_a_closure_and_a_public_holiday_send_everybody_home(cast: Cast) -> None:
    change(cast, cast.care, holidays="GB-SCT")
    with cast.sessions.begin() as session:
        session.add(
            Closure(
                team_id=cast.care.id, starts_at=TWO, ends_at=TWO + timedelta(hours=1), reason="stocktaking"
            )
        )
    assert here(cast, TWO) == set()
    assert here(cast, TWO + timedelta(hours=1)) == {"Ana", "Ben", "Sue"}
    saint_andrew = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    assert here(cast, saint_andrew) == set(), "kept in Scotland, not in all of the country"
    change(cast, cast.care, holidays="GB-ENG")
    assert here(cast, saint_andrew) == {"Ana", "Ben", "Sue"}
    with cast.sessions() as session:
        closed = duty.team_calendar(session, session.get_one(Team, cast.care.id)).why_closed(TWO)
        assert closed is not None
        assert closed.label == "stocktaking"


def test_the_next_time_on_duty_is_now_or_when_the_next_shift_starts(cast: Cast) -> None:
    with cast.sessions() as session:
        assert next_on_duty(session, cast.ana.id, TWO) == TWO
        assert next_on_duty(session, cast.ana.id, SATURDAY) == MONDAY_AT_NINE
        assert duty.duty_calendars(session, {12345}) == {}


def test_an_admin_without_a_team_is_at_work_whenever_not_absent(cast: Cast) -> None:
    away(cast, cast.ada, SATURDAY, SATURDAY + timedelta(hours=1))
    with cast.sessions() as session:
        assert next_on_duty(session, cast.ada.id, NIGHT) == NIGHT
        assert next_on_duty(session, cast.ada.id, SATURDAY) == SATURDAY + timedelta(hours=1)


def test_a_customer_may_be_rung_from_eight_to_nine_by_their_own_clock() -> None:
    calendar = duty.outside_quiet_hours("America/New_York")
    assert calendar.next_open(datetime(2026, 11, 19, 12, 0, tzinfo=UTC)) == datetime(
        2026, 11, 19, 13, 0, tzinfo=UTC
    )
    assert calendar.is_open(datetime(2026, 11, 20, 1, 59, tzinfo=UTC))
    assert not calendar.is_open(datetime(2026, 11, 20, 2, 0, tzinfo=UTC))


@pytest.mark.parametrize("people_in_the_team", [0, 30])
def test_the_number_of_queries_does_not_grow_with_the_people(cast: Cast, people_in_the_team: int) -> None:
    with cast.sessions.begin() as session:
        team = session.merge(cast.care, load=False)
        for n in range(people_in_the_team):
            new = people.add_person(
                session, role=Role.AGENT, name=f"Agent {n}", email=f"a{n}@example.org", team=team
            )
            session.add(Absence(person_id=new.id, starts_at=TWO, ends_at=None))
    with cast.sessions() as session, counted(cast) as sent:
        duty.on_duty(session, cast.care.id, TWO)
        assert len([each for each in sent if each.startswith("SELECT")]) == 1
        del sent[:]
        duty.duty_calendars(session, range(1, 100))
        assert len([each for each in sent if each.startswith("SELECT")]) == 1


def resting(cast: Cast, at: datetime, role: Role | None = None) -> set[str]:
    with cast.sessions() as session:
        off = duty.resting(session, {cast.care.id, cast.sales.id}, at, role=role)
        return {session.get_one(Person, number).name.split()[0] for number in off}


def test_who_is_off_rests_while_a_colleague_is_on_duty(cast: Cast) -> None:
    change(cast, cast.ana, shifts="0-4:9-13")
    assert resting(cast, TWO) == {"Ana"}
    assert resting(cast, TWO, Role.SUPERVISOR) == set()
    away(cast, cast.ben, TWO, None)
    assert resting(cast, TWO) == {"Ana", "Ben"}


def test_nobody_rests_of_a_team_in_which_nobody_is_on_duty(cast: Cast) -> None:
    assert resting(cast, NIGHT) == set()
    change(cast, cast.zoe, shifts="0-6:0-24")
    assert resting(cast, NIGHT) == set(), "another team on duty disturbs nobody's rest and grants none"
    with cast.sessions.begin() as session:
        session.add(
            Closure(
                team_id=cast.care.id, starts_at=TWO, ends_at=TWO + timedelta(hours=1), reason="fire drill"
            )
        )
    change(cast, cast.ben, shifts="0-4:9-13")
    assert resting(cast, TWO) == set()


def test_who_rests_is_asked_in_one_query(cast: Cast) -> None:
    with cast.sessions() as session, counted(cast) as sent:
        duty.resting(session, {cast.care.id, cast.sales.id}, TWO)
    assert len([each for each in sent if each.startswith("SELECT")]) == 1


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "question",
    [
        lambda session, cast: duty.crews(session, cast.care.id, now=TWO),
        lambda session, cast: session.execute(here_with_load(), {"team": cast.care.id, "now": TWO}).all(),
        lambda session, cast: session.execute(crew(cast.sue, TWO)).all(),
    ],
)
def test_what_somebody_has_in_hand_is_as_little_work_however_much_they_have_closed(
    cast: Cast, engine: Engine, question: Callable[[Session, Cast], object]
) -> None:
    """Work is counted in steps of SQLite's machine, without statistics: a new house has none."""

    def ask() -> None:
        with cast.sessions() as session:
            question(session, cast)

    cast.promised()
    few = work(engine, ask)
    remember(cast, *kept(cast.ana, 1, 3000))
    assert work(engine, ask) == pytest.approx(few, rel=0.05)
    assert few > 100
