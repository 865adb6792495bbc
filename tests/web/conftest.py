"""The pages of a house with two teams in it, and people who use them as a browser would."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from tests.cast import Cast, Wire
from tests.visitor import Visitor, a_house, hidden, pages_over
from tests.web.customer_side import Link
from tests.web.provider import ACCOUNT, Twilio
from tracker.delivery import deliver
from tracker.model import Person
from tracker.wiring import House

Queries = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def house(engine: Engine, cast: Cast) -> House:
    """The house that the pages are made over."""
    return a_house(engine, cast.clock)


@pytest.fixture
def app(house: House) -> Flask:
    """Its pages."""
    return pages_over(house)


@pytest.fixture
def phone(app: Flask) -> FlaskClient:
    """The browser of a customer's phone. It keeps no cookies."""
    return app.test_client(use_cookies=False)


@pytest.fixture
def link(house: House) -> Link:
    """The path of a promise's page."""
    return Link(house)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody who has not logged in."""
    return Visitor(app.test_client())


@pytest.fixture(scope="session")
def passes() -> dict[str, tuple[str, str]]:
    """The cookie and the token of who has logged in once, by their session key: to log in took half of a test."""
    return {}


@pytest.fixture
def enter(app: Flask, passes: dict[str, tuple[str, str]]) -> Callable[[Person], Visitor]:
    """Somebody who is logged in, at a browser of their own."""

    def logged_in(person: Person) -> Visitor:
        visitor = Visitor(app.test_client())
        if person.session_key in passes:
            cookie, visitor.token = passes[person.session_key]
            visitor.client.set_cookie("tracker", cookie)
            return visitor
        assert visitor.log_in(person.email).status_code == 302
        visitor.token = hidden(visitor.get("/me").text, "csrf_token")
        kept = visitor.client.get_cookie("tracker")
        assert kept is not None
        passes[person.session_key] = kept.value, visitor.token
        return visitor

    return logged_in


@pytest.fixture
def ana(enter: Callable[[Person], Visitor], cast: Cast) -> Visitor:
    """Ana at her browser."""
    return enter(cast.ana)


@pytest.fixture
def sue(enter: Callable[[Person], Visitor], cast: Cast) -> Visitor:
    """Sue, her supervisor."""
    return enter(cast.sue)


@pytest.fixture
def ada(enter: Callable[[Person], Visitor], cast: Cast) -> Visitor:
    """Ada, who runs the place."""
    return enter(cast.ada)


@pytest.fixture
def queries(engine: Engine) -> Queries:
    """A block that collects the statements sent to the database, but for BEGIN and the like:
    `with queries() as sent: ...`, then `len(sent)`."""

    @contextmanager
    def collecting() -> Iterator[list[str]]:
        sent: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
            if not statement.lower().startswith(("begin", "pragma", "commit", "rollback")):
                sent.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return collecting


@pytest.fixture
def twilio(engine: Engine, cast: Cast) -> Twilio:
    """The provider, posting to a house of its own account."""
    return Twilio(pages_over(a_house(engine, cast.clock, **ACCOUNT)))


@pytest.fixture
def token(cast: Cast) -> str:
    """The token of the dispatch that confirms a promise to Maria."""
    cast.promised()
    wire = Wire()
    deliver(cast.sessions, {"sms": wire}, now=cast.clock.now)
    return wire.sent[0].token
