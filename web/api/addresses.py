"""What have all addresses of the API in common? They read a model, answer one, and stand in the description."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, Response, request
from werkzeug.exceptions import UnsupportedMediaType

from web.api.access import admit
from web.api.given import Asked, Given
from web.api.shown import CommitmentInFull, Shown

pages = Blueprint("api", __name__, url_prefix="/api/v1")
pages.before_request(admit)

View = TypeVar("View", bound=Callable[..., Shown | tuple[Shown, int]])


@dataclass(frozen=True, slots=True)
class Address:
    """One thing that can be asked for or done."""

    method: str
    path: str
    name: str
    says: str
    """What it does, in the sentences of its view."""
    gives: type[Shown]
    takes: type[Given] | None
    """The body, or what follows the question mark; None for neither."""
    status: tuple[int, ...]
    """What success is answered with."""


ADDRESSES: list[Address] = []


def address(
    method: str,
    path: str,
    *,
    gives: type[Shown],
    takes: type[Given] | None = None,
    status: tuple[int, ...] = (200,),
) -> Callable[[View], View]:
    """Serve a view there. It gets what was `given`, if it takes anything, and the numbers of the path."""

    def serve(view: View) -> View:
        @wraps(view)
        def answer(**numbers: int) -> Response:
            given: dict[str, Any] = {} if takes is None else {"given": _read(takes)}
            said = view(**given, **numbers)
            shown, code = said if isinstance(said, tuple) else (said, status[0])
            return answered(shown, code)

        pages.add_url_rule(path, view.__name__, answer, methods=[method])
        says = " ".join((view.__doc__ or "").split())
        ADDRESSES.append(Address(method, path, view.__name__, says, gives, takes, status))
        return view

    return serve


def answered(shown: Shown, status: int = 200) -> Response:
    """The answer; of a promise with its version as the tag that `If-Match` takes."""
    answer = Response(shown.model_dump_json(), status, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    if isinstance(shown, CommitmentInFull):
        answer.set_etag(str(shown.version))
    return answer


def _read(model: type[Given]) -> Given:
    if issubclass(model, Asked):
        return model.model_validate(request.args.to_dict())
    if not request.is_json:
        raise UnsupportedMediaType
    return model.model_validate_json(request.get_data())
