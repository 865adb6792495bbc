"""How does Twilio's Messages API answer?

https://www.twilio.com/docs/messaging/api/message-resource, the .json form of it. Every request is in the
journal before anything is decided, and its answer after.
"""

import hmac
from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, Response, g, jsonify, request

from web.simulator.answers import broken, refusal
from web.simulator.context import the_simulator
from web.simulator.errors import TwilioError
from web.simulator.faults import On
from web.simulator.journal import Entry
from web.simulator.listing import chosen, page
from web.simulator.message import API_VERSION

api = Blueprint("api", __name__, url_prefix=f"/{API_VERSION}/Accounts/<account>")


@api.url_value_preprocessor
def _take_account(_endpoint: str | None, values: dict[str, str] | None) -> None:
    g.account = values.pop("account") if values else ""
    g.fault = None


@api.before_request
def _admit() -> Response | None:
    simulator = the_simulator()
    settings = simulator.settings
    simulator.journal.write(
        Entry.REQUEST,
        simulator.now(),
        method=request.method,
        path=request.path,
        params=request.values.to_dict(flat=False),
    )
    given = request.authorization
    user, password = (given.username or "", given.password or "") if given else ("", "")
    known = hmac.compare_digest(user.encode(), settings.account_sid.encode())
    if not (hmac.compare_digest(password.encode(), settings.auth_token.encode()) and known):
        response = refusal(TwilioError(20003))
        response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
        return response
    if g.account != settings.account_sid:
        return refusal(TwilioError(20404, request.path))
    return None


@api.after_request
def _note_answer(response: Response) -> Response:
    simulator = the_simulator()
    fault = g.fault.kind.value if g.fault else None
    simulator.journal.write(
        Entry.ANSWERED, simulator.now(), path=request.path, status=response.status_code, fault=fault
    )
    return response


@api.post("/Messages.json")
def create() -> Response:
    """Create a message."""

    def perform() -> Response:
        resource = the_simulator().create(request.form, len(request.form.getlist("MediaUrl")))
        response = jsonify(resource)
        response.status_code = 201
        return response

    return _serve(On.CREATE, request.form.get("To"), perform)


@api.get("/Messages.json")
def listing() -> Response:
    """List messages."""

    def perform() -> Response:
        simulator = the_simulator()
        to = request.args.get("To") or None
        lag = simulator.faults.draw(On.LISTING, to)
        seconds = 600 if lag is None or lag.seconds is None else lag.seconds
        hidden_since = simulator.now() - timedelta(seconds=seconds) if lag else None
        with simulator.lock:
            found = chosen(simulator.state.listed(to), request.args, hidden_since=hidden_since)
            return jsonify(page(found, request.args, g.account))

    return _serve(On.LIST, request.args.get("To"), perform)


@api.get("/Messages/<sid>.json")
def fetch(sid: str) -> Response:
    """Fetch one message."""
    return _serve(On.FETCH, _recipient(sid), lambda: jsonify(the_simulator().find(sid).as_json()))


@api.post("/Messages/<sid>.json")
def update(sid: str) -> Response:
    """Redact a message or cancel a scheduled one."""
    return _serve(On.UPDATE, _recipient(sid), lambda: jsonify(the_simulator().update(sid, request.form)))


@api.delete("/Messages/<sid>.json")
def delete(sid: str) -> Response:
    """Delete a message."""

    def perform() -> Response:
        the_simulator().delete(sid)
        return Response(status=204)

    return _serve(On.DELETE, _recipient(sid), perform)


def _recipient(sid: str) -> str | None:
    message = the_simulator().state.messages.get(sid)
    return message.to if message else None


def _serve(on: On, to: str | None, perform: Callable[[], Response]) -> Response:
    """Do what is asked and answer, or break as ordered."""

    def performed() -> Response:
        try:
            return perform()
        except TwilioError as error:
            return refusal(error)

    g.fault = the_simulator().faults.draw(on, to)
    return broken(g.fault, performed) if g.fault else performed()
