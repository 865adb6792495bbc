"""What happens by itself goes to those who are on duty, and to anybody rather than to nobody."""

from sqlalchemy import event

from tests.cast import Cast
from tracker import people
from tracker.model import Commitment, Person, Role


def shifts(cast: Cast, **worked: str) -> None:
    with cast.sessions.begin() as session:
        for name, hours in worked.items():
            session.get_one(Person, getattr(cast, name).id).shifts = hours


def add(cast: Cast, name: str, role: Role, hours: str | None) -> Person:
    with cast.sessions.begin() as session:
        person = people.add_person(
            session,
            role=role,
            name=name,
            email=f"{name.split()[0].lower()}@example.org",
            team=session.merge(cast.care),
            phone="07700 900777",
        )
        person.shifts = hours
    return person


def owner(cast: Cast, number: int) -> str:
    with cast.sessions() as session:
        return session.get_one(Commitment, number).owner.name.split()[0]


def told(cast: Cast) -> list[str]:
    return [text for text in cast.texts() if text.startswith(("escalation", "yours_now"))]


def test_a_late_promise_goes_to_somebody_on_duty_however_loaded(cast: Cast) -> None:
    add(cast, "Dora Lee", Role.AGENT, "0-4:9-12")
    for _ in range(3):
        cast.promised(owner=cast.ben, minutes=600, announce=False)
    number = cast.promised(minutes=30, announce=False)
    cast.tick(100)
    cast.tick(1)
    assert owner(cast, number) == "Ben", "Dora owns nothing, but her shift is over"


def test_with_nobody_else_on_duty_it_stays_and_the_supervisor_hears_of_it(cast: Cast) -> None:
    shifts(cast, ben="0-4:9-12", sue="0-4:9-12")
    number = cast.promised(minutes=30, announce=False)
    cast.tick(100)
    cast.tick(1)
    assert owner(cast, number) == "Ana"
    assert told(cast) == ["escalation to Sue", "escalation to Sue"]


def test_at_night_when_nobody_is_on_duty_anybody_who_is_not_away_takes_over(cast: Cast) -> None:
    number = cast.promised(minutes=5 * 60, announce=False)
    cast.tick(6.5 * 60)
    cast.tick(1)
    assert owner(cast, number) == "Ben"


def test_of_two_supervisors_the_one_on_duty_is_told(cast: Cast) -> None:
    add(cast, "Max Orr", Role.SUPERVISOR, "0-4:9-12")
    cast.promised(minutes=30, announce=False)
    cast.tick(46)
    cast.tick(1)
    assert told(cast) == ["escalation to Sue"]


def test_with_no_supervisor_on_duty_all_who_are_not_away_are_told(cast: Cast) -> None:
    add(cast, "Max Orr", Role.SUPERVISOR, "0-4:9-12")
    shifts(cast, sue="0-4:9-12")
    cast.promised(minutes=30, announce=False)
    cast.tick(46)
    cast.tick(1)
    assert sorted(told(cast)) == ["escalation to Max", "escalation to Sue"]


def test_shifts_cost_one_query_a_batch_and_only_where_somebody_is_chosen(cast: Cast) -> None:
    for _ in range(40):
        cast.promised(minutes=30, announce=False)
    asked: list[str] = []
    engine = cast.sessions.kw["bind"]

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(engine, "before_cursor_execute", note)
    cast.tick(15)
    assert not [each for each in asked if "person.shifts" in each], "a reminder goes to the owner"
    cast.tick(30)
    event.remove(engine, "before_cursor_execute", note)
    assert len([each for each in asked if "person.shifts" in each]) == 1
