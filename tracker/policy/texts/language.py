"""What must be known about a language before a text can be written, checked or understood in it?"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tracker.policy.said import Said, say


class Reason(StrEnum):
    """Why a phrase does not belong in a text to a customer."""

    NEGATIVE = "negative"
    UNKNOWING = "unknowing"
    BLAME = "blame"
    VAGUE = "vague"
    EXCUSE = "excuse"


REASONS: Mapping[Reason, Said] = {
    Reason.NEGATIVE: say("It says what will not happen. Say what will, and by when."),
    Reason.UNKNOWING: say("It leaves the customer with a question. Say who will find out, and by when."),
    Reason.BLAME: say("It blames or lectures the customer."),
    Reason.VAGUE: say("It promises nothing that can be kept. Name a time."),
    Reason.EXCUSE: say("It sounds like an excuse. Own what happened, then say what happens next."),
}
"""Each as whoever edits the text is told."""


@dataclass(frozen=True, slots=True)
class Deed:
    """How the language speaks of one kind of commitment.

    `will`: what the owner does, with its time: "will call you back {by}".
    `label`: what was promised, in a word: "callback".
    """

    will: str
    label: str


@dataclass(frozen=True, slots=True)
class Tone:
    """Phrases to avoid for one reason, and a wording to offer instead (in the language of the text)."""

    reason: Reason
    better: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """How people ask for an end to texts, written without accents or punctuation, in lower case.

    `alone`: phrases, with | between, that mean it when nothing else is left once the `fillers` are out.
    `fillers`: words of politeness and emphasis, with spaces between.
    `within`: regular expressions that may match anywhere, between word boundaries.
    """

    alone: str
    fillers: str
    within: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its dates, templates by kind of text, tone, and the words that a reply may consist of.

    `date` and `clock` are patterns of Unicode's LDML; `near` names days by their distance from today.
    `by_near`, `by_far`, `by_clock` say "not later than": on a day in `near`, on another, on the day at hand.
    `headings` begin the staff texts: for one promise, and for `{count}` of them.
    """

    code: str
    date: str
    clock: str
    near: Mapping[int, str]
    by_near: str
    by_far: str
    by_clock: str
    deeds: Mapping[str, Deed]
    next_known: str
    next_unknown: str
    headings: Mapping[str, tuple[str, str]]
    templates: Mapping[str, str]
    tone: tuple[Tone, ...]
    stop: Stop
    yes: frozenset[str]
    no: frozenset[str]
    call_me: frozenset[str]
    later: frozenset[str]
