"""Does a text say what we will do, or what we won't?

Rule R6: turn negative into positive wording. The phrases to avoid are kept with each language (policy/texts),
each with the reason and a better wording. It advises the person who edits a text and changes nothing itself.
"""

import re
from dataclasses import dataclass
from functools import cache
from unicodedata import normalize

from tracker.policy.said import Said
from tracker.policy.texts import language as language_table
from tracker.policy.texts.language import REASONS, Tone


@dataclass(frozen=True, slots=True)
class Finding:
    """A phrase to reword: where it stands (`text[start:end]` is `phrase`), why, and what to say instead.

    `better` is in the text's language.
    """

    start: int
    end: int
    phrase: str
    why: Said
    better: str


def check(text: str, language: str) -> list[Finding]:
    """What to reword in `text`, in order of place, without overlaps. Whole words only, in any case.

    Apostrophes may be typed in any way or left out, accents may be left out. An unknown language is read as
    English.
    """
    pattern, entries = _table(language_table(language).code)
    findings = []
    for match in pattern.finditer(text):
        entry = entries[int((match.lastgroup or "")[1:])]
        findings.append(Finding(*match.span(), match[0], REASONS[entry.reason], entry.better))
    return findings


@cache
def _table(code: str) -> tuple[re.Pattern[str], list[Tone]]:
    """One pattern, a group for each phrase, the longest first so that it wins; and the entry of each."""
    phrases = [(phrase, entry) for entry in language_table(code).tone for phrase in entry.phrases]
    phrases.sort(key=lambda pair: len(pair[0]), reverse=True)
    groups = "|".join(f"(?P<p{number}>{_loosely(phrase)})" for number, (phrase, _) in enumerate(phrases))
    return re.compile(rf"(?<!\w)(?:{groups})(?!\w)", re.IGNORECASE), [entry for _, entry in phrases]


def _loosely(phrase: str) -> str:
    """A pattern for `phrase` as people type it."""
    return "".join(_letter(character) for character in phrase)


def _letter(character: str) -> str:
    if character == " ":
        return r"\s+"
    if character == "'":
        return "['’‘ʼ`´]?"
    if character == "-":
        return r"[-\s]?"
    bare = normalize("NFD", character)
    return character if bare == character else f"(?:{character}|{bare}|{bare[0]})"
