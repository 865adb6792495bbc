"""What a monitor reads of the whole house."""

import re

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from tests.cast import TWO, Cast
from tests.visitor import a_house, pages_over
from tests.web.api_client import Program
from tests.web.conftest import Queries
from tracker import people
from tracker.delivery.senders import lock, pause
from tracker.heartbeat import beat
from tracker.model import Commitment, Message, Person, Team

NAME = "[a-z_][a-z0-9_]*"
SAMPLE = re.compile(rf'({NAME})(?:\{{((?:{NAME}="(?:[^"\\\n]|\\[\\"n])*",?)+)\}})? ([0-9.e+-]+|\+Inf)')
LABEL = re.compile(rf'{NAME}="((?:[^"\\]|\\.)*)"')
Figures = dict[tuple[str, ...], float]


def parsed(text: str) -> Figures:
    """The figures by name and label values; fails for what Prometheus, or its linter, would not take."""
    figures: Figures = {}
    described: dict[str, str] = {}
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# HELP "):
            _, _, name, said = line.split(" ", 3)
            assert name not in described
            assert said.endswith(".")
            described[name] = "help"
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert (described[name], kind) == ("help", "gauge")
            described[name] = kind
        else:
            found = SAMPLE.fullmatch(line)
            assert found, line
            name, labels, value = found.groups()
            assert list(described.items())[-1] == (name, "gauge")
            assert name.startswith("tracker_")
            assert not name.endswith(("_total", "_count", "_sum", "_bucket", "_minutes"))
            unescaped = (
                re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], each)
                for each in LABEL.findall(labels or "")
            )
            key = (name.removeprefix("tracker_"), *unescaped)
            assert key not in figures
            figures[key] = float(value)
    return figures


def read(app: Flask) -> Figures:
    answer = app.test_client().get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    return parsed(answer.text)


def test_the_figures_are_those_of_the_rows(app: Flask, cast: Cast) -> None:
    late, _soon, risky = cast.promised(minutes=30), cast.promised(minutes=90), cast.promised(minutes=120)
    cast.promised(owner=cast.zoe, minutes=90)
    cast.promised(owner=cast.ben, minutes=90)
    with cast.sessions.begin() as session:
        session.execute(update(Commitment).where(Commitment.id == risky).values(at_risk_at=TWO))
        people.set_absence(session, session.get_one(Person, cast.ben.id), until=None, now=TWO)
        session.execute(
            update(Message).where(Message.commitment_id == late).values(status="unknown", send_after=None)
        )
        lock(session, ["+15005550006"])
        pause(session, 20003, now=TWO)
    beat(cast.sessions, "one", now=TWO)
    cast.clock.forward(40)
    told = read(app)
    assert (told["promises_open", "Care"], told["promises_open", "Sales"]) == (4, 1)
    assert (told["promises_late", "Care"], told["promises_late", "Sales"]) == (1, 0)
    assert (told["promises_at_risk", "Care"], told["promises_at_risk", "Sales"]) == (1, 0)
    assert (told["promises_unowned", "Care"], told["promises_unowned", "Sales"]) == (1, 0)
    assert told["steps_overdue",] == 1
    assert (told["texts", "pending"], told["texts", "unknown"]) == (4, 1)
    assert told["texts_oldest_pending_seconds",] == told["texts_behind_seconds",] == 2400
    assert told["sending_paused",] == 1
    assert told["worker_silence_seconds",] == 2400


def test_an_empty_house_has_figures_too(app: Flask) -> None:
    told = read(app)
    assert told["worker_silence_seconds",] == float("inf")
    assert told["texts", "pending"] == told["texts_behind_seconds",] == told["sending_paused",] == 0


def test_the_name_of_a_team_cannot_break_a_line(app: Flask, cast: Cast) -> None:
    name = 'Care "A" \\ B\nC'
    with cast.sessions.begin() as session:
        session.get_one(Team, cast.care.id).name = name
    cast.promised()
    assert read(app)["promises_open", name] == 1


def test_six_or_so_queries_whatever_there_is(app: Flask, cast: Cast, queries: Queries) -> None:
    for _ in range(5):
        cast.promised()
    with queries() as sent:
        read(app)
    assert len(sent) == 7


@pytest.mark.parametrize(
    "differently",
    [
        {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}},
        {"headers": {"X-Forwarded-For": "192.0.2.7"}},
        {"headers": {"Host": "tracker.example.com"}},
    ],
)
def test_from_elsewhere_it_takes_the_token_of_an_administrator(
    app: Flask, cast: Cast, differently: dict[str, dict[str, str]]
) -> None:
    client = app.test_client()
    refused = client.get("/metrics", **differently)
    assert (refused.status_code, refused.mimetype) == (401, "application/json")
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    for person, status in ((cast.sue, 403), (cast.ada, 200)):
        token = {"Authorization": f"Bearer {Program.of(app, person).token}"}
        headers = {**differently.get("headers", {}), **token}
        assert client.get("/metrics", **{**differently, "headers": headers}).status_code == status


def test_behind_a_proxy_nobody_counts_as_this_machine(engine: Engine, cast: Cast) -> None:
    served = pages_over(a_house(engine, cast.clock, TRACKER_PUBLIC_URL="https://tracker.example.com"))
    assert served.test_client().get("/metrics", headers={"Host": "localhost"}).status_code == 401
