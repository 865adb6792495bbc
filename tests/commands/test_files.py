"""`tracker import`, `export`, `replay`, `backtest`: files as people hand them in, and the answers to scripts."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.cast import Cast
from tests.commands import sheet
from tests.commands.conftest import Count, Run
from tests.operations.past import at_random, write

GOOD = sheet.commitments({"external_ref": "1"}, {"external_ref": "2", "customer_name": "José Núñez"})
LOG = sheet.cases("1,2016-01-04T09:00:00,2016-01-04T10:00:00,ann,k,p", "2,2016-01-05T09:00:00,,bea,k,p")

Keep = Callable[[str, bytes], Path]


@pytest.fixture
def keep(at_home: Path) -> Keep:
    """Put a file into the folder."""

    def keep(name: str, content: bytes) -> Path:
        (at_home / name).write_bytes(content)
        return at_home / name

    return keep


@pytest.mark.parametrize("name", ["promises.csv", "promises.csv.gz"])
def test_an_import_counts_what_it_made_and_again_what_it_skipped(
    run: Run, database: Engine, cast: Cast, count: Count, keep: Keep, name: str
) -> None:
    content = GOOD.encode()
    file = keep(name, gzip.compress(content) if name.endswith(".gz") else content)
    said = run("import", "commitments", file, "--json")
    assert (said.code, said.err) == (0, "")
    assert json.loads(said.out) == {"made": 2, "skipped": 0, "errors": []}
    assert count("commitment") == 2
    said = run("import", "commitments", file)
    assert (said.code, said.out, said.err) == (0, "made: 0\nskipped: 2\nerrors: 0\n", "")


def test_a_dry_run_says_what_would_happen_and_writes_nothing(
    run: Run, database: Engine, cast: Cast, count: Count, keep: Keep
) -> None:
    file = keep("promises.csv", (GOOD + "one,field,too,few\n").encode())
    dry, real = (
        json.loads(run("import", "commitments", file, "--json", *way).out) for way in (["--dry-run"], [])
    )
    assert dry == real
    assert dry["made"] == count("commitment") == 2
    assert run("import", "commitments", file, "--dry-run").code == 1


def test_a_dry_run_leaves_no_trace(run: Run, database: Engine, cast: Cast, count: Count, keep: Keep) -> None:
    file = keep("promises.csv", sheet.commitments({"customer_phone": "+34612345678"}).encode())
    assert run("import", "commitments", file, "--dry-run").out.startswith("made: 1\n")
    assert [count(table) for table in ("commitment", "event", "message", "customer")] == [0, 0, 0, 1]


def test_rows_that_were_refused_are_named_and_answer_no_while_the_others_stand(
    run: Run, database: Engine, cast: Cast, count: Count, keep: Keep
) -> None:
    rows = sheet.commitments(
        {"external_ref": "1", "topic": "a\nb"}, {"team": "Circus"}, {"external_ref": "2"}
    )
    file = keep("promises.csv", rows.encode())
    said = run("import", "commitments", file, "--json")
    assert (said.code, said.err) == (1, "")
    error = {"line": 4, "sentence": "There is no team called 'Circus'."}
    assert json.loads(said.out) == {"made": 2, "skipped": 0, "errors": [error]}
    assert count("commitment") == 2
    said = run("import", "commitments", file)
    assert said.code == 1
    assert said.out.splitlines()[-1] == "line 4: There is no team called 'Circus'."


def test_what_a_spreadsheet_writes_before_the_first_name_does_no_harm(
    run: Run, database: Engine, cast: Cast, keep: Keep
) -> None:
    file = keep("promises.csv", GOOD.replace("\n", "\r\n").encode("utf-8-sig"))
    assert run("import", "commitments", file).out.startswith("made: 2\n")


BROKEN = {
    "latin.csv": (GOOD.encode("latin-1"), "is not UTF-8 text: save it as CSV in UTF-8"),
    "utf16.csv": (GOOD.encode("utf-16"), "is not UTF-8 text: save it as CSV in UTF-8"),
    "utf16-without-a-mark.csv": (sheet.commitments({}).encode("utf-16-le"), "NUL bytes"),
    "nul.csv": (GOOD.replace("Maria", "Ma\0ria").encode(), "NUL bytes"),
    "plain.csv.gz": (GOOD.encode(), "is no whole gzip file"),
    "cut.csv.gz": (gzip.compress(GOOD.encode())[:-20], "is no whole gzip file"),
    "spoilt.csv.gz": (gzip.compress(GOOD.encode())[:40] + b"spoilt" * 30, "is no whole gzip file"),
    "open.csv": ((GOOD + '"open').encode(), "is not CSV: unexpected end of data"),
    "endless.csv": ((GOOD + "x" * 200_000).encode(), "is not CSV: field larger than field limit"),
    "letter.csv": (b"Dear Maria,\n", "The header lacks customer_name, "),
    "empty.csv": (b"", "The header lacks customer_name, "),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_list_of_commitments_is_refused_whole(
    run: Run, database: Engine, cast: Cast, count: Count, keep: Keep, name: str
) -> None:
    content, why = BROKEN[name]
    said = run("import", "commitments", keep(name, content), "--json")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert why in said.err
    assert (count("commitment"), count("customer")) == (0, 1)


def test_an_export_is_csv_that_can_be_taken_in_again(
    run: Run, database: Engine, cast: Cast, keep: Keep
) -> None:
    run("import", "commitments", keep("promises.csv", GOOD.encode()))
    said = run("export", "commitments")
    assert (said.code, said.err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(said.out)))
    assert list(rows[0]) == [*sheet.HEADER, "outcome", "verdict"]
    assert [row["external_ref"] for row in rows] == ["1", "2"]
    again = run("import", "commitments", keep("again.csv", said.out.encode()))
    assert (again.code, again.out) == (0, "made: 0\nskipped: 2\nerrors: 0\n")


def test_an_export_is_of_the_span_asked_for(run: Run, database: Engine, cast: Cast, keep: Keep) -> None:
    def lines(*span: str) -> int:
        return run("export", "commitments", *span).out.count("\n") - 1

    run("import", "commitments", keep("promises.csv", GOOD.encode()))
    assert lines() == 2
    assert lines("--since", "2026-11-19T13:30:00Z", "--until", "2026-11-19T14:30:01+01:00") == 2
    assert lines("--since", "2026-11-19T13:30:01Z") == lines("--until", "2026-11-19T13:30:00Z") == 0
    said = run("export", "commitments", "--since", "yesterday")
    assert (said.code, said.out) == (2, "")
    assert "'yesterday' is not a time with an offset" in said.err


@pytest.mark.parametrize(
    ("name", "packed"), [("log.csv", False), ("log.csv.gz", True), ("named.csv.gz", False)]
)
def test_a_replay_answers_with_one_object_and_goes_on_where_it_was(
    run: Run, database: Engine, keep: Keep, name: str, packed: bool
) -> None:
    content = LOG.replace(",", ";").encode() if packed else LOG.encode()
    file = keep(name, gzip.compress(content) if packed else content)
    first = run("replay", file, "--json")
    assert first.code == 0
    answer = json.loads(first.out)
    assert (answer["made"], answer["closed"], answer["audit"]) == (2, 1, {"checked": 2, "findings": []})
    assert "promised for three days" in first.err
    assert json.loads(run("replay", file, "--json").out) == answer


def test_a_replay_takes_the_earliest_cases_up_to_the_limit(run: Run, database: Engine, keep: Keep) -> None:
    said = run("replay", keep("log.csv", LOG.encode()), "--limit", "1")
    assert (said.code, said.out.splitlines()[0]) == (0, "made: 1")


def test_without_a_database_named_a_replay_makes_one_of_its_own(run: Run, at_home: Path, keep: Keep) -> None:
    assert run("replay", keep("log.csv", LOG.encode())).code == 0
    assert [each.name for each in at_home.rglob("*.sqlite3")] == ["replay-log.sqlite3"]


def test_a_replay_leaves_a_database_in_use_alone(
    run: Run, database: Engine, cast: Cast, count: Count, keep: Keep
) -> None:
    said = run("replay", keep("log.csv", LOG.encode()))
    assert (said.code, said.out) == (2, "")
    assert "This database is in use" in said.err
    assert (count("team"), count("commitment")) == (2, 0)


NO_LOGS: dict[str, tuple[str | bytes, str]] = {
    "times.csv": (sheet.cases("1,2016-01-04T09:00:00,,a,k,p", "2,soon,,a,k,p"), "Line 3: "),
    "ends.csv": (sheet.cases("1,2016-01-04T09:00:00,later,a,k,p"), "Line 2: "),
    "backwards.csv": (
        sheet.cases("1,2016-01-04T09:00:00,2016-01-03T09:00:00,a,k,p"),
        "Line 2: done at 2016-01-03T09:00:00, before it was opened",
    ),
    "columns.csv": (
        "case_id,opened_at\n1,2016-01-04T09:00:00\n",
        "Line 1: no column done_at, agent, kind, priority",
    ),
    "empty.csv": ("", "empty.csv is empty"),
    "latin.csv": (LOG.replace("ann", "andré").encode("latin-1"), "is not UTF-8 text"),
    "utf16.csv": (LOG.encode("utf-16"), "is not UTF-8 text"),
    "cut.csv.gz": (gzip.compress(LOG.encode())[:-20], "is no whole gzip file"),
    "endless.csv": (LOG + "x" * 200_000, "Line 4: field larger than field limit"),
}


@pytest.mark.parametrize("command", ["replay", "backtest"])
@pytest.mark.parametrize("name", NO_LOGS)
def test_what_is_no_log_of_cases_is_refused_before_anything_is_made(
    run: Run, at_home: Path, keep: Keep, name: str, command: str
) -> None:
    content, why = NO_LOGS[name]
    said = run(command, keep(name, content.encode() if isinstance(content, str) else content))
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert why in said.err
    assert list(at_home.rglob("*.sqlite3")) == []


def test_a_team_s_own_promises_are_scored_as_a_log_of_them_would_be(
    run: Run, database: Engine, cast: Cast, keep: Keep
) -> None:
    past = list(at_random([cast.ana, cast.ben], 300, seed=7))
    with cast.sessions.begin() as session:
        write(session, cast.maria, past)
    lines = [
        f"{n},{each.made_at.isoformat()},{each.closed_at.isoformat() if each.closed_at else ''},"
        f"{each.owner.id},{each.kind},"
        for n, each in enumerate(past)
    ]
    file = keep("log.csv", sheet.cases(*lines).encode())
    own, theirs = (
        json.loads(run("backtest", *what, "--json").out)
        for what in (["--team", "Care"], [file, "--hours", cast.care.hours, "--zone", cast.care.zone])
    )
    assert own["n"] > 200
    assert {**own, "ms_median": 0, "ms_p95": 0} == {**theirs, "ms_median": 0, "ms_p95": 0}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([], "Give a FILE or a --team"),
        (["log.csv", "--team", "Care"], "Give a FILE or a --team"),
        (["--team", "Care", "--hours", "0-4:9-17"], "of a team its own hours count"),
        (["--team", "Nobody"], "There is no team called 'Nobody'"),
        (["--team", "Sales"], "Sales has not promised anything yet"),
    ],
)
def test_a_backtest_of_a_team_says_what_it_needs(
    run: Run, database: Engine, cast: Cast, keep: Keep, given: list[str], why: str
) -> None:
    keep("log.csv", LOG.encode())
    said = run("backtest", *given)
    assert (said.code, said.out) == (2, "")
    assert why in said.err


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (",2016-01-04T09:00:00,,a,k,p", "Line 4: the case has no case_id"),
        ("1,2016-01-04T09:00:00,,bea,k,p", "Line 4: case '1' says something else in line 2"),
    ],
)
def test_a_replay_refuses_a_log_whose_cases_it_cannot_tell_apart(
    run: Run, at_home: Path, keep: Keep, line: str, why: str
) -> None:
    said = run("replay", keep("twice.csv", f"{LOG}{line}\n".encode()))
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert why in said.err
    assert list(at_home.rglob("*.sqlite3")) == []


def test_a_replay_in_a_zone_that_is_none_is_refused(run: Run, keep: Keep) -> None:
    said = run("replay", keep("log.csv", LOG.encode()), "--zone", "Mars/Olympus")
    assert (said.code, said.out) == (2, "")
    assert "There is no time zone 'Mars/Olympus'" in said.err
