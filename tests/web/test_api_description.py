"""Is the API as it describes itself, and does nonsense get a sentence?"""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # without annotations

from tests.cast import Cast
from tests.visitor import a_house, pages_over
from tests.web.api_client import Program
from tracker.policy.outcomes import Disposition, Outcome
from tracker.wiring import make_engine
from web.api.addresses import ADDRESSES

FOUR = "2026-11-19T16:00:00Z"
NEW = {"customer_phone": "07700 900123", "customer_name": "Omar", "topic": "it", "due_at": FOUR}
MOVED = {"due_at": "2026-11-19T16:30:00Z", "reason": "they asked"}
SAMPLES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/commitments", {"json": NEW}),
    ("POST", "/commitments", {"json": {**NEW, "due_at": 0}}),
    ("GET", "/commitments?limit=1", {}),
    ("GET", "/commitments/{number}", {}),
    ("POST", "/commitments/{number}/attempts", {"json": {"disposition": "reached", "note": "hello"}}),
    ("POST", "/commitments/{number}/revisions", {"json": MOVED}),
    ("POST", "/commitments/{number}/revisions", {"json": {**MOVED, "version": 99}}),
    ("PATCH", "/commitments/{number}", {"json": {"owner_email": "ben@example.org", "reason": "lunch"}}),
    ("POST", "/commitments/{number}/attempts", {"json": {"disposition": "reached"}}),
    ("POST", "/commitments/{number}/close", {"json": {"outcome": "fulfilled"}}),
    ("POST", "/commitments/{number}/reopen", {"json": {**MOVED, "due": None}}),
    ("GET", "/advice?owner=ana@example.org&kind=callback&due=2026-11-19T16:00:00Z", {}),
]


@pytest.fixture
def program(app: Flask, cast: Cast) -> Program:
    """One that acts for Ana."""
    return Program.of(app, cast.ana)


@pytest.fixture
def document(program: Program) -> Any:
    """The description, which anybody gets."""
    return program.client.get("/api/openapi.json").json


def test_every_address_below_api_is_described_and_no_other(app: Flask, document: Any) -> None:
    served = {
        (method.lower(), re.sub("<number:(.+?)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == {(method, path) for path, each in document["paths"].items() for method in each}
    assert all(each["description"] for path in document["paths"].values() for each in path.values())


def test_every_reference_in_the_description_leads_somewhere(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    named = set(re.findall(r"'#/components/schemas/(\w+)'", str(document)))
    assert named <= set(schemas)
    ids = [each["operationId"] for path in document["paths"].values() for each in path.values()]
    assert len(ids) == len(set(ids)) == len(ADDRESSES)


def test_a_sample_of_every_answer_is_as_described(program: Program, cast: Cast, document: Any) -> None:
    number = cast.promised()
    seen = set()
    for method, path, sent in SAMPLES:
        answer = program.send(method, path.format(number=number), **sent)
        template = path.partition("?")[0]
        described = document["paths"][f"/api/v1{template}"][method.lower()]["responses"]
        content = described[str(answer.status_code)]["content"]["application/json"]["schema"]
        whole = {**content, "components": document["components"]}
        Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(answer.json)
        if answer.status_code < 300:
            seen.add((method, template))
    assert seen == {(each.method, each.path.replace("<number:number>", "{number}")) for each in ADDRESSES}


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "field"),
    [
        ("GET", "/nothing", {}, 404, ""),
        ("GET", "/commitments/9", {}, 404, ""),
        ("GET", f"/commitments/{2**64}", {}, 404, ""),
        ("DELETE", "/commitments", {}, 405, ""),
        ("POST", "/commitments", {"data": "{", "content_type": "application/json"}, 400, ""),
        ("POST", "/commitments", {"data": "[" * 9999, "content_type": "application/json"}, 400, ""),
        ("POST", "/commitments", {"data": b"\xff", "content_type": "application/json"}, 400, ""),
        ("POST", "/commitments", {"data": "[1]", "content_type": "application/json"}, 422, ""),
        ("POST", "/commitments", {"data": {"topic": "it"}}, 415, ""),
        ("POST", "/commitments", {"data": " " * 300_000, "content_type": "application/json"}, 413, ""),
        ("POST", "/commitments", {"json": {**NEW, "due_at": 0}}, 422, "due_at"),
        ("POST", "/commitments", {"json": {**NEW, "due_at": "0"}}, 422, "due_at"),
        ("POST", "/commitments", {"json": {**NEW, "due_at": "2026-11-19T16:00:00"}}, 422, "due_at"),
        ("POST", "/commitments", {"json": {**NEW, "due_at": "0001-01-01T00:00:00+14:00"}}, 422, "due_at"),
        ("POST", "/commitments", {"json": {**NEW, "due": "at 4pm"}}, 422, ""),
        ("POST", "/commitments", {"json": {**NEW, "topic": "a\0b"}}, 422, "topic"),
        ("POST", "/commitments", {"json": {**NEW, "topic": 5}}, 422, "topic"),
        ("POST", "/commitments", {"json": {**NEW, "kind": "miracle"}}, 422, "kind"),
        ("POST", "/commitments", {"json": {**NEW, "customer_phone": "12"}}, 422, "phone"),
        ("POST", "/commitments", {"json": {**NEW, "colour": "red"}}, 422, "colour"),
        ("POST", "/commitments", {"json": {}}, 422, "customer_phone"),
        ("GET", "/commitments?limit=201", {}, 422, "limit"),
        ("GET", "/commitments?cursor=x", {}, 422, "cursor"),
        ("GET", "/commitments?cursor=00010101T000000000000-1", {}, 200, None),
        ("GET", "/commitments?due_after=0", {}, 422, "due_after"),
        ("GET", "/commitments?owner=%00", {}, 422, "owner"),
        ("GET", "/commitments?colour=red", {}, 422, "colour"),
        ("GET", "/advice?owner=ana@example.org&kind=miracle", {}, 422, "kind"),
    ],
)
def test_what_is_wrong_gets_its_status_and_a_sentence(
    program: Program, method: str, path: str, sent: dict[str, Any], status: int, field: str | None
) -> None:
    answer = program.send(method, path, **sent)
    assert (answer.status_code, answer.mimetype) == (status, "application/json"), answer.text
    if field is not None:
        assert answer.json["error"].endswith(".")
        assert answer.json["field"] == field


def test_a_method_that_is_not_served_gets_the_ones_that_are(program: Program) -> None:
    assert {"GET", "POST"} <= set(program.send("DELETE", "/commitments").headers["Allow"].split(", "))


def test_without_its_tables_it_answers_in_json_too(program: Program, cast: Cast, tmp_path: Path) -> None:
    bare = make_engine(f"sqlite:///{tmp_path / 'bare.sqlite3'}")
    client = pages_over(a_house(bare, cast.clock)).test_client()
    answer = Program(client, program.token).get("/commitments")
    assert (answer.status_code, answer.mimetype) == (503, "application/json")
    assert "not ready" in answer.json["error"]
    bare.dispose()


KEYS = st.sampled_from(sorted({name for each in ADDRESSES if each.takes for name in each.takes.model_fields}))
WORDS = st.sampled_from(
    [*Disposition, *Outcome, "callback", "in 2 hours", "07700900123", "\0", "١", "٣", "ana@example.org"]
)
LONG = st.sampled_from([FOUR, "9999-12-31T23:59:59-14:00", "x" * 3000])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | WORDS | LONG
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(), inner, max_size=8),
    max_leaves=12,
)
POSTS = [each for each in ADDRESSES if each.method != "GET"]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.parametrize("post", POSTS, ids=lambda each: each.name)
def test_no_json_whatever_breaks_anything(app: Flask, cast: Cast, post: Any) -> None:
    number = cast.promised()
    program = Program.of(app, cast.ada)
    right = st.fixed_dictionaries(
        {name: LEAVES for name, each in post.takes.model_fields.items() if each.is_required()},
        optional={name: LEAVES for name, each in post.takes.model_fields.items() if not each.is_required()},
    )

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(right | ANYTHING)
    def anything(sent: Any) -> None:
        answer = program.send(post.method, post.path.replace("<number:number>", str(number)), json=sent)
        assert answer.status_code < 500, answer.text
        assert answer.is_json

    anything()
