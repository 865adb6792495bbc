"""A supervisor's board, and the people."""

import pytest
from sqlalchemy import select

from tests.cast import PASSWORD, Cast
from tests.visitor import Visitor, words
from tracker.model import Absence, Commitment, Person, Role, Team


def test_the_board_says_who_has_how_much_in_hand(sue: Visitor, cast: Cast) -> None:
    for minutes in (5, 60, 90):
        cast.promised(minutes=minutes)
    cast.clock.forward(10)
    page = words(sue.get("/supervisor"))
    assert "Ana Ruiz 3 open 1 late" in page
    assert "Ben Ito 0 open 0 late" in page
    assert "Zoe Fox" not in page


def test_a_supervisor_marks_who_is_away_and_who_is_back(sue: Visitor, cast: Cast) -> None:
    assert sue.post(f"/people/{cast.ana.id}/away", until="2026-11-20T09:00").status_code == 302
    page = words(sue.get("/people"))
    assert "away until tomorrow, 09:00" in page
    assert "Ana Ruiz (away), 0 open" in words(sue.get("/new"))
    sue.post(f"/people/{cast.ana.id}/back")
    assert "away until" not in words(sue.get("/people"))


@pytest.mark.parametrize("until", ["2026-11-19T13:00", "soon", "9999-99-99T99:99"])
def test_an_absence_that_cannot_be_gets_a_sentence_beside_the_person(
    sue: Visitor, cast: Cast, until: str
) -> None:
    answer = sue.post(f"/people/{cast.ana.id}/away", until=until)
    assert answer.status_code == 422
    assert f'value="{until}"' in answer.text
    assert answer.text.count('role="alert"') == 1
    with cast.sessions() as session:
        assert session.scalars(select(Absence)).all() == []


def test_an_administrator_adds_a_team_and_its_people(ada: Visitor, visitor: Visitor, cast: Cast) -> None:
    ada.post("/setup", name="Returns", zone="Europe/Madrid", region="es", language="es")
    with cast.sessions() as session:
        team = session.scalars(select(Team).where(Team.name == "Returns")).one()
    added = ada.post(
        "/people",
        name="Luz Vega",
        email="Luz@Example.org",
        role="agent",
        team=team.id,
        phone="600 111 222",
        password="nunca olvidar",
    )
    assert added.location == "/people"
    with cast.sessions() as session:
        luz = session.scalars(select(Person).where(Person.email == "luz@example.org")).one()
        assert (luz.phone, luz.zone, luz.role) == ("+34600111222", "Europe/Madrid", Role.AGENT)
    assert visitor.log_in("luz@example.org", "nunca olvidar").status_code == 302


@pytest.mark.parametrize(
    ("path", "typed", "sentence"),
    [
        ("/people", {"name": "", "email": "a@b.example"}, "The name is missing"),
        ("/people", {"name": "Al", "email": "nonsense"}, "is not an e-mail address"),
        ("/people", {"name": "Al", "email": "ana@example.org"}, "belongs to somebody already"),
        ("/people", {"name": "Al", "email": "a@b.example", "role": "king"}, "Choose one of these"),
        ("/people", {"name": "Al", "email": "a@b.example", "team": ""}, "works in a team"),
        ("/people", {"name": "Al", "email": "a@b.example", "team": "99"}, "There is no such team"),
        ("/people", {"name": "Al", "email": "a@b.example", "password": "short"}, "at least 10 characters"),
        ("/people", {"name": "Al", "email": "a@b.example", "phone": "1"}, "is not a phone number"),
        ("/setup", {"name": "Care", "zone": "UTC", "region": "GB"}, "There is a team called Care"),
        ("/setup", {"name": "New", "zone": "Nowhere", "region": "GB"}, "There is no time zone"),
        ("/setup", {"name": "New", "zone": "UTC", "region": "QQ"}, "There is no country"),
    ],
)
def test_people_and_teams_that_cannot_be_get_a_sentence(
    ada: Visitor, cast: Cast, path: str, typed: dict[str, str], sentence: str
) -> None:
    start = {"role": "agent", "team": cast.care.id} if path == "/people" else {}
    answer = ada.post(path, **{**start, **typed})
    assert answer.status_code in (404, 422)
    assert sentence in words(answer)
    assert f'value="{typed["name"]}"' in answer.text
    assert 'value="short"' not in answer.text  # a password is never sent back
    with cast.sessions() as session:
        assert len(session.scalars(select(Person)).all()) == 5
        assert len(session.scalars(select(Team)).all()) == 2


def test_a_new_password_from_the_administrator_ends_the_old_log_ins(
    ada: Visitor, ana: Visitor, visitor: Visitor, cast: Cast
) -> None:
    assert ada.post(f"/people/{cast.ana.id}/password", password="short").status_code == 422
    assert ana.get("/").status_code == 200
    ada.post(f"/people/{cast.ana.id}/password", password="a longer one")
    assert ana.get("/").status_code == 302
    assert visitor.log_in("ana@example.org", PASSWORD).status_code == 422
    assert visitor.log_in("ana@example.org", "a longer one").status_code == 302


def test_an_agent_of_one_team_can_neither_see_nor_touch_anything_of_another(ana: Visitor, cast: Cast) -> None:
    theirs = cast.promised(owner=cast.zoe, topic="zoe's secret")
    ours = cast.promised()
    version = {"version": "1"}
    due = {"due_at": "2026-11-19T18:00+00:00", "reason": "x"}
    answers = {
        "look": ana.get(f"/commitments/{theirs}"),
        "attempt": ana.post(f"/commitments/{theirs}/attempt", **version, done="y"),
        "revise": ana.post(f"/commitments/{theirs}/revise", **version, **due),
        "reassign": ana.post(f"/commitments/{theirs}/reassign", **version, owner=cast.ana.id, reason="x"),
        "close": ana.post(
            f"/commitments/{theirs}/close", **version, outcome="withdrawn by us", reference="x"
        ),
        "reopen": ana.post(f"/commitments/{theirs}/reopen", **version, **due),
        "their owner": ana.act(ours, "reassign", owner=cast.zoe.id, reason="x"),
        "their promise": ana.act(ours, "close", outcome="duplicate", duplicate_of=theirs),
        "a promise for them": ana.post(
            "/new", phone="07700900100", topic="x", kind="callback", owner=cast.zoe.id, due_at=due["due_at"]
        ),
    }
    for what, answer in answers.items():
        assert answer.status_code == 404, what
        assert "secret" not in answer.text, what
        assert "Zoe" not in answer.text, what
    with cast.sessions() as session:
        assert [c.version for c in session.scalars(select(Commitment))] == [1, 1]


def test_a_supervisor_of_one_team_cannot_touch_the_people_of_another(sue: Visitor, cast: Cast) -> None:
    assert sue.post(f"/people/{cast.zoe.id}/away").status_code == 404
    assert sue.post(f"/people/{cast.zoe.id}/back").status_code == 404
    assert "Zoe" not in sue.get("/people").text
