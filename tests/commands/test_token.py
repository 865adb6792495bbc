"""`tracker person token`: with it a program acts for somebody."""

import pytest

from tests.cast import Cast
from tests.commands.conftest import Run
from tests.visitor import a_house
from tests.web.api_client import Program
from web.app import create_app

pytestmark = pytest.mark.usefixtures("database")


def test_a_program_with_the_printed_token_acts_for_that_person(cast: Cast, run: Run) -> None:
    cast.promised()
    said = run("person", "token", "--email", "Ana@example.org")
    assert (said.code, said.err) == (0, "")
    app = create_app(a_house(cast.sessions.kw["bind"].engine, cast.clock))
    found = Program(app.test_client(), said.out.strip()).get("/commitments")
    assert [each["owner_email"] for each in found.json["commitments"]] == ["ana@example.org"]


def test_nobody_gets_a_token_for_somebody_who_is_not_here(cast: Cast, run: Run) -> None:
    said = run("person", "token", "--email", "nobody@example.org")
    assert (said.code, said.out) == (2, "")
    assert said.err == "Nobody here has the address 'nobody@example.org'.\n"
