"""How does a test in another process order faults, let time pass and read what happened?

Everything that SimulatorServer offers in Python, as JSON under /simulator. A bad order is answered with 400
and one sentence; nothing is changed then.
"""

from typing import Annotated

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from web.simulator.context import the_simulator
from web.simulator.faults import Fault
from web.simulator.message import Text
from web.simulator.state import Condition

control = Blueprint("control", __name__, url_prefix="/simulator")

_FAULT = TypeAdapter(Fault)
_FAULTS = TypeAdapter(list[Fault])
_TEXTS = TypeAdapter(list[Text])


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Advance(_Body):
    seconds: Annotated[float, Field(ge=0, le=40 * 86_400)] = 0


class _Reply(_Body):
    body: str
    to: str | None = None


class _PhoneSettings(_Body):
    condition: Condition


class _Inbound(_Body):
    url: str | None


@control.errorhandler(ValueError)
def _explain(error: ValueError) -> tuple[Response, int]:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        return jsonify(error=f"{place}: {first['msg']}" if place else first["msg"]), 400
    return jsonify(error=str(error)), 400


@control.get("/health")
def health() -> Response:
    """Ready, and what time it is here."""
    return jsonify(ready=True, now=the_simulator().now().isoformat())


@control.get("/faults")
def faults() -> Response:
    """The standing orders."""
    return jsonify(_FAULTS.dump_python(the_simulator().faults.standing(), mode="json"))


@control.post("/faults")
def order() -> tuple[Response, int]:
    """Order a fault: the fields of Fault."""
    given = request.get_json()
    if isinstance(given, dict) and (unknown := set(given) - set(Fault.__dataclass_fields__)):
        raise ValueError(f"A fault has no {', '.join(sorted(unknown))}.")
    fault = _FAULT.validate_python(given)
    the_simulator().order(fault)
    return jsonify(_FAULT.dump_python(fault, mode="json")), 201


@control.delete("/faults")
def clear() -> tuple[str, int]:
    """Forget all orders."""
    the_simulator().faults.clear()
    return "", 204


@control.post("/advance")
def advance() -> Response:
    """Let seconds pass."""
    wanted = _Advance.model_validate(request.get_json())
    return jsonify(happened=the_simulator().advance(wanted.seconds))


@control.post("/drain")
def drain() -> Response:
    """Let time pass until nothing is left to happen."""
    return jsonify(happened=the_simulator().drain())


@control.put("/inbound")
def set_inbound() -> tuple[str, int]:
    """Set the webhook that replies are posted to; null: none."""
    the_simulator().inbound_url = _Inbound.model_validate(request.get_json()).url
    return "", 204


@control.get("/phones/<number>")
def texts(number: str) -> Response:
    """The texts on one phone, oldest first."""
    return jsonify(_TEXTS.dump_python(the_simulator().phones[number], mode="json"))


@control.post("/phones/<number>/replies")
def reply(number: str) -> tuple[Response, int]:
    """Write a text on a phone."""
    wanted = _Reply.model_validate(request.get_json())
    return jsonify(sid=the_simulator().reply(number, wanted.body, to=wanted.to)), 201


@control.put("/phones/<number>")
def set_condition(number: str) -> tuple[str, int]:
    """Set what a phone is like."""
    wanted = _PhoneSettings.model_validate(request.get_json())
    the_simulator().set_condition(number, wanted.condition)
    return "", 204


@control.get("/journal")
def journal() -> Response:
    """The lines of the journal after ?since= (a line's number; default 0: all)."""
    since = request.args.get("since", 0, type=int)
    return jsonify([line.as_json() for line in the_simulator().journal.since(max(since, 0))])
