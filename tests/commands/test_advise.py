"""`tracker advise`: the chance, the times and the reason, or one sentence on what was asked wrongly."""

import json
from datetime import datetime, timedelta

import pytest

from tests.cast import TWO, Cast
from tests.commands.conftest import Run
from tests.operations.past import Promise, write
from tracker import advising

WHOSE = ("--team", "Care", "--owner", "ana@example.org", "--kind", "refund")

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def past(cast: Cast) -> Cast:
    """Ana has kept forty refunds within one to two hours, the last ones a minute ago."""
    ends = [TWO - timedelta(minutes=n + 1) for n in range(40)]
    took = [timedelta(minutes=60 + 1.5 * n) for n in range(40)]
    promises = [Promise(cast.ana, "refund", end - long, end) for end, long in zip(ends, took, strict=True)]
    with cast.sessions.begin() as session:
        write(session, cast.maria, promises)
    return cast


def test_it_says_what_the_page_says(past: Cast, run: Run) -> None:
    said = run("advise", *WHOSE, "--due", "2026-11-19T15:30:00Z", "--json")
    answer = json.loads(said.out)
    with past.sessions() as session:
        told = advising.advise(
            session, team=past.care, owner=past.ana, kind="refund", now=TWO, due_at=TWO + timedelta(hours=1.5)
        )
    assert (said.code, said.err) == (0, "")
    assert answer["kept"] == told.kept
    assert {
        int(level): datetime.fromisoformat(at) for level, at in answer["earliest"].items()
    } == told.earliest
    assert answer["why"] == told.why
    assert answer.keys() == {"kept", "earliest", "why"}


def test_without_a_due_time_it_gives_times_alone(past: Cast, run: Run) -> None:
    answer = json.loads(run("advise", *WHOSE, "--json").out)
    assert answer["kept"] is None
    assert answer["earliest"]["50"] < answer["earliest"]["95"]


def test_times_are_the_teams(past: Cast, run: Run) -> None:
    with past.sessions.begin() as session:
        session.merge(past.care).zone = "America/New_York"
    answer = json.loads(run("advise", *WHOSE, "--json").out)
    assert answer["earliest"]["80"].endswith("-05:00")


def test_a_reader_gets_lines(past: Cast, run: Run) -> None:
    said = run("advise", *WHOSE, "--due", "2026-11-19T15:30:00Z")
    first, *_, last = said.out.splitlines()
    assert first.startswith("kept by Thu 19 Nov 2026, 15:30: ")
    assert "of Ana Ruiz's last 40 refunds done within " in last


def test_it_answers_as_of_now_and_not_of_what_came_later(past: Cast, run: Run) -> None:
    before = json.loads(run("advise", *WHOSE, "--now", "2026-11-01T12:00:00Z", "--json").out)
    assert before["why"].startswith("only 0 done so far")


def test_the_owner_may_be_named(past: Cast, run: Run) -> None:
    by_name = run("advise", "--team", "Care", "--owner", "Ana Ruiz", "--kind", "refund", "--json")
    assert by_name.out == run("advise", *WHOSE, "--json").out


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"--team": "Nowhere"}, "There is no team"),
        ({"--owner": "zoe@example.org"}, "Nobody in Care is called 'zoe@example.org'"),
        ({"--owner": "Ana"}, "Nobody in Care is called 'Ana'"),
        ({"--kind": "castle"}, "There is no kind 'castle'"),
        ({"--due": "2026-11-19T13:59:00Z"}, "The due time has passed"),
        ({"--due": "tomorrow"}, "'tomorrow' is not a time with an offset"),
    ],
)
def test_what_is_asked_wrongly_gets_one_sentence(
    cast: Cast, run: Run, changes: dict[str, str], sentence: str
) -> None:
    asked = dict(zip(WHOSE[::2], WHOSE[1::2], strict=True)) | changes
    said = run("advise", *(word for pair in asked.items() for word in pair), "--json")
    assert (said.code, said.out) == (2, "")
    assert sentence in said.err
