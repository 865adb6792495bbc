"""Which date is written here, in a form that is in no table: "1-dec", "19-nov-2026", "25.dec.26"?

dateparser reads it, from nothing but the words: a day and a month, with a year or without. What it finds
is a day like any other, so that the hour, the zone and the clocks are the tables' business, and a
`Supposed` one, so that it is asked about and never taken.
"""

import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from tracker.policy.phrases.days import InFigures, OnDate

if TYPE_CHECKING:
    from dateparser.date import DateDataParser

WRITTEN = re.compile("[0-9a-z]+(?:[-./ ][0-9a-z]+){0,2}")
YEARS = range(2000, 2100)
"""Those that the tables know; at the ends of the calendar there is no time to reckon with."""
FIGURES_OR_LETTERS = "[0-9]+|[a-z]+"


@dataclass(frozen=True, slots=True)
class Supposed(InFigures):
    """A date that another reader than the tables has found: it is to be asked about."""


def unlisted_date(
    language: str, *, lead: str, months: Container[str], orders: tuple[str, ...]
) -> Callable[[str], Supposed | None]:
    """A reader of dates that may follow the words of the pattern `lead`. The `orders` are those in which
    day, month and year may be written where all are figures, such as DMY.
    """

    def read(words: str) -> Supposed | None:
        written = re.sub(f"^{lead}", "", words)
        if not _may_be_a_date(written, months):
            return None
        found = [date for order in orders if (date := _date(written, language, order))]
        return Supposed(tuple(dict.fromkeys(found))) if found else None

    return read


def _may_be_a_date(written: str, months: Container[str]) -> bool:
    """Figures and the name of a month, or three times figures. Others are not worth a third of a second, the
    time it takes to load dateparser, once, while somebody types.
    """
    parts = re.findall(FIGURES_OR_LETTERS, written)
    letters = [part for part in parts if not part.isdecimal()]
    known = all(part in months for part in letters)
    return bool(WRITTEN.fullmatch(written)) and known and (1 if letters else 2) < len(parts) <= 3


def _date(written: str, language: str, order: str) -> OnDate | None:
    found = _parser(language, order).get_date_data(written)
    date, parts = found.date_obj, found.parts
    # It skips words: each has to be the day, the month or the year.
    if date is None or len(re.findall(FIGURES_OR_LETTERS, written)) != len(parts):
        return None
    if date.year not in YEARS:
        return None
    return OnDate(date.day, date.month, date.year if "year" in parts else None)


@cache
def _parser(language: str, order: str) -> "DateDataParser":
    from dateparser.date import DateDataParser

    settings = {
        "PARSERS": ["absolute-time"],
        "REQUIRE_PARTS": ["day", "month"],
        "DATE_ORDER": order,
        "STRICT_DATE_ORDER": "all",
        # By default the clock and the zone of the machine. Of what it takes from here nothing is used, but
        # in a year without it there would be no 29 February.
        "RELATIVE_BASE": datetime(2000, 1, 1),  # noqa: DTZ001 - a date alone
        "TIMEZONE": "UTC",
    }
    return DateDataParser(languages=[language], settings=settings)
