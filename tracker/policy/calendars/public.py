"""Which days are public holidays in a country or in a part of it?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Self

import holidays


@dataclass(frozen=True, slots=True)
class PublicHolidays:
    """The public holidays of one country (ISO 3166 code, "DE") or of one of its parts ("BY").

    Observed days count. Raises ValueError where the country or the part is not known.
    """

    country: str
    subdivision: str | None = None

    def __post_init__(self) -> None:
        try:
            _holidays(self.country, self.subdivision, 2026)
        except NotImplementedError:
            place = self.country if self.subdivision is None else f"{self.subdivision} in {self.country}"
            raise ValueError(
                f"No public holidays are known for {place}: give the two-letter code of a country, such as "
                "NL, and the code of one of its parts or none."
            ) from None

    @classmethod
    def of(cls, code: str) -> Self:
        """Read ISO 3166 as text: `DE`, or with a subdivision `DE-BY`. Raises ValueError like the class itself."""
        country, _, subdivision = code.strip().upper().partition("-")
        return cls(country, subdivision or None)

    def name(self, day: date) -> str | None:
        """What is celebrated that day, in English where the source has it; None on an ordinary day."""
        return _holidays(self.country, self.subdivision, day.year).get(day)


@lru_cache(maxsize=512)
def _holidays(country: str, subdivision: str | None, year: int) -> Mapping[date, str]:
    return dict(holidays.country_holidays(country, subdiv=subdivision, years=year, language="en_US"))
