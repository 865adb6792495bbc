"""Who is here: teams, people, log-ins, absences, customers."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.cast import PASSWORD, TWO, Cast
from tracker import people
from tracker.model import Absence, Customer, Person, Role
from tracker.policy.checks import NotFound, Refused
from tracker.queries import present


def log_in(cast: Cast, password: str = PASSWORD, email: str = " Ana@Example.org") -> str | None:
    with cast.sessions.begin() as session:
        person = people.log_in(session, email=email, password=password, now=cast.clock.now)
        return person.name if person else None


def test_the_right_password_logs_in_and_a_wrong_one_does_not(cast: Cast) -> None:
    assert log_in(cast) == "Ana Ruiz"
    assert log_in(cast, "keep-our-sword") is None
    assert log_in(cast, email="nobody@example.org") is None
    assert log_in(cast, "") is None


def test_after_five_wrong_passwords_the_log_in_rests_for_five_minutes(cast: Cast) -> None:
    for _ in range(5):
        assert log_in(cast, "guess") is None
    with pytest.raises(Refused, match="wait five minutes"):
        log_in(cast)
    cast.clock.forward(5)
    assert log_in(cast) == "Ana Ruiz"


def test_a_person_without_a_password_or_who_left_cannot_log_in(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.ana.id).active = False
        session.get_one(Person, cast.ben.id).password_hash = None
    assert log_in(cast) is None
    assert log_in(cast, email="ben@example.org") is None


def test_a_new_password_ends_every_log_in_made_with_the_old_one(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        ana = session.get_one(Person, cast.ana.id)
        before = ana.session_key
        people.set_password(ana, "a better password")
        assert ana.session_key != before
        with pytest.raises(Refused, match="at least 10"):
            people.set_password(ana, "short")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"region": "XX"}, "region"),
        ({"name": " "}, "name"),
        ({"name": "Care"}, "name"),
        ({"hours": "9-99"}, "hours"),
        ({"hours": ""}, "hours"),
    ],
)
def test_a_team_that_cannot_be_is_refused(cast: Cast, wrong: dict[str, str], field: str) -> None:
    given = {"name": "New", "zone": "UTC", "region": "GB", **wrong}
    with cast.sessions() as session, pytest.raises(Refused) as refused:
        people.add_team(session, now=TWO, **given)  # type: ignore[arg-type]  # names checked by add_team
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "ana@example.org"}, "email"),
        ({"email": "ANA@EXAMPLE.ORG"}, "email"),
        ({"email": "ana"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"zone": "Nowhere"}, "zone"),
        ({"team": None}, "team"),
        ({"password": "short"}, "password"),
    ],
)
def test_a_person_who_cannot_be_is_refused(cast: Cast, wrong: dict[str, object], field: str) -> None:
    with cast.sessions() as session:
        given: dict[str, object] = {
            "name": "New One",
            "email": "new@example.org",
            "team": session.merge(cast.care, load=False),
            **wrong,
        }
        with pytest.raises(Refused) as refused:
            people.add_person(session, role=Role.AGENT, **given)  # type: ignore[arg-type]  # the same
    assert refused.value.field == field


def test_away_until_back_and_away_until_a_time(cast: Cast) -> None:
    def here() -> set[str]:
        with cast.sessions() as session:
            names = select(Person.name).where(present(cast.clock.now), Person.team_id == cast.care.id)
            return {name.split()[0] for name in session.scalars(names)}

    with cast.sessions.begin() as session:
        ana, ben = session.get_one(Person, cast.ana.id), session.get_one(Person, cast.ben.id)
        people.set_absence(session, ana, until=None, now=TWO)
        people.set_absence(session, ben, until=TWO + timedelta(hours=1), now=TWO)
        with pytest.raises(Refused, match="lies ahead"):
            people.set_absence(session, ben, until=TWO, now=TWO)
    assert here() == {"Sue"}
    cast.clock.forward(60)
    assert here() == {"Ben", "Sue"}
    with cast.sessions.begin() as session:
        people.set_present(session, session.get_one(Person, cast.ana.id), now=cast.clock.now)
    assert here() == {"Ana", "Ben", "Sue"}
    with cast.sessions() as session:
        assert len(session.scalars(select(Absence)).all()) == 2


def test_a_known_number_is_the_same_customer_however_it_is_written(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        care = session.merge(cast.care, load=False)
        for phone in ("07700 900100", "+44 7700 900100", "+447700900100", "(07700) 900-100"):
            again = people.find_or_add_customer(session, phone=phone, name="M.", team=care, now=TWO)
            assert again.id == cast.maria.id
        assert len(session.scalars(select(Customer)).all()) == 1


def test_a_new_customers_zone_is_the_one_their_number_lies_in(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        care = session.merge(cast.care, load=False)
        add = people.find_or_add_customer
        assert add(session, phone="+1 212 555 0123", name="Jo", team=care, now=TWO).zone == "America/New_York"
        assert add(session, phone="+1 800 555 0123", name="Al", team=care, now=TWO).zone == "Europe/London"


@pytest.mark.parametrize("phone", ["", "abc", "12", "+", "0" * 40, "+999123456789012345"])
def test_a_phone_number_that_is_none_is_refused(cast: Cast, phone: str) -> None:
    with cast.sessions() as session:
        care = session.merge(cast.care, load=False)
        with pytest.raises(Refused, match=r"is not a phone number|is missing"):
            people.find_or_add_customer(session, phone=phone, name="Jo", team=care, now=TWO)


def test_asking_for_what_is_not_there_says_so(cast: Cast) -> None:
    with cast.sessions() as session:
        with pytest.raises(NotFound, match="no team called 'Circus'"):
            people.team_called(session, "Circus")
        with pytest.raises(NotFound, match="Nobody here"):
            people.person_with(session, "ghost@example.org")
