"""Nobody works here yet: how does the first administrator come in?

By an address that `tracker up` and `tracker web` print while the database is empty. It carries a key that only the
house knows, the same in every process; so whoever can merely reach the port can't make themselves administrator, also
not through a proxy on the same machine. Once there is a person, it opens nothing any more.
"""

import hmac

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from wtforms import PasswordField

from tracker import people
from tracker.model import Person, Role
from tracker.policy.checks import Conflict, Refused
from tracker.wiring import House
from web.auth import LoggedIn
from web.context import house, watch
from web.forms import Line, Typed, complain, storable
from web.i18n import _
from web.words import LANGUAGES

pages = Blueprint("first", __name__)


class FirstForm(Typed):
    """The first administrator, the first team, the first agent."""

    key = Line()
    admin_name = Line()
    admin_email = Line()
    admin_password = PasswordField(filters=[storable], default="")
    team_name = Line()
    zone = Line()
    region = Line()
    language = Line()
    agent_name = Line()
    agent_email = Line()
    agent_phone = Line()
    agent_password = PasswordField(filters=[storable], default="")


def prepare(app: Flask) -> None:
    """The log-in page tells who comes to an empty house where to go."""
    app.add_template_global(nobody_yet)


def nobody_yet() -> bool:
    """Is there no person at all?"""
    with house().readers.begin() as db:
        return db.scalar(select(Person.id).limit(1)) is None


def key(house: House) -> str:
    """What the address of the first-run page proves."""
    return hmac.new(house.settings.signing_key.encode(), b"the first administrator", "sha256").hexdigest()[
        :32
    ]


def address(house: House, here: str) -> str | None:
    """Where the first administrator comes in; None once anybody works here. `here`: where we listen, for want of an
    address that was set."""
    base = house.settings.public_url if "public_url" in house.settings.model_fields_set else here
    with house.readers.begin() as db:
        somebody = db.scalar(select(Person.id).limit(1))
    return None if somebody is not None else f"{base}/first?key={key(house)}"


@pages.route("/first", methods=["GET", "POST"])
def run() -> ResponseReturnValue:
    """The first-run page; 404 without the key, and once there is anybody."""
    form = FirstForm(request.form if request.method == "POST" else request.args)
    if not hmac.compare_digest(form.key.data.encode(), key(house()).encode()) or not nobody_yet():
        abort(404)
    if request.method == "GET":
        return _page(form)
    try:
        admin, agent = _begin(form)
    except Refused as problem:
        complain(form, problem)
        return _page(form), 422
    except IntegrityError:
        raise Conflict(_("Somebody else has just set this up: log in.")) from None
    session.clear()
    session.permanent = True
    login_user(LoggedIn(admin))
    flash(_("All is set up. Log the first promise: its customer gets a text at once."), "success")
    return redirect(url_for("log.blank", owner=agent.id))


def _begin(form: FirstForm) -> tuple[Person, Person]:
    """Everything in one transaction: the administrator, the team, the agent."""
    with house().sessions.begin() as db:
        part = "team_"
        try:
            team = people.add_team(
                db,
                name=form.team_name.data,
                zone=form.zone.data.strip(),
                region=form.region.data,
                language=form.language.data if form.language.data in LANGUAGES else "en",
                now=watch("UTC").now,
            )
            part = "admin_"
            admin = people.add_person(
                db,
                role=Role.ADMIN,
                name=form.admin_name.data,
                email=form.admin_email.data,
                team=None,
                password=form.admin_password.data,
                zone=team.zone,
            )
            part = "agent_"
            agent = people.add_person(
                db,
                role=Role.AGENT,
                name=form.agent_name.data,
                email=form.agent_email.data,
                team=team,
                phone=form.agent_phone.data,
                password=form.agent_password.data or None,
            )
        except Refused as problem:
            problem.field = part + problem.field if part + problem.field in form else problem.field
            raise
        if db.scalar(select(func.count()).select_from(Person)) != 2:
            raise Conflict(_("Somebody else has just set this up: log in."))
    return admin, agent


def _page(form: FirstForm) -> str:
    return render_template("first.html", form=form)
