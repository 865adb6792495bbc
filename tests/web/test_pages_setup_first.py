"""An empty house: who comes in first, and nobody else."""

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from tests.cast import TWO, Cast, Clock
from tests.visitor import Visitor, a_house, pages_over, words
from tracker.model import Person, Role, Team
from tracker.wiring import House
from web.first import address, key


@pytest.fixture
def empty(engine: Engine) -> House:
    """A house with nobody in it."""
    return a_house(engine, Clock())


@pytest.fixture
def newcomer(empty: House) -> Visitor:
    """Somebody who comes to it."""
    return Visitor(pages_over(empty).test_client())


def form(house: House, **changes: str) -> dict[str, str]:
    """The first-run form, filled in."""
    return {
        "key": key(house),
        "admin_name": "Ada Lund",
        "admin_email": "ada@example.org",
        "admin_password": "keep-our-word",
        "team_name": "Care",
        "zone": "Europe/London",
        "region": "GB",
        "language": "en",
        "agent_name": "Ana Ruiz",
        "agent_email": "ana@example.org",
        **changes,
    }


def people(house: House) -> list[tuple[str, Role]]:
    """Who is there."""
    with house.readers() as session:
        return [(each.name, each.role) for each in session.scalars(select(Person).order_by(Person.id))]


def test_the_first_form_makes_administrator_team_and_agent_and_leads_to_the_log_form(
    empty: House, newcomer: Visitor
) -> None:
    assert "Nobody is set up yet." in words(newcomer.get("/login"))
    entrance = address(empty, "")
    assert entrance is not None
    assert newcomer.get(entrance).status_code == 200
    answer = newcomer.post("/first", **form(empty))
    newcomer.token = ""
    page = newcomer.get(answer.location)
    assert "Log the first promise" in words(page)
    assert people(empty) == [("Ada Lund", Role.ADMIN), ("Ana Ruiz", Role.AGENT)]
    with empty.readers() as session:
        owner = session.scalars(select(Person.id).where(Person.role == Role.AGENT)).one()
        assert session.scalars(select(Team.name)).all() == ["Care"]
    assert f'<option value="{owner}" selected>' in page.text
    assert address(empty, "") is None
    assert newcomer.get(entrance).status_code == 404
    assert newcomer.post("/first", **form(empty, team_name="B")).status_code == 404


@pytest.mark.parametrize("given", ["", "wrong", "é"])
def test_without_the_key_there_is_nothing_to_find(empty: House, newcomer: Visitor, given: str) -> None:
    assert newcomer.get(f"/first?key={given}").status_code == 404
    assert newcomer.post("/first", **form(empty, key=given)).status_code == 404
    assert people(empty) == []


def test_a_house_with_another_secret_has_another_key(empty: House, engine: Engine) -> None:
    assert key(a_house(engine, Clock(TWO), TRACKER_SECRET_KEY="another")) != key(empty)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"admin_name": ""}, "The name is missing"),
        ({"admin_email": "x"}, "is not an e-mail address"),
        ({"admin_password": "short"}, "at least 10 characters"),
        ({"team_name": ""}, "name is missing"),
        ({"zone": "Nowhere"}, "There is no time zone"),
        ({"region": "QQ"}, "There is no country"),
        ({"agent_name": ""}, "The name is missing"),
        ({"agent_email": "ada@example.org"}, "belongs to somebody already"),
        ({"agent_phone": "1"}, "is not a phone number"),
        ({"agent_password": "short"}, "at least 10 characters"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_half_done(
    empty: House, newcomer: Visitor, changes: dict[str, str], sentence: str
) -> None:
    answer = newcomer.post("/first", **form(empty, **changes))
    assert answer.status_code == 422
    assert sentence in words(answer)
    (field,) = changes
    assert f'id="{field}-wrong"' in answer.text
    assert "keep-our-word" not in answer.text
    assert people(empty) == []


def test_a_house_with_people_in_it_says_nothing_of_it(visitor: Visitor, app: Flask, cast: Cast) -> None:
    assert "Nobody is set up yet." not in words(visitor.get("/login"))
    assert address(a_house(cast.sessions.kw["bind"], cast.clock), "") is None
