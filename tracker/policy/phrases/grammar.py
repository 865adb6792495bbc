"""How does a phrase become pieces? A language is a table of patterns; the longest that fits takes its words.

A pattern is a regular expression over words written plainly (`normal`), with slots such as `{hour}` or
`{weekday}` that each language fills with its own words; what is found in `{hour:7}`, a kind of `{hour}`, is
an hour too. Nothing is skipped: words that no pattern takes are a date in another form, or named and refused.
"""

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TypeAlias, overload

from tracker.policy.phrases.days import Day
from tracker.policy.phrases.pieces import Clock, Length, Mark, No, Part, Place, Reason, Refusal

Piece: TypeAlias = Clock | Mark | Part | Place | Length | No | Day
SLOT = r"\{([a-z][a-z0-9:_-]*)\}"
LONGEST, MOST = 120, 8
"""The most characters and spans in a phrase: reading a longer one in every way could take for ever."""
REMEMBERED = 1024
"""Texts whose reading is kept: a page reads again, up to nine times, the words that it would put into a field, and
"14:30" and "tomorrow 09:00" are the same from page to page."""


@dataclass(frozen=True, slots=True)
class Found:
    """The words a pattern took, and the numbers in its slots."""

    text: str
    numbers: Mapping[str, int]

    def __getitem__(self, slot: str) -> int:
        return self.numbers[slot]

    @overload
    def get(self, slot: str) -> int | None: ...
    @overload
    def get(self, slot: str, default: int) -> int: ...
    def get(self, slot: str, default: int | None = None) -> int | None:
        return self.numbers.get(slot, default)


Meaning: TypeAlias = Callable[[Found], Piece | tuple[Piece, ...]]


@dataclass(frozen=True, slots=True)
class Slot:
    """What may stand in a slot: figures that match `figures`, or one of the words."""

    figures: str
    words: Mapping[str, int] = field(default_factory=dict)

    @property
    def pattern(self) -> str:
        longest_first = sorted(map(re.escape, self.words), key=len, reverse=True)
        return "|".join([self.figures, *longest_first] if self.figures else longest_first)

    def read(self, text: str) -> int:
        number = self.words.get(text)
        return int(re.sub("[^0-9]", "", text)) if number is None else number


@dataclass(frozen=True, slots=True)
class Section:
    """Patterns that may follow the same words (`lead`) and be followed by the same (`trail`)."""

    patterns: Mapping[str, Meaning]
    lead: str = ""
    trail: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    pattern: re.Pattern[str]
    slots: Mapping[str, Slot]
    meaning: Meaning


class Grammar:
    """The patterns of one language. `slots` are those its sections name; `otherwise` is asked about words that no
    pattern takes."""

    def __init__(
        self, slots: Mapping[str, Slot], sections: tuple[Section, ...], otherwise: Callable[[str], Day | None]
    ) -> None:
        self.otherwise = otherwise
        self._remembered = lru_cache(REMEMBERED)(self._spans)
        self._slots = slots
        self._sections = sections

    @cached_property
    def rules(self) -> list[Rule]:
        """The patterns ready to read with. Made when a phrase is first read: most commands read none, and it takes
        a tenth of their start."""
        return [
            _compiled(f"{section.lead}(?:{pattern}){section.trail}", self._slots, meaning)
            for section in self._sections
            for pattern, meaning in section.patterns.items()
        ]

    def read(self, phrase: str) -> Iterator[tuple[Piece, ...]]:
        """Every way to read the phrase, the likelier first. Raises Refusal naming words without a meaning."""
        if len(phrase) > LONGEST:
            raise Refusal(Reason.TOO_LONG)
        for choice in itertools.product(*self._remembered(normal(phrase))):
            yield tuple(itertools.chain.from_iterable(choice))

    def _spans(self, text: str) -> Sequence[Sequence[tuple[Piece, ...]]]:
        """What each span of the text may mean. It depends on nothing but the text."""
        spans: list[list[tuple[Piece, ...]]] = []
        position = 0
        while position < len(text):
            end, meanings = self._longest(text, position)
            if not meanings:
                leftover = self._leftover(text, position)
                if (found := self.otherwise(leftover)) is None:
                    raise Refusal(Reason.LEFTOVER, text=leftover)
                end, meanings = position + len(leftover), [(found,)]
            spans.append(meanings)
            position = end + 1
            if len(spans) > MOST:
                raise Refusal(Reason.TOO_LONG)
        return spans

    def _longest(self, text: str, position: int) -> tuple[int, list[tuple[Piece, ...]]]:
        matches = [(rule, match) for rule in self.rules if (match := rule.pattern.match(text, position))]
        end = max((match.end() for _, match in matches), default=position)
        return end, [_meaning(rule, match) for rule, match in matches if match.end() == end]

    def _leftover(self, text: str, position: int) -> str:
        """The words from `position` to the next that some pattern takes."""
        start = position
        while (position := text.find(" ", position) + 1) and not self._longest(text, position)[1]:
            pass
        return text[start : position - 1 if position else None]


def _compiled(pattern: str, slots: Mapping[str, Slot], meaning: Meaning) -> Rule:
    named = {kind.partition(":")[0]: slots[kind] for kind in re.findall(SLOT, pattern)}
    filled = re.sub(SLOT, lambda slot: f"(?P<{slot[1].partition(':')[0]}>{slots[slot[1]].pattern})", pattern)
    return Rule(re.compile(f"(?:{filled})(?= |$)"), named, meaning)


def _meaning(rule: Rule, match: re.Match[str]) -> tuple[Piece, ...]:
    words = {name: text for name, text in match.groupdict().items() if text is not None}
    numbers = {name: rule.slots[name].read(text) for name, text in words.items()}
    meaning = rule.meaning(Found(match[0], numbers))
    return meaning if isinstance(meaning, tuple) else (meaning,)


def normal(phrase: str) -> str:
    """The phrase in small letters without accents, apostrophes and the punctuation that only separates.

    Signs that could change the meaning, such as a minus or a tilde, stay: no pattern takes them.
    """
    text = phrase.casefold()
    for fraction, words in {"½": " 1/2", "¼": " 1/4", "¾": " 3/4"}.items():
        text = text.replace(fraction, words)
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    text = re.sub(r"['’ʼ`´]", "", text).replace("@", " at ")
    text = re.sub(r"(?<![0-9]),|,(?![0-9])|[;!?\"“”«»()¿¡]", " ", text)
    # A zone's name keeps its hyphens: America/Port-au-Prince.
    text = " ".join(w if "/" in w else re.sub(r"(?<=[a-z])-(?=[a-z])", " ", w) for w in text.split())
    text = re.sub(r"(?<=[0-9]{4}-[0-9]{2}-[0-9]{2})t(?=[0-9])", " ", text)
    text = re.sub(r"(?<![a-z])([ap])\. ?m\b", r"\1m", text)
    return re.sub(r"(?<=[a-z])\.(?= |$)|(?<=:[0-9][0-9])\.$", "", text)


def numbered(words: str, start: int = 1) -> dict[str, int]:
    """Each word with its number, counted from `start`; words for the same number are joined with a bar."""
    return {word: number for number, same in enumerate(words.split(), start) for word in same.split("|")}


def always(*pieces: Piece) -> Meaning:
    """A pattern that means the same whatever its words."""
    return lambda _: pieces


def refused(reason: Reason) -> Meaning:
    return lambda found: No(reason, found.text)
