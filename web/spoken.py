"""How does a page say what a rule or a report has said? In its own language, dates and lengths of time too."""

from babel.numbers import format_decimal
from flask import Flask

from web.i18n import voice


def prepare(app: Flask) -> None:
    """Give templates the filters."""
    app.add_template_filter(spoken)
    app.add_template_filter(counted)


def counted(number: float) -> str:
    """A number, with the thousands set apart as the reader writes them."""
    return format_decimal(number, locale=voice().locale)


def spoken(value: object) -> str:
    """A sentence or anything that may stand in one, in the language of the request."""
    return voice().spoken(value)
