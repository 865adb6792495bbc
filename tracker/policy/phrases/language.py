"""What does a language have to say? Its patterns, its sentences for each reason, and the words of an echo."""

from collections.abc import Mapping
from dataclasses import dataclass

from tracker.policy.phrases.grammar import Grammar
from tracker.policy.phrases.pieces import Reason


@dataclass(frozen=True, slots=True)
class EchoWords:
    """How an echo is put together; the CLDR gives the names of days and months."""

    place: str
    """What follows a time: {place} is a city, or the name of a zone."""
    reader: str
    """The same moment, {when}, by the reader's own clock."""
    once_over: str
    """An {echo} to be confirmed, because the time came round before and has passed."""
    supposed: str
    """The question whether an {echo} is what was meant."""
    no_date: str
    """A date that the CLDR cannot write, because there is none: {day}, the name of the {month}, and the {year}."""
    first: str
    second: str
    """Which of two equal times in the night when the clocks go back: {time}."""


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    """As the CLDR has it."""
    grammar: Grammar
    sentences: Mapping[Reason, str]
    echo: EchoWords
