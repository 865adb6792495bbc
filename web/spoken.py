"""How does a page say what a rule or a report has said? In its own language, dates and lengths of time too."""

from datetime import date, timedelta

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask

from tracker.policy.said import Said
from web.i18n import _
from web.times import locale, span


def prepare(app: Flask) -> None:
    """Give templates the filters."""
    app.add_template_filter(spoken)
    app.add_template_filter(counted)


def counted(number: int) -> str:
    """A count, with the thousands set apart as the reader writes them."""
    return format_decimal(number, locale=locale())


def spoken(value: object) -> str:
    """A sentence or anything that may stand in one, in the language of the request."""
    match value:
        case Said(text, facts):
            said = _(text, **{name: spoken(fact) for name, fact in facts.items()})
            return said.replace(" %", "\N{NO-BREAK SPACE}%")
        case float():
            return format_decimal(value, "#,##0.0##", locale=locale())
        case date():
            return format_date(value, "EEE d MMM", locale=locale())
        case timedelta():
            return span(value)
        case list():
            return ", ".join(spoken(each) for each in value)
        case _:
            return str(value)
