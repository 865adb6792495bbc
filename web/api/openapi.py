"""How does a program learn what the API takes and gives? From a description made of the models themselves."""

import re
from functools import cache
from typing import Any

from flask import Blueprint, Response, jsonify
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from web.api.addresses import ADDRESSES, Address, pages
from web.api.given import Asked, Given
from web.api.shown import Problem, Shown
from web.context import house

description = Blueprint("openapi", __name__)
REF = "#/components/schemas/{model}"
NUMBER = re.compile("<number:(.+?)>")
REFUSALS = {
    "400": "Not JSON.",
    "401": "No token, or none that is good.",
    "404": "There is none, or none that you may see.",
    "409": "Somebody else changed it since `version`; the answer has it as it is now.",
    "412": "The same, by `If-Match`.",
    "413": "More than 256 KiB.",
    "415": "Not sent as JSON.",
    "422": "A field will not do; the sentence says how to mend it.",
}
FOR_A_BODY = ("400", "413", "415")
FOR_A_CHANGE = ("409", "412")


@description.get("/api/openapi.json")
def document() -> Response:
    """The description, for everybody: it tells nothing of anybody."""
    return jsonify({**_document(), "servers": [{"url": house().settings.public_url}]})


@cache
def _document() -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for each in ADDRESSES:
        path = NUMBER.sub(r"{\1}", each.path)
        paths.setdefault(f"{pages.url_prefix}{path}", {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tracker", "version": "1", "description": "Promises to customers, kept."},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _schemas() -> dict[str, Any]:
    taken: set[type[Given]] = {each.takes for each in ADDRESSES if each.takes is not None}
    given: set[type[Shown]] = {each.gives for each in ADDRESSES} | {Problem}
    modes: list[tuple[Any, JsonSchemaMode]] = [
        *((model, "validation") for model in taken),
        *((model, "serialization") for model in given),
    ]
    _, schemas = models_json_schema(sorted(modes, key=lambda each: each[0].__name__), ref_template=REF)
    return dict(schemas["$defs"])


def _operation(each: Address) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
        for name in NUMBER.findall(each.path)
    ]
    operation: dict[str, Any] = {"operationId": each.name, "description": each.says}
    refusals = set(REFUSALS) - {*FOR_A_BODY, *FOR_A_CHANGE}
    if each.takes is not None and issubclass(each.takes, Asked):
        parameters += _asked(each.takes)
    elif each.takes is not None:
        refusals |= set(FOR_A_BODY)
        operation["requestBody"] = {"required": True, "content": _json(each.takes)}
    if each.takes is not None and "version" in each.takes.model_fields:
        refusals |= set(FOR_A_CHANGE)
        parameters.append({"name": "If-Match", "in": "header", "schema": {"type": "string"}})
    answers = {str(code): {"description": "Done.", "content": _json(each.gives)} for code in each.status}
    answers |= {code: {"description": REFUSALS[code], "content": _json(Problem)} for code in sorted(refusals)}
    return {**operation, "parameters": parameters, "responses": answers}


def _asked(model: type[Asked]) -> list[dict[str, Any]]:
    """What may follow the question mark. Its schemas refer to nothing, so they stand where they are used."""
    schema = model.model_json_schema()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": each}
        for name, each in schema["properties"].items()
    ]


def _json(model: type[Given] | type[Shown]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": REF.format(model=model.__name__)}}}
