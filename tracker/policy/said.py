"""How does a rule speak without knowing the reader's language? It gives the sentence and its facts apart."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Self


class Said(str):
    """A sentence in English that remembers what it was made of: `text` with its `%(name)s` places, and the `facts`
    that stand in them: words, numbers, dates, lengths of time, other sentences, and lists of those.

    Pages look the text up in their catalogue and fill it anew; everybody else has the English.
    """

    __slots__ = ("facts", "text")
    __match_args__ = ("text", "facts")
    text: str
    facts: Mapping[str, object]

    def __new__(cls, text: str, facts: Mapping[str, object]) -> Self:
        """The English sentence."""
        filled = text % {name: _in_english(fact) for name, fact in facts.items()} if facts else text
        made = super().__new__(cls, filled)
        made.text, made.facts = text, facts
        return made

    def __getnewargs__(self) -> tuple[str, Mapping[str, object]]:  # type: ignore[override]  # copies need both
        return self.text, self.facts


def say(text: str, **facts: object) -> Said:
    """A sentence with its facts. Extractors of translatable texts look for calls of this name."""
    return Said(text, facts)


def both(first: str, then: str) -> Said:
    """Two sentences, one after the other."""
    return say("%(first)s %(then)s", first=first, then=then)


def _in_english(fact: object) -> str:
    match fact:
        case timedelta():
            minutes = int(fact.total_seconds()) // 60
            return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
        case date():
            return f"{fact:%a} {fact.day} {fact:%b}"
        case list():
            return ", ".join(_in_english(each) for each in fact)
        case _:
            return str(fact)
