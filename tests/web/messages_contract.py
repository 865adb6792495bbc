"""What must an answer of Twilio's Messages API look like?

CONTRACTS holds the descriptions to check against, by name: always our own, and beside it Twilio's OpenAPI
description where that file is at hand (TRACKER_SHARED names the folder that holds twilio/, else ../shared
beside the checkout is looked at). Tests are parametrized over CONTRACTS, so that the second shows in the
test's name.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]  # ships no types

_CHECKOUT = Path(__file__).resolve().parents[2]


def _nullable(**schema: object) -> dict[str, object]:
    return {**schema, "type": [schema["type"], "null"]}


_MESSAGE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "account_sid": {"type": "string", "pattern": "^AC[0-9a-fA-F]{32}$"},
        "api_version": {"const": "2010-04-01"},
        "body": {"type": "string"},
        "date_created": {"type": "string", "format": "date-time-rfc-2822"},
        "date_sent": _nullable(type="string", format="date-time-rfc-2822"),
        "date_updated": {"type": "string", "format": "date-time-rfc-2822"},
        "direction": {"enum": ["inbound", "outbound-api", "outbound-call", "outbound-reply"]},
        "error_code": _nullable(type="integer"),
        "error_message": _nullable(type="string"),
        "from": _nullable(type="string", format="phone-number"),
        "messaging_service_sid": _nullable(type="string", pattern="^MG[0-9a-fA-F]{32}$"),
        "num_media": {"type": "string", "pattern": "^[0-9]+$"},
        "num_segments": {"type": "string", "pattern": "^[0-9]+$"},
        "price": _nullable(type="string"),
        "price_unit": _nullable(type="string", format="currency"),
        "sid": {"type": "string", "pattern": "^(SM|MM)[0-9a-fA-F]{32}$"},
        "status": {
            "enum": [
                "accepted",
                "canceled",
                "delivered",
                "failed",
                "partially_delivered",
                "queued",
                "read",
                "received",
                "receiving",
                "scheduled",
                "sending",
                "sent",
                "undelivered",
            ]
        },
        "subresource_uris": {
            "type": "object",
            "properties": {"media": {"type": "string", "pattern": r"^/2010-04-01/Accounts/.*/Media\.json$"}},
            "required": ["media"],
        },
        "to": {"type": "string", "format": "phone-number"},
        "uri": {"type": "string", "pattern": r"^/2010-04-01/Accounts/AC\w{32}/Messages/(SM|MM)\w{32}\.json$"},
    },
}
_MESSAGE["required"] = sorted(_MESSAGE["properties"])

_PAGE_URI = r"^/2010-04-01/Accounts/AC\w{32}/Messages\.json\?"
_PAGE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "end": {"type": "integer", "minimum": 0},
        "first_page_uri": {"type": "string", "pattern": _PAGE_URI},
        "messages": {"type": "array", "items": _MESSAGE},
        "next_page_uri": _nullable(type="string", pattern=_PAGE_URI),
        "page": {"type": "integer", "minimum": 0},
        "page_size": {"type": "integer", "minimum": 1, "maximum": 1000},
        "previous_page_uri": _nullable(type="string", pattern=_PAGE_URI),
        "start": {"type": "integer", "minimum": 0},
        "uri": {"type": "string", "pattern": _PAGE_URI},
    },
}
_PAGE["required"] = sorted(_PAGE["properties"])


def _is_rfc_2822(value: object) -> bool:
    return value is None or str(parsedate_to_datetime(str(value)).tzinfo) == "UTC"


def _is_phone_number(value: object) -> bool:
    return value is None or (str(value).startswith("+") and str(value)[1:].isdigit())


def _is_currency(value: object) -> bool:
    return value is None or (len(str(value)) == 3 and str(value).isalpha())


_FORMATS = FormatChecker(formats=())
_FORMATS.checkers = {
    "date-time-rfc-2822": (_is_rfc_2822, ValueError),
    "phone-number": (_is_phone_number, ()),
    "currency": (_is_currency, ()),
}


@dataclass(frozen=True)
class Contract:
    """Schemas of the message resource and of a list page. errors() gives what is wrong, a sentence each."""

    message: Mapping[str, Any]
    page: Mapping[str, Any]

    def message_errors(self, answer: object) -> list[str]:
        """What is wrong with a message resource."""
        return _errors(self.message, answer)

    def page_errors(self, answer: object) -> list[str]:
        """What is wrong with a list page."""
        return _errors(self.page, answer)


def _errors(schema: Mapping[str, Any], answer: object) -> list[str]:
    validator = Draft202012Validator(schema, format_checker=_FORMATS)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer)]


def _from_openapi(path: Path) -> Contract:
    description = json.loads(path.read_text())
    schemas = description["components"]["schemas"]
    listing = description["paths"]["/2010-04-01/Accounts/{AccountSid}/Messages.json"]["get"]
    page = listing["responses"]["200"]["content"]["application/json"]["schema"]
    return Contract(
        cast(dict[str, Any], _strict(schemas["api.v2010.account.message"], schemas)),
        cast(dict[str, Any], _strict(page, schemas)),
    )


def _strict(schema: Any, schemas: Mapping[str, Any]) -> Any:
    """OpenAPI 3.0 as JSON Schema: references filled in, nullable spelled out. And stricter than it says:
    every field must be there, and no other."""
    if isinstance(schema, list):
        return [_strict(item, schemas) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _strict(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    plain = {
        key: _strict(value, schemas) for key, value in schema.items() if key not in ("nullable", "x-twilio")
    }
    if schema.get("nullable"):
        plain["type"] = [plain["type"], "null"]
    if "properties" in plain:
        plain |= {"required": sorted(plain["properties"]), "additionalProperties": False}
    return plain


CONTRACTS = {"ours": Contract(_MESSAGE, _PAGE)}

_OPENAPI = (
    Path(os.environ.get("TRACKER_SHARED") or _CHECKOUT.parent / "shared") / "twilio/messages-openapi.json"
)
if _OPENAPI.exists():
    CONTRACTS["twilio"] = _from_openapi(_OPENAPI)
