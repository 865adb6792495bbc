"""How does a request to the API go wrong on the wire?

Each breakage gets the order and the answer that a healthy Twilio would give (an empty one where nothing was
done) and returns what leaves instead. Hanging up and resetting reach for the socket under the response,
which Werkzeug's server hands down: the client then sees what it would see from a real network.
"""

import os
import socket
import struct
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Response, jsonify, request

from web.simulator.errors import TwilioError
from web.simulator.faults import Fault, FaultKind

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_HTML = "<!doctype html><title>{title}</title><h1>{title}</h1>"


def refusal(error: TwilioError) -> Response:
    """A refusal as Twilio words it."""
    response = jsonify(error.as_json())
    response.status_code = error.status
    return response


class _HungUp(Response):
    """The connection ends in order, without a byte of an answer."""

    def __call__(self, environ: "WSGIEnvironment", _: "StartResponse") -> Iterable[bytes]:
        connection: socket.socket = environ["werkzeug.socket"]
        connection.shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError


class _Reset(Response):
    """The connection ends with a reset: closed at once with linger zero, before the server can say
    goodbye."""

    def __call__(self, environ: "WSGIEnvironment", _: "StartResponse") -> Iterable[bytes]:
        connection: socket.socket = environ["werkzeug.socket"]
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(connection.detach())
        raise ConnectionResetError


def _too_many(fault: Fault, _: Response) -> Response:
    response = refusal(TwilioError(20429))
    response.headers["Retry-After"] = str(round(2 if fault.seconds is None else fault.seconds))
    return response


def _redirect(_fault: Fault, _: Response) -> Response:
    return Response(status=302, headers={"Location": request.url.replace("/2010-04-01/", "/moved/")})


def _cut_body(_fault: Fault, healthy: Response) -> Response:
    body = healthy.get_data()
    cut = Response(body[: len(body) // 2], status=healthy.status, mimetype=healthy.mimetype)
    cut.automatically_set_content_length = False
    cut.headers["Content-Length"] = str(len(body))
    return cut


def _html(_fault: Fault, healthy: Response) -> Response:
    return Response(_HTML.format(title="Welcome"), status=healthy.status, mimetype="text/html")


def _slow(fault: Fault, healthy: Response) -> Response:
    time.sleep(5 if fault.seconds is None else fault.seconds)
    return healthy


def _page(status: int, title: str) -> Response:
    return Response(_HTML.format(title=title), status=status, mimetype="text/html")


BREAKAGES: dict[FaultKind, Callable[[Fault, Response], Response]] = {
    FaultKind.TOO_MANY: _too_many,
    FaultKind.REJECTED: lambda fault, _: refusal(TwilioError(fault.code or 20001, "by order")),
    FaultKind.SERVER_ERROR: lambda _fault, _: refusal(TwilioError(20500)),
    FaultKind.UNAVAILABLE: lambda _fault, _: refusal(TwilioError(20503)),
    FaultKind.BAD_GATEWAY: lambda _fault, _: _page(502, "Bad gateway"),
    FaultKind.REDIRECT: _redirect,
    FaultKind.CUT_BODY: _cut_body,
    FaultKind.HTML: _html,
    FaultKind.HANG_UP: lambda _fault, _: _HungUp(),
    FaultKind.RESET: lambda _fault, _: _Reset(),
    FaultKind.SLOW: _slow,
}


def broken(fault: Fault, perform: Callable[[], Response]) -> Response:
    """What leaves under this fault; perform does what was asked for and gives the healthy answer."""
    healthy = perform() if fault.is_done else Response(status=201 if request.method == "POST" else 200)
    return BREAKAGES[fault.kind](fault, healthy)
