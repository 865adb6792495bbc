"""What do people see in a browser, and what does Twilio call? The Flask application, made by `create_app`.

Views are thin: parse the form, call an operation inside one transaction, render after it. What may be seen and
done is decided by `tracker`, never here.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask
from flask_bootstrap import Bootstrap5
from werkzeug.routing import IntegerConverter, Map

from tracker.wiring import House
from web import (
    aftermath,
    api,
    audits,
    auth,
    commitments,
    customer,
    desk,
    errors,
    first,
    headers,
    health,
    i18n,
    icons,
    load,
    log,
    me,
    people,
    reports,
    reviews,
    setup,
    spoken,
    supervisor,
    times,
    twilio,
    wallboard,
    words,
)

LARGEST_FORM = 256 * 1024
"""Bytes; the longest honest form is a text of 1,600 characters and what Twilio says about it."""
LONGEST_LOG_IN = timedelta(hours=14)
"""A long shift with its breaks, without a single visit."""


class Number(IntegerConverter):
    """A row's number in an address. One that no database could hold is simply not found."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=2**63 - 1)


def create_app(house: House) -> Flask:
    """The application over a house. Any number may live in one process."""
    app = Flask("web")
    app.config.update(
        SECRET_KEY=house.settings.signing_key,
        SESSION_COOKIE_NAME="tracker",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=house.settings.public_url.startswith("https:"),
        PERMANENT_SESSION_LIFETIME=LONGEST_LOG_IN,
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        WTF_CSRF_TIME_LIMIT=None,  # a form that waited through lunch is still good: the log-in is the limit
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    app.extensions["tracker"] = house
    app.url_map.converters["number"] = Number
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Bootstrap5(app)
    for module in (
        auth,
        desk,
        log,
        commitments,
        supervisor,
        load,
        audits,
        reviews,
        reports,
        wallboard,
        people,
        setup,
        me,
        first,
        twilio,
        customer,
        health,
    ):
        app.register_blueprint(module.pages)
    for module in (
        aftermath,
        api,
        auth,
        customer,
        errors,
        first,
        headers,
        i18n,
        icons,
        spoken,
        times,
        twilio,
        words,
    ):
        module.prepare(app)
    if prefix := urlsplit(house.settings.public_url).path:
        app.wsgi_app = headers.Mounted(app.wsgi_app, prefix)  # type: ignore[method-assign] # the way Flask documents
    return app
