"""Can a test in another process do over HTTP what a test in this one does in Python?"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from tests.web.simulator_stage import ADA, NOON, Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        stage.server.inbound_url = f"{stage.receiver.url}/inbound"
        yield stage


def test_faults_are_ordered_read_and_forgotten(stage: Stage) -> None:
    faults = f"{stage.server.url}/simulator/faults"
    ordered = requests.post(faults, json={"kind": "too_many", "times": 3, "to": ADA}, timeout=5)
    assert ordered.status_code == 201
    assert stage.refusal()[0] == 429
    [standing] = requests.get(faults, timeout=5).json()
    assert (standing["kind"], standing["to"], standing["chance"]) == ("too_many", ADA, 1.0)
    assert requests.delete(faults, timeout=5).status_code == 204
    assert stage.send().status == "queued"


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        ({"kind": "meteor"}, "kind: Input should be 'too_many'"),
        ({"kind": "slow", "second": 3}, "A fault has no second."),
        ({"kind": "slow", "seconds": "long"}, "seconds: Input should be a valid number"),
        ({"kind": "early", "on": "list"}, "cannot strike on list"),
        ([], "Input should be a dictionary"),
    ],
)
def test_a_bad_order_is_400_with_a_sentence(stage: Stage, order: Any, sentence: str) -> None:
    answer = requests.post(f"{stage.server.url}/simulator/faults", json=order, timeout=5)
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]
    assert stage.server.faults.standing() == []


def test_time_passes_on_request(stage: Stage) -> None:
    message = stage.send()
    advanced = requests.post(f"{stage.server.url}/simulator/advance", json={"seconds": 0.5}, timeout=5)
    assert advanced.json() == {"happened": 1}
    assert message.fetch().status == "sending"
    drained = requests.post(f"{stage.server.url}/simulator/drain", timeout=5)
    assert drained.json() == {"happened": 2}
    health = requests.get(f"{stage.server.url}/simulator/health", timeout=5).json()
    assert health == {"ready": True, "now": (NOON + timedelta(seconds=2.5)).isoformat()}


def test_phones_are_read_answered_and_switched_off(stage: Stage) -> None:
    phone = f"{stage.server.url}/simulator/phones/{ADA}"
    assert requests.put(phone, json={"condition": "off"}, timeout=5).status_code == 204
    stage.send(body="Hello, Ada")
    stage.server.drain()
    replied = requests.post(f"{phone}/replies", json={"body": "Thank you"}, timeout=5)
    assert replied.status_code == 201
    first, second = requests.get(phone, timeout=5).json()
    assert (first["body"], first["status"], first["error_code"]) == ("Hello, Ada", "undelivered", 30003)
    assert (second["sid"], second["direction"]) == (replied.json()["sid"], "inbound")
    assert stage.receiver.calls[-1]["Body"] == "Thank you"


def test_the_inbound_webhook_can_be_set_later(stage: Stage) -> None:
    requests.put(f"{stage.server.url}/simulator/inbound", json={"url": None}, timeout=5)
    stage.server.reply(ADA, "Thank you")
    assert stage.receiver.calls == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"phones/{ADA}/replies", {"body": " "}),
        ("phones/5550142/replies", {"body": "Hello"}),
        (f"phones/{ADA}/replies", {"text": "Hello"}),
        ("advance", {"seconds": -1}),
    ],
)
def test_bad_input_is_400_and_changes_nothing(stage: Stage, path: str, body: Any) -> None:
    answer = requests.post(f"{stage.server.url}/simulator/{path}", json=body, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert len(stage.server.journal) == 0


def test_the_journal_is_read_from_where_one_left_off(stage: Stage) -> None:
    stage.send()
    journal = f"{stage.server.url}/simulator/journal"
    lines = requests.get(journal, timeout=5).json()
    assert [line["entry"] for line in lines] == ["request", "created", "answered"]
    later = requests.get(journal, params={"since": "2"}, timeout=5).json()
    assert later == lines[2:]


def test_what_there_is_not_is_404_in_json(stage: Stage) -> None:
    answer = requests.get(f"{stage.server.url}/simulator/weather", timeout=5)
    assert (answer.status_code, "error" in answer.json()) == (404, True)
