"""What does a program hear when something does not work? One sentence, the field to mend, and the right status."""

from collections.abc import Mapping

from flask import Response, request
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from werkzeug.exceptions import HTTPException

from tracker.policy.checks import Conflict, NotFound, Refused
from tracker.policy.load import OutOfHours
from web.api.access import caller
from web.api.addresses import answered, pages
from web.api.showing import in_full
from web.api.shown import Problem
from web.context import house

OURS = ("api", "metrics")
"""What the addresses begin with that no person opens."""
SENTENCES: Mapping[int, str] = {
    401: "Say who you are: Authorization: Bearer, and a token that tracker person token has made since that "
    "person's last new password.",
    403: "That takes the token of an administrator.",
    404: "There is nothing at this address: /api/openapi.json describes those there are.",
    405: "That cannot be done at this address: the header Allow names what can.",
    413: "That is too much at once: send less.",
    415: "Send JSON, with Content-Type: application/json.",
    500: "Something broke on our side, and nothing was saved: try again later.",
    503: "The database is not ready, and nothing was saved: try again later.",
}


class Stale(Conflict):
    """It is not the version that `If-Match` names."""


class Unclear(Refused):
    """Words that may mean several times: `choices` are words for each."""

    def __init__(self, sentence: str, choices: list[str]) -> None:
        super().__init__(sentence, "due")
        self.choices = choices


def concerns_a_program() -> bool:
    """Is it a program that asks, which could do nothing with a page?"""
    return request.path.strip("/").partition("/")[0] in OURS


def failed(code: int, error: HTTPException | None = None) -> Response:
    """The answer to what no view has dealt with."""
    sentence = SENTENCES.get(code) or (error.description if error else None) or SENTENCES[500]
    answer = answered(Problem(error=sentence), code)
    for name, value in error.get_response().headers if error else ():
        if name in ("Allow", "WWW-Authenticate"):
            answer.headers[name] = value
    return answer


@pages.errorhandler(ValidationError)
def _misread(error: ValidationError) -> Response:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    code = 400 if first["type"] == "json_invalid" else 422
    return answered(Problem(error=_sentence(first, field), field=field), code)


def _sentence(first: ErrorDetails, field: str) -> str:
    match first["type"]:
        case "json_invalid":
            return f"That is not JSON: {first['msg'].removeprefix('Invalid JSON: ')}."
        case "model_type":
            return "Send a JSON object with the fields that /api/openapi.json names."
        case "missing":
            return f"{field} is missing."
        case "extra_forbidden":
            return f"There is no field {field} here: leave it out, or look for its name in /api/openapi.json."
        case _:
            said = first["msg"].removeprefix("Value error, ")
            return f"{field}: {said}." if field else f"{said[0].upper()}{said[1:]}."


@pages.errorhandler(Refused)
def _refused(problem: Refused) -> Response:
    said = Problem(error=str(problem), field=problem.field)
    match problem:
        case Conflict():
            _add_newest(said)
            return answered(said, 412 if isinstance(problem, Stale) else 409)
        case NotFound() if not problem.field:  # else the address was right, and a field of the body was not
            return answered(said, 404)
        case OutOfHours():
            said.better, said.confirmable = problem.better, problem.confirmable
        case Unclear():
            said.choices = problem.choices
    return answered(said, 422)


def _add_newest(said: Problem) -> None:
    number = (request.view_args or {}).get("number")
    if number is not None:
        with house().readers.begin() as session:
            said.commitment = in_full(session, number, caller())
