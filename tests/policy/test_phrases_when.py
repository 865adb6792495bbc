"""`tracker when` prints the time, what else it may be, or why there is none, and exits as scripts expect."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tracker.commands.when import when

IN_NEW_YORK = ("--now", "2026-11-18T14:00:00-05:00", "--zone", "America/New_York")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(when, arguments)


def as_json(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json").stdout)


def test_a_clear_phrase_is_one_line_and_success() -> None:
    result = run("tomorrow 3pm", *IN_NEW_YORK)
    assert result.exit_code == 0
    assert result.stdout == "Thu 19 Nov, 15:00 in New York\n"


def test_json_has_the_offset_of_the_zone_the_phrase_was_read_in() -> None:
    assert as_json("tomorrow 3pm", *IN_NEW_YORK) == {
        "at": "2026-11-19T15:00:00-05:00",
        "understood": "Thu 19 Nov, 15:00 in New York",
        "ambiguous": [],
    }
    hers = as_json("tomorrow 3pm her time", *IN_NEW_YORK, "--customer-zone", "Europe/Berlin")
    assert hers["at"] == "2026-11-19T15:00:00+01:00"
    assert hers["understood"] == "Thu 19 Nov, 15:00 in Berlin; 09:00 for you"


def test_other_readings_are_listed() -> None:
    assert run("fri 10", *IN_NEW_YORK).stdout.splitlines() == [
        "Fri 20 Nov, 10:00 in New York",
        "or Fri 20 Nov, 22:00 in New York",
    ]
    assert as_json("fri 10", *IN_NEW_YORK)["ambiguous"] == [
        {"at": "2026-11-20T22:00:00-05:00", "understood": "Fri 20 Nov, 22:00 in New York"}
    ]


def test_what_is_only_supposed_is_a_question_and_nothing_else() -> None:
    assert run("1-dec 3pm", *IN_NEW_YORK).stdout == "Did you mean Tue 1 Dec, 15:00 in New York?\n"
    assert as_json("1-dec 3pm", *IN_NEW_YORK)["ambiguous"] == [
        {"at": "2026-12-01T15:00:00-05:00", "understood": "Did you mean Tue 1 Dec, 15:00 in New York?"}
    ]


def test_a_phrase_not_understood_says_why_and_exits_1() -> None:
    result = run("31 feb 10am", *IN_NEW_YORK)
    assert result.exit_code == 1
    assert result.stdout == "31 February 2026 does not exist: type another date.\n"
    result = run("31 feb 10am", *IN_NEW_YORK, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "at": None,
        "understood": None,
        "ambiguous": [],
        "why": "31 February 2026 does not exist: type another date.",
    }


def test_spanish_is_answered_in_spanish() -> None:
    result = run("mañana a las 3 de la tarde", *IN_NEW_YORK, "--language", "es")
    assert result.stdout == "jue 19 nov, 15:00 en Nueva York\n"


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--zone", "Europe/Atlantis", '"Europe/Atlantis" is not a time zone'),
        ("--zone", "", '"" is not a time zone'),
        ("--customer-zone", "../etc/passwd", '"../etc/passwd" is not a time zone'),
        ("--now", "soon", '"soon" is not a time'),
        ("--language", "tlh", "is not one of 'en', 'es'"),
    ],
)
def test_a_wrong_option_exits_2_with_a_sentence(option: str, value: str, sentence: str) -> None:
    result = run("tomorrow 3pm", option, value)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_now_without_an_offset_is_local_to_the_zone() -> None:
    result = run("in 2 hours", "--now", "2026-11-18T14:00", "--zone", "Asia/Kolkata")
    assert result.stdout == "Wed 18 Nov, 16:00 in Kolkata\n"
