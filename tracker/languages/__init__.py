"""How does the program say something in its reader's language? English stands in the code; the others are looked up.

Catalogues are the `.po` files of translators beside this one, one a language; they are compiled when first asked for.
What pages say and what leaves by mail is looked up here alike.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from tracker.policy.said import Said

PAGES: Mapping[str, str] = {"en": "English", "es": "Español"}
"""The languages that pages and mail speak, each by its own name."""
CATALOGUES = Path(__file__).parent
LOCALES: Mapping[str, str] = {"en": "en_GB"}
"""How a language writes days and months, where that is not as the language alone would."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Speaks one language; English for what nobody has translated."""

    language: str

    @property
    def locale(self) -> str:
        """How it writes days, months and numbers."""
        return LOCALES.get(self.language, self.language)

    def gettext(self, text: str, **facts: object) -> str:
        """A text, its `%(name)s` filled in."""
        said = catalogue(self.language).gettext(text)
        return said % facts if facts else said

    def ngettext(self, one: str, many: str, n: int, **facts: object) -> str:
        """A text that counts something, `%(num)s` of it."""
        return catalogue(self.language).ngettext(one, many, n) % {"num": n, **facts}

    def spoken(self, value: object) -> str:
        """A sentence or anything that may stand in one."""
        match value:
            case Said(text, facts):
                said = self.gettext(text, **{name: self.spoken(fact) for name, fact in facts.items()})
                return said.replace(" %", "\N{NO-BREAK SPACE}%")
            case float():
                return format_decimal(value, "#,##0.0##", locale=self.locale)
            case date():
                return format_date(value, "EEE d MMM", locale=self.locale)
            case timedelta():
                return self.span(value)
            case list():
                return ", ".join(self.spoken(each) for each in value)
            case _:
                return str(value)

    def span(self, length: timedelta) -> str:
        """A length of time in its one or two largest units: `20 min`, `1 h 5 min`, `3 days`."""
        minutes = int(length.total_seconds()) // 60
        hours, rest = divmod(minutes, 60)
        if hours >= 48:
            return self.ngettext("%(num)s day", "%(num)s days", hours // 24)
        if hours >= 10 or (hours and not rest):
            return self.gettext("%(hours)s h", hours=hours)
        if hours:
            return self.gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)
        return (
            self.gettext("%(minutes)s min", minutes=minutes)
            if minutes
            else self.gettext("less than a minute")
        )


@cache
def catalogue(language: str) -> NullTranslations:
    """The catalogue of a language; for English, and for what nobody has translated, the words as they stand."""
    file = CATALOGUES / f"{language}.po"
    if not file.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as written:
        write_mo(compiled, read_po(written, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
