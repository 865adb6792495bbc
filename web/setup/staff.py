"""Who is somebody who works here? Role, team, phone, shifts; they leave, they come back."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from tracker import staff
from tracker.model import Person, Role, Team
from tracker.policy.checks import Conflict, NotFound, Refused
from tracker.roster import Covered
from tracker.staff import Details
from web import forms
from web.auth import acting, my_watch, only
from web.context import house
from web.forms import Line, Typed, complain
from web.i18n import _
from web.people import report
from web.setup import hours
from web.words import role_word

pages = Blueprint("staff", __name__, url_prefix="/people")


class DetailsForm(Typed):
    """What is known of somebody; `seen`: the `forms.edition` that the editor started from."""

    seen = Line()
    name = Line()
    email = Line()
    role = Line()
    team = Line()
    phone = Line()
    zone = Line()
    language = Line()
    shifts = Line()


@pages.get("/<number:number>")
@only(Role.ADMIN)
def show(number: int) -> ResponseReturnValue:
    """Everything that may be set of them."""
    return _page(number)


@pages.post("/<number:number>")
@only(Role.ADMIN)
def correct(number: int) -> ResponseReturnValue:
    """Set it. What they can no longer keep goes to colleagues, and the page says to whom."""
    form, watch = DetailsForm(request.form), my_watch()

    def act(session: Session, person: Person) -> Covered:
        team_number = forms.number(form.team.data)
        team = session.get(Team, team_number) if team_number else None
        if form.team.data and team is None:
            raise Refused(_("There is no such team: choose one of these."), "team")
        to = Details(
            name=form.name.data,
            email=form.email.data,
            role=forms.word(form.role.data, Role, "role"),
            team=team,
            phone=form.phone.data,
            zone=form.zone.data,
            language=form.language.data,
            shifts=hours.in_digits(form.shifts.data),
        )
        return staff.correct(session, person, to, by=acting(session), now=watch.now)

    return _done(number, form, act, _("Saved: %(name)s.", name=form.name.data))


@pages.post("/<number:number>/leave")
@only(Role.ADMIN)
def leave(number: int) -> ResponseReturnValue:
    """They work here no longer; the page says who has their promises now."""
    watch = my_watch()
    return _done(
        number,
        Typed(),
        lambda session, person: staff.leave(session, person, by=acting(session), now=watch.now),
        _("They work here no longer, and cannot log in."),
    )


@pages.post("/<number:number>/return")
@only(Role.ADMIN)
def return_(number: int) -> ResponseReturnValue:
    """They work here again."""

    def act(session: Session, person: Person) -> Covered:
        staff.return_(session, person)
        return Covered()

    return _done(number, Typed(), act, _("They work here again, and can log in as before."))


def _done(
    number: int, form: Typed, act: Callable[[Session, Person], Covered], sentence: str
) -> ResponseReturnValue:
    try:
        with house().sessions.begin() as session:
            person = staff.locked(session, number)
            if isinstance(form, DetailsForm):
                forms.unchanged(form, _values(person))
            covered = act(session, person)
    except NotFound:
        raise
    except Refused as problem:
        complain(form, problem)
        return _page(number, form), 409 if isinstance(problem, Conflict) else 422
    flash(sentence, "success")
    report(covered, my_watch())
    return redirect(url_for("setup.staff.show", number=number))


def _page(number: int, bound: Typed | None = None) -> str:
    with house().readers.begin() as session:
        person = staff.somebody(session, number)
        open_now = staff.open_promises(session, person)
        every = session.execute(select(Team.id, Team.name).order_by(Team.name)).all()
    form = bound
    if not isinstance(form, DetailsForm):
        form = DetailsForm(MultiDict(_values(person)))
    form["seen"].data = forms.edition(_values(person))
    return render_template(
        "setup/person.html",
        person=person,
        form=form,
        leave_form=Typed() if bound is form or bound is None else bound,
        open=open_now,
        team_choices=[(row.id, row.name) for row in every],
        roles=[(role.value, role_word(role).capitalize()) for role in Role],
    )


def _values(person: Person) -> dict[str, str]:
    """What the form would hold, had nobody typed anything."""
    return {
        "name": person.name,
        "email": person.email,
        "role": person.role.value,
        "team": str(person.team_id or ""),
        "phone": person.phone or "",
        "zone": person.zone,
        "language": person.language,
        "shifts": hours.to_type(person.shifts),
    }
