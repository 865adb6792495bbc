"""The provider refused a message: try again when, give up, or ask a person?

One table holds what each error code means to us. A code that nobody knows is never tried again and raises an
alarm: Twilio may change what a code stands for, and a text too many cannot be taken back. Meanings are Twilio's
error dictionary; the class each belongs to is our judgement.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class ErrorClass(StrEnum):
    """What an error is about, and so what to do."""

    DEAD_NUMBER = "the number takes no texts"
    OPTED_OUT = "whoever has the number opted out"
    ACCOUNT = "our account needs attention"
    OUR_BUG = "the text is not acceptable"
    LATER = "the provider is busy"
    NEVER = "the text was not delivered"
    UNKNOWN_CODE = "the provider gave a code that nobody knows"


ILL_BY_RECEIPT = frozenset({30002, 30024, 30032, 30034, 30035})
"""Errors about our account that come after a text was taken: that one more was taken does not prove it well."""
CLASSES: Mapping[int, ErrorClass] = {
    **dict.fromkeys((21211, 21214, 21217, 21604, 21612, 21614, 30005, 30006), ErrorClass.DEAD_NUMBER),
    **dict.fromkeys((21610,), ErrorClass.OPTED_OUT),
    **dict.fromkeys(
        (
            *(
                401,
                403,
                404,
                20003,
                20404,
                21212,
                21408,
                21603,
                21606,
                21608,
                21609,
                21659,
                21703,
                21704,
                21705,
            ),
            *range(35111, 35119),
            *ILL_BY_RECEIPT,
        ),
        ErrorClass.ACCOUNT,
    ),
    **dict.fromkeys((21602, 21617, 21619, 30012), ErrorClass.OUR_BUG),
    **dict.fromkeys((14107, 20429, 21611, 30001, 30003, 30008, 30022, 30023, 30450, 30453), ErrorClass.LATER),
    **dict.fromkeys((30004, 30007, 30036, 30410), ErrorClass.NEVER),
}


def classify(code: int | None) -> ErrorClass:
    """The class of an error code; None (no code given) is one nobody knows."""
    return CLASSES.get(code or 0, ErrorClass.UNKNOWN_CODE)


@dataclass(frozen=True, slots=True)
class Again:
    """Try again after this long."""

    after: timedelta


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Not tried again. `alarm`: a person who runs the system has to look."""

    alarm: bool


FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
MOST_TRIES = 12
LATE_WAIT = timedelta(minutes=10)
MOST_LATE = 3
MAY_HAVE_ARRIVED = frozenset({30008})
MOST_LATE_TRIES: Mapping[int, int] = {30008: 2}
"""An unknown error of the carrier is worth one more try."""
ACCOUNT_WAIT = timedelta(minutes=5)
"""While our account is ill nothing leaves; after this long one text is tried."""


def back_off(tries: int, asked: timedelta | None = None) -> timedelta:
    """How long to wait after so many tries (1 or more): doubling from 15 s up to 15 min, or longer if the
    provider asked for it."""
    own: timedelta = min(FIRST_WAIT * 2 ** min(tries - 1, 10), LONGEST_WAIT)
    return max(own, asked or timedelta())


def after_not_sent(tries: int, asked: timedelta | None) -> Again:
    """Nothing left the house: always again. What is no longer worth sending expires by itself."""
    return Again(back_off(tries, asked))


def after_failure(code: int | None, tries: int, *, to_customer: bool) -> Again | GiveUp:
    """The provider had taken it, and says later that it did not arrive. What may pass by itself is tried again a few
    times, with long waits: a phone that is off is not on a minute later. A customer gets no second text where the
    carrier does not know what became of the first. Without a code the next receipt may bring one."""
    match classify(code):
        case ErrorClass.LATER if to_customer and code in MAY_HAVE_ARRIVED:
            return GiveUp(alarm=False)
        case ErrorClass.LATER if tries < MOST_LATE_TRIES.get(code or 0, MOST_LATE):
            return Again(LATE_WAIT * tries)
        case ErrorClass.ACCOUNT:
            return Again(ACCOUNT_WAIT)
        case ErrorClass.OUR_BUG | ErrorClass.UNKNOWN_CODE:
            return GiveUp(alarm=code is not None)
        case _:
            return GiveUp(alarm=False)


def after_rejection(code: int | None, tries: int) -> Again | GiveUp:
    """The provider has answered with an error."""
    match classify(code):
        case ErrorClass.LATER if tries < MOST_TRIES:
            return Again(back_off(tries))
        case ErrorClass.ACCOUNT:
            return Again(ACCOUNT_WAIT)
        case ErrorClass.OUR_BUG | ErrorClass.UNKNOWN_CODE:
            return GiveUp(alarm=True)
        case _:
            return GiveUp(alarm=False)
