"""What a customer's text means, only where it cannot be misunderstood."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.replies import (
    ANSWERABLE,
    CALL,
    KEPT,
    MOST_UNCLEAR,
    SCORE,
    Ask,
    Asked,
    Meaning,
    Question,
    Reply,
    answered,
    helps,
    needs_help,
    understand,
)
from tracker.policy.replies import (
    QUESTIONS as ASKING,
)
from tracker.policy.texts import LANGUAGES
from tracker.policy.wording import TextKind

THREE_TIMES = Question(Ask.NEW_TIME, 3)
ANSWERS = {Meaning.KEPT_YES, Meaning.KEPT_NO, Meaning.SCORE, Meaning.NEW_TIME}
QUESTIONS = [None, KEPT, SCORE, THREE_TIMES, Question(Ask.NEW_TIME, 9)]
NOW = datetime(2026, 11, 19, 14, 0, tzinfo=UTC)
ASKED = Asked(text_id=1, about=1, question=KEPT, at=NOW - timedelta(hours=1), holds=True, latest=True)


@pytest.mark.parametrize(
    ("body", "question", "meaning", "number"),
    [
        ("1", KEPT, Meaning.KEPT_YES, None),
        (" 2\n", KEPT, Meaning.KEPT_NO, None),
        ("Yes", KEPT, Meaning.KEPT_YES, None),
        ("NO", KEPT, Meaning.KEPT_NO, None),
        ("1", SCORE, Meaning.SCORE, 1),
        ("5", SCORE, Meaning.SCORE, 5),
        ("1", THREE_TIMES, Meaning.NEW_TIME, 1),
        ("3", THREE_TIMES, Meaning.NEW_TIME, 3),
    ],
)
def test_an_exact_answer_to_the_open_question(
    body: str, question: Question, meaning: Meaning, number: int | None
) -> None:
    assert understand(body, question=question, language="en") == Reply(meaning, number, body.strip())


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(
    "body",
    [
        "ok thanks",
        "1pm",
        "1 more thing",
        "no thanks",
        "yes but",
        "11",
        "01",
        "1.",
        "1,2",
        "0",
        "-1",
        "¹",
        "١",
        "１",
        "1️⃣",
        "",
        " ",
    ],
)
def test_whatever_is_not_exactly_an_answer_is_a_note(body: str, question: Question | None) -> None:
    assert understand(body, question=question, language="en").meaning is Meaning.NOTE


@pytest.mark.parametrize(
    ("body", "question"), [("3", KEPT), ("6", SCORE), ("4", THREE_TIMES), ("yes", SCORE), ("no", THREE_TIMES)]
)
def test_an_answer_to_another_question_is_a_note(body: str, question: Question) -> None:
    assert understand(body, question=question, language="en").meaning is Meaning.NOTE


@pytest.mark.parametrize("body", ["1", "2", "5", "yes", "no"])
def test_without_a_question_there_is_no_answer(body: str) -> None:
    assert understand(body, question=None, language="en") == Reply(Meaning.NOTE, None, body)


@pytest.mark.parametrize(
    ("language", "yes", "no"),
    [("es", "Sí", "no"), ("fr", "oui", "Non"), ("de", "Ja", "nein"), ("xx", "yes", "no")],
)
def test_yes_and_no_are_understood_in_the_customer_s_language(language: str, yes: str, no: str) -> None:
    assert understand(yes, question=KEPT, language=language).meaning is Meaning.KEPT_YES
    assert understand(no, question=KEPT, language=language).meaning is Meaning.KEPT_NO


def test_a_yes_of_another_language_is_a_note() -> None:
    assert understand("ja", question=KEPT, language="es").meaning is Meaning.NOTE


@pytest.mark.parametrize(
    ("body", "language", "meaning"),
    [
        ("Call me", "en", Meaning.CALL_ME),
        ("Please call me!", "en", Meaning.CALL_ME),
        ("Rappelez-moi", "fr", Meaning.CALL_ME),
        ("not now", "en", Meaning.LATER),
        ("Später", "de", Meaning.LATER),
        ("call me at the office, not at home", "en", Meaning.NOTE),
        ("later that day it broke", "en", Meaning.NOTE),
    ],
)
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_wish_is_told_apart_from_a_note(
    body: str, language: str, meaning: Meaning, question: Question | None
) -> None:
    assert understand(body, question=question, language=language) == Reply(meaning, None, body)


@pytest.mark.parametrize("choices", [0, -1, 10])
def test_a_question_with_answers_of_no_or_several_digits_is_refused(choices: int) -> None:
    with pytest.raises(ValueError, match="1 to 9 answers"):
        Question(Ask.NEW_TIME, choices)


@given(st.text(max_size=40), st.sampled_from(QUESTIONS), st.sampled_from(sorted(LANGUAGES)))
def test_nothing_but_one_of_the_offered_answers_is_an_answer(
    body: str, question: Question | None, language: str
) -> None:
    reply = understand(body, question=question, language=language)
    words = LANGUAGES[language].yes | LANGUAGES[language].no
    offered = "123456789"[: question.choices] if question else ""
    if reply.meaning in ANSWERS:
        assert question is not None
        assert body.strip() in [*offered] or (question is KEPT and body.strip().casefold() in words)
    assert reply.number is None or 1 <= reply.number <= len(offered)


def test_one_for_a_call_is_the_wish_for_a_call() -> None:
    assert understand("1", question=CALL, language="en").meaning is Meaning.CALL_ME
    assert understand("2", question=CALL, language="en").meaning is Meaning.NOTE


@pytest.mark.parametrize("kind", ASKING)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_asks_names_the_digits_that_answer_it(language: str, kind: TextKind) -> None:
    template = LANGUAGES[language].templates[kind]
    assert all(str(digit) in template for digit in range(1, ASKING[kind].choices + 1))


@pytest.mark.parametrize("body", ["1", "yes"])
def test_an_answer_belongs_to_the_only_question_that_is_open(body: str) -> None:
    old = replace(ASKED, text_id=2, at=NOW - ANSWERABLE - timedelta(seconds=1))
    void = replace(ASKED, text_id=3, holds=False)
    assert answered(body, [ASKED, old, void], now=NOW) is ASKED
    assert answered(body, [old, void], now=NOW) is None
    assert answered(body, [ASKED, replace(ASKED, text_id=4, about=2)], now=NOW) is None
    assert answered(body, [], now=NOW) is None


def test_a_question_is_open_for_a_week_to_the_second() -> None:
    assert answered("1", [replace(ASKED, at=NOW - ANSWERABLE)], now=NOW) is not None


@pytest.mark.parametrize(("body", "counts"), [("2", True), (" 2 ", True), ("no", False), ("2!", False)])
def test_after_another_text_of_ours_only_a_digit_answers(body: str, counts: bool) -> None:
    earlier = replace(ASKED, latest=False)
    assert (answered(body, [earlier], now=NOW) is earlier) is counts


@pytest.mark.parametrize(
    ("body", "asked", "needs"),
    [
        ("1", False, True),
        (" 7. ", False, True),
        ("(2)", True, True),
        ("#3", False, True),
        ("10", False, True),
        ("yes", True, True),
        ("yes", False, False),
        ("no", False, False),
        ("ok thanks", True, False),
        ("1042", True, False),
        ("1pm", True, False),
        ("", True, False),
    ],
)
def test_only_what_looks_like_an_answer_is_asked_about(body: str, asked: bool, needs: bool) -> None:
    assert needs_help(body, [ASKED] if asked else [], language="en") is needs


def test_five_unclear_texts_in_a_row_are_answered_and_no_sixth() -> None:
    assert [helps(before) for before in range(MOST_UNCLEAR + 2)] == [True] * 5 + [False] * 2
