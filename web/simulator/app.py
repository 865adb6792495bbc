"""How is the simulator put on the web?

An application of its own, never part of the product's. It has no log-in and listens on loopback only, so two
strangers remain: a page in the same browser that posts across sites, and one whose name was pointed at
127.0.0.1 (DNS rebinding). Requiring a loopback name in Host stops the second; with that name trusted, a
browser's own Origin and Sec-Fetch-Site tell the first, without a token or a session. Clients that are no
browsers send neither header and are on this machine already.
"""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, abort, jsonify, request
from flask_bootstrap import Bootstrap5
from werkzeug.exceptions import NotFound

from web.simulator.answers import refusal
from web.simulator.api import api
from web.simulator.context import WHOSE
from web.simulator.control import control
from web.simulator.core import Simulator
from web.simulator.errors import TwilioError
from web.simulator.message import API_VERSION
from web.simulator.phones import phones

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_LOOPBACK = ("127.0.0.1", "localhost", "::1")

# Bootstrap's style sheet draws its arrows and ticks from data: images.
_POLICY = (
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)


def create_app(simulator: Simulator) -> "WSGIApplication":
    """The application for one simulator."""
    app = _the_app()

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ[WHOSE] = simulator
        return app(environ, start_response)

    return answer


@cache
def _the_app() -> Flask:
    """One for all the simulators of a process: to make it takes longer than a simulator mostly lives."""
    app = Flask(__name__)
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    Bootstrap5(app)
    app.register_blueprint(api)
    app.register_blueprint(control)
    app.register_blueprint(phones)
    app.before_request(_turn_strangers_away)
    app.after_request(_secure)
    app.register_error_handler(404, _not_found)
    return app


def _turn_strangers_away() -> None:
    host = urlsplit(f"//{request.host}").hostname
    if host not in _LOOPBACK:
        abort(403, "The simulator answers only to 127.0.0.1 and localhost; open it by one of these names.")
    if request.method in ("GET", "HEAD"):
        return
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "same-origin")
    if site not in ("same-origin", "none") or origin not in (None, f"http://{request.host}"):
        abort(403, "This form was posted from another site; use the simulator's own page.")


def _secure(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _not_found(error: NotFound) -> Response | NotFound:
    if request.path.startswith(f"/{API_VERSION}/"):
        return refusal(TwilioError(20404, request.path))
    if request.path.startswith("/simulator/"):
        response = jsonify(error=f"There is nothing at {request.path}.")
        response.status_code = 404
        return response
    return error
