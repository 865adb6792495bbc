"""When is "tomorrow after lunch, her time"? A promise's time in plain words, understood or refused.

A phrase is read by the table of its language (`english.py`, `spanish.py`) into pieces, the pieces are
looked up in the calendar and on the clocks of the zone they speak of, and the answer is said back with its
day and place. What could mean two times says so; what is left over, past, impossible or open is refused,
with what to type. A date in a form that is in no table (`unlisted.py`) is asked about, never taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from tracker.policy.phrases.days import working
from tracker.policy.phrases.echo import echo, explain
from tracker.policy.phrases.english import ENGLISH
from tracker.policy.phrases.interpret import Asking, Reading, interpret
from tracker.policy.phrases.language import Language
from tracker.policy.phrases.pieces import DayHours, HoursOf, Reason, Refusal
from tracker.policy.phrases.spanish import SPANISH

__all__ = [
    "LANGUAGES",
    "Alternative",
    "DayHours",
    "NotUnderstood",
    "Understood",
    "nine_to_five",
    "understand",
]

LANGUAGES: Mapping[str, Language] = {"en": ENGLISH, "es": SPANISH}


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another time that a phrase may mean. One equal to the time understood is to be confirmed: its echo
    says why.
    """

    at: datetime
    echo: str


@dataclass(frozen=True, slots=True)
class Understood:
    """What a phrase means: `at` in UTC, later than now and in whole minutes; the `zone` in which it was
    read; and the `echo`, in the language of the phrase, for the person who typed it. `ambiguous` holds the
    other times that a reasonable person could mean: empty when it is clear. When it is only `supposed`, not
    understood, all of them are `ambiguous`, `at` too: it must not be taken unasked.
    """

    at: datetime
    zone: str
    echo: str
    ambiguous: tuple[Alternative, ...] = ()
    supposed: bool = False


def nine_to_five(day: date) -> DayHours:
    """The hours of those who have not said theirs: from Monday to Friday."""
    return DayHours(free=not working(day))


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """One sentence, in the language of the phrase, that says why and what to type instead."""

    why: str


def understand(
    phrase: str,
    *,
    now: datetime,
    zone: str,
    reader_zone: str | None = None,
    customer_zone: str | None = None,
    language: str = "en",
    hours: HoursOf = nine_to_five,
) -> Understood | NotUnderstood:
    """The time that `phrase` means when the speaker, who lives in `zone`, says it at `now`.

    "Her time" is the `customer_zone`'s; "end of day" is by the `hours` of the day that is meant. The echo adds
    the time by the clock of `reader_zone`, the speaker's unless given, when it differs. Any text is answered;
    raises ValueError for a `now` without a zone, KeyError for a language that is not among `LANGUAGES`, and
    zoneinfo's errors for an unknown zone.
    """
    if now.tzinfo is None:
        raise ValueError("now must have a zone.")
    words = LANGUAGES[language]
    asking = Asking(now.astimezone(UTC), zone, customer_zone, hours)
    try:
        first, *rest = _readings(phrase, words, asking)
    except Refusal as refusal:
        return NotUnderstood(explain(refusal, now=now, language=words))

    def said(at: datetime) -> str:
        return echo(at, zone=first.zone, reader_zone=reader_zone or zone, now=now, language=words)

    def alternative(at: datetime) -> Alternative:
        if first.supposed:
            return Alternative(at, words.echo.supposed.format(echo=said(at)))
        return Alternative(at, words.echo.once_over.format(echo=said(at)) if at == first.at else said(at))

    otherwise = [at for reading in rest for at in (reading.at, *reading.others) if at != first.at]
    others = dict.fromkeys(((first.at,) if first.supposed else ()) + (*first.others, *otherwise))
    ambiguous = tuple(map(alternative, others))
    return Understood(first.at, first.zone, said(first.at), ambiguous, first.supposed)


def _readings(phrase: str, words: Language, asking: Asking) -> list[Reading]:
    """At least one; raises the likeliest reading's Refusal when none makes sense."""
    readings: list[Reading] = []
    refusals: list[Refusal] = []
    for pieces in words.grammar.read(phrase):
        try:
            readings.append(interpret(pieces, asking))
        except Refusal as refusal:
            refusals.append(refusal)
    if not readings:
        raise refusals[0] if refusals else Refusal(Reason.EMPTY)
    return readings
