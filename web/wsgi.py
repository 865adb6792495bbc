"""How does a server such as gunicorn get the application? It calls `application`, once in each of its processes."""

from flask import Flask

from tracker.settings import read
from tracker.wiring import build
from web.app import create_app


def application() -> Flask:
    """The application by the settings of this process: gunicorn 'web.wsgi:application()'."""
    return create_app(build(read()))
