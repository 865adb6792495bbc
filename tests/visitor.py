"""Somebody at a browser, and the house whose pages they open."""

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from tests.cast import PASSWORD
from tracker.settings import Settings
from tracker.wiring import House, make_readers, make_sessions
from web.app import create_app


class Visitor:
    """Somebody at a browser: it keeps cookies, and sends the hidden fields of a form back as it got them."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = ""

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open a page."""
        return self.client.get(
            path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    def post(self, path: str, **fields: object) -> TestResponse:
        """Send a form, with the token that this log-in's forms carry."""
        if not self.token:
            self.token = hidden(self.client.get("/login", follow_redirects=True).text, "csrf_token")
        return self.client.post(path, data={"csrf_token": self.token, **fields})

    def log_in(self, email: str, password: str = PASSWORD, path: str = "/login") -> TestResponse:
        """Fill in the log-in page."""
        answer = self.post(path, email=email, password=password)
        self.token = ""  # a log-in starts a session of its own
        return answer

    def act(self, number: int, act: str, **fields: object) -> TestResponse:
        """Open a promise's page and send one of its forms."""
        page = self.get(f"/commitments/{number}").text
        seen = {name: hidden(page, name) for name in ("version", "event")}
        return self.post(f"/commitments/{number}/{act}", **{**seen, **fields})


def hidden(page: str, name: str) -> str:
    """The value of a hidden field; empty when there is none."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return unescape(found[1]) if found else ""


def words(response: TestResponse) -> str:
    """What a page says, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


def a_house(engine: Engine, clock: Callable[[], datetime], **settings: str) -> House:
    """A house over that database, set up as the environment would."""
    given = {"TRACKER_SECRET_KEY": "for tests alone", **settings}
    read = Settings(_env_file=None, **given)  # type: ignore[arg-type]  # named by their aliases
    return House(
        read,
        engine,
        make_sessions(engine, read.opt_out_scope),
        make_readers(engine),
        {},
        clock,
    )


_OPENED: list[tuple[Settings, Flask]] = []


def pages_over(house: House) -> Flask:
    """The pages over a house. As in a web process that runs for long, one application serves all houses that have the
    same settings but for the ports, one after the other: to make one and load its templates took a third of a test's
    time."""
    given = house.settings
    anywhere = urlsplit(given.public_url)._replace(netloc="").geturl()
    alike = given.model_copy(update={"public_url": anywhere, "twilio_url": ""})
    app = next((app for settings, app in _OPENED if settings == alike), None)
    if app is None:
        app = create_app(house)
        _OPENED.append((alike, app))
    app.extensions["tracker"] = house
    return app
