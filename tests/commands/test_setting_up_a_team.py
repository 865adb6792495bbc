"""`tracker db`, `team`, `person`: what an operator sets up, and what is refused there."""

import pytest
from sqlalchemy import Engine, inspect, select
from sqlalchemy.orm import Session, sessionmaker

from tests.cast import TWO, Cast
from tests.commands.conftest import Count, Run
from tests.rig.postgres import PostgresServer
from tracker import people
from tracker.model import Person, Role, Team

PASSWORD = b"keep-our-word\n"
TEAM = {"--name": "Billing", "--zone": "Europe/Madrid", "--region": "es"}
PERSON = {
    "--role": "supervisor",
    "--name": "Eva Sanz",
    "--email": " Eva@Example.org ",
    "--phone": "07700 900009",
    "--team": "Care",
}


def typed(options: dict[str, str]) -> list[str]:
    return [word for name, value in options.items() if value for word in (name, value)]


def test_upgrading_makes_the_tables_and_again_changes_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch, postgres: PostgresServer, bare: Engine
) -> None:
    if bare.dialect.name == "postgresql":  # the bare one is to stay bare
        postgres.create_database("to_upgrade")
        monkeypatch.setenv("TRACKER_DATABASE_URL", postgres.url("to_upgrade"))
    for _ in range(2):
        said = run("db", "upgrade")
        assert (said.code, said.out, said.err) == (0, "", "The database is up to date.\n")
    assert run("audit").out == "0 commitments checked, 0 findings.\n"
    if bare.dialect.name == "sqlite":
        assert {"commitment", "message", "person"} <= set(inspect(bare).get_table_names())


def test_a_team_and_its_first_person_are_added_and_can_log_in(
    run: Run, database: Engine, sessions: sessionmaker[Session]
) -> None:
    said = run("team", "add", *typed(TEAM), "--language", "es")
    assert (said.code, said.out, said.err) == (0, "", "Billing is a team now.\n")
    new = typed({**PERSON, "--team": "Billing", "--phone": "612 345 678"})
    said = run("person", "add", *new, "--password-stdin", stdin=PASSWORD)
    assert (said.code, said.out, said.err) == (0, "", "Eva Sanz can log in now.\n")
    with sessions.begin() as session:
        team = session.scalars(select(Team)).one()
        assert (team.zone, team.region, team.language) == ("Europe/Madrid", "ES", "es")
        eva = people.log_in(session, email="eva@example.org", password="keep-our-word", now=TWO)
        assert eva is not None
        assert (eva.name, eva.role, eva.phone, eva.team) == (
            "Eva Sanz",
            Role.SUPERVISOR,
            "+34612345678",
            team,
        )


def test_an_admin_needs_no_team(run: Run, database: Engine, sessions: sessionmaker[Session]) -> None:
    admin = typed({**PERSON, "--role": "admin", "--team": "", "--phone": ""})
    assert run("person", "add", *admin, "--password-stdin", stdin=PASSWORD).code == 0
    with sessions() as session:
        assert session.scalars(select(Person)).one().team is None


def test_of_a_password_the_end_of_its_line_is_no_part(
    run: Run, database: Engine, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    given = "  pässwörd 1\r\nand more".encode()
    assert run("person", "add", *typed(PERSON), "--password-stdin", stdin=given).code == 0
    with sessions.begin() as session:
        assert people.log_in(session, email="eva@example.org", password="  pässwörd 1", now=TWO)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"--zone": "Mars/Olympus"}, "There is no time zone 'Mars/Olympus': use a name like Europe/Madrid"),
        ({"--zone": "../../etc/passwd"}, "There is no time zone"),
        ({"--region": "XX"}, "There is no country 'XX': use two letters, like US or ES."),
        ({"--region": "Spain"}, "There is no country 'Spain'"),
        ({"--name": "Care"}, "There is a team called Care already: choose another name."),
        ({"--name": " "}, "The team's name is missing"),
        ({"--name": "x" * 81}, "The team's name has 81 characters; 80 is the most."),
        ({"--hours": "9-99"}, "'9-99' is not understood"),
        ({"--language": "tlh"}, "'tlh' is not one of 'de', 'en', 'es', 'fr'."),
    ],
)
def test_a_team_that_cannot_be_is_refused(
    run: Run, database: Engine, cast: Cast, count: Count, wrong: dict[str, str], why: str
) -> None:
    said = run("team", "add", *typed({**TEAM, **wrong}))
    assert (said.code, said.out) == (2, "")
    assert why in said.err.splitlines()[-1]
    assert (count("team"), count("ladder")) == (2, 2)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"--team": "Circus"}, "There is no team called 'Circus'."),
        ({"--team": ""}, "works in a team: name it."),
        ({"--role": "king"}, "'king' is not one of 'agent', 'supervisor', 'admin'."),
        ({"--email": "ANA@example.org"}, "ana@example.org belongs to somebody already"),
        ({"--email": "eva"}, "'eva' is not an e-mail address."),
        ({"--phone": "12"}, "'12' is not a phone number"),
        ({"--phone": "none"}, "'none' is not a phone number"),
        ({"--name": " "}, "The name is missing"),
    ],
)
def test_a_person_who_cannot_be_is_refused(
    run: Run, database: Engine, cast: Cast, count: Count, wrong: dict[str, str], why: str
) -> None:
    said = run("person", "add", *typed({**PERSON, **wrong}), "--password-stdin", stdin=PASSWORD)
    assert (said.code, said.out) == (2, "")
    assert why in said.err.splitlines()[-1]
    assert count("person") == 5


@pytest.mark.parametrize(
    ("password", "why"),
    [
        (b"short\n", "A password has at least 10 characters."),
        (b"", "A password has at least 10 characters."),
        ("pässwörd one".encode("latin-1"), "The password is not UTF-8 text."),
    ],
)
def test_a_password_that_cannot_be_is_refused(
    run: Run, database: Engine, cast: Cast, count: Count, password: bytes, why: str
) -> None:
    said = run("person", "add", *typed(PERSON), "--password-stdin", stdin=password)
    assert (said.code, said.out, said.err) == (2, "", why + "\n")
    assert count("person") == 5


def test_where_nobody_can_be_asked_for_a_password_it_is_said_how_to_give_it(
    run: Run, database: Engine, cast: Cast, count: Count
) -> None:
    said = run("person", "add", *typed(PERSON))
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert "--password-stdin" in said.err
    assert count("person") == 5
