"""What does a customer's text mean?

Only what cannot be misunderstood is understood: a body that is nothing but one of the answers to the question
that is open. Everything else is a note for the owner to read, and changes nothing.
"""

from dataclasses import dataclass
from enum import StrEnum

from tracker.policy.texts import language as language_table


class Ask(StrEnum):
    """What we asked."""

    KEPT = "kept"
    SCORE = "score"
    NEW_TIME = "new_time"


@dataclass(frozen=True, slots=True)
class Question:
    """A question that waits for an answer in digits: 1 to `choices` (at most 9).

    KEPT: "did we keep it?", 1 yes, 2 no. SCORE: 1 to 5. NEW_TIME: one of the times offered, in their order.
    """

    ask: Ask
    choices: int

    def __post_init__(self) -> None:
        if not 1 <= self.choices <= 9:
            raise ValueError(f"A question offers 1 to 9 answers, one digit each; not {self.choices}.")


KEPT = Question(Ask.KEPT, 2)
SCORE = Question(Ask.SCORE, 5)


class Meaning(StrEnum):
    """What a reply means. The first four answer the open question; the others never change a commitment."""

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
