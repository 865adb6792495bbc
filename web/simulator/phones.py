"""What would a customer see on the phone, and what can they do with it?

One phone per number that has any text, most recently active first. The page works without JavaScript, by
reload; with it, phones.js asks for /phones every moment and gets 304 while nothing changed.
"""

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web.simulator.context import the_simulator
from web.simulator.core import Simulator
from web.simulator.message import Status, Text
from web.simulator.state import FATES, Condition

phones = Blueprint("phones", __name__)

_MOST_PHONES = 24
_MOST_TEXTS = 50

QUICK_REPLIES = ("STOP", "START", "HELP")

CONDITIONS = {
    Condition.ON: "On",
    Condition.OFF: "Switched off",
    Condition.BLOCKED: "Blocks our texts",
    Condition.GONE: "Number no longer in use",
    Condition.LANDLINE: "Landline",
    Condition.FILTERED: "Filtered by the carrier",
    Condition.TROUBLE: "Carrier in trouble",
    Condition.NO_RECEIPTS: "Receives, but no receipts",
}

TICKS = {
    Status.ACCEPTED: ("clock", "Accepted"),
    Status.SCHEDULED: ("calendar-event", "Scheduled"),
    Status.QUEUED: ("clock", "Queued"),
    Status.SENDING: ("clock", "Sending"),
    Status.SENT: ("check2", "Sent"),
    Status.DELIVERED: ("check2-all", "Delivered"),
    Status.UNDELIVERED: ("exclamation-circle", "Undelivered"),
    Status.FAILED: ("exclamation-circle", "Failed"),
    Status.CANCELED: ("x-circle", "Cancelled"),
    Status.RECEIVED: ("check2-all", "Arrived"),
}


@dataclass(frozen=True, slots=True)
class PhoneView:
    """One phone on the page, with its latest texts, oldest first, and how many older ones there are."""

    number: str
    name: str | None
    condition: Condition
    opted_out: bool
    texts: list[Text]
    older: int


@phones.get("/")
def index() -> str:
    """The page."""
    return render_template("phones.html", **_view(the_simulator()))


@phones.get("/phones")
def fragment() -> AnyResponse:
    """The part of the page that changes, with an ETag."""
    simulator = the_simulator()
    response = make_response()
    response.set_etag(f"{simulator.state.version}")
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    if response.status_code != 304:
        response.set_data(render_template("_phones.html", **_view(simulator)))
    return response


@phones.post("/phones/<number>/reply")
def reply(number: str) -> AnyResponse:
    """Write a text on the phone."""
    try:
        the_simulator().reply(number, request.form.get("body", ""))
    except ValueError as error:
        return Response(str(error), status=400, mimetype="text/plain")
    return _back_to(number)


@phones.post("/phones/<number>/condition")
def set_condition(number: str) -> AnyResponse:
    """Set what the phone is like."""
    try:
        the_simulator().set_condition(number, Condition(request.form.get("condition", "")))
    except ValueError as error:
        return Response(str(error), status=400, mimetype="text/plain")
    return _back_to(number)


def _back_to(number: str) -> AnyResponse:
    return redirect(url_for("phones.index", find=request.args.get("find") or None, _anchor=number), code=303)


def _view(simulator: Simulator) -> dict[str, object]:
    find = request.args.get("find", "").strip()
    with simulator.lock:
        numbers = [number for number in simulator.phones if _matches(simulator, number, find)]
        shown = [_phone(simulator, number) for number in numbers[: -_MOST_PHONES - 1 : -1]]
    return {
        "phones": shown,
        "total": len(numbers),
        "find": find,
        "settings": simulator.settings,
        "conditions": CONDITIONS,
        "fates": FATES,
        "ticks": TICKS,
        "quick_replies": QUICK_REPLIES,
    }


def _matches(simulator: Simulator, number: str, find: str) -> bool:
    wanted = find.casefold()
    return wanted in number or wanted in simulator.settings.names.get(number, "").casefold()


def _phone(simulator: Simulator, number: str) -> PhoneView:
    texts = simulator.phones[number]
    scope = simulator.settings.scope(simulator.state.last_contact(number))
    return PhoneView(
        number=number,
        name=simulator.settings.names.get(number),
        condition=simulator.state.condition(number),
        opted_out=simulator.state.opted_out(scope, number),
        texts=texts[-_MOST_TEXTS:],
        older=max(len(texts) - _MOST_TEXTS, 0),
    )
