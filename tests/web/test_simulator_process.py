"""Does the simulator run, and die, as a process of its own?"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from tests.web.simulator_stage import ACCOUNT, ADA, OURS, TOKEN

PATIENCE = 30
"""Seconds that a busy machine may take over what takes a hundredth of one."""
LONG_ENOUGH = 1.5
"""Seconds in which the next request comes, on such a machine too."""
Start = Callable[..., tuple["subprocess.Popen[str]", str]]


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[subprocess.Popen[str]] = []

    def start(*options: str) -> tuple["subprocess.Popen[str]", str]:
        command = [sys.executable, "-m", "web.simulator", "--port", "0", *options]
        environment = {"PATH": os.environ["PATH"], "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN}
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, stdout=subprocess.PIPE, text=True, env=environment
        )
        running.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    yield start
    for process in running:
        process.kill()
        process.communicate()


def send(url: str) -> int:
    return requests.post(
        f"{url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
        auth=(ACCOUNT, TOKEN),
        data={"To": ADA, "From": OURS, "Body": "Hello"},
        timeout=PATIENCE,
    ).status_code


def test_it_prints_its_address_and_serves_the_api_and_the_page(start: Start) -> None:
    _, url = start()
    assert send(url) == 201
    assert "Hello" in requests.get(url, timeout=PATIENCE).text


def test_it_ends_in_order_when_it_is_told_to(start: Start) -> None:
    process, url = start()
    assert send(url) == 201
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0


def test_the_journal_outlives_a_killed_simulator(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    process, url = start("--journal", str(path))
    requests.post(f"{url}/simulator/faults", json={"kind": "hang_up"}, timeout=PATIENCE)
    with pytest.raises(requests.ConnectionError):
        send(url)
    process.kill()
    process.wait(PATIENCE)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["body"] for line in lines if line["entry"] == "created"] == ["Hello"]


def test_a_line_refused_over_http_comes_back_at_the_same_address(start: Start) -> None:
    _, url = start()
    ordered = requests.post(
        f"{url}/simulator/faults", json={"kind": "refused", "seconds": LONG_ENOUGH}, timeout=PATIENCE
    )
    assert ordered.status_code == 201
    with pytest.raises(requests.ConnectionError, match="refused"):
        send(url)
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=Retry(total=10, backoff_factor=0.05, backoff_max=1)))
        assert session.get(f"{url}/simulator/health", timeout=PATIENCE).json()["ready"]


def test_it_imports_nothing_of_tracker() -> None:
    look = "import sys, web.simulator; sys.exit(any(name.split('.')[0] == 'tracker' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0  # noqa: S603 - our own words


def test_a_taken_port_and_bad_settings_are_refused_with_a_sentence(start: Start) -> None:
    _, url = start()
    port = url.rpartition(":")[2]
    for options, sentence in (
        (["--port", port], "Address already in use"),
        (["--port", "0", "--number", "123"], "not in E.164 form"),
    ):
        refused = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "web.simulator", *options], capture_output=True, text=True, check=False
        )
        assert refused.returncode == 2
        assert sentence in refused.stderr
