"""What does a customer see when something does not work? A calm page of their own, in their language."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

from tests.cast import Cast, Clock
from tests.operations.test_customers import fulfilled
from tests.visitor import a_house, pages_over, words
from tests.web.customer_side import Link, speaking
from tracker.model import Team
from tracker.policy.links import OPEN_FOR
from tracker.wiring import make_engine


def of_staff(answer: TestResponse) -> list[str]:
    """What of it only colleagues should see."""
    return re.findall(
        r"bootstrap|href=\"/(?:login)?\"|To the desk|Log in|tracker db|Whoever runs", answer.text
    )


Ask = Callable[[FlaskClient, str], TestResponse]
WRONG: dict[str, tuple[int, Ask, str, str]] = {
    "an address that is too long": (
        404,
        lambda phone, path: phone.get(f"{path}/note/again"),
        "There is nothing here",
        "Aquí no hay nada",
    ),
    "a form for which there is none": (
        404,
        lambda phone, path: phone.post(f"{path}/refund"),
        "There is nothing here",
        "Aquí no hay nada",
    ),
    "a method that no page has": (
        405,
        lambda phone, path: phone.put(path),
        "That did not work",
        "No ha funcionado",
    ),
    "a book for a note": (
        413,
        lambda phone, path: phone.post(f"{path}/note", data={"note": "x" * 300_000}),
        "That was too long",
        "Es demasiado largo",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_it_is_the_customers_own_page_in_the_language_of_the_link(
    cast: Cast, phone: FlaskClient, link: Link, name: str
) -> None:
    status, ask, english, spanish = WRONG[name]
    path = link(cast.promised())
    for language, title in (("en", english), ("es", spanish)):
        speaking(cast, language, "Europe/London")
        answer = ask(phone, path)
        assert answer.status_code == status
        assert f'<html lang="{language}">' in answer.text
        assert title in words(answer)
        assert "Care" in words(answer), "whom to turn to"
        assert f'href="{path}"' in answer.text, "the way back"
        assert of_staff(answer) == []
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]


@pytest.mark.parametrize(
    ("accepts", "language", "title"),
    [
        ("es-MX", "es", "Aquí no hay nada"),
        ("fr", "fr", "Il n'y a rien ici"),
        ("de-AT", "de", "Hier ist nichts"),
        ("ja", "en", "There is nothing here"),
    ],
)
@pytest.mark.parametrize("path", ["/c/", "/c/nobody/wrote/this"])
def test_without_a_link_that_we_wrote_the_phone_says_which_language(
    phone: FlaskClient, path: str, accepts: str, language: str, title: str
) -> None:
    answer = phone.get(path, headers={"Accept-Language": accepts})
    assert answer.status_code == 404
    assert f'<html lang="{language}">' in answer.text
    assert title in words(answer)
    assert of_staff(answer) == []


def test_the_number_that_texts_come_from_is_one_press_away(
    cast: Cast, phone: FlaskClient, link: Link
) -> None:
    path = link(cast.promised())
    assert "sms:" not in phone.put(path).text
    with cast.sessions.begin() as session:
        session.get_one(Team, cast.care.id).sender = "+442071838750"
    assert 'href="sms:+442071838750"' in phone.put(path).text


def test_a_page_that_has_closed_names_the_team_to_call(cast: Cast, phone: FlaskClient, link: Link) -> None:
    path = link(fulfilled(cast))
    cast.clock.now += OPEN_FOR
    answer = phone.get(path)
    assert answer.status_code == 410
    assert "Care" in words(answer)


def test_what_breaks_on_our_side_is_no_fault_of_theirs_and_shows_no_innards(
    cast: Cast, phone: FlaskClient, link: Link, engine: Engine
) -> None:
    speaking(cast, "de", "Europe/Berlin")
    path = link(cast.promised())

    def fail(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if "opt_out" in statement:  # the last that the page asks for
            raise RuntimeError("innards")

    event.listen(engine, "before_cursor_execute", fail)
    answer = phone.get(path)
    event.remove(engine, "before_cursor_execute", fail)
    assert answer.status_code == 500
    assert '<html lang="de">' in answer.text
    assert "Unser Versprechen gilt" in words(answer)
    assert "innards" not in answer.text
    assert of_staff(answer) == []


def test_a_database_that_is_not_ready_is_an_apology_too(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    house = a_house(engine, Clock())
    answer = (
        pages_over(house)
        .test_client()
        .get(f"/c/{house.settings.links.token(1)}", headers={"Accept-Language": "fr"})
    )
    assert answer.status_code == 503
    assert '<html lang="fr">' in answer.text
    assert "Notre promesse tient toujours" in words(answer)
    assert of_staff(answer) == []
    engine.dispose()
