"""What may be typed into a page? Forms only read it; whether it will do is for the operations to say.

Whatever is wrong comes back as a sentence at the field it concerns, and everything typed stays where it is.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Any, TypeVar

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, PasswordField, StringField

from tracker.policy.checks import Conflict, Refused
from web.i18n import _
from web.spoken import spoken

Word = TypeVar("Word", bound=StrEnum)
LARGEST_ID = 2**63 - 1


def storable(text: str | None) -> str:
    """What was typed, as every database can keep it."""
    return (text or "").replace("\0", "")  # the one character that PostgreSQL refuses in a text


class Line(StringField):
    """What was typed, never None; empty when the field is missing."""

    def __init__(self, **bound: Any) -> None:
        super().__init__(filters=[storable], default="", **bound)  # type: ignore[no-untyped-call] # WTForms


class Typed(Form):
    """A form, filled with what came in; empty without."""

    def __init__(self, came_in: MultiDict[str, str] | None = None) -> None:
        super().__init__(came_in)  # type: ignore[no-untyped-call] # WTForms


class LogInForm(Typed):
    """E-mail address and password."""

    email = Line()
    password = PasswordField(filters=[storable], default="")


class WhenForm(Typed):
    """A due time: in words, or `exact` by the clock of `exact_zone` (mine, customer)."""

    due_at = Line()
    exact = Line()
    exact_zone = Line()
    pick = Line()
    """The words of a button that was pressed: they go into the field, and nothing is saved yet."""

    confirmed = Line()
    """The moment, with its offset, that was said to be meant although something speaks against it."""

    def picked(self) -> bool:
        """Was such a button pressed? Then the field holds its words now."""
        if not self.pick.data:
            return False
        self.due_at.data, self.exact.data = self.pick.data, ""
        return True


class PromiseForm(WhenForm):
    """A new promise."""

    phone = Line()
    name = Line()
    renamed = BooleanField()
    """The customer whose number it is has that name from now on."""
    zone = Line()
    language = Line()
    topic = Line()
    kind = Line()
    owner = Line()
    form_key = Line()
    """Given to each blank form, so that one sent twice makes one promise."""
    check = BooleanField()
    """Show what it would come to, and save nothing."""


class ActForm(Typed):
    """What every form about a commitment carries: the version it was made for, the last line of history seen, and
    where to go afterwards."""

    version = Line()
    event = Line()
    back = Line()


class AttemptForm(ActForm):
    """A try to reach the customer."""

    disposition = Line()
    note = Line()
    done = BooleanField()
    """It reached them, and that settles the promise."""


class ReviseForm(ActForm, WhenForm):
    """Another due time."""

    reason = Line()
    told = BooleanField()


class ReassignForm(ActForm):
    """Another owner."""

    owner = Line()
    reason = Line()


class CloseForm(ActForm):
    """An ending."""

    outcome = Line()
    reference = Line()
    duplicate_of = Line()


class ReopenForm(ActForm, WhenForm):
    """It did not hold."""

    reason = Line()
    told = BooleanField()


class AwayForm(Typed):
    """Somebody is away, until a time or until they are back; `seen`: what the page said of them before."""

    seen = Line()
    until = Line()


class PersonForm(Typed):
    """A new colleague."""

    name = Line()
    email = Line()
    role = Line()
    team = Line()
    phone = Line()
    password = PasswordField(filters=[storable], default="")


class PasswordForm(Typed):
    """A new password for somebody."""

    password = PasswordField(filters=[storable], default="")


def edition(saved: Mapping[str, str]) -> str:
    """What tells one saving of these fields from another."""
    return sha256(json.dumps(saved, sort_keys=True).encode()).hexdigest()[:16]


def unchanged(form: Typed, saved: Mapping[str, str] | None) -> None:
    """Refuse what was typed over something else than is saved now; a form without an edition is taken as it is."""
    if saved is not None and form["seen"].data not in ("", edition(saved)):
        raise Conflict(
            _(
                "Somebody else changed this meanwhile; saved is now: %(fields)s. Save again to use yours instead.",
                fields=" · ".join(text for text in saved.values() if text),
            )
        )


def complain(form: Typed, problem: Refused) -> None:
    """Put the sentence at the field that it names; above the form when it names none that the form has."""
    if problem.field in form:
        form[problem.field].errors = [spoken(problem.sentence)]
    else:
        form.form_errors = [spoken(problem.sentence)]


def number(text: str) -> int | None:
    """A row's number as a form sends it; None when it can be none."""
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return None
    value = int(text)
    return value if 0 < value <= LARGEST_ID else None


def word(text: str, words: type[Word], field: str) -> Word:
    """One of a closed set. Raises Refused."""
    try:
        return words(text)
    except ValueError:
        raise Refused(_("Choose one of these."), field) from None
