"""Which language does a page speak? The viewer's, or the customer's; `tracker.languages` has the words."""

import re

from flask import Flask, g, has_request_context, request, session
from flask_login import current_user
from markupsafe import Markup

from tracker.languages import PAGES, Voice, catalogue

CUSTOMERS = ("en", "es", "fr", "de")
"""Those that the customers' page speaks, as our texts do."""


def prepare(app: Flask) -> None:
    """Give templates `_`, `ngettext` and the trans block, in the language of the request."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.newstyle_gettext = True  # type: ignore[attr-defined] # of the extension
    # Its own way to our words leads through three calls of the template's context: a twentieth of a page's time.
    app.jinja_env.globals.update(_=_marked, gettext=_marked, ngettext=_marked_number)
    app.jinja_env.globals.update(PAGES=PAGES, language=language)


def _marked(text: str, /, **facts: object) -> Markup:
    """A text as a template puts it into a page: what fills it in is escaped, and no line ends before a `%`."""
    said = Markup(catalogue(language()).gettext(text)) % facts  # noqa: S704 our own words
    return said.replace(" %", "\N{NO-BREAK SPACE}%")


def _marked_number(one: str, many: str, n: int, /, **facts: object) -> Markup:
    """The same of a text that counts something."""
    return Markup(catalogue(language()).ngettext(one, many, n)) % {"num": n, **facts}  # noqa: S704 our own words


def language() -> str:
    """The language of this request: the viewer's own; before a log-in what was chosen on that page; else what the
    browser asks for; else English."""
    if not has_request_context():
        return "en"
    if "language" not in g:
        theirs = getattr(getattr(current_user, "person", None), "language", None)
        g.language = theirs if theirs in PAGES else _without_log_in()
    return str(g.language)


def unasked() -> None:
    """For the rest of this request: do not ask who is looking, as long as nobody knows it yet."""
    if "language" not in g:
        g.language = _without_log_in()


def _without_log_in() -> str:
    chosen = str(session.get("language"))
    return chosen if chosen in PAGES else request.accept_languages.best_match(PAGES) or "en"


def speak(tag: str) -> None:
    """For the rest of this request: the page is for a customer, whose language was noted with them; else English."""
    code = re.split("[-_]", tag.lower())[0]
    g.language = code if code in CUSTOMERS else "en"


def voice() -> Voice:
    """Speaks this request's language."""
    return Voice(language())


def N_(text: str) -> str:
    """Marks a text for the translators that is translated where it is shown."""
    return text


def _(text: str, **facts: object) -> str:
    """A text in the language of the request, its `%(name)s` filled in."""
    return voice().gettext(text, **facts)


def ngettext(one: str, many: str, n: int, **facts: object) -> str:
    """A text that counts something, `%(num)s` of it."""
    return voice().ngettext(one, many, n, **facts)
