"""A promise is being made, with the customer on the line: who, what, by when, by whom?"""

from dataclasses import dataclass, field
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker import commitments, people
from tracker.model import Commitment, Customer, Person
from tracker.policy import checks
from tracker.policy.checks import NotFound, Refused
from tracker.policy.kinds import choices
from tracker.queries import crew, customer_with, customers_like, of_customers
from web import forms
from web.auth import acting, everyone, me, my_watch
from web.context import house
from web.forms import PromiseForm, complain
from web.times import Watch, quick_times
from web.words import LANGUAGES, how_it_went

pages = Blueprint("log", __name__)
SUGGESTED = 6
REMEMBERED = 4
"""Earlier promises shown of a customer: enough to speak to them as somebody we know."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What we know of the number in the form."""

    customer: Customer | None = None
    before: list[Commitment] = field(default_factory=list)
    zone: str = ""
    """As typed; else of the customer if we know them, or as their number suggests."""


@pages.get("/new")
@everyone
def blank() -> ResponseReturnValue:
    """The log form; `?phone=` fills the number in, as a telephone system would."""
    form = PromiseForm(request.args)
    form.owner.data = form.owner.data or (str(me().id) if me().team_id else "")
    return _page(form)


@pages.post("/new")
@everyone
def make() -> ResponseReturnValue:
    """Log the promise; with the Check button, only show what it would come to."""
    form, watch = PromiseForm(request.form), my_watch()
    if form.check.data:
        return _page(form)
    try:
        with house().sessions.begin() as session:
            made = _make(session, form, watch)
            customer = made.customer
    except Refused as problem:
        complain(form, problem)
        return _page(form, 404 if isinstance(problem, NotFound) else 422)
    flash(f"Promised to {customer.name}: {made.topic}, {watch.says(made.due_at)}.", "success")
    return redirect(url_for("desk.desk"))


def _make(session: Session, form: PromiseForm, watch: Watch) -> Commitment:
    by = acting(session)
    owner = people.colleague(session, forms.number(form.owner.data), by=by, field="owner")
    if owner.team is None:
        raise Refused(f"{owner.name} belongs to no team: choose somebody who does.", "owner")
    if form.language.data not in ("", *LANGUAGES):
        raise Refused("Choose one of these languages.", "language")
    customer = people.find_or_add_customer(
        session,
        phone=form.phone.data,
        name=form.name.data,
        team=owner.team,
        zone=form.zone.data.strip(),
        language=form.language.data,
        now=watch.now,
    )
    people.correct_customer(customer, zone=form.zone.data.strip(), language=form.language.data)
    return commitments.make(
        session,
        by=by,
        team=owner.team,
        customer=customer,
        owner=owner,
        kind=form.kind.data,
        topic=form.topic.data,
        due_at=forms.due(form, mine=watch.zone, customers=ZoneInfo(customer.zone)),
        now=watch.now,
    )


def _page(form: PromiseForm, status: int = 200) -> ResponseReturnValue:
    watch = my_watch()
    with house().readers.begin() as session:
        colleagues = [row for row in session.execute(crew(me(), watch.now)) if row.Person.team]
        owner = next((r.Person for r in colleagues if str(r.Person.id) == form.owner.data), me())
        caller = _caller(session, form, owner)
    if caller.customer and not form.name.data:
        form.name.data = caller.customer.name
    team = owner.team
    page = render_template(
        "new.html",
        form=form,
        watch=watch,
        caller=caller,
        colleagues=colleagues,
        kinds=[(kind, kind.capitalize()) for kind in choices(team.kinds if team else [])],
        quick=quick_times(watch.now, ZoneInfo(team.zone) if team else watch.zone),
        zones=sorted(available_timezones()),
        echo="" if form.errors else _echo(form, watch, caller),
    )
    return page, status


def _caller(session: Session, form: PromiseForm, owner: Person) -> Caller:
    if owner.team is None:
        return Caller()
    try:
        phone = checks.phone(form.phone.data, owner.team.region)
    except Refused:
        return Caller(zone=_zone(form))
    customer = session.scalar(customer_with(phone, me()))
    if customer is None:
        return Caller(zone=_zone(form) or people.likely_zone(phone, owner.team))
    before = list(session.scalars(of_customers([customer.id], me()).limit(REMEMBERED)))
    return Caller(customer, before, _zone(form) or customer.zone)


def _zone(form: PromiseForm) -> str:
    try:
        return checks.zone(form.zone.data.strip()).key
    except Refused:
        return ""


def _echo(form: PromiseForm, watch: Watch, caller: Caller) -> str:
    """The chosen time as both will read it off their clocks; empty while none is chosen or it will not do."""
    theirs = ZoneInfo(caller.zone) if caller.zone else watch.zone
    try:
        at = checks.due(forms.due(form, mine=watch.zone, customers=theirs), now=watch.now)
    except Refused as problem:
        return str(problem) if form.exact.data else ""
    mine = f"{watch.day_and_time(at)} for you, {watch.apart(at)}"
    if watch.same_clock(theirs, at):
        return f"{mine}."
    there = watch.elsewhere(theirs)
    return f"{mine}; {there.day_and_time(at)} for the customer ({theirs.key})."


@pages.get("/new/echo")
@everyone
def echo() -> ResponseReturnValue:
    """What the form would come to, while it is being typed: who is calling, and the time on both clocks."""
    form, watch = PromiseForm(request.args), my_watch()
    with house().readers.begin() as session:
        owner = session.scalar(crew(me(), watch.now).where(Person.id == forms.number(form.owner.data)))
        caller = _caller(session, form, owner or me())
    return {
        "echo": _echo(form, watch, caller),
        "zone": caller.zone,
        "known": caller.customer.name if caller.customer else "",
        "caller": render_template("caller.html", caller=caller, watch=watch),
    }


@pages.get("/customers")
@everyone
def suggest() -> ResponseReturnValue:
    """Customers like what was typed (`?q=`), each with what was promised to them before."""
    typed = request.args.get("q", "").replace("\0", "")
    if len(typed.strip()) < 2:
        return {"customers": []}
    watch = my_watch()
    with house().readers.begin() as session:
        found = session.scalars(customers_like(typed, me(), SUGGESTED)).all()
        promised: dict[int, list[Commitment]] = {each.id: [] for each in found}
        for each in session.scalars(of_customers(promised, me()).limit(SUGGESTED * 20)):
            promised[each.customer_id].append(each)
    return {
        "customers": [
            {
                "name": each.name,
                "phone": each.phone,
                "before": [
                    f"{before.topic}: {how_it_went(before, watch)}"
                    for before in islice(promised[each.id], REMEMBERED)
                ],
            }
            for each in found
        ]
    }
