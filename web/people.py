"""Who works here, and who is here now? Supervisors mark presence; administrators add people."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import people, roster
from tracker.model import Person, Role, Team
from tracker.policy.checks import Conflict, NotFound, Refused
from tracker.queries import away_until, crew
from tracker.roster import Covered
from web import forms
from web.auth import acting, me, my_watch, only
from web.context import house
from web.forms import AwayForm, PasswordForm, PersonForm, Typed, complain
from web.i18n import _, ngettext
from web.times import Watch, local_time
from web.words import role_word

pages = Blueprint("people", __name__, url_prefix="/people")


@pages.get("")
@only(Role.SUPERVISOR, Role.ADMIN)
def overview() -> ResponseReturnValue:
    """Everybody the viewer works with."""
    return _page()


@pages.post("/<number:number>/away")
@only(Role.SUPERVISOR, Role.ADMIN)
def away(number: int) -> ResponseReturnValue:
    """Somebody is not here, until a time or until further notice: nothing is handed over to them, and what is due
    meanwhile goes to a colleague. Who saw them here is told when somebody else has marked them until another time."""
    form, watch, covered = AwayForm(request.form), my_watch(), Covered()
    try:
        until = local_time(form.until.data, watch.zone, "until") if form.until.data.strip() else None
        with house().sessions.begin() as session:
            by = acting(session)
            person = people.colleague(session, number, by=by)
            known = people.absence_now(session, person, now=watch.now)
            if known is None or known.ends_at != until:
                if known is not None and form.seen.data not in ("", _state(known.ends_at)):
                    raise Conflict(_meanwhile(known.ends_at, watch))
                people.set_absence(session, person, until=until, now=watch.now)
                covered = roster.cover(session, person, by=by, now=watch.now)
    except Refused as problem:
        return _refused(form, problem, about=number)
    if until:
        flash(_("%(name)s is away until %(time)s.", name=person.name, time=watch.says(until)), "success")
    else:
        flash(_("%(name)s is away.", name=person.name), "success")
    report(covered, watch)
    return redirect(url_for("people.overview"))


def _state(until: datetime | None) -> str:
    """What a form notes of somebody who is away until then; None: until they are back."""
    return until.isoformat() if until else "away"


def _meanwhile(until: datetime | None, watch: Watch) -> str:
    now = _("away until %(time)s", time=watch.says(until)) if until else _("away")
    return _(
        "Somebody else changed this meanwhile; saved is now: %(fields)s. Save again to use yours instead.",
        fields=now,
    )


def report(covered: Covered, watch: Watch) -> None:
    """Say what became of the promises of somebody who will not be there: who has them now, and what nobody has."""
    if covered.moved:
        number = len(covered.moved)
        takers = ", ".join(f"{name} ({count})" for name, count in covered.takers.items())
        sentence = ngettext(
            "1 promise that is due meanwhile was handed over, and the customer told: %(takers)s.",
            "%(num)s promises that are due meanwhile were handed over, and the customers told: %(takers)s.",
            number,
            takers=takers,
        )
        flash(sentence, "success")
    if covered.uncovered:
        first = covered.uncovered[0]
        sentence = ngettext(
            "1 promise has nobody on duty when it is due: %(customer)s, %(time)s. Agree on another time.",
            "%(num)s promises have nobody on duty when they are due, first %(customer)s, %(time)s. Agree on other "
            "times.",
            len(covered.uncovered),
            customer=first.customer,
            time=watch.says(first.due_at),
        )
        flash(sentence, "warning")


@pages.post("/<number:number>/back")
@only(Role.SUPERVISOR, Role.ADMIN)
def back(number: int) -> ResponseReturnValue:
    """Somebody is here again."""
    with house().sessions.begin() as session:
        person = people.colleague(session, number, by=acting(session))
        people.set_present(session, person, now=my_watch().now)
    flash(_("%(name)s is here.", name=person.name), "success")
    return redirect(url_for("people.overview"))


@pages.post("/<number:number>/password")
@only(Role.ADMIN)
def password(number: int) -> ResponseReturnValue:
    """A new password for somebody; their other log-ins end."""
    form = PasswordForm(request.form)
    try:
        with house().sessions.begin() as session:
            person = people.colleague(session, number, by=acting(session))
            people.set_password(person, form.password.data)
    except Refused as problem:
        return _refused(form, problem, about=number)
    flash(_("%(name)s has a new password; log-ins with the old one have ended.", name=person.name), "success")
    return redirect(url_for("people.overview"))


@pages.post("")
@only(Role.ADMIN)
def add_person() -> ResponseReturnValue:
    """A new colleague."""
    form = PersonForm(request.form)
    try:
        with house().sessions.begin() as session:
            person = people.add_person(
                session,
                role=forms.word(form.role.data, Role, "role"),
                name=form.name.data,
                email=form.email.data,
                team=_team(session, form.team.data),
                phone=form.phone.data,
                password=form.password.data or None,
            )
    except Refused as problem:
        return _refused(form, problem)
    flash(_("%(name)s can start.", name=person.name), "success")
    return redirect(url_for("people.overview"))


def _team(session: Session, typed: str) -> Team | None:
    if not typed:
        return None
    number = forms.number(typed)
    team = session.get(Team, number) if number else None
    if team is None:
        raise NotFound(_("There is no such team: choose one of these."), "team")
    return team


def _refused(form: Typed, problem: Refused, about: int = 0) -> ResponseReturnValue:
    complain(form, problem)
    return _page(form, about, {NotFound: 404, Conflict: 409}.get(type(problem), 422))


def _page(bound: Typed | None = None, about: int = 0, status: int = 200) -> ResponseReturnValue:
    """The page; `bound` is the form that was refused, and `about` the person it was about."""
    watch = my_watch()
    with house().readers.begin() as session:
        rows = session.execute(crew(me(), watch.now)).all()
        until = {row.person_id: row.ends_at for row in session.execute(away_until(me(), watch.now))}
        teams = session.scalars(select(Team).order_by(Team.name)).all() if me().role is Role.ADMIN else []
        gone = select(Person).where(~Person.active).order_by(Person.name)
        former = session.scalars(gone).all() if me().role is Role.ADMIN else []
    if about and about not in {row.Person.id for row in rows}:
        raise NotFound(_("Nobody of that number works in your team."))

    def form(kind: type[Typed], number: int = 0) -> Typed:
        """The refused form where it belongs, an empty one everywhere else."""
        return bound if bound is not None and type(bound) is kind and about == number else kind()

    page = render_template(
        "people.html",
        watch=watch,
        rows=rows,
        until=until,
        state=lambda number: _state(until[number]) if number in until else "here",
        former=former,
        team_choices=[(team.id, team.name) for team in teams],
        roles=[(role.value, role_word(role).capitalize()) for role in Role],
        form=form,
        AwayForm=AwayForm,
        PasswordForm=PasswordForm,
        person_form=form(PersonForm),
    )
    return page, status
