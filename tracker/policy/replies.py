"""What does a customer's text mean?

Only what cannot be misunderstood is understood: a body that is nothing but one of the answers to the question
that is open. Everything else is a note for the owner to read, and changes nothing. What looks like an answer but
cannot be one is asked about, a few times.

A text that asks something new needs its question in QUESTIONS; what an answer does is tracker.delivery.replies'.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tracker.policy.texts import language as language_table
from tracker.policy.wording import TextKind

ANSWERABLE = timedelta(days=7)
"""So long a question stays open; who answers later may speak of something else."""
MOST_UNCLEAR = 5
"""So many texts in a row that could not be understood are answered; at the other end may be a machine."""


class Ask(StrEnum):
    """What we asked."""

    KEPT = "kept"
    SCORE = "score"
    NEW_TIME = "new_time"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Question:
    """A question that waits for an answer in digits: 1 to `choices` (at most 9).

    KEPT: "did we keep it?", 1 yes, 2 no. SCORE: 1 to 5. NEW_TIME: one of the times offered, in their order.
    CALL: 1 for a call at once. `once_closed`: it is asked of a closed promise, and void when that is opened again;
    the others are void once theirs is closed.
    """

    ask: Ask
    choices: int
    once_closed: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.choices <= 9:
            raise ValueError(f"A question offers 1 to 9 answers, one digit each; not {self.choices}.")


KEPT = Question(Ask.KEPT, 2, once_closed=True)
SCORE = Question(Ask.SCORE, 5, once_closed=True)
CALL = Question(Ask.CALL, 1)
QUESTIONS: Mapping[TextKind, Question] = {TextKind.UNREACHED: CALL, TextKind.KEPT_IT: KEPT}
"""The texts that offer an answer in digits, and what they ask."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was sent to the number a reply came from."""

    text_id: int
    about: int
    """Number of the promise it is about."""
    question: Question
    at: datetime
    holds: bool
    """It was not answered yet, and the promise is as it was when we asked."""
    latest: bool
    """No text of ours went to that number after it."""


def answered(body: str, asked: Sequence[Asked], *, now: datetime) -> Asked | None:
    """The question that `body` can be an answer to: the only one open. A word may be meant for another text of ours,
    so it counts only right after the question."""
    still = [each for each in asked if each.holds and now - each.at <= ANSWERABLE]
    if len(still) != 1:
        return None
    [only] = still
    return only if only.latest or body.strip().isdigit() else None


def needs_help(body: str, asked: Sequence[Asked], *, language: str) -> bool:
    """Does `body`, which answers no open question, look as if it should? Then whoever wrote it waits for something
    to happen. A digit does; "yes" and "no" do only if something was asked."""
    text = body.strip().casefold()
    words = language_table(language)
    return bool(_CODE.fullmatch(text)) or (bool(asked) and text in words.yes | words.no)


def helps(unclear_before: int) -> bool:
    """Is another unclear text answered, after so many in a row before it?"""
    return unclear_before < MOST_UNCLEAR


_CODE = re.compile(r"[#(]?[0-9]{1,2}[.!)]?")


class Meaning(StrEnum):
    """What a reply means. The first four answer the open question; the others never change a commitment: they are
    wishes and notes for the owner."""

    KEPT_YES = "kept_yes"
    KEPT_NO = "kept_no"
    SCORE = "score"
    NEW_TIME = "new_time"
    CALL_ME = "call_me"
    LATER = "later"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply, understood. `number`: the score, or which offered time (from 1); None for all others."""

    meaning: Meaning
    number: int | None
    text: str


def understand(body: str, *, question: Question | None, language: str) -> Reply:
    """What `body` means as an answer to `question`; None if nothing was asked.

    Digits count only as a whole body and only as far as the question goes; "yes" and "no" only for KEPT, in
    the customer's `language`. Keywords are not looked at here: ask consent.keyword first ("YES" is one).
    """
    text = body.strip()
    meaning, number = Meaning.NOTE, None
    if question is not None:
        meaning, number = _answer(text, question, language)
    if meaning is Meaning.NOTE:
        meaning = _wish(text, language)
    return Reply(meaning, number, text)


def _answer(text: str, question: Question, language: str) -> tuple[Meaning, int | None]:
    words = language_table(language)
    digit = int(text) if text in [*"123456789"[: question.choices]] else None
    if question.ask is Ask.KEPT:
        if digit == 1 or text.casefold() in words.yes:
            return Meaning.KEPT_YES, None
        if digit == 2 or text.casefold() in words.no:
            return Meaning.KEPT_NO, None
    elif question.ask is Ask.CALL and digit is not None:
        return Meaning.CALL_ME, None
    elif digit is not None:
        return (Meaning.SCORE if question.ask is Ask.SCORE else Meaning.NEW_TIME), digit
    return Meaning.NOTE, None


def _wish(text: str, language: str) -> Meaning:
    """Two wishes that are worth showing to the owner as such, where they are all that was said."""
    words = language_table(language)
    plain = text.casefold().rstrip(".!")
    if plain in words.call_me:
        return Meaning.CALL_ME
    return Meaning.LATER if plain in words.later else Meaning.NOTE
