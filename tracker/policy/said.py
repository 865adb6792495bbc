"""How does a rule speak without knowing the reader's language? It gives the sentence and its facts apart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence in English with `%(name)s` places, and what stands in them: words, numbers, dates, lengths of
    time, other sentences, and lists of those.

    Pages look the sentence up in their catalogue before they fill it; `str` gives it in English.
    """

    text: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        if not self.facts:
            return self.text
        return self.text % {name: _in_english(fact) for name, fact in self.facts.items()}


def say(text: str, **facts: object) -> Said:
    """A sentence with its facts. Extractors of translatable texts look for calls of this name."""
    return Said(text, facts)


def _in_english(fact: object) -> str:
    match fact:
        case timedelta():
            minutes = int(fact.total_seconds()) // 60
            return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
        case list():
            return ", ".join(_in_english(each) for each in fact)
        case _:
            return str(fact)
