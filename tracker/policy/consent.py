"""May we text this person, and may we now?

Two rules: what somebody wrote to make us stop (or go on), and the hours in which a phone should stay silent.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from unicodedata import category, normalize
from zoneinfo import ZoneInfo

from tracker.policy.texts import LANGUAGES


class Word(StrEnum):
    """What a keyword does. Twilio acts on it and answers it by itself: we record it and send no answer."""

    STOP = "stop"
    START = "start"
    HELP = "help"


class Scope(StrEnum):
    """For which texts of ours an opt-out holds: for all, or for those from the sender it was said to."""

    EVERYWHERE = "everywhere"
    SENDER = "sender"


_KEYWORDS = {
    "stop": Word.STOP,
    "stopall": Word.STOP,
    "unsubscribe": Word.STOP,
    "cancel": Word.STOP,
    "end": Word.STOP,
    "quit": Word.STOP,
    "optout": Word.STOP,
    "revoke": Word.STOP,
    "start": Word.START,
    "yes": Word.START,
    "unstop": Word.START,
    "help": Word.HELP,
    "info": Word.HELP,
}


def is_also_an_answer(body: str) -> bool:
    """Is it the word of START that people answer questions with? It takes back a STOP; by itself it asks for
    nothing."""
    return body.strip().lower() == "yes"


def keyword(body: str) -> Word | None:
    """The keyword that Twilio sees in `body`: only if it is all there is, in any case. English only."""
    return _KEYWORDS.get(body.strip().lower())


def sounds_like_stop(body: str) -> bool:
    """Would a reasonable person read `body` as "stop texting me", in any of our languages?

    For a person to look at: nothing is stopped by it, since "stop please" leaves Twilio sending as before.
    A false alarm costs somebody a glance, a miss costs the customer one more unwanted text: in doubt, yes.
    """
    if keyword(body) is Word.STOP or _OPENING.match(body):
        return True
    if _SHOUTED.search(body) and not body.isupper():
        return True
    words = _words(body)
    alone, fillers, within = _stop_table()
    if any(_without(fillers, _words(sentence)) == "stop" for sentence in _SENTENCE_ENDS.split(body)):
        return True
    return _without(fillers, words) in alone or within.search(" ".join(words)) is not None


_OPENING = re.compile(
    r"\W*(?:STOP\b|(?i:(?:please |pls |plz )?stop(?: please| pls| plz)?)\s*[.!,;:\N{EN DASH}\N{EM DASH}-](?!\w))"
)
_SHOUTED = re.compile(
    r"(?<!n't )(?<!not )(?<!bus )\bSTOP\b"
)  # as our own texts spell it: "I said STOP to you"


_SENTENCE_ENDS = re.compile(r"[.!?;\n]+")
_SLIPS = re.compile(r"\b(?:stpo|sotp|st0p|s[ .]t[ .]o[ .]p)\b")


def _words(body: str) -> list[str]:
    """The words of `body`, lower case, no accents, with "stop" spelt right: "N'arrêtez!" is "n", "arretez"; "don't"
    is "dont"."""
    straight = re.sub("[’‘ʼ´`]", "'", body.casefold())
    bare = "".join(letter for letter in normalize("NFKD", straight) if category(letter) != "Mn")
    return re.findall(r"[a-z0-9]+", _SLIPS.sub("stop", bare.replace("n't", "nt")))


def _without(fillers: frozenset[str], words: list[str]) -> str:
    """What is left of `words`, each said once: "please stop, stop it" gives "stop"."""
    return " ".join(dict.fromkeys(word for word in words if word not in fillers))


@cache
def _stop_table() -> tuple[frozenset[str], frozenset[str], re.Pattern[str]]:
    tables = [table.stop for table in LANGUAGES.values()]
    fillers = frozenset(word for stop in tables for word in stop.fillers.split())
    phrases = [phrase.split() for stop in tables for phrase in stop.alone.split("|")]
    alone = frozenset(_without(fillers, phrase) for phrase in phrases)
    within = "|".join(pattern for stop in tables for pattern in stop.within)
    return alone, fillers, re.compile(rf"\b(?:{within})\b")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` up to but not including `end`, on the reader's clock; may span midnight. Equal: never."""

    start: time
    end: time

    def cover(self, at: time) -> bool:
        """Is `at`, on the reader's clock, inside?"""
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


DEFAULT_QUIET = QuietHours(time(21), time(8))


def quiet_until(at: datetime, zone: str, hours: QuietHours) -> datetime | None:
    """None if a text may go at `at` (aware); otherwise when it may, in UTC.

    What the reader's clock shows decides. An end that it skips in spring comes at the jump. One that it shows
    twice in autumn comes at the first showing; the minutes before it are quiet both times.
    Raises ZoneInfoNotFoundError if `zone` is no zone.
    """
    here = ZoneInfo(zone)
    local = at.astimezone(here)
    if not hours.cover(local.time()):
        return None
    day = local.date() if local.time() < hours.end else local.date() + timedelta(days=1)
    moment = max(at.astimezone(UTC), _earliest(day, hours.end, here))
    # Only a shifted clock needs the steps: without a shift the first moment is the end itself.
    while hours.cover(moment.astimezone(here).time()):
        moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return moment


def _earliest(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The first instant, in UTC, at which `clock` can be meant: it may be shown twice, or not at all."""
    return min(datetime.combine(day, clock, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
