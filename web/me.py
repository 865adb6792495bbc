"""What may everybody change about themselves? Their password, and in which zone and language pages speak to them."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user
from werkzeug.datastructures import MultiDict
from wtforms import PasswordField

from tracker import people
from tracker.policy import checks
from tracker.policy.checks import Refused
from web.auth import LoggedIn, acting, everyone, me
from web.context import house
from web.forms import Line, Typed, complain, storable
from web.i18n import _
from web.words import LANGUAGES

pages = Blueprint("me", __name__, url_prefix="/me")


class WaysForm(Typed):
    """Zone and language."""

    zone = Line()
    language = Line()


class OwnPasswordForm(Typed):
    """The present password, and a new one."""

    old = PasswordField(filters=[storable], default="")
    password = PasswordField(filters=[storable], default="")


@pages.get("")
@everyone
def show() -> ResponseReturnValue:
    """One's own settings."""
    return _page()


@pages.post("")
@everyone
def ways() -> ResponseReturnValue:
    """Another zone or language."""
    form = WaysForm(request.form)
    try:
        zone = checks.zone(form.zone.data.strip()).key
        if form.language.data not in LANGUAGES:
            raise Refused(_("Choose one of these languages."), "language")
        with house().sessions.begin() as db:
            person = acting(db)
            person.zone, person.language = zone, form.language.data
    except Refused as problem:
        complain(form, problem)
        return _page(form), 422
    session.pop("language", None)
    flash(_("Saved: times in %(zone)s.", zone=zone), "success")
    return redirect(url_for("me.show"))


@pages.post("/password")
@everyone
def password() -> ResponseReturnValue:
    """A new password; every other log-in of theirs ends."""
    form = OwnPasswordForm(request.form)
    try:
        with house().sessions.begin() as db:
            person = acting(db)
            people.change_password(person, old=form.old.data, new=form.password.data)
    except Refused as problem:
        complain(form, problem)
        return _page(form), 422
    login_user(LoggedIn(person))
    flash(_("You have a new password; your other log-ins have ended."), "success")
    return redirect(url_for("me.show"))


def _page(bound: Typed | None = None) -> str:
    ways_form = WaysForm(MultiDict({"zone": me().zone, "language": me().language}))
    return render_template(
        "me.html",
        ways_form=bound if isinstance(bound, WaysForm) else ways_form,
        password_form=bound if isinstance(bound, OwnPasswordForm) else OwnPasswordForm(),
    )
