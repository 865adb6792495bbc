"""What do other programs use? JSON under `/api`, and figures for operators at `/metrics`."""

from flask import Flask

from web.api import addresses, listing, metrics, openapi, problems, views
from web.auth import csrf

__all__ = ["listing", "prepare", "problems", "views"]


def prepare(app: Flask) -> None:
    """Serve it all. Tokens, not cookies, say who calls, so there is no form to forge."""
    for blueprint in (addresses.pages, openapi.description, metrics.pages):
        csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
