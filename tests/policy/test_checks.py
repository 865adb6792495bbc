"""The truth table of input: taken as it is meant, or refused in one sentence at the place to mend."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tracker.policy import checks
from tracker.policy.checks import Conflict, NotFound, Refused

NOW = datetime(2026, 11, 19, 14, 0, tzinfo=UTC)


def topic(text: str) -> str:
    return checks.one_line(text, "topic", most=10, name="The topic")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("refund", "refund"),
        ("  a \n b\t c ", "a b c"),
        ("x" * 10, "x" * 10),
        ("¿qué?", "¿qué?"),
        ("🙂", "🙂"),
        ("\u202aTom\u202c", "Tom"),
        ("a\u202eb", "ab"),
        ("\u2066שלום\u2069", "שלום"),
    ],
)
def test_text_becomes_one_line_without_outer_space(text: str, clean: str) -> None:
    assert topic(text) == clean


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "\u200d \ufeff", "\u202e"])
def test_text_that_nobody_can_see_is_missing(text: str) -> None:
    with pytest.raises(Refused, match="The topic is missing"):
        topic(text)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("07700 900100", "+447700900100"),
        ("+1 (415) 555-0123", "+14155550123"),
        ("0049 30 123456", "+4930123456"),
    ],
)
def test_a_number_is_written_as_the_whole_world_does(text: str, clean: str) -> None:
    assert checks.phone(text, "GB") == clean


@pytest.mark.parametrize("ahead", [timedelta(microseconds=1), timedelta(days=366)])
@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-5))])
def test_a_due_time_lies_ahead_at_most_a_year_in_whatever_zone(ahead: timedelta, zone: timezone) -> None:
    at = (NOW + ahead).astimezone(zone)
    assert checks.due(at, now=NOW) == at


@pytest.mark.parametrize(
    ("check", "clean"),
    [
        (lambda: checks.zone("Europe/Madrid").key, "Europe/Madrid"),
        (lambda: checks.region(" es "), "ES"),
        (lambda: checks.email(" Ana@Example.ORG "), "ana@example.org"),
    ],
)
def test_what_is_meant_is_taken(check: Callable[[], str], clean: str) -> None:
    assert check() == clean


@pytest.mark.parametrize(
    ("check", "field", "sentence"),
    [
        (lambda: topic(""), "topic", "The topic is missing"),
        (lambda: topic(" \n "), "topic", "The topic is missing"),
        (lambda: topic("x" * 11), "topic", "The topic has 11 characters; 10 is the most"),
        (lambda: checks.zone("Mars/Olympus"), "zone", "no time zone 'Mars/Olympus': use a name like"),
        (lambda: checks.zone(""), "zone", "no time zone ''"),
        (lambda: checks.zone("../etc/passwd"), "zone", "no time zone"),
        (lambda: checks.phone(" ", "GB"), "phone", "The phone number is missing: give it with area code"),
        (lambda: checks.phone("12", "GB"), "phone", "'12' is not a phone number"),
        (lambda: checks.phone("call me", "GB"), "phone", "'call me' is not a phone number"),
        (lambda: checks.phone("+999123456789", "GB"), "phone", "is not a phone number"),
        (lambda: checks.due(NOW, now=NOW), "due_at", "has passed: a promise is made for a time"),
        (lambda: checks.due(NOW - timedelta(days=1), now=NOW), "due_at", "has passed"),
        (lambda: checks.due(NOW + timedelta(days=367), now=NOW), "due_at", "more than a year away"),
        (lambda: checks.due(NOW.replace(tzinfo=None), now=NOW), "due_at", "has no zone: add an offset"),
        (lambda: checks.region("UK"), "region", "no country 'UK': use two letters"),
        (lambda: checks.region(""), "region", "no country ''"),
        (lambda: checks.email("ana"), "email", "'ana' is not an e-mail address"),
        (lambda: checks.email("@example.org"), "email", "is not an e-mail address"),
        (lambda: checks.email("ana@example"), "email", "is not an e-mail address"),
        (lambda: checks.email("ana@example."), "email", "is not an e-mail address"),
        (lambda: checks.email("a na@example.org"), "email", "is not an e-mail address"),
        (lambda: checks.email("a" * 250 + "@x.org"), "email", "is not an e-mail address"),
    ],
)
def test_what_is_not_is_refused_where_it_can_be_mended(
    check: Callable[[], object], field: str, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence.replace("?", r"\?").replace("(", r"\(")) as refused:
        check()
    assert refused.value.field == field
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    "check", [lambda text: checks.phone(text, "GB"), checks.zone, checks.region, checks.email]
)
def test_a_refusal_stays_one_sentence_however_much_was_typed(check: Callable[[str], object]) -> None:
    with pytest.raises(Refused) as refused:
        check("x" * 10_000)
    assert len(refused.value.sentence) < 160


def test_what_is_not_there_and_what_has_changed_are_refusals_too() -> None:
    assert issubclass(NotFound, Refused)
    assert issubclass(Conflict, Refused)
    assert Refused("No.").field == ""


def test_a_topic_may_hold_an_emoji_joined_of_two() -> None:
    assert (
        checks.one_line("👩\u200d💻 order 12", "topic", most=200, name="The topic") == "👩\u200d💻 order 12"
    )
