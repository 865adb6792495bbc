"""Dates written in a form that is in no table: dateparser may read them, and its reading is only asked about."""

import subprocess
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.policy.test_phrases_collection import COLLECTION, heard, instant
from tests.policy.test_phrases_spanish import SPANISH
from tracker.policy.phrases import LANGUAGES, NotUnderstood, Understood, understand
from tracker.policy.phrases.pieces import Reason

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
WEDNESDAY = datetime(2026, 11, 18, 14, 0, tzinfo=ZoneInfo(BERLIN))

READ: dict[str, dict[str, list[str]]] = {
    "en": {
        "1-dec 3pm": ["2026-12-01 15:00"],
        "3pm on 1-dec": ["2026-12-01 15:00"],
        "the 1-dec, 10:00": ["2026-12-01 10:00"],
        "19-Nov-2026 15:00": ["2026-11-19 15:00"],
        "tue 1-dec 10:00": ["2026-12-01 10:00"],
        "25nov at 3": ["2026-11-25 15:00"],
        "dec-25 noon": ["2026-12-25 12:00"],
        "25/dec/26 end of day": ["2026-12-25 17:00"],
        "25.dec.2026 10am": ["2026-12-25 10:00"],
        "2026-dec-25 10am": ["2026-12-25 10:00"],
        "13-1-27 10am": ["2027-01-13 10:00"],
        # in which order?
        "1-12-26 3pm": ["2026-12-01 15:00"],  # the other has passed
        "2-3-27 3pm": ["2027-02-03 15:00", "2027-03-02 15:00"],
        # an hour that may be two is asked about as ever
        "1-dec at 10": ["2026-12-01 10:00", "2026-12-01 22:00"],
        # an hour that the clocks show twice
        "31-oct-27 02:30": ["2027-10-31 02:30", "2027-10-31 02:30 second"],
    },
    "es": {
        "1-dic a las 15:00": ["2026-12-01 15:00"],
        "el 1-dic a las 3 de la tarde": ["2026-12-01 15:00"],
        "a las 15:00 del 25/dic/2026": ["2026-12-25 15:00"],
        "2-3-27 15:00": ["2027-03-02 15:00"],
    },
}


@pytest.mark.parametrize(
    ("language", "phrase", "times"),
    [(language, phrase, times) for language, read in READ.items() for phrase, times in read.items()],
)
def test_a_date_in_an_unlisted_form_is_asked_about_and_never_taken(
    language: str, phrase: str, times: list[str]
) -> None:
    answer = understand(phrase, now=WEDNESDAY, zone=BERLIN, language=language)
    assert isinstance(answer, Understood), answer
    assert answer.supposed
    assert [each.at for each in answer.ambiguous] == [instant(local, BERLIN) for local in times]


def test_the_question_is_put_in_the_language_of_the_phrase() -> None:
    in_english = understand("1-dec 3pm her time", now=WEDNESDAY, zone=BERLIN, customer_zone=NEW_YORK)
    in_spanish = understand("1-dic a las 15:00", now=WEDNESDAY, zone=BERLIN, language="es")
    assert isinstance(in_english, Understood)
    assert isinstance(in_spanish, Understood)
    assert [each.echo for each in in_english.ambiguous] == [
        "Did you mean Tue 1 Dec, 15:00 in New York; 21:00 for you?"
    ]
    assert [each.echo for each in in_spanish.ambiguous] == ["¿Querías decir mar 1 dic, 15:00 en Berlín?"]


@pytest.mark.parametrize(
    ("phrase", "why"),
    [
        ("1-dec", "At what time on Tue 1 Dec?"),
        ("17-nov 10am", "has passed"),
        ("19-nov-2025 10am", "has passed"),
        ("28-mar-2027 02:30", "02:30 on Sun 28 Mar 2027 does not exist in Berlin"),
        ("1-dec-2028 10am", "400 days"),
        ("fri 1-dec 10am", "contradict"),
        ("1-dec 10am 2-dec", "contradict"),
        ("31-nov 10am", '"31-nov" makes no sense'),
        ("31-dec-9999 23:30", "makes no sense"),
        ("1-jan-0001 10am", "makes no sense"),
        ("1-dec 10am perhaps", '"perhaps" makes no sense'),
    ],
)
def test_such_a_date_is_held_to_all_that_holds_for_any_other(phrase: str, why: str) -> None:
    answer = understand(phrase, now=WEDNESDAY, zone=BERLIN)
    assert isinstance(answer, NotUnderstood), answer
    assert why in answer.why


@pytest.mark.parametrize(
    "phrase",
    [
        # alone, dateparser reads all of these: it skips words, takes the hour from now, or ends a month early
        "and 1-dec 3pm",
        "by dec-1-3 3pm",
        "the 1-dec-or-so 3pm",
        "tomorrow 3pm and 5pm",
        "3 days from today 10am",
        "by tonight",
        "tomorrow at 25:00",
        "in a mo",
        "tomorrow 9/10am",
        "2-3-dec 3pm",
        "20261201 3pm",
        "3pm -2",
        "1-dec 3pm CST",
    ],
)
def test_what_would_need_a_word_skipped_or_an_hour_invented_is_not_asked_about(phrase: str) -> None:
    answer = understand(phrase, now=WEDNESDAY, zone=BERLIN)
    assert isinstance(answer, NotUnderstood), answer


def test_what_a_table_understands_or_refuses_is_never_given_to_it() -> None:
    for scene, phrases in (COLLECTION | SPANISH).items():
        for phrase in phrases:
            answer = heard(scene, phrase)
            assert isinstance(answer, NotUnderstood) or not answer.supposed, phrase


def test_while_a_phrase_is_typed_a_question_appears_only_once_it_holds_a_whole_date_and_an_hour() -> None:
    """Checked for every beginning of every phrase of the collections."""
    asked = {
        phrase[:length]
        for scene, phrases in (COLLECTION | SPANISH).items()
        for phrase in phrases
        for length in range(1, len(phrase))
        if isinstance(
            answer := heard(scene, phrase[:length]),
            Understood,
        )
        and answer.supposed
    }
    assert asked == set()


ELSEWHERE = """
import os, sys, time
os.environ["TZ"] = sys.argv[1]
time.tzset()
from datetime import datetime, timezone
from tracker.policy.phrases import understand
assert "dateparser" not in sys.modules
understand("tomorrow 3pm", now=datetime(2026, 11, 18, 13, tzinfo=timezone.utc), zone="Europe/Berlin")
assert "dateparser" not in sys.modules
for phrase in ("1-dec 3pm", "2-3-27 00:10", "31-dec 23:50"):
    print(understand(phrase, now=datetime(2026, 11, 18, 13, tzinfo=timezone.utc), zone="Europe/Berlin"))
assert "dateparser" in sys.modules
"""


def test_it_is_loaded_only_when_needed_and_the_zone_of_the_machine_changes_nothing() -> None:
    said = {
        subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-c", ELSEWHERE, zone], check=True, capture_output=True, text=True
        ).stdout
        for zone in ("Pacific/Kiritimati", "America/Los_Angeles")
    }
    assert len(said) == 1
    assert "Tue 1 Dec, 15:00 in Berlin" in said.pop()


def test_words_without_a_meaning_stay_named() -> None:
    for language in LANGUAGES.values():
        answer = understand("qwertz 15:00", now=WEDNESDAY, zone=BERLIN, language=language.code)
        assert isinstance(answer, NotUnderstood)
        assert answer.why == language.sentences[Reason.LEFTOVER].format(text="qwertz")
